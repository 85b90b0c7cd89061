package board

import (
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/spec/ballot"
)

// Recusal says that a seat takes no part in a motion, and why.
type Recusal struct {
	Seat   string    `json:"seat"`
	Person string    `json:"person,omitempty"` // who declared it; "": the rule that nobody decides on their own matter
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Recusals lists the recusals of a motion, oldest first.
func Recusals(tx *db.Tx, a audience.Actor, ref string) ([]Recusal, error) {
	m, err := Get(tx, a, ref)
	if err != nil {
		return nil, err
	}
	return recusals(tx, m)
}

func recusals(tx *db.Tx, m Motion) ([]Recusal, error) {
	return db.All(tx, func(r *Recusal) []any { return []any{&r.Seat, &r.Person, &r.Reason, db.At(&r.At)} },
		`SELECT seat_id, person_id, reason, at FROM motion_recusal WHERE motion_id = $1 ORDER BY at, id`+db.Limit(ballot.MaxSeats), m.ID)
}

// Recuse declares that a seat is in conflict and takes no part; its executive
// or substitute may, before or during the ballot, with a reason. It cannot be
// taken back, and a vote that was cast for the seat does not count.
func (r Room) Recuse(tx *db.Tx, a audience.Actor, ref, seatID, reason string) error {
	m, err := hold(tx, a, ref)
	if err != nil {
		return err
	}
	s, err := SeatOf(tx, a, seatID)
	if err != nil {
		return err
	}
	if now := s.standing(tx.Now); !charter.Allows(a, charter.ScopeWrite) || a.Person != now.Principal && a.Person != now.Substitute || now.Standing != ballot.Sits {
		return errs.New(errs.Denied, "Only who acts for a seat may recuse it.")
	}
	if reason, err = m.recusable(tx, reason); err != nil {
		return err
	}
	done, err := recusals(tx, m)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(done, func(r Recusal) bool { return r.Seat == seatID }) {
		return errs.New(errs.Conflict, "This seat is recused already.")
	}
	if err := recuse(tx, a, m, seatID, reason); err != nil {
		return err
	}
	if m.State != ballot.Open {
		return nil
	}
	return r.closeIfComplete(tx, m)
}

// recusable checks that a seat may still be recused from the motion, and gives
// the reason as it is kept.
func (m Motion) recusable(tx *db.Tx, reason string) (string, error) {
	if _, err := ballot.Motion.Move(m.State, ballot.Recuse); err != nil {
		return "", errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if m.State == ballot.Open && !tx.Now.Before(m.Deadline) {
		return "", errs.New(errs.Conflict, "The deadline has passed; the votes are being counted.")
	}
	return cleanText("reason", reason, maxReason, "Say why the seat takes no part.")
}

// recuse writes a recusal; a second one of a seat changes nothing.
func recuse(tx *db.Tx, a audience.Actor, m Motion, seatID, reason string) error {
	row := id.New("rec", tx.Now)
	n, err := tx.Exec(`INSERT INTO motion_recusal (id, motion_id, seat_id, person_id, reason, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (motion_id, seat_id) DO NOTHING`,
		row, m.ID, seatID, a.Person, reason, db.Micros(tx.Now))
	if err != nil || n == 0 {
		return err
	}
	record(tx, a, EventRecused, m, map[string]any{"seat": seatID, "reason": reason}, recusalTable.Of(row))
	return nil
}
