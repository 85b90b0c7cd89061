package advisory_test

import (
	"testing"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/response/advisory"
)

func TestReviewIsOwedByOtherEyes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newDesk(t, d, c)
		var v advisory.Advisory
		s.do(func(tx *db.Tx) (err error) {
			v, err = advisory.Draft(tx, s.Ada, s.Case.ID)
			return err
		})
		owes := func(a audience.Actor) int {
			n := 0
			s.do(func(tx *db.Tx) error {
				list, err := advisory.Owed(tx, a)
				n = len(list)
				return err
			})
			return n
		}
		if owes(s.Cora) != 0 {
			t.Error("a review is owed of a draft that nobody submitted")
		}
		s.do(func(tx *db.Tx) error { _, err := advisory.Submit(tx, s.Ada, v.ID, 1); return err })
		for who, want := range map[*audience.Actor]int{&s.Ada: 0, &s.Cora: 1, &s.Vera: 0, &s.Otto: 0} {
			if got := owes(*who); got != want {
				t.Errorf("%s owes %d reviews, want %d", who.Person, got, want)
			}
		}
	})
}
