package board

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
)

// Somebody recused, suspended or replaced meanwhile: their vote is refused,
// and the one they cast before does not count.
func TestWhoMayNotVoteAnyMore(t *testing.T) {
	loss := map[string]func(w *world, tx *db.Tx, m Motion) error{
		"recused": func(w *world, tx *db.Tx, m Motion) error {
			return w.room.Recuse(tx, w.exec2(tx, 0), m.ID, w.seats[0].ID, "A dispute with the applicant.")
		},
		"organization suspended": func(w *world, tx *db.Tx, _ Motion) error {
			o, err := orgs.Get(tx, w.operator, w.orgs[0].ID)
			if err != nil {
				return err
			}
			o.State = orgs.Suspended
			_, err = orgs.Edit(tx, w.operator, o)
			return err
		},
		"replaced": func(w *world, tx *db.Tx, _ Motion) error {
			s, err := End(tx, w.operator, w.seats[0].ID, "Replaced.", 1)
			if err != nil {
				return err
			}
			_, err = Appoint(tx, w.operator, Seat{Org: s.Org, Person: w.substitutes[0].ID})
			return err
		},
		"left the organization": func(w *world, tx *db.Tx, _ Motion) error {
			return orgs.Remove(tx, w.operator, w.memberships[0].ID)
		},
		"person suspended": func(w *world, tx *db.Tx, _ Motion) error {
			_, err := people.Suspend(tx, w.operator, w.people[0].ID)
			return err
		},
	}
	for what, lose := range loss {
		t.Run(what, func(t *testing.T) {
			each(t, 4, func(w *world) {
				m := w.opened(Motion{Sealed: true})
				for i := range 2 {
					w.cast(w.exec(i), m, ballot.Yes)
				}
				before := w.exec(0)
				w.Do(func(tx *db.Tx) error { return lose(w, tx, m) })
				err := w.DB.Write(context.Background(), func(tx *db.Tx) error {
					_, err := w.room.Cast(tx, before, m.ID, Said{Choice: ballot.No})
					return err
				})
				if !errs.Is(err, errs.Denied) && !errs.Is(err, errs.NotFound) {
					w.Errorf("voting when %s: %v", what, err)
				}
				w.tick()
				if what != "person suspended" { // who cannot sign in at all
					if got := w.sees(w.exec(0), m); got != (what == "recused") {
						w.Errorf("%s, and sees the motion: %v", what, got)
					}
				}
				r := w.close(m).Result
				// Two of four voted, and made the quorum. Without a vote one is
				// left: of four, or after a recusal of three, two are needed.
				if r.Outcome != ballot.Void || r.Yes != 1 || r.Voted != 1 || r.Uncounted != 1 || r.Needed != 2 {
					w.Errorf("%s: %+v", what, r)
				}
				w.Verify(Tables()...)
			})
		})
	}
}

func TestSubstitutes(t *testing.T) {
	each(t, 2, func(w *world) {
		m := w.opened(Motion{Rules: ballot.Rules{Quorum: ballot.Fraction{Num: 1, Den: 1}, Majority: ballot.DefaultMajority}})
		w.cast(w.sub(0), m, ballot.No)
		w.cast(w.exec(0), m, ballot.Yes)
		w.Refused("the substitute after the executive", errs.Denied, func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, w.Actor(tx, w.substitutes[0]), m.ID, Said{Choice: ballot.No})
			return err
		})
		// A substitute who is none any more: their vote is gone, and the seat
		// is asked again.
		w.cast(w.sub(1), m, ballot.Yes)
		former := w.sub(1)
		w.Do(func(tx *db.Tx) error {
			_, err := Substitute(tx, w.exec2(tx, 1), w.seats[1].ID, "", 1)
			return err
		})
		if err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, former, m.ID, Said{Choice: ballot.No})
			return err
		}); err == nil {
			t.Error("a former substitute votes")
		}
		if r := w.close(m).Result; r.Outcome != ballot.Void || r.Yes != 1 || r.Uncounted != 1 {
			t.Errorf("%+v", r)
		}
		w.Verify(Tables()...)
	})
}

func TestDeadlinesAndEarlyCloses(t *testing.T) {
	each(t, 4, func(w *world) {
		deadline := w.Clock.Now().Add(time.Hour)
		a, b, early := w.opened(Motion{Deadline: deadline}), w.opened(Motion{Deadline: deadline, Sealed: true}),
			w.opened(Motion{Early: true, Sealed: true, Kind: Remove, Object: ledger.Object{Kind: "org", ID: w.orgs[3].ID}})
		w.Do(func(tx *db.Tx) error {
			for i, want := range []int{3, 3, 3, 2} {
				list, err := Awaiting(tx, w.exec2(tx, i))
				if err != nil || len(list) != want || list[0].Deadline.After(list[len(list)-1].Deadline) {
					t.Errorf("%d motions await executive %d: %v", len(list), i, err)
				}
			}
			return nil
		})
		for i := range 3 {
			if w.motion(early).State != ballot.Open {
				t.Error("closed before all have voted")
			}
			w.cast(w.exec(i), early, ballot.Yes)
		}
		if m := w.motion(early); m.State != ballot.Carried || m.Result.Recused != 1 || !m.ClosedAt.Equal(w.Clock.Now()) {
			t.Errorf("all but the member itself voted: %s %+v", m.State, m.Result)
		}
		w.Clock.Set(deadline.Add(-time.Microsecond))
		w.tick()
		w.cast(w.exec(0), a, ballot.Yes) // the last instant
		w.cast(w.exec(1), a, ballot.No)
		w.cast(w.exec(0), b, ballot.Yes)
		w.Clock.Set(deadline)
		w.Refused("at the deadline, before the tick", errs.Conflict, func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, w.Actor(tx, w.people[2]), a.ID, Said{Choice: ballot.Yes})
			return err
		})
		w.Refused("recusal at the deadline", errs.Conflict, func(tx *db.Tx) error {
			return w.room.Recuse(tx, w.Actor(tx, w.people[0]), a.ID, w.seats[0].ID, "Late.")
		})
		// Two replicas tick at the same microsecond.
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if err := w.DB.Write(context.Background(), func(tx *db.Tx) error { _, err := w.room.Tick(tx); return err }); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if a, b = w.motion(a), w.motion(b); a.State != ballot.Failed || b.State != ballot.Void {
			t.Errorf("%s and %s", a.State, b.State)
		}
		w.Do(func(tx *db.Tx) error {
			for _, kind := range []string{EventClosed, EventFailed, EventVoid} {
				n, err := db.Value[int](tx, `SELECT COUNT(*) FROM event WHERE kind = $1 AND scope IN ($2, $3)`, kind, a.ID, b.ID)
				if want := map[string]int{EventClosed: 2}[kind]; err != nil || n != max(want, 1) {
					t.Errorf("%d events %s: %v", n, kind, err)
				}
			}
			return nil
		})
		if next := w.tick(); !next.IsZero() {
			t.Errorf("nothing waits, and next is %s", next)
		}
		w.Verify(Tables()...)
	})
}

// Many cast and tick at once: whatever the order, no vote after the close is
// in the count, and the result equals the recount.
func TestVotesRaceTheClose(t *testing.T) {
	each(t, 4, func(w *world) {
		m := w.opened(Motion{Early: true, Sealed: true})
		voters := make([]audience.Actor, 4)
		for i := range voters {
			voters[i] = w.exec(i)
		}
		var wg sync.WaitGroup
		for i, v := range voters {
			for _, c := range []ballot.Choice{ballot.Yes, ballot.No} {
				wg.Go(func() {
					err := w.DB.Write(context.Background(), func(tx *db.Tx) error { _, err := w.room.Cast(tx, v, m.ID, Said{Choice: c}); return err })
					if err != nil && !errs.Is(err, errs.Conflict) {
						t.Errorf("%d: %v", i, err)
					}
				})
			}
		}
		wg.Wait()
		m = w.motion(m)
		if m.Result == nil || m.Result.Voted != 4 {
			t.Fatalf("%s %+v", m.State, m.Result)
		}
		w.Do(func(tx *db.Tx) error {
			_, same, err := w.room.Recount(tx, voters[0], m.ID)
			if !same {
				t.Error("the recount differs")
			}
			return err
		})
		w.Verify(Tables()...)
	})
}

// Two hundred ballots at random: the result equals a count that the test
// keeps by itself, and the recount.
func TestRandomBallotsEqualAnIndependentCount(t *testing.T) {
	each(t, 6, func(w *world) {
		rng := rand.New(rand.NewPCG(11, 7))
		execs, subs := make([]audience.Actor, 6), make([]audience.Actor, 6)
		for i := range execs {
			execs[i], subs[i] = w.exec(i), w.sub(i)
		}
		outcomes := map[ballot.State]int{}
		for n := range 200 {
			quorum := []ballot.Fraction{{Num: 1, Den: 2}, {Num: 2, Den: 3}, {Num: 1, Den: 3}, {Num: 1, Den: 1}}[rng.IntN(4)]
			majority := []ballot.Fraction{{Num: 2, Den: 3}, {Num: 1, Den: 2}, {Num: 3, Den: 4}}[rng.IntN(3)]
			m := w.opened(Motion{Sealed: n%2 == 0, Rules: ballot.Rules{Quorum: quorum, Majority: majority}})
			said, recused := map[int]ballot.Choice{}, map[int]bool{}
			byExec := map[int]bool{}
			w.Do(func(tx *db.Tx) error {
				for range rng.IntN(14) {
					i, c := rng.IntN(6), ballot.Choices[rng.IntN(3)]
					if recused[i] {
						continue
					}
					who := execs[i]
					switch rng.IntN(10) {
					case 0:
						if err := w.room.Recuse(tx, who, m.ID, w.seats[i].ID, "In conflict."); err != nil {
							return err
						}
						recused[i] = true
						continue
					case 1, 2:
						if byExec[i] {
							continue
						}
						who = subs[i]
					default:
						byExec[i] = true
					}
					if _, err := w.room.Cast(tx, who, m.ID, Said{Choice: c}); err != nil {
						return err
					}
					said[i] = c
				}
				return nil
			})
			m = w.close(m)
			var yes, no, abstain int
			for i, c := range said {
				switch {
				case recused[i]:
				case c == ballot.Yes:
					yes++
				case c == ballot.No:
					no++
				default:
					abstain++
				}
			}
			electorate, voted := 6-len(recused), yes+no+abstain
			want := ballot.Failed
			switch {
			case voted == 0 || voted*quorum.Den < electorate*quorum.Num:
				want = ballot.Void
			case yes > no && yes*majority.Den >= (yes+no)*majority.Num:
				want = ballot.Carried
			}
			if r := m.Result; r == nil || m.State != want || r.Outcome != want || r.Yes != yes || r.No != no || r.Abstain != abstain || r.Electorate != electorate {
				t.Fatalf("ballot %d: %s %+v, want %s with %d, %d, %d of %d", n, m.State, r, want, yes, no, abstain, electorate)
			}
			w.Do(func(tx *db.Tx) error {
				_, same, err := w.room.Recount(tx, execs[0], m.ID)
				if !same {
					t.Errorf("ballot %d: the recount differs", n)
				}
				return err
			})
			outcomes[m.State]++
		}
		for _, s := range []ballot.State{ballot.Carried, ballot.Failed, ballot.Void} {
			if outcomes[s] < 20 {
				t.Errorf("only %d ballots of 200 ended %s: %v", outcomes[s], s, outcomes)
			}
		}
		w.Verify(Tables()...)
	})
}

func TestMinutes(t *testing.T) {
	each(t, 3, func(w *world) {
		m := w.opened(Motion{Kind: Exception, Title: "Admit <b>a bank</b> | once", Text: "# Loud\n\nBecause."})
		w.Do(func(tx *db.Tx) error {
			for i, c := range []ballot.Choice{ballot.Yes, ballot.No} {
				if _, err := w.room.Cast(tx, w.exec2(tx, i), m.ID, Said{Choice: c, Reason: "My *reason*."}); err != nil {
					return err
				}
			}
			return w.room.Recuse(tx, w.exec2(tx, 2), m.ID, w.seats[2].ID, "We sell to it.")
		})
		m = w.close(m)
		w.Do(func(tx *db.Tx) error {
			text, err := Minutes(tx, w.cora, m.Number)
			for _, want := range []string{"TLP:AMBER+STRICT", "# B-1: Admit &lt;b&gt;a bank&lt;/b&gt; \\| once", "> # Loud", "| Member 00 | Exec0 | entitled to vote | yes | Exec0 |", "| Member 02 | Exec2 | recused | none |",
				"We sell to it.", "My \\*reason\\*.", "**Failed**: 1 for, 1 against, 0 abstaining.", "a tie"} {
				if !strings.Contains(text, want) {
					t.Errorf("the minutes lack %q:\n%s", want, text)
				}
			}
			return err
		})
	})
}
