package membership

import (
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// Tally counts what waits in the membership, and what holds against members;
// it names nobody.
type Tally struct {
	Applications int `json:"applications"` // handed in and not decided
	Renewals     int `json:"renewals"`     // due within 90 days, or late
	Sanctions    int `json:"sanctions"`    // in force
}

// TallyOf counts, for those who read the board's papers.
func TallyOf(tx *db.Tx, a audience.Actor) (t Tally, err error) {
	if err := board.Reads(tx, a); err != nil {
		return t, err
	}
	if t.Applications, err = db.Value[int](tx, `SELECT COUNT(*) FROM application WHERE state NOT IN ('draft', 'active', 'refused', 'withdrawn', 'lapsed')`); err != nil {
		return t, err
	}
	if t.Renewals, err = db.Value[int](tx, `SELECT COUNT(*) FROM standing WHERE due_at <= $1`, db.Micros(tx.Now.Add(90*24*time.Hour))); err != nil {
		return t, err
	}
	t.Sanctions, err = db.Value[int](tx, `SELECT COUNT(*) FROM sanction WHERE ended_at IS NULL`)
	return t, err
}
