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
	Table look.Table
}

// cases lists the cases that the visitor belongs to.
func (v *visit) cases() error {
	q := v.r.URL.Query()
	filter := casework.Filter{State: casework.State(q.Get("state")), Text: q.Get("q"), Sort: q.Get("sort"), Desc: q.Get("desc") != "", Cursor: q.Get("cursor")}
	var page casework.Page
	err := v.read(func(tx *db.Tx) (err error) {
		page, err = casework.List(tx, v.Actor, filter)
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
	data.Table = look.Table{ID: "cases", Caption: "Cases you belong to", Hidden: true, Filter: true,
		Columns: []look.Column{sortBy(q, "number", "Number"), sortBy(q, "title", "Title"), {Label: "Embargo"}, sortBy(q, "embargo", "Ends"), sortBy(q, "updated", "Changed")},
		Pager:   &look.Pager{Total: page.Total}, Empty: &look.Empty{Text: "You belong to no case yet. When you are invited to one, it stands here."}}
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
