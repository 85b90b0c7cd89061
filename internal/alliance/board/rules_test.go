package board

import (
	"strings"
	"testing"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/ballot"
	"tocsin/spec/tlp"
)

// A carried motion gives a program exactly the rules that were shown, and
// nothing where the program, or one above it, was changed since.
func TestRulesByTheBoard(t *testing.T) {
	each(t, 3, func(w *world) {
		w.room.Effects = map[Kind]Effect{Rules: DecidedRules}
		made := map[string]programs.Program{}
		rules := func(name string) (r programs.Rules) {
			w.Do(func(tx *db.Tx) (err error) { r, err = programs.RulesOf(tx, made[name].ID); return err })
			return r
		}
		w.Do(func(tx *db.Tx) error {
			for _, name := range []string{"Above", "Below"} {
				p, err := programs.Create(tx, w.operator, programs.Program{Name: name, TLP: tlp.Green})
				if err != nil {
					return err
				}
				made[name] = p
			}
			if err := programs.Join(tx, w.operator, made["Below"].ID, w.orgs[1].ID); err != nil {
				return err
			}
			r, err := programs.RulesOf(tx, made["Below"].ID)
			if err != nil {
				return err
			}
			_, err = programs.Move(tx, w.operator, made["Below"].ID, made["Above"].ID, r.Version)
			return err
		})
		propose := func(a audience.Actor, in programs.Rules) (m Motion, c programs.Change, err error) {
			err = w.DB.Write(w.Context(), func(tx *db.Tx) error { m, c, err = ProposeRules(tx, a, in, "They leak."); return err })
			return m, c, err
		}
		in := rules("Below")
		if _, _, err := propose(w.cora, in); !errs.Is(err, errs.Conflict) {
			w.Errorf("the rules as they are: %v", err)
		}
		in.ShutOut, in.Sponsors = []orgs.Class{orgs.Government}, 4
		if _, _, err := propose(w.otto, in); !errs.Is(err, errs.NotFound) {
			w.Errorf("a stranger proposes: %v", err)
		}
		if _, _, err := propose(w.runner, in); !errs.Is(err, errs.Denied) {
			w.Errorf("an operator proposes: %v", err)
		}
		old := in
		old.Version--
		if _, _, err := propose(w.cora, old); !errs.Is(err, errs.Stale) {
			w.Errorf("on rules not seen: %v", err)
		}
		// An executive may, of a program that their organization is not in.
		exec := w.exec(0)
		m, c, err := propose(exec, in)
		if err != nil || m.State != ballot.Draft || m.Kind != Rules || !strings.HasPrefix(m.Text, "They leak.") || len(c.Closed) != 1 {
			w.Fatalf("%+v, %+v, %v", m, c, err)
		}
		preview := func(a audience.Actor, m Motion) error {
			return w.DB.Write(w.Context(), func(tx *db.Tx) error {
				c, err := PreviewRules(tx, a, m.ID)
				if err == nil && (len(c.Closed) != 1 || c.Rules.Sponsors != 4) {
					w.Errorf("the motion would do %+v", c)
				}
				return err
			})
		}
		if err := preview(w.exec(2), m); err != nil {
			w.Errorf("another executive looks: %v", err)
		}
		if err := preview(w.otto, m); !errs.Is(err, errs.NotFound) {
			w.Errorf("a stranger looks: %v", err)
		}
		vote := func(m Motion) Motion {
			w.Helper()
			w.Do(func(tx *db.Tx) (err error) {
				m.Deadline = tx.Now.Add(usualTime)
				if m, err = Revise(tx, w.cora, m); err == nil {
					m, err = Open(tx, w.cora, m.ID, m.Version)
				}
				return err
			})
			for i := range w.seats {
				w.cast(w.exec(i), m, ballot.Yes)
			}
			return w.close(m)
		}
		second, _, err := propose(w.cora, in)
		if err != nil {
			w.Fatal(err)
		}
		if m = vote(m); m.Effect != Done {
			w.Errorf("carried: %s %s", m.Effect, m.Obstacle)
		}
		if r := rules("Below"); r.Sponsors != 4 || len(r.ShutOut) != 1 || r.Version != in.Version+1 {
			w.Errorf("the rules are %+v", r)
		}
		if err := preview(exec, m); !errs.Is(err, errs.Conflict) {
			w.Errorf("what a decided motion would do: %v", err)
		}
		if err := preview(exec, second); !errs.Is(err, errs.Conflict) {
			w.Errorf("what a motion on old rules would do: %v", err)
		}
		if second = vote(second); second.State != ballot.Carried || second.Effect != Hindered || !strings.Contains(second.Obstacle, "changed after the motion was written") {
			w.Errorf("on old rules: %s %s", second.Effect, second.Obstacle)
		}
		// The program above shuts a class out meanwhile: other classes would be
		// touched than were shown.
		in = rules("Below")
		in.ShutOut = nil
		third, c, err := propose(w.cora, in)
		if err != nil || len(c.Opened) != 1 {
			w.Fatalf("%+v, %v", c, err)
		}
		w.Do(func(tx *db.Tx) error {
			up, err := programs.RulesOf(tx, made["Above"].ID)
			if err == nil {
				up.ShutOut = []orgs.Class{orgs.Government}
				_, err = programs.ChangeRules(tx, w.operator, up)
			}
			return err
		})
		if third = vote(third); third.Effect != Hindered || !strings.Contains(third.Obstacle, "a program above was changed") {
			w.Errorf("above changed: %s %s", third.Effect, third.Obstacle)
		}
		if r := rules("Below"); len(r.ShutOut) != 1 {
			w.Errorf("rules that were not shown hold: %+v", r)
		}
		w.Verify(Tables()...)
	})
}
