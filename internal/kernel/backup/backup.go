package backup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"filippo.io/age"

	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/seal"
)

// Source is what is kept.
type Source struct {
	DB     *db.DB
	Files  blob.Store     // nil: there are none
	Keys   *seal.Sealer   // the server's keys; they go into the file
	Keeper *ledger.Keeper // signs the ledger as it stands; nil: the last checkpoint is used
}

// Write makes a backup while the server runs. All rows are of one instant;
// files that were put later may be in it too, which does no harm.
func Write(ctx context.Context, src Source, w io.Writer, to age.Recipient) (Manifest, error) {
	if src.Keeper != nil {
		if err := src.DB.Write(ctx, func(tx *db.Tx) error { _, err := src.Keeper.Checkpoint(tx); return err }); err != nil {
			return Manifest{}, err
		}
	}
	schema, _, err := src.DB.SchemaVersion(ctx)
	if err != nil {
		return Manifest{}, err
	}
	sealed, err := age.Encrypt(w, to)
	if err != nil {
		return Manifest{}, errs.Wrap(errs.Invalid, err, "The backup cannot be sealed to that recipient.")
	}
	zip, err := gzip.NewWriterLevel(sealed, gzip.BestSpeed)
	if err != nil {
		return Manifest{}, err
	}
	a := &archive{tar: tar.NewWriter(zip), m: Manifest{Format: format, Schema: schema, Rows: map[string]int64{}}}
	if err := a.rows(ctx, src.DB); err != nil {
		return a.m, err
	}
	if err := a.add(keysPart, src.Keys.Export()); err != nil {
		return a.m, err
	}
	if src.Files != nil {
		if err := a.files(ctx, src.Files); err != nil {
			return a.m, err
		}
	}
	text, err := json.Marshal(a.m)
	if err != nil {
		return a.m, err
	}
	if err := a.add(manifestPart, text); err != nil {
		return a.m, err
	}
	for _, c := range []io.Closer{a.tar, zip, sealed} {
		if err := c.Close(); err != nil {
			return a.m, fmt.Errorf("write the backup: %w", err)
		}
	}
	return a.m, nil
}

type archive struct {
	tar *tar.Writer
	m   Manifest
}

func (a *archive) rows(ctx context.Context, d *db.DB) error {
	return d.Read(ctx, func(tx *db.Tx) error {
		a.m.Made = tx.Now
		var err error
		if a.m.Events, err = ledger.Size(tx); err != nil {
			return err
		}
		if a.m.Checkpoint, err = db.Value[string](tx, `SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1`); err != nil {
			return err
		}
		list, err := tables(tx)
		if err != nil {
			return err
		}
		for _, t := range list {
			n, err := t.dump(tx, func(n int, data []byte) error { return a.add(fmt.Sprintf("%s%s/%06d", rowsPrefix, t.name, n), data) })
			if err != nil {
				return err
			}
			a.m.Rows[t.name] = n
		}
		return nil
	})
}

func (a *archive) files(ctx context.Context, store blob.Store) error {
	return store.Walk(ctx, func(info blob.Info) error {
		r, err := store.Open(ctx, info.SHA256)
		if errs.Is(err, errs.NotFound) { // deleted meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		defer r.Close()
		if err := a.tar.WriteHeader(&tar.Header{Name: filesPrefix + info.SHA256, Mode: 0o600, Size: info.Size}); err != nil {
			return err
		}
		sum := sha256.New()
		if _, err := io.Copy(io.MultiWriter(a.tar, sum), r); err != nil {
			return fmt.Errorf("file %s: %w", info.SHA256, err)
		}
		a.m.Files++
		a.m.Parts = append(a.m.Parts, Part{filesPrefix + info.SHA256, info.Size, hex.EncodeToString(sum.Sum(nil))})
		return nil
	})
}

func (a *archive) add(name string, data []byte) error {
	if err := a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data))}); err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	a.m.Parts = append(a.m.Parts, Part{name, int64(len(data)), hex.EncodeToString(sum[:])})
	_, err := a.tar.Write(data)
	return err
}
