package report

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// File is a file of a report.
type File struct {
	ID        string    `json:"id"`
	Report    string    `json:"report_id"`
	Message   string    `json:"message_id,omitempty"`
	Audience  string    `json:"-"`
	Level     tlp.Level `json:"tlp"`
	Side      Side      `json:"side"` // who attached it
	Person    string    `json:"-"`
	Name      string    `json:"name"`       // cleaned
	MediaType string    `json:"media_type"` // by its content, for display only
	Lies      bool      `json:"lies"`       // its name claims another type
	SHA256    string    `json:"sha256"`
	Size      int64     `json:"size"` // bytes
	At        time.Time `json:"at"`
}

const fileColumns = `f.id, f.report_id, f.message_id, f.audience_id, f.tlp, f.side, f.person_id, f.name, f.media_type, f.lies, f.sha256, f.size, f.at`

func scanFile(f *File) []any {
	return []any{&f.ID, &f.Report, &f.Message, &f.Audience, &f.Level, &f.Side, &f.Person, &f.Name, &f.MediaType, &f.Lies, &f.SHA256, &f.Size, db.At(&f.At)}
}

// Files lists a report's files that the actor may see, oldest first.
func Files(tx *db.Tx, a audience.Actor, ref string) ([]File, error) {
	r, _, err := load(tx, a, ref)
	if err != nil {
		return nil, err
	}
	var args db.Args
	return db.All(tx, scanFile, `SELECT `+fileColumns+` FROM report_file f WHERE f.report_id = `+args.Add(r.ID)+` AND `+audience.Visible(a, "f", &args)+` ORDER BY f.at, f.id`, args...)
}

// LoadFile finds one file that the actor may see, for a download.
func LoadFile(tx *db.Tx, a audience.Actor, fileID string) (File, error) {
	var args db.Args
	f, ok, err := db.One(tx, scanFile, `SELECT `+fileColumns+` FROM report_file f WHERE f.id = `+args.Add(fileID)+` AND `+audience.Visible(a, "f", &args), args...)
	if err == nil && !ok {
		err = errs.Missing("file")
	}
	return f, err
}

// Attach adds files to a report. The finder's go with the report, to whomever
// it is passed, when toReport is set; all others stay between the finder and
// the coordinators.
func Attach(tx *db.Tx, a audience.Actor, ref string, files []Upload, toReport bool) error {
	if len(files) == 0 {
		return errs.Bad("files", "Choose a file.")
	}
	if err := checkUploads(files); err != nil {
		return err
	}
	side := Finder
	r, err := found(tx, a, ref)
	if errs.Is(err, errs.Denied) {
		side = Coordinators
		r, err = coordinated(tx, a, ref)
	}
	if err != nil {
		return err
	}
	to := r.Talk
	if side == Finder && toReport {
		to = r.Audience
	}
	if err := attach(tx, a, r, side, "", to, files); err != nil {
		return err
	}
	return stamp(tx, a, r, side)
}

func attach(tx *db.Tx, a audience.Actor, r Report, side Side, messageID, audienceID string, files []Upload) error {
	if len(files) == 0 {
		return nil
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM report_file WHERE report_id = $1`, r.ID)
	if err != nil {
		return err
	}
	if n+len(files) > MaxFiles {
		return errs.New(errs.TooLarge, "A report holds at most %d files, and has %d.", MaxFiles, n)
	}
	for _, u := range files {
		f := File{ID: id.New("rfile", tx.Now), Name: blob.SafeName(u.Name)}
		f.MediaType, f.Lies = blob.Sniff(u.Head, u.Name)
		if _, err := tx.Exec(`INSERT INTO report_file (id, report_id, message_id, audience_id, tlp, side, person_id, name, media_type, lies, sha256, size, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			f.ID, r.ID, messageID, audienceID, int(r.Level), string(side), a.Person, f.Name, f.MediaType, db.Bit(f.Lies), u.Ref.SHA256, u.Ref.Size, db.Micros(tx.Now)); err != nil {
			return err
		}
		ledger.Append(tx, ledger.Event{Kind: EventAttached, Actor: a, Audience: audienceID, Level: r.Level, Scope: r.ID, Object: ledger.Object{Kind: "report_file", ID: f.ID},
			Data: map[string]any{"number": r.Number, "side": side, "size": u.Ref.Size, "sha256": u.Ref.SHA256}, Binds: []ledger.Bound{fileTable.Of(f.ID)}})
	}
	return nil
}

// NamedFiles finds out which of some contents, by SHA-256, a report names, so
// that a sweep of the blob store spares them.
func NamedFiles(tx *db.Tx, shas []string) ([]string, error) {
	var args db.Args
	return db.Column[string](tx, `SELECT DISTINCT sha256 FROM report_file WHERE sha256 IN `+db.List(&args, shas), args...)
}
