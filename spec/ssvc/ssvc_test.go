package ssvc

import (
	"strings"
	"testing"
)

// The published grids, one letter an outcome in the order of Walk.
func TestPublishedGrids(t *testing.T) {
	for _, c := range []struct {
		table   Table
		letters string // one for each outcome, least urgent first
		grid    string
	}{
		{Response, "tsea", "ttt tts tte tte tts tse tte tse tte tea eea eaa"},
		{Supplier, "dsoi", "ds so so so so oo so si si oi oi oi oi oi oi oi ii ii"},
		{Triage, "dtc",
			// report public: only much harm through many suppliers counts
			strings.Repeat("dddddd dddddd dddddc dddddc ", 4) +
				// not public, supplier not contacted
				strings.Repeat("dddddd dddddd dddddc dddddc ", 2) +
				// not public, supplier contacted, not credible
				"dddtdt dddtdt dtdttc dtdttc " +
				// not public, supplier contacted, credible
				"dddtdt tccccc dtdtcc cccccc"},
	} {
		grid := strings.ReplaceAll(c.grid, " ", "")
		n := 0
		err := c.table.Walk(func(values map[string]string, o Option) error {
			if n >= len(grid) {
				t.Fatalf("%s has more than %d combinations", c.table.ID, len(grid))
			}
			want := c.table.Outcomes[strings.IndexByte(c.letters, grid[n])]
			if o.ID != want.ID {
				t.Errorf("%s %v: %s, want %s", c.table.ID, values, o.ID, want.ID)
			}
			n++
			return nil
		})
		if err != nil || n != len(grid) {
			t.Errorf("%s: %d combinations of %d, %v", c.table.ID, n, len(grid), err)
		}
	}
}

func TestTablesAreWhole(t *testing.T) {
	for _, table := range Tables {
		if found, ok := Find(table.ID); !ok || found.Label != table.Label || table.Version == "" {
			t.Errorf("%s is not found", table.ID)
		}
		used := make([]bool, len(table.Rules))
		err := table.Walk(func(values map[string]string, _ Option) error {
			given := make([]string, len(table.Points))
			for i, p := range table.Points {
				given[i] = values[p.ID]
			}
			for i, r := range table.Rules {
				if matches(r.When, given) {
					used[i] = true
					break
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		for i, r := range table.Rules {
			if len(r.When) != len(table.Points) || !used[i] {
				t.Errorf("%s: rule %v is never used or misses a point", table.ID, r)
			}
			for j, v := range r.When {
				if v != "" && !table.Points[j].has(v) {
					t.Errorf("%s: %q is not a value of %s", table.ID, v, table.Points[j].ID)
				}
			}
		}
		for _, p := range table.Points {
			if p.Version == "" || len(p.Options) < 2 {
				t.Errorf("%s is not described", p.ID)
			}
		}
	}
	if _, ok := Find("none"); ok {
		t.Error("a table that is none is found")
	}
}

func TestDecideRefuses(t *testing.T) {
	whole := func() map[string]string {
		return map[string]string{"exploitation": "active", "automatable": "yes", "technical_impact": "total", "mission_and_well_being": "high"}
	}
	if o, err := Response.Decide(whole()); err != nil || o.Label != "Act" {
		t.Errorf("%+v, %v", o, err)
	}
	if s, err := Response.Describe(whole()); err != nil || s != "CISA levels 2.0.3: Act (Exploitation: active; Automatable: yes; Technical impact: total; Mission and well-being: high)" {
		t.Errorf("%q, %v", s, err)
	}
	lacks, wrong, more := whole(), whole(), whole()
	delete(lacks, "automatable")
	wrong["automatable"] = "perhaps"
	more["utility"] = "efficient"
	for say, values := range map[string]map[string]string{"Automatable: no, yes": lacks, "use one of no, yes": wrong, "does not have": more} {
		if _, err := Response.Decide(values); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v: %v", values, err)
		}
		if _, err := Response.Describe(values); err == nil {
			t.Errorf("%v is described", values)
		}
	}
}
