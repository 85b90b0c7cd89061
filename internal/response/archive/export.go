package archive

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/seal"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/report"
)

// CaseExported is the event that somebody took a copy of a case.
const CaseExported = "case.exported"

// The bounds of one export.
const (
	maxExportFiles    = 10_000
	maxExportMessages = 200_000
)

// Exporter makes whole-case exports.
type Exporter struct {
	DB     *db.DB
	Blobs  blob.Store
	Sealer *seal.Sealer
}

// Export is a case as one actor may see it, ready to be written. Close it.
type Export struct {
	Case  casework.Case
	blobs blob.Store
	texts *os.File // a ZIP of all but the files
	size  int64
	files []exported
}

// exported is a file that goes along.
type exported struct {
	path   string // in the ZIP
	sha256 string
	at     time.Time
}

// Name is the export's file name; it leads with the marking.
func (e *Export) Name() string {
	return markedName(e.Case.Level.String()) + "_" + e.Case.Number + ".zip"
}

// Close lets go of what was gathered.
func (e *Export) Close() error { return e.texts.Close() }

// Prepare gathers a case for an actor: everything that they may see of it,
// from one snapshot, and nothing else. That a copy was taken is an event of
// the coordinators. Errors come from here, before a byte has been written.
func (x Exporter) Prepare(ctx context.Context, a audience.Actor, caseRef string) (*Export, error) {
	var signed string
	var keeper *ledger.Keeper
	err := x.DB.Write(ctx, func(tx *db.Tx) error {
		c, role, err := casework.Load(tx, a, caseRef)
		if err != nil {
			return err
		}
		if inside, err := audience.RoleAt(tx, a, c.Audience, c.Level); err != nil || role == audience.None || inside == audience.None {
			return firstError(err, errs.Missing("case")) // a public reader finds the advisory instead
		}
		ledger.Append(tx, ledger.Event{Kind: CaseExported, Actor: a, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: c.Ref(), Data: struct {
			Number string `json:"number"`
		}{c.Number}})
		if err := lookedAtReports(tx, a, c.ID); err != nil {
			return err
		}
		if keeper, err = charter.Keeper(tx, x.Sealer); err == nil {
			signed, err = keeper.Checkpoint(tx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	texts, err := os.CreateTemp("", "tocsin-export-*")
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, err, "There is no room to make the export just now.")
	}
	os.Remove(texts.Name()) // it ends with the process at the latest
	e := &Export{texts: texts, blobs: x.Blobs}
	err = x.DB.Read(ctx, func(tx *db.Tx) error {
		// A transaction may run again; then all is gathered anew.
		if _, err := texts.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := texts.Truncate(0); err != nil {
			return err
		}
		e.files = nil
		g := gathering{actor: a, desk: report.Desk{Sealer: x.Sealer}, zip: zip.NewWriter(texts), keeper: keeper, signed: signed, export: e}
		return firstError(g.gather(tx, caseRef), g.zip.Close())
	})
	if err == nil {
		e.size, err = texts.Seek(0, io.SeekEnd)
	}
	if err != nil {
		texts.Close()
		return nil, err
	}
	return e, nil
}

// WriteTo writes the ZIP. After an error it is not whole and must not look
// so.
func (e *Export) WriteTo(ctx context.Context, w io.Writer) error {
	texts, err := zip.NewReader(e.texts, e.size)
	if err != nil {
		return err
	}
	out := zip.NewWriter(w)
	for _, f := range texts.File {
		if err := out.Copy(f); err != nil {
			return err
		}
	}
	for _, f := range e.files {
		if err := e.copyFile(ctx, out, f); err != nil {
			return fmt.Errorf("export of %s: %w", f.path, err)
		}
	}
	return out.Close()
}

func (e *Export) copyFile(ctx context.Context, out *zip.Writer, f exported) error {
	content, err := e.blobs.Open(ctx, f.sha256)
	if err != nil {
		return err
	}
	defer content.Close()
	to, err := out.CreateHeader(&zip.FileHeader{Name: f.path, Method: zip.Deflate, Modified: f.at.UTC()})
	if err != nil {
		return err
	}
	_, err = io.Copy(to, content)
	return err
}

// gathering is one export being made.
type gathering struct {
	actor    audience.Actor
	desk     report.Desk
	zip      *zip.Writer
	keeper   *ledger.Keeper
	signed   string
	export   *Export
	now      time.Time
	messages int
}

// lines opens a file of JSON values, one a line.
func (g *gathering) lines(name string) (*json.Encoder, error) {
	w, err := g.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: g.now})
	if err != nil {
		return nil, err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc, nil
}

// attach takes a file along, below a folder, and says where it will stand.
func (g *gathering) attach(folder, name, sha256 string, at time.Time) (string, error) {
	n := len(g.export.files) + 1
	if n > maxExportFiles {
		return "", errs.New(errs.TooLarge, "The case holds more than %d files; an export takes no more.", maxExportFiles)
	}
	path := fmt.Sprintf("%s/%04d_%s_%s", folder, n, sha256[:12], blob.SafeName(name))
	g.export.files = append(g.export.files, exported{path, sha256, at})
	return path, nil
}

// put writes one JSON value.
func (g *gathering) put(name string, v any) error {
	enc, err := g.lines(name)
	if err != nil {
		return err
	}
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}
