package embargo

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

// Go is a party's word before a release.
type Go string

// The words of a party before a release.
const (
	GoYes Go = "go"
	GoNo  Go = "no-go"
)

// Readiness is one party's go or no-go for the release at Ends.
type Readiness struct {
	Participant string    `json:"participant_id"`
	Name        string    `json:"name"`
	Answer      Go        `json:"answer,omitempty"` // empty: nothing said for this end
	Reason      string    `json:"reason,omitempty"`
	OnBehalf    bool      `json:"on_behalf"`
	Ends        time.Time `json:"ends_at,omitzero"`
	At          time.Time `json:"at,omitzero"`
}

// SetReadiness records a party's go or no-go for the agreed end; a no-go
// needs a reason. It may be changed while the embargo holds, and a new end
// asks anew.
func SetReadiness(tx *db.Tx, a audience.Actor, caseRef, participantID string, answer Go, why string) error {
	c, v, err := speak(tx, a, caseRef, participantID)
	if err != nil {
		return err
	}
	if v.party == nil {
		return errs.Bad("participant_id", "Name the party that is ready or not.")
	}
	if !c.Holds(tx.Now) {
		return errs.New(errs.Conflict, "No embargo holds; it is %q. Go or no-go is asked for before an agreed end.", mpcvd.Embargo.Label(c.Embargo))
	}
	switch answer {
	case GoYes, GoNo:
	default:
		return errs.Bad("answer", "Say go or no-go.")
	}
	p := *v.party
	if answer == GoNo {
		why, err = reason(why)
	} else {
		why, err = casework.CleanShort("reason", why, 2000)
	}
	if err != nil {
		return err
	}
	rid, err := db.Value[string](tx, `INSERT INTO readiness (id, case_id, participant_id, audience_id, tlp, ends_at, answer, reason, on_behalf, person_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (case_id, participant_id) DO UPDATE SET ends_at = excluded.ends_at, answer = excluded.answer, reason = excluded.reason, on_behalf = excluded.on_behalf, person_id = excluded.person_id, at = excluded.at
		RETURNING id`, id.New("rdy", tx.Now), c.ID, p.ID, p.Audience, int(p.Level), db.Micros(c.EmbargoEnds), string(answer), why, db.Bit(v.onBehalf), a.Person, db.Micros(tx.Now))
	if err != nil {
		return err
	}
	record(tx, v, c, EventReadiness, p.Ref(), map[string]any{"ends_at": c.EmbargoEnds, "answer": answer, "reason": why}, readinessTable.Of(rid), c.Bound())
	return nil
}
