package constituency

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	spec "tocsin/spec/constituency"
)

const batch = 200 // claims of one round

// Next is when a proof, a reminder or a challenge is due; zero for never.
func Next(tx *db.Tx) (time.Time, error) {
	var at time.Time
	_, _, err := db.One(tx, func(*struct{}) []any { return []any{db.At(&at)} }, `SELECT MIN(t) FROM (
		SELECT MIN(until_at) AS t FROM constituency_claim WHERE state IN ('proven', 'disputed')
		UNION ALL SELECT MIN(until_at) - `+micros(remindBefore)+` FROM constituency_claim WHERE state IN ('proven', 'disputed') AND reminded = 0
		UNION ALL SELECT MIN(challenge_until) FROM constituency_claim WHERE challenge_until IS NOT NULL) x`)
	return at, err
}

// Tick writes down what time has ended, reminds of proofs that end within a
// month, and gives the next instant. What is seen never waits for it.
func Tick(tx *db.Tx) (time.Time, error) {
	for _, step := range []struct {
		where string
		do    func(*db.Tx, Claim) error
	}{
		{`c.state IN ('proven', 'disputed') AND c.until_at <= $1`, expire},
		{`c.challenge_until <= $1`, lapse},
		{`c.state IN ('proven', 'disputed') AND c.reminded = 0 AND c.until_at - ` + micros(remindBefore) + ` <= $1`, remind},
	} {
		// As the rows say, not as the instant makes them: now would already
		// show the end that is to be written.
		list, err := db.All(tx, scan, `SELECT `+columns+from+` WHERE `+step.where+` ORDER BY c.id`+db.Limit(batch), db.Micros(tx.Now))
		if err != nil {
			return time.Time{}, err
		}
		for _, c := range list {
			if err := tx.Spare("claim "+c.ID, func() error { return step.do(tx, c) }); err != nil {
				return time.Time{}, err
			}
		}
	}
	next, err := Next(tx)
	return tx.Resume(next), err
}

func expire(tx *db.Tx, c Claim) error {
	state := c.State
	c = c.now(tx.Now)
	c.State = state
	if _, err := move(tx, audience.Actor{}, c, spec.Expire, EventExpired, map[string]any{"until": c.Until}); err != nil {
		return err
	}
	return calmAround(tx, c.ID)
}

func lapse(tx *db.Tx, c Claim) error {
	c.inside.CheckNote = "The challenge was not answered in its time."
	c.inside.Challenge = nil
	if c.State == spec.Expired || !c.State.Lives() {
		// Nothing waits for an answer any more; only the challenge goes.
		_, err := tx.Exec(`UPDATE constituency_claim SET challenge_until = NULL WHERE id = $1 AND challenge_until <= $2`, c.ID, db.Micros(tx.Now))
		return err
	}
	_, err := move(tx, audience.Actor{}, c, spec.Lapse, EventLapsed, nil)
	return err
}

func remind(tx *db.Tx, c Claim) error {
	if n, err := tx.Exec(`UPDATE constituency_claim SET reminded = 1 WHERE id = $1 AND reminded = 0`, c.ID); err != nil || n == 0 {
		return err
	}
	record(tx, audience.Actor{}, EventExpiring, c, map[string]any{"until": c.Until})
	return nil
}
