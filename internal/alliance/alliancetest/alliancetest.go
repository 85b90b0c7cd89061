// Package alliancetest founds an alliance for the tests of what is built on it,
// and fills it with people, organizations and programs.
package alliancetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/tlp"
)

// Scene is a founded alliance. Olga made it: she operates and coordinates. What
// takes a transaction runs in one that is under way, as verbs do.
type Scene struct {
	*testing.T
	DB     *db.DB
	Clock  *clock.Fake
	Sealer *seal.Sealer
	Box    *outbox.Box
	Olga   people.Person
	Watch  []string // tables that no refused verb may change
}

// New founds the alliance.
func New(t *testing.T, d *db.DB, c *clock.Fake) *Scene {
	t.Helper()
	s := &Scene{T: t, DB: d, Clock: c}
	var err error
	if s.Sealer, err = seal.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	s.Box = outbox.New(s.Sealer)
	s.Do(func(tx *db.Tx) error {
		if _, err := charter.Found(tx, s.Sealer, charter.Charter{Name: "Lantern", Namespace: "https://lantern.example", Email: "contact@lantern.example", URL: "https://lantern.example"}); err != nil {
			return err
		}
		s.Olga, err = people.First(tx, "olga@lantern.example", "Olga")
		return err
	})
	return s
}

// Each runs f in a new alliance on each database, and holds what it leaves
// against the ledger: the alliance's own tables, and those given.
func Each(t *testing.T, tables []ledger.Table, f func(s *Scene)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := New(t, d, c)
		f(s)
		s.Verify(tables...)
	})
}

// Do runs a verb, which must work.
func (s *Scene) Do(fn func(tx *db.Tx) error) {
	s.Helper()
	if err := s.DB.Write(s.Context(), fn); err != nil {
		s.Fatal(err)
	}
}

// Refused runs a verb that must be refused with the kind, leave no event, and
// change no row of the tables watched.
func (s *Scene) Refused(what string, kind errs.Kind, fn func(tx *db.Tx) error) error {
	s.Helper()
	before := s.Rows(s.Watch...)
	err := s.DB.Write(s.Context(), fn)
	if !errs.Is(err, kind) {
		s.Errorf("%s: %v, want %s", what, err, kind)
	}
	if !slices.Equal(before, s.Rows(s.Watch...)) {
		s.Errorf("%s: refused, and changed something", what)
	}
	return err
}

// Rows are the tables' rows in a form to compare, and the ledger's size.
func (s *Scene) Rows(tables ...string) (out []string) {
	s.Helper()
	s.Do(func(tx *db.Tx) error {
		size, err := ledger.Size(tx)
		out = []string{fmt.Sprint("events ", size)}
		for _, t := range tables {
			if err == nil {
				out, err = appendRows(out, tx, t)
			}
		}
		return err
	})
	slices.Sort(out)
	return out
}

func appendRows(out []string, tx *db.Tx, table string) ([]string, error) {
	rows, err := tx.Query(`SELECT * FROM ` + table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
		for i := range vals {
			ptrs[i] = &vals[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprint(table, vals))
	}
	return out, rows.Err()
}

// Verify holds every row of the alliance, and of the tables given, against the
// ledger.
func (s *Scene) Verify(tables ...ledger.Table) {
	s.Helper()
	if p := s.Problems(tables...); len(p) > 0 {
		s.Errorf("the ledger does not hold: %v", p)
	}
}

// Problems are what Verify finds.
func (s *Scene) Problems(tables ...ledger.Table) (list []string) {
	s.Helper()
	s.Do(func(tx *db.Tx) error {
		k, err := charter.Keeper(tx, s.Sealer)
		if err != nil {
			return err
		}
		rep, err := k.VerifyIn(tx, slices.Concat(charter.Tables(), people.Tables(), orgs.Tables(), agreements.Tables(), programs.Tables(), tables))
		list = rep.Problems
		return err
	})
	return list
}

func (s *Scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// Person adds somebody, with the alliance's roles given.
func (s *Scene) Person(tx *db.Tx, name string, roles ...string) people.Person {
	s.Helper()
	p, err := people.Add(tx, audience.Actor{}, strings.ToLower(name)+"@people.example", name)
	s.must(err)
	for _, r := range roles {
		s.must(people.GrantRole(tx, s.Operator(tx), p.ID, r))
	}
	return p
}

// Actor is somebody as each request loads them.
func (s *Scene) Actor(tx *db.Tx, p people.Person) audience.Actor {
	s.Helper()
	a, err := people.ActorOf(tx, p.ID)
	s.must(err)
	return a
}

// As is Actor between transactions.
func (s *Scene) As(p people.Person) (a audience.Actor) {
	s.Helper()
	s.Do(func(tx *db.Tx) error { a = s.Actor(tx, p); return nil })
	return a
}

// Operator is Olga.
func (s *Scene) Operator(tx *db.Tx) audience.Actor {
	s.Helper()
	return s.Actor(tx, s.Olga)
}

// Org makes an organization that is listed.
func (s *Scene) Org(tx *db.Tx, name string, class orgs.Class) orgs.Org {
	s.Helper()
	o, err := orgs.Create(tx, s.Operator(tx), orgs.Org{Name: name, Class: class, Listed: true})
	s.must(err)
	return o
}

// Join gives somebody a role in an organization.
func (s *Scene) Join(tx *db.Tx, o orgs.Org, p people.Person, role orgs.Role) orgs.Membership {
	s.Helper()
	m, err := orgs.Join(tx, s.Operator(tx), o.ID, p.ID, role)
	s.must(err)
	return m
}

// Program makes a program of TLP:GREEN.
func (s *Scene) Program(tx *db.Tx, name string) programs.Program {
	s.Helper()
	p, err := programs.Create(tx, s.Operator(tx), programs.Program{Name: name, Purpose: "Patch together.", TLP: tlp.Green})
	s.must(err)
	return p
}

// Member brings an organization into a program.
func (s *Scene) Member(tx *db.Tx, p programs.Program, o orgs.Org) {
	s.Helper()
	s.must(programs.Join(tx, s.Operator(tx), p.ID, o.ID))
}
