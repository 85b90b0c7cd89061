package csafprovider

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"sync"
	"time"

	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/advisory"
	"tocsin/spec/csaf"
)

const textType = "text/plain; charset=utf-8"

// shelf is the documents of one label that the asker sees.
type shelf struct {
	label     string
	documents []advisory.Document
}

func (s shelf) lower() string { return strings.ToLower(s.label) }

// shelf is what the label in the address holds for the asker; not found where
// that is nothing, except for the public directory.
func (a ask) shelf() (shelf, error) {
	s := shelf{label: strings.ToUpper(a.PathValue("label"))}
	if !slices.Contains(advisory.Labels, s.label) || a.PathValue("label") != s.lower() {
		return s, errs.Missing("folder")
	}
	var err error
	if s.documents, err = advisory.Documents(a.tx, a.actor, s.label); err == nil && len(s.documents) == 0 && s.label != "WHITE" {
		err = errs.Missing("folder")
	}
	return s, err
}

// list is one of the lists beside the documents of a label.
func (d *Door) list(a ask) (page, error) {
	s, err := a.shelf()
	if err != nil {
		return page{}, err
	}
	switch file := a.PathValue("file"); {
	case file == "index.txt":
		return index(s), nil
	case file == "changes.csv":
		return changes(s)
	case file == feedFile(s.label) && len(s.documents) > 0:
		return d.feed(s)
	case file == categoryFile(s.label) && len(s.documents) > 0:
		return category(s)
	}
	return page{}, errs.Missing("file")
}

// index is index.txt: every file name below the directory (7.1.12).
func index(s shelf) page {
	var b strings.Builder
	for _, d := range s.documents {
		b.WriteString(d.Within() + "\n")
	}
	return page{contentType: textType, body: []byte(b.String())}
}

// changes is changes.csv: file name and current release date, latest first
// (7.1.13). Every field is quoted, as consumers that split at commas expect.
func changes(s shelf) (page, error) {
	var b bytes.Buffer
	for _, d := range s.documents {
		b.WriteString(`"` + d.Within() + `","` + d.Current + `"` + "\n")
	}
	// What is written must read back as it was meant.
	_, err := csv.NewReader(bytes.NewReader(b.Bytes())).ReadAll()
	return page{contentType: "text/csv; charset=utf-8", body: b.Bytes()}, err
}

// feed is the ROLIE feed of a label (7.1.15).
func (d *Door) feed(s shelf) (page, error) {
	key := sha256.New()
	fmt.Fprintln(key, d.house.URL, s.label)
	for _, doc := range s.documents {
		fmt.Fprintln(key, doc.ID)
	}
	body, err := d.feeds.get(hex.EncodeToString(key.Sum(nil)), func() ([]byte, error) { return d.writeFeed(s) })
	return page{contentType: jsonType, body: body}, err
}

func (d *Door) writeFeed(s shelf) ([]byte, error) {
	entries := make([]csaf.Entry, 0, len(s.documents))
	for _, doc := range s.documents {
		meta := &csaf.Document{Document: csaf.Metadata{Title: doc.Title,
			Tracking: csaf.Tracking{ID: doc.TrackingID, InitialReleaseDate: doc.Initial, CurrentReleaseDate: doc.Current}}}
		if doc.Summary != "" {
			meta.Document.Notes = []csaf.Note{{Category: "summary", Text: doc.Summary}}
		}
		entries = append(entries, csaf.FeedEntry(meta, d.url(doc.Path())))
	}
	f := csaf.NewFeed("csaf-feed-tlp-"+s.lower(), feedTitle(s.label), d.feedURL(s.label), stamp(changed(s.documents)), entries)
	f.Link = append(f.Link, csaf.Link{Rel: "service", Href: d.url("service.json")})
	return f.Marshal()
}

// written keeps what was made for a key that names everything it is made of,
// so that it can be too old for nobody. A document never changes, so a list of
// documents names a feed.
type written struct {
	mu   sync.Mutex
	kept map[string][]byte
}

// maxWritten bounds how many different lists are kept: five labels, for some
// groups of people that see alike.
const maxWritten = 20

func (w *written) get(key string, make func() ([]byte, error)) ([]byte, error) {
	w.mu.Lock()
	body, ok := w.kept[key]
	w.mu.Unlock()
	if ok {
		return body, nil
	}
	body, err := make()
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.kept == nil || len(w.kept) >= maxWritten {
		w.kept = map[string][]byte{}
	}
	w.kept[key] = body
	return body, nil
}

// category is the ROLIE category document of a feed (7.1.17): what tells its
// documents apart are the publishers and the categories of documents.
func category(s shelf) (page, error) {
	var doc csaf.CategoryDocument
	add := func(scheme, term string) {
		c := csaf.Category{Scheme: scheme, Term: term}
		if term != "" && !slices.Contains(doc.Categories.Category, c) {
			doc.Categories.Category = append(doc.Categories.Category, c)
		}
	}
	add(csaf.InformationTypeScheme, csaf.InformationTypeCSAF)
	if s.label != advisory.Unlabeled {
		add(csaf.TLPScheme, s.label)
	}
	for _, d := range s.documents {
		add("", d.Category)
		add("", d.Publisher)
	}
	body, err := doc.Marshal()
	return page{contentType: jsonType, body: body}, err
}

var listing = template.Must(template.New("listing").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}}</title></head>
<body>
<main>
<h1>{{.Title}}</h1>
<ul>
{{range .Links}}<li><p><a href="{{.}}">{{.}}</a></p></li>
{{end}}</ul>
</main>
</body>
</html>
`))

// folder is the HTML listing of a folder (7.1.14).
func folder(title string, links []string) (page, error) {
	var b bytes.Buffer
	err := listing.Execute(&b, struct {
		Title string
		Links []string
	}{title, links})
	return page{contentType: "text/html; charset=utf-8", body: b.Bytes()}, err
}

func (d *Door) listRoot(a ask) (page, error) {
	list, err := advisory.Shelves(a.tx, a.actor)
	if err != nil {
		return page{}, err
	}
	links := []string{"provider-metadata.json"}
	if len(list) > 0 {
		links = append(links, "service.json")
	}
	for _, s := range list {
		links = append(links, strings.ToLower(s.Label)+"/")
	}
	return folder("CSAF documents", links)
}

func (d *Door) listLabel(a ask) (page, error) {
	s, err := a.shelf()
	if err != nil {
		return page{}, err
	}
	links := []string{"changes.csv", "index.txt"}
	if len(s.documents) > 0 {
		links = append(links, categoryFile(s.label), feedFile(s.label))
	}
	return folder(feedTitle(s.label), append(links, children(s, "")...))
}

// listYear lists a folder below a label's: the documents of a year, or the
// years of a publisher's folder.
func (d *Door) listYear(a ask) (page, error) {
	s, err := a.shelf()
	if err != nil {
		return page{}, err
	}
	prefix := a.PathValue("year") + "/"
	if f := a.PathValue("folder"); f != "" {
		prefix = f + "/" + prefix
	}
	links := children(s, prefix)
	if len(links) == 0 {
		return page{}, errs.Missing("folder")
	}
	return folder(feedTitle(s.label)+": "+strings.TrimSuffix(prefix, "/"), links)
}

// children are the files and folders of a shelf right below a prefix; a file
// stands with its hashes and its signature.
func children(s shelf, prefix string) []string {
	var out []string
	seen := map[string]bool{}
	for _, d := range s.documents {
		rest, ok := strings.CutPrefix(d.Within(), prefix)
		if !ok {
			continue
		}
		if first, _, deeper := strings.Cut(rest, "/"); deeper {
			if !seen[first] {
				seen[first] = true
				out = append(out, first+"/")
			}
			continue
		}
		for _, suffix := range []string{"", ".asc", ".sha256", ".sha512"} {
			out = append(out, rest+suffix)
		}
	}
	slices.Sort(out)
	return out
}

// changed is when a list of documents changed last.
func changed(list []advisory.Document) time.Time {
	var t time.Time
	for _, d := range list {
		t = later(t, d.Release)
	}
	return t
}
