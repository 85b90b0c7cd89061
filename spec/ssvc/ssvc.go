// Package ssvc holds Stakeholder-Specific Vulnerability Categorization as
// tables: decision points with their versions, and the decision tables made of
// them. A table is a list of patterns, first match wins, so that each says in
// a few lines what its full grid says in many; tests walk the grids.
package ssvc

import (
	"fmt"
	"strings"
)

// Option is one value of a decision point or outcome.
type Option struct {
	ID    string // as in the SSVC registry, such as "public poc"
	Label string
	Hint  string // one sentence for who has to choose
}

// Point is a decision point.
type Point struct {
	ID      string // short and stable, for forms and storage
	Label   string
	Version string
	Options []Option
}

func (p Point) has(id string) bool {
	for _, o := range p.Options {
		if o.ID == id {
			return true
		}
	}
	return false
}

func (p Point) ids() string {
	s := make([]string, len(p.Options))
	for i, o := range p.Options {
		s[i] = o.ID
	}
	return strings.Join(s, ", ")
}

// Rule is one pattern: a value for each point in order, "" for any, and the
// outcome.
type Rule struct {
	When []string
	Then string
}

// Table is a decision table.
type Table struct {
	ID       string
	Label    string
	Version  string
	Points   []Point
	Outcomes []Option // least urgent first
	Rules    []Rule
}

// Decide returns the outcome for one value of each point, by the points' IDs.
// An error names the point that lacks a value or has one it does not know.
func (t Table) Decide(values map[string]string) (Option, error) {
	given := make([]string, len(t.Points))
	for i, p := range t.Points {
		v := values[p.ID]
		if v == "" {
			return Option{}, fmt.Errorf("choose a value for %s: %s", p.Label, p.ids())
		}
		if !p.has(v) {
			return Option{}, fmt.Errorf("%.40q is not a value of %s; use one of %s", v, p.Label, p.ids())
		}
		given[i] = v
	}
	if len(values) != len(t.Points) {
		return Option{}, fmt.Errorf("a decision point was given that %s does not have", t.Label)
	}
	for _, r := range t.Rules {
		if !matches(r.When, given) {
			continue
		}
		for _, o := range t.Outcomes {
			if o.ID == r.Then {
				return o, nil
			}
		}
	}
	return Option{}, fmt.Errorf("%s decides nothing for these values", t.Label)
}

func matches(pattern, given []string) bool {
	for i, p := range pattern {
		if p != "" && p != given[i] {
			return false
		}
	}
	return true
}

// Walk calls visit for every combination of values, the last point fastest.
func (t Table) Walk(visit func(values map[string]string, outcome Option) error) error {
	var step func(i int, values map[string]string) error
	step = func(i int, values map[string]string) error {
		if i == len(t.Points) {
			o, err := t.Decide(values)
			if err != nil {
				return err
			}
			return visit(values, o)
		}
		for _, o := range t.Points[i].Options {
			values[t.Points[i].ID] = o.ID
			if err := step(i+1, values); err != nil {
				return err
			}
		}
		return nil
	}
	return step(0, map[string]string{})
}

// Describe writes a decision in one line for a record: table and version,
// each point's value, the outcome.
func (t Table) Describe(values map[string]string) (string, error) {
	o, err := t.Decide(values)
	if err != nil {
		return "", err
	}
	parts := make([]string, len(t.Points))
	for i, p := range t.Points {
		parts[i] = p.Label + ": " + values[p.ID]
	}
	return fmt.Sprintf("%s %s: %s (%s)", t.Label, t.Version, o.Label, strings.Join(parts, "; ")), nil
}

// Tables lists every table.
var Tables = []Table{Triage, Response, Supplier}

// Find returns the table with an ID.
func Find(id string) (Table, bool) {
	for _, t := range Tables {
		if t.ID == id {
			return t, true
		}
	}
	return Table{}, false
}
