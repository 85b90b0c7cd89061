package board

import (
	"strconv"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/ballot"
)

// warning is how long before the deadline everybody on the board is told that
// the ballot closes. A ballot that was opened for less is announced once.
const warning = 24 * time.Hour

var aDay = strconv.FormatInt(warning.Microseconds(), 10)

// remind says of each ballot, once, that it closes within a day. It says so to
// the whole board, voters among them: a reminder for those who have not voted
// would tell who has.
func remind(tx *db.Tx) error {
	due, err := db.Column[string](tx, `SELECT id FROM motion WHERE state = 'open' AND deadline > $1 AND deadline <= $2 AND reminded_at IS NULL AND opened_at <= deadline - `+aDay+` ORDER BY deadline, id`+db.Limit(batch),
		db.Micros(tx.Now), db.Micros(tx.Now.Add(warning)))
	if err != nil {
		return err
	}
	for _, motionID := range due {
		m, err := held(tx, motionID)
		if err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE motion SET reminded_at = $1 WHERE id = $2 AND state = $3 AND reminded_at IS NULL`, db.Micros(tx.Now), m.ID, string(ballot.Open))
		if err != nil {
			return err
		}
		if n == 1 {
			record(tx, audience.Actor{}, EventReminded, m, map[string]any{"number": m.Number, "due_at": m.Deadline}, motionTable.Of(m.ID))
		}
	}
	return nil
}
