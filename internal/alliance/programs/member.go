package programs

import (
	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
)

// Join puts an organization into a program; once is enough. Operators and
// coordinators may, the program's own too.
func Join(tx *db.Tx, a audience.Actor, programID, orgID string) error {
	if _, err := Get(tx, a, programID); err != nil {
		return err
	}
	if !Coordinates(a, programID) {
		if err := mayRun(a); err != nil {
			return err
		}
	}
	if _, err := orgs.Get(tx, a, orgID); err != nil {
		return err
	}
	return Add(tx, a, programID, orgID)
}

// Add is Join without the question who asks: a membership procedure has
// decided. The actor stands in the ledger. A class that the program shuts out
// or does not admit is refused.
func Add(tx *db.Tx, a audience.Actor, programID, orgID string) error {
	// Rules that change meanwhile are asked after, or find the member; and so is
	// a program that closes.
	if err := holdTree(tx); err != nil {
		return err
	}
	if err := Hold(tx, programID); err != nil {
		return err
	}
	p, err := ByID(tx, programID)
	if err != nil {
		return err
	}
	if p.State != Active {
		return errs.New(errs.Conflict, "This program is closed.")
	}
	class, err := db.Value[orgs.Class](tx, `SELECT class FROM org WHERE id = $1`, orgID)
	if err != nil || class == "" {
		return firstOf(err, errs.Missing("organization"))
	}
	in, err := Member(tx, programID, orgID)
	if err != nil || in {
		return err
	}
	if err := Admissible(tx, programID, class); err != nil {
		return err
	}
	row := id.New("pro", tx.Now)
	n, err := tx.Exec(`INSERT INTO program_org (id, program_id, org_id, since) VALUES ($1, $2, $3, $4) ON CONFLICT (program_id, org_id) DO NOTHING`, row, programID, orgID, db.Micros(tx.Now))
	if err != nil || n == 0 {
		return err
	}
	if err := recordMember(tx, a, EventJoined, p, orgID, row); err != nil {
		return err
	}
	if err := orgs.Reseat(tx, orgID); err != nil {
		return err
	}
	r, err := RulesOf(tx, programID)
	if err != nil {
		return err
	}
	return agreements.Ask(tx, audience.Party{Kind: audience.Org, ID: orgID}, r.Agreements)
}

// Leave takes an organization out of a program. The organization's own
// admins may too.
func Leave(tx *db.Tx, a audience.Actor, programID, orgID string) error {
	if _, err := Get(tx, a, programID); err != nil {
		return err
	}
	runs, err := orgs.Runs(tx, a, orgID)
	if err != nil {
		return err
	}
	if !runs && !Coordinates(a, programID) {
		return errs.New(errs.Denied, "Only the organization's admins, operators and coordinators may do this.")
	}
	return Remove(tx, a, programID, orgID)
}

// Remove is Leave without the question who asks. What the organization saw
// through its membership is gone with the next request; to what it was invited
// from outside it keeps its way.
func Remove(tx *db.Tx, a audience.Actor, programID, orgID string) error {
	p, err := ByID(tx, programID)
	if err != nil {
		return err
	}
	row, err := db.Value[string](tx, `SELECT id FROM program_org WHERE program_id = $1 AND org_id = $2`, programID, orgID)
	if err != nil {
		return err
	}
	if err := tx.Guarded(errs.Missing("organization in this program"), `DELETE FROM program_org WHERE id = $1`, row); err != nil {
		return err
	}
	if err := recordMember(tx, a, EventLeft, p, orgID, row); err != nil {
		return err
	}
	return orgs.Reseat(tx, orgID)
}

// Member reports whether an organization belongs to a program. It asks
// nobody.
func Member(tx *db.Tx, programID, orgID string) (bool, error) {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM program_org WHERE program_id = $1 AND org_id = $2`, programID, orgID)
	return n > 0, err
}

// Members lists the organizations of a program by id. It asks nobody.
func Members(tx *db.Tx, programID string) ([]string, error) {
	return db.Column[string](tx, `SELECT org_id FROM program_org WHERE program_id = $1 ORDER BY org_id`, programID)
}

// recordMember records that an organization came or went: in the program, or
// where its members do not learn of one another, with the organization and
// those who run the alliance alone.
func recordMember(tx *db.Tx, a audience.Actor, kind string, p Program, orgID, row string) error {
	r, err := RulesOf(tx, p.ID)
	if err != nil {
		return err
	}
	if r.Directory == SightCoordinators {
		o, err := orgs.Load(tx, orgID)
		if err != nil {
			return err
		}
		p.Audience = o.Audience
	}
	record(tx, a, kind, p, map[string]string{"org": orgID}, orgTable.Of(row))
	return nil
}

// Hold keeps a program as it is until the transaction ends: what is checked of
// it after this still holds when what depends on it is written. The tree is
// held before a program, and organizations after.
func Hold(tx *db.Tx, programID string) error {
	return tx.Guarded(errs.Missing("program"), `UPDATE program SET version = version WHERE id = $1`, programID)
}

// ByID reads a program without asking who wants it.
func ByID(tx *db.Tx, programID string) (Program, error) {
	p, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM program g WHERE g.id = $1`, programID)
	if err == nil && !ok {
		err = errs.Missing("program")
	}
	return p, err
}

// seesAll reports whether the actor runs the alliance or the program.
func seesAll(a audience.Actor, programID string) bool {
	return seesAlliance(a) || a.Holds(audience.Office, audience.CoordinatorsOf(programID))
}

func seesAlliance(a audience.Actor) bool {
	for _, r := range charter.Roles {
		if a.Holds(audience.Office, r) {
			return true
		}
	}
	return false
}
