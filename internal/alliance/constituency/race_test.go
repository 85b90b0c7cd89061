package constituency_test

import (
	"sync"
	"testing"
	"time"

	"tocsin/internal/alliance/constituency"
	"tocsin/internal/kernel/db"
	spec "tocsin/spec/constituency"
)

// Two organizations that claim the same, or one a part of it, at one moment
// are found to overlap.
func TestTwoClaimAtOnce(t *testing.T) {
	each(t, func(w *world) {
		for i, values := range [][2]string{{"198.51.100.0/24", "198.51.100.0/24"}, {"203.0.113.0/24", "203.0.113.128/25"}} {
			var wg sync.WaitGroup
			start := make(chan struct{})
			for k, who := range []string{"one", "two"} {
				a := w.actors[who]
				wg.Go(func() {
					<-start
					if err := w.DB.Write(w.Context(), func(tx *db.Tx) error {
						_, err := w.g.Declare(tx, a, w.orgs[who].ID, spec.Prefix, values[k], "")
						time.Sleep(100 * time.Millisecond) // the other comes before this one is through
						return err
					}); err != nil {
						t.Error(err)
					}
				})
			}
			close(start)
			wg.Wait()
			if n := len(w.overlaps("coordinator")); n != i+1 {
				t.Errorf("%d overlaps, want %d", n, i+1)
			}
		}
	})
}

// A proof is reminded of once, however many replicas tick.
func TestRemindedOnce(t *testing.T) {
	each(t, func(w *world) {
		good := w.proven("one", spec.Prefix, "198.51.100.0/24")
		w.Clock.Set(good.Until.Add(-24 * time.Hour))
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := w.DB.Write(w.Context(), func(tx *db.Tx) error {
					_, err := constituency.Tick(tx)
					time.Sleep(50 * time.Millisecond)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = $1 AND object_id = $2`, constituency.EventExpiring, good.ID); n != 1 {
			t.Errorf("reminded %d times", n)
		}
	})
}
