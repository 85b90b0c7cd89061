package casework

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
)

// TestListPlansAgree pages through both plans of a list, for every sort and
// direction: they must show the same cases and count the same.
func TestListPlansAgree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		fill(t, d, 2*ownCases)
		a := lister("org_mine", "")
		err := d.Read(context.Background(), func(tx *db.Tx) error {
			for name := range sorts {
				for _, desc := range []bool{false, true} {
					if err := samePages(tx, a, Filter{Sort: name, Desc: desc, State: Open, Text: "ta-2026 heap", Limit: 70}); err != nil {
						return fmt.Errorf("sorted by %s (descending: %v): %w", name, desc, err)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func samePages(tx *db.Tx, a audience.Actor, f Filter) error {
	seen := map[string]bool{}
	for range 10 {
		o, err := f.order()
		if err != nil {
			return err
		}
		narrow, err := listNarrow(tx, a, f, o)
		if err != nil {
			return err
		}
		wide, err := listWide(tx, a, f, o)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(narrow, wide) {
			return fmt.Errorf("one plan shows %d cases of %d, the other %d of %d", len(narrow.Cases), narrow.Total, len(wide.Cases), wide.Total)
		}
		for _, c := range narrow.Cases {
			seen[c.ID] = true
		}
		if f.Cursor = narrow.Next; f.Cursor == "" {
			break
		}
	}
	if len(seen) != ownCases {
		return fmt.Errorf("all pages together show %d of %d cases", len(seen), ownCases)
	}
	return nil
}
