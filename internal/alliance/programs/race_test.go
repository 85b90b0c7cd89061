package programs_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

type verb = func(*db.Tx) error

// race lets the first verb do all it does, starts the second one beside it,
// and only then, or once the second has ended, commits the first.
func (w *world) race(first, second verb) (error, error) {
	w.Helper()
	did, ended := make(chan struct{}, 10), make(chan error, 1)
	go func() {
		<-did
		ended <- w.DB.Write(context.Background(), second)
		did <- struct{}{}
	}()
	err := w.DB.Write(w.Context(), func(tx *db.Tx) error {
		err := first(tx)
		did <- struct{}{}
		select {
		case e := <-ended:
			ended <- e
		case <-time.After(200 * time.Millisecond):
		}
		return err
	})
	return err, <-ended
}

// seated compares the seats that organizations give with those that would be
// given if all were computed anew.
func (w *world) seated() {
	w.Helper()
	w.Do(func(tx *db.Tx) error {
		kept, err := seats(tx)
		if err != nil {
			return err
		}
		return tx.Rehearse(func() error {
			all, err := db.Column[string](tx, `SELECT id FROM org ORDER BY id`)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`DELETE FROM seat WHERE party_kind = 'org'`); err != nil {
				return err
			}
			for _, o := range all {
				if err := orgs.Reseat(tx, o); err != nil {
					return err
				}
			}
			due, err := seats(tx)
			if !slices.Equal(kept, due) {
				w.Errorf("seats %q, due are %q", kept, due)
			}
			return err
		})
	})
}

func seats(tx *db.Tx) ([]string, error) {
	return db.Column[string](tx, `SELECT s.person_id || ' ' || s.kind || ' ' || s.subject_id || ' ' || s.party_id || ' ' || CAST(s.cap AS TEXT) || s.class FROM seat s WHERE s.party_kind = 'org' ORDER BY 1`)
}

// TestSeatsAfterTwoAtOnce changes what seats follow from in two transactions
// that overlap, in either order. SQLite has one writer at a time.
func TestSeatsAfterTwoAtOnce(t *testing.T) {
	each(t, func(w *world) {
		if w.DB.Dialect != db.Postgres {
			return
		}
		op, top, p := w.As(w.Olga), w.program("Top"), w.program("Routers")
		var eve people.Person
		w.Do(func(tx *db.Tx) error {
			w.Member(tx, p, w.one)
			w.Member(tx, p, w.two)
			eve = w.Person(tx, "Eve")
			return nil
		})
		setState := func(o orgs.Org, s orgs.State) verb {
			return func(tx *db.Tx) error { return orgs.SetState(tx, op, o.ID, s) }
		}
		shut := func(classes ...orgs.Class) verb {
			return func(tx *db.Tx) error {
				r, err := programs.RulesOf(tx, p.ID)
				if err == nil {
					r.ShutOut = classes
					_, err = programs.ChangeRules(tx, op, r)
				}
				return err
			}
		}
		put := func(parent string) verb {
			return func(tx *db.Tx) error {
				r, err := programs.RulesOf(tx, p.ID)
				if err == nil {
					_, err = programs.Move(tx, op, p.ID, parent, r.Version)
				}
				return err
			}
		}
		welcome := func(o orgs.Org) verb {
			return func(tx *db.Tx) error { _, err := orgs.Welcome(tx, op, o.ID, eve.ID, orgs.Responder); return err }
		}
		dismiss := func(o orgs.Org) verb {
			return func(tx *db.Tx) error {
				m, err := db.Value[string](tx, `SELECT id FROM membership WHERE org_id = $1 AND person_id = $2`, o.ID, eve.ID)
				if err == nil && m != "" {
					err = orgs.Remove(tx, op, m)
				}
				return err
			}
		}
		halve := func(tx *db.Tx) error {
			if _, err := tx.Exec(`INSERT INTO standing (id, audience_id, tlp, program_id, org_id, renewal, sanction, cap, days, term_at, version) SELECT 'std_x', $1, 1, $2, $3, 'current', 'restricted', 1, 0, 0, 1`, top.Audience, top.ID, w.one.ID); err != nil {
				return err
			}
			return orgs.Reseat(tx, w.one.ID)
		}
		clear := func(tx *db.Tx) error {
			_, err := tx.Exec(`DELETE FROM standing WHERE id = 'std_x'`)
			return err
		}
		for what, c := range map[string]struct{ before, one, two verb }{
			"a class comes back, its organization is suspended": {shut(orgs.Vendor), shut(), setState(w.one, orgs.Suspended)},
			"a class is shut out, its organization comes back":  {setState(w.one, orgs.Suspended), shut(orgs.Vendor), setState(w.one, orgs.Active)},
			"a program moves under one with a sanction":         {put(""), put(top.ID), halve},
			"somebody joins, the organization is suspended":     {dismiss(w.two), welcome(w.two), setState(w.two, orgs.Suspended)},
			"somebody leaves, the organization comes back":      {func(tx *db.Tx) error { _ = welcome(w.two)(tx); return setState(w.two, orgs.Suspended)(tx) }, dismiss(w.two), setState(w.two, orgs.Active)},
			"somebody joins, a class comes back":                {func(tx *db.Tx) error { _ = dismiss(w.one)(tx); return shut(orgs.Vendor)(tx) }, welcome(w.one), shut()},
			"a class comes back, an account is suspended":       {func(tx *db.Tx) error { _ = welcome(w.one)(tx); return shut(orgs.Vendor)(tx) }, shut(), func(tx *db.Tx) error { _, err := people.Suspend(tx, op, eve.ID); return err }},
			"somebody joins, an account is suspended":           {dismiss(w.one), welcome(w.one), func(tx *db.Tx) error { _, err := people.Suspend(tx, op, eve.ID); return err }},
		} {
			for _, order := range [][2]verb{{c.one, c.two}, {c.two, c.one}} {
				w.Do(func(tx *db.Tx) error {
					for _, f := range []verb{clear, put(""), shut(), setState(w.one, orgs.Active), setState(w.two, orgs.Active), c.before} {
						if err := f(tx); err != nil {
							return err
						}
					}
					if s, err := people.Load(tx, eve.ID); err != nil || s.State == people.Active {
						return err
					}
					_, err := people.Restore(tx, op, eve.ID)
					return err
				})
				if e1, e2 := w.race(order[0], order[1]); e1 != nil || e2 != nil {
					w.Errorf("%s: %v; %v", what, e1, e2)
				}
				w.seated()
				if w.Failed() {
					w.Fatal(what)
				}
			}
		}
		w.Do(clear)
	})
}

// TestNobodyJoinsWhatShutsThem lets a class be shut out, and a program be
// closed, beside an organization that joins.
func TestNobodyJoinsWhatShutsThem(t *testing.T) {
	each(t, func(w *world) {
		op := w.As(w.Olga)
		for i, name := range []string{"Alpha", "Beta"} {
			p := w.program(name)
			join := func(tx *db.Tx) error { return programs.Join(tx, op, p.ID, w.one.ID) }
			shut := func(tx *db.Tx) error {
				r, err := programs.RulesOf(tx, p.ID)
				if err == nil {
					r.ShutOut = []orgs.Class{orgs.Vendor}
					_, err = programs.ChangeRules(tx, op, r)
				}
				return err
			}
			end := func(tx *db.Tx) error {
				now, err := programs.ByID(tx, p.ID)
				if err == nil {
					now.State = programs.Closed
					_, err = programs.Edit(tx, op, now)
				}
				return err
			}
			other := shut
			if i == 1 {
				other = end
			}
			if e1, e2 := w.race(other, join); e1 != nil || !errs.Is(e2, errs.Conflict) {
				w.Errorf("%s: %v; %v", name, e1, e2)
			}
			w.seated()
		}
		p, q := w.program("Gamma"), w.program("Delta")
		under := func(tx *db.Tx) error {
			r, err := programs.RulesOf(tx, q.ID)
			if err == nil {
				_, err = programs.Move(tx, op, q.ID, p.ID, r.Version)
			}
			return err
		}
		end := func(tx *db.Tx) error {
			now := p
			now.State = programs.Closed
			_, err := programs.Edit(tx, op, now)
			return err
		}
		if e1, e2 := w.race(end, under); e1 != nil || !errs.Is(e2, errs.Invalid) {
			w.Errorf("a program moved under one that closes: %v; %v", e1, e2)
		}
	})
}
