package membership_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tocsin/internal/alliance/alliancetest"
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/ballot"
)

const days = 24 * time.Hour

// stand is an alliance with an umbrella and a program under it, three members
// in both whose executives are the board, an operator and two coordinators.
type stand struct {
	*alliancetest.Scene
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
	alliancetest.Each(t, slices.Concat(board.Tables(), membership.StandingTables()), func(s *alliancetest.Scene) {
		w := &stand{Scene: s, op: s.Olga}
		w.Watch = []string{"standing", "sanction", "renewal_step", "seat"}
		w.room = board.Room{Sealer: s.Sealer, Effects: map[board.Kind]board.Effect{board.Suspend: membership.Sanctioned, board.Remove: membership.Sanctioned, board.Other: membership.Sanctioned}}
		w.Do(w.found)
		f(w)
	})
}

func (w *stand) found(tx *db.Tx) error {
	op := w.Operator(tx)
	w.cora, w.dora = w.Person(tx, "Cora", charter.Coordinator), w.Person(tx, "Dora", charter.Coordinator)
	w.runa = w.Person(tx, "Runa", charter.Operator)
	w.umbrella, w.sub = w.Program(tx, "Umbrella"), w.Program(tx, "Sub")
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
	o := w.Org(tx, fmt.Sprintf("Member %d", i), orgs.Vendor)
	for _, x := range []struct {
		name string
		role orgs.Role
		to   *[]people.Person
	}{{"Admin", orgs.Admin, &w.admins}, {"Exec", orgs.Responder, &w.execs}, {"Resp", orgs.Responder, &w.responders}, {"Reader", orgs.Reader, &w.reader}} {
		p := w.Person(tx, fmt.Sprint(x.name, i))
		w.Join(tx, o, p, x.role)
		*x.to = append(*x.to, p)
	}
	w.Member(tx, w.umbrella, o)
	w.Member(tx, w.sub, o)
	w.orgs = append(w.orgs, o)
	_, err := board.Appoint(tx, op, board.Seat{Org: o.ID, Person: w.execs[i].ID})
	return err
}

// in is the member's Ref in a program.
func in(p programs.Program, o orgs.Org) string { return p.ID + "." + o.ID }

func (w *stand) member1(ref string) (m membership.Membership) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) { m, err = membership.StandingIn(tx, w.Actor(tx, w.cora), ref); return err })
	return m
}

// cap is what a person may do in a program.
func (w *stand) cap(p people.Person, in programs.Program) audience.Role {
	w.Helper()
	return w.As(p).Cap(audience.Program, in.ID)
}

// tick does what time has made due until nothing is.
func (w *stand) tick() {
	w.Helper()
	for range 50 {
		var next time.Time
		w.Do(func(tx *db.Tx) (err error) { next, err = membership.StandingTick(tx); return err })
		if next.IsZero() || next.After(w.Clock.Now()) {
			return
		}
	}
	w.Fatal("the clock finds no rest")
}

// until lets time go by in steps, as a running server would see it.
func (w *stand) until(at time.Time) {
	w.Helper()
	for w.Clock.Now().Before(at) {
		w.Clock.Advance(min(3*days, at.Sub(w.Clock.Now())))
		w.tick()
	}
}

// decided opens a motion and lets every seat but those of the skipped vote.
func (w *stand) decided(m board.Motion, choice ballot.Choice) board.Motion {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) { m, err = board.Open(tx, w.Actor(tx, w.cora), m.ID, m.Version); return err })
	for _, p := range w.execs {
		_ = w.DB.Write(w.Context(), func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, w.Actor(tx, p), m.ID, board.Said{Choice: choice})
			return err
		})
	}
	w.Clock.Advance(8 * days)
	w.Do(func(tx *db.Tx) error { _, err := w.room.Tick(tx); return err })
	w.Do(func(tx *db.Tx) (err error) { m, err = board.Get(tx, w.Actor(tx, w.cora), m.ID); return err })
	return m
}

func (w *stand) penalties(m membership.Membership) (list []membership.Penalty) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) {
		list, err = membership.Penalties(tx, w.Actor(tx, w.cora), m.ID)
		return err
	})
	return list
}

func joinAgain(tx *db.Tx, a audience.Actor, programID, orgID string) error {
	return programs.Add(tx, a, programID, orgID)
}
