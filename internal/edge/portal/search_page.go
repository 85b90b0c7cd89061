package portal

import (
	"html/template"
	"net/url"
	"strings"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/search"
	"tocsin/spec/tlp"
)

// searchKinds are the kinds of records that a search is narrowed to.
var searchKinds = []struct{ kind, one, many string }{
	{"case", "case", "Cases"}, {"advisory", "advisory", "Advisories"}, {"vulnerability", "vulnerability", "Vulnerabilities"}, {"message", "message", "Messages"}, {"file", "file", "Files"},
	{"status", "status", "Statuses"}, {"product", "product", "Products"}, {"tracker", "tracker number", "Tracker numbers"}, {"report", "report", "Reports"},
}

type searchPage struct {
	look.Frame
	Query  string
	Kinds  []look.Chip
	Hits   []searchHit
	Found  string
	Pager  look.Pager
	Refuse string
}

type searchHit struct {
	Kind, Href, Marking string
	Title, Snippet      template.HTML
	At                  template.HTML
}

// search finds what the visitor may see; without an account what is
// published.
func (v *visit) search() error {
	q := v.r.URL.Query()
	text := strings.TrimSpace(q.Get("q"))
	var found search.Page
	err := v.read(func(tx *db.Tx) (err error) {
		found, err = search.Find(tx, v.Actor, search.Query{Text: text, Kind: q.Get("kind"), Cursor: q.Get("cursor")})
		return err
	})
	data := searchPage{Frame: v.frame(""), Query: text}
	data.Head, data.FindQuery = look.RecordHead{Title: "Find"}, text
	if text != "" {
		data.Head.Title = "Find: " + short(text, 80)
		data.Kinds = kindChips(text, q.Get("kind"), v.Actor.Person == "")
	}
	if err != nil {
		var f look.Form
		fault(&f, err)
		data.Refuse = f.Error
		return v.again(err, "search", data)
	}
	for _, h := range found.Hits {
		data.Hits = append(data.Hits, v.drawHit(h))
	}
	data.Found = look.Plural(found.Total, "result", "results")
	if found.Total >= search.MaxTotal {
		data.Found = "more than " + look.Plural(search.MaxTotal, "result", "results")
	}
	if found.Next != "" {
		q.Set("cursor", found.Next)
		data.Pager.Next = "/search?" + q.Encode()
	}
	if q.Get("cursor") != "" && found.Next == "" || data.Pager.Next != "" && v.query("cursor") != "" {
		data.Pager.Prev = searchHref(text, q.Get("kind"))
	}
	return v.show("search", data)
}

func searchHref(text, kind string) string {
	q := url.Values{"q": {text}}
	if kind != "" {
		q.Set("kind", kind)
	}
	return "/search?" + q.Encode()
}

// kindChips narrow the search; a visitor without an account finds nothing of
// the kinds that are never published.
func kindChips(text, chosen string, public bool) []look.Chip {
	chip := func(label, kind string) look.Chip {
		c := look.Chip{Label: label, Href: searchHref(text, kind)}
		if kind == chosen {
			c.Tone, c.Label = look.Info, label+" ✓"
		}
		return c
	}
	out := []look.Chip{chip("All", "")}
	for _, k := range searchKinds {
		if public && k.kind != "advisory" && k.kind != "vulnerability" && k.kind != "case" && k.kind != "status" {
			continue
		}
		out = append(out, chip(k.many, k.kind))
	}
	return out
}

func (v *visit) drawHit(h search.Hit) searchHit {
	out := searchHit{Kind: h.Kind, Href: messageHref(h.URL), Title: marked(h.Title, h.TitleMarks), Snippet: marked(h.Snippet, h.Marks), At: look.Ago(v.now, h.UpdatedAt)}
	if h.Level != tlp.Clear || v.Actor.Person != "" {
		out.Marking = h.Level.String()
	}
	for _, k := range searchKinds {
		if k.kind == h.Kind {
			out.Kind = k.one
		}
	}
	return out
}

// marked writes a text with its hits marked; all of it is escaped.
func marked(s string, ranges []search.Range) template.HTML {
	var b strings.Builder
	at := 0
	for _, r := range ranges {
		if r.From < at || r.To > len(s) || r.To <= r.From {
			continue
		}
		b.WriteString(template.HTMLEscapeString(s[at:r.From]))
		b.WriteString("<mark>" + template.HTMLEscapeString(s[r.From:r.To]) + "</mark>")
		at = r.To
	}
	b.WriteString(template.HTMLEscapeString(s[at:]))
	return template.HTML(b.String())
}
