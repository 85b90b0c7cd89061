package backup

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/text"
)

// load replaces all rows of a database by those of the backup. Keys between
// tables are looked at once everything is there.
func load(tx *db.Tx, r io.ReadSeeker, id age.Identity, m Manifest) error {
	live, err := tables(tx)
	if err != nil {
		return err
	}
	byName := map[string]table{}
	for _, t := range live {
		byName[t.name] = t
	}
	for name := range m.Rows {
		if _, ok := byName[name]; !ok {
			return damaged(fmt.Errorf("there is no table %q in schema %d", name, m.Schema))
		}
	}
	restore, err := suspendKeys(tx)
	if err != nil {
		return err
	}
	for _, t := range live {
		if _, err := tx.Exec(`DELETE FROM ` + quote(t.name)); err != nil {
			return err
		}
	}
	rows := map[string]int64{}
	err = each(r, id, func(name string, size int64, body io.Reader) error {
		if !strings.HasPrefix(name, rowsPrefix) {
			return nil
		}
		data, err := readAll(body, size, maxRowsPart)
		if err != nil {
			return err
		}
		t, n, err := insert(tx, byName, data)
		rows[t] += n
		return err
	})
	if err != nil {
		return err
	}
	for name, want := range m.Rows {
		if rows[name] != want {
			return damaged(fmt.Errorf("table %s has %s of %d", name, text.Plural(rows[name], "row", "rows"), want))
		}
	}
	if err := counters(tx, live); err != nil {
		return err
	}
	return restore()
}

func insert(tx *db.Tx, byName map[string]table, data []byte) (string, int64, error) {
	in := bufio.NewReader(bytes.NewReader(data))
	first, err := in.ReadBytes('\n')
	if err != nil {
		return "", 0, damaged(err)
	}
	var h head
	if err := json.Unmarshal(first, &h); err != nil {
		return "", 0, damaged(err)
	}
	t, ok := byName[h.Table]
	if !ok || !slices.Equal(sorted(t.head().Columns), sorted(h.Columns)) {
		return "", 0, damaged(fmt.Errorf("table %q does not have the columns %q", h.Table, h.Columns))
	}
	names := make([]string, len(h.Columns))
	for i, c := range h.Columns {
		names[i] = quote(c)
	}
	begin := `INSERT INTO ` + quote(h.Table) + ` (` + strings.Join(names, ", ") + `) VALUES `
	var args db.Args
	var lines []string
	count := int64(0)
	flush := func() error {
		if len(lines) == 0 {
			return nil
		}
		_, err := tx.Exec(begin+strings.Join(lines, ", "), args...)
		args, lines = nil, nil
		return err
	}
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return h.Table, count, flush()
		}
		if err != nil {
			return h.Table, count, damaged(err)
		}
		var raw []json.RawMessage
		if err := json.Unmarshal(line, &raw); err != nil || len(raw) != len(names) {
			return h.Table, count, damaged(fmt.Errorf("a row of %s: %w", h.Table, err))
		}
		values := make([]any, len(raw))
		for i := range raw {
			if values[i], err = decode(raw[i]); err != nil {
				return h.Table, count, damaged(fmt.Errorf("a row of %s: %w", h.Table, err))
			}
		}
		lines = append(lines, db.List(&args, values))
		count++
		if len(args) > 4000 {
			if err := flush(); err != nil {
				return h.Table, count, err
			}
		}
	}
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

// suspendKeys takes the foreign keys out of force until the function it
// returns has run, so that tables may come in any order.
func suspendKeys(tx *db.Tx) (func() error, error) {
	if tx.Dialect == db.SQLite {
		_, err := tx.Exec(`PRAGMA defer_foreign_keys = ON`)
		return func() error {
			broken, err := db.Column[string](tx, `SELECT DISTINCT "table" FROM pragma_foreign_key_check`)
			if err == nil && len(broken) > 0 {
				err = damaged(fmt.Errorf("rows of %q point nowhere", broken))
			}
			return err
		}, err
	}
	type key struct{ table, name, def string }
	keys, err := db.All(tx, func(k *key) []any { return []any{&k.table, &k.name, &k.def} },
		`SELECT CAST(CAST(conrelid AS REGCLASS) AS TEXT), CAST(conname AS TEXT), pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND connamespace = CAST(current_schema() AS REGNAMESPACE)`)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if _, err := tx.Exec(`ALTER TABLE ` + k.table + ` DROP CONSTRAINT ` + quote(k.name)); err != nil {
			return nil, err
		}
	}
	return func() error {
		for _, k := range keys {
			if _, err := tx.Exec(`ALTER TABLE ` + k.table + ` ADD CONSTRAINT ` + quote(k.name) + ` ` + k.def); err != nil {
				return errs.Wrap(errs.Malformed, err, "The backup is damaged: rows of %s point nowhere. Nothing was restored.", k.table)
			}
		}
		return nil
	}, nil
}

// counters sets PostgreSQL's counted columns behind the rows that came in.
func counters(tx *db.Tx, live []table) error {
	if tx.Dialect == db.SQLite {
		return nil
	}
	for _, t := range live {
		names, err := db.Column[string](tx, `SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 AND is_identity = 'YES'`, t.name)
		if err != nil {
			return err
		}
		for _, c := range names {
			if _, err := tx.Exec(`SELECT setval(pg_get_serial_sequence($1, $2), (SELECT COALESCE(MAX(`+quote(c)+`), 0) + 1 FROM `+quote(t.name)+`), false)`, quote(t.name), c); err != nil {
				return err
			}
		}
	}
	return nil
}
