package app

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db/dbtest"
)

// TestDoctorLooksAtTheClock founds an alliance and turns the clock.
func TestDoctorLooksAtTheClock(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			ctx := context.Background()
			c := clock.NewFake(dbtest.Start)
			cfg := Config{Listen: "127.0.0.1:8420", Data: t.TempDir(), DB: dbtest.Empty(t, dialect).URL, Clock: c}
			if err := os.Chmod(cfg.Data, 0o700); err != nil {
				t.Fatal(err)
			}
			found := func() Finding {
				t.Helper()
				for _, f := range Examine(ctx, cfg) {
					if f.What == "clock" {
						return f
					}
				}
				t.Fatal("the clock was not looked at")
				return Finding{}
			}
			if err := with(ctx, cfg, func(*gate.House) error { return nil }); err != nil {
				t.Fatal(err)
			}
			if f := found(); !f.Good {
				t.Errorf("an empty ledger: %s", f.Text)
			}
			if _, err := Init(ctx, cfg, Founding{Name: "Test Alliance", Namespace: "https://alliance.example", Email: "cora@alliance.example", Person: "Cora"}); err != nil {
				t.Fatal(err)
			}
			for _, x := range []struct {
				step time.Duration
				good bool
			}{{0, true}, {time.Hour, true}, {-2 * time.Second, true}, {-6 * time.Second, false}, {-3 * time.Hour, false}} {
				c.Set(dbtest.Start.Add(x.step))
				f := found()
				if f.Good != x.good {
					t.Errorf("the clock is off by %s: good = %v, %s", x.step, f.Good, f.Text)
				}
				if !x.good && (!strings.Contains(f.Text, dbtest.Start.UTC().Format("15:04:05 UTC")) || !strings.Contains(f.Text, "timedatectl")) {
					t.Errorf("the finding does not say since when and what to do: %s", f.Text)
				}
			}
			// An event that is written while the clock is behind hides nothing.
			if _, err := IssueToken(ctx, cfg, "cora@alliance.example", nil, time.Hour); err != nil {
				t.Fatal(err)
			}
			if found().Good {
				t.Error("a later event of an earlier instant hides that the clock went back")
			}
			c.Set(dbtest.Start.Add(time.Minute))
			if f := found(); !f.Good {
				t.Errorf("the clock was set right: %s", f.Text)
			}
		})
	}
}
