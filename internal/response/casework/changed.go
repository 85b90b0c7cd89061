package casework

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/tlp"
)

// ChangedCase is an open case in which others did something since the actor
// last looked.
type ChangedCase struct {
	ID     string    `json:"id"`
	Number string    `json:"number"`
	Title  string    `json:"title"`
	Level  tlp.Level `json:"tlp"`
	Events int       `json:"events"` // how many, as far as the actor may see them
	At     time.Time `json:"at"`     // the last of them
}

// Changed lists the open cases with something new, latest first. A case that
// the actor never looked at is new as a whole.
func Changed(tx *db.Tx, a audience.Actor, limit int) ([]ChangedCase, error) {
	if a.Anonymous() {
		return nil, nil
	}
	kind, me := a.Ref()
	var args db.Args
	return db.All(tx, func(c *ChangedCase) []any {
		return []any{&c.ID, &c.Number, &c.Title, &c.Level, &c.Events, db.At(&c.At)}
	},
		`SELECT c.id, c.number, c.title, c.tlp, COUNT(*), MAX(e.at) FROM `+audience.Mine(a, &args)+` mine
		JOIN cases c ON c.audience_id = mine.audience_id AND c.tlp <= mine.reach AND c.state = 'open'
		LEFT JOIN look l ON l.case_id = c.id AND l.person_id = `+args.Add(me)+`
		JOIN event e ON e.scope = c.id AND e.seq > COALESCE(l.seq, -1) AND e.kind <> `+args.Add(CaseSeen)+` AND NOT (e.actor_kind = `+args.Add(kind)+` AND e.actor_id = `+args.Add(me)+`)
		WHERE `+audience.Visible(a, "e", &args)+` GROUP BY c.id, c.number, c.title, c.tlp ORDER BY MAX(e.seq) DESC LIMIT `+args.Add(min(max(limit, 1), 100)), args...)
}
