package ledger

import (
	"context"
	"fmt"

	"tocsin/internal/kernel/db"
	"tocsin/spec/text"

	"golang.org/x/mod/sumdb/tlog"
)

// Report is what Verify found.
type Report struct {
	Events      int64    `json:"events"`
	Rows        int64    `json:"rows"` // rows vouched for and compared
	Checkpoints int64    `json:"checkpoints"`
	Root        string   `json:"root"`
	Problems    []string `json:"problems"` // empty: everything holds
}

const maxProblems = 100

func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
	}
}

// Verify recomputes the tree from the events, holds it against the stored
// hashes and every signed checkpoint, and compares each row of tables with
// what the last event that vouches for it said.
func (k *Keeper) Verify(ctx context.Context, d *db.DB, tables []Table) (Report, error) {
	var rep Report
	err := d.Read(ctx, func(tx *db.Tx) (err error) {
		rep, err = k.VerifyIn(tx, tables)
		return err
	})
	return rep, err
}

// VerifyIn is Verify within a transaction: a restore asks before it commits.
func (k *Keeper) VerifyIn(tx *db.Tx, tables []Table) (Report, error) {
	var rep Report
	last := map[string]map[string]string{}
	sizes, err := k.checkpoints(tx, &rep)
	if err != nil {
		return rep, err
	}
	if err := replay(tx, &rep, last, sizes); err != nil {
		return rep, err
	}
	for _, t := range tables {
		if err := compare(tx, &rep, t, last[t.Kind]); err != nil {
			return rep, err
		}
	}
	return rep, nil
}

// checkpoints opens all signed notes and returns the root each claims.
func (k *Keeper) checkpoints(tx *db.Tx, rep *Report) (map[int64]tlog.Hash, error) {
	notes, err := db.Column[string](tx, `SELECT note FROM ledger_checkpoint ORDER BY size`)
	if err != nil {
		return nil, err
	}
	sizes := map[int64]tlog.Hash{}
	for _, n := range notes {
		tree, err := k.Open(n)
		if err != nil {
			rep.problem("a checkpoint's signature does not hold")
			continue
		}
		sizes[tree.N] = tree.Hash
		rep.Checkpoints++
	}
	return sizes, nil
}

// memory is a tree recomputed from the events alone.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, idx := range indexes {
		if idx >= int64(len(m)) {
			return nil, fmt.Errorf("hash %d is not there", idx)
		}
		out[i] = m[idx]
	}
	return out, nil
}

func replay(tx *db.Tx, rep *Report, last map[string]map[string]string, sizes map[int64]tlog.Hash) error {
	size, err := Size(tx)
	if err != nil {
		return err
	}
	var mem memory
	erasures := erasures{done: map[string]bool{}, said: map[string]bool{}}
	next := int64(0)
	for {
		list, err := All(tx, next-1, 1000)
		if err != nil {
			return err
		}
		for _, r := range list {
			if r.Seq != next {
				rep.problem("events %d to %d are missing", next, r.Seq-1)
				return nil
			}
			hashes, err := tlog.StoredHashes(r.Seq, Leaf(r), mem)
			if err != nil {
				return err
			}
			mem = append(mem, hashes...)
			next++
			erasures.see(rep, r)
			if r.Audience != r.First && r.Party == "" {
				rep.problem("event %d is shown to another audience than it was written for", r.Seq)
			}
			for _, b := range r.BoundDigest {
				if last[b.Table] == nil {
					last[b.Table] = map[string]string{}
				}
				last[b.Table][b.ID] = b.Sum
			}
			if err := checkSize(rep, mem, next, sizes); err != nil {
				return err
			}
		}
		if len(list) == 0 {
			break
		}
	}
	rep.Events = next
	erasures.compare(rep)
	if next != size {
		rep.problem("the head counts %s, %d are there", text.Plural(size, "event", "events"), next)
	}
	for n := range sizes {
		if n > next {
			rep.problem("a checkpoint signs %s, only %d are there", text.Plural(n, "event", "events"), next)
		}
	}
	if next > 0 {
		root, err := tlog.TreeHash(next, mem)
		if err != nil {
			return err
		}
		rep.Root = root.String()
	}
	return compareHashes(tx, rep, mem)
}

func checkSize(rep *Report, mem memory, n int64, sizes map[int64]tlog.Hash) error {
	want, ok := sizes[n]
	if !ok {
		return nil
	}
	got, err := tlog.TreeHash(n, mem)
	if err == nil && got != want {
		rep.problem("the first %d events are not those that the checkpoint signs", n)
	}
	return err
}

func compareHashes(tx *db.Tx, rep *Report, mem memory) error {
	type row struct {
		idx  int64
		hash []byte
	}
	for from := int64(0); ; {
		rows, err := db.All(tx, func(r *row) []any { return []any{&r.idx, &r.hash} }, `SELECT idx, hash FROM ledger_hash WHERE idx >= $1 ORDER BY idx LIMIT 2000`, from)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.idx != from || from >= int64(len(mem)) || string(mem[from][:]) != string(r.hash) {
				rep.problem("stored hash %d is not that of the events", r.idx)
				return nil
			}
			from++
		}
		if len(rows) == 0 {
			if from != int64(len(mem)) {
				rep.problem("%s missing", text.Plural(int64(len(mem))-from, "stored hash is", "stored hashes are"))
			}
			return nil
		}
	}
}

// compare holds every row of a table against the last digest vouched for.
func compare(tx *db.Tx, rep *Report, t Table, last map[string]string) error {
	seen, err := compareRows(tx, rep, t, last)
	if err != nil {
		return err
	}
	for id, sum := range last {
		if sum != "" && !seen[id] {
			rep.problem("%s %s is gone without an event", t.Kind, id)
		}
	}
	return nil
}

func compareRows(tx *db.Tx, rep *Report, t Table, last map[string]string) (map[string]bool, error) {
	rows, err := tx.Query(`SELECT ` + t.key() + `, ` + t.Cols + ` FROM ` + t.Name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	seen := map[string]bool{}
	for rows.Next() {
		vals, err := values(rows, 1+t.width())
		if err != nil {
			return nil, err
		}
		id, ok := vals[0].(string)
		if !ok {
			return nil, fmt.Errorf("the key of %s is no text", t.Name)
		}
		seen[id] = true
		got, err := digestOf(vals[1:])
		if err != nil {
			return nil, err
		}
		switch want, vouched := last[id]; {
		case !vouched:
			rep.problem("%s %s stands in the data, but no event made it", t.Kind, id)
			continue
		case got != want:
			rep.problem("%s %s was changed without an event", t.Kind, id)
		}
		rep.Rows++
	}
	return seen, rows.Err()
}
