package advisory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/csaf"
	"tocsin/spec/text"
)

// Report is what an import of a folder did. Documents is what the folder
// holds; Created, Updated and Unchanged count documents. One that was refused
// is counted among none of the three and named in Dirty.
type Report struct {
	Documents int     `json:"documents"`
	Created   int     `json:"created"`
	Updated   int     `json:"updated"`
	Unchanged int     `json:"unchanged"`
	Dirty     []Dirty `json:"dirty"`
}

// maxReport bounds the dirty values of one report; the rest is counted.
const maxReport = 10_000

// companions are files beside documents that are no documents themselves.
var companions = []string{"provider-metadata.json", "aggregator.json", "service.json"}

// ImportDir imports every .json file below a folder, or one file. Each file is
// one transaction, so that an import can be interrupted and run again. A file
// that cannot be read, or was cut, is refused whole and does not stop the
// others: it is named in the report, and the error at the end (Malformed)
// says how many there were. progress, which may be nil, is told after each
// file.
func (p Press) ImportDir(ctx context.Context, d *db.DB, dir string, progress func(done, total int)) (Report, error) {
	rep := Report{Dirty: []Dirty{}}
	root, files, err := listDocuments(dir)
	if err != nil {
		return rep, err
	}
	defer root.Close()
	rep.Documents = len(files)
	refused := 0
	for i, name := range files {
		if err := ctx.Err(); err != nil {
			return rep, err
		}
		err := p.importFile(ctx, d, root, name, &rep)
		switch errs.KindOf(err) {
		case errs.Malformed, errs.Invalid, errs.Conflict, errs.TooLarge:
			refused++
			rep.note(Dirty{File: name, Position: position(err), Field: "document", Value: refusal(err), Made: "refused: nothing of this file was published"})
		default:
			if err != nil {
				return rep, fmt.Errorf("%s: %w", name, err)
			}
		}
		if progress != nil {
			progress(i+1, len(files))
		}
	}
	if refused > 0 {
		return rep, errs.New(errs.Malformed, "Refused: %d of %s; the others are published. The report names them.", refused, text.Plural(len(files), "file", "files"))
	}
	return rep, nil
}

func (r *Report) note(d Dirty) {
	if len(r.Dirty) < maxReport {
		r.Dirty = append(r.Dirty, d)
	}
}

func (p Press) importFile(ctx context.Context, d *db.DB, root *os.Root, name string, rep *Report) error {
	body, err := readBounded(root, name)
	if err != nil {
		return err
	}
	var outcome Outcome
	var dirty []Dirty
	// Another import may bring the same document at the same moment; the second
	// try finds it.
	for range 3 {
		err = d.Write(ctx, func(tx *db.Tx) (err error) {
			outcome, dirty, err = p.ImportCSAF(tx, audience.Actor{}, body)
			return err
		})
		if !db.Taken(err) {
			break
		}
	}
	if err != nil {
		return err
	}
	switch outcome {
	case Created:
		rep.Created++
	case Updated:
		rep.Updated++
	default:
		rep.Unchanged++
	}
	for _, one := range dirty {
		one.File = name
		rep.note(one)
	}
	return nil
}

func readBounded(root *os.Root, name string) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "The file cannot be opened.")
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, csaf.MaxBytes+1))
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "The file cannot be read.")
	}
	if len(body) > csaf.MaxBytes {
		return nil, errs.New(errs.TooLarge, "The file has more than %d bytes.", csaf.MaxBytes)
	}
	return body, nil
}

// listDocuments finds the files of a folder in the order of their names.
// Nothing outside the folder is read, whatever its links say.
func listDocuments(dir string) (*os.Root, []string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, nil, errs.Wrap(errs.Invalid, err, "There is no folder %s that can be read.", dir)
	}
	single := ""
	if !info.IsDir() {
		dir, single = filepath.Split(dir)
		if dir == "" {
			dir = "."
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, errs.Wrap(errs.Invalid, err, "The folder %s cannot be opened.", dir)
	}
	if single != "" {
		return root, []string{single}, nil
	}
	var files []string
	err = fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := path.Base(name); !e.IsDir() && strings.HasSuffix(strings.ToLower(base), ".json") && !slices.Contains(companions, base) {
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		root.Close()
		return nil, nil, errs.Wrap(errs.Invalid, err, "The folder %s cannot be listed.", dir)
	}
	slices.Sort(files)
	return root, files, nil
}

func position(err error) string {
	if f, ok := errors.AsType[*csaf.FormatError](err); ok && len(f.Findings) > 0 {
		return f.Findings[0].Path
	}
	return ""
}

func refusal(err error) string {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return clip(e.Text)
	}
	return clip(err.Error())
}
