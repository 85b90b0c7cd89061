package membership

import (
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	spec "tocsin/spec/membership"
)

// Tally counts what waits in the membership, and what holds against members;
// it names nobody.
type Tally struct {
	Applications int `json:"applications"` // handed in and not decided
	Renewals     int `json:"renewals"`     // due within 90 days, or late
	Sanctions    int `json:"sanctions"`    // in force
	Appeals      int `json:"appeals"`      // to be decided
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
	if t.Sanctions, err = db.Value[int](tx, `SELECT COUNT(*) FROM sanction WHERE ended_at IS NULL AND followed_by = ''`); err != nil {
		return t, err
	}
	t.Appeals, err = db.Value[int](tx, `SELECT COUNT(*) FROM sanction WHERE appeal = $1`, string(spec.AppealFiled))
	return t, err
}

// Terms counts what of the membership ends within a time; it names nobody.
type Terms struct {
	Objections int `json:"objections"` // periods in which members may object to an applicant
	Renewals   int `json:"renewals"`   // terms of members
}

// DueWithin counts what ends in the coming time, for those who read the
// board's papers.
func DueWithin(tx *db.Tx, a audience.Actor, in time.Duration) (d Terms, err error) {
	if err := board.Reads(tx, a); err != nil {
		return d, err
	}
	from, to := db.Micros(tx.Now), db.Micros(tx.Now.Add(in))
	if d.Objections, err = db.Value[int](tx, `SELECT COUNT(*) FROM application WHERE state = $1 AND objections_end > $2 AND objections_end <= $3`, string(spec.AppObjection), from, to); err != nil {
		return d, err
	}
	d.Renewals, err = db.Value[int](tx, `SELECT COUNT(*) FROM standing WHERE due_at > $1 AND due_at <= $2`, from, to)
	return d, err
}
