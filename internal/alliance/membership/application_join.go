package membership

import (
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/membership"
)

// Prepare makes an accepted newcomer's organization, or takes the one of its
// name that was merely known so far, to whom nobody belongs and nothing is
// open, and invites its first admin: without an
// account nobody can sign for it. It is in no program yet. email and name are
// the application's contact where empty; it may be said again for another
// person.
func (d Desk) Prepare(tx *db.Tx, a audience.Actor, ref, email, name string) (Application, error) {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return p, err
	}
	if !p.Newcomer {
		return p, errs.New(errs.Conflict, "%s is in the alliance already; its admins go on themselves.", p.Name)
	}
	if _, err := membership.Application.Move(p.State, membership.AppPrepare); err != nil {
		return p, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if email == "" {
		email, name = p.Contact, p.ContactName
	}
	orgID := p.Org
	if orgID == "" {
		if orgID, err = housed(tx, a, p); err != nil {
			return p, err
		}
	}
	if err := p.move(tx, membership.AppPrepare, `org_id = $7`, orgID); err != nil {
		if db.Taken(err) {
			err = errs.New(errs.Conflict, "Another application of this organization to the program is under way.")
		}
		return p, err
	}
	p.record(tx, a, EventAppPrepared, map[string]any{"org": orgID})
	if err := audience.Admit(tx, p.Audience, audience.Grant{Kind: audience.Org, ID: orgID, Role: audience.Contributor, Reason: "applies"}); err != nil {
		return p, err
	}
	if _, err := people.Invite(tx, d.Box, a, people.Inviting{Email: email, Name: name, Org: orgID, OrgRole: orgs.Admin}); err != nil {
		return p, err
	}
	if err := askToSign(tx, p); err != nil {
		return p, err
	}
	return p, d.tell(tx, p)
}

// housed is the organization of an accepted newcomer; what was declared of
// the applicant's owners holds for it.
func housed(tx *db.Tx, a audience.Actor, p Application) (string, error) {
	if err := unknown(tx, p); err != nil {
		return "", err
	}
	orgID, err := db.Value[string](tx, `SELECT id FROM org WHERE folded = $1 ORDER BY CASE WHEN name = $2 THEN 0 ELSE 1 END, id`+db.Limit(1), orgs.Fold(p.Name), p.Name)
	if err != nil {
		return "", err
	}
	if orgID == "" {
		o, _, err := orgs.Ensure(tx, p.Name)
		if err != nil {
			return "", err
		}
		orgID = o.ID
	}
	office, err := charter.Administration(tx)
	if err != nil {
		return "", err
	}
	list, err := db.All(tx, scanAffiliation, affiliationQuery+` WHERE f.party_id = $1`+db.Limit(1000), p.ID)
	for _, f := range list {
		if f.Parent == orgID {
			continue
		}
		if err := affiliate(tx, a, office, orgID, f.Parent, f.Note); err != nil {
			return "", err
		}
	}
	return orgID, err
}

// Sign moves an accepted application on once the organization has accepted
// every agreement that the program asks of its members; its admin or the
// secretariat says so.
func (d Desk) Sign(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	p, err := eitherSide(tx, a, ref)
	if err != nil {
		return p, err
	}
	if _, err := membership.Application.Move(p.State, membership.AppSign); err != nil {
		return p, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if p.Org == "" {
		return p, errs.New(errs.Conflict, "The organization has no account yet: the secretariat invites its first admin.")
	}
	open, err := unsigned(tx, p)
	if err != nil {
		return p, err
	}
	if len(open) > 0 {
		return p, errs.New(errs.Conflict, "Not accepted yet: %s. An admin of the organization accepts it, signed in.", names(open))
	}
	if err := p.move(tx, membership.AppSign, ""); err != nil {
		return p, err
	}
	p.record(tx, a, EventAppSigned, nil)
	return p.shown(), d.tell(tx, p)
}

// eitherSide is asApplicant, or asSecretary.
func eitherSide(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	p, err := asApplicant(tx, a, ref)
	if errs.Is(err, errs.Denied) {
		p, err = asSecretary(tx, a, ref)
	}
	return p, err
}

// Activate makes the organization a member of the program. It sees what is
// shared in it from now on; of a case that was opened before it sees nothing
// that was not shared with the whole program. All that was asked before is
// asked once more: rules and classes may have changed since.
func (d Desk) Activate(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return p, err
	}
	if _, err := membership.Application.Move(p.State, membership.AppActivate); err != nil {
		return p, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	open, err := unsigned(tx, p)
	if err != nil {
		return p, err
	}
	if len(open) > 0 {
		return p, errs.New(errs.Conflict, "Since it signed, the program asks for more: %s. An admin of the organization accepts it, signed in.", names(open))
	}
	if err := p.move(tx, membership.AppActivate, ""); err != nil {
		return p, err
	}
	if p.Newcomer {
		if err := enlist(tx, a, p); err != nil {
			return p, err
		}
	}
	if err := programs.Add(tx, a, p.Program, p.Org); err != nil {
		return p, err
	}
	if err := Enter(tx, a, p.Program, p.Org); err != nil {
		return p, err
	}
	p.record(tx, a, EventAppActive, map[string]any{"org": p.Org, "program": p.Program})
	return p, d.tell(tx, p)
}

// enlist makes a newcomer's organization a listed one, of the class under
// which it was admitted.
func enlist(tx *db.Tx, a audience.Actor, p Application) error {
	o := orgs.Org{ID: p.Org, Class: p.Class, Website: p.Website, Email: p.Contact}
	if d := mailDomain(p.Contact); sameDomain(d, hostOf(p.Website)) {
		o.Domains = []string{d}
	}
	_, err := orgs.Enlist(tx, a, o)
	return err
}
