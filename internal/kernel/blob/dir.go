package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/seal"
)

// spoolDir holds uploads on their way; staleSpool is when one that is still
// there must belong to a process that died.
const (
	spoolDir   = "incoming"
	staleSpool = 24 * time.Hour
)

// OpenDir keeps files in a directory, in subdirectories by the first two
// digits of their names. It is made if need be, readable by the server's user
// only. Uploads that a crash left half-done a day ago are removed.
func OpenDir(dir string, s *seal.Sealer) (Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unavailable(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, unavailable(err)
	}
	if err := root.Mkdir(spoolDir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		root.Close()
		return nil, unavailable(err)
	}
	d := &directory{root: root}
	if err := d.sweep(); err != nil {
		root.Close()
		return nil, unavailable(err)
	}
	return newStore(d, s)
}

// directory is open as long as the process lives.
type directory struct{ root *os.Root }

func (d *directory) sweep() error {
	entries, err := fs.ReadDir(d.root.FS(), spoolDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > staleSpool {
			if err := d.root.Remove(spoolDir + "/" + e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

type dirSpool struct {
	*os.File
	d    *directory
	temp string // empty once it is committed
}

func (d *directory) spool() (spool, error) {
	temp := spoolDir + "/" + rand.Text()
	f, err := d.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &dirSpool{f, d, temp}, nil
}

func (s *dirSpool) commit(_ context.Context, name string) error {
	if err := s.Sync(); err != nil {
		return err
	}
	sub := name[:2]
	switch err := s.d.root.Mkdir(sub, 0o700); {
	case err == nil:
		if err := s.d.sync("."); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	// Over an older copy of the same content too, which renews its time and
	// heals it if the disk has damaged it.
	if err := s.d.root.Rename(s.temp, sub+"/"+name); err != nil {
		return err
	}
	s.temp = ""
	return s.d.sync(sub)
}

func (s *dirSpool) drop() {
	s.Close()
	if s.temp != "" {
		s.d.root.Remove(s.temp)
	}
}

// sync makes the names in a directory durable.
func (d *directory) sync(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d *directory) open(_ context.Context, name string) (io.ReadCloser, error) {
	f, err := d.root.Open(name[:2] + "/" + name)
	if err != nil {
		return nil, absent(err)
	}
	return f, nil
}

func (d *directory) delete(_ context.Context, name string) error {
	if err := d.root.Remove(name[:2] + "/" + name); err != nil {
		return absent(err)
	}
	return d.sync(name[:2])
}

func (d *directory) stat(_ context.Context, name string) (int64, time.Time, error) {
	info, err := d.root.Stat(name[:2] + "/" + name)
	if err != nil {
		return 0, time.Time{}, absent(err)
	}
	return info.Size(), info.ModTime(), nil
}

func (d *directory) walk(ctx context.Context, f func(string, int64, time.Time) error) error {
	return fs.WalkDir(d.root.FS(), ".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // deleted meanwhile
		case err != nil:
			return err
		case e.IsDir() && path == spoolDir:
			return fs.SkipDir
		case !e.Type().IsRegular():
			return ctx.Err()
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return f(e.Name(), info.Size(), info.ModTime())
	})
}

func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errs.Missing("file")
	}
	return err
}
