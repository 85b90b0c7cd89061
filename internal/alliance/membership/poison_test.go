package membership_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"tocsin/internal/kernel/db"
)

// One member whose row makes no sense keeps no other from being reminded.
func TestAMemberThatCannotGoOnHoldsUpNoOther(t *testing.T) {
	standing(t, func(w *stand) {
		w.asks(w.sub)
		w.tick()
		set := func(renewal string) {
			m := w.member1(in(w.sub, w.orgs[0]))
			w.Do(func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE standing SET renewal = $1 WHERE id = $2`, renewal, m.ID)
				return err
			})
		}
		var told bytes.Buffer
		w.DB.Log = slog.New(slog.NewTextHandler(&told, nil))
		set("nonsense")
		w.until(w.Clock.Now().Add(340 * days))
		if n := len(w.reminders(in(w.sub, w.orgs[1]))); n == 0 {
			t.Error("the others are not reminded")
		}
		if n := len(w.reminders(in(w.sub, w.orgs[0]))); n != 0 {
			t.Errorf("reminded %d times of nonsense", n)
		}
		if !strings.Contains(told.String(), `piece="standing `) {
			t.Errorf("the log says %q", told.String())
		}
		set("current")
	})
}
