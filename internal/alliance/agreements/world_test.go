package agreements_test

import (
	"context"
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
	"tocsin/internal/kernel/seal"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is an alliance with a program of two organizations, each with an admin
// and a reader, and an organization outside it.
type world struct {
	*testing.T
	d        *db.DB
	c        *clock.Fake
	people   map[string]people.Person
	orgs     map[string]orgs.Org
	program  programs.Program
	sealer   *seal.Sealer
}

func newWorld(t *testing.T, d *db.DB, c *clock.Fake) *world {
	t.Helper()
	s, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, d: d, c: c, people: map[string]people.Person{}, orgs: map[string]orgs.Org{}, sealer: s}
	w.do(func(tx *db.Tx) error {
		_, err := charter.Found(tx, s, charter.Charter{Name: "Lantern", Namespace: "https://lantern.example", Email: "contact@lantern.example", URL: "https://lantern.example"})
		if err != nil {
			return err
		}
		w.people["olga"], err = people.First(tx, "olga@lantern.example", "Olga")
		return err
	})
	w.do(func(tx *db.Tx) error {
		olga := w.in(tx, "olga")
		w.add(tx, "cora")
		if err := people.GrantRole(tx, olga, w.people["cora"].ID, charter.Coordinator); err != nil {
			return err
		}
		w.add(tx, "bea")
		if err := people.GrantRole(tx, olga, w.people["bea"].ID, charter.Board); err != nil {
			return err
		}
		for org, class := range map[string]orgs.Class{"anvil": orgs.Vendor, "bellows": orgs.Government, "crucible": orgs.Vendor} {
			o, err := orgs.Create(tx, olga, orgs.Org{Name: org, Class: class, Listed: true})
			if err != nil {
				return err
			}
			w.orgs[org] = o
			for _, role := range []orgs.Role{orgs.Admin, orgs.Reader} {
				name := org + "-" + string(role)
				w.add(tx, name)
				if _, err := orgs.Join(tx, olga, o.ID, w.people[name].ID, role); err != nil {
					return err
				}
			}
		}
		w.program, err = programs.Create(tx, olga, programs.Program{Name: "Smiths", TLP: tlp.Green})
		if err != nil {
			return err
		}
		for _, o := range []string{"anvil", "bellows"} {
			if err := programs.Join(tx, olga, w.program.ID, w.orgs[o].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

func (w *world) add(tx *db.Tx, name string) {
	w.Helper()
	p, err := people.Add(tx, audience.Actor{}, name+"@one.example", strings.ToUpper(name[:1])+name[1:])
	if err != nil {
		w.Fatal(err)
	}
	w.people[name] = p
}

// in is somebody as each request loads them; "" is a visitor.
func (w *world) in(tx *db.Tx, name string) audience.Actor {
	w.Helper()
	if name == "" {
		return audience.Actor{}
	}
	a, err := people.ActorOf(tx, w.people[name].ID)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

func (w *world) do(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.d.Write(context.Background(), fn); err != nil {
		w.Fatal(err)
	}
}

// try runs fn as somebody and gives its error.
func (w *world) try(name string, fn func(tx *db.Tx, a audience.Actor) error) error {
	return w.d.Write(context.Background(), func(tx *db.Tx) error { return fn(tx, w.in(tx, name)) })
}

func (w *world) must(name string, fn func(tx *db.Tx, a audience.Actor) error) {
	w.Helper()
	if err := w.try(name, fn); err != nil {
		w.Fatal(err)
	}
}

// refused fails unless the error is of the kind.
func (w *world) refused(err error, kind errs.Kind) {
	w.Helper()
	if !errs.Is(err, kind) {
		w.Fatalf("want %v, got %v", kind, err)
	}
}

func (w *world) make(title string, kind agreements.Kind, also ...string) (g agreements.Agreement) {
	w.Helper()
	w.must("cora", func(tx *db.Tx, a audience.Actor) (err error) {
		g, err = agreements.Make(tx, a, agreements.Agreement{Kind: kind, Title: title, Also: also, Current: agreements.Text{Body: "Keep it in the circle."}})
		return err
	})
	return g
}

func (w *world) revise(g agreements.Agreement, body string, demand bool) (out agreements.Agreement) {
	w.Helper()
	w.must("cora", func(tx *db.Tx, a audience.Actor) (err error) {
		out, err = agreements.Revise(tx, a, agreements.Revision{Agreement: g.ID, Body: body, Note: "Clearer.", Demands: demand, Version: g.Version})
		return err
	})
	return out
}

func (w *world) accept(who, org string, g agreements.Agreement) error {
	return w.try(who, func(tx *db.Tx, a audience.Actor) error {
		_, err := agreements.Accept(tx, a, agreements.Signature{Agreement: g.ID, Text: g.Current.ID, Org: w.orgs[org].ID, Address: "192.0.2.7"})
		return err
	})
}

// sees reports whether somebody sees a record of the audience.
func (w *world) sees(name, audienceID string) (yes bool) {
	w.Helper()
	w.must(name, func(tx *db.Tx, a audience.Actor) error {
		r, err := audience.RoleAt(tx, a, audienceID, tlp.Green)
		yes = r > audience.None
		return err
	})
	return yes
}

func (w *world) owes(name string) (titles []string) {
	w.Helper()
	w.must(name, func(tx *db.Tx, a audience.Actor) error {
		list, err := agreements.Owed(tx, a)
		for _, o := range list {
			titles = append(titles, o.Text.Title+" for "+o.Name)
		}
		return err
	})
	return titles
}

func (w *world) require(g agreements.Agreement, audienceID string) {
	w.Helper()
	w.do(func(tx *db.Tx) error { return agreements.Require(tx, audienceID, g.ID) })
}

// verify checks that the ledger vouches for every row as it stands.
func (w *world) verify() {
	w.Helper()
	var rep ledger.Report
	w.do(func(tx *db.Tx) error {
		k, err := charter.Keeper(tx, w.sealer)
		if err != nil {
			return err
		}
		if _, err = k.Checkpoint(tx); err != nil {
			return err
		}
		rep, err = k.VerifyIn(tx, slices.Concat(charter.Tables(), people.Tables(), orgs.Tables(), programs.Tables(), agreements.Tables()))
		return err
	})
	if len(rep.Problems) > 0 {
		w.Fatalf("the ledger does not verify: %+v", rep.Problems)
	}
}

func (w *world) events(kind string) (n int) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) {
		n, err = db.Value[int](tx, `SELECT COUNT(*) FROM event WHERE kind = $1`, kind)
		return err
	})
	return n
}
