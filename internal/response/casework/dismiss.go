package casework

import (
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
)

// Dismiss ends a person's coordination of a program, and puts whoever does it
// in charge of the cases there that the person was in charge of and coordinates
// no more; nobody, where they are no coordinator themselves.
func Dismiss(tx *db.Tx, a audience.Actor, programID, personID string) error {
	if err := programs.DismissCoordinator(tx, a, programID, personID); err != nil {
		return err
	}
	cases, err := db.Column[string](tx, `SELECT c.id FROM cases c JOIN audience_program l ON l.audience_id = c.audience_id WHERE l.program_id = $1 AND c.owner_id = $2
		AND NOT EXISTS (SELECT 1 FROM audience_grant g WHERE g.audience_id = c.team_id AND g.kind = 'person' AND g.subject_id = $2 AND g.role = $3) ORDER BY c.id`, programID, personID, int(audience.Coordinator))
	if err != nil {
		return err
	}
	next := ""
	if charter.IsCoordinator(a) {
		next = a.Person
	}
	for _, ref := range cases {
		if err := succeed(tx, a, ref, personID, next); err != nil {
			return err
		}
	}
	return nil
}

func succeed(tx *db.Tx, a audience.Actor, caseID, before, next string) error {
	c, err := ByID(tx, caseID)
	if err != nil {
		return err
	}
	if next != "" {
		if err := nameCoordinator(tx, c, next, ownerGrant); err != nil {
			return err
		}
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "Somebody else was put in charge of a case at the same moment. Try again."), `UPDATE cases SET owner_id = $1, version = version + 1 WHERE id = $2 AND owner_id = $3`, next, c.ID, before); err != nil {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: CaseAssigned, Actor: a, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: c.Ref(), Data: map[string]string{"person": next}, Binds: []ledger.Bound{c.Bound()}})
	return nil
}
