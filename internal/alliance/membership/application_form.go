package membership

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/text"
)

// Evidence is what an applicant shows for its maturity. Addresses are https.
type Evidence struct {
	Policy       string `json:"psirt_policy,omitempty"`     // address of the vulnerability handling policy
	SecurityTxt  string `json:"security_txt,omitempty"`     // address of the security.txt (RFC 9116)
	Team         string `json:"team_description,omitempty"` // address of the team description (RFC 2350)
	SIM3         string `json:"sim3,omitempty"`             // SIM3 self-assessment: its address, or its results as text
	Constituency string `json:"constituency,omitempty"`     // what it answers for
	Handling     string `json:"handling,omitempty"`         // how it handles what it receives
	More         string `json:"more,omitempty"`             // Markdown
}

// Asked is one kind of evidence as a form asks for it; its name is the form's
// field.
type Asked struct {
	Kind        programs.Evidence
	Label, Hint string
	Long        bool // a text of several lines; else a web address
}

// AllAsked lists every kind of evidence in the order of the form.
var AllAsked = []Asked{
	{programs.PolicyEvidence, "Vulnerability handling policy", "The address at which your PSIRT says how it takes and handles reports.", false},
	{programs.SecurityTxtEvidence, "security.txt", "Its address (RFC 9116), such as https://vendor.example/.well-known/security.txt.", false},
	{programs.TeamEvidence, "Team description", "The address of your team's description after RFC 2350.", false},
	{programs.SIM3Evidence, "SIM3 self-assessment", "Its address, or the results as text.", true},
	{programs.ConstituencyEvidence, "Constituency", "What you answer for: autonomous systems, prefixes, domains, countries.", true},
	{programs.HandlingEvidence, "Handling of what you receive", "Who at your organization reads what is shared under TLP, and where it is kept.", true},
}

// Of is the evidence of a kind.
func (e Evidence) Of(k programs.Evidence) string {
	if at := e.at(k); at != nil {
		return *at
	}
	return ""
}

// Set puts evidence of a kind; an unknown kind is let go.
func (e *Evidence) Set(k programs.Evidence, s string) {
	if at := e.at(k); at != nil {
		*at = s
	}
}

func (e *Evidence) at(k programs.Evidence) *string {
	switch k {
	case programs.PolicyEvidence:
		return &e.Policy
	case programs.SecurityTxtEvidence:
		return &e.SecurityTxt
	case programs.TeamEvidence:
		return &e.Team
	case programs.SIM3Evidence:
		return &e.SIM3
	case programs.ConstituencyEvidence:
		return &e.Constituency
	case programs.HandlingEvidence:
		return &e.Handling
	}
	return nil
}

// Form is what an applicant fills in. A draft may be saved with anything left
// out but the name and the contact.
type Form struct {
	Name        string     `json:"name"` // of the organization
	Class       orgs.Class `json:"class"`
	Website     string     `json:"website,omitempty"`
	Statement   string     `json:"statement,omitempty"` // Markdown: who you are and why you apply; members read it
	Evidence    Evidence   `json:"evidence"`
	Sponsors    []string   `json:"sponsors,omitempty"`   // at most 10 lines
	Affiliates  string     `json:"affiliates,omitempty"` // owners and subsidiaries
	Contact     string     `json:"contact"`              // mail address
	ContactName string     `json:"contact_name,omitempty"`
	Version     int64      `json:"version"` // the version seen, when a draft is saved again
}

const (
	maxStatement = 10_000
	maxSponsors  = 10
	maxAppReason = 4_000
)

// Check says what of the form cannot be taken, as beginning a draft would.
func (f Form) Check() error {
	_, err := f.cleaned()
	return err
}

func (f Form) cleaned() (Form, error) {
	var bad []errs.Field
	refuse := func(name, reason string) { bad = append(bad, errs.Field{Name: name, Reason: reason}) }
	line := func(name string, s *string, limit int) {
		clean, _, err := text.CleanLine(*s, limit)
		if err != nil {
			refuse(name, "Please correct this: "+err.Error()+".")
		}
		*s = clean
	}
	long := func(name string, s *string, limit int) {
		clean, _, err := text.CleanText(*s, limit)
		if err != nil {
			refuse(name, "Please correct this: "+err.Error()+".")
		}
		*s = clean
	}
	address := func(name string, s *string) {
		line(name, s, 500)
		if *s != "" && !whole(*s) {
			refuse(name, "Give a whole web address that begins with https://.")
		}
	}
	if line("name", &f.Name, 200); f.Name == "" {
		refuse("name", "Say the organization's name.")
	}
	if f.Class != "" && !slices.Contains(orgs.Classes, f.Class) {
		refuse("class", "Choose one of the classes of organization.")
	}
	address("website", &f.Website)
	long("statement", &f.Statement, maxStatement)
	for _, x := range AllAsked {
		at := f.Evidence.at(x.Kind)
		if !x.Long {
			address(string(x.Kind), at)
			continue
		}
		if long(string(x.Kind), at, maxStatement); strings.Contains(*at, "://") && !strings.ContainsAny(*at, " \n") && !whole(*at) {
			refuse(string(x.Kind), "Give a whole web address that begins with https://, or a text.")
		}
	}
	long("more", &f.Evidence.More, maxStatement)
	long("affiliates", &f.Affiliates, 2_000)
	line("contact_name", &f.ContactName, 120)
	named := []string{}
	for _, s := range f.Sponsors {
		line("sponsors", &s, 300)
		if s != "" && !slices.Contains(named, s) {
			named = append(named, s)
		}
	}
	if f.Sponsors = named; len(named) > maxSponsors {
		refuse("sponsors", "Name at most 10 sponsors.")
	}
	var err error
	if f.Contact, err = people.ParseEmail(f.Contact); err != nil {
		refuse("contact", "Give one plain mail address, such as psirt@vendor.example.")
	}
	return f, errs.Join(bad)
}

func whole(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.User == nil && u.Hostname() != "" && strings.Contains(u.Hostname(), ".")
}

// lacks lists what a complete application to a program still needs.
func (p Application) lacks(r programs.Rules) []errs.Field {
	var out []errs.Field
	need := func(ok bool, name, reason string) {
		if !ok {
			out = append(out, errs.Field{Name: name, Reason: reason})
		}
	}
	need(p.Class != "", "class", "Choose what kind of organization yours is.")
	need(p.Website != "", "website", "Give your organization's web site.")
	need(p.Statement != "", "statement", "Say who you are and why you apply.")
	need(p.ContactName != "", "contact_name", "Say who answers for this application.")
	need(len(p.Sponsors) >= r.Sponsors, "sponsors", fmt.Sprintf("Name at least %d members of the program that know your team.", r.Sponsors))
	for _, x := range AllAsked {
		need(!slices.Contains(r.Evidence, x.Kind) || p.Evidence.Of(x.Kind) != "", string(x.Kind), "The program asks for this.")
	}
	return out
}
