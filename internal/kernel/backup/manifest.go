// Package backup writes everything a server holds into one sealed file, while
// it runs, and brings an empty server back from it: rows, files, keys.
//
// The file is a tar archive, compressed and then encrypted with age. Rows are
// lines of JSON, one per row, so that what was kept in SQLite restores to
// PostgreSQL and the other way round. The manifest comes last and holds the
// SHA-256 of every part: a file that was cut has none.
package backup

import (
	"errors"
	"strings"
	"time"

	"filippo.io/age"

	"tocsin/internal/kernel/errs"
)

const format = "tocsin-backup-1"

// The parts of the archive.
const (
	manifestPart = "manifest.json"
	keysPart     = "keys.json"
	rowsPrefix   = "rows/"
	filesPrefix  = "files/"
)

const (
	rowsChunk   = 4 << 20   // a part of rows ends beyond this many bytes
	maxRowsPart = 256 << 20 // nor is a longer one read
	maxManifest = 256 << 20
)

// Manifest says what a backup holds.
type Manifest struct {
	Format     string           `json:"format"`
	Made       time.Time        `json:"made"`
	Schema     int64            `json:"schema"`
	Events     int64            `json:"events"`
	Checkpoint string           `json:"checkpoint,omitempty"` // the last one signed, "" if none
	Rows       map[string]int64 `json:"rows"`                 // by table
	Files      int64            `json:"files"`
	Parts      []Part           `json:"parts"`
}

// Part is one entry of the archive.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// minPassphrase keeps the one thing between a stolen backup and the keys in
// it from being a word.
const minPassphrase = 12

// ToPassphrase seals a backup with a passphrase of at least 12 characters.
func ToPassphrase(passphrase string) (age.Recipient, error) {
	if len([]rune(passphrase)) < minPassphrase {
		return nil, errs.New(errs.Invalid, "The passphrase of a backup has at least %d characters: the file holds the server's keys.", minPassphrase)
	}
	return age.NewScryptRecipient(passphrase)
}

// ToKey seals a backup to an age public key ("age1…").
func ToKey(recipient string) (age.Recipient, error) {
	r, err := age.ParseX25519Recipient(strings.TrimSpace(recipient))
	if err != nil {
		return nil, errs.New(errs.Invalid, "An age recipient looks like age1 and 58 more characters.")
	}
	return r, nil
}

// FromPassphrase opens what ToPassphrase sealed.
func FromPassphrase(passphrase string) (age.Identity, error) {
	i, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, errs.New(errs.Invalid, "The backup needs its passphrase.")
	}
	return i, nil
}

// FromKey opens what ToKey sealed, with the secret half ("AGE-SECRET-KEY-1…").
func FromKey(secret string) (age.Identity, error) {
	i, err := age.ParseX25519Identity(strings.TrimSpace(secret))
	if err != nil {
		return nil, errs.New(errs.Invalid, "An age identity begins with AGE-SECRET-KEY-1.") // the cause may quote it
	}
	return i, nil
}

func damaged(err error) error {
	return errs.Wrap(errs.Malformed, err, "The backup is damaged or was cut short; nothing was restored. Take another copy of it.")
}

func openError(err error) error {
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok || errors.Is(err, age.ErrIncorrectIdentity) {
		return errs.Wrap(errs.Invalid, err, "The backup cannot be opened with this passphrase or key; nothing was restored.")
	}
	return damaged(err)
}
