package casework

import (
	"slices"
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
	Events int       `json:"events"` // how many, as far as the actor may see them, and 100 at most
	At     time.Time `json:"at"`     // the last of them
}

// MostCounted bounds how many events of one case are counted.
const MostCounted = 100

// Changed lists the open cases with something new, latest first. A case that
// the actor never looked at is new as a whole.
func Changed(tx *db.Tx, a audience.Actor, limit int) ([]ChangedCase, error) {
	if a.Anonymous() {
		return nil, nil
	}
	wide, err := audience.Broad(tx, a, broad)
	if err != nil {
		return nil, err
	}
	kind, me := a.Ref()
	var args db.Args
	fresh := ` FROM event e WHERE e.scope = c.id AND e.seq > c.looked AND e.kind <> ` + args.Add(CaseSeen) +
		` AND NOT (e.actor_kind = ` + args.Add(kind) + ` AND e.actor_id = ` + args.Add(me) + `) AND ` + audience.Visible(a, "e", &args)
	look := ` LEFT JOIN look l ON l.case_id = c.id AND l.person_id = ` + args.Add(me)
	from := `cases c` + look + ` WHERE c.state = 'open' AND `
	if wide {
		from += audience.Visible(a, "c", &args)
	} else {
		from += `c.id IN (SELECT x.id FROM ` + audience.Mine(a, &args) + ` mine JOIN cases x ON x.audience_id = mine.audience_id AND x.tlp <= mine.reach)`
	}
	// The page is cut before anything is counted, and in the order of an index.
	list, err := db.All(tx, func(c *ChangedCase) []any {
		return []any{&c.ID, &c.Number, &c.Title, &c.Level, db.At(&c.At), &c.Events}
	}, `SELECT c.id, c.number, c.title, c.tlp, (SELECT e.at`+fresh+` ORDER BY e.seq DESC LIMIT 1), (SELECT COUNT(*) FROM (SELECT 1`+fresh+db.Limit(MostCounted)+`) n)
		FROM (SELECT c.* FROM (SELECT c.id, c.number, c.title, c.tlp, c.updated_at, COALESCE(l.seq, -1) AS looked FROM `+from+`) c
			WHERE EXISTS (SELECT 1`+fresh+`) ORDER BY c.updated_at DESC, c.id DESC`+db.Limit(min(max(limit, 1), 100))+`) c`, args...)
	slices.SortStableFunc(list, func(x, y ChangedCase) int { return y.At.Compare(x.At) })
	return list, err
}
