package api

import (
	"context"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/membership"
)

// ApplicationFields are what an applicant fills in.
// It is exported because huma passes over an embedded type that is not.
type ApplicationFields struct {
	Name        string              `json:"name" doc:"Of the organization."`
	Class       orgs.Class          `json:"class"`
	Website     string              `json:"website"`
	Statement   string              `json:"statement" doc:"Markdown: who you are and why you apply. Members read it."`
	Evidence    membership.Evidence `json:"evidence"`
	Sponsors    []string            `json:"sponsors" maxItems:"20" doc:"Members of the program that know your team, in your own words."`
	Affiliates  string              `json:"affiliates" doc:"Who owns your organization, and whom it owns."`
	Contact     string              `json:"contact" doc:"Mail address; it has to be confirmed."`
	ContactName string              `json:"contact_name"`
}

func (f ApplicationFields) form(version int64) membership.Form {
	return membership.Form{Name: f.Name, Class: f.Class, Website: f.Website, Statement: f.Statement, Evidence: f.Evidence, Sponsors: f.Sponsors, Affiliates: f.Affiliates, Contact: f.Contact, ContactName: f.ContactName, Version: version}
}

type newApplication struct {
	Body struct {
		Program string `json:"program" required:"true" doc:"Id of the program, or the address of its page."`
		Org     string `json:"org_id" doc:"Your organization, when you apply signed in as its admin."`
		ApplicationFields
	}
}

// limitApplications counts a draft by where it comes from, or by who is signed
// in: they too can have mails sent to strangers. Coordinators enter what came
// to them on paper, as many as there are.
func limitApplications(c *call) error {
	if charter.IsCoordinator(c.Actor) {
		return nil
	}
	from := gate.Address(c.r)
	if c.Actor.Person != "" {
		from = c.Actor.Person
	}
	return c.Write(context.WithoutCancel(c.r.Context()), func(tx *db.Tx) error { return c.Applications().AllowBegin(tx, from) })
}

// limitSecrets counts a secret that is tried by where it comes from.
func limitSecrets(c *call) error {
	return c.Write(context.WithoutCancel(c.r.Context()), func(tx *db.Tx) error { return c.Applications().AllowLink(tx, gate.Address(c.r)) })
}

func beginApplication(c *call, tx *db.Tx, in *newApplication) (membership.Receipt, error) {
	program := in.Body.Program
	p, _, err := programs.BySlug(tx, program)
	if err == nil {
		program = p.ID
	} else if !errs.Is(err, errs.NotFound) {
		return membership.Receipt{}, err
	}
	return c.Applications().Begin(tx, c.Actor, program, in.Body.Org, in.Body.form(0))
}

type secretInput struct {
	Body struct {
		Secret string `json:"secret" required:"true" maxLength:"100" doc:"The last part of the link that was mailed."`
	}
}

func confirmApplication(c *call, tx *db.Tx, in *secretInput) (membership.Application, error) {
	return c.Applications().Confirm(tx, in.Body.Secret)
}

func answerApplicationTest(c *call, tx *db.Tx, in *secretInput) (nothing, error) {
	return nothing{}, c.Applications().AnswerTest(tx, in.Body.Secret)
}

// own is the application whose link is shown.
func ownApplication(c *call, tx *db.Tx, _ *none) (membership.Dossier, error) {
	return membership.Look(tx, c.Actor, c.Actor.Link)
}

type ownApplicationFields struct{ Body ApplicationFields }

func saveOwnApplication(c *call, tx *db.Tx, in *ownApplicationFields) (membership.Application, error) {
	return c.Applications().Save(tx, c.Actor, c.Actor.Link, in.Body.form(c.version))
}

type SeenVersion struct {
	Body struct {
		Version int64 `json:"version" required:"true" doc:"The version that you read."`
	}
}

func submitOwnApplication(c *call, tx *db.Tx, in *SeenVersion) (membership.Application, error) {
	return c.Applications().Submit(tx, c.Actor, c.Actor.Link, in.Body.Version)
}

func withdrawOwnApplication(c *call, tx *db.Tx, _ *none) (membership.Application, error) {
	return c.Applications().Withdraw(tx, c.Actor, c.Actor.Link)
}

func remindOwnApplication(c *call, tx *db.Tx, _ *none) (nothing, error) {
	return nothing{}, c.Applications().Remind(tx, c.Actor, c.Actor.Link)
}

type newLink struct {
	Secret string `json:"secret,omitempty"`
}

func relinkOwnApplication(c *call, tx *db.Tx, _ *none) (newLink, error) {
	s, err := c.Applications().Relink(tx, c.Actor, c.Actor.Link)
	return newLink{s}, err
}

// OfApplication names an application.
type OfApplication struct {
	Application string `path:"application" maxLength:"64" doc:"Id or number of the application."`
}

type applicationsQuery struct {
	Listing
	Program string `query:"program" maxLength:"64"`
	State   string `query:"state" maxLength:"20" doc:"A state of the machine, such as submitted."`
	Class   string `query:"class" maxLength:"20"`
	Prefix  string `query:"prefix" maxLength:"200" doc:"Beginning of the name."`
	Sort    string `query:"sort" enum:"begun,name,state,lapses"`
	Desc    bool   `query:"desc"`
}

func listApplications(c *call, tx *db.Tx, in *applicationsQuery) (page[membership.Application], error) {
	f := membership.AppFilter{Program: in.Program, Class: orgs.Class(in.Class), Prefix: in.Prefix, Sort: in.Sort, Desc: in.Desc, After: in.Cursor, Limit: in.Limit}
	if in.State != "" {
		f.States = []spec.AppState{spec.AppState(in.State)}
	}
	p, err := membership.Apps(tx, c.Actor, f)
	return unfinished(p.Applications, p.Next), err
}

func showApplication(c *call, tx *db.Tx, in *OfApplication) (membership.Dossier, error) {
	return membership.Look(tx, c.Actor, in.Application)
}

type editApplication struct {
	OfApplication
	Body ApplicationFields
}

func saveApplication(c *call, tx *db.Tx, in *editApplication) (membership.Application, error) {
	return c.Applications().Save(tx, c.Actor, in.Application, in.Body.form(c.version))
}

type submitApplicationInput struct {
	OfApplication
	SeenVersion
}

func submitApplication(c *call, tx *db.Tx, in *submitApplicationInput) (membership.Application, error) {
	return c.Applications().Submit(tx, c.Actor, in.Application, in.Body.Version)
}

// plainStep is a verb that needs nothing but the application.
func plainStep(f func(membership.Desk, *call, *db.Tx, string) (membership.Application, error)) verb[OfApplication, membership.Application] {
	return func(c *call, tx *db.Tx, in *OfApplication) (membership.Application, error) {
		return f(c.Applications(), c, tx, in.Application)
	}
}

type applicationNote struct {
	OfApplication
	Body struct {
		Note string `json:"note" required:"true" doc:"What is missing; the applicant reads it."`
	}
}

func returnApplication(c *call, tx *db.Tx, in *applicationNote) (membership.Application, error) {
	return c.Applications().Return(tx, c.Actor, in.Application, in.Body.Note)
}

type askSponsorInput struct {
	OfApplication
	Body struct {
		Org string `json:"org_id" required:"true"`
	}
}

func askSponsor(c *call, tx *db.Tx, in *askSponsorInput) (membership.Sponsor, error) {
	return c.Applications().AskSponsor(tx, c.Actor, in.Application, in.Body.Org)
}

type speechInput struct {
	OfApplication
	Body membership.Speech
}

func speakOnApplication(c *call, tx *db.Tx, in *speechInput) (membership.Sponsor, error) {
	return c.Applications().Speak(tx, c.Actor, in.Application, in.Body)
}

func objectToApplication(c *call, tx *db.Tx, in *speechInput) (membership.Objection, error) {
	return c.Applications().Object(tx, c.Actor, in.Application, in.Body)
}

type answerObjectionInput struct {
	OfApplication
	Objection string `path:"objection" maxLength:"64"`
	Body      struct {
		Answer membership.Finding `json:"answer" required:"true" doc:"stands or set-aside."`
		Why    string             `json:"why" required:"true"`
	}
}

func answerObjection(c *call, tx *db.Tx, in *answerObjectionInput) (membership.Application, error) {
	return c.Applications().AnswerObjection(tx, c.Actor, in.Application, in.Objection, in.Body.Answer, in.Body.Why)
}

type applicationConflict struct {
	OfApplication
	Body struct {
		Org    string `json:"org_id" doc:"An organization in conflict; absent: you yourself."`
		Reason string `json:"reason" required:"true"`
	}
}

func declareConflict(c *call, tx *db.Tx, in *applicationConflict) (nothing, error) {
	return nothing{}, c.Applications().DeclareConflict(tx, c.Actor, in.Application, in.Body.Org, in.Body.Reason)
}

type putApplicationInput struct {
	OfApplication
	Body membership.Vote
}

func putApplication(c *call, tx *db.Tx, in *putApplicationInput) (board.Motion, error) {
	return c.Applications().Put(tx, c.Actor, in.Application, in.Body)
}

type verdictInput struct {
	OfApplication
	Body membership.Verdict
}

func decideApplication(c *call, tx *db.Tx, in *verdictInput) (membership.Application, error) {
	return c.Applications().Decide(tx, c.Actor, in.Application, in.Body)
}

func explainApplication(c *call, tx *db.Tx, in *verdictInput) (membership.Application, error) {
	return c.Applications().Explain(tx, c.Actor, in.Application, in.Body)
}

type prepareInput struct {
	OfApplication
	Body struct {
		Email string `json:"email" doc:"Of the organization's first admin; absent: the application's contact."`
		Name  string `json:"name"`
	}
}

func prepareApplication(c *call, tx *db.Tx, in *prepareInput) (membership.Application, error) {
	return c.Applications().Prepare(tx, c.Actor, in.Application, in.Body.Email, in.Body.Name)
}

func relinkApplication(c *call, tx *db.Tx, in *OfApplication) (newLink, error) {
	s, err := c.Applications().Relink(tx, c.Actor, in.Application)
	return newLink{s}, err
}

type affiliationsQuery struct {
	Party string `query:"party" maxLength:"64" doc:"Id of an organization or application."`
}

func listAffiliations(c *call, tx *db.Tx, in *affiliationsQuery) (page[membership.Affiliation], error) {
	list, err := membership.Affiliations(tx, c.Actor, in.Party)
	return whole(list), err
}

type newAffiliation struct {
	Body struct {
		Party  string `json:"party" required:"true" doc:"Id of an organization or application."`
		Parent string `json:"parent" required:"true" doc:"Id of the organization that owns or controls it."`
		Note   string `json:"note"`
	}
}

func declareAffiliation(c *call, tx *db.Tx, in *newAffiliation) (membership.Affiliation, error) {
	return membership.Affiliate(tx, c.Actor, in.Body.Party, in.Body.Parent, in.Body.Note)
}

type ofAffiliation struct {
	Affiliation string `path:"affiliation" maxLength:"64"`
}

func removeAffiliation(c *call, tx *db.Tx, in *ofAffiliation) (nothing, error) {
	return nothing{}, membership.Disaffiliate(tx, c.Actor, in.Affiliation)
}
