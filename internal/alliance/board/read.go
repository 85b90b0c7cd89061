package board

import (
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/ballot"
)

// Access is what the actor may do in the board room as such; of one motion,
// its own verbs decide.
type Access struct {
	Reads bool `json:"reads"` // sees motions, seats and the figures of the brief
	Puts  bool `json:"puts"`  // may put motions
	Keeps bool `json:"keeps"` // may change who sits on the board
}

// AccessOf says what the actor may do. Before the first seat is appointed,
// coordinators read an empty room.
func AccessOf(tx *db.Tx, a audience.Actor) (Access, error) {
	x := Access{Keeps: charter.Administers(a)}
	aid, ok, err := db.One(tx, func(s *string) []any { return []any{s} }, `SELECT audience_id FROM board_room WHERE id = $1`, roomID)
	if err != nil {
		return x, err
	}
	if !ok {
		x.Reads = a.Holds(audience.Office, charter.Coordinator) || a.Holds(audience.Office, charter.Board)
		x.Puts = a.Holds(audience.Office, charter.Coordinator) && charter.Allows(a, charter.ScopeWrite)
		return x, nil
	}
	role, err := audience.RoleAt(tx, a, aid, level)
	if errs.Is(err, errs.NotFound) {
		err = nil
	}
	x.Reads, x.Puts = role >= audience.Reader, role >= audience.Contributor && charter.Allows(a, charter.ScopeWrite)
	return x, err
}

// Reads refuses who may not read the board's papers. The figures of the brief
// are counted by packages of other storeys; each asks this first.
func Reads(tx *db.Tx, a audience.Actor) error {
	if err := charter.SignedIn(a); err != nil {
		return err
	}
	x, err := AccessOf(tx, a)
	if err == nil && !x.Reads {
		err = errs.New(errs.Denied, "This is for those who sit on the board, and for the coordinators.")
	}
	return err
}

// Leads reports whether the actor may edit, open, withdraw or count the
// motion again: its proposer while they may speak, and the coordinators.
func Leads(tx *db.Tx, a audience.Actor, m Motion) (bool, error) {
	role, err := audience.RoleAt(tx, a, m.Audience, m.Level)
	return role == audience.Coordinator && charter.Allows(a, charter.ScopeCoordinate) || role >= audience.Contributor && a.Person == m.Proposer && charter.Allows(a, charter.ScopeWrite), err
}

// Elector is a seat of a motion's electorate. That it voted is in no way part
// of it.
type Elector struct {
	Seat     Seat            `json:"seat"`
	Standing ballot.Standing `json:"standing"` // at the close; before, as it is now
}

// Electorate lists the seats that a ballot opened with, by the name of their
// organization; none for a draft.
func Electorate(tx *db.Tx, a audience.Actor, ref string) ([]Elector, error) {
	m, err := Get(tx, a, ref)
	if err != nil {
		return nil, err
	}
	list, err := electorate(tx, m)
	out := make([]Elector, len(list))
	for i, e := range list {
		out[i] = Elector{e.Seat, e.now.Standing}
		if e.then.Standing != "" {
			out[i].Standing = e.then.Standing
		}
	}
	return out, err
}

// Own lists the seats for which the actor acts now, as executive or as
// substitute.
func Own(tx *db.Tx, a audience.Actor) ([]Seat, error) {
	list, err := Seats(tx, a, false)
	return slices.DeleteFunc(list, func(s Seat) bool {
		now := s.standing(tx.Now)
		return a.Person == "" || now.Standing != ballot.Sits || now.Principal != a.Person && now.Substitute != a.Person
	}), err
}

// DueWithin counts the ballots that close within the coming time, for those
// who read the board's papers.
func DueWithin(tx *db.Tx, a audience.Actor, in time.Duration) (int, error) {
	if err := Reads(tx, a); err != nil {
		return 0, err
	}
	args := db.Args{db.Micros(tx.Now), db.Micros(tx.Now.Add(in))}
	return db.Value[int](tx, `SELECT COUNT(*) FROM motion m WHERE m.state = 'open' AND m.deadline > $1 AND m.deadline <= $2 AND `+audience.Visible(a, "m", &args), args...)
}
