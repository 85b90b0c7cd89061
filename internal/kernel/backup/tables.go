package backup

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"tocsin/internal/kernel/db"
)

// table is one table of the live schema, with the columns a backup keeps.
type table struct {
	name    string
	columns []column
}

type column struct {
	name  string
	bytes bool // holds bytes and is never NULL
}

// tables lists what there is to keep, from the schema itself, so that no
// table of a later version is forgotten. Left out: what migrations and
// full-text search keep for themselves, and leases, which end with their
// holders.
func tables(tx *db.Tx) ([]table, error) {
	q := `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
	if tx.Dialect == db.Postgres {
		q = `SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1`
	}
	names, err := db.Column[string](tx, q)
	if err != nil {
		return nil, err
	}
	var out []table
	for _, name := range names {
		if strings.HasPrefix(name, "goose_") || name == "lease" {
			continue
		}
		t := table{name: name}
		if t.columns, err = columns(tx, name); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func columns(tx *db.Tx, name string) ([]column, error) {
	q := `SELECT name, CASE WHEN type = 'BLOB' AND "notnull" = 1 THEN 1 ELSE 0 END FROM pragma_table_xinfo($1) WHERE hidden = 0 ORDER BY cid`
	if tx.Dialect == db.Postgres {
		q = `SELECT CAST(column_name AS TEXT), CASE WHEN data_type = 'bytea' AND is_nullable = 'NO' THEN 1 ELSE 0 END FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' AND data_type <> 'tsvector' ORDER BY ordinal_position`
	}
	return db.All(tx, func(c *column) []any { return []any{&c.name, &c.bytes} }, q, name)
}

func (t table) list() string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = quote(c.name)
	}
	return strings.Join(names, ", ")
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// head is the first line of every part of rows.
type head struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

func (t table) head() head {
	h := head{Table: t.name}
	for _, c := range t.columns {
		h.Columns = append(h.Columns, c.name)
	}
	return h
}

// dump reads all rows, and gives them to part in pieces.
func (t table) dump(tx *db.Tx, part func(n int, data []byte) error) (int64, error) {
	rows, err := tx.Query(`SELECT ` + t.list() + ` FROM ` + quote(t.name))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(t.head()); err != nil {
		return 0, err
	}
	vals := make([]any, len(t.columns))
	ptrs := make([]any, len(t.columns))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	count, parts := int64(0), 0
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return 0, err
		}
		line := make([]any, len(vals))
		for i, v := range vals {
			if line[i], err = encode(v, t.columns[i]); err != nil {
				return 0, fmt.Errorf("table %s, column %s: %w", t.name, t.columns[i].name, err)
			}
		}
		if err := enc.Encode(line); err != nil {
			return 0, err
		}
		count++
		if buf.Len() < rowsChunk {
			continue
		}
		parts++
		if err := part(parts, buf.Bytes()); err != nil {
			return 0, err
		}
		buf.Reset()
		if err := enc.Encode(t.head()); err != nil {
			return 0, err
		}
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	return count, part(parts+1, buf.Bytes())
}

// binary is a value that JSON has no form for: bytes, or text that is not
// UTF-8.
type binary struct {
	Bytes *string `json:"bytes,omitempty"`
	Text  *string `json:"text,omitempty"`
}

func encode(v any, c column) (any, error) {
	switch v := v.(type) {
	case nil:
		if c.bytes { // how the embedded database's driver gives empty bytes
			return encode([]byte{}, c)
		}
		return nil, nil
	case int64:
		return v, nil
	case string:
		if utf8.ValidString(v) {
			return v, nil
		}
		s := base64.StdEncoding.EncodeToString([]byte(v))
		return binary{Text: &s}, nil
	case []byte:
		s := base64.StdEncoding.EncodeToString(v)
		return binary{Bytes: &s}, nil
	}
	return nil, fmt.Errorf("values of type %T have no form in a backup", v)
}

func decode(raw json.RawMessage) (any, error) {
	switch {
	case string(raw) == "null":
		return nil, nil
	case len(raw) > 0 && raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case len(raw) > 0 && raw[0] == '{':
		var b binary
		if err := json.Unmarshal(raw, &b); err != nil {
			return nil, err
		}
		if b.Bytes != nil {
			return base64.StdEncoding.DecodeString(*b.Bytes)
		}
		if b.Text != nil {
			s, err := base64.StdEncoding.DecodeString(*b.Text)
			return string(s), err
		}
		return nil, fmt.Errorf("unknown value %s", raw)
	}
	var n int64
	err := json.Unmarshal(raw, &n)
	return n, err
}
