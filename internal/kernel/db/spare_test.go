package db_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
)

// Of a clock's pieces of work each stands alone; what is refused is told once
// it is sure, and not tried again at once.
func TestWhatIsSparedHoldsNothingUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		var told bytes.Buffer
		d.Log = slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelWarn}))
		due := c.Now().Add(-time.Hour)
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if tx.Resume(due) != due {
				t.Error("waits though nothing was spared")
			}
			for _, piece := range []string{"one", "two", "one", "three"} {
				if err := tx.Spare("piece "+piece, func() error { return put(tx, piece, 1) }); err != nil {
					return err
				}
			}
			if err := tx.Spare("piece four", func() error { return errs.New(errs.Conflict, "Another was faster.") }); err != nil {
				return err
			}
			if told.Len() > 0 {
				t.Error("told before the transaction was sure")
			}
			if next := tx.Resume(due); !next.After(tx.Now) {
				t.Errorf("tries again at %s", next)
			}
			if later := tx.Now.Add(time.Hour); tx.Resume(later) != later || !tx.Resume(time.Time{}).IsZero() {
				t.Error("what is not due yet is moved")
			}
			return nil
		})
		if err != nil || leases(t, d) != 3 {
			t.Errorf("%d of 3 pieces were done (%v)", leases(t, d), err)
		}
		if got := told.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `piece="piece one"`) {
			t.Errorf("the log says %s", got)
		}
		told.Reset()
		lost := errors.New("lost")
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := tx.Spare("piece five", func() error { return lost }); err != nil {
				return err
			}
			return lost
		}); err == nil || told.Len() > 0 {
			t.Errorf("%v, and told %s", err, told.String())
		}
	})
}
