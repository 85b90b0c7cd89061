package dbtest_test

import (
	"testing"
	"time"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestEachIsMigratedAndAlone(t *testing.T) {
	for range 2 {
		dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
			if !c.Now().Equal(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)) {
				t.Errorf("the clock starts at %v", c.Now())
			}
			have, want, err := d.SchemaVersion(t.Context())
			if err != nil || have != want || want < 1 {
				t.Errorf("schema %d, want %d (%v)", have, want, err)
			}
			err = d.Write(t.Context(), func(tx *db.Tx) error {
				n, err := db.Value[int64](tx, "SELECT count(*) FROM lease")
				if err != nil {
					return err
				}
				if n != 0 {
					t.Errorf("%d leases left by another test", n)
				}
				_, err = tx.Exec("INSERT INTO lease (name, holder, until) VALUES ('a', 'b', 1)")
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
