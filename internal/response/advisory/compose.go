package advisory

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/spec/csaf"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
)

// release is what is settled when a revision is made: when it will be out,
// for whom, and what it changes.
type release struct {
	at    time.Time
	level tlp.Level
	note  string
}

// assemble gathers what the advisory's document will say: the text, and what
// the case knows. Parties that are hidden, that left, or that the text leaves
// out are not in it, nor is silence.
func (p Press) assemble(tx *db.Tx, v Advisory, c casework.Case, content Content, r release) (csaf.Draft, error) {
	ch, err := charter.Load(tx)
	if err != nil {
		return csaf.Draft{}, err
	}
	past, err := revisions(tx, v)
	if err != nil {
		return csaf.Draft{}, err
	}
	d := csaf.Draft{
		Category: content.Category, TrackingID: v.Number, Aliases: []string{c.Number}, Title: content.Title, TLP: r.level.String(), Status: "final",
		Publisher: csaf.Publisher{Category: "coordinator", ContactDetails: ch.Email, Name: ch.Name, Namespace: ch.Namespace},
		Revisions: append(past, csaf.DraftRevision{Date: r.at, Summary: r.note}),
		Engine:    csaf.Engine{Name: "Tocsin"},
		Notes:     []csaf.Note{{Category: "summary", Title: "Summary", Text: content.Summary}},
	}
	for _, s := range content.Sections {
		d.Notes = append(d.Notes, csaf.Note{Category: s.Kind, Title: s.Title, Text: s.Text})
	}
	for _, x := range content.Credits {
		ack := csaf.Acknowledgment{Organization: x.Organization, Summary: x.Summary}
		if x.Name != "" {
			ack.Names = []string{x.Name}
		}
		d.Acknowledgments = append(d.Acknowledgments, ack)
	}
	for _, x := range content.References {
		d.References = append(d.References, csaf.Reference{Summary: x.Summary, URL: x.URL})
	}
	m, err := loadStand(tx, c, content)
	if err != nil {
		return d, err
	}
	for _, one := range m.vulns {
		d.Vulnerabilities = append(d.Vulnerabilities, m.vulnerability(one, c, ch.Name, textFor(content, one)))
	}
	d.Products = m.helpers
	return d, nil
}

// revisions are those of the advisory that are out, in order.
func revisions(tx *db.Tx, v Advisory) ([]csaf.DraftRevision, error) {
	return db.All(tx, func(r *csaf.DraftRevision) []any { return []any{db.At(&r.Date), &r.Summary} },
		`SELECT release_at, note FROM document WHERE advisory_id = $1 AND release_at <= $2 ORDER BY release_at, stored_at`, v.ID, tx.Now.UnixMicro())
}

// basis is a digest of all that a document is made of, to tell later whether
// the case has moved on.
func basis(d csaf.Draft) (string, error) {
	d.Composed = time.Time{}
	b, err := json.Marshal(d)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}

func textFor(content Content, v matrix.Vulnerability) string {
	for _, t := range content.Vulnerabilities {
		if t.Vulnerability == v.ID {
			return t.Text
		}
	}
	return v.Description
}

// stand is where the parties that appear stand.
type stand struct {
	vulns    []matrix.Vulnerability
	parties  []casework.Participant
	products map[string][]matrix.Product // by party
	said     map[string][]matrix.Status  // by party and vulnerability
	helpers  []csaf.DraftProduct
}

func loadStand(tx *db.Tx, c casework.Case, content Content) (*stand, error) {
	m := &stand{products: map[string][]matrix.Product{}, said: map[string][]matrix.Status{}}
	who := insider(c)
	var err error
	if m.vulns, err = matrix.Vulnerabilities(tx, who, c.ID); err != nil {
		return m, err
	}
	parties, err := casework.Participants(tx, who, c.ID)
	if err != nil {
		return m, err
	}
	appears := map[string]bool{}
	for _, p := range parties {
		out := slices.ContainsFunc(content.Exclusions, func(e Exclusion) bool { return e.Participant == p.ID })
		if !p.Hidden && p.LeftAt.IsZero() && p.Role != casework.Finder && !out {
			m.parties = append(m.parties, p)
			appears[p.ID] = true
		}
	}
	products, err := matrix.Products(tx, who, c.ID)
	if err != nil {
		return m, err
	}
	for _, r := range products {
		m.products[r.Participant] = append(m.products[r.Participant], r)
	}
	said, err := matrix.Statuses(tx, who, c.ID)
	for _, s := range said {
		if appears[s.Participant] && s.Status.Stated() {
			m.said[s.Participant+s.Vulnerability] = append(m.said[s.Participant+s.Vulnerability], s)
		}
	}
	return m, err
}

// allProducts stands for what a party's word is about when it lists no
// product.
const allProducts = "All products"

// word is what one party says of one of its products (nil: all of them).
type word struct {
	party   casework.Participant
	product *matrix.Product
	matrix.Status
}

// words are what a party says of a vulnerability, product by product: its word
// on a product, or else its word on all.
func (m *stand) words(p casework.Participant, v matrix.Vulnerability) []word {
	var all *matrix.Status
	single := map[string]matrix.Status{}
	for _, s := range m.said[p.ID+v.ID] {
		if s.Product == "" {
			all = &s
		} else {
			single[s.Product] = s
		}
	}
	var out []word
	for _, r := range m.products[p.ID] {
		if s, ok := single[r.ID]; ok {
			out = append(out, word{p, &r, s})
		} else if all != nil {
			out = append(out, word{p, &r, *all})
		}
	}
	if len(m.products[p.ID]) == 0 && all != nil {
		out = append(out, word{p, nil, *all})
	}
	return out
}

func (m *stand) vulnerability(v matrix.Vulnerability, c casework.Case, alliance, description string) csaf.DraftVulnerability {
	d := csaf.DraftVulnerability{CVE: v.CVE, CWE: csaf.CWE{ID: v.CWE}, IDs: []csaf.ID{{SystemName: alliance + " case", Text: c.Number + "-" + v.Label}}, Title: v.Title,
		Notes: []csaf.Note{{Category: "description", Title: "Description", Text: description}}}
	if strings.TrimSpace(description) == "" {
		d.Notes[0].Text = v.Title
	}
	entries := newEntries()
	for _, p := range m.parties {
		words := m.words(p, v)
		for _, w := range words {
			entries.add(w)
		}
		d.Notes = append(d.Notes, statements(p, words)...)
		if in, ok := involvement(p, words); ok {
			d.Involvements = append(d.Involvements, in)
		}
	}
	d.Involvements = append(d.Involvements, csaf.DraftInvolvement{Party: "coordinator", Status: "completed", Date: c.OpenedAt, Summary: alliance + " coordinated this vulnerability with the vendors."})
	d.Statuses, d.Remediations = entries.statuses(), entries.remediations()
	m.helpers = append(m.helpers, entries.helpers()...)
	for _, vector := range []string{v.CVSS31, v.CVSS40} {
		if vector != "" {
			d.Scores = append(d.Scores, csaf.DraftScore{Vector: vector})
		}
	}
	return d
}

// statements are a party's own words as notes, each once.
func statements(p casework.Participant, words []word) []csaf.Note {
	var out []csaf.Note
	for _, w := range words {
		if strings.TrimSpace(w.Statement) == "" || slices.ContainsFunc(out, func(n csaf.Note) bool { return n.Text == w.Statement }) {
			continue
		}
		title := "Statement of " + p.Name
		if w.Status.Product != "" && w.product != nil {
			title += " on " + w.product.Name
		}
		out = append(out, csaf.Note{Category: "general", Title: title, Text: w.Statement})
	}
	return out
}

// involvement sums up what a party has done.
func involvement(p casework.Participant, words []word) (csaf.DraftInvolvement, bool) {
	in := csaf.DraftInvolvement{Party: "vendor", Status: "completed"}
	if p.Role != casework.Vendor {
		in.Party = "other"
	}
	var overall vex.Status
	for _, w := range words {
		if w.ChangedAt.After(in.Date) {
			in.Date = w.ChangedAt
		}
		if overall == "" || slices.Index(gravity, w.Status.Status) < slices.Index(gravity, overall) {
			overall = w.Status.Status
		}
	}
	if overall == vex.Investigating || overall == vex.Affected {
		in.Status = "in_progress"
	}
	in.Summary = p.Name + ": " + overall.Label() + "."
	return in, len(words) > 0
}
