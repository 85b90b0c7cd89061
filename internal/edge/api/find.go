package api

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/search"
	"tocsin/spec/tlp"
)

type searchQuery struct {
	Listing
	Text string `query:"q" required:"true" maxLength:"500"`
	Kind string `query:"kind" maxLength:"40" doc:"case, advisory, message, …"`
	Case string `query:"case" maxLength:"64" doc:"Only in this case, by id."`
}

// hit is one record that was found.
type hit struct {
	Kind    string    `json:"kind"`
	ID      string    `json:"id"`
	Case    string    `json:"case_id,omitempty"`
	Title   string    `json:"title"`
	Snippet string    `json:"snippet,omitempty"`
	URL     string    `json:"url" doc:"Path of the page that shows it."`
	TLP     tlp.Level `json:"tlp"`
	Updated time.Time `json:"updated_at"`
}

func find(c *call, tx *db.Tx, in *searchQuery) (page[hit], error) {
	p, err := search.Find(tx, c.Actor, search.Query{Text: in.Text, Kind: in.Kind, Scope: in.Case, Limit: min(in.Limit, 100), Cursor: in.Cursor})
	var out []hit
	for _, h := range p.Hits {
		out = append(out, hit{h.Kind, h.ObjectID, h.Scope, h.Title, h.Snippet, h.URL, h.Level, h.UpdatedAt})
	}
	return pageOf(out, p.Next, p.Total), err
}
