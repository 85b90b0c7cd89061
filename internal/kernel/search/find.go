package search

import (
	"strconv"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

// Query is what an actor asks.
type Query struct {
	Text   string
	Kind   string // only this kind of record, or "" for all
	Scope  string // only what belongs to this case, or "" for all
	Limit  int    // hits a page; 0 means 20, 100 is the most
	Cursor string // Page.Next of the page before, or ""
}

// Page is what was found, best first: hits in the title, hits in the text,
// hits of the unfinished last word; the latest first among each.
type Page struct {
	Hits  []Hit
	Total int    // of the whole result; counted up to MaxTotal
	Next  string // Cursor of the next page, "" on the last
}

// MaxTotal is where counting stops: a Total that large means "or more".
const MaxTotal = 1000

// Hit is one text that was found.
type Hit struct {
	Kind       string
	ObjectID   string
	Part       string
	Scope      string
	Title      string
	TitleMarks []Range
	Snippet    string // plain text around the first hit in the body
	Marks      []Range
	URL        string
	Level      tlp.Level
	UpdatedAt  time.Time
	n          int64
	body       string
}

// Range is the bytes [From, To) of a text that matched.
type Range struct{ From, To int }

// Find lists what the actor may see and the text matches. A text without any
// word finds nothing. A release instant takes effect by tx.Now.
func Find(tx *db.Tx, a audience.Actor, q Query) (Page, error) {
	terms, err := parse(q.Text)
	if err != nil || len(terms) == 0 {
		return Page{}, err
	}
	if q.Limit <= 0 {
		q.Limit = 20
	}
	q.Limit = min(q.Limit, 100)
	e := fts5
	if tx.Dialect == db.Postgres {
		e = tsquery
	}
	steps := e.steps(terms)
	at, below, err := openCursor(q.Cursor, len(steps))
	if err != nil {
		return Page{}, err
	}
	wide, err := audience.Broad(tx, a, broad)
	if err != nil {
		return Page{}, err
	}
	var p Page
	if p.Total, err = count(tx, a, q, wide, e.all(terms, false)); err != nil {
		return Page{}, err
	}
	for ; at < len(steps); at++ {
		hits, err := step(tx, a, q, wide, steps[at], below, q.Limit+1-len(p.Hits))
		if err != nil {
			return Page{}, err
		}
		for _, h := range hits {
			if len(p.Hits) == q.Limit {
				return p, nil
			}
			h.show(terms)
			p.Hits = append(p.Hits, h)
			p.Next = strconv.Itoa(at) + "." + strconv.FormatInt(h.n, 36)
		}
		below = lastN
	}
	p.Next = ""
	return p, nil
}

// broad is how many grants name somebody to whom a good part is visible.
const broad = 2000

const lastN = int64(1) << 62

func openCursor(s string, steps int) (at int, below int64, err error) {
	if s == "" {
		return 0, lastN, nil
	}
	first, second, _ := strings.Cut(s, ".")
	at, err = strconv.Atoi(first)
	if err == nil {
		below, err = strconv.ParseInt(second, 36, 64)
	}
	if err != nil || at < 0 || at >= steps {
		return 0, 0, errs.New(errs.Malformed, "This page of the search cannot be found. Begin the search anew.")
	}
	return at, below, nil
}

// from is the part that step and count share: matching texts under the rule.
// What the actor may see is gathered once and looked up for each text, by a
// hash on PostgreSQL, which would plan a join as a loop within a loop. To whom
// a good part is visible, each text is tested by itself.
func from(tx *db.Tx, a audience.Actor, q Query, wide bool, match string, args *db.Args) (with, rest string) {
	visible := `(d.audience_id, d.tlp) IN (SELECT audience_id, tlp FROM open)`
	if wide {
		visible = audience.Visible(a, "d", args)
	} else {
		with = `WITH levels (level) AS (VALUES (0), (1), (2), (3), (4)), open (audience_id, tlp) AS (
			SELECT mine.audience_id, levels.level FROM ` + audience.Mine(a, args) + ` mine JOIN levels ON levels.level <= mine.reach) `
	}
	table, matches := `search_doc d`, `d.terms @@ CAST(CAST(`+args.Add(match)+` AS TEXT) AS TSQUERY)`
	if tx.Dialect == db.SQLite {
		table, matches = `search_index f CROSS JOIN search_doc d ON d.n = f.rowid`, `f.search_index MATCH $`+strconv.Itoa(len(*args))
	}
	rest = ` FROM ` + table + ` WHERE ` + matches +
		` AND (` + visible + ` OR ` + audience.Published("d", tx.Now, args) + `)`
	if q.Kind != "" {
		rest += ` AND d.kind = ` + args.Add(q.Kind)
	}
	if q.Scope != "" {
		rest += ` AND d.scope = ` + args.Add(q.Scope)
	}
	return with, rest
}

func step(tx *db.Tx, a audience.Actor, q Query, wide bool, match string, below int64, limit int) ([]Hit, error) {
	var args db.Args
	with, rest := from(tx, a, q, wide, match, &args)
	n := "d.n + 0" // nor may PostgreSQL walk all rows backwards, hoping to meet matches
	if tx.Dialect == db.SQLite {
		n = "f.rowid" // the index itself reads backwards and stops at the limit
	}
	return db.All(tx, func(h *Hit) []any {
		return []any{&h.n, &h.Kind, &h.ObjectID, &h.Part, &h.Scope, &h.Title, &h.body, &h.URL, &h.Level, db.At(&h.UpdatedAt)}
	}, with+`SELECT d.n, d.kind, d.object_id, d.part, d.scope, d.title, d.body, d.url, d.tlp, d.updated_at`+rest+
		` AND `+n+` < `+args.Add(below)+` ORDER BY `+n+` DESC`+db.Limit(limit), args...)
}

func count(tx *db.Tx, a audience.Actor, q Query, wide bool, match string) (int, error) {
	var args db.Args
	with, rest := from(tx, a, q, wide, match, &args)
	return db.Value[int](tx, with+`SELECT COUNT(*) FROM (SELECT 1`+rest+db.Limit(MaxTotal)+`) x`, args...)
}
