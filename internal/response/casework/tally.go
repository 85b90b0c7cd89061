package casework

import (
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// Tally counts the running cases by how pressing they are. It names none: it
// is for the board, which is a party of none.
type Tally struct {
	Red     int `json:"red"`     // public, exploited or attacked, and nothing is released yet
	Amber   int `json:"amber"`   // under an embargo
	Green   int `json:"green"`   // neither
	Opened  int `json:"opened"`  // in the last 30 days
	Closed  int `json:"closed"`  // in the last 30 days
	Decide  int `json:"decide"`  // attacks are seen, and the decision waits
	Invited int `json:"invited"` // invitations that wait for an answer
}

const month = 30 * 24 * time.Hour

// TallyOf counts, for those who read the board's papers. Imported cases do
// not count.
func TallyOf(tx *db.Tx, a audience.Actor) (t Tally, err error) {
	if err := board.Reads(tx, a); err != nil {
		return t, err
	}
	t, _, err = db.One(tx, func(t *Tally) []any {
		return []any{&t.Red, &t.Amber, &t.Green, &t.Opened, &t.Closed, &t.Decide}
	}, `SELECT
		COUNT(CASE WHEN state = 'open' AND public_state <> 'pxa' AND (release_at IS NULL OR release_at > $1) THEN 1 END),
		COUNT(CASE WHEN state = 'open' AND public_state = 'pxa' AND embargo_state IN ('active', 'revise') THEN 1 END),
		COUNT(CASE WHEN state = 'open' AND NOT (public_state <> 'pxa' AND (release_at IS NULL OR release_at > $1)) AND NOT (public_state = 'pxa' AND embargo_state IN ('active', 'revise')) THEN 1 END),
		COUNT(CASE WHEN opened_at > $2 THEN 1 END),
		COUNT(CASE WHEN closed_at > $2 THEN 1 END),
		COUNT(CASE WHEN state = 'open' AND decision_due_at IS NOT NULL THEN 1 END)
		FROM cases WHERE origin = ''`, db.Micros(tx.Now), db.Micros(tx.Now.Add(-month)))
	if err != nil {
		return t, err
	}
	t.Invited, err = db.Value[int](tx, `SELECT COUNT(*) FROM case_invitation WHERE state = 'open'`)
	return t, err
}

// Times is how long something took.
type Times struct {
	N      int           `json:"n"`      // how often it happened
	Median time.Duration `json:"median"` // nanoseconds
	Late   time.Duration `json:"p90"`    // nine of ten took no longer; nanoseconds
}

// Acknowledged is how long members took to accept an invitation to a case, in
// the last year; for those who read the board's papers.
func Acknowledged(tx *db.Tx, a audience.Actor) (t Times, err error) {
	if err := board.Reads(tx, a); err != nil {
		return t, err
	}
	const of = ` FROM participant WHERE invited_at IS NOT NULL AND accepted_at >= $1 AND accepted_at >= invited_at AND origin = ''`
	since := db.Micros(tx.Now.AddDate(-1, 0, 0))
	if t.N, err = db.Value[int](tx, `SELECT COUNT(*)`+of, since); err != nil || t.N == 0 {
		return t, err
	}
	// The nearest rank: of ten, the fifth and the ninth.
	at := func(share float64) (time.Duration, error) {
		rank := max(int(share*float64(t.N)+0.999999), 1) - 1
		us, err := db.Value[int64](tx, `SELECT accepted_at - invited_at`+of+` ORDER BY 1 LIMIT 1 OFFSET $2`, since, rank)
		return time.Duration(us) * time.Microsecond, err
	}
	if t.Median, err = at(0.5); err == nil {
		t.Late, err = at(0.9)
	}
	return t, err
}

// Due counts what ends within a day; for those who read the board's papers.
type Due struct {
	Embargoes   int `json:"embargoes"`
	Invitations int `json:"invitations"`
	Statuses    int `json:"statuses"`
	Decisions   int `json:"decisions"`
}

// DueWithin counts the deadlines of the coming time.
func DueWithin(tx *db.Tx, a audience.Actor, in time.Duration) (d Due, err error) {
	if err := board.Reads(tx, a); err != nil {
		return d, err
	}
	now, end := db.Micros(tx.Now), db.Micros(tx.Now.Add(in))
	for _, x := range []struct {
		to    *int
		query string
	}{
		{&d.Embargoes, `SELECT COUNT(*) FROM cases WHERE state = 'open' AND embargo_state IN ('active', 'revise') AND embargo_ends_at > $1 AND embargo_ends_at <= $2`},
		{&d.Decisions, `SELECT COUNT(*) FROM cases WHERE state = 'open' AND decision_due_at > $1 AND decision_due_at <= $2`},
		{&d.Invitations, `SELECT COUNT(*) FROM case_invitation WHERE answered_at IS NULL AND due_at > $1 AND due_at <= $2`},
		{&d.Statuses, `SELECT COUNT(*) FROM participant p JOIN cases c ON c.id = p.case_id WHERE p.role = 'vendor' AND p.accepted_at IS NOT NULL AND p.left_at IS NULL AND p.replied_at IS NULL AND c.state = 'open' AND p.due_at > $1 AND p.due_at <= $2`},
	} {
		if *x.to, err = db.Value[int](tx, x.query, now, end); err != nil {
			return d, err
		}
	}
	return d, nil
}

// Silence is who owes a status and has said nothing.
type Silence struct {
	Members int        `json:"members"` // organizations, all of them
	Open    int        `json:"open"`    // statuses that they owe
	Named   []SilentOf `json:"named"`   // those whose part in a case the reader may see
}

// SilentOf is one organization's silence, as far as the reader may see it.
type SilentOf struct {
	Org  string `json:"org"`
	Name string `json:"name"`
	Open int    `json:"open"`
}

// silent is the condition that a vendor accepted and has said nothing yet.
const silent = `p.role = 'vendor' AND p.kind = 'org' AND p.accepted_at IS NOT NULL AND p.left_at IS NULL AND p.replied_at IS NULL AND c.state = 'open'`

// Silent counts the silent members; for those who read the board's papers.
// An organization is named only to who sees its part in a case.
func Silent(tx *db.Tx, a audience.Actor) (s Silence, err error) {
	if err := board.Reads(tx, a); err != nil {
		return s, err
	}
	s, _, err = db.One(tx, func(s *Silence) []any { return []any{&s.Members, &s.Open} }, `SELECT COUNT(DISTINCT p.subject_id), COUNT(*) FROM participant p JOIN cases c ON c.id = p.case_id WHERE `+silent)
	if err != nil {
		return s, err
	}
	var args db.Args
	s.Named, err = db.All(tx, func(o *SilentOf) []any { return []any{&o.Org, &o.Name, &o.Open} },
		`SELECT p.subject_id, o.name, COUNT(*) FROM `+audience.Mine(a, &args)+` mine JOIN participant p ON p.audience_id = mine.audience_id AND p.tlp <= mine.reach JOIN cases c ON c.id = p.case_id JOIN org o ON o.id = p.subject_id WHERE `+silent+
			` GROUP BY p.subject_id, o.name ORDER BY 3 DESC, 2`+db.Limit(20), args...)
	return s, err
}
