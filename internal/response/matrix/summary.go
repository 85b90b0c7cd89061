package matrix

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/vex"
)

// Summary is what a matrix comes to: its columns, and how many vendors stand
// where by their worst cell.
type Summary struct {
	Vulnerabilities []Vulnerability
	Vendors         int
	Counts          map[vex.Status]int
}

// Summary is what the matrix comes to.
func (b Board) Summary() Summary { return Summary{b.Vulnerabilities, len(b.Rows), b.Counts} }

// Summarize is the summary of Load, read without the texts.
func Summarize(tx *db.Tx, a audience.Actor, caseID string) (Summary, error) {
	s := Summary{Counts: map[vex.Status]int{}}
	var err error
	if s.Vulnerabilities, err = Vulnerabilities(tx, a, caseID); err != nil {
		return s, err
	}
	var args db.Args
	of := args.Add(caseID)
	parties, err := db.All(tx, func(p *casework.Participant) []any { return []any{&p.ID, db.At(&p.SeenAt)} },
		`SELECT p.id, p.seen_at FROM participant p WHERE p.case_id = `+of+` AND p.role = 'vendor' AND p.left_at IS NULL AND (`+
			audience.Published("p", tx.Now, &args)+` OR `+audience.VisibleAmong(a, "participant", "p", "case_id = "+of, &args)+`)`, args...)
	if err != nil {
		return s, err
	}
	said, err := statuses(tx, a, caseID, `s.participant_id, s.vuln_id, s.product_id, s.status`, func(s *Status) []any { return []any{&s.Participant, &s.Vulnerability, &s.Product, &s.Status} })
	if err != nil {
		return s, err
	}
	products, err := Products(tx, a, caseID)
	if err != nil {
		return s, err
	}
	t := tally(said, products)
	for _, p := range parties {
		_, overall := t.row(p, s.Vulnerabilities)
		s.Counts[overall]++
	}
	s.Vendors = len(parties)
	return s, nil
}

// tallied is what was said in a case, by who said it of what.
type tallied struct {
	cells    map[cellKey][]Status
	products map[string][]Product
}

type cellKey struct{ participant, vulnerability string }

func tally(said []Status, products []Product) tallied {
	t := tallied{map[cellKey][]Status{}, map[string][]Product{}}
	for _, s := range said {
		k := cellKey{s.Participant, s.Vulnerability}
		t.cells[k] = append(t.cells[k], s)
	}
	for _, p := range products {
		t.products[p.Participant] = append(t.products[p.Participant], p)
	}
	return t
}

// row is where a party stands on each vulnerability, and the worst of that.
func (t tallied) row(p casework.Participant, vulns []Vulnerability) (cells []Cell, overall vex.Status) {
	if len(vulns) == 0 {
		return nil, silence(p)
	}
	for i, v := range vulns {
		c := cell(p, t.cells[cellKey{p.ID, v.ID}], t.products[p.ID])
		if i == 0 {
			overall = c.Status
		}
		overall = worse(overall, c.Status)
		cells = append(cells, c)
	}
	return cells, overall
}
