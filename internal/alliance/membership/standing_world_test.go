package membership_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/ballot"
	"tocsin/spec/tlp"
)

const days = 24 * time.Hour

// stand is an alliance with an umbrella and a program under it, three members
// in both whose executives are the board, an operator and two coordinators.
type stand struct {
	*testing.T
	d                  *db.DB
	c                  *clock.Fake
	s                  *seal.Sealer
	box                *outbox.Box
	room               board.Room
	op, cora, dora     people.Person
	runa               people.Person // an operator who coordinates nothing
	umbrella, sub      programs.Program
	orgs               []orgs.Org
	admins, execs      []people.Person
	responders, reader []people.Person
}

func standing(t *testing.T, f func(w *stand)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s, err := seal.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		w := &stand{T: t, d: d, c: c, s: s, box: outbox.New(s)}
		w.room = board.Room{Sealer: s, Effects: map[board.Kind]board.Effect{board.Suspend: membership.Sanctioned, board.Remove: membership.Sanctioned, board.Other: membership.Sanctioned}}
		w.do(w.found)
		f(w)
		w.verify()
	})
}

func (w *stand) found(tx *db.Tx) (err error) {
	if _, err = charter.Found(tx, w.s, charter.Charter{Name: "Lantern", Namespace: "https://lantern.example", Email: "contact@lantern.example", URL: "https://lantern.example"}); err != nil {
		return err
	}
	if w.op, err = people.First(tx, "olga@lantern.example", "Olga"); err != nil {
		return err
	}
	op := w.actor(tx, w.op)
	w.cora, w.dora = w.person(tx, "Cora"), w.person(tx, "Dora")
	for _, p := range []people.Person{w.cora, w.dora} {
		if err = people.GrantRole(tx, op, p.ID, charter.Coordinator); err != nil {
			return err
		}
	}
	w.runa = w.person(tx, "Runa")
	if err = people.GrantRole(tx, op, w.runa.ID, charter.Operator); err != nil {
		return err
	}
	if w.umbrella, err = programs.Create(tx, op, programs.Program{Name: "Umbrella", TLP: tlp.Green}); err != nil {
		return err
	}
	if w.sub, err = programs.Create(tx, op, programs.Program{Name: "Sub", TLP: tlp.Green}); err != nil {
		return err
	}
	r, err := programs.RulesOf(tx, w.sub.ID)
	if err != nil {
		return err
	}
	if _, err = programs.Move(tx, op, w.sub.ID, w.umbrella.ID, r.Version); err != nil {
		return err
	}
	for i := range 3 {
		if err = w.member(tx, op, i); err != nil {
			return err
		}
	}
	return nil
}

func (w *stand) member(tx *db.Tx, op audience.Actor, i int) error {
	o, err := orgs.Create(tx, op, orgs.Org{Name: fmt.Sprintf("Member %d", i), Class: orgs.Vendor, Listed: true})
	if err != nil {
		return err
	}
	for _, x := range []struct {
		name string
		role orgs.Role
		to   *[]people.Person
	}{{"Admin", orgs.Admin, &w.admins}, {"Exec", orgs.Responder, &w.execs}, {"Resp", orgs.Responder, &w.responders}, {"Reader", orgs.Reader, &w.reader}} {
		p := w.person(tx, fmt.Sprint(x.name, i))
		if _, err := orgs.Join(tx, op, o.ID, p.ID, x.role); err != nil {
			return err
		}
		*x.to = append(*x.to, p)
	}
	for _, p := range []programs.Program{w.umbrella, w.sub} {
		if err := programs.Join(tx, op, p.ID, o.ID); err != nil {
			return err
		}
	}
	w.orgs = append(w.orgs, o)
	_, err = board.Appoint(tx, op, board.Seat{Org: o.ID, Person: w.execs[i].ID})
	return err
}

func (w *stand) person(tx *db.Tx, name string) people.Person {
	w.Helper()
	p, err := people.Add(tx, audience.Actor{}, strings.ToLower(name)+"@one.example", name)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func (w *stand) actor(tx *db.Tx, p people.Person) audience.Actor {
	w.Helper()
	a, err := people.ActorOf(tx, p.ID)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

func (w *stand) as(p people.Person) (a audience.Actor) {
	w.Helper()
	w.do(func(tx *db.Tx) error { a = w.actor(tx, p); return nil })
	return a
}

func (w *stand) do(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.d.Write(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

// refused expects the error, and that the ledger and the seats stand as
// before.
func (w *stand) refused(what string, kind errs.Kind, fn func(tx *db.Tx) error) {
	w.Helper()
	before := w.dump()
	if err := w.d.Write(w.Context(), fn); !errs.Is(err, kind) {
		w.Errorf("%s: %v, want %s", what, err, kind)
	}
	if !slices.Equal(before, w.dump()) {
		w.Errorf("%s: refused, and changed something", what)
	}
}

func (w *stand) dump() (out []string) {
	w.Helper()
	for _, q := range []string{`SELECT id || renewal || sanction || version FROM standing ORDER BY id`, `SELECT id || appeal || version || COALESCE(ended_at, 0) FROM sanction ORDER BY id`,
		`SELECT id || note FROM renewal_step ORDER BY id`, `SELECT 'events ' || COUNT(*) FROM event`, `SELECT person_id || kind || subject_id || cap FROM seat ORDER BY 1`} {
		w.do(func(tx *db.Tx) error {
			list, err := db.Column[string](tx, q)
			out = append(out, list...)
			return err
		})
	}
	return out
}

func (w *stand) verify() {
	w.Helper()
	w.do(func(tx *db.Tx) error {
		k, err := charter.Keeper(tx, w.s)
		if err != nil {
			return err
		}
		rep, err := k.VerifyIn(tx, slices.Concat(charter.Tables(), people.Tables(), orgs.Tables(), agreements.Tables(), programs.Tables(), board.Tables(), membership.StandingTables()))
		if err == nil && len(rep.Problems) > 0 {
			w.Errorf("the ledger does not hold: %v", rep.Problems)
		}
		return err
	})
}

// in is the member's Ref in a program.
func in(p programs.Program, o orgs.Org) string { return p.ID + "." + o.ID }

func (w *stand) member1(ref string) (m membership.Membership) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) { m, err = membership.StandingIn(tx, w.actor(tx, w.cora), ref); return err })
	return m
}

// cap is what a person may do in a program.
func (w *stand) cap(p people.Person, in programs.Program) audience.Role {
	w.Helper()
	return w.as(p).Cap(audience.Program, in.ID)
}

// tick does what time has made due until nothing is.
func (w *stand) tick() {
	w.Helper()
	for range 50 {
		var next time.Time
		w.do(func(tx *db.Tx) (err error) { next, err = membership.StandingTick(tx); return err })
		if next.IsZero() || next.After(w.c.Now()) {
			return
		}
	}
	w.Fatal("the clock finds no rest")
}

// until lets time go by in steps, as a running server would see it.
func (w *stand) until(at time.Time) {
	w.Helper()
	for w.c.Now().Before(at) {
		w.c.Advance(min(3*days, at.Sub(w.c.Now())))
		w.tick()
	}
}

// decided opens a motion and lets every seat but those of the skipped vote.
func (w *stand) decided(m board.Motion, choice ballot.Choice) board.Motion {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) { m, err = board.Open(tx, w.actor(tx, w.cora), m.ID, m.Version); return err })
	for _, p := range w.execs {
		_ = w.d.Write(w.Context(), func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, w.actor(tx, p), m.ID, board.Said{Choice: choice})
			return err
		})
	}
	w.c.Advance(8 * days)
	w.do(func(tx *db.Tx) error { _, err := w.room.Tick(tx); return err })
	w.do(func(tx *db.Tx) (err error) { m, err = board.Get(tx, w.actor(tx, w.cora), m.ID); return err })
	return m
}

func (w *stand) penalties(m membership.Membership) (list []membership.Penalty) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) {
		list, err = membership.Penalties(tx, w.actor(tx, w.cora), m.ID)
		return err
	})
	return list
}

func joinAgain(tx *db.Tx, a audience.Actor, programID, orgID string) error {
	return programs.Add(tx, a, programID, orgID)
}
