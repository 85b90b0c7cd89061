package membership_test

import (
	"testing"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/constituency"
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	claims "tocsin/spec/constituency"
)

// What a member answers for, and the contacts it shares, are seen by its
// fellow members while it takes part in their program; while it is suspended
// there, above or in the whole alliance, by the coordinators, and by its own
// people while they may act for it.
func TestWhatASuspendedMemberShares(t *testing.T) {
	standing(t, func(w *stand) {
		var c constituency.Claim
		w.Do(func(tx *db.Tx) (err error) {
			cora := w.Actor(tx, w.cora)
			if c, err = (constituency.Registrar{Box: w.Box, URL: "https://lantern.example", Demo: true}).Declare(tx, cora, w.orgs[0].ID, claims.ASN, "3333", ""); err != nil {
				return err
			}
			_, err = constituency.Confirm(tx, w.Actor(tx, w.dora), c.ID, "Read in the register.")
			return err
		})
		var kept contacts.Contact
		w.Do(func(tx *db.Tx) (err error) {
			kept, err = contacts.Add(tx, w.Actor(tx, w.cora), contacts.Contact{Org: w.orgs[0].ID, Kind: contacts.Response, Name: "The desk", Mail: "desk@vexel.example", TimeZone: "UTC", Shared: []string{w.umbrella.ID, w.sub.ID}})
			return err
		})
		sees := func(when string, p people.Person, want bool) {
			t.Helper()
			a := w.As(p)
			var list constituency.Page
			var answer constituency.Answer
			var getting, asking error
			w.Do(func(tx *db.Tx) (err error) {
				if _, getting = constituency.Get(tx, a, c.ID); getting != nil && !errs.Is(getting, errs.NotFound) {
					return getting
				}
				if list, err = constituency.List(tx, a, constituency.Filter{}); err != nil {
					return err
				}
				if _, _, asking = contacts.Glimpse(tx, a, kept.ID); asking != nil && !errs.Is(asking, errs.NotFound) {
					return asking
				}
				answer, err = constituency.WhoAnswersFor(tx, a, "AS3333")
				return err
			})
			if got := asking == nil; got != want {
				t.Errorf("%s, %s sees the contact: %v; want %v", when, p.Name, got, want)
			}
			if got := getting == nil; got != want || len(list.Claims) > 0 != want || len(answer.Claims) > 0 != want {
				t.Errorf("%s, %s reads it: %v, lists %d and is answered %d; want %v", when, p.Name, got, len(list.Claims), len(answer.Claims), want)
			}
		}
		for _, in := range []struct {
			where, program string
			fellow, itsOwn bool
		}{
			{"in one of two programs", w.sub.ID, true, true}, // fellow members in the umbrella go on seeing it
			{"in the program above", w.umbrella.ID, false, true},
			{"in the whole alliance", "", false, false},
		} {
			sees("in good standing", w.reader[1], true)
			sees("in good standing", w.reader[0], true)
			m := membership.Membership{Program: in.program, Org: w.orgs[0].ID}
			w.Do(func(tx *db.Tx) error { return w.byBoard(tx, board.Suspend, m, "") })
			sees("suspended "+in.where, w.reader[1], in.fellow)
			sees("suspended "+in.where, w.reader[0], in.itsOwn)
			sees("suspended "+in.where, w.cora, true)
			p := w.penalties(w.member1(m.Ref()))[0]
			w.Do(func(tx *db.Tx) error { return w.byBoard(tx, board.Other, m, p.ID) })
		}
		sees("in good standing again", w.reader[1], true)
		// In the one program that both are in alone.
		w.Do(func(tx *db.Tx) error {
			return programs.Remove(tx, w.Actor(tx, w.op), w.umbrella.ID, w.orgs[0].ID)
		})
		w.Do(func(tx *db.Tx) error {
			return w.byBoard(tx, board.Suspend, membership.Membership{Program: w.sub.ID, Org: w.orgs[0].ID}, "")
		})
		sees("suspended in the only program that both are in", w.reader[1], false)
		sees("suspended in the only program that both are in", w.reader[0], true)
	})
}
