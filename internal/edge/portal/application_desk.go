package portal

import (
	"encoding/csv"
	"net/url"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	spec "tocsin/spec/membership"
	"tocsin/spec/text"
)

func applicationFilter(q url.Values) membership.AppFilter {
	f := membership.AppFilter{Program: q.Get("program"), Class: orgs.Class(q.Get("class")), Prefix: q.Get("q"), Sort: q.Get("sort"), Desc: q.Get("desc") != "", After: q.Get("cursor"), Limit: 50}
	switch s := q.Get("state"); s {
	case "":
	case "running":
		for _, x := range spec.Application.States() {
			if !x.Ended() {
				f.States = append(f.States, x)
			}
		}
	case "ended":
		for _, x := range spec.Application.States() {
			if x.Ended() {
				f.States = append(f.States, x)
			}
		}
	default:
		f.States = []spec.AppState{spec.AppState(s)}
	}
	return f
}

// applicationsPage lists the applications that the visitor may see.
func (v *visit) applicationsPage() error {
	q := v.r.URL.Query()
	var page membership.AppPage
	if err := v.read(func(tx *db.Tx) (err error) {
		page, err = membership.Apps(tx, v.Actor, applicationFilter(q))
		return err
	}); err != nil {
		return err
	}
	data := sheet{Frame: v.allianceFrame(applicationsPath)}
	data.Head.Actions = []look.Button{{Label: "Public pages", Href: "/programs"}}
	if v.coordinates() {
		data.Head.Actions = append(data.Head.Actions, look.Button{Label: "Who belongs to whom", Href: "/alliance/affiliations"})
	}
	t := &look.Table{ID: "applications", Caption: "Applications", Hidden: true, Pager: &look.Pager{}, Empty: &look.Empty{Text: "No application fits."},
		Columns: []look.Column{sortBy(q, "begun", "Application"), sortBy(q, "name", "Applicant"), {Label: "Program"}, sortBy(q, "state", "State"), sortBy(q, "lapses", "Lapses")},
		Exports: []look.Link{{Label: "CSV", Href: withQuery(applicationsPath+".csv", q)}}}
	t.Columns[1].Wide = true
	for _, p := range page.Applications {
		chip := applicationChip(p.State)
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: p.Number, Href: applicationPath(p.Number)}, {Text: p.Name, Sub: classWords[p.Class]}, {Text: p.ProgramName}, {Chip: &chip, Sort: string(p.State)}, {Time: p.LapsesAt}}})
	}
	if page.Next != "" {
		next := v.r.URL.Query()
		next.Set("cursor", page.Next)
		t.Pager.Next = withQuery(applicationsPath, next)
	}
	var chips []look.Chip
	for _, s := range []struct{ value, label string }{{"", "all"}, {"running", "running"}, {"submitted", "submitted"}, {"complete", "complete"}, {"objection", "open to objection"}, {"ready", "ready to decide"}, {"ended", "ended"}} {
		next := url.Values{}
		for _, k := range []string{"q", "class", "program"} {
			if q.Get(k) != "" {
				next.Set(k, q.Get(k))
			}
		}
		if s.value != "" {
			next.Set("state", s.value)
		}
		c := look.Chip{Label: s.label, Href: withQuery(applicationsPath, next)}
		if q.Get("state") == s.value {
			c.Label, c.Tone = "✓ "+s.label, look.Info
		}
		chips = append(chips, c)
	}
	search := &look.Form{Get: true, Action: applicationsPath, Button: look.Button{Label: "Find"}, Fields: []look.Field{{Kind: "search", Name: "q", Label: "Name begins with", Value: q.Get("q"), Optional: true, Short: true, Max: 200}}}
	if s := q.Get("state"); s != "" {
		search.Hidden = []look.Hidden{{Name: "state", Value: s}}
	}
	data.Parts = []part{{Chips: chips, Search: search, Table: t}}
	return v.show("sheet", data)
}

// applicationsCSV exports what the list's filter shows, all pages of it.
func (v *visit) applicationsCSV() error {
	f := applicationFilter(v.r.URL.Query())
	var list []membership.Application
	err := v.read(func(tx *db.Tx) (err error) {
		list, err = db.AllPages(maxExport, func(after string) ([]membership.Application, string, error) {
			f.After, f.Limit = after, 200
			page, err := membership.Apps(tx, v.Actor, f)
			return page.Applications, page.Next, err
		})
		return err
	})
	if err != nil {
		return err
	}
	download(v.w, "applications.csv")
	rows := [][]string{{"number", "name", "class", "program", "state", "begun", "submitted", "objections_end", "lapses", "website"}}
	for _, p := range list {
		rows = append(rows, []string{p.Number, text.Cell(p.Name), string(p.Class), text.Cell(p.ProgramName), string(p.State), text.Instant(p.BegunAt), text.Instant(p.Dates[spec.AppSubmitted]), text.Instant(p.ObjectionsEnd), text.Instant(p.LapsesAt), text.Cell(p.Website)})
	}
	return csv.NewWriter(v.w).WriteAll(rows)
}
