package outreach_test

import (
	"testing"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/commons/outreach"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/seal"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world has three coordinators, an executive with the board's office, and
// somebody who is neither.
type world struct {
	*testing.T
	d *db.DB
	c *clock.Fake
	a map[string]audience.Actor
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s, err := seal.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t, d, c, map[string]audience.Actor{}}
		w.do(func(tx *db.Tx) error {
			if _, err := charter.Found(tx, s, charter.Charter{Name: "Lantern", Namespace: "https://lantern.example", Email: "contact@lantern.example"}); err != nil {
				return err
			}
			first, err := people.First(tx, "olga@lantern.example", "Olga")
			if err != nil {
				return err
			}
			op, err := people.ActorOf(tx, first.ID)
			if err != nil {
				return err
			}
			for name, role := range map[string]string{"one": charter.Coordinator, "two": charter.Coordinator, "three": charter.Coordinator, "executive": charter.Board, "member": ""} {
				p, err := people.Add(tx, op, name+"@lantern.example", name)
				if err != nil {
					return err
				}
				if role != "" {
					if err := people.GrantRole(tx, op, p.ID, role); err != nil {
						return err
					}
				}
				if w.a[name], err = people.ActorOf(tx, p.ID); err != nil {
					return err
				}
			}
			_, err = board.Chamber(tx)
			return err
		})
		f(w)
		w.do(func(tx *db.Tx) error {
			k, err := charter.Keeper(tx, s)
			if err != nil {
				return err
			}
			rep, err := k.Verify(t.Context(), d, outreach.Tables())
			if err == nil && len(rep.Problems) > 0 {
				t.Errorf("the ledger does not hold: %v", rep.Problems)
			}
			return err
		})
	})
}

func (w *world) do(f func(tx *db.Tx) error) {
	w.Helper()
	if err := w.d.Write(w.Context(), f); err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(what string, kind errs.Kind, f func(tx *db.Tx) error) {
	w.Helper()
	if err := w.d.Write(w.Context(), f); !errs.Is(err, kind) {
		w.Errorf("%s: %v, want %s", what, err, kind)
	}
}

func (w *world) write(who string, in outreach.Item) (i outreach.Item) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) { i, err = outreach.Write(tx, w.a[who], in); return err })
	return i
}

func (w *world) clear(who string, i outreach.Item) (out outreach.Item) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) { out, err = outreach.Clear(tx, w.a[who], i.ID, i.Version); return err })
	return out
}

func (w *world) public() (list []outreach.Item) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) { list, err = outreach.Published(tx); return err })
	return list
}

func TestTwoPairsOfEyes(t *testing.T) {
	each(t, func(w *world) {
		i := w.write("one", outreach.Item{Kind: outreach.Plan, Title: " A  second exercise ", Moment: "spring 2027"})
		clear := func(who string, version int64) func(*db.Tx) error {
			return func(tx *db.Tx) error { _, err := outreach.Clear(tx, w.a[who], i.ID, version); return err }
		}
		w.refused("its author", errs.Denied, clear("one", 1))
		w.refused("a member", errs.NotFound, clear("member", 1))
		w.refused("nobody", errs.Unauthenticated, func(tx *db.Tx) error { _, err := outreach.Clear(tx, audience.Actor{}, i.ID, 1); return err })
		i = w.clear("two", i)
		if len(w.public()) != 0 || i.State != outreach.Draft {
			t.Error("one pair of eyes was enough")
		}
		w.refused("twice by the same", errs.Conflict, clear("two", i.Version))
		w.refused("a version not seen", errs.Stale, clear("executive", i.Version-1))
		i = w.clear("executive", i)
		if list := w.public(); len(list) != 1 || list[0].Title != "A second exercise" || list[0].Author != "" || list[0].Clearances != nil {
			t.Errorf("%+v", list)
		}
		// A changed text loses its clearances, and is gone at once.
		i.Title = "Two more exercises"
		w.do(func(tx *db.Tx) (err error) { i, err = outreach.Edit(tx, w.a["two"], i); return err })
		if len(w.public()) != 0 {
			t.Error("a changed text is public")
		}
		w.refused("its new author", errs.Denied, clear("two", i.Version))
		i = w.clear("one", i) // who wrote the text before did not write this one
		i = w.clear("three", i)
		if len(w.public()) != 1 {
			t.Error("not public")
		}
		w.refused("withdrawn without a reason", errs.Invalid, func(tx *db.Tx) error { _, err := outreach.Withdraw(tx, w.a["one"], i.ID, " "); return err })
		w.do(func(tx *db.Tx) error { _, err := outreach.Withdraw(tx, w.a["one"], i.ID, "Put off."); return err })
		if len(w.public()) != 0 {
			t.Error("a withdrawn item is public")
		}
		w.refused("withdrawn twice", errs.Conflict, func(tx *db.Tx) error { _, err := outreach.Withdraw(tx, w.a["one"], i.ID, "x"); return err })
		w.refused("changed after that", errs.Conflict, func(tx *db.Tx) error { _, err := outreach.Edit(tx, w.a["one"], i); return err })
	})
}

func TestInstantOfRelease(t *testing.T) {
	each(t, func(w *world) {
		at := w.c.Now().Add(48 * time.Hour)
		i := w.write("one", outreach.Item{Kind: outreach.Done, Title: "An exercise with 40 members", NotBefore: at})
		w.clear("three", w.clear("two", i))
		w.c.Set(at.Add(-time.Microsecond))
		if len(w.public()) != 0 {
			t.Error("public before its instant")
		}
		w.c.Set(at)
		if len(w.public()) != 1 {
			t.Error("not public at its instant")
		}
	})
}

func TestFigures(t *testing.T) {
	each(t, func(w *world) {
		w.refused("a number without a figure", errs.Invalid, func(tx *db.Tx) error {
			_, err := outreach.Write(tx, w.a["one"], outreach.Item{Kind: outreach.Number, Title: "A million cases"})
			return err
		})
		f := outreach.Figure{Key: "cases", Name: "Cases", Value: "31", Counted: "Cases of which an advisory is public.", AsOf: w.c.Now()}
		i := w.write("one", outreach.Item{Kind: outreach.Number, Title: "A million cases", Figure: &f})
		if i.Title != "Cases" {
			t.Errorf("a number was given another name: %q", i.Title)
		}
		w.clear("three", w.clear("two", i))
		drawn := f.AsOf
		w.c.Advance(24 * time.Hour)
		if list := w.public(); len(list) != 1 || list[0].Figure.Value != "31" || !list[0].Figure.AsOf.Equal(drawn) || list[0].Figure.Name != "Cases" {
			t.Errorf("%+v", list)
		}
		var s outreach.Summary
		w.write("two", outreach.Item{Kind: outreach.Benefit, Title: "Fixes on the day of the advisory"})
		w.do(func(tx *db.Tx) (err error) { s, err = outreach.Brief(tx, w.a["executive"]); return err })
		if len(s.Numbers) != 1 || len(s.Benefits) != 0 || s.Waiting != 1 {
			t.Errorf("%+v", s)
		}
		w.do(func(tx *db.Tx) (err error) { s, err = outreach.Brief(tx, w.a["member"]); return err })
		if len(s.Numbers) != 1 || s.Waiting != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestWhoKeepsIt(t *testing.T) {
	each(t, func(w *world) {
		w.write("executive", outreach.Item{Kind: outreach.Plan, Title: "More"})
		w.refused("a member writes", errs.Denied, func(tx *db.Tx) error {
			_, err := outreach.Write(tx, w.a["member"], outreach.Item{Kind: outreach.Plan, Title: "Less"})
			return err
		})
		w.refused("a member lists", errs.Denied, func(tx *db.Tx) error { _, err := outreach.List(tx, w.a["member"]); return err })
		w.refused("nothing said", errs.Invalid, func(tx *db.Tx) error {
			_, err := outreach.Write(tx, w.a["one"], outreach.Item{Kind: outreach.Plan, Title: "\u200b"})
			return err
		})
		reads := w.a["one"]
		reads.Token, reads.Scopes = "tok", []string{charter.ScopeRead}
		w.do(func(tx *db.Tx) error { _, err := outreach.List(tx, reads); return err })
		w.refused("a token that reads", errs.Denied, func(tx *db.Tx) error {
			_, err := outreach.Write(tx, reads, outreach.Item{Kind: outreach.Plan, Title: "x"})
			return err
		})
	})
}
