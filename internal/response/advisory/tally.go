package advisory

import (
	"slices"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// Tally counts what the alliance has coordinated and published. Only cases
// count of which an advisory is public at this instant, so that no number
// tells of a matter that is not.
type Tally struct {
	Cases   int // with a public advisory
	Vendors int // different ones that took part in them, hidden ones not counted
	// Days from the opening of a case to its first public advisory.
	Days Spread
	// Hours from an invitation to a case to the acceptance of its terms.
	Answers Spread
}

// Spread is the middle of some durations, and of how many.
type Spread struct {
	Median time.Duration
	Of     int
}

const maxTally = 200_000 // rows read for one count

// Count draws the tally. It asks nobody: what it gives is of public matters
// alone.
func Count(tx *db.Tx) (Tally, error) {
	var t Tally
	var args db.Args
	// A revision supersedes the document before it, of which the instant counts.
	published := `SELECT d.case_id AS id, (SELECT MIN(e.release_at) FROM document e WHERE e.case_id = d.case_id AND e.tlp = 0) AS at FROM document d WHERE d.case_id <> '' AND ` + there(tx.Now, &args) + ` AND ` + audience.Published("d", tx.Now, &args) + ` GROUP BY d.case_id`
	type span struct{ from, to time.Time }
	cols := func(s *span) []any { return []any{db.At(&s.from), db.At(&s.to)} }
	cases, err := db.All(tx, cols, `SELECT c.opened_at, p.at FROM (`+published+`) p JOIN cases c ON c.id = p.id WHERE c.origin = ''`+db.Limit(maxTally), args...)
	if err != nil {
		return t, err
	}
	var days, answers []time.Duration
	for _, s := range cases {
		if d := s.to.Sub(s.from); d >= 0 {
			days = append(days, d)
		}
	}
	const parties = ` FROM participant v JOIN cases c ON c.id = v.case_id AND c.origin = '' WHERE v.hidden = 0 AND v.accepted_at IS NOT NULL AND v.role = 'vendor' AND v.case_id IN `
	if t.Vendors, err = db.Value[int](tx, `SELECT COUNT(DISTINCT v.kind || ':' || v.subject_id)`+parties+`(SELECT p.id FROM (`+published+`) p)`, args...); err != nil {
		return t, err
	}
	asked, err := db.All(tx, cols, `SELECT v.invited_at, v.accepted_at`+parties+`(SELECT p.id FROM (`+published+`) p) AND v.invited_at IS NOT NULL`+db.Limit(maxTally), args...)
	for _, s := range asked {
		if d := s.to.Sub(s.from); d >= 0 {
			answers = append(answers, d)
		}
	}
	t.Cases, t.Days, t.Answers = len(cases), spread(days), spread(answers)
	return t, err
}

func spread(ds []time.Duration) Spread {
	if len(ds) == 0 {
		return Spread{}
	}
	slices.Sort(ds)
	mid := ds[len(ds)/2]
	if len(ds)%2 == 0 {
		mid = (ds[len(ds)/2-1] + mid) / 2
	}
	return Spread{mid, len(ds)}
}
