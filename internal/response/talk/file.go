package talk

import (
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// File is a file that somebody handed over.
type File struct {
	ID       string    `json:"id"`
	Case     string    `json:"case_id"`
	Thread   string    `json:"thread_id"`
	Message  string    `json:"message_id,omitempty"`
	Audience string    `json:"-"`
	Level    tlp.Level `json:"tlp"`
	Name     string    `json:"name"`       // safe to show and to save under
	Declared string    `json:"declared"`   // media type that the upload claimed
	Media    string    `json:"media_type"` // by its content, for display only
	Lies     bool      `json:"lies"`       // its name or claim says something else than its content
	Size     int64     `json:"size"`       // bytes
	SHA256   string    `json:"sha256"`
	Uploader Author    `json:"uploader"`
	AddedAt  time.Time `json:"added_at"`

	named bool
}

const fileColumns = `f.id, f.case_id, f.thread_id, f.message_id, f.audience_id, f.tlp, f.named, f.name, f.declared, f.media_type, f.lies, f.size, f.sha256, f.uploader_kind, f.uploader_id, f.party_id, f.party_name, f.coordinates, f.added_at`

func scanFile(f *File) []any {
	return []any{&f.ID, &f.Case, &f.Thread, &f.Message, &f.Audience, &f.Level, &f.named, &f.Name, &f.Declared, &f.Media, &f.Lies, &f.Size, &f.SHA256, &f.Uploader.Kind, &f.Uploader.ID, &f.Uploader.Party, &f.Uploader.PartyName, &f.Uploader.Coordinator, db.At(&f.AddedAt)}
}

// Upload is a file whose content is stored and which no record names yet.
type Upload struct {
	Ref      blob.Ref
	Name     string // safe
	Declared string
	Media    string
	Lies     bool
}

// Stage stores the content of an upload, before any transaction. name and
// declared are what the sender claims. The same content twice is stored once.
func Stage(ctx context.Context, store blob.Store, r io.Reader, name, declared string) (Upload, error) {
	head, err := io.ReadAll(io.LimitReader(r, blob.SniffLen))
	if err != nil {
		r = failed{err} // the store meets it in its turn, and words it
	}
	u := Upload{Name: blob.SafeName(name)}
	u.Media, u.Lies = blob.Sniff(head, name)
	if u.Declared, _, err = text.CleanLine(declared, 200); err != nil {
		u.Declared = ""
	}
	u.Lies = u.Lies || disagrees(u.Declared, u.Media)
	u.Ref, err = store.Put(ctx, io.MultiReader(bytes.NewReader(head), r), MaxFileSize)
	return u, err
}

type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// disagrees reports whether a claimed media type is of another sort than the
// content. Claims that browsers word in many ways are let pass.
func disagrees(declared, media string) bool {
	main, _, ok := strings.Cut(strings.ToLower(declared), "/")
	switch {
	case !ok || strings.HasPrefix(strings.ToLower(declared), "image/svg"):
		return false
	case main == "image" || main == "video" || main == "audio":
		return !strings.HasPrefix(media, main+"/") && media != "application/ogg"
	case strings.HasPrefix(strings.ToLower(declared), "application/pdf"):
		return media != "application/pdf"
	case main == "text":
		return !strings.HasPrefix(media, "text/") && media != "application/octet-stream" && media != "application/pgp-encrypted" && media != "application/rtf"
	}
	return false
}

// Attach hands files over in a thread without a message.
func Attach(tx *db.Tx, a audience.Actor, threadID string, level tlp.Level, named []string, files []Upload) ([]File, error) {
	t, c, err := writable(tx, a, threadID)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errs.Bad("files", "Choose a file.")
	}
	v, err := speak(tx, a, &t, c)
	if err != nil {
		return nil, err
	}
	at, err := place(tx, a, t, v, level, named)
	if err != nil {
		return nil, err
	}
	if err := ensure(tx, a, c, &t); err != nil {
		return nil, err
	}
	m := Message{Case: c.ID, Thread: t.ID, Audience: at.audience, Level: at.level, Named: at.named, Author: v.author}
	return m.Files, attach(tx, a, c, t, &m, files)
}

// attach records files with a message, or with the frame of one.
func attach(tx *db.Tx, a audience.Actor, c casework.Case, t Thread, m *Message, files []Upload) error {
	if len(files) == 0 {
		return nil
	}
	if len(files) > MaxFiles {
		return errs.New(errs.TooLarge, "At most %d files go at once.", MaxFiles)
	}
	total, err := db.Value[int64](tx, `SELECT COALESCE(SUM(size), 0) FROM file WHERE case_id = $1`, c.ID)
	if err != nil {
		return err
	}
	for _, u := range files {
		if u.Ref.SHA256 == "" {
			return errs.Bad("files", "The file was not stored; send it again.")
		}
		if u.Ref.Size > MaxFileSize {
			return errs.New(errs.TooLarge, "A file has at most %d MB.", MaxFileSize>>20)
		}
		if total += u.Ref.Size; total > MaxCaseFiles {
			return errs.New(errs.TooLarge, "A case holds at most %d GB of files. Nothing was added.", MaxCaseFiles>>30)
		}
		f := File{ID: id.New("fil", tx.Now), Case: c.ID, Thread: t.ID, Message: m.ID, Audience: m.Audience, Level: m.Level, Name: blob.SafeName(u.Name), Declared: u.Declared,
			Media: u.Media, Lies: u.Lies, Size: u.Ref.Size, SHA256: u.Ref.SHA256, Uploader: m.Author, AddedAt: tx.Now, named: m.Named}
		if err := f.insert(tx); err != nil {
			return err
		}
		n := m.notice(t)
		n.File = f.ID
		e := happened(a, c, EventFileAdded, f.Audience, f.ref(), n, fileTable.Of(f.ID))
		e.Level, e.Party = f.Level, m.about(t)
		ledger.Append(tx, e)
		if err := f.index(tx, c, t, m.about(t)); err != nil {
			return err
		}
		m.Files = append(m.Files, f)
	}
	return nil
}

func (f File) ref() ledger.Object { return ledger.Object{Kind: "file", ID: f.ID} }

func (f File) insert(tx *db.Tx) error {
	_, err := tx.Exec(`INSERT INTO file (id, case_id, thread_id, message_id, audience_id, tlp, named, name, declared, media_type, lies, size, sha256, uploader_kind, uploader_id, party_id, party_name, coordinates, added_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		f.ID, f.Case, f.Thread, f.Message, f.Audience, int(f.Level), db.Bit(f.named), f.Name, f.Declared, f.Media, db.Bit(f.Lies), f.Size, f.SHA256,
		f.Uploader.Kind, f.Uploader.ID, f.Uploader.Party, f.Uploader.PartyName, db.Bit(f.Uploader.Coordinator), db.Micros(f.AddedAt))
	return err
}

func (f File) index(tx *db.Tx, c casework.Case, t Thread, party string) error {
	if f.named {
		return search.Drop(tx, "file", f.ID)
	}
	return search.Put(tx, search.Doc{Kind: "file", ObjectID: f.ID, Scope: c.ID, Party: party, Audience: f.Audience, Level: tlp.Max(f.Level, t.Level),
		Title: f.Name, Body: f.SHA256 + " " + t.Title, URL: "/cases/" + c.Number + "/files/" + f.ID, At: f.AddedAt})
}

// filesOf are the files of messages, by message.
func filesOf(tx *db.Tx, a audience.Actor, list []Message) (map[string][]File, error) {
	out := map[string][]File{}
	var ids []string
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	if len(ids) == 0 {
		return out, nil
	}
	var args db.Args
	files, err := db.All(tx, scanFile, `SELECT `+fileColumns+` FROM file f WHERE f.removed_at IS NULL AND f.message_id IN `+db.List(&args, ids)+` AND `+audience.Visible(a, "f", &args)+` ORDER BY f.id`, args...)
	if err != nil {
		return nil, err
	}
	err = nameAuthors(tx, files, func(f *File) *Author { return &f.Uploader })
	for _, f := range files {
		out[f.Message] = append(out[f.Message], f)
	}
	return out, err
}

// Files lists the files of a case that the actor may see, newest first; at
// most 1,000 older than the one that before names ("" from the newest).
func Files(tx *db.Tx, a audience.Actor, caseRef, before string) ([]File, error) {
	c, err := enter(tx, a, caseRef)
	if err != nil {
		return nil, err
	}
	var args db.Args
	of := args.Add(c.ID)
	q := `SELECT ` + fileColumns + ` FROM file f JOIN thread t ON t.id = f.thread_id
		WHERE f.case_id = ` + of + ` AND ` + audience.VisibleAmong(a, "file", "f", "case_id = "+of, &args) + ` AND f.removed_at IS NULL AND ` + audience.Visible(a, "t", &args)
	if before != "" {
		q += ` AND f.id < ` + args.Add(before)
	}
	list, err := db.All(tx, scanFile, q+` ORDER BY f.id DESC LIMIT 1000`, args...)
	if err != nil {
		return nil, err
	}
	return list, nameAuthors(tx, list, func(f *File) *Author { return &f.Uploader })
}

// OpenFile finds a file that the actor may see and records that they opened
// it. The door then copies it from the store, as an attachment, to its end.
func OpenFile(tx *db.Tx, a audience.Actor, fileID string) (File, error) {
	var args db.Args
	f, ok, err := db.One(tx, scanFile, `SELECT `+fileColumns+` FROM file f WHERE f.id = `+args.Add(fileID)+` AND f.removed_at IS NULL AND `+audience.Visible(a, "f", &args), args...)
	if err != nil || !ok {
		return File{}, firstError(err, errs.Missing("file"))
	}
	t, c, _, err := LoadThread(tx, a, f.Thread)
	if errs.Is(err, errs.NotFound) {
		err = errs.Missing("file")
	}
	if err != nil {
		return File{}, err
	}
	// Who opened what is for the coordinators; each finds their own trail.
	n := Notice{Thread: t.ID, File: f.ID}
	ledger.Append(tx, happened(a, c, EventFileOpened, c.Team, f.ref(), n))
	list := []File{f}
	err = nameAuthors(tx, list, func(f *File) *Author { return &f.Uploader })
	return list[0], err
}

// removeFiles takes the files of a retracted message out of sight.
func removeFiles(tx *db.Tx, messageID string) ([]ledger.Bound, error) {
	ids, err := db.Column[string](tx, `SELECT id FROM file WHERE message_id = $1 AND removed_at IS NULL`, messageID)
	if err != nil {
		return nil, err
	}
	var binds []ledger.Bound
	for _, fid := range ids {
		if _, err := tx.Exec(`UPDATE file SET removed_at = $1 WHERE id = $2`, db.Micros(tx.Now), fid); err != nil {
			return nil, err
		}
		if err := search.Drop(tx, "file", fid); err != nil {
			return nil, err
		}
		binds = append(binds, fileTable.Of(fid))
	}
	return binds, nil
}

// refile gives the files of a message its new marking.
func refile(tx *db.Tx, m Message, c casework.Case, t Thread) ([]ledger.Bound, error) {
	files, err := db.All(tx, scanFile, `SELECT `+fileColumns+` FROM file f WHERE f.message_id = $1 AND f.removed_at IS NULL`, m.ID)
	if err != nil {
		return nil, err
	}
	var binds []ledger.Bound
	for _, f := range files {
		f.Audience, f.Level, f.named = m.Audience, m.Level, m.Named
		if _, err := tx.Exec(`UPDATE file SET audience_id = $1, tlp = $2, named = $3 WHERE id = $4`, f.Audience, int(f.Level), db.Bit(f.named), f.ID); err != nil {
			return nil, err
		}
		if err := f.index(tx, c, t, m.about(t)); err != nil {
			return nil, err
		}
		binds = append(binds, fileTable.Of(f.ID))
	}
	return binds, nil
}
