package csaf

import (
	"fmt"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Compose makes a document of a draft. The findings tell what was filled in,
// merged or left out (rule [RuleDraft]), and what of the format or the mandatory
// tests the result still breaks; with an Error among them it must not be
// published. A draft without contradictions and with all that its category needs
// gives a document without one.
func Compose(d Draft) (*Document, []Finding) {
	c := &composer{products: map[ProductKey]*FullProductName{}}
	doc := &Document{Document: c.metadata(d)}
	for _, p := range d.Products {
		if _, ok := c.product("/product_tree", p.ProductKey); ok && p.Helper != nil {
			c.products[p.ProductKey.clean()].ProductIdentificationHelper = p.Helper
		}
	}
	for i, v := range d.Vulnerabilities {
		doc.Vulnerabilities = append(doc.Vulnerabilities, c.vulnerability(at("/vulnerabilities", i), v))
	}
	doc.ProductTree = c.tree()
	return doc, append(c.findings, verify(doc)...)
}

// verify holds a composed document against the format and the mandatory tests.
func verify(doc *Document) []Finding {
	data, err := encode(doc)
	if err != nil {
		return []Finding{{RuleSchema, Error, "", err.Error()}}
	}
	read, findings, err := Decode(data)
	if err != nil {
		return []Finding{{RuleSchema, Error, "", err.Error()}}
	}
	for _, f := range CheckMandatory(read) {
		if f.Rule != ruleCVSS { // among the format's already
			findings = append(findings, f)
		}
	}
	return findings
}

// composer holds what is under way: the products named so far, and the remarks.
type composer struct {
	products map[ProductKey]*FullProductName
	findings []Finding
}

func (c *composer) remark(s Severity, path, format string, args ...any) {
	if len(c.findings) < MaxFindings {
		c.findings = append(c.findings, Finding{RuleDraft, s, path, fmt.Sprintf(format, args...)})
	}
}

func (c *composer) metadata(d Draft) Metadata {
	m := Metadata{
		Acknowledgments: c.acknowledgments(d.Acknowledgments),
		Category:        orElse(d.Category, CategorySecurityAdvisory),
		CSAFVersion:     Version,
		Distribution:    c.distribution(d),
		Lang:            orElse(d.Lang, "en"),
		Notes:           c.notes(d.Notes),
		Publisher:       d.Publisher,
		References:      c.references("/document/references", d.References),
		Title:           strings.TrimSpace(d.Title),
		Tracking:        c.tracking(d),
	}
	if d.CanonicalURL != "" {
		self := Reference{Category: "self", Summary: "This document at its canonical URL.", URL: d.CanonicalURL}
		m.References = append([]Reference{self}, m.References...)
	}
	if d.Severity.Text != "" {
		severity := d.Severity
		m.AggregateSeverity = &severity
	}
	return m
}

func (c *composer) distribution(d Draft) *Distribution {
	out := Distribution{Text: strings.TrimSpace(d.DistributionText)}
	if d.TLP != "" {
		label, text, ok := Label10(d.TLP)
		if !ok {
			c.remark(Error, "/document/distribution/tlp", "%s is not a TLP label", quoted(d.TLP))
		} else {
			out.TLP = &TLP{Label: label, URL: TLPScheme}
			out.Text = strings.TrimSpace(text + "\n" + out.Text)
		}
	}
	if out.Text == "" && out.TLP == nil {
		return nil
	}
	return &out
}

func (c *composer) tracking(d Draft) Tracking {
	history := revisions(d)
	t := Tracking{
		ID:              strings.TrimSpace(d.TrackingID),
		RevisionHistory: history,
		Status:          orElse(d.Status, "final"),
	}
	for _, a := range d.Aliases {
		if a = strings.TrimSpace(a); a != "" && a != t.ID {
			t.Aliases = appendNew(t.Aliases, a)
		}
	}
	if n := len(history); n > 0 {
		t.InitialReleaseDate, t.CurrentReleaseDate, t.Version = history[0].Date, history[n-1].Date, history[n-1].Number
	}
	if d.Engine.Name != "" {
		t.Generator = &Generator{Date: stamp(d.Composed), Engine: d.Engine}
	}
	return t
}

// revisions is the history in the order of its dates. A draft of a document that
// was never published has the one version 0.
func revisions(d Draft) []Revision {
	list := append([]DraftRevision(nil), d.Revisions...)
	if len(list) == 0 && d.Status == "draft" && !d.Composed.IsZero() {
		list = []DraftRevision{{Date: d.Composed, Number: "0", Summary: "Draft."}}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Date.Before(list[j].Date) })
	counted := true
	for _, r := range list {
		counted = counted && r.Number == ""
	}
	out := make([]Revision, 0, len(list))
	for i, r := range list {
		number := r.Number
		if counted {
			number = strconv.Itoa(i + 1)
		}
		summary := strings.TrimSpace(r.Summary)
		if summary == "" {
			summary = "Version " + number + "."
		}
		out = append(out, Revision{Date: stamp(r.Date), Number: number, Summary: summary})
	}
	return out
}

func (c *composer) acknowledgments(list []Acknowledgment) []Acknowledgment {
	var out []Acknowledgment
	for _, a := range list {
		a.Names = filled(a.Names)
		a.URLs = filled(a.URLs)
		a.Organization, a.Summary = strings.TrimSpace(a.Organization), strings.TrimSpace(a.Summary)
		if len(a.Names)+len(a.URLs) > 0 || a.Organization+a.Summary != "" {
			out = append(out, a)
		}
	}
	return out
}

func (c *composer) notes(list []Note) []Note {
	var out []Note
	for _, n := range list {
		if strings.TrimSpace(n.Text) == "" {
			continue
		}
		n.Category = orElse(n.Category, "general")
		out = append(out, n)
	}
	return out
}

func (c *composer) references(path string, list []Reference) []Reference {
	var out []Reference
	seen := map[string]bool{}
	for _, r := range list {
		address, ok := cleanURL(r.URL)
		if !ok {
			c.remark(Warning, path, "the reference %s is left out: it is not a URL", quoted(r.URL))
			continue
		}
		if seen[address] {
			continue
		}
		seen[address] = true
		summary := strings.TrimSpace(r.Summary)
		out = append(out, Reference{Category: orElse(r.Category, "external"), Summary: orElse(summary, address), URL: address})
	}
	return out
}

// cleanURL percent-encodes what people leave unencoded.
func cleanURL(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if checkURI(s) == "" {
		return s, true
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", false
	}
	u.RawQuery = strings.ReplaceAll(u.RawQuery, " ", "%20")
	s = u.String()
	return s, checkURI(s) == ""
}

// stamp writes an instant, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func filled(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func appendNew(list []string, s string) []string {
	for _, old := range list {
		if old == s {
			return list
		}
	}
	return append(list, s)
}
