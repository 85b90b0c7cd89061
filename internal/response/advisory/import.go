package advisory

import (
	"errors"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/spec/csaf"
	"tocsin/spec/tlp"
)

// Outcome is what an import did with a document.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Updated   Outcome = "updated"
	Unchanged Outcome = "unchanged"
)

// Dirty names one value that is not as it should be, and what was made of it.
type Dirty struct {
	File     string `json:"file"`
	Position string `json:"position"` // JSON pointer (RFC 6901), "" for the whole file
	Field    string `json:"field"`    // the property, or the test of CSAF 2.0 that found it
	Value    string `json:"value"`    // as it stands, or what is wrong with it
	Made     string `json:"made"`     // what was made of it
}

// maxDirty bounds what one document adds to a report.
const maxDirty = 20

// ImportCSAF publishes another party's CSAF document under its own publisher,
// byte for byte, with hashes and a signature of this alliance. A document
// that breaks the format is refused whole (Malformed, with a *csaf.FormatError
// in the chain). One that breaks a mandatory test of section 6.1 is published
// as it is, since its words are its publisher's; the findings are named.
//
// WHITE is public at once. A document without a label and without words on
// its distribution is public too, as unlabeled. GREEN, AMBER and RED, and
// words alone, keep it with the coordinators. A newer revision takes the
// place of the one before it; an older one, or other bytes under the same
// date, change nothing.
func (p Press) ImportCSAF(tx *db.Tx, a audience.Actor, body []byte) (Outcome, []Dirty, error) {
	doc, err := csaf.Parse(body)
	if err != nil {
		return "", nil, errs.Wrap(errs.Malformed, err, "This is no CSAF 2.0 document: %s", firstFinding(err))
	}
	d := Document{Release: tx.Now}
	if err := d.describe(doc); err != nil {
		return "", nil, errs.Wrap(errs.Malformed, err, "A date of this document cannot be read: %v", err)
	}
	if err := notOurs(tx, d); err != nil {
		return "", nil, err
	}
	dirty := examine(doc)
	old, exists, err := db.One(tx, scanDocument, `SELECT `+documentColumns+` FROM document d WHERE d.namespace = $1 AND d.tracking_id = $2 AND d.superseded_at IS NULL AND d.removed_at IS NULL`, d.Namespace, d.TrackingID)
	if err != nil {
		return "", nil, err
	}
	if exists {
		newer, remark, err := supersedes(tx, d, old, body)
		if err != nil || !newer {
			return Unchanged, append(dirty, remark...), err
		}
	}
	remark, err := d.reach(tx, doc)
	if err != nil {
		return "", nil, err
	}
	dirty = append(dirty, remark...)
	if err := d.place(tx); err != nil {
		return "", nil, err
	}
	if err := p.sign(tx, &d, body); err != nil {
		return "", nil, err
	}
	d.Facts = factsOf(doc)
	outcome, kind := Created, DocumentImported
	var binds []ledger.Bound
	if exists {
		outcome, kind = Updated, DocumentUpdated
		if err := retire(tx, old, tx.Now); err != nil {
			return "", nil, err
		}
		binds = append(binds, documentTable.Of(old.ID))
	}
	if err := insertDocument(tx, &d, body); err != nil {
		return "", nil, err
	}
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: d.Audience, Level: max(d.Level, tlp.Green), Object: d.Ref(),
		Data: map[string]string{"tracking_id": d.TrackingID, "publisher": d.Publisher, "title": d.Title, "version": d.Revision}, Binds: append(binds, documentTable.Of(d.ID))})
	return outcome, dirty, index(tx, d, doc)
}

// retire ends a document at an instant and takes it out of the index; it
// stays among the history.
func retire(tx *db.Tx, old Document, at time.Time) error {
	if _, err := tx.Exec(`UPDATE document SET superseded_at = $1 WHERE id = $2`, db.Micros(at), old.ID); err != nil {
		return err
	}
	return search.Drop(tx, searchKind, old.ID)
}

// notOurs keeps an import from speaking in the name of an own advisory.
func notOurs(tx *db.Tx, d Document) error {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM document WHERE namespace = $1 AND tracking_id = $2 AND advisory_id <> ''`, d.Namespace, d.TrackingID)
	if err == nil && n == 0 {
		n, err = db.Value[int](tx, `SELECT COUNT(*) FROM advisory WHERE LOWER(number) = $1`, strings.ToLower(d.TrackingID))
		if err == nil && n > 0 {
			ch, e := charter.Load(tx)
			if err = e; d.Namespace != ch.Namespace {
				n = 0
			}
		}
	}
	if err == nil && n > 0 {
		err = errs.New(errs.Conflict, "%s is an advisory of this alliance itself; it changes by a new revision, not by an import.", d.TrackingID)
	}
	return err
}

// supersedes settles whether a document takes the place of the one published.
func supersedes(tx *db.Tx, d, old Document, body []byte) (bool, []Dirty, error) {
	kept, err := Bytes(tx, old)
	if err != nil || string(kept) == string(body) {
		return false, nil, err
	}
	position := "/document/tracking/current_release_date"
	switch c := d.CurrentAt.Compare(old.CurrentAt); {
	case c > 0, c == 0 && d.Revisions > old.Revisions:
		return true, nil, nil
	case c < 0:
		return false, []Dirty{{Position: position, Field: "current_release_date", Value: d.Current, Made: "left out: a later revision (" + old.Current + ") is published"}}, nil
	}
	return false, []Dirty{{Position: position, Field: "current_release_date", Value: d.Current, Made: "left out: other bytes of the same date and version are published; a change needs a later date"}}, nil
}

// reach sets who may see the document.
func (d *Document) reach(tx *db.Tx, doc *csaf.Document) ([]Dirty, error) {
	var err error
	if d.Level, err = levelOf(d.Label); err != nil {
		return nil, err
	}
	var remark []Dirty
	if d.Label == Unlabeled {
		words := ""
		if doc.Document.Distribution != nil {
			words = doc.Document.Distribution.Text
		}
		made := "published as unlabeled"
		if words != "" {
			d.Level, made = tlp.AmberStrict, "kept with the coordinators: words alone say how far it may go"
		}
		remark = append(remark, Dirty{Position: "/document/distribution", Field: "tlp", Value: clip(words), Made: made})
	} else if d.Level > tlp.Clear {
		remark = append(remark, Dirty{Position: "/document/distribution/tlp/label", Field: "label", Value: d.Label, Made: "kept with the coordinators"})
	}
	d.Audience, err = importAudience(tx, d.Level)
	return remark, err
}

// importAudience is the coordination team's audience that imported documents
// share. What is RED is for named persons, so it gets one of its own, with
// those who coordinate now.
func importAudience(tx *db.Tx, level tlp.Level) (string, error) {
	if level < tlp.Red {
		shared, err := db.Value[string](tx, `SELECT audience_id FROM document WHERE advisory_id = '' AND tlp < $1 ORDER BY stored_at, id LIMIT 1`, int(tlp.Red))
		if err != nil || shared != "" {
			return shared, err
		}
	}
	grants := []audience.Grant{{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Coordinator, Reason: "imported advisories"}}
	if level == tlp.Red {
		people, err := db.Column[string](tx, `SELECT person_id FROM seat WHERE kind = $1 AND subject_id = $2 ORDER BY person_id LIMIT 1000`, string(audience.Office), charter.Coordinator)
		if err != nil {
			return "", err
		}
		for _, person := range people {
			grants = append(grants, audience.Grant{Kind: audience.Person, ID: person, Role: audience.Coordinator, Reason: "coordinated at the import"})
		}
	}
	return audience.Create(tx, "imported advisories", grants, nil, nil)
}

// examine names which mandatory tests a document breaks (CSAF 2.0, 6.1).
func examine(doc *csaf.Document) []Dirty {
	var out []Dirty
	for _, f := range csaf.CheckMandatory(doc) {
		if len(out) == maxDirty {
			break
		}
		out = append(out, Dirty{Position: f.Path, Field: f.Rule, Value: clip(f.Text), Made: "published as its publisher wrote it"})
	}
	return out
}

func firstFinding(err error) string {
	if f, ok := errors.AsType[*csaf.FormatError](err); ok && len(f.Findings) > 0 {
		return f.Findings[0].Text
	}
	return "it cannot be read"
}

// clip shortens a value for a report.
func clip(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}
