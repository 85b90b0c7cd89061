package outreach_test

import (
	"testing"
	"time"

	"tocsin/internal/alliance/alliancetest"
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/commons/outreach"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world has three coordinators, an executive with the board's office, and
// somebody who is neither.
type world struct {
	*alliancetest.Scene
	a map[string]audience.Actor
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	alliancetest.Each(t, outreach.Tables(), func(s *alliancetest.Scene) {
		w := &world{s, map[string]audience.Actor{}}
		w.Do(func(tx *db.Tx) error {
			for _, name := range []string{"one", "two", "three"} {
				w.a[name] = w.Actor(tx, w.Person(tx, name, charter.Coordinator))
			}
			w.a["executive"], w.a["member"] = w.Actor(tx, w.Person(tx, "executive", charter.Board)), w.Actor(tx, w.Person(tx, "member"))
			_, err := board.Chamber(tx)
			return err
		})
		f(w)
	})
}

func (w *world) write(who string, in outreach.Item) (i outreach.Item) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) { i, err = outreach.Write(tx, w.a[who], in); return err })
	return i
}

func (w *world) clear(who string, i outreach.Item) (out outreach.Item) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) { out, err = outreach.Clear(tx, w.a[who], i.ID, i.Version); return err })
	return out
}

func (w *world) public() (list []outreach.Item) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) { list, err = outreach.Published(tx); return err })
	return list
}

func TestTwoPairsOfEyes(t *testing.T) {
	each(t, func(w *world) {
		i := w.write("one", outreach.Item{Kind: outreach.Plan, Title: " A  second exercise ", Moment: "spring 2027"})
		clear := func(who string, version int64) func(*db.Tx) error {
			return func(tx *db.Tx) error { _, err := outreach.Clear(tx, w.a[who], i.ID, version); return err }
		}
		w.Refused("its author", errs.Denied, clear("one", 1))
		w.Refused("a member", errs.NotFound, clear("member", 1))
		w.Refused("nobody", errs.Unauthenticated, func(tx *db.Tx) error { _, err := outreach.Clear(tx, audience.Actor{}, i.ID, 1); return err })
		i = w.clear("two", i)
		if len(w.public()) != 0 || i.State != outreach.Draft {
			t.Error("one pair of eyes was enough")
		}
		w.Refused("twice by the same", errs.Conflict, clear("two", i.Version))
		w.Refused("a version not seen", errs.Stale, clear("executive", i.Version-1))
		i = w.clear("executive", i)
		if list := w.public(); len(list) != 1 || list[0].Title != "A second exercise" || list[0].Author != "" || list[0].Clearances != nil {
			t.Errorf("%+v", list)
		}
		// A changed text loses its clearances, and is gone at once.
		i.Title = "Two more exercises"
		w.Do(func(tx *db.Tx) (err error) { i, err = outreach.Edit(tx, w.a["two"], i); return err })
		if len(w.public()) != 0 {
			t.Error("a changed text is public")
		}
		w.Refused("its new author", errs.Denied, clear("two", i.Version))
		i = w.clear("one", i) // who wrote the text before did not write this one
		i = w.clear("three", i)
		if len(w.public()) != 1 {
			t.Error("not public")
		}
		w.Refused("withdrawn without a reason", errs.Invalid, func(tx *db.Tx) error { _, err := outreach.Withdraw(tx, w.a["one"], i.ID, " "); return err })
		w.Do(func(tx *db.Tx) error { _, err := outreach.Withdraw(tx, w.a["one"], i.ID, "Put off."); return err })
		if len(w.public()) != 0 {
			t.Error("a withdrawn item is public")
		}
		w.Refused("withdrawn twice", errs.Conflict, func(tx *db.Tx) error { _, err := outreach.Withdraw(tx, w.a["one"], i.ID, "x"); return err })
		w.Refused("changed after that", errs.Conflict, func(tx *db.Tx) error { _, err := outreach.Edit(tx, w.a["one"], i); return err })
	})
}

func TestInstantOfRelease(t *testing.T) {
	each(t, func(w *world) {
		at := w.Clock.Now().Add(48 * time.Hour)
		i := w.write("one", outreach.Item{Kind: outreach.Done, Title: "An exercise with 40 members", NotBefore: at})
		w.clear("three", w.clear("two", i))
		w.Clock.Set(at.Add(-time.Microsecond))
		if len(w.public()) != 0 {
			t.Error("public before its instant")
		}
		w.Clock.Set(at)
		if len(w.public()) != 1 {
			t.Error("not public at its instant")
		}
	})
}

func TestFigures(t *testing.T) {
	each(t, func(w *world) {
		w.Refused("a number without a figure", errs.Invalid, func(tx *db.Tx) error {
			_, err := outreach.Write(tx, w.a["one"], outreach.Item{Kind: outreach.Number, Title: "A million cases"})
			return err
		})
		f := outreach.Figure{Key: "cases", Name: "Cases", Value: "31", Counted: "Cases of which an advisory is public.", AsOf: w.Clock.Now()}
		i := w.write("one", outreach.Item{Kind: outreach.Number, Title: "A million cases", Figure: &f})
		if i.Title != "Cases" {
			t.Errorf("a number was given another name: %q", i.Title)
		}
		w.clear("three", w.clear("two", i))
		drawn := f.AsOf
		w.Clock.Advance(24 * time.Hour)
		if list := w.public(); len(list) != 1 || list[0].Figure.Value != "31" || !list[0].Figure.AsOf.Equal(drawn) || list[0].Figure.Name != "Cases" {
			t.Errorf("%+v", list)
		}
		var s outreach.Summary
		w.write("two", outreach.Item{Kind: outreach.Benefit, Title: "Fixes on the day of the advisory"})
		w.Do(func(tx *db.Tx) (err error) { s, err = outreach.Brief(tx, w.a["executive"]); return err })
		if len(s.Numbers) != 1 || len(s.Benefits) != 0 || s.Waiting != 1 {
			t.Errorf("%+v", s)
		}
		w.Do(func(tx *db.Tx) (err error) { s, err = outreach.Brief(tx, w.a["member"]); return err })
		if len(s.Numbers) != 1 || s.Waiting != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestWhoKeepsIt(t *testing.T) {
	each(t, func(w *world) {
		w.write("executive", outreach.Item{Kind: outreach.Plan, Title: "More"})
		w.Refused("a member writes", errs.Denied, func(tx *db.Tx) error {
			_, err := outreach.Write(tx, w.a["member"], outreach.Item{Kind: outreach.Plan, Title: "Less"})
			return err
		})
		w.Refused("a member lists", errs.Denied, func(tx *db.Tx) error { _, err := outreach.List(tx, w.a["member"]); return err })
		w.Refused("nothing said", errs.Invalid, func(tx *db.Tx) error {
			_, err := outreach.Write(tx, w.a["one"], outreach.Item{Kind: outreach.Plan, Title: "\u200b"})
			return err
		})
		reads := w.a["one"]
		reads.Token, reads.Scopes = "tok", []string{charter.ScopeRead}
		w.Do(func(tx *db.Tx) error { _, err := outreach.List(tx, reads); return err })
		w.Refused("a token that reads", errs.Denied, func(tx *db.Tx) error {
			_, err := outreach.Write(tx, reads, outreach.Item{Kind: outreach.Plan, Title: "x"})
			return err
		})
	})
}
