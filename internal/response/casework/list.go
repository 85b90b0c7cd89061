package casework

import (
	"encoding/base64"
	"strconv"
	"strings"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Filter narrows a list of cases.
type Filter struct {
	State  State  // or "" for all
	Owner  string // person id, or ""
	Text   string // words in number or title
	Sort   string // "updated" (default), "number", "opened", "embargo", "title"
	Desc   bool
	Limit  int    // 1 to 200; 0 means 50
	Cursor string // from Page.Next
}

// Page is one page of cases.
type Page struct {
	Cases []Case `json:"cases"`
	Total int    `json:"total"` // of all pages
	Next  string `json:"next,omitempty"`
}

// sorts maps a sort's name to its expression. None is ever NULL, so that a
// cursor can compare.
var sorts = map[string]string{
	"updated": "c.updated_at", "opened": "c.opened_at", "number": "c.number", "title": "c.title",
	"embargo": "COALESCE(c.embargo_ends_at, 9223372036854775807)",
}

// List shows the cases that the actor belongs to. Published cases of others
// are found by search and on the public pages; they are nobody's work.
func List(tx *db.Tx, a audience.Actor, f Filter) (Page, error) {
	var args db.Args
	from := ` FROM ` + audience.Mine(a, &args) + ` mine JOIN cases c ON c.audience_id = mine.audience_id AND c.tlp <= mine.reach WHERE 1 = 1`
	return list(tx, from, f, args)
}

// list runs the query that List scopes; the benchmark runs it unscoped.
func list(tx *db.Tx, from string, f Filter, args db.Args) (Page, error) {
	if f.State != "" {
		from += ` AND c.state = ` + args.Add(string(f.State))
	}
	if f.Owner != "" {
		from += ` AND c.owner_id = ` + args.Add(f.Owner)
	}
	for _, word := range strings.Fields(f.Text) {
		like := args.Add("%" + likeEscape(strings.ToLower(word)) + "%")
		from += ` AND (LOWER(c.number) LIKE ` + like + ` ESCAPE '\' OR LOWER(c.title) LIKE ` + like + ` ESCAPE '\')`
	}
	var p Page
	var err error
	if p.Total, err = db.Value[int](tx, `SELECT COUNT(*)`+from, args...); err != nil {
		return p, err
	}
	if f.Sort == "" {
		f.Sort, f.Desc = "updated", true
	}
	key, ok := sorts[f.Sort]
	if !ok {
		return p, errs.Bad("sort", "Sort by updated, opened, number, title or embargo.")
	}
	dir, cmp := " ASC", " > "
	if f.Desc {
		dir, cmp = " DESC", " < "
	}
	if f.Cursor != "" {
		last, id, err := decodeCursor(f.Cursor, f.Sort)
		if err != nil {
			return p, err
		}
		l, i := args.Add(last), args.Add(id)
		from += ` AND (` + key + cmp + l + ` OR (` + key + ` = ` + l + ` AND c.id` + cmp + i + `))`
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 200)
	p.Cases, err = db.All(tx, scanCase, `SELECT `+caseColumns+from+` ORDER BY `+key+dir+`, c.id`+dir+` LIMIT `+args.Add(f.Limit+1), args...)
	if len(p.Cases) > f.Limit {
		p.Cases = p.Cases[:f.Limit]
		p.Next = encodeCursor(p.Cases[f.Limit-1], f.Sort)
	}
	return p, err
}

func likeEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

func encodeCursor(c Case, sort string) string {
	var key string
	switch sort {
	case "number":
		key = c.Number
	case "title":
		key = c.Title
	case "opened":
		key = strconv.FormatInt(c.OpenedAt.UnixMicro(), 10)
	case "embargo":
		key = strconv.FormatInt(1<<63-1, 10)
		if !c.EmbargoEnds.IsZero() {
			key = strconv.FormatInt(c.EmbargoEnds.UnixMicro(), 10)
		}
	default:
		key = strconv.FormatInt(c.UpdatedAt.UnixMicro(), 10)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(c.ID + "\n" + key))
}

func decodeCursor(cursor, sort string) (key any, id string, err error) {
	refused := errs.Bad("cursor", "The page mark is not one of this list; start from the first page.")
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, "", refused
	}
	id, text, ok := strings.Cut(string(b), "\n")
	if !ok {
		return nil, "", refused
	}
	if sort == "number" || sort == "title" {
		return text, id, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, "", refused
	}
	return n, id, nil
}
