package advisory

import (
	"fmt"
	"slices"
	"strings"

	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/matrix"
	"tocsin/spec/csaf"
	"tocsin/spec/text"
)

// Content is what people write of an advisory. What the case knows already
// (products, statuses, statements, scores) is not in it: it is taken from the
// case when the documents are made.
type Content struct {
	Title           string              `json:"title"`
	Category        string              `json:"category"` // csaf_security_advisory or csaf_vex
	Summary         string              `json:"summary"`  // Markdown, as all texts here
	Sections        []Section           `json:"sections"`
	Vulnerabilities []VulnerabilityText `json:"vulnerabilities"`
	Exclusions      []Exclusion         `json:"exclusions"`
	Credits         []Credit            `json:"credits"`
	References      []Reference         `json:"references"`
}

// Section is one titled part of the text. Kind is the category of a CSAF note
// (3.1.5.2): description, details, faq, general, legal_disclaimer or other.
type Section struct {
	Title string `json:"title"`
	Kind  string `json:"kind"`
	Text  string `json:"text"`
}

// VulnerabilityText is what is said of one vulnerability.
type VulnerabilityText struct {
	Vulnerability string `json:"vulnerability_id"`
	Label         string `json:"label"` // its short name in the case
	Text          string `json:"text"`
}

// Exclusion keeps a party's statuses out of the advisory, for a reason that is
// kept in the case and not published.
type Exclusion struct {
	Participant string `json:"participant_id"`
	Name        string `json:"name"`
	Reason      string `json:"reason"`
}

// Credit thanks somebody, as they want to be thanked.
type Credit struct {
	Name         string `json:"name"`
	Organization string `json:"organization"`
	Summary      string `json:"summary"`
}

// Reference points to more.
type Reference struct {
	Summary string `json:"summary"`
	URL     string `json:"url"`
}

// Bounds of an advisory's text.
const (
	maxTitle      = 300
	maxText       = 40_000
	maxSections   = 40
	maxVulns      = 200
	maxExclusions = 1000
	maxCredits    = 200
	maxReferences = 200
)

// Kinds are the section kinds in the order in which forms offer them.
var Kinds = []string{"description", "details", "general", "faq", "legal_disclaimer", "other"}

// cleaner cleans fields and gathers what is refused.
type cleaner struct{ fields []errs.Field }

func (c *cleaner) refuse(name, format string, args ...any) {
	c.fields = append(c.fields, errs.Field{Name: name, Reason: fmt.Sprintf(format, args...)})
}

func (c *cleaner) line(name string, s *string, limit int) {
	clean, _, err := text.CleanLine(*s, limit)
	if err != nil {
		c.refuse(name, "%s", err)
		return
	}
	*s = clean
}

func (c *cleaner) text(name string, s *string) {
	clean, _, err := text.CleanText(*s, maxText)
	if err != nil {
		c.refuse(name, "%s", err)
		return
	}
	*s = clean
}

func (c *cleaner) atMost(name string, have, most int) bool {
	if have > most {
		c.refuse(name, "At most %d entries; there are %d.", most, have)
	}
	return have <= most
}

// cleaned is the content as it is stored, or what is wrong with it, field by
// field.
func (in Content) cleaned() (Content, error) {
	c := &cleaner{}
	c.line("title", &in.Title, maxTitle)
	if in.Title == "" {
		c.refuse("title", "Give the advisory a title.")
	}
	switch in.Category {
	case "":
		in.Category = csaf.CategorySecurityAdvisory
	case csaf.CategorySecurityAdvisory, csaf.CategoryVEX:
	default:
		c.refuse("category", "Choose csaf_security_advisory or csaf_vex.")
	}
	c.text("summary", &in.Summary)
	in.Sections = c.sections(in.Sections)
	in.Vulnerabilities = slices.Clone(in.Vulnerabilities)
	if c.atMost("vulnerabilities", len(in.Vulnerabilities), maxVulns) {
		for i := range in.Vulnerabilities {
			c.line(at("vulnerabilities", i, "label"), &in.Vulnerabilities[i].Label, 20)
			c.text(at("vulnerabilities", i, "text"), &in.Vulnerabilities[i].Text)
		}
	}
	in.Exclusions = slices.Clone(in.Exclusions)
	if c.atMost("exclusions", len(in.Exclusions), maxExclusions) {
		for i := range in.Exclusions {
			c.line(at("exclusions", i, "reason"), &in.Exclusions[i].Reason, 2000)
			if in.Exclusions[i].Reason == "" {
				c.refuse(at("exclusions", i, "reason"), "Say why; the reason is kept.")
			}
		}
	}
	in.Credits, in.References = c.credits(in.Credits), c.references(in.References)
	return in, errs.Join(c.fields)
}

func (c *cleaner) sections(list []Section) []Section {
	if !c.atMost("sections", len(list), maxSections) {
		return list
	}
	out := []Section{}
	for i, s := range list {
		c.line(at("sections", i, "title"), &s.Title, maxTitle)
		c.text(at("sections", i, "text"), &s.Text)
		if s.Kind == "" {
			s.Kind = "general"
		}
		if !slices.Contains(Kinds, s.Kind) {
			c.refuse(at("sections", i, "kind"), "Choose one of %s.", strings.Join(Kinds, ", "))
		}
		if s.Title != "" || s.Text != "" {
			out = append(out, s)
		}
	}
	return out
}

func (c *cleaner) credits(list []Credit) []Credit {
	if !c.atMost("credits", len(list), maxCredits) {
		return list
	}
	out := []Credit{}
	for i, x := range list {
		c.line(at("credits", i, "name"), &x.Name, 200)
		c.line(at("credits", i, "organization"), &x.Organization, 200)
		c.line(at("credits", i, "summary"), &x.Summary, 500)
		if x != (Credit{}) {
			out = append(out, x)
		}
	}
	return out
}

func (c *cleaner) references(list []Reference) []Reference {
	if !c.atMost("references", len(list), maxReferences) {
		return list
	}
	out := []Reference{}
	for i, x := range list {
		c.line(at("references", i, "summary"), &x.Summary, 500)
		c.line(at("references", i, "url"), &x.URL, 2000)
		if x == (Reference{}) {
			continue
		}
		if err := matrix.CheckURL(x.URL); err != nil {
			c.refuse(at("references", i, "url"), "%s", err)
		}
		out = append(out, x)
	}
	return out
}

// Text is the content as one text, one matter a line or paragraph, in an
// order that does not change: what two versions are compared by.
func (in Content) Text() string {
	var b strings.Builder
	part := func(head, body string) {
		if body != "" {
			fmt.Fprintf(&b, "## %s\n%s\n\n", head, body)
		}
	}
	fmt.Fprintf(&b, "# %s\n\nCategory: %s\n\n", in.Title, in.Category)
	part("Summary", in.Summary)
	for _, s := range in.Sections {
		part(fmt.Sprintf("%s (%s)", s.Title, s.Kind), s.Text)
	}
	for _, v := range in.Vulnerabilities {
		part(v.Label, v.Text)
	}
	var lines []string
	for _, e := range in.Exclusions {
		lines = append(lines, "- "+e.Name+": "+e.Reason)
	}
	part("Left out", strings.Join(lines, "\n"))
	lines = nil
	for _, x := range in.Credits {
		lines = append(lines, "- "+strings.Join(nonEmpty(x.Name, x.Organization, x.Summary), ", "))
	}
	part("Credits", strings.Join(lines, "\n"))
	lines = nil
	for _, x := range in.References {
		lines = append(lines, "- "+strings.Join(nonEmpty(x.Summary, x.URL), ": "))
	}
	part("References", strings.Join(lines, "\n"))
	return strings.TrimSpace(b.String()) + "\n"
}

func at(list string, i int, field string) string { return fmt.Sprintf("%s[%d].%s", list, i, field) }

func nonEmpty(list ...string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
