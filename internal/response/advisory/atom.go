package advisory

import (
	"encoding/xml"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/prose"
)

// AtomFeed is the Atom feed of what is published (RFC 4287).
type AtomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []AtomLink  `xml:"link"`
	Author  AtomPerson  `xml:"author"`
	Entries []AtomEntry `xml:"entry"`
}

// AtomLink is a link of a feed or an entry.
type AtomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

// AtomPerson is who wrote something.
type AtomPerson struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

// AtomEntry is one advisory.
type AtomEntry struct {
	Title     string     `xml:"title"`
	ID        string     `xml:"id"`
	Published string     `xml:"published"`
	Updated   string     `xml:"updated"`
	Links     []AtomLink `xml:"link"`
	Author    AtomPerson `xml:"author"`
	Summary   string     `xml:"summary,omitempty"`
}

// atomEntries bounds the feed; older ones are in the list and in ROLIE.
const atomEntries = 100

// Atom is the feed as of now for everybody. base is where the server is
// reached, without a slash at the end.
func Atom(tx *db.Tx, base string) (AtomFeed, error) {
	ch, err := charter.Load(tx)
	if err != nil {
		return AtomFeed{}, err
	}
	l, err := Published(tx, audience.Actor{}, Filter{Limit: atomEntries})
	f := AtomFeed{Title: "Advisories of " + ch.Name, ID: base + "/advisories/atom.xml", Author: AtomPerson{ch.Name, ch.Namespace},
		Links: []AtomLink{{"self", "application/atom+xml", base + "/advisories/atom.xml"}, {"alternate", "text/html", base + "/advisories"}}}
	updated := ch.FoundedAt
	for _, d := range l.Documents {
		if d.Release.After(updated) {
			updated = d.Release
		}
		f.Entries = append(f.Entries, AtomEntry{Title: d.TrackingID + ": " + d.Title, ID: base + d.PageURL(), Published: d.Initial, Updated: d.Current,
			Links:  []AtomLink{{"alternate", "text/html", base + d.PageURL()}, {"enclosure", "application/json", base + Root + d.Path()}},
			Author: AtomPerson{d.Publisher, d.Namespace}, Summary: prose.Snippet(d.Summary, 400)})
	}
	f.Updated = updated.UTC().Format(time.RFC3339)
	return f, err
}

// Marshal writes the feed with its XML declaration.
func (f AtomFeed) Marshal() ([]byte, error) {
	b, err := xml.MarshalIndent(f, "", "  ")
	return append([]byte(xml.Header), append(b, '\n')...), err
}
