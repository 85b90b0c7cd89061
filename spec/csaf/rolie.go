package csaf

import (
	"slices"
	"strings"
)

// Names from ROLIE (RFC 8322) and its CSAF extension (7.1.15).
const (
	InformationTypeScheme = "urn:ietf:params:rolie:category:information-type"
	InformationTypeCSAF   = "csaf"
	TLPScheme             = "https://www.first.org/tlp/"
	SchemaURL             = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json"
)

// Link is a web link. Rel is self, hash or signature in entries, self or service
// in feeds.
type Link struct {
	Href string `json:"href"`
	Rel  string `json:"rel"`
}

// Category is an Atom category: a term of a scheme.
type Category struct {
	Scheme string `json:"scheme,omitempty"`
	Term   string `json:"term"`
}

// Feed is a ROLIE feed of documents of one TLP label (7.1.15).
type Feed struct {
	Category []Category `json:"category,omitempty"`
	Entry    []Entry    `json:"entry"`
	ID       string     `json:"id"`
	Link     []Link     `json:"link"`
	Title    string     `json:"title"`
	Updated  string     `json:"updated"`
}

// Entry is one document in a feed. ID is its tracking id, Title its title,
// Published its initial and Updated its current release date.
type Entry struct {
	Category  []Category `json:"category,omitempty"`
	Content   Content    `json:"content"`
	Format    Format     `json:"format"`
	ID        string     `json:"id"`
	Link      []Link     `json:"link"`
	Published string     `json:"published"`
	Summary   *Summary   `json:"summary,omitempty"`
	Title     string     `json:"title"`
	Updated   string     `json:"updated"`
}

// Content points to the document itself; Type is application/json.
type Content struct {
	Src  string `json:"src"`
	Type string `json:"type"`
}

// Format names the schema of the document.
type Format struct {
	Schema  string `json:"schema"`
	Version string `json:"version"`
}

// Summary is a short text about an entry.
type Summary struct {
	Content string `json:"content"`
}

type feedDocument struct {
	Feed *Feed `json:"feed"`
}

// FeedEntry is the entry for a document that is served at url, its hash files at
// url.sha256 and url.sha512 and its signature at url.asc (7.1.18, 7.1.19).
func FeedEntry(doc *Document, url string) Entry {
	e := Entry{
		Content: Content{Src: url, Type: "application/json"},
		Format:  Format{Schema: SchemaURL, Version: Version},
		ID:      doc.Document.Tracking.ID,
		Link: []Link{
			{Href: url, Rel: "self"},
			{Href: url + ".sha256", Rel: "hash"},
			{Href: url + ".sha512", Rel: "hash"},
			{Href: url + ".asc", Rel: "signature"},
		},
		Published: doc.Document.Tracking.InitialReleaseDate,
		Title:     doc.Document.Title,
		Updated:   doc.Document.Tracking.CurrentReleaseDate,
	}
	for _, n := range doc.Document.Notes {
		if n.Category == "summary" {
			e.Summary = &Summary{Content: n.Text}
			break
		}
	}
	return e
}

// NewFeed makes a feed served at url. Entries come newest first; updated is an
// RFC 3339 time, by which the feed was last changed.
func NewFeed(id, title, url, updated string, entries []Entry) *Feed {
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b Entry) int {
		if c := timeOr0(b.Updated).Compare(timeOr0(a.Updated)); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return &Feed{
		Category: []Category{{Scheme: InformationTypeScheme, Term: InformationTypeCSAF}},
		Entry:    entries,
		ID:       id,
		Link:     []Link{{Href: url, Rel: "self"}},
		Title:    title,
		Updated:  updated,
	}
}

func categoriesShape() shape {
	return list(1, obj(opt("scheme", uri()), req("term", text())))
}

func linksShape(rels ...string) shape {
	links := list(1, obj(req("href", uri()), req("rel", text())))
	return func(r *reading, path string, v any) (any, bool) {
		reduced, ok := links(r, path, v)
		items, _ := v.([]any)
		for _, rel := range rels {
			if !slices.ContainsFunc(items, func(l any) bool {
				o, ok := l.(*object)
				return ok && o.props["rel"] == rel
			}) {
				r.fault(path, "lacks a link of relation %s", rel)
			}
		}
		return reduced, ok
	}
}

var feedShape = obj(req("feed", obj(
	opt("category", categoriesShape()),
	req("entry", list(0, obj(
		opt("category", categoriesShape()),
		req("content", obj(req("src", jsonURL()), req("type", enum("application/json")))),
		req("format", obj(req("schema", enum(SchemaURL)), req("version", enum(Version)))),
		req("id", text()),
		req("link", linksShape("self")),
		req("published", instant()),
		opt("summary", obj(req("content", str(0, nil)))),
		req("title", text()),
		req("updated", instant()),
	))),
	req("id", text()),
	req("link", linksShape("self")),
	req("title", text()),
	req("updated", instant()),
)))

// ParseFeed reads a ROLIE feed strictly.
func ParseFeed(data []byte) (*Feed, error) {
	var d feedDocument
	if err := parseAs(&d, feedShape, data); err != nil {
		return nil, err
	}
	return d.Feed, nil
}

// Marshal writes the feed, refusing what [ParseFeed] would not read.
func (f *Feed) Marshal() ([]byte, error) {
	if f.Entry == nil {
		filled := *f
		filled.Entry = []Entry{}
		f = &filled
	}
	return encodeAs(feedDocument{f}, feedShape)
}

// ServiceDocument lists the feeds by workspace (7.1.16).
type ServiceDocument struct {
	Service Service `json:"service"`
}

// Service is what a service document holds.
type Service struct {
	Workspace []Workspace `json:"workspace"`
}

// Workspace is a titled group of feeds.
type Workspace struct {
	Collection []Collection `json:"collection"`
	Title      string       `json:"title"`
}

// Collection is one feed in a workspace.
type Collection struct {
	Categories Categories `json:"categories"`
	Href       string     `json:"href"`
	Title      string     `json:"title"`
}

// Categories wraps a list of categories.
type Categories struct {
	Category []Category `json:"category"`
}

// CategoryDocument lists the categories that entries may have (7.1.17).
type CategoryDocument struct {
	Categories Categories `json:"categories"`
}

var (
	serviceShape = obj(req("service", obj(req("workspace", list(1, obj(
		req("collection", list(1, obj(
			req("categories", obj(req("category", categoriesShape()))),
			req("href", jsonURL()),
			req("title", text()),
		))),
		req("title", text()),
	))))))
	categoryShape = obj(req("categories", obj(req("category", categoriesShape()))))
)

// FeedCollection is the entry of a feed in a service document; label is its TLP
// label, "" for UNLABELED.
func FeedCollection(title, url, label string) Collection {
	categories := []Category{{Scheme: InformationTypeScheme, Term: InformationTypeCSAF}}
	if label != "" && label != "UNLABELED" {
		categories = append(categories, Category{Scheme: TLPScheme, Term: label})
	}
	return Collection{Categories: Categories{categories}, Href: url, Title: title}
}

// ParseServiceDocument reads a ROLIE service document strictly.
func ParseServiceDocument(data []byte) (*ServiceDocument, error) {
	d := &ServiceDocument{}
	if err := parseAs(d, serviceShape, data); err != nil {
		return nil, err
	}
	return d, nil
}

// Marshal writes the service document, refusing what cannot be read back.
func (d *ServiceDocument) Marshal() ([]byte, error) { return encodeAs(d, serviceShape) }

// ParseCategoryDocument reads a ROLIE category document strictly.
func ParseCategoryDocument(data []byte) (*CategoryDocument, error) {
	d := &CategoryDocument{}
	if err := parseAs(d, categoryShape, data); err != nil {
		return nil, err
	}
	return d, nil
}

// Marshal writes the category document, refusing what cannot be read back.
func (d *CategoryDocument) Marshal() ([]byte, error) { return encodeAs(d, categoryShape) }

// encodeAs writes v if it is of a shape.
func encodeAs(v any, s shape) ([]byte, error) {
	data, err := encode(v)
	if err != nil {
		return nil, err
	}
	var ignored any
	if err := parseAs(&ignored, s, data); err != nil {
		return nil, err
	}
	return data, nil
}
