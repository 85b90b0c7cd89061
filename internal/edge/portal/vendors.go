package portal

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/spec/vex"
)

// rowsOnPage keeps a page of the matrix under its weight.
const rowsOnPage = 60

var lookStatus = map[vex.Status]look.Status{vex.NoReply: look.NoReply, vex.Seen: look.Seen, vex.Investigating: look.Investigating,
	vex.Affected: look.Affected, vex.NotAffected: look.NotAffected, vex.Fixed: look.Fixed}

type vendorsPage struct {
	look.Frame
	Matrix  look.Matrix
	Actions []look.Button
}

// vendorsOf is the vendor matrix: vendors by vulnerabilities.
func (v *visit) vendorsOf() error {
	var c caseView
	var b matrix.Board
	err := v.read(func(tx *db.Tx) (err error) {
		if c, err = v.loadCase(tx); err != nil {
			return err
		}
		b, err = matrix.Load(tx, v.Actor, c.ID)
		return err
	})
	if err != nil {
		return err
	}
	data := vendorsPage{Frame: v.caseFrame(c, "/vendors")}
	data.Matrix = v.drawMatrix(c, b)
	if c.Role >= audience.Coordinator && c.State == casework.Open {
		path := casework.Path(c.Number)
		data.Actions = []look.Button{{Label: "Invite vendors", Href: path + "/invite"}, {Label: "Add a vulnerability", Href: path + "/vulnerabilities/new"}}
	}
	return v.show("vendors", data)
}

func (v *visit) drawMatrix(c caseView, b matrix.Board) look.Matrix {
	path := casework.Path(c.Number)
	m := look.Matrix{ID: "matrix", Caption: "Where each vendor stands on each vulnerability", Empty: "No vendor is in this case yet."}
	want := vex.Status(v.query("status"))
	m.Counts = statusCounts(path, want, b.Summary())
	for _, vuln := range b.Vulnerabilities {
		m.Vulns = append(m.Vulns, look.MatrixHead{Label: vuln.Label, Sub: vuln.CVE, Href: path + "/vulnerabilities/" + vuln.ID})
	}
	rows := b.Rows[:0:0]
	for _, r := range b.Rows {
		if want == "" || r.Overall == want {
			rows = append(rows, r)
		}
	}
	from, _ := strconv.Atoi(v.query("from"))
	from = max(0, min(from, len(rows)))
	to := min(from+rowsOnPage, len(rows))
	for _, r := range rows[from:to] {
		m.Rows = append(m.Rows, v.drawRow(c, b, r))
	}
	m.Pager = pagerOf(path+"/vendors", v.r.URL.Query(), from, to, len(rows))
	m.Exports = []look.Link{{Label: "CSV", Href: path + "/vendors.csv"}, {Label: "JSON", Href: path + "/vendors.json"}}
	return m
}

// statusCounts are the vendors by status, each a filter of the matrix.
func statusCounts(path string, want vex.Status, b matrix.Summary) []look.Stat {
	out := []look.Stat{{N: b.Vendors, One: "vendor", Label: "vendors", Href: path + "/vendors", Current: want == ""}}
	for _, s := range []vex.Status{vex.NoReply, vex.Seen, vex.Investigating, vex.Affected, vex.NotAffected, vex.Fixed} {
		if b.Counts[s] > 0 {
			out = append(out, look.Stat{N: b.Counts[s], Label: s.Label(), Href: path + "/vendors?status=" + string(s), Current: want == s})
		}
	}
	return out
}

// pagerOf pages a list that is whole in memory, by the index of its first
// row.
func pagerOf(path string, q url.Values, from, to, total int) *look.Pager {
	p := &look.Pager{Shown: fmt.Sprintf("%d–%d", min(from+1, total), to), Total: total}
	at := func(n int) string {
		q.Set("from", strconv.Itoa(n))
		return path + "?" + q.Encode()
	}
	if from > 0 {
		p.Prev = at(max(0, from-rowsOnPage))
	}
	if to < total {
		p.Next = at(to)
	}
	return p
}

func (v *visit) drawRow(c caseView, b matrix.Board, r matrix.Row) look.MatrixRow {
	path := casework.Path(c.Number) + "/vendors/" + r.Party.ID
	row := look.MatrixRow{Vendor: r.Party.Name, Href: path, Own: r.Mine, Changed: r.Changed, Tracker: r.Tracker}
	switch {
	case r.Mine:
		row.Note = "you"
	case r.Party.Hidden:
		row.Note = "hidden from the other vendors"
	case !r.Party.Active() && r.Party.Release.IsZero():
		row.Note = "invited"
	}
	for i, cell := range r.Cells {
		row.Cells = append(row.Cells, drawCell(cell, r.Silent))
		if cell.All != nil && cell.All.Statement != "" && row.Statement == "" {
			row.Statement = short(cell.All.Statement, 400)
		}
		for _, s := range cell.Products {
			row.Products = append(row.Products, look.MatrixProduct{Name: productName(r.Products, s.Product) + ", " + b.Vulnerabilities[i].Label, Status: lookStatus[s.Status], Note: strings.Join(s.Fixed, ", ")})
		}
	}
	speaks := r.Mine || c.Role >= audience.Coordinator
	if speaks && c.State == casework.Open && len(b.Vulnerabilities) > 0 {
		label := "Set status"
		if !r.Mine {
			label = "Set on behalf"
		}
		row.Actions = append(row.Actions, look.Button{Label: label, Href: path + "/status"})
	}
	if c.Role >= audience.Coordinator && r.Silent > 0 && !r.Overall.Stated() && c.State == casework.Open {
		row.Act = &look.Button{Label: "Nudge", Action: path + "/nudge"}
	}
	return row
}

func drawCell(cell matrix.Cell, silent time.Duration) look.MatrixCell {
	out := look.MatrixCell{Status: lookStatus[cell.Status]}
	if cell.All != nil {
		out.OnBehalf = cell.All.OnBehalf
		if cell.Status == vex.Fixed {
			out.Note = strings.Join(cell.All.Fixed, ", ")
		}
	}
	if !cell.Status.Stated() && silent > 0 {
		out.Note = fmt.Sprintf("%d d", int(silent.Hours()/24))
	}
	return out
}

func productName(list []matrix.Product, id string) string {
	for _, p := range list {
		if p.ID == id {
			return p.Name
		}
	}
	return "a product"
}

// short cuts a text at a word near limit runes.
func short(s string, limit int) string {
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	cut := string(r[:limit])
	if i := strings.LastIndexByte(cut, ' '); i > limit/2 {
		cut = cut[:i]
	}
	return cut + " …"
}
