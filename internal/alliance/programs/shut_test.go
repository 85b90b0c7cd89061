package programs_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/tlp"

	"pgregory.net/rapid"
)

// TestNobodyShutOutIsReached draws random program trees with rules, members,
// moves, invitations, exceptions, changes of class and standing, and asks the
// rule in each of its forms. No person of a class shut out ever passes; what
// came through a membership goes with it, and nothing else does: the answers
// are held against the facts that the test keeps by itself.
func TestNobodyShutOutIsReached(t *testing.T) {
	each(t, func(w *world) {
		op := w.As(w.Olga)
		if _, err := w.DB.Handle().Exec(`CREATE TABLE record (id TEXT PRIMARY KEY, audience_id TEXT NOT NULL, tlp INTEGER NOT NULL)`); err != nil {
			w.Fatal(err)
		}
		if err := flag.Set("rapid.checks", worldsOf[w.DB.Dialect]); err != nil {
			w.Fatal(err)
		}
		asked, seen, shut := 0, 0, 0
		err := w.DB.Write(w.Context(), func(tx *db.Tx) error {
			return tx.Rehearse(func() error {
				c, err := gather(tx, op)
				if err != nil {
					return err
				}
				rapid.Check(w.T, func(rt *rapid.T) {
					err := tx.Rehearse(func() error {
						d, err := c.draw(tx)
						if err != nil {
							return err
						}
						for i := range 24 {
							if err := d.step(tx, rt); err != nil {
								return err
							}
							if i%6 == 5 {
								n, s, b, err := d.hold(tx, rt)
								if err != nil {
									return err
								}
								asked, seen, shut = asked+n, seen+s, shut+b
							}
						}
						return nil
					})
					if err != nil {
						rt.Fatal(err)
					}
				})
				return nil
			})
		})
		if err != nil {
			w.Fatal(err)
		}
		w.Logf("asked %d times: %d seen, %d of a class shut out", asked, seen, shut)
		if seen == 0 || shut == 0 {
			w.Error("the worlds drawn show nothing")
		}
	})
}

// hold compares every form of the rule with the test's own facts.
func (w *drawn) hold(tx *db.Tx, t *rapid.T) (asked, seen, shut int, err error) {
	if _, err := tx.Exec(`DELETE FROM record`); err != nil {
		return 0, 0, 0, err
	}
	reached := map[string]bool{}
	for _, n := range w.things {
		for _, level := range tlp.Levels {
			if _, err := tx.Exec(`INSERT INTO record (id, audience_id, tlp) VALUES ($1, $2, $3)`, recordOf(n, level), n.id, int(level)); err != nil {
				return 0, 0, 0, err
			}
		}
		wide, err := audience.Reach(tx, n.id, tlp.Clear)
		if err != nil {
			return 0, 0, 0, err
		}
		for _, k := range wide {
			for _, level := range tlp.Levels {
				if _, ok := k.At(level); ok {
					reached[k.Person+" "+recordOf(n, level)] = true
				}
			}
		}
	}
	for _, person := range w.people {
		a := audience.Actor{Person: person}
		if a.Seats, err = audience.Seats(tx, person); err != nil {
			return 0, 0, 0, err
		}
		lists, err := askLists(tx, a)
		if err != nil {
			return 0, 0, 0, err
		}
		for _, n := range w.things {
			out := w.barred(person, n)
			for _, level := range tlp.Levels {
				role, err := audience.RoleAt(tx, a, n.id, level)
				if err != nil {
					return 0, 0, 0, err
				}
				r := recordOf(n, level)
				have := []bool{role > audience.None, lists[0][r], lists[1][r], lists[2][r], reached[person+" "+r]}
				want := w.sees(person, n, level)
				if out && slices.Contains(have, true) {
					t.Fatalf("%s is of a class shut out of %s and is let in: role, visible, mine, among, reach are %v", person, r, have)
				}
				if !slices.Equal(have, []bool{want, want, want, want, want}) {
					t.Fatalf("%s on %s: role, visible, mine, among, reach are %v, want %v\nthing %+v\nseats %+v\nworld %+v", person, r, have, want, *n, a.Seats, *w)
				}
				asked++
				if want {
					seen++
				}
				if out {
					shut++
				}
			}
		}
	}
	return asked, seen, shut, nil
}

func recordOf(n *thing, level tlp.Level) string { return fmt.Sprintf("%s/%d", n.id, level) }

func askLists(tx *db.Tx, a audience.Actor) (out [3]map[string]bool, err error) {
	forms := []func(*db.Args) string{
		func(args *db.Args) string { return `SELECT r.id FROM record r WHERE ` + audience.Visible(a, "r", args) },
		func(args *db.Args) string {
			return `SELECT r.id FROM ` + audience.Mine(a, args) + ` mine JOIN record r ON r.audience_id = mine.audience_id AND r.tlp <= mine.reach`
		},
		func(args *db.Args) string {
			return `SELECT r.id FROM record r WHERE ` + audience.VisibleAmong(a, "record", "r", "id <> ''", args)
		},
	}
	for i, form := range forms {
		var args db.Args
		q := form(&args)
		ids, err := db.Column[string](tx, q, args...)
		if err != nil {
			return out, err
		}
		out[i] = map[string]bool{}
		for _, id := range ids {
			out[i][id] = true
		}
	}
	return out, nil
}
