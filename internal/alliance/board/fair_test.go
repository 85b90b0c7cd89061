package board

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
)

// Nobody can have something carried out by a ballot that few need to vote in
// or that is over before the others look; what only stands in the minutes may
// be decided as its proposer likes.
func TestABallotThatBindsIsFair(t *testing.T) {
	part := func(n, d int) ballot.Rules {
		return ballot.Rules{Quorum: ballot.Fraction{Num: n, Den: d}, Majority: ballot.DefaultMajority}
	}
	each(t, 3, func(w *world) {
		ran, alone := 0, w.exec(0)
		w.room.Effects = map[Kind]Effect{}
		for _, k := range Kinds {
			w.room.Effects[k] = func(*db.Tx, Motion) error { ran++; return nil }
		}
		binding := []Motion{{Kind: Other, Proposal: []byte(`{"sanction":"x"}`)}}
		for _, k := range Kinds {
			if k != Publish && k != Spend && k != Other {
				binding = append(binding, Motion{Kind: k})
			}
		}
		for _, in := range binding {
			in.Title, in.Object = "A question", ledger.Object{Kind: "program", ID: "x"}
			for _, tc := range []struct {
				rules ballot.Rules
				open  time.Duration
				why   string // "": it opens
			}{
				{part(1, 100), 7 * 24 * time.Hour, "1/2 or more"},
				{part(499, 1000), 7 * 24 * time.Hour, "1/2 or more"},
				{part(1, 2), time.Minute, "at least 24 hours"},
				{part(999, 1000), 24*time.Hour - time.Microsecond, "at least 24 hours"},
				{part(1, 2), 24 * time.Hour, ""},
				{part(7, 7), time.Minute, ""},
			} {
				in.Rules, in.Deadline = tc.rules, w.Clock.Now().Add(tc.open)
				var m Motion
				w.Do(func(tx *db.Tx) (err error) { m, err = Propose(tx, alone, in); return err })
				open := func(tx *db.Tx) (err error) { _, err = Open(tx, alone, m.ID, m.Version); return err }
				if tc.why == "" {
					w.Do(open)
					continue
				}
				w.Refused(string(in.Kind), errs.Conflict, open)
				if err := w.DB.Write(w.Context(), open); err == nil || !strings.Contains(err.Error(), tc.why) {
					w.Errorf("%s, quorum %s, open for %s: %v", in.Kind, tc.rules.Quorum, tc.open, err)
				}
			}
		}

		// In an emergency everybody votes: one alone decides nothing.
		urgent := Motion{Kind: Suspend, Title: "At once", Rules: part(1, 1), Early: true, Deadline: w.Clock.Now().Add(time.Minute)}
		few, all := w.opened(urgent), w.opened(urgent)
		w.cast(w.exec(0), few, ballot.Yes)
		for i := range 3 {
			w.cast(w.exec(i), all, ballot.Yes)
		}
		if all = w.motion(all); all.State != ballot.Carried || ran != 1 {
			w.Errorf("with the votes of all it is %s; effects that ran: %d", all.State, ran)
		}
		if few = w.close(few); few.State != ballot.Void {
			w.Errorf("with one vote it is %s", few.State)
		}

		for _, in := range []Motion{{Kind: Other}, {Kind: Spend}, {Kind: Publish}} {
			in.Rules, in.Deadline = part(1, 100), w.Clock.Now().Add(time.Minute)
			w.opened(in)
		}
	})
}

// Whom an exception is for takes no part in it, though the motion is about a
// case.
func TestWhomAnExceptionIsForIsRecused(t *testing.T) {
	each(t, 3, func(w *world) {
		m := w.opened(Motion{Kind: Exception, Object: ledger.Object{Kind: "case", ID: "case_x"}, Proposal: []byte(`{"party":"` + w.orgs[1].ID + `"}`)})
		w.Do(func(tx *db.Tx) error {
			list, err := recusals(tx, m)
			if len(list) != 1 || list[0].Seat != w.seats[1].ID {
				w.Errorf("recused: %+v", list)
			}
			return err
		})
		executive := w.exec(1)
		w.Refused("the party's vote", errs.Denied, func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, executive, m.ID, Said{Choice: ballot.Yes})
			return err
		})
	})
}

// An executive recuses nobody else, also not from a motion of their own.
func TestOnlyCoordinatorsRecuseOthers(t *testing.T) {
	each(t, 3, func(w *world) {
		proposer := w.exec(0)
		var m Motion
		w.Do(func(tx *db.Tx) (err error) {
			if m, err = Propose(tx, proposer, Motion{Kind: Other, Title: "Mine"}); err == nil {
				m, err = Open(tx, proposer, m.ID, m.Version)
			}
			return err
		})
		w.Refused("recused by the proposer", errs.Denied, func(tx *db.Tx) error {
			return w.room.Excuse(tx, proposer, m.ID, w.orgs[1].ID, "Go away.")
		})
		w.Do(func(tx *db.Tx) error { return w.room.Excuse(tx, w.cora, m.ID, w.orgs[1].ID, "In conflict.") })
	})
}

// What nothing would be done about cannot be put.
func TestKindsThatDoNothingAreNotPut(t *testing.T) {
	each(t, 1, func(w *world) {
		for _, k := range []Kind{Reduce, Restore, Appeal, Agreement} {
			w.Refused(string(k), errs.Invalid, func(tx *db.Tx) error {
				_, err := Propose(tx, w.cora, Motion{Kind: k, Title: "A question"})
				return err
			})
		}
	})
}
