package advisory

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/csaf"
	"tocsin/spec/tlp"
)

// Filter narrows the list of what is published.
type Filter struct {
	Text      string // words in title, tracking id or publisher
	Publisher string // exact namespace, or ""
	Own       bool   // the alliance's own only
	Limit     int    // 1 to 200; 0 means 50
	Cursor    string // from List.Next
}

// List is one page of what is published, latest change first.
type List struct {
	Documents []Document
	Total     int // of all pages
	Next      string
}

// Published lists the documents that stand now and that the actor may see.
func Published(tx *db.Tx, a audience.Actor, f Filter) (List, error) {
	var args db.Args
	from := ` FROM document d WHERE ` + there(tx.Now, &args) + ` AND ` + audience.VisibleOrPublished(a, "d", tx.Now, &args)
	for _, w := range strings.Fields(f.Text) {
		like := args.Add("%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(w)) + "%")
		from += ` AND (LOWER(d.title) LIKE ` + like + ` ESCAPE '\' OR LOWER(d.tracking_id) LIKE ` + like + ` ESCAPE '\' OR LOWER(d.publisher) LIKE ` + like + ` ESCAPE '\')`
	}
	if f.Publisher != "" {
		from += ` AND d.namespace = ` + args.Add(f.Publisher)
	}
	if f.Own {
		from += ` AND d.advisory_id <> ''`
	}
	var l List
	var err error
	if l.Total, err = db.Value[int](tx, `SELECT COUNT(*)`+from, args...); err != nil {
		return l, err
	}
	if f.Cursor != "" {
		at, id, err := openCursor(f.Cursor)
		if err != nil {
			return l, err
		}
		t, i := args.Add(at), args.Add(id)
		from += ` AND (d.current_at < ` + t + ` OR (d.current_at = ` + t + ` AND d.id < ` + i + `))`
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 200)
	l.Documents, err = db.All(tx, scanDocument, `SELECT `+documentColumns+from+` ORDER BY d.current_at DESC, d.id DESC`+db.Limit(f.Limit+1), args...)
	if len(l.Documents) > f.Limit {
		l.Documents = l.Documents[:f.Limit]
		last := l.Documents[f.Limit-1]
		l.Next = base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.CurrentAt.UnixMicro(), 10) + " " + last.ID))
	}
	return l, err
}

func openCursor(cursor string) (at int64, id string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		var first string
		first, id, _ = strings.Cut(string(b), " ")
		at, err = strconv.ParseInt(first, 10, 64)
	}
	if err != nil {
		return 0, "", errs.Bad("cursor", "The page mark is not one of this list; start from the first page.")
	}
	return at, id, nil
}

// PageData is all that the page of a document shows. It is read out of the
// published bytes, so that page and file cannot disagree.
type PageData struct {
	Document
	CSAF      *csaf.Document
	Revisions []Document // released ones, latest first
}

// Page is the page of the document that stands now under a slug or number;
// NotFound until its instant, Gone once it is withdrawn.
func Page(tx *db.Tx, a audience.Actor, slug string) (PageData, error) {
	var p PageData
	var err error
	if p.Document, err = BySlug(tx, a, slug); err != nil {
		return p, err
	}
	body, err := Bytes(tx, p.Document)
	if err != nil {
		return p, err
	}
	if p.CSAF, err = csaf.Parse(body); err != nil {
		return p, err
	}
	p.Revisions, err = History(tx, a, slug)
	return p, err
}

// CaseFacts are the public facts of a case: what its released advisory says,
// and nothing else.
type CaseFacts struct {
	Number   string        `json:"number"`
	Title    string        `json:"title"` // of the advisory
	Released time.Time     `json:"released_at"`
	Updated  time.Time     `json:"updated_at"`
	Advisory string        `json:"advisory"`
	URL      string        `json:"url"` // path of the advisory's page
	CVEs     []string      `json:"cves,omitempty"`
	Vendors  []VendorFacts `json:"vendors"`
}

// PublicCase is what everybody may know of a case by its number; NotFound
// until an advisory of it is public. Of several advisories the latest counts.
func PublicCase(tx *db.Tx, number string) (CaseFacts, error) {
	var args db.Args
	d, ok, err := db.One(tx, scanDocument, `SELECT `+documentColumns+` FROM document d JOIN cases c ON c.id = d.case_id WHERE c.number = `+args.Add(number)+
		` AND `+there(tx.Now, &args)+` AND d.tlp = `+args.Add(int(tlp.Clear))+` ORDER BY d.release_at DESC, d.id DESC`, args...)
	if err != nil || !ok {
		return CaseFacts{}, firstError(err, errs.Missing("case"))
	}
	initial, err := csaf.Time(d.Initial)
	return CaseFacts{Number: number, Title: d.Title, Released: initial, Updated: d.Release, Advisory: d.TrackingID, URL: d.PageURL(), CVEs: d.Facts.CVEs, Vendors: d.Facts.Vendors}, err
}
