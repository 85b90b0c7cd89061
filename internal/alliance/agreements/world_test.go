package agreements_test

import (
	"context"
	"strings"
	"testing"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/alliancetest"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is an alliance with a program of two organizations, each with an admin
// and a reader, and an organization outside it.
type world struct {
	*alliancetest.Scene
	people  map[string]people.Person
	orgs    map[string]orgs.Org
	program programs.Program
}

func newWorld(t *testing.T, d *db.DB, c *clock.Fake) *world {
	t.Helper()
	w := &world{Scene: alliancetest.New(t, d, c), people: map[string]people.Person{}, orgs: map[string]orgs.Org{}}
	w.Do(func(tx *db.Tx) error {
		w.people["olga"], w.people["cora"], w.people["bea"] = w.Olga, w.Person(tx, "Cora", charter.Coordinator), w.Person(tx, "Bea", charter.Board)
		w.program = w.Program(tx, "Smiths")
		for org, class := range map[string]orgs.Class{"anvil": orgs.Vendor, "bellows": orgs.Government, "crucible": orgs.Vendor} {
			o := w.Org(tx, org, class)
			w.orgs[org] = o
			for _, role := range []orgs.Role{orgs.Admin, orgs.Reader} {
				name := org + "-" + string(role)
				w.people[name] = w.Person(tx, strings.ToUpper(name[:1])+name[1:])
				w.Join(tx, o, w.people[name], role)
			}
			if org != "crucible" {
				w.Member(tx, w.program, o)
			}
		}
		return nil
	})
	return w
}

// in is somebody as each request loads them; "" is a visitor.
func (w *world) in(tx *db.Tx, name string) audience.Actor {
	w.Helper()
	if name == "" {
		return audience.Actor{}
	}
	return w.Actor(tx, w.people[name])
}

// try runs fn as somebody and gives its error.
func (w *world) try(name string, fn func(tx *db.Tx, a audience.Actor) error) error {
	return w.DB.Write(context.Background(), func(tx *db.Tx) error { return fn(tx, w.in(tx, name)) })
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
	w.Do(func(tx *db.Tx) error { return agreements.Require(tx, audienceID, g.ID) })
}

// verify checks that the ledger vouches for every row as it stands.
func (w *world) verify() {
	w.Helper()
	w.Do(func(tx *db.Tx) error {
		k, err := charter.Keeper(tx, w.Sealer)
		if err == nil {
			_, err = k.Checkpoint(tx)
		}
		return err
	})
	w.Verify()
}

func (w *world) events(kind string) (n int) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) {
		n, err = db.Value[int](tx, `SELECT COUNT(*) FROM event WHERE kind = $1`, kind)
		return err
	})
	return n
}
