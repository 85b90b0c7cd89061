package membership_test

import (
	"testing"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/membership"
)

// Whoever sits on the board reads how all members stand, and changes nothing
// of it; the seat gives it and takes it.
func TestTheBoardReadsHowMembersStand(t *testing.T) {
	standing(t, func(w *stand) {
		ref := in(w.umbrella, w.orgs[0])
		w.Do(func(tx *db.Tx) error {
			_, err := membership.Warn(tx, w.Actor(tx, w.cora), ref, "Two leaks.")
			return err
		})
		warned := w.member1(ref)
		penalty := w.penalties(warned)[0]
		w.Do(func(tx *db.Tx) error {
			_, err := membership.Appeal(tx, w.Actor(tx, w.admins[0]), penalty.ID, "One.")
			return err
		})

		exec := w.As(w.execs[1])
		w.Do(func(tx *db.Tx) error {
			list, err := membership.Penalties(tx, exec, warned.ID)
			if err != nil || len(list) != 1 || list[0].Plea != "One." || list[0].Appeal != spec.AppealFiled {
				w.Errorf("an executive reads of sanctions: %+v, %v", list, err)
			}
			page, err := membership.Members(tx, exec, membership.StandingFilter{Appealed: true})
			if err == nil && len(page.Members) != 1 {
				w.Errorf("an executive lists %+v", page.Members)
			}
			return err
		})
		w.Refused("an executive warns", errs.Denied, func(tx *db.Tx) error {
			_, err := membership.Warn(tx, exec, in(w.umbrella, w.orgs[2]), "x")
			return err
		})
		w.Refused("an executive lifts", errs.Denied, func(tx *db.Tx) error { _, err := membership.Lift(tx, exec, penalty.ID, "x"); return err })
		sees := func(what string, want bool) {
			w.Helper()
			w.Do(func(tx *db.Tx) error {
				a := w.Actor(tx, w.execs[1])
				_, err := membership.StandingIn(tx, a, ref)
				if (err == nil) != want || a.Holds(audience.Office, charter.Bench) != want {
					w.Errorf("%s: %v, want sight %v", what, err, want)
				}
				return nil
			})
		}
		// Giving and taking roles seats a person anew; the seat stays.
		w.Do(func(tx *db.Tx) error { return people.GrantRole(tx, w.Actor(tx, w.op), w.execs[1].ID, charter.Operator) })
		w.Do(func(tx *db.Tx) error {
			return people.RevokeRole(tx, w.Actor(tx, w.op), w.execs[1].ID, charter.Operator)
		})
		sees("seated anew", true)
		w.Do(func(tx *db.Tx) error {
			op := w.Actor(tx, w.op)
			list, err := board.Seats(tx, op, false)
			for _, s := range list {
				if err == nil && s.Person == w.execs[1].ID {
					_, err = board.End(tx, op, s.ID, "Resigned.", s.Version)
				}
			}
			return err
		})
		sees("the seat ended", false)
	})
}
