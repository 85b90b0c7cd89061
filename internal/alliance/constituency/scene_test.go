package constituency_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/constituency"
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
	spec "tocsin/spec/constituency"
	"tocsin/spec/tlp"
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
	*testing.T
	d       *db.DB
	c       *clock.Fake
	box     *outbox.Box
	names   *zone
	g       constituency.Registrar
	actors  map[string]audience.Actor
	orgs    map[string]orgs.Org
	program programs.Program
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s, err := seal.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, d: d, c: c, box: outbox.New(s), names: &zone{records: map[string][]string{}}, actors: map[string]audience.Actor{}, orgs: map[string]orgs.Org{}}
		w.g = constituency.Registrar{Box: w.box, URL: "https://lantern.example", Names: w.names, Demo: true}
		w.do(func(tx *db.Tx) error { return w.found(tx, s) })
		f(w)
		w.do(func(tx *db.Tx) error {
			k, err := charter.Keeper(tx, s)
			if err != nil {
				return err
			}
			rep, err := k.Verify(t.Context(), d, constituency.Tables())
			if err == nil && len(rep.Problems) > 0 {
				t.Errorf("the ledger does not hold: %v", rep.Problems)
			}
			return err
		})
	})
}

func (w *world) found(tx *db.Tx, s *seal.Sealer) error {
	if _, err := charter.Found(tx, s, charter.Charter{Name: "Lantern", Namespace: "https://lantern.example", Email: "contact@lantern.example"}); err != nil {
		return err
	}
	first, err := people.First(tx, "olga@lantern.example", "Olga")
	if err != nil {
		return err
	}
	op, err := people.ActorOf(tx, first.ID)
	if err != nil {
		return err
	}
	if w.program, err = programs.Create(tx, op, programs.Program{Name: "Lights", TLP: tlp.Green}); err != nil {
		return err
	}
	for _, name := range []string{"one", "two", "three"} {
		o, err := orgs.Create(tx, op, orgs.Org{Name: strings.ToUpper(name), Class: orgs.ISP, Listed: true})
		if err != nil {
			return err
		}
		w.orgs[name] = o
		if name != "three" {
			if err := programs.Join(tx, op, w.program.ID, o.ID); err != nil {
				return err
			}
		}
	}
	ids := map[string]string{}
	for name, job := range map[string]struct {
		org  string
		role orgs.Role
	}{"one": {"one", orgs.Admin}, "two": {"two", orgs.Admin}, "three": {"three", orgs.Admin}, "helper": {"one", orgs.Responder}, "coordinator": {}, "second": {}, "mixed": {"one", orgs.Responder}} {
		p, err := people.Add(tx, audience.Actor{}, name+"@people.example", name)
		if err != nil {
			return err
		}
		ids[name] = p.ID
		if job.org != "" {
			if _, err := orgs.Join(tx, op, w.orgs[job.org].ID, p.ID, job.role); err != nil {
				return err
			}
		}
		if job.org == "" || name == "mixed" {
			if err := people.GrantRole(tx, op, p.ID, charter.Coordinator); err != nil {
				return err
			}
		}
	}
	for name, id := range ids {
		if w.actors[name], err = people.ActorOf(tx, id); err != nil {
			return err
		}
	}
	w.actors["operator"] = op
	return nil
}

func (w *world) do(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.d.Write(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(what string, kind errs.Kind, fn func(tx *db.Tx) error) {
	w.Helper()
	before := w.count(`SELECT COUNT(*) FROM event`)
	if err := w.d.Write(w.Context(), fn); !errs.Is(err, kind) {
		w.Errorf("%s: %v, want %s", what, err, kind)
	}
	if after := w.count(`SELECT COUNT(*) FROM event`); after != before {
		w.Errorf("%s: refused, and left %d events", what, after-before)
	}
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) { n, err = db.Value[int](tx, query, args...); return err })
	return n
}

func (w *world) declare(who string, kind spec.Kind, value string) (c constituency.Claim) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) {
		c, err = w.g.Declare(tx, w.actors[who], w.orgs[who].ID, kind, value, "")
		return err
	})
	return c
}

func (w *world) confirm(c constituency.Claim) constituency.Claim {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) {
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
	w.do(func(tx *db.Tx) error {
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
	w.do(func(tx *db.Tx) error { _, err := constituency.Tick(tx); return err })
}

func (w *world) overlaps(who string) (list []constituency.Overlap) {
	w.Helper()
	w.do(func(tx *db.Tx) error {
		p, err := constituency.Overlaps(tx, w.actors[who], constituency.OverlapFilter{All: true})
		list = p.Overlaps
		return err
	})
	return list
}
