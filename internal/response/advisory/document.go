// Package advisory makes and keeps what is published: an advisory drafted
// from a case, its versions, its approval by a second pair of eyes and its
// release at one instant; and the CSAF documents, own and others', that are
// served byte for byte.
//
// A document is stored with its hashes and its signature before its instant.
// Whether it is there is computed from release_at, superseded_at and
// removed_at by every query, so that page, file, feeds, search and API flip in
// the same tick and no job has to run for it.
package advisory

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// Unlabeled is the label of a document without a TLP marking (CSAF 2.0,
// 7.1.15).
const Unlabeled = "UNLABELED"

// Labels are the TLP labels of CSAF 2.0 in the order in which feeds are
// listed.
var Labels = []string{Unlabeled, "WHITE", "GREEN", "AMBER", "RED"}

// Document is one published or prepared CSAF document; Bytes are read apart.
type Document struct {
	ID         string
	Advisory   string // id of the own advisory it is of, or "" for another publisher's
	Case       string // id of the case, or ""
	Slug       string // names it in addresses of pages; lower case
	Publisher  string
	Namespace  string
	TrackingID string // unique within Namespace (3.2.1.12.4)
	Title      string
	Category   string
	Label      string // one of Labels
	Folder     string // sub-folder of its label, where file names of publishers collide; or ""
	Year       int    // of its initial release, in UTC (7.1.11)
	File       string // "icsa-22-001-01.json" (5.1)
	Audience   string
	Level      tlp.Level
	Release    time.Time // from when it is there
	Initial    string    // initial_release_date as written
	Current    string    // current_release_date as written
	CurrentAt  time.Time
	Revision   string // tracking version
	Revisions  int    // length of the revision history
	Summary    string
	Note       string // what this revision changed (own advisories)
	Facts      Facts
	Size       int64
	SHA256     string // of the bytes, in hex
	SHA512     string
	Signature  string // armored, detached, OpenPGP
	SignedBy   string // fingerprint
	StoredAt   time.Time
	Superseded time.Time // from when a later revision is there instead
	Removed    time.Time
	RemovedWhy string
}

const documentColumns = `d.id, d.advisory_id, d.case_id, d.slug, d.publisher, d.namespace, d.tracking_id, d.title, d.category, d.label, d.folder, d.year, d.file, d.audience_id, d.tlp, d.release_at,
	d.initial_text, d.current_text, d.current_at, d.revision, d.revisions, d.summary, d.note, d.facts, d.size, d.sha256, d.sha512, d.signature, d.signed_by, d.stored_at, d.superseded_at, d.removed_at, d.removed_reason`

func scanDocument(d *Document) []any {
	return []any{&d.ID, &d.Advisory, &d.Case, &d.Slug, &d.Publisher, &d.Namespace, &d.TrackingID, &d.Title, &d.Category, &d.Label, &d.Folder, &d.Year, &d.File, &d.Audience, &d.Level, db.At(&d.Release),
		&d.Initial, &d.Current, db.At(&d.CurrentAt), &d.Revision, &d.Revisions, &d.Summary, &d.Note, db.JSON(&d.Facts), &d.Size, &d.SHA256, &d.SHA512, &d.Signature, &d.SignedBy, db.At(&d.StoredAt), db.At(&d.Superseded), db.At(&d.Removed), &d.RemovedWhy}
}

var documentTable = ledger.Table{Kind: "document", Name: "document", Cols: "advisory_id, namespace, tracking_id, audience_id, tlp, release_at, sha256, signed_by, superseded_at, removed_at"}

// Ref names the document in the ledger.
func (d Document) Ref() ledger.Object { return ledger.Object{Kind: "document", ID: d.ID} }

// Path is where the document lies below the root of the distribution:
// "white/2022/icsa-22-001-01.json".
func (d Document) Path() string { return strings.ToLower(d.Label) + "/" + d.Within() }

// Within is Path without the folder of the label.
func (d Document) Within() string {
	path := strconv.Itoa(d.Year)
	for len(path) < 4 {
		path = "0" + path
	}
	path += "/" + d.File
	if d.Folder != "" {
		path = d.Folder + "/" + path
	}
	return path
}

// PageURL is the path of the document's public page.
func (d Document) PageURL() string { return "/advisories/" + d.Slug }

// there is the condition under which a document stands at now, whoever may
// see it.
func there(now time.Time, args *db.Args) string {
	at := args.Add(now.UnixMicro())
	return `d.release_at <= ` + at + ` AND (d.superseded_at IS NULL OR d.superseded_at > ` + at + `) AND d.removed_at IS NULL`
}

// listColumns are documentColumns for lists that may be long: without Facts
// and Signature.
var listColumns = strings.NewReplacer("d.facts", "''", "d.signature", "''").Replace(documentColumns)

// Shelf is what one label holds for somebody: never nothing.
type Shelf struct {
	Label     string // one of Labels
	Documents int
	Changed   time.Time // when the latest of them appeared
}

// Shelves are the labels under which the actor sees anything now, in the order
// of Labels.
func Shelves(tx *db.Tx, a audience.Actor) ([]Shelf, error) {
	var args db.Args
	list, err := db.All(tx, func(s *Shelf) []any { return []any{&s.Label, &s.Documents, db.At(&s.Changed)} },
		`SELECT d.label, COUNT(*), MAX(d.release_at) FROM document d WHERE `+there(tx.Now, &args)+` AND `+audience.VisibleOrPublished(a, "d", tx.Now, &args)+` GROUP BY d.label`, args...)
	slices.SortFunc(list, func(x, y Shelf) int { return slices.Index(Labels, x.Label) - slices.Index(Labels, y.Label) })
	return list, err
}

// Documents lists the documents that stand now and that the actor may see,
// latest first, without Facts and Signature; label narrows to one of Labels,
// or is "".
func Documents(tx *db.Tx, a audience.Actor, label string) ([]Document, error) {
	var args db.Args
	q := `SELECT ` + listColumns + ` FROM document d WHERE ` + there(tx.Now, &args) + ` AND ` + audience.VisibleOrPublished(a, "d", tx.Now, &args)
	if label != "" {
		q += ` AND d.label = ` + args.Add(label)
	}
	return db.All(tx, scanDocument, q+` ORDER BY d.current_at DESC, d.slug`, args...)
}

// File finds the document that stands now at a place below the folder of a
// label: its sub-folder ("" for none), year and file name.
func File(tx *db.Tx, a audience.Actor, label, folder string, year int, file string) (Document, error) {
	var args db.Args
	return found(db.One(tx, scanDocument, `SELECT `+documentColumns+` FROM document d WHERE d.file = `+args.Add(file)+` AND d.year = `+args.Add(year)+` AND d.folder = `+args.Add(folder)+
		` AND d.label = `+args.Add(label)+` AND `+there(tx.Now, &args)+` AND `+audience.VisibleOrPublished(a, "d", tx.Now, &args), args...))
}

// BySlug finds the document that stands now by the name of its page. One that
// was withdrawn answers Gone, with the reason, to whoever could see it.
func BySlug(tx *db.Tx, a audience.Actor, slug string) (Document, error) {
	var args db.Args
	s := args.Add(strings.ToLower(slug))
	now := args.Add(tx.Now.UnixMicro())
	d, err := found(db.One(tx, scanDocument, `SELECT `+documentColumns+` FROM document d WHERE d.slug = `+s+` AND d.release_at <= `+now+
		` AND (d.superseded_at IS NULL OR d.superseded_at > `+now+`) AND `+audience.VisibleOrPublished(a, "d", tx.Now, &args)+` ORDER BY d.release_at DESC`, args...))
	if err == nil && !d.Removed.IsZero() {
		return Document{}, errs.New(errs.Gone, "The advisory %s was withdrawn on %s. %s", d.TrackingID, d.Removed.UTC().Format(time.DateOnly), d.RemovedWhy)
	}
	return d, err
}

// History lists the revisions of a document's advisory that have been
// released and that the actor may see, latest first; the present one is among
// them.
func History(tx *db.Tx, a audience.Actor, slug string) ([]Document, error) {
	d, err := BySlug(tx, a, slug)
	if err != nil {
		return nil, err
	}
	var args db.Args
	return db.All(tx, scanDocument, `SELECT `+documentColumns+` FROM document d WHERE d.namespace = `+args.Add(d.Namespace)+` AND d.tracking_id = `+args.Add(d.TrackingID)+
		` AND d.removed_at IS NULL AND d.release_at <= `+args.Add(tx.Now.UnixMicro())+` AND `+audience.VisibleOrPublished(a, "d", tx.Now, &args)+` ORDER BY d.release_at DESC, d.stored_at DESC LIMIT 200`, args...)
}

// Bytes are the document as published. The caller has found the document
// under its own scope.
func Bytes(tx *db.Tx, d Document) ([]byte, error) {
	b, ok, err := db.One(tx, func(b *[]byte) []any { return []any{b} }, `SELECT body FROM document WHERE id = $1`, d.ID)
	if err == nil && !ok {
		err = errs.Missing("document")
	}
	return b, err
}

func found(d Document, ok bool, err error) (Document, error) {
	if err == nil && !ok {
		err = errs.Missing("advisory")
	}
	return d, err
}

// documentByID reads a document without scope, for a caller who has seen the
// advisory it is of.
func documentByID(tx *db.Tx, documentID string) (Document, error) {
	return found(db.One(tx, scanDocument, `SELECT `+documentColumns+` FROM document d WHERE d.id = $1`, documentID))
}

// Revision finds a released revision by its id, the present one or an earlier
// one, if the actor may see it.
func Revision(tx *db.Tx, a audience.Actor, documentID string) (Document, error) {
	var args db.Args
	return found(db.One(tx, scanDocument, `SELECT `+documentColumns+` FROM document d WHERE d.id = `+args.Add(documentID)+` AND d.removed_at IS NULL AND d.release_at <= `+args.Add(tx.Now.UnixMicro())+
		` AND `+audience.VisibleOrPublished(a, "d", tx.Now, &args), args...))
}
