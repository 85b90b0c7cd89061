package programs_test

import (
	"strings"
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is two organizations, one of them with a person, and an operator.
type world struct {
	*testing.T
	d        *db.DB
	one, two orgs.Org
	op, ada  people.Person
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s, err := seal.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, d: d}
		w.do(func(tx *db.Tx) (err error) {
			if _, err = charter.Found(tx, s, charter.Charter{Name: "Lantern", Namespace: "https://lantern.example", Email: "c@lantern.example"}); err != nil {
				return err
			}
			if w.op, err = people.First(tx, "olga@lantern.example", "Olga"); err != nil {
				return err
			}
			if w.ada, err = people.Add(tx, audience.Actor{}, "ada@one.example", "Ada"); err != nil {
				return err
			}
			a, err := people.ActorOf(tx, w.op.ID)
			if err != nil {
				return err
			}
			if w.one, err = orgs.Create(tx, a, orgs.Org{Name: "One", Class: orgs.Vendor, Listed: true}); err != nil {
				return err
			}
			if w.two, err = orgs.Create(tx, a, orgs.Org{Name: "Two", Class: orgs.ISP, Listed: true}); err != nil {
				return err
			}
			_, err = orgs.Join(tx, a, w.one.ID, w.ada.ID, orgs.Admin)
			return err
		})
		f(w)
		w.do(func(tx *db.Tx) error {
			k, err := charter.Keeper(tx, s)
			if err != nil {
				return err
			}
			rep, err := k.Verify(t.Context(), d, append(programs.Tables(), orgs.Tables()...))
			if err == nil && len(rep.Problems) > 0 {
				t.Errorf("the ledger does not hold: %v", rep.Problems)
			}
			return err
		})
	})
}

func (w *world) do(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.d.Write(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(what string, kind errs.Kind, fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.d.Write(w.Context(), fn); !errs.Is(err, kind) {
		w.Errorf("%s: %v, want %s", what, err, kind)
	}
}

func (w *world) as(p people.Person) audience.Actor {
	w.Helper()
	var a audience.Actor
	w.do(func(tx *db.Tx) (err error) { a, err = people.ActorOf(tx, p.ID); return err })
	return a
}

func (w *world) program(name string) programs.Program {
	w.Helper()
	op := w.as(w.op)
	var p programs.Program
	w.do(func(tx *db.Tx) (err error) {
		p, err = programs.Create(tx, op, programs.Program{Name: name, Purpose: "Patch together.", TLP: tlp.Green})
		return err
	})
	return p
}

func TestProgramGivesSeatsThroughOrganizations(t *testing.T) {
	each(t, func(w *world) {
		p, op := w.program("TLS"), w.as(w.op)
		seat := func() bool {
			a := w.as(w.ada)
			for _, s := range a.Seats {
				if s.Kind == audience.Program && s.ID == p.ID {
					if s.Party != (audience.Party{Kind: audience.Org, ID: w.one.ID}) || s.Cap != audience.Contributor || s.Class != "vendor" {
						t.Errorf("seat %+v", s)
					}
					return true
				}
			}
			return false
		}
		if seat() {
			t.Error("a seat before the organization joined")
		}
		for range 2 {
			w.do(func(tx *db.Tx) error { return programs.Join(tx, op, p.ID, w.one.ID) })
		}
		if !seat() {
			t.Error("no seat after the organization joined")
		}
		p.State = programs.Closed
		w.do(func(tx *db.Tx) (err error) { p, err = programs.Edit(tx, op, p); return err })
		if seat() {
			t.Error("a closed program gives seats")
		}
		w.refused("joining a closed program", errs.Conflict, func(tx *db.Tx) error { return programs.Join(tx, op, p.ID, w.two.ID) })
		p.State = programs.Active
		w.do(func(tx *db.Tx) (err error) { p, err = programs.Edit(tx, op, p); return err })
		if !seat() {
			t.Error("a program under way again gives no seats")
		}
		ada := w.as(w.ada)
		w.refused("taking another organization out", errs.Denied, func(tx *db.Tx) error { return programs.Leave(tx, ada, p.ID, w.two.ID) })
		w.do(func(tx *db.Tx) error { return programs.Leave(tx, ada, p.ID, w.one.ID) })
		if seat() {
			t.Error("a seat after the organization left")
		}
		w.refused("leaving again", errs.NotFound, func(tx *db.Tx) error { return programs.Leave(tx, op, p.ID, w.one.ID) })
	})
}

func TestWhoSeesAndRunsPrograms(t *testing.T) {
	each(t, func(w *world) {
		p, op, ada := w.program("TLS"), w.as(w.op), w.as(w.ada)
		w.program("Routers")
		w.refused("one who does not belong", errs.NotFound, func(tx *db.Tx) error { _, err := programs.Get(tx, ada, p.ID); return err })
		w.refused("its organizations", errs.NotFound, func(tx *db.Tx) error { _, err := programs.Orgs(tx, ada, p.ID, "", 0); return err })
		w.refused("its organizations by the directory", errs.NotFound, func(tx *db.Tx) error { _, err := orgs.List(tx, ada, orgs.Filter{Program: p.ID}); return err })
		w.refused("a visitor", errs.Unauthenticated, func(tx *db.Tx) error { _, err := programs.List(tx, audience.Actor{}); return err })
		w.do(func(tx *db.Tx) error { return programs.Join(tx, op, p.ID, w.one.ID) })
		ada = w.as(w.ada)
		w.do(func(tx *db.Tx) error {
			mine, err := programs.List(tx, ada)
			if len(mine) != 1 || mine[0].Name != "TLS" || mine[0].TLP != tlp.Green {
				t.Errorf("a member sees %+v", mine)
			}
			page, err2 := programs.Orgs(tx, ada, p.ID, "", 0)
			if len(page.Orgs) != 1 || page.Orgs[0].ID != w.one.ID {
				t.Errorf("organizations %+v", page)
			}
			all, err3 := programs.List(tx, op)
			if len(all) != 2 || all[0].Name != "Routers" {
				t.Errorf("an operator sees %+v", all)
			}
			for _, e := range []error{err, err2, err3} {
				if e != nil {
					return e
				}
			}
			return nil
		})
		w.refused("a member edits", errs.Denied, func(tx *db.Tx) error { _, err := programs.Edit(tx, ada, p); return err })
		w.refused("a member creates", errs.Denied, func(tx *db.Tx) error { _, err := programs.Create(tx, ada, p); return err })
		w.refused("a member brings another in", errs.Denied, func(tx *db.Tx) error { return programs.Join(tx, ada, p.ID, w.two.ID) })
	})
}

func TestProgramRefusesBadFacts(t *testing.T) {
	each(t, func(w *world) {
		p, op := w.program("TLS"), w.as(w.op)
		for what, in := range map[string]programs.Program{
			"no name":        {Name: "\u202e\u200b", TLP: tlp.Green},
			"a long purpose": {Name: "X", Purpose: strings.Repeat("x", 10001), TLP: tlp.Green},
			"TLP:RED":        {Name: "X", TLP: tlp.Red},
			"no such level":  {Name: "X", TLP: 9},
			"a name taken":   {Name: "tls", TLP: tlp.Green},
		} {
			w.refused(what, errs.Invalid, func(tx *db.Tx) error { _, err := programs.Create(tx, op, in); return err })
		}
		old := p
		p.Purpose = "Patch\u202e together."
		w.do(func(tx *db.Tx) (err error) { p, err = programs.Edit(tx, op, p); return err })
		if p.Purpose != "Patch together." || p.Version != 2 {
			t.Errorf("after an edit: %+v", p)
		}
		w.refused("an old version", errs.Stale, func(tx *db.Tx) error { _, err := programs.Edit(tx, op, old); return err })
		other := w.program("Routers")
		other.Name = "TLS"
		w.refused("another one's name", errs.Invalid, func(tx *db.Tx) error { _, err := programs.Edit(tx, op, other); return err })
	})
}

// as2 is Ada within a transaction that is under way.
func (w *world) as2(tx *db.Tx) audience.Actor {
	w.Helper()
	a, err := people.ActorOf(tx, w.ada.ID)
	if err != nil {
		w.Fatal(err)
	}
	return a
}
