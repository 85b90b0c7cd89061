package advisory

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"net/url"
	"path"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/seal"
	"tocsin/internal/kernel/search"
	"tocsin/spec/csaf"
	"tocsin/spec/prose"
	"tocsin/spec/tlp"
)

// Root is the path below which documents are distributed.
const Root = "/.well-known/csaf/"

// Press is what prepares documents for publication: it opens the alliance's
// signing key and knows where the documents will be.
type Press struct {
	Sealer *seal.Sealer
	URL    string // where the server is reached, without a slash at the end
}

// sign fills in hashes and signature of the bytes that will be served.
func (p Press) sign(tx *db.Tx, d *Document, body []byte) error {
	ring, err := charter.Ring(tx, p.Sealer)
	if err != nil {
		return err
	}
	sig, err := ring.SignDetached(body, tx.Now)
	if err != nil {
		return err
	}
	short, long := sha256.Sum256(body), sha512.Sum512(body)
	d.SHA256, d.SHA512, d.Signature, d.SignedBy, d.Size = hex.EncodeToString(short[:]), hex.EncodeToString(long[:]), string(sig), ring.Current().Fingerprint(), int64(len(body))
	return nil
}

// describe takes over what lists and feeds say of a document.
func (d *Document) describe(doc *csaf.Document) error {
	m := doc.Document
	current, err := csaf.Time(m.Tracking.CurrentReleaseDate)
	if err != nil {
		return err
	}
	initial, err := csaf.Time(m.Tracking.InitialReleaseDate)
	if err != nil {
		return err
	}
	d.Publisher, d.Namespace, d.TrackingID, d.Title, d.Category = m.Publisher.Name, m.Publisher.Namespace, m.Tracking.ID, m.Title, m.Category
	d.Initial, d.Current, d.CurrentAt, d.Year = m.Tracking.InitialReleaseDate, m.Tracking.CurrentReleaseDate, current, initial.UTC().Year()
	d.Revision, d.Revisions, d.File = m.Tracking.Version, len(m.Tracking.RevisionHistory), csaf.FileName(m.Tracking.ID)
	d.Label = Unlabeled
	if m.Distribution != nil && m.Distribution.TLP != nil {
		d.Label = m.Distribution.TLP.Label
	}
	for _, n := range m.Notes {
		if n.Category == "summary" {
			d.Summary = n.Text
			break
		}
	}
	return nil
}

// place gives the document a name in addresses that no other document has.
// Tracking ids are unique within a publisher's namespace only, and several may
// make the same file name: a later one goes into a folder of its publisher,
// or, where that is taken too, into one of its own.
func (d *Document) place(tx *db.Tx) error {
	base := strings.TrimSuffix(d.File, ".json")
	sum := sha256.Sum256([]byte(d.Namespace + "\x00" + d.TrackingID))
	for _, folder := range []string{"", publisherFolder(d.Namespace), publisherFolder(d.Namespace) + "-" + hex.EncodeToString(sum[:6])} {
		slug := base
		if folder != "" {
			slug = folder + "~" + base
		}
		others, err := db.Value[int](tx, `SELECT COUNT(*) FROM document WHERE slug = $1 AND NOT (namespace = $2 AND tracking_id = $3)`, slug, d.Namespace, d.TrackingID)
		if err != nil {
			return err
		}
		d.Folder, d.Slug = folder, slug
		if others == 0 {
			return nil
		}
	}
	return nil
}

// publisherFolder is a publisher's namespace as a folder's name.
func publisherFolder(namespace string) string {
	name := namespace
	if u, err := url.Parse(namespace); err == nil && u.Host != "" {
		name = path.Join(u.Hostname(), u.Path)
	}
	name = strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, name), "-")
	if len(name) > 60 {
		name = name[:60]
	}
	// A folder of four digits would read as a year.
	return "by-" + name
}

func insertDocument(tx *db.Tx, d *Document, body []byte) error {
	d.ID, d.StoredAt = id.New("doc", tx.Now), tx.Now
	var args db.Args
	_, err := tx.Exec(`INSERT INTO document (id, advisory_id, case_id, slug, publisher, namespace, tracking_id, title, category, label, folder, year, file, audience_id, tlp, release_at,
		initial_text, current_text, current_at, revision, revisions, summary, note, facts, size, body, sha256, sha512, signature, signed_by, stored_at) VALUES `+
		db.List(&args, []any{d.ID, d.Advisory, d.Case, d.Slug, d.Publisher, d.Namespace, d.TrackingID, d.Title, d.Category, d.Label, d.Folder, d.Year, d.File, d.Audience, int(d.Level), db.Micros(d.Release),
			d.Initial, d.Current, db.Micros(d.CurrentAt), d.Revision, d.Revisions, d.Summary, d.Note, db.JSON(d.Facts), d.Size, body, d.SHA256, d.SHA512, d.Signature, d.SignedBy, db.Micros(d.StoredAt)}), args...)
	return err
}

// searchKind is the kind of a published document in the search index.
const searchKind = "advisory"

// index makes a document findable from its instant on. What is CLEAR flips by
// the rule itself; anything else must not be put in before its instant.
func index(tx *db.Tx, d Document, doc *csaf.Document) error {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, " ") + "\n") }
	line(d.TrackingID, d.Publisher)
	line(doc.Document.Tracking.Aliases...)
	for _, n := range doc.Document.Notes {
		if n.Category != "legal_disclaimer" {
			line(n.Title, prose.Plain(n.Text))
		}
	}
	for _, v := range doc.Vulnerabilities {
		line(v.CVE, v.Title)
		for _, n := range v.Notes {
			line(prose.Plain(n.Text))
		}
	}
	for _, p := range doc.Products() {
		line(p.Name)
	}
	return search.Put(tx, search.Doc{Kind: searchKind, ObjectID: d.ID, Scope: d.Case, Audience: d.Audience, Level: d.Level, Release: d.Release,
		Title: d.TrackingID + " " + d.Title, Body: b.String(), URL: d.PageURL()})
}

// levelOf is the marking that a document's label asks for.
func levelOf(label string) (tlp.Level, error) {
	if label == Unlabeled {
		return tlp.Clear, nil
	}
	return tlp.FromCSAF20(label)
}
