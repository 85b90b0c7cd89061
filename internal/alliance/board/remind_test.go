package board

import (
	"slices"
	"testing"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/spec/ballot"
)

// A ballot that is open for longer than a day is recalled once, a day before
// its deadline; a shorter one is not, nor one that was withdrawn.
func TestReminderADayBefore(t *testing.T) {
	each(t, 2, func(w *world) {
		long := w.opened(Motion{Deadline: w.Clock.Now().Add(72 * time.Hour), Sealed: true})
		short := w.opened(Motion{Deadline: w.Clock.Now().Add(20 * time.Hour)})
		gone := w.opened(Motion{Deadline: w.Clock.Now().Add(72 * time.Hour)})
		w.Do(func(tx *db.Tx) error { _, err := w.room.Withdraw(tx, w.cora, gone.ID, "Not now."); return err })
		count := func(m Motion) (n int) {
			for _, k := range w.events(m) {
				if k == EventReminded {
					n++
				}
			}
			return n
		}
		if w.tick(); count(long)+count(short)+count(gone) != 0 {
			w.Error("somebody was reminded too early")
		}
		w.cast(w.exec(0), long, ballot.Yes)
		version := w.motion(long).Version
		w.Clock.Set(long.Deadline.Add(-warning))
		for range 3 {
			w.tick()
		}
		if count(long) != 1 || count(short) != 0 || count(gone) != 0 {
			w.Errorf("reminders: %d, %d, %d", count(long), count(short), count(gone))
		}
		if w.motion(long).Version != version {
			w.Error("the reminder changed the motion's version")
		}
		if !slices.Contains(w.events(short), EventVoid) {
			w.Error("the short ballot was not closed")
		}
		w.Verify(Tables()...)
	})
}

func TestAccess(t *testing.T) {
	each(t, 1, func(w *world) {
		w.Do(func(tx *db.Tx) error {
			for _, c := range []struct {
				name string
				got  func() (Access, error)
				want Access
			}{
				{"executive", func() (Access, error) { return AccessOf(tx, w.Actor(tx, w.people[0])) }, Access{Reads: true, Puts: true}},
				{"substitute", func() (Access, error) { return AccessOf(tx, w.Actor(tx, w.substitutes[0])) }, Access{Reads: true, Puts: true}},
				{"coordinator", func() (Access, error) { return AccessOf(tx, w.cora) }, Access{true, true, true}},
				{"operator", func() (Access, error) { return AccessOf(tx, w.runner) }, Access{Keeps: true}},
				{"stranger", func() (Access, error) { return AccessOf(tx, w.otto) }, Access{}},
			} {
				if got, err := c.got(); err != nil || got != c.want {
					t.Errorf("%s: %+v, %v", c.name, got, err)
				}
			}
			own, err := Own(tx, w.Actor(tx, w.substitutes[0]))
			if err != nil || len(own) != 1 {
				t.Errorf("own seats of the substitute: %v, %v", own, err)
			}
			list, err := Seats(tx, w.runner, false)
			if err != nil || len(list) != 1 {
				t.Errorf("the operator, who keeps the list, sees %v, %v", list, err)
			}
			return nil
		})
	})
}
