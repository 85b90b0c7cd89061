package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"tocsin/internal/app"
	"tocsin/internal/kernel/backup"
	"tocsin/spec/text"
)

// sealing is how a backup is sealed: to an age recipient, or with a
// passphrase from a file or the environment, never from the command line.
type sealing struct {
	PassphraseFile string `help:"File whose first line is the passphrase." type:"path" placeholder:"FILE"`
	Passphrase     string `env:"TOCSIN_BACKUP_PASSPHRASE" hidden:""`
}

func (s sealing) passphrase() (string, error) {
	if s.PassphraseFile == "" {
		if s.Passphrase == "" {
			return "", errors.New("a backup holds the keys and is sealed: name a passphrase with --passphrase-file or TOCSIN_BACKUP_PASSPHRASE")
		}
		return s.Passphrase, nil
	}
	b, err := os.ReadFile(s.PassphraseFile)
	if err != nil {
		return "", err
	}
	for i, c := range b {
		if c == '\n' || c == '\r' {
			b = b[:i]
			break
		}
	}
	return string(b), nil
}

type backupCommand struct {
	File string `arg:"" help:"File to write; it must not exist." type:"path"`
	sealing
	asJSON
}

// backedUp is what a backup holds, without the list of its parts.
type backedUp struct {
	File       string    `json:"file,omitempty"`
	Bytes      int64     `json:"bytes,omitempty"`
	SHA256     string    `json:"sha256,omitempty"`
	Made       time.Time `json:"made_at"`
	Schema     int64     `json:"schema"`
	Events     int64     `json:"events"`
	Rows       int64     `json:"rows"`
	Files      int64     `json:"files"`
	Checkpoint string    `json:"checkpoint,omitempty"`
}

func contents(m backup.Manifest) backedUp {
	out := backedUp{Made: m.Made, Schema: m.Schema, Events: m.Events, Files: m.Files, Checkpoint: m.Checkpoint}
	for _, n := range m.Rows {
		out.Rows += n
	}
	return out
}

// Run writes the file under another name first, so that a file of that name
// is always whole.
func (c backupCommand) Run(ctx context.Context, s *settings) error {
	pass, err := c.passphrase()
	if err != nil {
		return err
	}
	var m backup.Manifest
	sum, size := sha256.New(), &counted{size: -1}
	err = writeWhole(c.File, false, func(w io.Writer) (err error) {
		m, err = app.Backup(ctx, s.config(), io.MultiWriter(w, sum, size), pass)
		return err
	})
	size.end()
	if err != nil {
		return err
	}
	out := contents(m)
	out.File, out.Bytes, out.SHA256 = c.File, size.n, hex.EncodeToString(sum.Sum(nil))
	return c.print(out, fmt.Sprintf("Kept %s, %s and the keys, sealed with the passphrase.", text.Plural(m.Events, "event", "events"), text.Plural(m.Files, "file", "files")))
}

type restoreCommand struct {
	File       string `arg:"" help:"The backup." type:"existingfile"`
	Checkpoint string `help:"A newer signed checkpoint, to learn what is missing." type:"existingfile" placeholder:"FILE"`
	sealing
	asJSON
}

// Run restores into an empty data directory and database.
func (c restoreCommand) Run(ctx context.Context, s *settings) error {
	pass, err := c.passphrase()
	if err != nil {
		return err
	}
	newest := ""
	if c.Checkpoint != "" {
		b, err := os.ReadFile(c.Checkpoint)
		if err != nil {
			return err
		}
		newest = string(b)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	rep, err := app.Restore(ctx, s.config(), f, pass, newest)
	if err != nil {
		return err
	}
	return c.print(struct {
		backedUp
		Root    string `json:"root"`
		Missing int64  `json:"missing"` // events that the newer checkpoint signs and the backup lacks
	}{contents(rep.Manifest), rep.Ledger.Root, rep.Missing}, rep.String())
}
