package api

import (
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

func missing(noun string) error { return errs.Missing(noun) }

// PersonView is a person with their roles in the alliance.
type PersonView struct {
	people.Person
	Roles []string `json:"roles"`
}

func viewPerson(tx *db.Tx, p people.Person) (PersonView, error) {
	roles, err := people.RolesOf(tx, p.ID)
	if roles == nil {
		roles = []string{}
	}
	return PersonView{p, roles}, err
}

type peopleQuery struct {
	Listing
	State string `query:"state" maxLength:"40"`
	Find  string `query:"find" maxLength:"200" doc:"Part of name or address."`
}

func listPeople(c *call, tx *db.Tx, in *peopleQuery) (page[people.Person], error) {
	p, err := people.List(tx, c.Actor, people.Filter{State: people.State(in.State), Find: in.Find, After: in.Cursor, Limit: in.Limit})
	return unfinished(p.People, p.Next), err
}

// OfPerson names a person.
type OfPerson struct {
	Person string `path:"person" maxLength:"64"`
}

func showPerson(c *call, tx *db.Tx, in *OfPerson) (PersonView, error) {
	p, err := people.Get(tx, c.Actor, in.Person)
	if err != nil {
		return PersonView{}, err
	}
	return viewPerson(tx, p)
}

type personFields struct {
	Name     *string `json:"name"`
	TimeZone *string `json:"time_zone" doc:"IANA name."`
	Locale   *string `json:"locale" doc:"BCP 47 tag."`
}

type editPerson struct {
	OfPerson
	Body personFields
}

func changePerson(c *call, tx *db.Tx, in *editPerson) (people.Person, error) {
	p, err := people.Get(tx, c.Actor, in.Person)
	if err != nil {
		return p, err
	}
	over(&p.Name, in.Body.Name)
	over(&p.TimeZone, in.Body.TimeZone)
	over(&p.Locale, in.Body.Locale)
	p.Version = c.version
	return people.Edit(tx, c.Actor, p)
}

func suspendPerson(c *call, tx *db.Tx, in *OfPerson) (people.Person, error) {
	return people.Suspend(tx, c.Actor, in.Person)
}

func restorePerson(c *call, tx *db.Tx, in *OfPerson) (people.Person, error) {
	return people.Restore(tx, c.Actor, in.Person)
}

func endPerson(c *call, tx *db.Tx, in *OfPerson) (people.Person, error) {
	return people.Leave(tx, c.Actor, in.Person)
}

func personOrgs(c *call, tx *db.Tx, in *OfPerson) (page[orgs.Membership], error) {
	p, err := people.Get(tx, c.Actor, in.Person)
	if err != nil {
		return page[orgs.Membership]{}, err
	}
	list, err := orgs.Of(tx, p.ID)
	return whole(list), err
}

type ofRole struct {
	OfPerson
	Role string `path:"role" enum:"coordinator,board,operator"`
}

func grantRole(c *call, tx *db.Tx, in *ofRole) (nothing, error) {
	return nothing{}, people.GrantRole(tx, c.Actor, in.Person, in.Role)
}

func revokeRole(c *call, tx *db.Tx, in *ofRole) (nothing, error) {
	return nothing{}, people.RevokeRole(tx, c.Actor, in.Person, in.Role)
}

type accountsQuery struct {
	Org string `query:"org" maxLength:"64" doc:"Only into this organization."`
}

func listAccountInvitations(c *call, tx *db.Tx, in *accountsQuery) (page[people.Invitation], error) {
	list, err := people.Invitations(tx, c.Actor, in.Org)
	return whole(list), err
}

type newAccount struct {
	Body struct {
		Email string   `json:"email" required:"true"`
		Name  string   `json:"name"`
		Org   string   `json:"org_id" doc:"Empty to join alone."`
		Role  string   `json:"org_role" enum:"admin,responder,reader"`
		Roles []string `json:"roles" maxItems:"3" doc:"Alliance roles; operators only."`
	}
}

func inviteAccount(c *call, tx *db.Tx, in *newAccount) (people.Invitation, error) {
	b := in.Body
	return people.Invite(tx, c.Box, c.Actor, people.Inviting{Email: b.Email, Name: b.Name, Org: b.Org, OrgRole: orgs.Role(b.Role), Roles: b.Roles})
}

type ofAccountInvitation struct {
	Invitation string `path:"invitation" maxLength:"64"`
}

func resendAccountInvitation(c *call, tx *db.Tx, in *ofAccountInvitation) (people.Invitation, error) {
	return people.Resend(tx, c.Box, c.Actor, in.Invitation)
}

func withdrawAccountInvitation(c *call, tx *db.Tx, in *ofAccountInvitation) (nothing, error) {
	return nothing{}, people.Withdraw(tx, c.Actor, in.Invitation)
}

// self is who the token or session stands for.
type self struct {
	PersonView
	Organizations []orgs.Membership `json:"organizations"`
	Scopes        []string          `json:"token_scopes,omitempty"`
}

func showSelf(c *call, tx *db.Tx, _ *none) (self, error) {
	p, err := people.Load(tx, c.Actor.Person)
	if err != nil {
		return self{}, err
	}
	v, err := viewPerson(tx, p)
	if err != nil {
		return self{}, err
	}
	mine, err := orgs.Of(tx, p.ID)
	if mine == nil {
		mine = []orgs.Membership{}
	}
	return self{v, mine, c.Actor.Scopes}, err
}

func listTokens(c *call, tx *db.Tx, _ *none) (page[people.Token], error) {
	list, err := people.Tokens(tx, c.Actor)
	return whole(list), err
}

type newToken struct {
	Body struct {
		Label  string   `json:"label" required:"true"`
		Scopes []string `json:"scopes" required:"true" minItems:"1" maxItems:"5"`
		Days   int      `json:"days" minimum:"1" maximum:"366" doc:"How long it lives; absent: 90."`
	}
}

// madeToken is the only answer that ever holds the token's secret.
type madeToken struct {
	people.Token
	Secret string `json:"secret" doc:"Shown once; kept as a digest."`
}

func makeToken(c *call, tx *db.Tx, in *newToken) (madeToken, error) {
	secret, t, err := people.NewToken(tx, c.Actor, in.Body.Label, in.Body.Scopes, time.Duration(in.Body.Days)*24*time.Hour)
	return madeToken{t, secret}, err
}

type ofToken struct {
	Token string `path:"token" maxLength:"64"`
}

func revokeToken(c *call, tx *db.Tx, in *ofToken) (nothing, error) {
	return nothing{}, people.RevokeToken(tx, c.Actor, in.Token)
}

func listSessions(c *call, tx *db.Tx, _ *none) (page[people.Session], error) {
	list, err := people.Sessions(tx, c.Actor)
	return whole(list), err
}

type ofSession struct {
	Session string `path:"session" maxLength:"64"`
}

func endSession(c *call, tx *db.Tx, in *ofSession) (nothing, error) {
	return nothing{}, people.End(tx, c.Actor, in.Session)
}
