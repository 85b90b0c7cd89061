package replay_test

import (
	"testing"

	"tocsin/internal/kernel/db/dbtest"
)

// TestReplay lives through the whole case on each database.
func TestReplay(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			w := newWorld(t, dialect)
			s := &story{world: w}
			for _, step := range []struct {
				name string
				do   func()
			}{
				{"reported", s.reported}, {"triaged", s.triaged}, {"invited", s.invited}, {"answered", s.answered}, {"agreed", s.agreed},
				{"said", s.said}, {"talked", s.talked}, {"nudged", s.nudged},
			} {
				step.do()
				t.Logf("%s: %s", s.clock.Now().Format("2 Jan 15:04"), step.name)
			}
		})
	}
}
