package board

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/ballot"
)

// Every verb is tried in every state, through the exported verbs where there
// is one. What the table allows leads where it says; everything else is a
// Conflict and changes nothing.
func TestMachineWalkedWhole(t *testing.T) {
	each(t, 3, func(w *world) {
		moved := 0
		for _, from := range ballot.Motion.States() {
			for _, verb := range ballot.Motion.AllVerbs() {
				m := w.in(from)
				if m.State != from {
					w.Fatalf("the motion stands in %q, not in %q", m.State, from)
				}
				to, ok := ballot.Motion.Next(from, verb)
				try := func(tx *db.Tx) error { return w.try(tx, m, verb) }
				if !ok {
					w.Refused(string(verb)+" in "+string(from), errs.Conflict, try)
					continue
				}
				w.Do(try)
				if got := w.motion(m); got.State != to {
					w.Errorf("%s in %s leads to %s, want %s", verb, from, got.State, to)
				}
				moved++
			}
		}
		if moved != len(ballot.Motion.Rows) {
			w.Errorf("%d moves, the table has %d", moved, len(ballot.Motion.Rows))
		}
	})
}

// in makes a motion that stands in a state. Closed is where a motion stays
// whose votes cannot be opened.
func (w *world) in(s ballot.State) Motion {
	w.Helper()
	var m Motion
	if s == ballot.Draft {
		w.Do(func(tx *db.Tx) (err error) {
			m, err = Propose(tx, w.cora, Motion{Kind: Other, Title: "Draft"})
			return err
		})
		return m
	}
	m = w.opened(Motion{Sealed: s == ballot.Closed})
	switch s {
	case ballot.Carried, ballot.Failed, ballot.Closed:
		c := ballot.Yes
		if s == ballot.Failed {
			c = ballot.No
		}
		for i := range 3 {
			w.cast(w.exec(i), m, c)
		}
	}
	if s == ballot.Closed {
		w.Do(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE motion_vote SET paper = $1 WHERE motion_id = $2`, []byte("no paper"), m.ID)
			return err
		})
	}
	if s != ballot.Open {
		m = w.close(m)
	}
	return m
}

func (w *world) try(tx *db.Tx, m Motion, verb ballot.Verb) (err error) {
	me := w.Actor(tx, w.people[0])
	switch verb {
	case ballot.Edit:
		in := m
		in.Title, in.Deadline = "Another", time.Time{}
		_, err = Revise(tx, w.cora, in)
	case ballot.Put:
		_, err = Open(tx, w.cora, m.ID, m.Version)
	case ballot.Cast:
		_, err = w.room.Cast(tx, me, m.ID, Said{Choice: ballot.No})
	case ballot.Recuse:
		err = w.room.Recuse(tx, me, m.ID, w.seats[0].ID, "In conflict.")
	case ballot.Annul:
		_, err = w.room.Withdraw(tx, w.cora, m.ID, "Not needed any more.")
	default: // the clock's and the count's, which have no verb of their own
		m, err = held(tx, m.ID)
		if err == nil {
			err = move(tx, &m, verb, "")
		}
	}
	return err
}

func TestStrangersFindNothing(t *testing.T) {
	each(t, 3, func(w *world) {
		m := w.opened(Motion{})
		for _, a := range []audience.Actor{w.otto, w.runner} {
			for what, f := range map[string]func(tx *db.Tx) error{
				"get":      func(tx *db.Tx) error { _, err := Get(tx, a, m.Number); return err },
				"cast":     func(tx *db.Tx) error { _, err := w.room.Cast(tx, a, m.ID, Said{Choice: ballot.Yes}); return err },
				"papers":   func(tx *db.Tx) error { _, err := Papers(tx, a, m.ID); return err },
				"votes":    func(tx *db.Tx) error { _, err := Votes(tx, a, m.ID); return err },
				"minutes":  func(tx *db.Tx) error { _, err := Minutes(tx, a, m.ID); return err },
				"recuse":   func(tx *db.Tx) error { return w.room.Recuse(tx, a, m.ID, w.seats[0].ID, "x") },
				"withdraw": func(tx *db.Tx) error { _, err := w.room.Withdraw(tx, a, m.ID, "x"); return err },
				"recount":  func(tx *db.Tx) error { _, _, err := w.room.Recount(tx, a, m.ID); return err },
			} {
				w.Refused(what, errs.NotFound, f)
			}
			w.Do(func(tx *db.Tx) error {
				list, err := List(tx, a, Filter{})
				if len(list) > 0 {
					w.Error("a stranger lists motions")
				}
				return err
			})
		}
		w.Refused("propose", errs.Denied, func(tx *db.Tx) error { _, err := Propose(tx, w.otto, Motion{Kind: Other, Title: "x"}); return err })
		w.Refused("nobody proposes", errs.Unauthenticated, func(tx *db.Tx) error {
			_, err := Propose(tx, audience.Actor{}, Motion{Kind: Other, Title: "x"})
			return err
		})
		w.Refused("a coordinator has no vote", errs.Denied, func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, w.cora, m.ID, Said{Choice: ballot.Yes})
			return err
		})
		w.Refused("another's motion", errs.Denied, func(tx *db.Tx) error {
			_, err := w.room.Withdraw(tx, w.Actor(tx, w.people[0]), m.ID, "x")
			return err
		})
		w.Refused("another's seat", errs.Denied, func(tx *db.Tx) error {
			return w.room.Recuse(tx, w.Actor(tx, w.people[1]), m.ID, w.seats[0].ID, "x")
		})
		reader := w.exec(0)
		reader.Token, reader.Scopes = "tok", []string{"read"}
		w.Refused("a token that reads", errs.Denied, func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, reader, m.ID, Said{Choice: ballot.Yes})
			return err
		})
		w.Refused("no choice", errs.Invalid, func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, w.Actor(tx, w.people[0]), m.ID, Said{Choice: "maybe"})
			return err
		})
		w.Refused("stale", errs.Stale, func(tx *db.Tx) error {
			d, err := Propose(tx, w.cora, Motion{Kind: Other, Title: "x"})
			if err != nil {
				return err
			}
			_, err = Open(tx, w.cora, d.ID, d.Version+1)
			return err
		})
		w.Verify(Tables()...)
	})
}

func TestSeats(t *testing.T) {
	each(t, 2, func(w *world) {
		w.Refused("a second seat", errs.Conflict, func(tx *db.Tx) error {
			_, err := Appoint(tx, w.operator, Seat{Org: w.orgs[0].ID, Person: w.substitutes[0].ID})
			return err
		})
		w.Refused("of another organization", errs.Invalid, func(tx *db.Tx) error {
			_, err := Appoint(tx, w.operator, Seat{Org: w.orgs[0].ID, Person: w.people[1].ID})
			return err
		})
		w.Refused("a member appoints", errs.Denied, func(tx *db.Tx) error {
			_, err := Appoint(tx, w.Actor(tx, w.people[0]), Seat{Org: w.orgs[0].ID, Person: w.people[0].ID})
			return err
		})
		w.Refused("their own substitute", errs.Invalid, func(tx *db.Tx) error {
			_, err := Substitute(tx, w.operator, w.seats[0].ID, w.people[0].ID, 1)
			return err
		})
		w.Refused("stale", errs.Stale, func(tx *db.Tx) error {
			_, err := End(tx, w.operator, w.seats[0].ID, "Retired.", 7)
			return err
		})
		// A term that is over shows its person out at the tick, and the next
		// one is let in; the substitute follows.
		end := w.Clock.Now().Add(48 * time.Hour)
		w.Do(func(tx *db.Tx) error {
			s, err := End(tx, w.exec2(tx, 0), w.seats[0].ID, "Handing over.", 1)
			if err != nil {
				return err
			}
			if _, err = Appoint(tx, w.operator, Seat{Org: s.Org, Person: s.Person, Until: end}); err != nil {
				return err
			}
			_, err = Appoint(tx, w.operator, Seat{Org: s.Org, Person: w.substitutes[0].ID, From: end})
			return err
		})
		m := w.opened(Motion{Deadline: end.Add(time.Hour)})
		if next, want := w.tick(), m.Deadline.Add(-warning); !next.Equal(want) {
			w.Errorf("next is %s, want the reminder at %s", next, want)
		}
		w.Clock.Set(m.Deadline.Add(-warning))
		if next := w.tick(); !next.Equal(end) {
			w.Errorf("next is %s, want the end of the term %s", next, end)
		}
		sees := func(a audience.Actor) bool { return w.sees(a, m) }
		if !sees(w.exec(0)) || sees(w.sub(0)) {
			w.Error("before the hand-over the old executive sees the motion, and the new one does not")
		}
		w.Clock.Set(end)
		w.Refused("voting after the term", errs.Denied, func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, w.Actor(tx, w.people[0]), m.ID, Said{Choice: ballot.Yes})
			return err
		})
		w.tick()
		if sees(w.exec(0)) || !sees(w.sub(0)) {
			w.Error("after the hand-over the new executive sees the motion, and the old one does not")
		}
		w.Refused("the follower has no vote in it", errs.Denied, func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, w.Actor(tx, w.substitutes[0]), m.ID, Said{Choice: ballot.Yes})
			return err
		})
		w.Do(func(tx *db.Tx) error {
			now, err := Seats(tx, w.cora, false)
			if err != nil {
				return err
			}
			all, err := Seats(tx, w.cora, true)
			if len(now) != 2 || len(all) != 4 {
				w.Errorf("%d seats now, %d ever", len(now), len(all))
			}
			return err
		})
		w.Verify(Tables()...)
	})
}

func (w *world) exec2(tx *db.Tx, i int) audience.Actor { return w.Actor(tx, w.people[i]) }

func TestBadMotionsChangeNothing(t *testing.T) {
	each(t, 1, func(w *world) {
		for what, in := range map[string]Motion{
			"kind":     {Kind: "coup", Title: "x"},
			"title":    {Kind: Other},
			"tlp":      {Kind: Other, Title: "x", Level: 9},
			"rules":    {Kind: Other, Title: "x", Rules: ballot.Rules{Quorum: ballot.Fraction{Num: 2, Den: 1}, Majority: ballot.DefaultMajority}},
			"deadline": {Kind: Other, Title: "x", Deadline: w.Clock.Now()},
			"object":   {Kind: Other, Title: "x", Object: Motion{}.Object},
			"long":     {Kind: Other, Title: strings.Repeat("x", 300)},
		} {
			if what == "object" {
				in.Object.Kind = "org"
			}
			w.Refused(what, errs.Invalid, func(tx *db.Tx) error { _, err := Propose(tx, w.cora, in); return err })
		}
		w.Do(func(tx *db.Tx) error {
			for i := range 5 {
				if _, err := Propose(tx, w.cora, Motion{Kind: Kinds[i], Title: "x"}); err != nil {
					return err
				}
			}
			var seen []string
			for after := ""; ; {
				page, err := List(tx, w.cora, Filter{States: []ballot.State{ballot.Draft}, After: after, Limit: 2})
				if err != nil {
					return err
				}
				if len(page) == 0 {
					break
				}
				for _, m := range page {
					seen = append(seen, m.ID)
				}
				after = page[len(page)-1].ID
			}
			slices.Sort(seen)
			if len(slices.Compact(seen)) != 5 {
				w.Errorf("pages show %d motions of 5", len(seen))
			}
			return nil
		})
	})
}
