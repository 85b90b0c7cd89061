// Package archive brings whole cases in from elsewhere and takes them out.
package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/certcc"
	"tocsin/spec/text"
)

// Report is what an import did. Cases and Vendors are what the input holds;
// Created, Updated and Unchanged count records: cases and vendor records.
type Report struct {
	Cases     int            `json:"cases"`
	Vendors   int            `json:"vendors"`
	Created   int            `json:"created"`
	Updated   int            `json:"updated"`
	Unchanged int            `json:"unchanged"`
	Dirty     []certcc.Dirty `json:"dirty"`
}

// ImportCERTCC reads the CERT/CC archive (JSON Lines, gzip or plain) and
// keeps each case, published as it was, with all its vendor records. Each
// case is one transaction, so that an import can be interrupted and run
// again: a record that is there already is left alone or brought up to date.
// progress is told after each case.
//
// A file that ends in the middle of a line keeps the whole lines before it
// and returns an error that says where it was cut; so does a line that is
// no case.
func ImportCERTCC(ctx context.Context, d *db.DB, r io.Reader, progress func(Report)) (Report, error) {
	rep := Report{Dirty: []certcc.Dirty{}}
	in, err := certcc.NewReader(r, certcc.Limits{})
	if err != nil {
		return rep, errs.Wrap(errs.Malformed, err, "The file cannot be read as a CERT/CC archive: %v.", err)
	}
	seen := map[string]int{}
	var broken []error
	for {
		if err := ctx.Err(); err != nil {
			return rep, err
		}
		rec, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if line, ok := errors.AsType[*certcc.LineError](err); ok {
			broken = append(broken, err)
			if line.Cut || len(broken) > 1000 {
				break
			}
			continue
		}
		if err != nil {
			return rep, err
		}
		name := nameOf(rec)
		seen[name]++
		if n := seen[name]; n > 1 {
			name = fmt.Sprintf("%s (%d)", name, n)
		}
		if err := importCase(ctx, d, name, rec, &rep); err != nil {
			return rep, fmt.Errorf("line %d: %w", rec.Line, err)
		}
		progress(rep)
	}
	if len(broken) > 0 {
		return rep, errs.Wrap(errs.Malformed, errors.Join(broken...), "%s could not be read; the whole lines beside them were imported. %v", text.Plural(len(broken), "line", "lines"), broken[0])
	}
	return rep, nil
}

func nameOf(rec *certcc.Record) string {
	if id := strings.TrimSpace(rec.Case.ID); id != "" {
		return id
	}
	return fmt.Sprintf("line %d", rec.Line)
}

func importCase(ctx context.Context, d *db.DB, name string, rec *certcc.Record, rep *Report) error {
	var n tally
	err := d.Write(ctx, func(tx *db.Tx) (err error) {
		n, err = putCase(tx, name, rec)
		return err
	})
	if err != nil {
		return err
	}
	rep.Cases++
	rep.Vendors += len(rec.Vendors)
	rep.Created += n.created
	rep.Updated += n.updated
	rep.Unchanged += n.unchanged
	rep.Dirty = append(append(rep.Dirty, rec.Dirty...), n.dirty...)
	return nil
}

// tally counts what became of the records of one case.
type tally struct {
	created, updated, unchanged int
	dirty                       []certcc.Dirty
}

func (t *tally) note(existed, changed bool) {
	switch {
	case !existed:
		t.created++
	case changed:
		t.updated++
	default:
		t.unchanged++
	}
}
