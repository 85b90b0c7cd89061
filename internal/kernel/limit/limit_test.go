package limit_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/limit"

	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func try(d *db.DB, key string, n int, window time.Duration) error {
	return d.Write(context.Background(), func(tx *db.Tx) error { return limit.Allow(tx, key, n, window) })
}

func TestRefusesBeyondTheBoundAndSaysWhenToComeBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		for i := range 5 {
			if err := try(d, "a", 5, time.Minute); err != nil {
				t.Fatalf("attempt %d: %v", i, err)
			}
			c.Advance(time.Second)
		}
		err := try(d, "a", 5, time.Minute)
		var over *limit.Exceeded
		if !errs.Is(err, errs.RateLimited) || !errors.As(err, &over) || !strings.Contains(err.Error(), "in 56 seconds") {
			t.Fatalf("the sixth: %v", err)
		}
		if err := try(d, "b", 5, time.Minute); err != nil {
			t.Errorf("another key: %v", err)
		}
		c.Advance(over.RetryAfter - time.Second)
		if err := try(d, "a", 5, time.Minute); !errs.Is(err, errs.RateLimited) {
			t.Errorf("too early: %v", err)
		}
		c.Advance(time.Second)
		if err := try(d, "a", 5, time.Minute); err != nil {
			t.Errorf("as told: %v", err)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return limit.Reset(tx, "a") }); err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			if err := try(d, "a", 5, time.Minute); err != nil {
				t.Errorf("attempt %d after a reset: %v", i, err)
			}
		}
	})
}

// TestComingBackAsToldWorks draws streams of attempts: whoever is refused and
// waits as told is let in, and no window holds more than twice the bound.
func TestComingBackAsToldWorks(t *testing.T) {
	d, c := dbtest.Open(t, db.SQLite)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		key := strings.Repeat("k", run)
		n := rapid.IntRange(1, 6).Draw(rt, "n")
		window := time.Duration(rapid.IntRange(1, 100).Draw(rt, "window")) * time.Second
		var allowed []time.Time
		for range rapid.IntRange(1, 20).Draw(rt, "attempts") {
			now := c.Advance(time.Duration(rapid.IntRange(0, 20).Draw(rt, "pause")) * time.Second)
			err := try(d, key, n, window)
			var over *limit.Exceeded
			if errors.As(err, &over) {
				if over.RetryAfter <= 0 || over.RetryAfter > 2*window {
					rt.Fatalf("told to wait %v of %v", over.RetryAfter, window)
				}
				now = c.Advance(over.RetryAfter)
				err = try(d, key, n, window)
			}
			if err != nil {
				rt.Fatalf("came back as told: %v", err)
			}
			allowed = append(allowed, now)
			within := 0
			for _, at := range allowed {
				if now.Sub(at) < window {
					within++
				}
			}
			if within > 2*n {
				rt.Fatalf("%d within a window of %d", within, n)
			}
		}
	})
}

func TestConcurrentAttemptsCountOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		var in, out atomic.Int64
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				switch err := try(d, "a", 7, time.Hour); {
				case err == nil:
					in.Add(1)
				case errs.Is(err, errs.RateLimited):
					out.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if in.Load() != 7 || out.Load() != 23 {
			t.Errorf("%d let in, %d refused", in.Load(), out.Load())
		}
	})
}

func TestSweep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		for _, key := range []string{"a", "b"} {
			if err := try(d, key, 5, time.Minute); err != nil {
				t.Fatal(err)
			}
			c.Advance(time.Hour)
		}
		var n int64
		err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
			n, err = limit.Sweep(tx, tx.Now.Add(-90*time.Minute))
			return err
		})
		if err != nil || n != 1 {
			t.Errorf("%d, %v", n, err)
		}
	})
}
