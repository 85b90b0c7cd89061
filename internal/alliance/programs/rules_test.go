package programs_test

import (
	"slices"
	"strings"
	"testing"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
)

func (w *world) rules(programID string, edit func(*programs.Rules)) programs.Rules {
	w.Helper()
	op := w.As(w.Olga)
	var r programs.Rules
	w.Do(func(tx *db.Tx) (err error) {
		if r, err = programs.RulesOf(tx, programID); err != nil {
			return err
		}
		edit(&r)
		r, err = programs.ChangeRules(tx, op, r)
		return err
	})
	return r
}

func TestTreeOfPrograms(t *testing.T) {
	each(t, func(w *world) {
		op := w.As(w.Olga)
		line := []programs.Program{w.program("P0")}
		for i := 1; i < programs.MaxDepth; i++ {
			p := w.program("P" + string(rune('0'+i)))
			w.rules(p.ID, func(r *programs.Rules) { r.Parent = line[i-1].ID })
			line = append(line, p)
		}
		move := func(id, parent string, version int64) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { _, err := programs.Move(tx, op, id, parent, version); return err }
		}
		w.Refused("under itself", errs.Invalid, move(line[0].ID, line[0].ID, 1))
		w.Refused("under its own grandchild", errs.Invalid, move(line[0].ID, line[2].ID, 1))
		w.Refused("one too deep", errs.Invalid, move(w.program("Deep").ID, line[programs.MaxDepth-1].ID, 1))
		w.Refused("under what is not there", errs.Invalid, move(line[3].ID, "prg_none", 2))
		w.Refused("on what was seen before", errs.Stale, move(line[3].ID, "", 1))
		w.rules(line[0].ID, func(r *programs.Rules) { r.ShutOut = []orgs.Class{orgs.ISP} })
		w.Do(func(tx *db.Tx) error {
			tree, err := programs.Tree(tx, op)
			if err != nil || len(tree) != programs.MaxDepth+1 || tree[1].ID != line[0].ID || tree[6].Depth != 5 {
				t.Errorf("tree %+v, %v", tree, err)
			}
			if shut, err := programs.Shut(tx, line[5].ID); err != nil || !slices.Equal(shut, []orgs.Class{orgs.ISP}) {
				t.Errorf("the lowest shuts out %v, %v", shut, err)
			}
			return nil
		})
		w.Refused("a class shut out above", errs.Conflict, func(tx *db.Tx) error { return programs.Join(tx, op, line[5].ID, w.two.ID) })
		w.Do(func(tx *db.Tx) error {
			r, err := programs.Move(tx, op, line[1].ID, "", 2)
			if err != nil || r.Parent != "" {
				return err
			}
			return programs.Join(tx, op, line[5].ID, w.two.ID)
		})
		w.Refused("closed over another", errs.Conflict, func(tx *db.Tx) error {
			p := line[1]
			p.State = programs.Closed
			_, err := programs.Edit(tx, op, p)
			return err
		})
	})
}

func TestRulesSayWhoMayJoin(t *testing.T) {
	each(t, func(w *world) {
		op, p := w.As(w.Olga), w.program("TLS")
		w.rules(p.ID, func(r *programs.Rules) { r.Admits = []orgs.Class{orgs.Vendor} })
		w.Refused("a class not admitted", errs.Conflict, func(tx *db.Tx) error { return programs.Join(tx, op, p.ID, w.two.ID) })
		w.Do(func(tx *db.Tx) error { return programs.Join(tx, op, p.ID, w.one.ID) })
		w.Refused("admitted and shut out", errs.Invalid, func(tx *db.Tx) error {
			r, err := programs.RulesOf(tx, p.ID)
			if err != nil {
				return err
			}
			r.ShutOut = []orgs.Class{orgs.Vendor}
			_, err = programs.ChangeRules(tx, op, r)
			return err
		})
		w.Refused("a member who is no coordinator", errs.Denied, func(tx *db.Tx) error {
			_, err := programs.ChangeRules(tx, w.Actor(tx, w.ada), programs.Rules{Program: p.ID, Version: 2})
			return err
		})
		w.rules(p.ID, func(r *programs.Rules) { r.Admits, r.ShutOut = nil, []orgs.Class{orgs.Vendor} })
		if a := w.As(w.ada); a.Holds(audience.Program, p.ID) {
			t.Error("a class shut out keeps its seat")
		}
		w.Do(func(tx *db.Tx) error {
			list, err := ledger.List(tx, op, ledger.Query{Scope: p.ID, After: -1})
			if err != nil {
				return err
			}
			last := list[len(list)-1]
			if last.Kind != programs.EventRules || !strings.Contains(string(last.Payload), `"before"`) || !strings.Contains(string(last.Payload), `"shut_out":["vendor"]`) {
				t.Errorf("the ledger has %s %s", last.Kind, last.Payload)
			}
			return nil
		})
	})
}

func TestDirectoryShowsWhatTheRulesSay(t *testing.T) {
	each(t, func(w *world) {
		op, p := w.As(w.Olga), w.program("TLS")
		w.Do(func(tx *db.Tx) error {
			if err := programs.Join(tx, op, p.ID, w.one.ID); err != nil {
				return err
			}
			two, err := orgs.Get(tx, op, w.two.ID)
			if err != nil {
				return err
			}
			two.Website = "https://two.example"
			if _, err := orgs.Edit(tx, op, two); err != nil {
				return err
			}
			return programs.Join(tx, op, p.ID, w.two.ID)
		})
		for sight, want := range map[programs.Sight]string{programs.SightMembers: "One Two https://two.example", programs.SightNames: "One Two", programs.SightCoordinators: "One"} {
			w.rules(p.ID, func(r *programs.Rules) { r.Directory = sight })
			w.Do(func(tx *db.Tx) error {
				page, err := programs.Orgs(tx, w.Actor(tx, w.ada), p.ID, "", 0)
				got := ""
				for _, o := range page.Orgs {
					got = strings.TrimSpace(got + " " + o.Name)
					if o.Website != "" {
						got += " " + o.Website
					}
				}
				if err != nil || got != want {
					t.Errorf("%s: a member sees %q, %v", sight, got, err)
				}
				of, err := programs.Of(tx, w.Actor(tx, w.ada), w.two.ID)
				if err != nil || len(of) == 1 != (sight != programs.SightCoordinators) {
					t.Errorf("%s: a member sees the other in %v, %v", sight, of, err)
				}
				if all, err := programs.Orgs(tx, op, p.ID, "", 0); err != nil || len(all.Orgs) != 2 {
					t.Errorf("%s: an operator sees %v, %v", sight, all, err)
				}
				return nil
			})
		}
		w.Refused("the way around", errs.NotFound, func(tx *db.Tx) error {
			_, err := orgs.List(tx, w.Actor(tx, w.ada), orgs.Filter{Program: p.ID})
			return err
		})
	})
}

// Members do not learn from the history or the numbers what the directory does
// not tell them.
func TestHistoryAndNumbersKeepToTheDirectory(t *testing.T) {
	each(t, func(w *world) {
		op, p := w.As(w.Olga), w.program("TLS")
		w.Do(func(tx *db.Tx) error { return programs.Join(tx, op, p.ID, w.one.ID) })
		told := func(who audience.Actor) (n int) {
			w.Do(func(tx *db.Tx) error {
				list, err := ledger.List(tx, who, ledger.Query{Scope: p.ID, Limit: 100})
				for _, r := range list {
					if strings.Contains(string(r.Payload), w.two.ID) {
						n++
					}
				}
				return err
			})
			return n
		}
		for sight, want := range map[programs.Sight]int{programs.SightCoordinators: 0, programs.SightNames: 2} {
			w.rules(p.ID, func(r *programs.Rules) { r.Directory = sight })
			ada, before := w.As(w.ada), told(w.As(w.ada))
			w.Do(func(tx *db.Tx) error { return programs.Join(tx, op, p.ID, w.two.ID) })
			w.Do(func(tx *db.Tx) error { return programs.Leave(tx, op, p.ID, w.two.ID) })
			if got := told(ada) - before; got != want || told(op) < 2 {
				t.Errorf("%s: %d events tell a member of another one, the operator of %d", sight, got, told(op))
			}
		}
		w.rules(p.ID, func(r *programs.Rules) { r.Directory = programs.SightNames })
		w.Do(func(tx *db.Tx) error {
			if err := programs.Join(tx, op, p.ID, w.two.ID); err != nil {
				return err
			}
			return orgs.SetState(tx, op, w.two.ID, orgs.Suspended)
		})
		for who, want := range map[*people.Person]int{&w.ada: 1, &w.Olga: 2} {
			a := w.As(*who)
			w.Do(func(tx *db.Tx) error {
				page, err := programs.Orgs(tx, a, p.ID, "", 0)
				if err != nil || len(page.Orgs) != want {
					t.Errorf("%s sees %d members, %v", who.Name, len(page.Orgs), err)
				}
				tree, err := programs.Tree(tx, a)
				if err != nil || len(tree) != 1 || tree[0].Members != want {
					t.Errorf("%s counts %+v, %v", who.Name, tree, err)
				}
				return nil
			})
		}
	})
}

func TestTemplates(t *testing.T) {
	each(t, func(w *world) {
		op := w.As(w.Olga)
		for _, x := range programs.Templates {
			w.Do(func(tx *db.Tx) error {
				made, err := programs.FromTemplate(tx, op, x.Name, "", "")
				if err != nil || len(made) != 1+len(x.Sub) {
					t.Errorf("%s: %v, %v", x.Name, made, err)
				}
				r, err := programs.RulesOf(tx, made[0].ID)
				if err != nil || r.Template != x.Name || r.Page == "" || made[0].Purpose == "" || made[0].TLP != x.TLP || r.Slug == made[0].ID {
					t.Errorf("%s: %+v, %v", x.Name, r, err)
				}
				return err
			})
		}
		w.Do(func(tx *db.Tx) error {
			list, err := programs.Public(tx)
			if err != nil || len(list) != len(programs.Templates)+3 {
				t.Errorf("%d public pages, %v", len(list), err)
			}
			_, _, err = programs.BySlug(tx, "vendor-consortium")
			return err
		})
		w.Refused("no such template", errs.Invalid, func(tx *db.Tx) error {
			_, err := programs.FromTemplate(tx, op, "club", "", "")
			return err
		})
	})
}
