package matrix

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
)

// nudgePause is how long a party is left alone after a nudge.
const nudgePause = time.Hour

// Nudge asks a silent party for a word; a coordinator does so. The first
// nudge goes to the party's people on duty, each further one to its backup
// contacts as well.
func Nudge(tx *db.Tx, a audience.Actor, caseRef, participantID string) (casework.Participant, error) {
	c, err := casework.LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return casework.Participant{}, err
	}
	p, err := casework.LoadParticipant(tx, a, participantID)
	if err != nil || p.Case != c.ID {
		return p, firstError(err, errs.Missing("participant"))
	}
	if !p.LeftAt.IsZero() || p.InvitedAt.IsZero() {
		return p, errs.New(errs.Conflict, "%s is not in the case, or has not been invited; there is nobody to nudge.", p.Name)
	}
	soon := errs.New(errs.Conflict, "%s was nudged less than an hour ago; leave it a little time.", p.Name)
	if err := tx.Guarded(soon, `UPDATE participant SET nudged_at = $1, nudges = nudges + 1, version = version + 1 WHERE id = $2 AND (nudged_at IS NULL OR nudged_at <= $3)`,
		db.Micros(tx.Now), p.ID, db.Micros(tx.Now.Add(-nudgePause))); err != nil {
		return p, err
	}
	p.Nudges++
	p.NudgedAt = tx.Now
	e := ledger.Event{Kind: casework.ParticipantNudged, Actor: a, Audience: p.Private, Level: p.Level, Scope: c.ID, Object: p.Ref(), Binds: []ledger.Bound{p.Bound()},
		Data: struct {
			Number string    `json:"number"`
			Due    time.Time `json:"due_at,omitzero"`
			Backup bool      `json:"backup"`
		}{c.Number, p.DueAt, p.Nudges > 1}}
	// Who has not accepted the terms is reached by its invitation, which says
	// nothing of the case.
	invitation, err := casework.InvitationOf(tx, p.ID)
	if err != nil {
		return p, err
	}
	if !p.Active() && invitation.ID != "" {
		ledger.Append(tx, ledger.Event{Kind: casework.InvitationReminded, Actor: a, Audience: invitation.Audience, Level: invitation.Level, Object: ledger.Object{Kind: "invitation", ID: invitation.ID},
			Data: struct {
				Due    time.Time `json:"due_at"`
				Backup bool      `json:"backup"`
			}{invitation.DueAt, p.Nudges > 1}})
		e.Audience = c.Team
	}
	ledger.Append(tx, e)
	return p, casework.Touch(tx, c.ID)
}
