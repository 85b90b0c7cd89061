package board

import (
	"fmt"
	"testing"
	"time"

	"tocsin/internal/alliance/alliancetest"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/spec/ballot"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is a founded alliance with an operator, a coordinator, a stranger and
// a board of so many founding members.
type world struct {
	*alliancetest.Scene
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
	w := &world{Scene: alliancetest.New(t, d, c)}
	w.room = Room{Sealer: w.Sealer}
	for _, table := range Tables() {
		w.Watch = append(w.Watch, table.Name)
	}
	w.Do(func(tx *db.Tx) error {
		w.operator, w.cora = w.Operator(tx), w.Actor(tx, w.Person(tx, "Cora", charter.Coordinator))
		w.otto, w.runner = w.Actor(tx, w.Person(tx, "Otto")), w.Actor(tx, w.Person(tx, "Runa", charter.Operator))
		for i := range members {
			o := w.Org(tx, fmt.Sprintf("Member %02d", i), orgs.Vendor)
			p, u := w.Person(tx, fmt.Sprint("Exec", i)), w.Person(tx, fmt.Sprint("Sub", i))
			mp, mu := w.Join(tx, o, p, orgs.Responder), w.Join(tx, o, u, orgs.Responder)
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

// exec and sub are a seat's people as actors, loaded anew as each request does.
func (w *world) exec(i int) audience.Actor { return w.As(w.people[i]) }
func (w *world) sub(i int) audience.Actor  { return w.As(w.substitutes[i]) }

func (w *world) sees(a audience.Actor, m Motion) (ok bool) {
	w.Helper()
	w.Do(func(tx *db.Tx) error { _, err := Get(tx, a, m.ID); ok = err == nil; return nil })
	return ok
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
	w.Do(func(tx *db.Tx) (err error) {
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
	w.Do(func(tx *db.Tx) error { _, err := w.room.Cast(tx, a, m.ID, Said{Choice: c}); return err })
}

func (w *world) tick() (next time.Time) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) { next, err = w.room.Tick(tx); return err })
	return next
}

func (w *world) close(m Motion) Motion {
	w.Helper()
	w.Clock.Set(m.Deadline)
	w.tick()
	return w.motion(m)
}

func (w *world) motion(m Motion) (out Motion) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) { out, err = byID(tx, m.ID); return err })
	return out
}

func each(t *testing.T, members int, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		w := newWorld(t, d, c, members)
		f(w)
	})
}
