// Package casetest sets up a small alliance and a case for the tests of the
// packages that work on cases.
package casetest

import (
	"context"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/seal"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

// Scene is a founded alliance with one open case: Ada coordinates, Vera sits
// for the vendor "org_v" and Willem for its competitor "org_w", Otto for
// "org_x", which has nothing to do with it.
type Scene struct {
	DB                      *db.DB
	Sealer                  *seal.Sealer
	Ada, Vera, Willem, Otto audience.Actor
	Case                    casework.Case
	V, W                    casework.Participant
}

// Actor seats a person in an organization (or in none) and makes the actor.
func Actor(t testing.TB, d *db.DB, person, org string, offices ...string) audience.Actor {
	t.Helper()
	me := audience.Party{Kind: audience.Person, ID: person}
	seats := []audience.Seat{{Kind: audience.Person, ID: person, Party: me, Cap: audience.Coordinator}}
	if org != "" {
		seats = append(seats, audience.Seat{Kind: audience.Org, ID: org, Party: audience.Party{Kind: audience.Org, ID: org}, Cap: audience.Contributor, Class: "vendor"})
	}
	for _, o := range offices {
		cap := audience.Reader
		if o == casework.CoordinatorOffice {
			cap = audience.Coordinator
		}
		seats = append(seats, audience.Seat{Kind: audience.Office, ID: o, Party: me, Cap: cap})
	}
	Must(t, d, func(tx *db.Tx) error {
		for _, s := range seats {
			if err := audience.Sit(tx, person, s); err != nil {
				return err
			}
		}
		return nil
	})
	return audience.Actor{Person: person, Seats: seats, Name: person}
}

// New founds the alliance and opens the case with org_v and org_w invited.
func New(t testing.TB, d *db.DB) *Scene {
	t.Helper()
	s := &Scene{DB: d}
	var err error
	if s.Sealer, err = seal.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	Must(t, d, func(tx *db.Tx) error {
		_, err := charter.Found(tx, s.Sealer, charter.Charter{Name: "Test Alliance", Namespace: "https://alliance.example", Email: "psirt@alliance.example", URL: "http://127.0.0.1:8420"})
		return err
	})
	s.Ada = Actor(t, d, "p_ada", "", casework.CoordinatorOffice)
	s.Vera, s.Willem, s.Otto = Actor(t, d, "p_vera", "org_v"), Actor(t, d, "p_willem", "org_w"), Actor(t, d, "p_otto", "org_x")
	Must(t, d, func(tx *db.Tx) error {
		c, err := casework.OpenCase(tx, s.Ada, casework.NewCase{Title: "Heap overflow in libexample", Summary: "A length is not checked.", Level: tlp.AmberStrict})
		if err != nil {
			return err
		}
		s.Case = c
		list, err := casework.Invite(tx, s.Ada, c.ID, casework.Inclusion{Reason: "ships libexample", Due: tx.Now.Add(72 * time.Hour), Targets: []casework.Target{
			{Kind: audience.Org, ID: "org_v", Name: "Vexel Systems", Role: casework.Vendor},
			{Kind: audience.Org, ID: "org_w", Name: "Wharf Networks", Role: casework.Vendor}}})
		if err == nil {
			s.V, s.W = list[0], list[1]
		}
		return err
	})
	return s
}

// Accept lets both vendors in.
func (s *Scene) Accept(t testing.TB) *Scene {
	t.Helper()
	for _, who := range []audience.Actor{s.Vera, s.Willem} {
		Must(t, s.DB, func(tx *db.Tx) error {
			open, err := casework.OpenInvitations(tx, who)
			if err != nil {
				return err
			}
			for _, i := range open {
				if _, err := casework.Accept(tx, who, i.ID, i.Terms); err != nil {
					return err
				}
			}
			return nil
		})
	}
	Must(t, s.DB, func(tx *db.Tx) (err error) {
		if s.Case, err = casework.ByID(tx, s.Case.ID); err != nil {
			return err
		}
		if s.V, err = casework.PartyByID(tx, s.V.ID); err != nil {
			return err
		}
		s.W, err = casework.PartyByID(tx, s.W.ID)
		return err
	})
	return s
}

// Must runs a verb in a transaction and fails the test on an error.
func Must(t testing.TB, d *db.DB, f func(*db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// Try runs a verb and returns its error.
func Try(d *db.DB, f func(*db.Tx) error) error { return d.Write(context.Background(), f) }
