package contacts_test

import (
	"testing"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Who works for a member and for a body of a class that the program shuts out
// reads nothing of what its members share.
func TestWhoAlsoWorksForWhomAProgramShutsOut(t *testing.T) {
	each(t, func(w *world) {
		desk := w.add(contacts.Contact{Kind: contacts.Desk, Name: "Desk", Mail: "desk@one.example", Shared: []string{w.program.ID}})
		var ministry orgs.Org
		look := func() error {
			return w.DB.Write(w.Context(), func(tx *db.Tx) error {
				a := w.Actor(tx, w.both)
				_, err := contacts.Look(tx, a, desk.ID)
				return err
			})
		}
		w.Do(func(tx *db.Tx) error {
			ministry = w.Org(tx, "Ministry", orgs.Government)
			w.both = w.Person(tx, "Both")
			w.Join(tx, w.two, w.both, orgs.Responder)
			w.Join(tx, ministry, w.both, orgs.Responder)
			return nil
		})
		if err := look(); err != nil {
			t.Errorf("before anybody is shut out: %v", err)
		}
		w.Do(func(tx *db.Tx) error {
			r, err := programs.RulesOf(tx, w.program.ID)
			if err != nil {
				return err
			}
			r.ShutOut = []orgs.Class{orgs.Government}
			_, err = programs.ChangeRules(tx, w.Operator(tx), r)
			return err
		})
		if err := look(); !errs.Is(err, errs.NotFound) {
			t.Errorf("who also works for the ministry looks: %v", err)
		}
		w.Do(func(tx *db.Tx) error { _, err := contacts.Look(tx, w.actors["other"], desk.ID); return err })
	})
}
