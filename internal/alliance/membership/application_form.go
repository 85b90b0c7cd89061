package membership

import (
	"net/url"
	"slices"
	"strings"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/text"
)

// Evidence is what an applicant shows for its maturity. Addresses are https.
type Evidence struct {
	PSIRT       string `json:"psirt_policy,omitempty"` // address of the vulnerability handling policy
	SecurityTxt string `json:"security_txt,omitempty"` // address of the security.txt (RFC 9116)
	Team        string `json:"team,omitempty"`         // address of the team description (RFC 2350)
	SIM3        string `json:"sim3,omitempty"`         // SIM3 self-assessment: its address, or its results as text
	More        string `json:"more,omitempty"`         // Markdown
}

// Kinds of evidence that a program may ask for.
const (
	AskPSIRT       = "psirt-policy"
	AskSecurityTxt = "security-txt"
	AskTeam        = "rfc2350"
	AskSIM3        = "sim3"
	AskSponsors    = "sponsors"
)

// Asked is one kind of evidence as a form asks for it.
type Asked struct {
	Kind  string // one of the Ask constants
	Field string // the form's field
	Label string
	Hint  string
}

// AllAsked lists every kind of evidence in the order of the form.
var AllAsked = []Asked{
	{AskPSIRT, "psirt_policy", "Vulnerability handling policy", "The address at which your PSIRT says how it takes and handles reports."},
	{AskSecurityTxt, "security_txt", "security.txt", "Its address (RFC 9116), such as https://vendor.example/.well-known/security.txt."},
	{AskTeam, "team", "Team description", "The address of your team's description after RFC 2350."},
	{AskSIM3, "sim3", "SIM3 self-assessment", "Its address, or the results as text."},
	{AskSponsors, "sponsors", "Sponsors", "Members of the program that know your team, one to a line: organization, and whom to ask there."},
}

// Of is the evidence of a kind.
func (e Evidence) Of(kind string) string {
	switch kind {
	case AskPSIRT:
		return e.PSIRT
	case AskSecurityTxt:
		return e.SecurityTxt
	case AskTeam:
		return e.Team
	case AskSIM3:
		return e.SIM3
	}
	return ""
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
	address("psirt_policy", &f.Evidence.PSIRT)
	address("security_txt", &f.Evidence.SecurityTxt)
	address("team", &f.Evidence.Team)
	if long("sim3", &f.Evidence.SIM3, maxStatement); strings.Contains(f.Evidence.SIM3, "://") && !strings.ContainsAny(f.Evidence.SIM3, " \n") && !whole(f.Evidence.SIM3) {
		refuse("sim3", "Give a whole web address that begins with https://, or the results as text.")
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
func (p Application) lacks(r terms) []errs.Field {
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
	for _, x := range AllAsked {
		if !slices.Contains(r.Evidence, x.Kind) {
			continue
		}
		if x.Kind == AskSponsors {
			need(len(p.Sponsors) >= r.Sponsors, "sponsors", "Name as many sponsors as the program asks for.")
			continue
		}
		need(p.Evidence.Of(x.Kind) != "", x.Field, "The program asks for this.")
	}
	return out
}
