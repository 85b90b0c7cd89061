package membership

import (
	"sync"
	"testing"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/spec/membership"
	"tocsin/spec/tlp"
)

// Two freezes that end at once: the later one takes the applications up.
func TestThawsAtTheSameMomentTakeApplicationsUp(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		p, _ := w.reach(membership.AppComplete)
		refs := []string{"case_1", "case_2"}
		for _, ref := range refs {
			w.Do(func(tx *db.Tx) error {
				return Freeze(tx, w.cora, Freezing{Program: w.program.ID, Ref: ref, Audience: p.Team, Level: tlp.AmberStrict})
			})
		}
		w.Clock.Advance(24 * time.Hour)
		var wg sync.WaitGroup
		for _, ref := range refs {
			wg.Go(func() {
				if err := w.DB.Write(w.Context(), func(tx *db.Tx) error {
					if err := Thaw(tx, w.cora, ref, ""); err != nil {
						return err
					}
					time.Sleep(100 * time.Millisecond) // both are under way
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := w.now(p); got.Frozen || !got.LapsesAt.Equal(p.LapsesAt.Add(24*time.Hour)) {
			t.Errorf("frozen %v; lapses at %v, want a day after %v", got.Frozen, got.LapsesAt, p.LapsesAt)
		}
		w.verify()
	})
}
