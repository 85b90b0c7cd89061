package board

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/ballot"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is a founded alliance with an operator, a coordinator, a stranger and
// a board of so many founding members.
type world struct {
	*testing.T
	d                     *db.DB
	c                     *clock.Fake
	room                  Room
	operator, cora, otto  audience.Actor
	runner                audience.Actor // an operator who is no coordinator
	orgs                  []orgs.Org
	people, substitutes   []people.Person
	seats                 []Seat
	memberships, reserves []orgs.Membership
}

func newWorld(t *testing.T, d *db.DB, c *clock.Fake, members int) *world {
	t.Helper()
	s, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, d: d, c: c, room: Room{Sealer: s}}
	var op, co, ot, ru people.Person
	w.do(func(tx *db.Tx) error {
		if _, err := charter.Found(tx, s, charter.Charter{Name: "Lantern", Namespace: "https://lantern.example", Email: "contact@lantern.example", URL: "https://lantern.example"}); err != nil {
			return err
		}
		if op, err = people.First(tx, "olga@lantern.example", "Olga Operator"); err != nil {
			return err
		}
		w.operator = w.actor(tx, op)
		co, ot = w.person(tx, "Cora"), w.person(tx, "Otto")
		if err := people.GrantRole(tx, w.operator, co.ID, charter.Coordinator); err != nil {
			return err
		}
		ru = w.person(tx, "Runa")
		if err := people.GrantRole(tx, w.operator, ru.ID, charter.Operator); err != nil {
			return err
		}
		w.cora, w.otto, w.runner = w.actor(tx, co), w.actor(tx, ot), w.actor(tx, ru)
		for i := range members {
			o, err := orgs.Create(tx, w.operator, orgs.Org{Name: fmt.Sprintf("Member %02d", i), Class: orgs.Vendor, Listed: true})
			if err != nil {
				return err
			}
			p, u := w.person(tx, fmt.Sprint("Exec", i)), w.person(tx, fmt.Sprint("Sub", i))
			mp, err := orgs.Join(tx, w.operator, o.ID, p.ID, orgs.Responder)
			if err != nil {
				return err
			}
			mu, err := orgs.Join(tx, w.operator, o.ID, u.ID, orgs.Responder)
			if err != nil {
				return err
			}
			seat, err := Appoint(tx, w.operator, Seat{Org: o.ID, Person: p.ID, Substitute: u.ID})
			if err != nil {
				return err
			}
			w.orgs, w.people, w.substitutes, w.seats = append(w.orgs, o), append(w.people, p), append(w.substitutes, u), append(w.seats, seat)
			w.memberships, w.reserves = append(w.memberships, mp), append(w.reserves, mu)
		}
		return nil
	})
	return w
}

func (w *world) person(tx *db.Tx, name string) people.Person {
	w.Helper()
	p, err := people.Add(tx, audience.Actor{}, strings.ToLower(name)+"@one.example", name)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func (w *world) actor(tx *db.Tx, p people.Person) audience.Actor {
	w.Helper()
	a, err := people.ActorOf(tx, p.ID)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// exec and sub are a seat's people as actors, loaded anew as each request does.
func (w *world) exec(i int) audience.Actor { return w.as(w.people[i]) }
func (w *world) sub(i int) audience.Actor  { return w.as(w.substitutes[i]) }

func (w *world) as(p people.Person) (a audience.Actor) {
	w.Helper()
	w.do(func(tx *db.Tx) error { a = w.actor(tx, p); return nil })
	return a
}

func (w *world) do(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.d.Write(context.Background(), fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) sees(a audience.Actor, m Motion) (ok bool) {
	w.Helper()
	w.do(func(tx *db.Tx) error { _, err := Get(tx, a, m.ID); ok = err == nil; return nil })
	return ok
}

// refused expects the error, and that nothing was changed: no row of any
// table of the board, and no event.
func (w *world) refused(what string, kind errs.Kind, fn func(tx *db.Tx) error) {
	w.Helper()
	before := w.dump()
	if err := w.d.Write(context.Background(), fn); !errs.Is(err, kind) {
		w.Errorf("%s: %v, want %s", what, err, kind)
	}
	if after := w.dump(); !slices.Equal(before, after) {
		w.Errorf("%s: refused, and changed something", what)
	}
}

// dump is every row of the board's tables, and the ledger's size.
func (w *world) dump() (out []string) {
	w.Helper()
	w.do(func(tx *db.Tx) error {
		for _, t := range Tables() {
			rows, err := tx.Query(`SELECT * FROM ` + t.Name + ` ORDER BY id`)
			if err != nil {
				return err
			}
			defer rows.Close()
			cols, err := rows.Columns()
			if err != nil {
				return err
			}
			for rows.Next() {
				vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
				for i := range vals {
					ptrs[i] = &vals[i]
				}
				if err := rows.Scan(ptrs...); err != nil {
					return err
				}
				out = append(out, fmt.Sprint(t.Name, vals))
			}
			if err := rows.Err(); err != nil {
				return err
			}
		}
		size, err := ledger.Size(tx)
		out = append(out, fmt.Sprint(size))
		return err
	})
	return out
}

func (w *world) problems() []string {
	w.Helper()
	var rep ledger.Report
	w.do(func(tx *db.Tx) error {
		k, err := charter.Keeper(tx, w.room.Sealer)
		if err != nil {
			return err
		}
		rep, err = k.VerifyIn(tx, slices.Concat(charter.Tables(), people.Tables(), orgs.Tables(), Tables()))
		return err
	})
	return rep.Problems
}

func (w *world) verify() {
	w.Helper()
	if p := w.problems(); len(p) > 0 {
		w.Errorf("the ledger does not hold: %v", p)
	}
}

// opened proposes and opens a motion.
func (w *world) opened(in Motion) (m Motion) {
	w.Helper()
	if in.Kind == "" {
		in.Kind = Other
	}
	if in.Title == "" {
		in.Title = "A question"
	}
	w.do(func(tx *db.Tx) (err error) {
		if m, err = Propose(tx, w.cora, in); err != nil {
			return err
		}
		m, err = Open(tx, w.cora, m.ID, m.Version)
		return err
	})
	return m
}

func (w *world) cast(a audience.Actor, m Motion, c ballot.Choice) {
	w.Helper()
	w.do(func(tx *db.Tx) error { _, err := w.room.Cast(tx, a, m.ID, Said{Choice: c}); return err })
}

func (w *world) tick() (next time.Time) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) { next, err = w.room.Tick(tx); return err })
	return next
}

func (w *world) close(m Motion) Motion {
	w.Helper()
	w.c.Set(m.Deadline)
	w.tick()
	return w.motion(m)
}

func (w *world) motion(m Motion) (out Motion) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) { out, err = byID(tx, m.ID); return err })
	return out
}

func each(t *testing.T, members int, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		w := newWorld(t, d, c, members)
		f(w)
	})
}
