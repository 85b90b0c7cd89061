package api

import (
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
	"tocsin/spec/tlp"
)

type orgsQuery struct {
	Listing
	Listed  bool   `query:"listed" doc:"Only members of the alliance."`
	Class   string `query:"class" maxLength:"40"`
	State   string `query:"state" enum:"active,suspended"`
	Program string `query:"program" maxLength:"64"`
	Prefix  string `query:"prefix" maxLength:"200" doc:"Beginning of the name."`
}

func listOrgs(c *call, tx *db.Tx, in *orgsQuery) (page[orgs.Org], error) {
	list := orgs.List
	if in.Program != "" {
		list = programs.Directory
	}
	p, err := list(tx, c.Actor, orgs.Filter{Listed: in.Listed, Class: orgs.Class(in.Class), State: orgs.State(in.State), Program: in.Program, Prefix: in.Prefix, After: in.Cursor, Limit: in.Limit})
	return unfinished(p.Orgs, p.Next), err
}

// OfOrg names an organization.
type OfOrg struct {
	Org string `path:"org" maxLength:"64"`
}

func showOrg(c *call, tx *db.Tx, in *OfOrg) (orgs.Org, error) { return orgs.Get(tx, c.Actor, in.Org) }

type orgFields struct {
	Name    *string   `json:"name"`
	Class   *string   `json:"class" doc:"vendor, av, isp, government, education, cert, support or financial."`
	Listed  *bool     `json:"listed" doc:"A member of the alliance; else merely known."`
	Website *string   `json:"website"`
	Email   *string   `json:"email"`
	Domains *[]string `json:"domains" maxItems:"100"`
	PGPKey  *string   `json:"pgp_key" doc:"Armored public key."`
	State   *string   `json:"state" enum:"active,suspended"`
}

func (f orgFields) on(o *orgs.Org) {
	over(&o.Name, f.Name)
	over((*string)(&o.Class), f.Class)
	over(&o.Listed, f.Listed)
	over(&o.Website, f.Website)
	over(&o.Email, f.Email)
	over(&o.Domains, f.Domains)
	over(&o.PGPKey, f.PGPKey)
	over((*string)(&o.State), f.State)
}

type newOrg struct{ Body orgFields }

func createOrg(c *call, tx *db.Tx, in *newOrg) (orgs.Org, error) {
	var o orgs.Org
	in.Body.on(&o)
	return orgs.Create(tx, c.Actor, o)
}

type editOrg struct {
	OfOrg
	Body orgFields
}

func changeOrg(c *call, tx *db.Tx, in *editOrg) (orgs.Org, error) {
	o, err := orgs.Get(tx, c.Actor, in.Org)
	if err != nil {
		return o, err
	}
	in.Body.on(&o)
	o.Version = c.version
	return orgs.Edit(tx, c.Actor, o)
}

func listMembers(c *call, tx *db.Tx, in *OfOrg) (page[orgs.Membership], error) {
	list, err := orgs.Members(tx, c.Actor, in.Org)
	return whole(list), err
}

type newMember struct {
	OfOrg
	Body struct {
		Person string `json:"person_id" required:"true"`
		Role   string `json:"role" required:"true" enum:"admin,responder,reader"`
	}
}

func addMember(c *call, tx *db.Tx, in *newMember) (orgs.Membership, error) {
	return orgs.Join(tx, c.Actor, in.Org, in.Body.Person, orgs.Role(in.Body.Role))
}

// OfMember names a membership of an organization.
type OfMember struct {
	OfOrg
	Membership string `path:"membership" maxLength:"64"`
}

func member(c *call, tx *db.Tx, in OfMember) (orgs.Membership, error) {
	list, err := orgs.Members(tx, c.Actor, in.Org)
	if err != nil {
		return orgs.Membership{}, err
	}
	for _, m := range list {
		if m.ID == in.Membership {
			return m, nil
		}
	}
	return orgs.Membership{}, missing("membership")
}

func showMember(c *call, tx *db.Tx, in *OfMember) (orgs.Membership, error) {
	return member(c, tx, *in)
}

type editMember struct {
	OfMember
	Body struct {
		Role   *string `json:"role" enum:"admin,responder,reader"`
		Backup *bool   `json:"backup" doc:"Asked when the others do not answer."`
		Duty   *int    `json:"duty" minimum:"0" maximum:"999" doc:"Order in which people are asked; 0 first."`
	}
}

func changeMember(c *call, tx *db.Tx, in *editMember) (orgs.Membership, error) {
	m, err := member(c, tx, in.OfMember)
	if err != nil {
		return m, err
	}
	over((*string)(&m.Role), in.Body.Role)
	over(&m.Backup, in.Body.Backup)
	over(&m.Duty, in.Body.Duty)
	m.Version = c.version
	return orgs.Change(tx, c.Actor, m)
}

func removeMember(c *call, tx *db.Tx, in *OfMember) (nothing, error) {
	m, err := member(c, tx, *in)
	if err != nil {
		return nothing{}, err
	}
	if err := orgs.Remove(tx, c.Actor, m.ID); err != nil {
		return nothing{}, err
	}
	return nothing{}, board.Readmit(tx)
}

func listComponents(c *call, tx *db.Tx, in *OfOrg) (page[orgs.Component], error) {
	list, err := orgs.Components(tx, c.Actor, in.Org)
	return whole(list), err
}

type newComponent struct {
	OfOrg
	Body struct {
		Name string `json:"name" required:"true"`
		PURL string `json:"purl" doc:"Package URL, without version."`
	}
}

func addComponent(c *call, tx *db.Tx, in *newComponent) (orgs.Component, error) {
	return orgs.Ship(tx, c.Actor, in.Org, in.Body.Name, in.Body.PURL)
}

type ofComponent struct {
	OfOrg
	Component string `path:"component" maxLength:"64"`
}

func removeComponent(c *call, tx *db.Tx, in *ofComponent) (nothing, error) {
	return nothing{}, orgs.Unship(tx, c.Actor, in.Org, in.Component)
}

func listPrograms(c *call, tx *db.Tx, _ *none) (page[programs.Program], error) {
	list, err := programs.List(tx, c.Actor)
	return whole(list), err
}

// OfProgram names a program.
type OfProgram struct {
	Program string `path:"program" maxLength:"64"`
}

func showProgram(c *call, tx *db.Tx, in *OfProgram) (programs.Program, error) {
	return programs.Get(tx, c.Actor, in.Program)
}

type programFields struct {
	Name    *string    `json:"name"`
	Purpose *string    `json:"purpose" doc:"Markdown."`
	TLP     *tlp.Level `json:"tlp"`
	State   *string    `json:"state"`
}

func (f programFields) on(p *programs.Program) {
	over(&p.Name, f.Name)
	over(&p.Purpose, f.Purpose)
	over(&p.TLP, f.TLP)
	over((*string)(&p.State), f.State)
}

type newProgram struct{ Body programFields }

func createProgram(c *call, tx *db.Tx, in *newProgram) (programs.Program, error) {
	var p programs.Program
	in.Body.on(&p)
	return programs.Create(tx, c.Actor, p)
}

type editProgram struct {
	OfProgram
	Body programFields
}

func changeProgram(c *call, tx *db.Tx, in *editProgram) (programs.Program, error) {
	p, err := programs.Get(tx, c.Actor, in.Program)
	if err != nil {
		return p, err
	}
	in.Body.on(&p)
	p.Version = c.version
	return programs.Edit(tx, c.Actor, p)
}

type programOrgs struct {
	OfProgram
	Listing
}

func listProgramOrgs(c *call, tx *db.Tx, in *programOrgs) (page[orgs.Org], error) {
	p, err := programs.Orgs(tx, c.Actor, in.Program, in.Cursor, in.Limit)
	return unfinished(p.Orgs, p.Next), err
}

type joinProgram struct {
	OfProgram
	Body struct {
		Org string `json:"org_id" required:"true"`
	}
}

func addProgramOrg(c *call, tx *db.Tx, in *joinProgram) (nothing, error) {
	return nothing{}, programs.Join(tx, c.Actor, in.Program, in.Body.Org)
}

type leaveProgram struct {
	OfProgram
	OfOrg
}

func removeProgramOrg(c *call, tx *db.Tx, in *leaveProgram) (nothing, error) {
	return nothing{}, programs.Leave(tx, c.Actor, in.Program, in.Org)
}

func showCharter(_ *call, tx *db.Tx, _ *none) (charter.Charter, error) { return charter.Load(tx) }

type editCharter struct {
	Body struct {
		Name          *string `json:"name"`
		Email         *string `json:"email"`
		Country       *string `json:"country"`
		TimeZone      *string `json:"time_zone"`
		DefaultDays   *int    `json:"embargo_default_days"`
		MaxDays       *int    `json:"embargo_max_days"`
		ProposalDays  *int    `json:"proposal_days"`
		Invitation    *int    `json:"invitation_days"`
		DefaultPolicy *string `json:"default_policy" doc:"Markdown; once published it counts as a proposal."`
		CaseTerms     *string `json:"case_terms" doc:"Markdown; what a party accepts before it sees a case."`
		ReportScope   *string `json:"report_scope" doc:"Markdown."`
	}
}

func changeCharter(c *call, tx *db.Tx, in *editCharter) (charter.Charter, error) {
	k, err := charter.Load(tx)
	if err != nil {
		return k, err
	}
	b := in.Body
	over(&k.Name, b.Name)
	over(&k.Email, b.Email)
	over(&k.Country, b.Country)
	over(&k.TimeZone, b.TimeZone)
	over(&k.EmbargoDefaultDays, b.DefaultDays)
	over(&k.EmbargoMaxDays, b.MaxDays)
	over(&k.ProposalDays, b.ProposalDays)
	over(&k.InvitationDays, b.Invitation)
	over(&k.DefaultPolicy, b.DefaultPolicy)
	over(&k.CaseTerms, b.CaseTerms)
	over(&k.ReportScope, b.ReportScope)
	k.Version = c.version
	return charter.Update(tx, c.Actor, k)
}
