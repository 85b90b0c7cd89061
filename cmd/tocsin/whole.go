package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// vacant refuses a name that is taken, unless it may be replaced.
func vacant(name string, force bool) error {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder; name a file", name)
	case !force:
		return fmt.Errorf("%s exists; name another file, or replace it with --force", name)
	}
	return nil
}

// writeWhole writes a file beside its place and gives it its name when it is
// whole and on the disk, so that a file of that name is never half a one.
func writeWhole(name string, force bool, write func(io.Writer) error) error {
	if err := vacant(name, force); err != nil {
		return err
	}
	dir := filepath.Dir(name)
	tmp, err := os.CreateTemp(dir, ".tocsin-*") // for its owner alone
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err = write(tmp); err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return fmt.Errorf("%s was not written: %w", name, err)
	}
	if err := place(tmp.Name(), name, force); err != nil {
		return err
	}
	return syncFolder(dir)
}

// place names a finished file. A second name, unlike a rename, is refused
// where another process took it meanwhile; not every file system has them.
func place(tmp, name string, force bool) error {
	if !force {
		if os.Link(tmp, name) == nil {
			return nil
		}
	}
	if err := vacant(name, force); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}

// syncFolder makes a new name last.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
