package programs_test

import (
	"flag"
	"fmt"
	"maps"
	"testing"

	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/tlp"

	"pgregory.net/rapid"
)

// TestPreviewIsWhatHappens changes rules at random and holds the list given
// beforehand against who sees what before and after, by the rule in Go.
func TestPreviewIsWhatHappens(t *testing.T) {
	each(t, func(w *world) {
		op := w.As(w.Olga)
		if err := flag.Set("rapid.checks", previewWorldsOf[w.DB.Dialect]); err != nil {
			w.Fatal(err)
		}
		changes, moved := 0, 0
		err := w.DB.Write(w.Context(), func(tx *db.Tx) error {
			return tx.Rehearse(func() error {
				c, err := gather(tx, op)
				if err != nil {
					return err
				}
				rapid.Check(w.T, func(rt *rapid.T) {
					err := tx.Rehearse(func() error {
						d, err := c.draw(tx)
						if err != nil {
							return err
						}
						for range 16 {
							if err := d.step(tx, rt); err != nil {
								return err
							}
						}
						for range 10 {
							n, err := d.preview(tx, rt)
							if err != nil {
								return err
							}
							if n >= 0 {
								changes, moved = changes+1, moved+n
							}
						}
						return nil
					})
					if err != nil {
						rt.Fatal(err)
					}
				})
				return nil
			})
		})
		if err != nil {
			w.Fatal(err)
		}
		w.Logf("%d changes of rules, %d steps gained or lost", changes, moved)
		if moved == 0 {
			w.Error("no change that was drawn moved anybody")
		}
	})
}

// preview does one change and returns how many steps it made; -1 when the
// change was refused, as its preview was.
func (w *drawn) preview(tx *db.Tx, t *rapid.T) (int, error) {
	if err := w.step(tx, t); err != nil {
		return 0, err
	}
	r, err := w.rules(tx, t, rapid.SampledFrom(w.programs).Draw(t, "changed"))
	if err != nil {
		return 0, err
	}
	r.Agreements = drawSome(t, w.agreements, "agreements")
	before, err := w.snapshot(tx)
	if err != nil {
		return 0, err
	}
	said, refused := programs.Preview(tx, w.op, r)
	if between, err := w.snapshot(tx); err != nil || !maps.Equal(before, between) {
		t.Fatalf("the preview left something changed: %v", err)
	}
	kept, err := programs.ChangeRules(tx, w.op, r)
	if (err != nil) != (refused != nil) || refusal(err) != nil {
		t.Fatalf("preview: %v; change: %v", refused, err)
	}
	if err != nil {
		return -1, nil
	}
	w.parent[r.Program], w.shut[r.Program] = r.Parent, r.ShutOut
	if fmt.Sprint(said.Rules) != fmt.Sprint(kept) {
		t.Fatalf("the preview has the rules %+v, kept are %+v", said.Rules, kept)
	}
	after, err := w.snapshot(tx)
	if err != nil {
		return 0, err
	}
	happened := map[string]string{}
	for at, was := range before {
		if after[at] != was {
			happened[at] = fmt.Sprint(was, " to ", after[at])
		}
	}
	told := map[string]string{}
	for gain, list := range map[bool][]programs.Affected{true: said.Gains, false: said.Loses} {
		for _, x := range list {
			if len(x.Things)+x.Others != len(x.Steps) || x.Name == "" {
				t.Fatalf("%+v does not tell of all its steps", x)
			}
			for _, s := range x.Steps {
				if gain != (s.After > s.Before) {
					t.Fatalf("%+v stands among the wrong ones", s)
				}
				told[x.Person+" "+s.Audience] = fmt.Sprint(s.Before, " to ", s.After)
			}
		}
	}
	if !maps.Equal(told, happened) {
		t.Fatalf("told %v\nhappened %v", told, happened)
	}
	return len(happened), nil
}

// snapshot is the highest level that each person sees in each thing.
func (w *drawn) snapshot(tx *db.Tx) (map[string]tlp.Level, error) {
	out := map[string]tlp.Level{}
	for _, n := range w.things {
		v, err := audience.Load(tx, n.id)
		if err != nil {
			return nil, err
		}
		for _, person := range append([]string{w.op.Person}, w.people...) {
			a := audience.Actor{Person: person}
			if a.Seats, err = audience.Seats(tx, person); err != nil {
				return nil, err
			}
			at := person + " " + n.id
			out[at] = programs.Nothing
			for _, level := range tlp.Levels {
				if audience.Decide(a, v, audience.Marking{Level: level}, tx.Now) > audience.None {
					out[at] = level
				}
			}
		}
	}
	return out, nil
}
