package embargo

import (
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// Week is the embargoes that end in one week. It names no case: it is for the
// board, which is a party of none.
type Week struct {
	From time.Time `json:"from"` // Monday, 00:00 UTC
	Ends int       `json:"ends"` // embargoes
	// Days are the days at risk: of each, from the opening of its case to the
	// end, for so long it is known to some and open for all.
	Days int `json:"days"`
}

// Ahead is the embargoes that are on.
type Ahead struct {
	Active int    `json:"active"`
	Days   int    `json:"days"`  // at risk so far, of all of them
	Later  int    `json:"later"` // end after the last week
	Weeks  []Week `json:"weeks"`
}

// maxAhead bounds how many embargoes one answer looks at.
const maxAhead = 20_000

// WeeksAhead sorts the embargoes that are on into so many weeks, this one
// first; for those who read the board's papers.
func WeeksAhead(tx *db.Tx, a audience.Actor, weeks int) (out Ahead, err error) {
	if err := board.Reads(tx, a); err != nil {
		return out, err
	}
	type span struct{ from, to time.Time }
	list, err := db.All(tx, func(s *span) []any { return []any{db.At(&s.from), db.At(&s.to)} },
		`SELECT opened_at, embargo_ends_at FROM cases WHERE state = 'open' AND embargo_state IN ('active', 'revise') AND embargo_ends_at > $1 ORDER BY embargo_ends_at`+db.Limit(maxAhead), db.Micros(tx.Now))
	if err != nil {
		return out, err
	}
	today := tx.Now.UTC().Truncate(24 * time.Hour)
	first := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	out.Weeks = make([]Week, weeks)
	for i := range out.Weeks {
		out.Weeks[i].From = first.AddDate(0, 0, 7*i)
	}
	for _, s := range list {
		out.Active++
		out.Days += days(tx.Now.Sub(s.from))
		i := int(s.to.Sub(first) / (7 * 24 * time.Hour))
		if i >= weeks {
			out.Later++
			continue
		}
		out.Weeks[i].Ends++
		out.Weeks[i].Days += days(s.to.Sub(s.from))
	}
	return out, nil
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

// Leaks are the alarms of a time: what became public, was exploited or
// attacked before its release.
type Leaks struct {
	Alarms int `json:"alarms"`
	Cases  int `json:"cases"`
}

// LeaksSince counts them; for those who read the board's papers.
func LeaksSince(tx *db.Tx, a audience.Actor, since time.Time) (l Leaks, err error) {
	if err := board.Reads(tx, a); err != nil {
		return l, err
	}
	l, _, err = db.One(tx, func(l *Leaks) []any { return []any{&l.Alarms, &l.Cases} }, `SELECT COUNT(*), COUNT(DISTINCT scope) FROM event WHERE kind = $1 AND at > $2`, EventExposed, db.Micros(since))
	return l, err
}
