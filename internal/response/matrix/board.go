package matrix

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/spec/vex"
)

// Board is the vendor matrix of a case as one actor sees it.
type Board struct {
	Vulnerabilities []Vulnerability    `json:"vulnerabilities"`
	Rows            []Row              `json:"rows"`
	Counts          map[vex.Status]int `json:"counts"` // of vendors, by their worst cell
}

// Row is one vendor.
type Row struct {
	Party    casework.Participant `json:"party"`
	Cells    []Cell               `json:"cells"` // one for each vulnerability, in order
	Products []Product            `json:"products"`
	Tracker  string               `json:"tracker,omitempty"` // for the vendor's own people only
	Overall  vex.Status           `json:"overall"`           // the worst of the cells
	Silent   time.Duration        `json:"-"`                 // since it was invited, while it has not replied
	Changed  time.Time            `json:"changed_at,omitzero"`
	Mine     bool                 `json:"mine"` // the actor speaks for it
}

// Cell is where one vendor stands on one vulnerability.
type Cell struct {
	Status   vex.Status `json:"status"`             // of all products together: the worst
	All      *Status    `json:"all,omitempty"`      // what was said for all products
	Products []Status   `json:"products,omitempty"` // what was said for single ones
}

// gravity orders statuses from what needs attention most.
var gravity = map[vex.Status]int{vex.Affected: 5, vex.NoReply: 4, vex.Seen: 3, vex.Investigating: 2, vex.Fixed: 1, vex.NotAffected: 0}

func worse(a, b vex.Status) vex.Status {
	if gravity[b] > gravity[a] {
		return b
	}
	return a
}

// Load builds the matrix that the actor may see.
func Load(tx *db.Tx, a audience.Actor, caseID string) (Board, error) {
	b := Board{Counts: map[vex.Status]int{}}
	var err error
	if b.Vulnerabilities, err = Vulnerabilities(tx, a, caseID); err != nil {
		return b, err
	}
	parties, err := casework.Participants(tx, a, caseID)
	if err != nil {
		return b, err
	}
	said, err := Statuses(tx, a, caseID)
	if err != nil {
		return b, err
	}
	products, err := Products(tx, a, caseID)
	if err != nil {
		return b, err
	}
	trackers, err := Trackers(tx, a, caseID)
	if err != nil {
		return b, err
	}
	t := tally(said, products)
	for _, p := range parties {
		if p.Role != casework.Vendor || !p.LeftAt.IsZero() {
			continue
		}
		row := Row{Party: p, Products: t.products[p.ID], Tracker: trackers[p.ID].Number, Mine: p.IsMine(a) && p.Active()}
		row.Cells, row.Overall = t.row(p, b.Vulnerabilities)
		for _, c := range row.Cells {
			row.Changed = latest(row.Changed, c)
		}
		if p.RepliedAt.IsZero() && !p.InvitedAt.IsZero() {
			row.Silent = tx.Now.Sub(p.InvitedAt)
		}
		b.Counts[row.Overall]++
		b.Rows = append(b.Rows, row)
	}
	return b, nil
}

func silence(p casework.Participant) vex.Status {
	if p.SeenAt.IsZero() {
		return vex.NoReply
	}
	return vex.Seen
}

// cell sums up what was said. A word for a single product outweighs the word
// for all on that product; products nobody spoke of follow the word for all.
func cell(p casework.Participant, said []Status, products []Product) Cell {
	c := Cell{Status: silence(p)}
	live := map[string]bool{}
	for _, r := range products {
		live[r.ID] = true
	}
	first := true
	note := func(s vex.Status) {
		if first {
			c.Status, first = s, false
		}
		c.Status = worse(c.Status, s)
	}
	for _, s := range said {
		switch {
		case s.Product == "":
			c.All = &s
		case live[s.Product]:
			c.Products = append(c.Products, s)
			note(s.Status)
		}
	}
	if c.All != nil && (len(c.Products) == 0 || len(c.Products) < len(products)) {
		note(c.All.Status)
	}
	return c
}

func latest(t time.Time, c Cell) time.Time {
	if c.All != nil && c.All.ChangedAt.After(t) {
		t = c.All.ChangedAt
	}
	for _, s := range c.Products {
		if s.ChangedAt.After(t) {
			t = s.ChangedAt
		}
	}
	return t
}

// Tables are the rows that this package's events vouch for.
func Tables() []ledger.Table {
	return []ledger.Table{vulnTable, productTable, statusTable, trackerTable}
}
