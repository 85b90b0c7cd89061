package board

import (
	"slices"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/ballot"
)

// Excuse recuses the seats of an organization that a procedure found to be in
// conflict; the coordinators may. A vote that was cast for such a seat
// does not count. Nothing happens where it has no seat in the electorate, or
// the seat is recused already.
func (r Room) Excuse(tx *db.Tx, a audience.Actor, ref, orgID, reason string) error {
	m, err := led(tx, a, ref)
	if err != nil {
		return err
	}
	if !charter.IsCoordinator(a) {
		return errs.New(errs.Denied, "Only coordinators may recuse the seat of somebody else.")
	}
	if reason, err = m.recusable(tx, reason); err != nil {
		return err
	}
	list, err := electorate(tx, m)
	if err != nil {
		return err
	}
	for _, e := range slices.DeleteFunc(list, func(e elector) bool { return e.Org != orgID }) {
		if err := recuse(tx, a, m, e.Seat.ID, reason); err != nil {
			return err
		}
	}
	if m.State != ballot.Open {
		return nil
	}
	return r.closeIfComplete(tx, m)
}

// Load reads a motion without asking who wants it, for the procedure that put
// it.
func Load(tx *db.Tx, motionID string) (Motion, error) { return byID(tx, motionID) }

// Moot ends a motion whose matter has gone, such as an application that was
// withdrawn; what was voted is not counted. The procedure that finds so calls
// it, and knows what follows: no effect is run. Nothing happens to a motion
// that was decided already.
func Moot(tx *db.Tx, motionID, reason string) error {
	m, err := held(tx, motionID)
	if err != nil {
		return err
	}
	if m.State != ballot.Draft && m.State != ballot.Open {
		return nil
	}
	if err := move(tx, &m, ballot.Annul, `decided_at = $4, decision = $5`, db.Micros(tx.Now), reason); err != nil {
		return err
	}
	record(tx, audience.Actor{}, EventVoid, m, map[string]any{"reason": reason}, motionTable.Of(m.ID))
	return nil
}
