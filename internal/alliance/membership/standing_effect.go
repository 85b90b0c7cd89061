package membership

import (
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	spec "tocsin/spec/membership"
)

// cap is what the member's standing leaves its people. A membership that has
// ended has no seats that could be capped; what is left of it caps none that a
// new membership gives.
func (m Membership) cap() int {
	if m.Sanction == spec.SanctionEnded {
		return spec.CapFull
	}
	return spec.Of(m.Renewal, m.Sanction).Cap()
}

// save writes a member's changed state down, guarded by the version it was
// read with, and lets it take effect: its people's seats change in this
// transaction, its seat on the board stops counting, and what waits in the
// outbox for somebody who sees it no more is stopped.
func (m *Membership) save(tx *db.Tx, a audience.Actor, kind string, data map[string]any, binds ...ledger.Bound) error {
	before, err := db.Value[int](tx, `SELECT cap FROM standing WHERE id = $1`, m.ID)
	if err != nil {
		return err
	}
	m.next = m.wakes()
	if err := tx.Guarded(errs.New(errs.Conflict, "This standing changed at the same moment. Look at it again."),
		`UPDATE standing SET renewal = $1, sanction = $2, cap = $3, days = $4, term_at = $5, due_at = $6, reminded = $7, next_at = $8, version = version + 1 WHERE id = $9 AND version = $10`,
		string(m.Renewal), string(m.Sanction), m.cap(), m.days, db.Micros(m.Term), db.Micros(m.Due), m.Reminded, db.Micros(m.next), m.ID, m.Version); err != nil {
		return err
	}
	m.Version++
	m.record(tx, a, kind, data, append(binds, standTable.Of(m.ID))...)
	tx.Ring()
	if m.cap() == before {
		return nil
	}
	return m.takeEffect(tx, a, before)
}

func (m *Membership) takeEffect(tx *db.Tx, a audience.Actor, before int) error {
	if m.Program == "" && m.Sanction != spec.SanctionEnded {
		state := orgs.Active
		if m.cap() == spec.CapNone {
			state = orgs.Suspended
		}
		if state == orgs.Suspended || before == spec.CapNone {
			if err := orgs.SetState(tx, a, m.Org, state); err != nil {
				return err
			}
		}
	}
	if err := orgs.Reseat(tx, m.Org); err != nil {
		return err
	}
	if m.Program == "" {
		if err := board.Readmit(tx); err != nil {
			return err
		}
		if err := followSeats(tx); err != nil {
			return err
		}
	}
	people, err := db.Column[string](tx, `SELECT person_id FROM membership WHERE org_id = $1 ORDER BY person_id`, m.Org)
	if err != nil {
		return err
	}
	_, err = outbox.Stop(tx, people)
	return err
}
