package sealed_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"tocsin/internal/kernel/db/dbtest"
	"tocsin/spec/ballot"
	"tocsin/test/stage"
)

// The deadline is the first instant at which no vote is taken, whether or not
// the clock's work has been done.
func TestTheDeadlineToTheMicrosecond(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			c := newChamber(t, dialect, 4)
			motion, deadline := c.opened(nil)
			for i, x := range []struct {
				at     time.Duration
				status int
			}{{-time.Microsecond, 200}, {0, 409}, {time.Microsecond, 409}} {
				c.Clock.Set(deadline.Add(x.at))
				if a := c.cast(c.seats[i].exec, motion, ballot.Yes); a.Status != x.status {
					t.Errorf("%v from the deadline a vote is answered %d, want %d: %s", x.at, a.Status, x.status, a.Raw)
				}
				if a := c.Ask(c.seats[3].exec.Auth(), "POST", "/api/v1/board/motions/"+motion+"/recuse", object{"seat_id": c.seats[3].id, "reason": "Late."}); x.status == 409 && a.Status != 409 {
					t.Errorf("%v from the deadline a seat is recused: %d %s", x.at, a.Status, a.Raw)
				} else if x.status == 200 {
					c.seats[3] = c.seats[2]
				}
				c.silent(motion)
			}
			c.Round()
			if state, n := c.counted(motion); state != "void" || n["yes"] != 1 || n["voted"] != 1 || n["recused"] != 1 {
				t.Errorf("%s %v", state, n)
			}
		})
	}
}

// Votes fall in together while the deadline comes and the ballot is closed:
// whatever was acknowledged counts, whatever was refused does not.
func TestVotesAtOnceAtTheDeadline(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			c := newChamber(t, dialect, 6)
			choices := []ballot.Choice{ballot.Yes, ballot.No, ballot.Abstain, ballot.Yes, ballot.No, ballot.Yes}
			const rounds = 12
			taken, refused, mixed := 0, 0, 0
			for round := range rounds {
				motion, deadline := c.opened(nil)
				c.Clock.Set(deadline.Add(-time.Microsecond))
				answers := make([]stage.Answer, len(choices))
				var wg, votes sync.WaitGroup
				for i, choice := range choices {
					votes.Go(func() { answers[i] = c.cast(c.seats[i].exec, motion, choice) })
				}
				wait := time.Duration(rand.IntN(40)) * time.Millisecond
				wg.Go(func() {
					if time.Sleep(wait); round == 0 {
						votes.Wait() // all of them come in time
					}
					c.Until(deadline)
				})
				votes.Wait()
				wg.Wait()
				late := c.cast(c.seats[0].exec, motion, ballot.Abstain)
				if late.Status != 409 {
					t.Errorf("after the close a vote is answered %d: %s", late.Status, late.Raw)
				}
				before, want := taken, map[string]float64{}
				for i, a := range answers {
					switch a.Status {
					case 200:
						taken++
						want[string(choices[i])]++
						if at, err := time.Parse(time.RFC3339Nano, a.Text("at")); err != nil || !at.Before(deadline) {
							t.Errorf("a vote was taken at %s, after the deadline %s", a.Text("at"), deadline)
						}
					case 409:
						refused++
					default:
						t.Errorf("a vote at the deadline is answered %d: %s", a.Status, a.Raw)
					}
				}
				if in := taken - before; in > 0 && in < len(choices) {
					mixed++
				}
				state, n := c.counted(motion)
				for _, k := range ballot.Choices {
					if n[string(k)] != want[string(k)] {
						t.Errorf("%s: acknowledged were %v, counted %v", state, want, n)
					}
				}
			}
			t.Logf("%d votes were taken, %d refused; in %d of %d ballots some of each", taken, refused, mixed, rounds)
		})
	}
}

// One voter sends two ballots in the same instant: one of them stands, and
// the others' are not touched. The last votes of a motion that closes early
// fall in together, too.
func TestTwoBallotsOfOneVoterAtOnce(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			c := newChamber(t, dialect, 3)
			for _, early := range []bool{false, true} {
				motion, deadline := c.opened(object{"early": early})
				c.Clock.Set(deadline.Add(-time.Microsecond))
				c.casts(c.seats[0].exec, motion, ballot.Abstain)
				var wg sync.WaitGroup
				answers := make([]stage.Answer, 3)
				for i, choice := range []ballot.Choice{ballot.Yes, ballot.No} {
					wg.Go(func() { answers[i] = c.cast(c.seats[1].exec, motion, choice) })
				}
				wg.Go(func() { answers[2] = c.cast(c.seats[2].exec, motion, ballot.Abstain) })
				wg.Wait()
				for i, a := range answers {
					// After the last vote a motion that closes early is closed.
					if a.Status != 200 && (a.Status != 409 || !early || i == 2) {
						t.Errorf("early %v: ballot %d is answered %d: %s", early, i, a.Status, a.Raw)
					}
				}
				c.Until(deadline)
				_, n := c.counted(motion)
				if n["yes"]+n["no"] != 1 || n["abstain"] != 2 || n["uncounted"] != 0 {
					t.Errorf("early %v: %v", early, n)
				}
				if answers[0].Status != 200 && n["yes"] != 0 || answers[1].Status != 200 && n["no"] != 0 {
					t.Errorf("early %v: a refused ballot counts: %v", early, n)
				}
			}
		})
	}
}

// A board of even number in a tie decides nothing for the motion, whatever
// majority it asks for.
func TestATieFails(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			c := newChamber(t, dialect, 4)
			for _, majority := range []string{"1/2", "2/3"} {
				motion, deadline := c.opened(object{"majority": majority})
				for i, s := range c.seats {
					c.casts(s.exec, motion, []ballot.Choice{ballot.Yes, ballot.No}[i%2])
				}
				c.silent(motion)
				c.Until(deadline)
				if state, n := c.counted(motion); state != "failed" || n["yes"] != 2 || n["no"] != 2 {
					t.Errorf("a tie under %s: %s %v", majority, state, n)
				}
			}
		})
	}
}

// Three of four voted for it and made the quorum; one of them is removed
// before the close, and nobody can make a quorum by taking seats away.
func TestARemovalTakesTheQuorum(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			c := newChamber(t, dialect, 4)
			motion, deadline := c.opened(object{"quorum": "3/4"})
			for _, s := range c.seats[:3] {
				c.casts(s.exec, motion, ballot.Yes)
			}
			c.Must(200, c.cora, "POST", "/board/seats/"+c.seats[0].id+"/end", object{"reason": "The organization lost its place."})
			c.silent(motion)
			c.Until(deadline)
			if state, n := c.counted(motion); state != "void" || n["yes"] != 2 || n["voted"] != 2 || n["needed"] != 3 || n["electorate"] != 4 || n["lost"] != 1 {
				t.Errorf("%s %v", state, n)
			}
		})
	}
}
