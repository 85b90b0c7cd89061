package ledger

import (
	"fmt"
	"slices"
	"strings"

	"tocsin/internal/kernel/db"
	"tocsin/spec/text"

	"golang.org/x/mod/sumdb/tlog"
)

// tree adds leaves to the stored Merkle tree within one transaction. Hashes
// added in it are kept at hand, since the next leaf needs them.
type tree struct {
	tx    *db.Tx
	fresh map[int64]tlog.Hash
	order []int64 // of fresh
}

func newTree(tx *db.Tx) *tree { return &tree{tx: tx, fresh: map[int64]tlog.Hash{}} }

func (t *tree) add(n int64, leaf []byte) error {
	hashes, err := tlog.StoredHashes(n, leaf, t)
	if err != nil {
		return err
	}
	first := tlog.StoredHashIndex(0, n)
	for i, h := range hashes {
		t.fresh[first+int64(i)] = h
		t.order = append(t.order, first+int64(i))
	}
	return nil
}

// store writes the hashes that add made.
func (t *tree) store() error {
	for chunk := range slices.Chunk(t.order, 500) {
		var args db.Args
		rows := make([]string, len(chunk))
		for i, idx := range chunk {
			h := t.fresh[idx]
			rows[i] = db.List(&args, []any{idx, h[:]})
		}
		if _, err := t.tx.Exec(`INSERT INTO ledger_hash (idx, hash) VALUES `+strings.Join(rows, ", "), args...); err != nil {
			return err
		}
	}
	return nil
}

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	want := map[int64][]int{}
	var ask []int64
	for i, idx := range indexes {
		if h, ok := t.fresh[idx]; ok {
			out[i] = h
			continue
		}
		if want[idx] == nil {
			ask = append(ask, idx)
		}
		want[idx] = append(want[idx], i)
	}
	if len(ask) == 0 {
		return out, nil
	}
	type row struct {
		idx  int64
		hash []byte
	}
	var args db.Args
	rows, err := db.All(t.tx, func(r *row) []any { return []any{&r.idx, &r.hash} },
		`SELECT idx, hash FROM ledger_hash WHERE idx IN `+db.List(&args, ask), args...)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if len(r.hash) != tlog.HashSize {
			return nil, fmt.Errorf("ledger hash %d is damaged", r.idx)
		}
		for _, i := range want[r.idx] {
			copy(out[i][:], r.hash)
		}
		delete(want, r.idx)
	}
	if len(want) > 0 {
		return nil, fmt.Errorf("%s missing", text.Plural(len(want), "ledger hash is", "ledger hashes are"))
	}
	return out, nil
}

// Size is how many events the ledger holds.
func Size(tx *db.Tx) (int64, error) {
	return db.Value[int64](tx, `SELECT size FROM ledger_head WHERE one = 1`)
}

// Table tells the ledger how to read a kind of row that events vouch for.
type Table struct {
	Kind string // as it stands in Digest.Table
	Name string // SQL table
	Cols string // columns that are vouched for, comma-separated
	Key  string // key column; "id" when empty
}

// Bound is one row of a Table.
type Bound struct {
	Table Table
	ID    string
}

// Of binds a row of the table.
func (t Table) Of(id string) Bound { return Bound{t, id} }

func (t Table) key() string {
	if t.Key == "" {
		return "id"
	}
	return t.Key
}

func (t Table) width() int { return strings.Count(t.Cols, ",") + 1 }

// digest hashes the row's columns; "" when there is no such row. The same
// row gives the same digest on both databases.
func (t Table) digest(tx *db.Tx, id string) (string, error) {
	rows, err := tx.Query(`SELECT `+t.Cols+` FROM `+t.Name+` WHERE `+t.key()+` = $1`, id)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	if !rows.Next() {
		return "", rows.Err()
	}
	vals, err := values(rows, t.width())
	if err != nil {
		return "", err
	}
	return digestOf(vals)
}
