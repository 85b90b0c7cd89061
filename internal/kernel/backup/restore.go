package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
	"tocsin/internal/kernel/search"
	"tocsin/spec/text"
)

// Restored is the kind of the event with which a restored ledger goes on.
const Restored = "ledger.restored"

// Target is an empty server.
type Target struct {
	DB     db.Config
	Keys   string                                             // the keys directory (DATA/keys)
	Files  func(*seal.Sealer) (blob.Store, error)             // opens the store with the restored keys
	Keeper func(*db.Tx, *seal.Sealer) (*ledger.Keeper, error) // finds the ledger's key in the restored rows
	Tables []ledger.Table                                     // whose rows are held against the ledger
	Newest string                                             // a checkpoint kept elsewhere, or ""
}

// Report is what a restore brought back.
type Report struct {
	Manifest Manifest
	Ledger   ledger.Report
	Missing  int64 // events that Target.Newest signs and the backup does not have
}

// String says it in a sentence or two, for the operator.
func (r Report) String() string {
	s := fmt.Sprintf("Restored the backup of %s: %s, %s; the ledger holds.", r.Manifest.Made.Format(time.RFC3339), text.Plural(r.Manifest.Events, "event", "events"), text.Plural(r.Manifest.Files, "file", "files"))
	if r.Missing > 0 {
		s += fmt.Sprintf(" The backup is older than checkpoint %d: %s not in it.", r.Manifest.Events+r.Missing, text.Plural(r.Missing, "event is", "events are"))
	}
	return s
}

// Restore brings back a server from a backup into a place that holds nothing
// yet (Conflict otherwise). Everything is checked before anything is
// touched, and the ledger before the restore counts; after an error nothing is
// left behind. What waited in the outbox may have left since the backup, so it
// becomes uncertain and waits for a person. A backup of an older version is
// migrated; one of a newer version is refused.
func Restore(ctx context.Context, t Target, r io.ReadSeeker, id age.Identity) (rep Report, err error) {
	if rep.Manifest, err = Check(r, id); err != nil {
		return rep, err
	}
	s := &session{Target: t, r: r, id: id, rep: &rep}
	defer func() {
		if err == nil {
			return
		}
		for i := len(s.undo) - 1; i >= 0; i-- {
			if e := s.undo[i](context.WithoutCancel(ctx)); e != nil {
				err = errors.Join(err, fmt.Errorf("clean up after the failed restore: %w", e))
			}
		}
	}()
	if err := s.keys(); err != nil {
		return rep, err
	}
	if err := s.files(ctx); err != nil {
		return rep, err
	}
	return rep, s.database(ctx)
}

type session struct {
	Target
	r      io.ReadSeeker
	id     age.Identity
	rep    *Report
	sealer *seal.Sealer
	undo   []func(context.Context) error
}

func (s *session) keys() error {
	var exported []byte
	err := each(s.r, s.id, func(name string, size int64, body io.Reader) (err error) {
		if name == keysPart {
			exported, err = readAll(body, size, 1<<20)
		}
		return err
	})
	if err != nil {
		return err
	}
	left, err := os.ReadDir(s.Keys)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errs.Wrap(errs.Unavailable, err, "The keys directory %s cannot be read.", s.Keys)
	}
	if len(left) == 0 {
		s.undo = append(s.undo, func(context.Context) error { return os.RemoveAll(s.Keys) })
	}
	s.sealer, err = seal.Import(s.Keys, exported)
	return err
}

func (s *session) files(ctx context.Context) error {
	if s.rep.Manifest.Files == 0 {
		return nil
	}
	store, err := s.Files(s.sealer)
	if err != nil {
		return err
	}
	return each(s.r, s.id, func(name string, size int64, body io.Reader) error {
		sha, ok := strings.CutPrefix(name, filesPrefix)
		if !ok {
			return nil
		}
		if _, err := store.Stat(ctx, sha); errs.Is(err, errs.NotFound) {
			s.undo = append(s.undo, func(ctx context.Context) error { return store.Delete(ctx, sha) })
		}
		ref, err := store.Put(ctx, body, max(size, 1))
		if err == nil && ref.SHA256 != sha {
			err = damaged(fmt.Errorf("file %s has the content of %s", sha, ref.SHA256))
		}
		return err
	})
}

// database restores into a file beside the place of the embedded database, or
// into one transaction on PostgreSQL.
func (s *session) database(ctx context.Context) error {
	conf := s.DB
	if conf.URL != "" {
		return s.fill(ctx, conf)
	}
	file := filepath.Join(s.DB.Dir, "tocsin.db")
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return notEmpty()
	}
	if err := os.MkdirAll(s.DB.Dir, 0o700); err != nil {
		return errs.Wrap(errs.Unavailable, err, "The data directory %s cannot be made.", s.DB.Dir)
	}
	temp, err := os.MkdirTemp(s.DB.Dir, ".restore-")
	if err != nil {
		return errs.Wrap(errs.Unavailable, err, "The data directory %s cannot be written to.", s.DB.Dir)
	}
	defer os.RemoveAll(temp)
	conf.Dir = temp
	if err := s.fill(ctx, conf); err != nil {
		return err
	}
	// A link, not a rename: it fails when a server started meanwhile.
	if err := os.Link(filepath.Join(temp, "tocsin.db"), file); err != nil {
		return errs.Wrap(errs.Unavailable, err, "The restored database cannot be put into place.")
	}
	dir, err := os.Open(s.DB.Dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func notEmpty() error {
	return errs.New(errs.Conflict, "There is a database here already. A backup is restored into an empty place only; nothing was changed.")
}

func (s *session) fill(ctx context.Context, conf db.Config) (err error) {
	d, err := db.Connect(ctx, conf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	wipe, err := s.prepare(ctx, d)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil && wipe {
			err = errors.Join(err, drop(context.WithoutCancel(ctx), d))
		}
	}()
	have, want, err := d.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	older := have < want
	err = d.Write(ctx, func(tx *db.Tx) error {
		if err := load(tx, s.r, s.id, s.rep.Manifest); err != nil || older {
			return err
		}
		return s.finish(tx)
	})
	if err != nil || !older {
		return err
	}
	wipe = true
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	return d.Write(ctx, s.finish)
}

// prepare brings an empty database to the backup's schema. wipe tells that
// there was nothing at all before, so that a failure takes everything away.
func (s *session) prepare(ctx context.Context, d *db.DB) (wipe bool, err error) {
	m := s.rep.Manifest
	var there []table
	if err := d.Read(ctx, func(tx *db.Tx) (err error) { there, err = tables(tx); return err }); err != nil {
		return false, err
	}
	if len(there) > 0 {
		// A restore that was killed leaves a schema and no event.
		size := int64(-1)
		d.Read(ctx, func(tx *db.Tx) (err error) { size, err = ledger.Size(tx); return err })
		have, _, err := d.SchemaVersion(ctx)
		if err == nil && (size != 0 || have != m.Schema) {
			err = notEmpty()
		}
		return false, err
	}
	_, want, err := d.SchemaVersion(ctx)
	if err == nil && m.Schema > want {
		err = errs.New(errs.Conflict, "The backup is of a newer version of Tocsin (schema %d, this one knows %d). Install that version and restore with it; nothing was changed.", m.Schema, want)
	}
	if err == nil {
		err = d.MigrateTo(ctx, m.Schema)
	}
	if err != nil { // asking for the version has made a table already
		return false, errors.Join(err, drop(context.WithoutCancel(ctx), d))
	}
	return true, nil
}

// drop removes every table of a database that was empty before.
func drop(ctx context.Context, d *db.DB) error {
	if d.Dialect == db.SQLite {
		return nil // its folder goes as a whole
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		names, err := db.Column[string](tx, `SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`)
		for _, name := range names {
			if _, err := tx.Exec(`DROP TABLE IF EXISTS ` + quote(name) + ` CASCADE`); err != nil {
				return err
			}
		}
		return err
	})
}

// finish holds what was loaded against the ledger and lets the ledger go on.
func (s *session) finish(tx *db.Tx) error {
	k, err := s.Keeper(tx, s.sealer)
	if err != nil {
		return err
	}
	if s.rep.Ledger, err = k.VerifyIn(tx, s.Tables); err != nil {
		return err
	}
	if n := len(s.rep.Ledger.Problems); n > 0 || s.rep.Ledger.Events != s.rep.Manifest.Events {
		return errs.New(errs.Conflict, "The ledger in the backup does not hold (%s, the first: %s). Nothing was restored; take an older backup.", text.Plural(n, "problem", "problems"), strings.Join(s.rep.Ledger.Problems[:min(n, 1)], ""))
	}
	if s.Newest != "" {
		if s.rep.Missing, err = k.Missing(tx, s.Newest); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE outbox SET state = $1, last_error = $2, done_at = $3 WHERE state IN ($4, $5) AND next_at <= $3`,
		string(outbox.Uncertain), "Restored from a backup: it may have left since.", tx.Now.UnixMicro(), string(outbox.Pending), string(outbox.Handing)); err != nil {
		return err
	}
	if err := search.Rebuild(tx); err != nil {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: Restored, Object: ledger.Object{Kind: "ledger", ID: "ledger"}, Data: struct {
		Made    time.Time `json:"made"`
		Events  int64     `json:"events"`
		Missing int64     `json:"missing"`
		Newest  string    `json:"newest,omitempty"`
	}{s.rep.Manifest.Made, s.rep.Manifest.Events, s.rep.Missing, s.Newest}})
	return nil
}
