package membership

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/spec/membership"
)

// An application that cannot be read keeps no other from going on; two
// replicas that tick at once remind an applicant once.
func TestAnApplicationThatCannotGoOnHoldsUpNoOther(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		bad, _ := w.begun(w.lab.ID, w.form)
		good, _ := w.begun(w.program.ID, w.form)
		before := len(w.mails(w.form.Contact))
		var told bytes.Buffer
		w.DB.Log = slog.New(slog.NewTextHandler(&told, nil))
		set := func(evidence string) (was string) {
			w.Do(func(tx *db.Tx) (err error) {
				if was, err = db.Value[string](tx, `SELECT evidence FROM application WHERE id = $1`, bad.ID); err == nil {
					_, err = tx.Exec(`UPDATE application SET evidence = $1 WHERE id = $2`, evidence, bad.ID)
				}
				return err
			})
			return was
		}
		was := set("{")
		w.Clock.Set(good.LapsesAt.Add(-24 * time.Hour))
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := w.DB.Write(w.Context(), func(tx *db.Tx) error {
					next, err := w.desk.Tick(tx)
					if !next.After(tx.Now) {
						t.Errorf("tries again at once")
					}
					time.Sleep(50 * time.Millisecond)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := len(w.mails(w.form.Contact)) - before; n != 1 {
			t.Errorf("%d reminders", n)
		}
		if !strings.Contains(told.String(), bad.ID) {
			t.Errorf("the log says %q", told.String())
		}
		w.Clock.Set(good.LapsesAt.Add(time.Hour))
		w.tick()
		w.is(good, membership.AppLapsed)
		set(was)
		w.tick()
		w.is(bad, membership.AppLapsed)
	})
}
