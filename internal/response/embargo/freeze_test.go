package embargo_test

import (
	"slices"
	"testing"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/spec/tlp"
)

func (s scene) program(name string) (p programs.Program) {
	s.t.Helper()
	s.must(func(tx *db.Tx) (err error) {
		p, err = programs.Create(tx, s.Ada, programs.Program{Name: name, TLP: tlp.Green})
		return err
	})
	return p
}

func (s scene) frozen(p programs.Program) (out bool) {
	s.t.Helper()
	s.must(func(tx *db.Tx) (err error) { out, err = membership.Frozen(tx, p.ID); return err })
	return out
}

func TestAnEmbargoFreezesApplicationsUntilItsEnd(t *testing.T) {
	each(t, func(s scene) {
		lab, other := s.program("Laboratory"), s.program("Other")
		freeze := func(a audience.Actor, id string) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { return embargo.Freeze(tx, a, s.Case.ID, id) }
		}
		s.fails(errs.Conflict, "without an embargo", freeze(s.Ada, lab.ID))
		p := s.agree(20 * day)
		s.fails(errs.Denied, "by a party", freeze(s.Vera, lab.ID))
		s.fails(errs.NotFound, "by an outsider", freeze(s.Otto, lab.ID))
		s.fails(errs.NotFound, "a program that is not there", freeze(s.Ada, "prg_none"))
		s.must(freeze(s.Ada, lab.ID))
		s.must(freeze(s.Ada, lab.ID))
		s.must(freeze(s.Ada, other.ID))
		s.must(func(tx *db.Tx) error {
			list, err := embargo.Frozen(tx, s.Ada, s.Case.ID)
			if len(list) != 2 {
				t.Errorf("frozen: %v", list)
			}
			return err
		})
		s.fails(errs.Denied, "read by a party", func(tx *db.Tx) error { _, err := embargo.Frozen(tx, s.Vera, s.Case.ID); return err })
		if n := len(s.events(membership.EventFrozen, s.Vera)); n != 0 {
			t.Errorf("a party reads %d events of it", n)
		}
		s.must(func(tx *db.Tx) error { return embargo.Thaw(tx, s.Ada, s.Case.ID, other.ID) })
		s.fails(errs.Conflict, "thawed twice", func(tx *db.Tx) error { return embargo.Thaw(tx, s.Ada, s.Case.ID, other.ID) })
		if !s.frozen(lab) || s.frozen(other) {
			t.Error("the wrong program rests")
		}
		s.clock.Set(p.Ends)
		s.tick()
		if s.frozen(lab) {
			t.Error("it rests after the embargo's end")
		}
	})
}

func TestFreezesGoAlongWithTheMatter(t *testing.T) {
	each(t, func(s scene) {
		lab := s.program("Laboratory")
		s.agree(20 * day)
		s.must(func(tx *db.Tx) error { return embargo.Freeze(tx, s.Ada, s.Case.ID, lab.ID) })
		var into casework.Case
		s.must(func(tx *db.Tx) (err error) {
			into, err = casework.OpenCase(tx, s.Ada, casework.NewCase{Title: "Another", Level: tlp.AmberStrict})
			return err
		})
		s.must(func(tx *db.Tx) (err error) {
			into, err = embargo.Merge(tx, s.Ada, s.Case.ID, into.ID, "the same flaw")
			return err
		})
		s.must(func(tx *db.Tx) error {
			by, err := membership.FrozenBy(tx, into.ID)
			if !slices.Equal(by, []string{lab.ID}) {
				t.Errorf("the case that took it over freezes %v", by)
			}
			old, _ := membership.FrozenBy(tx, s.Case.ID)
			if len(old) > 0 {
				t.Error("the merged case freezes on")
			}
			return err
		})
		s.must(func(tx *db.Tx) error { _, err := embargo.Terminate(tx, s.Ada, into.ID, "leaked"); return err })
		if s.frozen(lab) {
			t.Error("it rests after the embargo was ended")
		}
	})
}

// Whoever becomes a member sees no earlier embargoed case of the program.
func TestAMemberSeesNoEarlierEmbargoedCase(t *testing.T) {
	each(t, func(s scene) {
		lab := s.program("Laboratory")
		var c casework.Case
		var who people.Person
		s.must(func(tx *db.Tx) (err error) {
			if c, err = casework.OpenCase(tx, s.Ada, casework.NewCase{Title: "Under embargo", Level: tlp.AmberStrict, Program: lab.ID}); err != nil {
				return err
			}
			if _, err = embargo.Propose(tx, s.Ada, c.ID, embargo.Offer{Ends: tx.Now.Add(20 * day), Reason: "default"}); err != nil {
				return err
			}
			o, err := orgs.Create(tx, s.Ada, orgs.Org{Name: "Newcomer", Class: orgs.Vendor, Listed: true})
			if err != nil {
				return err
			}
			if who, err = people.Add(tx, audience.Actor{}, "nora@newcomer.example", "Nora"); err != nil {
				return err
			}
			if _, err = orgs.Join(tx, s.Ada, o.ID, who.ID, orgs.Admin); err != nil {
				return err
			}
			return programs.Add(tx, s.Ada, lab.ID, o.ID)
		})
		s.must(func(tx *db.Tx) error {
			a, err := people.ActorOf(tx, who.ID)
			if err != nil {
				return err
			}
			if !a.Holds(audience.Program, lab.ID) {
				t.Error("Nora is no member")
			}
			if _, _, err := casework.Load(tx, a, c.ID); !errs.Is(err, errs.NotFound) {
				t.Errorf("the case: %v", err)
			}
			page, err := casework.List(tx, a, casework.Filter{})
			if len(page.Cases) > 0 {
				t.Errorf("%d cases in the list", len(page.Cases))
			}
			return err
		})
	})
}
