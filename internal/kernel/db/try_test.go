package db_test

import (
	"errors"
	"testing"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
)

// What fails inside a transaction is undone alone: its rows, its events and
// its steps, also after an error that spoils the transaction itself.
func TestTryUndoesOnlyWhatFailed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		no := errs.New(errs.Conflict, "no")
		ran := map[string]bool{}
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			clear(ran)
			step := func(name string) {
				ledger.Append(tx, ledger.Event{Kind: "test." + name})
				tx.BeforeCommit(func() error { ran["before "+name] = true; return nil })
				tx.AfterCommit(func() { ran["after "+name] = true })
			}
			step("first")
			if err := put(tx, "first", 1); err != nil {
				return err
			}
			refused, err := tx.Try(func() error {
				step("second")
				if err := put(tx, "second", 1); err != nil {
					return err
				}
				return no
			})
			if err != nil || !errors.Is(refused, no) {
				t.Errorf("Try: %v, %v", refused, err)
			}
			refused, err = tx.Try(func() error { return put(tx, "first", 2) })
			if err != nil || !db.Taken(refused) {
				t.Errorf("Try with a broken constraint: %v, %v", refused, err)
			}
			if refused, err = tx.Try(func() error { step("third"); return put(tx, "third", 1) }); err != nil || refused != nil {
				t.Errorf("Try that works: %v, %v", refused, err)
			}
			step("fourth")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := leases(t, d); n != 2 {
			t.Errorf("%d rows, want those of the first and the third step", n)
		}
		for _, name := range []string{"first", "third", "fourth"} {
			if !ran["before "+name] || !ran["after "+name] {
				t.Errorf("a step of %s did not run: %v", name, ran)
			}
		}
		if ran["before second"] || ran["after second"] {
			t.Error("a step of what was undone ran")
		}
		var kinds []string
		if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
			kinds, err = db.Column[string](tx, `SELECT kind FROM event ORDER BY seq`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(kinds) != 3 || kinds[1] != "test.third" {
			t.Errorf("events %v", kinds)
		}
	})
}

// A slot that was first made inside a failed attempt is not there afterwards.
func TestTryForgetsEventsOfAFailedAttemptAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		var n int64
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Try(func() error {
				ledger.Append(tx, ledger.Event{Kind: "test.lost"})
				return errs.New(errs.Conflict, "no")
			}); err != nil {
				return err
			}
			ledger.Append(tx, ledger.Event{Kind: "test.kept"})
			return nil
		})
		if err == nil {
			err = d.Read(t.Context(), func(tx *db.Tx) (err error) {
				n, err = db.Value[int64](tx, `SELECT count(*) FROM event WHERE kind = 'test.kept'`)
				return err
			})
		}
		if err != nil || n != 1 {
			t.Errorf("%d events, %v", n, err)
		}
	})
}
