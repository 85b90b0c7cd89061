package membership

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/membership"
)

// Side is as whom somebody reads an application.
type Side string

// The sides. What each reads: Secretariat everything; Panel, the board while
// it decides, all but the contact; Applicant what it wrote itself, where the
// application stands and what it owes, never who spoke, objected, checked or
// decided; Member the name, class, public statement and evidence.
const (
	Secretariat Side = "secretariat"
	Panel       Side = "board"
	Applicant   Side = "applicant"
	Member      Side = "member"
)

// visibleApp is the condition on application a that the actor may see it from
// any side.
func visibleApp(a audience.Actor, args *db.Args) string {
	return `(` + audience.Visible(a, "a", args) + ` OR ` + audience.VisibleIn(a, "a.team_id", "a", args) + ` OR ` + audience.VisibleIn(a, "a.members_id", "a", args) + `)`
}

// seeApp loads an application by id or number as the actor may see it.
func seeApp(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	args := db.Args{ref}
	p, ok, err := db.One(tx, scanApp, `SELECT `+appColumns+appFrom+` WHERE (a.id = $1 OR a.number = $1) AND `+visibleApp(a, &args), args...)
	if err != nil || !ok {
		return Application{}, missing(err, "application")
	}
	if p.Side, err = sideOf(tx, a, p); err == nil && p.Side == "" {
		err = errs.Missing("application")
	}
	return p, err
}

// sideOf is the side from which the actor, let in by one of the audiences,
// reads an application; "" for one of the board who does not any more, and for
// one of the secretariat whom the program shuts out.
func sideOf(tx *db.Tx, a audience.Actor, p Application) (Side, error) {
	team, err := audience.RoleAt(tx, a, p.Team, appLevel)
	if err != nil {
		return "", err
	}
	own, err := audience.RoleAt(tx, a, p.Audience, appLevel)
	switch {
	case err != nil:
		return "", err
	case team == audience.Coordinator:
		return Secretariat, nil
	case own != audience.None && (a.Link == p.ID || a.Holds(audience.Org, p.Org)):
		return Applicant, nil
	}
	if team != audience.None {
		if voting, err := p.onPanel(tx, a); voting || err != nil {
			return Panel, err
		}
	}
	if announced, err := audience.RoleAt(tx, a, p.Members, appLevel); announced != audience.None || err != nil {
		return Member, err
	}
	return "", nil
}

// App reads an application as the actor may see it.
func App(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	p, err := seeApp(tx, a, ref)
	return p.shown(), err
}

// shown takes out what the side may not know.
func (p Application) shown() Application {
	switch p.Side {
	case Secretariat:
		return p
	case Panel:
		p.Contact, p.ContactName, p.Note = "", "", ""
		return p
	case Applicant:
		p.CheckedBy, p.DecidedBy, p.Motion = "", "", ""
		if p.State == membership.AppBallot { // whether it is a board that decides shows in the rules; when it votes does not
			p.State = membership.AppReady
		}
		p.Dates = datesWithout(p.Dates, membership.AppBallot)
		return p
	}
	return Application{ID: p.ID, Number: p.Number, Program: p.Program, ProgramName: p.ProgramName, Newcomer: p.Newcomer, Name: p.Name, Class: p.Class, Website: p.Website, Statement: p.Statement,
		Evidence: p.Evidence, State: p.State, ObjectionsEnd: p.ObjectionsEnd, BegunAt: p.BegunAt, LapsesAt: p.LapsesAt, UpdatedAt: p.UpdatedAt, Version: p.Version, Side: p.Side,
		Dates: map[membership.AppState]time.Time{}}
}

func datesWithout(in map[membership.AppState]time.Time, s membership.AppState) map[membership.AppState]time.Time {
	out := map[membership.AppState]time.Time{}
	for k, v := range in {
		if k != s {
			out[k] = v
		}
	}
	return out
}

// appByID loads an application without asking who reads it.
func appByID(tx *db.Tx, appID string) (Application, error) {
	p, ok, err := db.One(tx, scanApp, `SELECT `+appColumns+appFrom+` WHERE a.id = $1`, appID)
	if err != nil || !ok {
		return Application{}, missing(err, "application")
	}
	p.Side = Secretariat
	return p, nil
}

// holdApp is seeApp, and takes the row for the rest of the transaction: verbs
// on one application happen one after the other.
func holdApp(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	p, err := seeApp(tx, a, ref)
	if err != nil {
		return p, err
	}
	return heldApp(tx, p.ID, p.Side)
}

func heldApp(tx *db.Tx, appID string, s Side) (Application, error) {
	if _, err := tx.Exec(`UPDATE application SET version = version WHERE id = $1`, appID); err != nil {
		return Application{}, err
	}
	p, err := appByID(tx, appID)
	p.Side = s
	return p, err
}

// asSecretary is holdApp for the secretariat: the alliance's coordinators and
// the program's own.
func asSecretary(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	p, err := holdApp(tx, a, ref)
	if err != nil {
		return p, err
	}
	if p.Side != Secretariat || !charter.Allows(a, charter.ScopeCoordinate) {
		return p, errs.New(errs.Denied, "Only the secretariat of the program may do this.")
	}
	return p, impartial(tx, a, p)
}

// asApplicant is holdApp for whoever speaks for the applicant: the holder of
// its link, or an admin of the applying organization.
func asApplicant(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	p, err := holdApp(tx, a, ref)
	if err != nil {
		return p, err
	}
	if a.Link == p.ID && a.Link != "" {
		return p, nil
	}
	if p.Org != "" {
		ok, err := speaksFor(tx, a, p.Org)
		if err != nil || ok {
			return p, err
		}
	}
	return p, errs.New(errs.Denied, "Only the applicant may do this; for an organization, one of its admins.")
}

// speaksFor reports whether the actor is the organization's voice.
func speaksFor(tx *db.Tx, a audience.Actor, orgID string) (bool, error) {
	if !a.Holds(audience.Org, orgID) || !charter.Allows(a, charter.ScopeWrite) {
		return false, nil
	}
	role, err := orgs.RoleOf(tx, orgID, a.Person)
	return role == orgs.Admin, err
}
