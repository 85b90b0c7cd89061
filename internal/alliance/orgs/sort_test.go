package orgs_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// TestPagesFollowTheSort walks every order in pages of two, and asks that
// each organization comes once and in its place.
func TestPagesFollowTheSort(t *testing.T) {
	each(t, func(w *world) {
		for _, o := range []orgs.Org{{Name: "delta", Class: orgs.CERT}, {Name: "Alpha", Class: orgs.Vendor}, {Name: "charlie", Class: orgs.CERT}, {Name: "Bravo", Class: orgs.ISP}, {Name: "Echo", Class: orgs.Vendor}} {
			o.Listed = true
			w.Do(func(tx *db.Tx) error {
				a, err := people.ActorOf(tx, w.Olga.ID)
				if err != nil {
					return err
				}
				_, err = orgs.Create(tx, a, o)
				return err
			})
			w.Clock.Advance(time.Second)
		}
		for _, r := range []struct {
			sort orgs.Sort
			want string
		}{{orgs.ByNames, "Alpha Bravo charlie delta Echo"}, {orgs.ByClass, "charlie delta Bravo Alpha Echo"}, {orgs.ByArrival, "delta Alpha charlie Bravo Echo"}} {
			for _, desc := range []bool{false, true} {
				want := strings.Fields(r.want)
				if desc {
					slices.Reverse(want)
				}
				w.Do(func(tx *db.Tx) error {
					a, err := people.ActorOf(tx, w.Olga.ID)
					if err != nil {
						return err
					}
					var got []string
					f := orgs.Filter{Sort: r.sort, Desc: desc, Limit: 2}
					for range 4 {
						page, err := orgs.List(tx, a, f)
						if err != nil {
							return err
						}
						for _, o := range page.Orgs {
							got = append(got, o.Name)
						}
						if f.After = page.Next; page.Next == "" {
							break
						}
					}
					if !slices.Equal(got, want) {
						w.Errorf("sorted by %q, desc %v: %v, want %v", r.sort, desc, got, want)
					}
					return nil
				})
			}
		}
		w.Refused("an unknown order", errs.Invalid, func(tx *db.Tx) error {
			a, err := people.ActorOf(tx, w.Olga.ID)
			if err == nil {
				_, err = orgs.List(tx, a, orgs.Filter{Sort: "secret"})
			}
			return err
		})
		w.Refused("a page after nothing", errs.Invalid, func(tx *db.Tx) error {
			a, err := people.ActorOf(tx, w.Olga.ID)
			if err == nil {
				_, err = orgs.List(tx, a, orgs.Filter{After: "org_none"})
			}
			return err
		})
	})
}
