// Package search is the one index of everything that can be searched. It
// stands under the audience rule like every list: what one may not see is not
// found, not counted, and does not move what is found.
package search

import (
	"strconv"
	"strings"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

// Doc is one searchable text with the marking of the record it is of.
type Doc struct {
	Kind     string // what it is: "case", "advisory", "message", …
	ObjectID string // the record's id
	Part     string // a record with several texts tells them apart; else ""
	Scope    string // id of the case it belongs to, or ""
	Party    string // id of the participant it speaks of, or ""; see Move
	Audience string
	Level    tlp.Level
	Release  time.Time // zero: not published
	Title    string    // at most 1,000 runes are kept
	Body     string    // plain text; at most MaxBody bytes are kept: cut longer ones into parts
	URL      string    // path of the page that shows it, beginning with "/"
	At       time.Time // when the record changed last; zero: now
}

// MaxBody is how many bytes of a Doc's body are kept and searched.
const MaxBody = 64 << 10

const (
	maxTitle = 1000
	// maxWords of a doc are indexed: PostgreSQL tells 16,383 positions apart.
	maxWords = 16_000
)

// Put indexes a text, in place of the one with the same kind, id and part.
func Put(tx *db.Tx, d Doc) error {
	if d.Kind == "" || d.ObjectID == "" || !d.Level.Valid() || !strings.HasPrefix(d.URL, "/") {
		return errs.New(errs.Internal, "A searchable text needs a kind, an id, a marking and a path.")
	}
	d.Title, d.Body = clean(d.Title, 4*maxTitle), clean(d.Body, MaxBody)
	if r := []rune(d.Title); len(r) > maxTitle {
		d.Title = string(r[:maxTitle])
	}
	if d.At.IsZero() {
		d.At = tx.Now
	}
	var args db.Args
	columns := "kind, object_id, part, scope, party, audience_id, tlp, release_at, title, body, url, updated_at"
	values := []any{d.Kind, d.ObjectID, d.Part, d.Scope, d.Party, d.Audience, int(d.Level), db.Micros(d.Release), d.Title, d.Body, d.URL, d.At.UnixMicro()}
	if tx.Dialect == db.Postgres {
		values = append(values, tsvector(d.Title, d.Body))
		// A new n: what was written last is listed first.
		_, err := tx.Exec(`INSERT INTO search_doc (`+columns+`, terms) VALUES `+db.List(&args, values)+`
			ON CONFLICT (kind, object_id, part) DO UPDATE SET n = excluded.n, scope = excluded.scope, party = excluded.party, audience_id = excluded.audience_id, tlp = excluded.tlp,
			release_at = excluded.release_at, title = excluded.title, body = excluded.body, url = excluded.url, updated_at = excluded.updated_at, terms = excluded.terms`, args...)
		return err
	}
	if err := drop(tx, "kind = $1 AND object_id = $2 AND part = $3", d.Kind, d.ObjectID, d.Part); err != nil {
		return err
	}
	n, err := db.Value[int64](tx, `INSERT INTO search_doc (`+columns+`) VALUES `+db.List(&args, values)+` RETURNING n`, args...)
	if err != nil {
		return err
	}
	return indexSQLite(tx, n, d.Title, d.Body)
}

// Move shows the texts of some kinds that speak of a party to another
// audience: the party was hidden from the others, or shown again.
func Move(tx *db.Tx, party, to string, kinds ...string) error {
	args := db.Args{to, party}
	_, err := tx.Exec(`UPDATE search_doc SET audience_id = $1 WHERE party = $2 AND kind IN `+db.List(&args, kinds), args...)
	return err
}

// clean cuts a text to a number of bytes and leaves nothing in it that a
// database refuses.
func clean(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

// Drop takes all texts of a record out of the index.
func Drop(tx *db.Tx, kind, objectID string) error {
	return drop(tx, "kind = $1 AND object_id = $2", kind, objectID)
}

func drop(tx *db.Tx, where string, args ...any) error {
	if tx.Dialect == db.SQLite {
		if _, err := tx.Exec(`DELETE FROM search_index WHERE rowid IN (SELECT n FROM search_doc WHERE `+where+`)`, args...); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`DELETE FROM search_doc WHERE `+where, args...)
	return err
}

// Remark gives all texts of a record another audience and marking, without
// reading them anew: for a verb that publishes, withdraws or re-marks.
func Remark(tx *db.Tx, kind, objectID, audienceID string, level tlp.Level, release time.Time) error {
	_, err := tx.Exec(`UPDATE search_doc SET audience_id = $1, tlp = $2, release_at = $3 WHERE kind = $4 AND object_id = $5`,
		audienceID, int(level), db.Micros(release), kind, objectID)
	return err
}

// Rebuild makes the index anew from the kept texts: after a restore, and
// when a new version cuts words differently.
func Rebuild(tx *db.Tx) error {
	if tx.Dialect == db.SQLite {
		if _, err := tx.Exec(`INSERT INTO search_index (search_index) VALUES ('delete-all')`); err != nil {
			return err
		}
	}
	type row struct {
		n           int64
		title, body string
	}
	for after := int64(-1); ; {
		rows, err := db.All(tx, func(r *row) []any { return []any{&r.n, &r.title, &r.body} },
			`SELECT n, title, body FROM search_doc WHERE n > $1 ORDER BY n LIMIT 200`, after)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			after = r.n
			if tx.Dialect == db.SQLite {
				err = indexSQLite(tx, r.n, r.title, r.body)
			} else {
				_, err = tx.Exec(`UPDATE search_doc SET terms = $1 WHERE n = $2`, tsvector(r.title, r.body), r.n)
			}
			if err != nil {
				return err
			}
		}
	}
}

func indexSQLite(tx *db.Tx, n int64, title, body string) error {
	head := folded(title, maxWords)
	_, err := tx.Exec(`INSERT INTO search_index (rowid, title, body) VALUES ($1, $2, $3)`,
		n, strings.Join(head, " "), strings.Join(folded(body, maxWords-len(head)), " "))
	return err
}

// tsvector spells a doc's words with their positions; those of the title have
// weight A. A gap keeps a phrase from running on from title to body. Of one
// word PostgreSQL keeps the first 255 positions.
func tsvector(title, body string) string {
	var order []string
	at := map[string][]string{}
	add := func(list []string, from int, weight string) {
		for i, w := range list {
			if at[w] == nil {
				order = append(order, w)
			}
			if len(at[w]) < 255 {
				at[w] = append(at[w], strconv.Itoa(from+i)+weight)
			}
		}
	}
	head := folded(title, maxWords)
	add(head, 1, "A")
	add(folded(body, maxWords-len(head)), len(head)+2, "")
	var b strings.Builder
	for _, w := range order {
		b.WriteString("'" + w + "':" + strings.Join(at[w], ",") + " ")
	}
	return b.String()
}
