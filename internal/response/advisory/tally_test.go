package advisory_test

import (
	"testing"
	"time"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/response/advisory"
)

// TestTallyCountsPublicMattersOnly counts a case in the instant of its
// release and not before; the hidden vendor is never counted.
func TestTallyCountsPublicMattersOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newDesk(t, d, c)
		count := func() (n advisory.Tally) {
			t.Helper()
			s.do(func(tx *db.Tx) (err error) { n, err = advisory.Count(tx); return err })
			return n
		}
		v := s.approved()
		at := c.Now().Add(48 * time.Hour)
		s.schedule(v, at, "")
		s.tick()
		if n := count(); n != (advisory.Tally{}) {
			t.Errorf("counted before the release: %+v", n)
		}
		c.Set(at)
		n := count()
		if n.Cases != 1 || n.Days.Of != 1 || n.Days.Median < 48*time.Hour {
			t.Errorf("at the release: %+v", n)
		}
		if n.Vendors != 1 || n.Answers.Of != 1 {
			t.Errorf("vendors: %+v", n)
		}
	})
}
