package casework

import (
	"encoding/base64"
	"strconv"
	"strings"

	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Filter narrows a list of cases.
type Filter struct {
	State   State  // or "" for all
	Owner   string // person id, or ""
	Program string // id of the program under which they lie, or ""; one that the actor does not see is not found
	Text    string // words in number or title
	Sort    string // "updated" (default), "number", "opened", "embargo", "title"
	Desc    bool
	Limit   int    // 1 to 200; 0 means 50
	Cursor  string // from Page.Next
}

// Page is one page of cases.
type Page struct {
	Cases   []Case `json:"cases"`
	Total   int    `json:"total"`   // of all pages
	Counted bool   `json:"counted"` // else there are more than Total
	Next    string `json:"next,omitempty"`
}

// sorts maps a sort's name to its expression. None is ever NULL, so that a
// cursor can compare.
var sorts = map[string]string{
	"updated": "c.updated_at", "opened": "c.opened_at", "number": "c.number", "title": "c.title",
	"embargo": "COALESCE(c.embargo_ends_at, 9223372036854775807)",
}

// broad is how many grants name somebody to whom a good part of all cases is
// visible; of those, a list counts no more than mostListed.
const (
	broad      = 2000
	mostListed = 1000
)

// List shows the cases that the actor belongs to. Published cases of others
// are found by search and on the public pages; they are nobody's work.
func List(tx *db.Tx, a audience.Actor, f Filter) (Page, error) {
	o, err := f.order()
	if err != nil {
		return Page{}, err
	}
	if f.Program != "" { // else a guest in a case learned in which program it lies
		if _, err := programs.Get(tx, a, f.Program); err != nil {
			return Page{}, err
		}
	}
	wide, err := audience.Broad(tx, a, broad)
	if err != nil {
		return Page{}, err
	}
	if wide {
		return listWide(tx, a, f, o)
	}
	return listNarrow(tx, a, f, o)
}

// listNarrow begins with what the actor may see, so that its cost follows
// that and not what there is.
func listNarrow(tx *db.Tx, a audience.Actor, f Filter, o order) (Page, error) {
	var args db.Args
	from := ` FROM ` + audience.Mine(a, &args) + ` mine JOIN cases c ON c.audience_id = mine.audience_id AND c.tlp <= mine.reach WHERE 1 = 1` + f.where(&args)
	type counted struct {
		Case
		total int
	}
	list, err := db.All(tx, func(c *counted) []any { return append(scanCase(&c.Case), &c.total) },
		`SELECT `+caseColumns+`, p.total FROM (SELECT x.id, x.k, x.total FROM (SELECT c.id AS id, `+o.key+` AS k, COUNT(*) OVER () AS total`+from+`) x WHERE `+o.behind("x.k", "x.id", &args)+
			o.by("x.k", "x.id")+db.Limit(f.limit()+1)+`) p JOIN cases c ON c.id = p.id`+o.by("p.k", "p.id"), args...)
	p := Page{Counted: true}
	for _, c := range list {
		p.Cases, p.Total = append(p.Cases, c.Case), c.total
	}
	return p.cut(f), err
}

// listWide walks the cases in the order asked for and stops when the page is
// full; it counts no further than mostListed.
func listWide(tx *db.Tx, a audience.Actor, f Filter, o order) (Page, error) {
	var args db.Args
	from := ` FROM cases c WHERE ` + audience.Visible(a, "c", &args) + f.where(&args)
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM (SELECT 1`+from+` LIMIT `+strconv.Itoa(mostListed+1)+`) x`, args...)
	if err != nil {
		return Page{}, err
	}
	p := Page{Total: min(n, mostListed), Counted: n <= mostListed}
	p.Cases, err = db.All(tx, scanCase, `SELECT `+caseColumns+from+` AND `+o.behind(o.key, "c.id", &args)+o.by(o.key, "c.id")+db.Limit(f.limit()+1), args...)
	return p.cut(f), err
}

// where narrows as the filter says.
func (f Filter) where(args *db.Args) string {
	cond := ""
	if f.State != "" {
		cond += ` AND c.state = ` + args.Add(string(f.State))
	}
	if f.Owner != "" {
		cond += ` AND c.owner_id = ` + args.Add(f.Owner)
	}
	if f.Program != "" {
		cond += ` AND EXISTS (SELECT 1 FROM audience_program lies WHERE lies.audience_id = c.audience_id AND lies.program_id = ` + args.Add(f.Program) + `)`
	}
	for _, word := range strings.Fields(f.Text) {
		like := args.Add("%" + likeEscape(strings.ToLower(word)) + "%")
		cond += ` AND (LOWER(c.number) LIKE ` + like + ` ESCAPE '\' OR LOWER(c.title) LIKE ` + like + ` ESCAPE '\')`
	}
	return cond
}

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, 200)
}

// cut takes off the one case that was read to learn whether there are more.
func (p Page) cut(f Filter) Page {
	if n := f.limit(); len(p.Cases) > n {
		p.Cases = p.Cases[:n]
		p.Next = encodeCursor(p.Cases[n-1], f.Sort)
	}
	return p
}

// order is how a list is sorted, and behind what its page begins.
type order struct {
	key    string // expression
	desc   bool
	cursor bool
	last   any // key and id of the last case of the page before
	id     string
}

func (f Filter) order() (order, error) {
	if f.Sort == "" {
		f.Sort, f.Desc = "updated", true
	}
	o := order{key: sorts[f.Sort], desc: f.Desc}
	if o.key == "" {
		return o, errs.Bad("sort", "Sort by updated, opened, number, title or embargo.")
	}
	var err error
	if o.cursor = f.Cursor != ""; o.cursor {
		o.last, o.id, err = decodeCursor(f.Cursor, f.Sort)
	}
	return o, err
}

func (o order) by(key, id string) string {
	dir := " ASC"
	if o.desc {
		dir = " DESC"
	}
	return ` ORDER BY ` + key + dir + `, ` + id + dir
}

func (o order) behind(key, id string, args *db.Args) string {
	if !o.cursor {
		return "1 = 1"
	}
	cmp := " > "
	if o.desc {
		cmp = " < "
	}
	l, i := args.Add(o.last), args.Add(o.id)
	return `(` + key + cmp + l + ` OR (` + key + ` = ` + l + ` AND ` + id + cmp + i + `))`
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
