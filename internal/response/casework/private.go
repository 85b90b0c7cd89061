package casework

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Parties lists all participants of a case without scope, for work that runs
// by itself and for rules that count everybody.
func Parties(tx *db.Tx, caseID string) ([]Participant, error) {
	return db.All(tx, scanParticipant, `SELECT `+participantColumns+` FROM participant p WHERE p.case_id = $1 ORDER BY p.id`, caseID)
}

// PrivateSide loads an open case by a party's private side, for a party that
// is not in the case's audience: a finder. It must have a say there.
func PrivateSide(tx *db.Tx, a audience.Actor, caseRef, participantID string) (Case, Participant, error) {
	p, err := PartyByID(tx, participantID)
	if err != nil {
		return Case{}, p, errs.Missing("case")
	}
	role, err := audience.RoleAt(tx, a, p.Private, p.Level)
	if err != nil {
		return Case{}, Participant{}, err
	}
	c, err := ByID(tx, p.Case)
	if err != nil || role < audience.Contributor || !p.IsMine(a) || !p.Active() || (caseRef != c.ID && caseRef != c.Number) {
		return Case{}, Participant{}, errs.Missing("case")
	}
	if c.State != Open {
		return c, p, errs.New(errs.Conflict, "The case %s is %s.", c.Number, c.State)
	}
	return c, p, nil
}

// Exclude shuts a party out of a case: it loses its grants and its access
// ends with the next request. kind says why in the ledger. The caller has
// settled who may do so and moved the party's consent.
func Exclude(tx *db.Tx, a audience.Actor, c Case, p Participant, kind, reason string) error {
	return shutOut(tx, a, c, p, kind, reason)
}
