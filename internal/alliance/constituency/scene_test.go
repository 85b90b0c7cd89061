package constituency_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"tocsin/internal/alliance/alliancetest"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/constituency"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/constituency"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// zone is a name server that knows what it is told.
type zone struct {
	records map[string][]string
	err     error
	asked   []string
	during  func() // runs while the question is open
}

func (z *zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	z.asked = append(z.asked, name)
	if z.during != nil {
		z.during()
	}
	if z.err != nil {
		return nil, z.err
	}
	if r, ok := z.records[name]; ok {
		return r, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// world is an alliance of two providers in one program and a third outside.
// one, two and three are admins, helper responds for one, coordinator and
// second coordinate, mixed coordinates and works for one.
type world struct {
	*alliancetest.Scene
	names   *zone
	g       constituency.Registrar
	actors  map[string]audience.Actor
	orgs    map[string]orgs.Org
	program programs.Program
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	alliancetest.Each(t, constituency.Tables(), func(s *alliancetest.Scene) {
		w := &world{Scene: s, names: &zone{records: map[string][]string{}}, actors: map[string]audience.Actor{}, orgs: map[string]orgs.Org{}}
		w.g = constituency.Registrar{Box: w.Box, URL: "https://lantern.example", Names: w.names, Demo: true}
		w.Do(w.found)
		f(w)
	})
}

func (w *world) found(tx *db.Tx) error {
	w.program = w.Program(tx, "Lights")
	for _, name := range []string{"one", "two", "three"} {
		w.orgs[name] = w.Org(tx, strings.ToUpper(name), orgs.ISP)
		if name != "three" {
			w.Member(tx, w.program, w.orgs[name])
		}
	}
	for _, x := range []struct {
		name, org string
		role      orgs.Role
		also      []string
	}{{"one", "one", orgs.Admin, nil}, {"two", "two", orgs.Admin, nil}, {"three", "three", orgs.Admin, nil}, {"helper", "one", orgs.Responder, nil}, {"mixed", "one", orgs.Responder, []string{charter.Coordinator}},
		{name: "coordinator", also: []string{charter.Coordinator}}, {name: "second", also: []string{charter.Coordinator}}} {
		p := w.Person(tx, x.name, x.also...)
		if x.org != "" {
			w.Join(tx, w.orgs[x.org], p, x.role)
		}
		w.actors[x.name] = w.Actor(tx, p)
	}
	w.actors["operator"] = w.Operator(tx)
	return nil
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) { n, err = db.Value[int](tx, query, args...); return err })
	return n
}

func (w *world) declare(who string, kind spec.Kind, value string) (c constituency.Claim) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) {
		c, err = w.g.Declare(tx, w.actors[who], w.orgs[who].ID, kind, value, "")
		return err
	})
	return c
}

func (w *world) confirm(c constituency.Claim) constituency.Claim {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) {
		c, err = constituency.Confirm(tx, w.actors["coordinator"], c.ID, "RIR record read on the telephone")
		return err
	})
	return c
}

// proven declares and confirms.
func (w *world) proven(who string, kind spec.Kind, value string) constituency.Claim {
	w.Helper()
	return w.confirm(w.declare(who, kind, value))
}

// state is what a claim is to an actor, or "" when it is not there for them.
func (w *world) state(who, claimID string) (s spec.State) {
	w.Helper()
	w.Do(func(tx *db.Tx) error {
		c, err := constituency.Get(tx, w.actors[who], claimID)
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		s = c.State
		return err
	})
	return s
}

func (w *world) tick() {
	w.Helper()
	w.Do(func(tx *db.Tx) error { _, err := constituency.Tick(tx); return err })
}

func (w *world) overlaps(who string) (list []constituency.Overlap) {
	w.Helper()
	w.Do(func(tx *db.Tx) error {
		p, err := constituency.Overlaps(tx, w.actors[who], constituency.OverlapFilter{All: true})
		list = p.Overlaps
		return err
	})
	return list
}
