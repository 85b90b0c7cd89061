package talk

import (
	"context"
	"time"

	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Named finds out which of some contents, by SHA-256, records of a package
// name. Every package that keeps files has one; Sweep asks them all.
type Named func(tx *db.Tx, shas []string) ([]string, error)

// NamedFiles is Named for the files of this package. Those of retracted
// messages count: the record keeps them.
func NamedFiles(tx *db.Tx, shas []string) ([]string, error) {
	var args db.Args
	return db.Column[string](tx, `SELECT DISTINCT sha256 FROM file WHERE sha256 IN `+db.List(&args, shas), args...)
}

// MinSweepAge is the least age at which Sweep takes a content that nothing
// names for forgotten: an upload whose record is still to come is younger.
const MinSweepAge = 24 * time.Hour

const sweepBatch = 200

// Sweep deletes contents that were stored longer than age ago and that no
// record names: uploads whose sender never came back. It returns how many.
func Sweep(ctx context.Context, d *db.DB, store blob.Store, age time.Duration, named ...Named) (int, error) {
	if age < MinSweepAge {
		return 0, errs.New(errs.Invalid, "A sweep spares what was stored less than %s ago.", MinSweepAge)
	}
	before := d.Clock.Now().Add(-age)
	var old []string
	n := 0
	flush := func() error {
		if len(old) == 0 {
			return nil
		}
		gone, err := sweep(ctx, d, store, before, old, append(named, NamedFiles))
		n, old = n+gone, old[:0]
		return err
	}
	err := store.Walk(ctx, func(i blob.Info) error {
		if i.Modified.Before(before) {
			old = append(old, i.SHA256)
		}
		if len(old) < sweepBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return n, err
}

func sweep(ctx context.Context, d *db.DB, store blob.Store, before time.Time, shas []string, named []Named) (int, error) {
	keep := map[string]bool{}
	err := d.Read(ctx, func(tx *db.Tx) error {
		for _, f := range named {
			list, err := f(tx, shas)
			if err != nil {
				return err
			}
			for _, sha := range list {
				keep[sha] = true
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, sha := range shas {
		if keep[sha] {
			continue
		}
		// Somebody may have sent the same content again since the walk.
		i, err := store.Stat(ctx, sha)
		if errs.Is(err, errs.NotFound) || err == nil && !i.Modified.Before(before) {
			continue
		}
		if err != nil {
			return n, err
		}
		if err := store.Delete(ctx, sha); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
