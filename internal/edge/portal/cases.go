package portal

import (
	"net/url"

	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

type casesPage struct {
	look.Frame
	Search *look.Form
	Table  look.Table
}

// cases lists the cases that the visitor belongs to.
func (v *visit) cases() error {
	q := v.r.URL.Query()
	filter := casework.Filter{State: casework.State(q.Get("state")), Program: q.Get("program"), Text: q.Get("q"), Sort: q.Get("sort"), Desc: q.Get("desc") != "", Cursor: q.Get("cursor")}
	var page casework.Page
	var mine []programs.Program
	err := v.read(func(tx *db.Tx) (err error) {
		if page, err = casework.List(tx, v.Actor, filter); err != nil {
			return err
		}
		mine, err = programs.List(tx, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	data := casesPage{Frame: v.frame("/cases")}
	data.Head = look.RecordHead{Title: "Cases"}
	if programs.CoordinatesSome(v.Actor) {
		data.Head.Actions = []look.Button{{Label: "Open a case", Href: "/cases/new"}}
	}
	data.Search = caseSearch(q, mine)
	data.Table = look.Table{ID: "cases", Caption: "Cases you belong to", Hidden: true,
		Columns: []look.Column{sortBy(q, "number", "Number"), sortBy(q, "title", "Title"), {Label: "Embargo"}, sortBy(q, "embargo", "Ends"), sortBy(q, "updated", "Changed")},
		Pager:   &look.Pager{Total: page.Total}, Empty: &look.Empty{Text: "You belong to no case yet. When you are invited to one, it stands here."}}
	if filter.Program != "" || filter.Text != "" {
		data.Table.Empty.Text = "No case fits."
	}
	if !page.Counted {
		data.Table.Pager.Total = 0 // nobody counted further
	}
	for _, c := range page.Cases {
		data.Table.Rows = append(data.Table.Rows, look.Row{Cells: []look.Cell{
			{Text: c.Number, Href: casework.Path(c.Number), Marking: c.Level.String()}, {Text: c.Title}, {Text: mpcvd.Embargo.Label(c.Embargo)}, {Time: c.EmbargoEnds}, {Time: c.UpdatedAt}}})
	}
	if page.Next != "" {
		q.Set("cursor", page.Next)
		data.Table.Pager.Next = "/cases?" + q.Encode()
	}
	return v.show("cases", data)
}

// mostOffered bounds the programs to choose from; each has a page that leads to
// its cases.
const mostOffered = 200

// caseSearch narrows the list by words and by program; it offers the programs
// that the visitor may see.
func caseSearch(q url.Values, mine []programs.Program) *look.Form {
	f := &look.Form{Get: true, Action: "/cases", Button: look.Button{Label: "Find"}, Fields: []look.Field{{Kind: "search", Name: "q", Label: "Words in number or title", Value: q.Get("q"), Optional: true, Short: true, Max: 200}}}
	if len(mine) > 0 {
		in := look.Field{Kind: look.Select, Name: "program", Label: "Program", Optional: true, Short: true, Options: []look.Option{{Label: "All"}}}
		for i, p := range mine {
			if on := p.ID == q.Get("program"); on || i < mostOffered {
				in.Options = append(in.Options, look.Option{Value: p.ID, Label: p.Name, On: on})
			}
		}
		f.Fields = append(f.Fields, in)
	}
	for _, key := range []string{"state", "sort", "desc"} {
		if q.Get(key) != "" {
			f.Hidden = append(f.Hidden, look.Hidden{Name: key, Value: q.Get(key)})
		}
	}
	return f
}

// sortBy is a column whose head sorts, up and then down, keeping the filter.
func sortBy(q url.Values, key, label string) look.Column {
	next := url.Values{}
	for k, v := range q {
		if k != "cursor" {
			next[k] = v
		}
	}
	next.Set("sort", key)
	next.Del("desc")
	col := look.Column{Label: label, Wide: key == "title"}
	if q.Get("sort") == key {
		col.Order = "ascending"
		if q.Get("desc") == "" {
			next.Set("desc", "1")
		} else {
			col.Order = "descending"
		}
	}
	col.Sort = "?" + next.Encode()
	return col
}
