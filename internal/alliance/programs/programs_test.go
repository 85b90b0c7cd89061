package programs_test

import (
	"strings"
	"testing"

	"tocsin/internal/alliance/alliancetest"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is two organizations, one of them with a person, and an operator.
type world struct {
	*alliancetest.Scene
	one, two orgs.Org
	ada      people.Person
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	alliancetest.Each(t, nil, func(s *alliancetest.Scene) {
		w := &world{Scene: s}
		w.Do(func(tx *db.Tx) error {
			w.ada, w.one, w.two = w.Person(tx, "Ada"), w.Org(tx, "One", orgs.Vendor), w.Org(tx, "Two", orgs.ISP)
			w.Join(tx, w.one, w.ada, orgs.Admin)
			return nil
		})
		f(w)
	})
}

func (w *world) program(name string) (p programs.Program) {
	w.Helper()
	w.Do(func(tx *db.Tx) error { p = w.Program(tx, name); return nil })
	return p
}

func TestProgramGivesSeatsThroughOrganizations(t *testing.T) {
	each(t, func(w *world) {
		p, op := w.program("TLS"), w.As(w.Olga)
		seat := func() bool {
			a := w.As(w.ada)
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
			w.Do(func(tx *db.Tx) error { return programs.Join(tx, op, p.ID, w.one.ID) })
		}
		if !seat() {
			t.Error("no seat after the organization joined")
		}
		p.State = programs.Closed
		w.Do(func(tx *db.Tx) (err error) { p, err = programs.Edit(tx, op, p); return err })
		if seat() {
			t.Error("a closed program gives seats")
		}
		w.Refused("joining a closed program", errs.Conflict, func(tx *db.Tx) error { return programs.Join(tx, op, p.ID, w.two.ID) })
		p.State = programs.Active
		w.Do(func(tx *db.Tx) (err error) { p, err = programs.Edit(tx, op, p); return err })
		if !seat() {
			t.Error("a program under way again gives no seats")
		}
		ada := w.As(w.ada)
		w.Refused("taking another organization out", errs.Denied, func(tx *db.Tx) error { return programs.Leave(tx, ada, p.ID, w.two.ID) })
		w.Do(func(tx *db.Tx) error { return programs.Leave(tx, ada, p.ID, w.one.ID) })
		if seat() {
			t.Error("a seat after the organization left")
		}
		w.Refused("leaving again", errs.NotFound, func(tx *db.Tx) error { return programs.Leave(tx, op, p.ID, w.one.ID) })
	})
}

func TestWhoSeesAndRunsPrograms(t *testing.T) {
	each(t, func(w *world) {
		p, op, ada := w.program("TLS"), w.As(w.Olga), w.As(w.ada)
		w.program("Routers")
		w.Refused("one who does not belong", errs.NotFound, func(tx *db.Tx) error { _, err := programs.Get(tx, ada, p.ID); return err })
		w.Refused("its organizations", errs.NotFound, func(tx *db.Tx) error { _, err := programs.Orgs(tx, ada, p.ID, "", 0); return err })
		w.Refused("its organizations by the directory", errs.NotFound, func(tx *db.Tx) error { _, err := orgs.List(tx, ada, orgs.Filter{Program: p.ID}); return err })
		w.Refused("a visitor", errs.Unauthenticated, func(tx *db.Tx) error { _, err := programs.List(tx, audience.Actor{}); return err })
		w.Do(func(tx *db.Tx) error { return programs.Join(tx, op, p.ID, w.one.ID) })
		ada = w.As(w.ada)
		w.Do(func(tx *db.Tx) error {
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
		w.Refused("a member edits", errs.Denied, func(tx *db.Tx) error { _, err := programs.Edit(tx, ada, p); return err })
		w.Refused("a member creates", errs.Denied, func(tx *db.Tx) error { _, err := programs.Create(tx, ada, p); return err })
		w.Refused("a member brings another in", errs.Denied, func(tx *db.Tx) error { return programs.Join(tx, ada, p.ID, w.two.ID) })
	})
}

func TestProgramRefusesBadFacts(t *testing.T) {
	each(t, func(w *world) {
		p, op := w.program("TLS"), w.As(w.Olga)
		for what, in := range map[string]programs.Program{
			"no name":        {Name: "\u202e\u200b", TLP: tlp.Green},
			"a long purpose": {Name: "X", Purpose: strings.Repeat("x", 10001), TLP: tlp.Green},
			"TLP:RED":        {Name: "X", TLP: tlp.Red},
			"no such level":  {Name: "X", TLP: 9},
			"a name taken":   {Name: "tls", TLP: tlp.Green},
		} {
			w.Refused(what, errs.Invalid, func(tx *db.Tx) error { _, err := programs.Create(tx, op, in); return err })
		}
		old := p
		p.Purpose = "Patch\u202e together."
		w.Do(func(tx *db.Tx) (err error) { p, err = programs.Edit(tx, op, p); return err })
		if p.Purpose != "Patch together." || p.Version != 2 {
			t.Errorf("after an edit: %+v", p)
		}
		w.Refused("an old version", errs.Stale, func(tx *db.Tx) error { _, err := programs.Edit(tx, op, old); return err })
		other := w.program("Routers")
		other.Name = "TLS"
		w.Refused("another one's name", errs.Invalid, func(tx *db.Tx) error { _, err := programs.Edit(tx, op, other); return err })
	})
}
