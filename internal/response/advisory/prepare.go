package advisory

import (
	"fmt"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/spec/csaf"
	"tocsin/spec/tlp"
)

// Preview composes the CSAF document of the present text as it would be
// released now to everybody, with what the standard finds in it. It changes
// nothing.
func (p Press) Preview(tx *db.Tx, a audience.Actor, ref string) (*csaf.Document, []csaf.Finding, error) {
	v, _, err := Load(tx, a, ref)
	if err != nil {
		return nil, nil, err
	}
	c, err := casework.ByID(tx, v.Case)
	if err != nil {
		return nil, nil, err
	}
	text, err := textOf(tx, v.ID, v.Version)
	if err != nil {
		return nil, nil, err
	}
	d, err := p.assemble(tx, v, c, text.Content, release{at: tx.Now, level: v.OutLevel})
	if err != nil {
		return nil, nil, err
	}
	doc, findings := compose(d, tx.Now)
	return doc, findings, nil
}

// Stale reports whether the case has moved on since the scheduled document
// was prepared, so that it should be prepared again.
func (p Press) Stale(tx *db.Tx, v Advisory) (bool, error) {
	if v.State != StateScheduled || v.Due(tx.Now) {
		return false, nil
	}
	c, err := casework.ByID(tx, v.Case)
	if err != nil {
		return false, err
	}
	d, err := p.draftOf(tx, v, c)
	if err != nil {
		return false, err
	}
	now, err := basis(d)
	return now != v.Basis, err
}

// draftOf assembles the scheduled revision as things stand.
func (p Press) draftOf(tx *db.Tx, v Advisory, c casework.Case) (csaf.Draft, error) {
	text, err := textOf(tx, v.ID, v.ApprovedVersion)
	if err != nil {
		return csaf.Draft{}, err
	}
	d, err := p.assemble(tx, v, c, text.Content, release{at: v.ReleaseAt, level: v.OutLevel, note: v.Note})
	if err != nil {
		return d, err
	}
	place, err := p.placeOf(tx, v, d)
	d.CanonicalURL = p.URL + Root + place.Path()
	return d, err
}

// placeOf is where the revision's file will be.
func (p Press) placeOf(tx *db.Tx, v Advisory, d csaf.Draft) (Document, error) {
	label, _, ok := csaf.Label10(d.TLP)
	if !ok {
		return Document{}, errs.New(errs.Internal, "The marking %s has no label.", d.TLP)
	}
	place := Document{Namespace: d.Publisher.Namespace, TrackingID: v.Number, Label: label, Year: d.Revisions[0].Date.UTC().Year(), File: csaf.FileName(v.Number)}
	return place, place.place(tx)
}

// compose makes the document. An identifier that the format does not take is
// left out rather than keep an advisory from being published.
func compose(d csaf.Draft, now time.Time) (*csaf.Document, []csaf.Finding) {
	d.Composed = now
	doc, findings := csaf.Compose(d)
	for _, f := range findings {
		if f.Severity == csaf.Error && strings.Contains(f.Path, "product_identification_helper") {
			d.Products = nil
			return csaf.Compose(d)
		}
	}
	return doc, findings
}

// prepare makes, checks, hashes and signs the document of the scheduled
// revision and stores it with its instant. Invalid names what the standard
// finds wrong with it.
func (p Press) prepare(tx *db.Tx, v *Advisory, c casework.Case) ([]ledger.Bound, error) {
	d, err := p.draftOf(tx, *v, c)
	if err != nil {
		return nil, err
	}
	doc, findings := compose(d, tx.Now)
	if refused := refuseFindings(findings); refused != nil {
		return nil, refused
	}
	body, err := csaf.Marshal(doc)
	if err != nil {
		return nil, errs.Wrap(errs.Internal, err, "The document could not be written.")
	}
	out := Document{Advisory: v.ID, Case: c.ID, Audience: v.OutAudience, Level: v.OutLevel, Release: v.ReleaseAt, Note: v.Note}
	if err := out.describe(doc); err != nil {
		return nil, err
	}
	if err := out.place(tx); err != nil {
		return nil, err
	}
	out.Facts = factsOf(doc)
	out.Facts.CaseNumber, out.Facts.Markdown = c.Number, true
	if err := p.sign(tx, &out, body); err != nil {
		return nil, err
	}
	var binds []ledger.Bound
	if old, ok, err := presentOf(tx, v.ID); err != nil {
		return nil, err
	} else if ok {
		if _, err := tx.Exec(`UPDATE document SET superseded_at = $1 WHERE id = $2`, db.Micros(v.ReleaseAt), old.ID); err != nil {
			return nil, err
		}
		binds = append(binds, documentTable.Of(old.ID))
	}
	if err := insertDocument(tx, &out, body); err != nil {
		if db.Taken(err) {
			return nil, errs.New(errs.Conflict, "A document %s of the alliance's namespace is published already.", v.Number)
		}
		return nil, err
	}
	v.Document = out.ID
	if v.Basis, err = basis(d); err != nil {
		return nil, err
	}
	if out.Level == tlp.Clear {
		err = index(tx, out, doc) // the rule keeps it from view until its instant
	}
	return append(binds, documentTable.Of(out.ID)), err
}

// presentOf is the advisory's document that nothing supersedes.
func presentOf(tx *db.Tx, advisoryID string) (Document, bool, error) {
	return db.One(tx, scanDocument, `SELECT `+documentColumns+` FROM document d WHERE d.advisory_id = $1 AND d.superseded_at IS NULL AND d.removed_at IS NULL`, advisoryID)
}

// unprepare takes a prepared document back whose instant has not come, as if
// it had never been made. The one before it stays.
func (v *Advisory) unprepare(tx *db.Tx) ([]ledger.Bound, error) {
	v.ReleaseAt, v.Follows, v.Basis = time.Time{}, false, ""
	d, err := documentByID(tx, v.Document)
	if errs.Is(err, errs.NotFound) || err == nil && !d.Release.After(tx.Now) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(`DELETE FROM document WHERE id = $1`, d.ID); err != nil {
		return nil, err
	}
	binds := []ledger.Bound{documentTable.Of(d.ID)}
	before, err := db.Column[string](tx, `SELECT id FROM document WHERE advisory_id = $1 AND superseded_at = $2`, v.ID, db.Micros(d.Release))
	if err != nil {
		return nil, err
	}
	v.Document = ""
	for _, one := range before {
		if _, err := tx.Exec(`UPDATE document SET superseded_at = NULL WHERE id = $1`, one); err != nil {
			return nil, err
		}
		v.Document = one
		binds = append(binds, documentTable.Of(one))
	}
	return binds, search.Drop(tx, searchKind, d.ID)
}

// maxFields bounds how many findings a refusal names.
const maxFields = 50

// refuseFindings turns errors among findings into the refusal of a release.
func refuseFindings(findings []csaf.Finding) *errs.Error {
	var fields []errs.Field
	for _, f := range findings {
		if f.Severity == csaf.Error && len(fields) < maxFields {
			fields = append(fields, errs.Field{Name: f.Path, Reason: fmt.Sprintf("%s (%s)", f.Text, f.Rule)})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return &errs.Error{Kind: errs.Invalid, Text: fmt.Sprintf("The CSAF document would not be valid, so nothing is scheduled: %s.", fields[0].Reason), Fields: fields}
}
