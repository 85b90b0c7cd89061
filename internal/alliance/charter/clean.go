package charter

import (
	"net/mail"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on machines without a zone database

	"tocsin/internal/kernel/errs"
	"tocsin/spec/text"
)

const (
	maxName = 120
	maxText = 20000
)

func (c Charter) withDefaults() Charter {
	fill := func(s *string, v string) {
		if strings.TrimSpace(*s) == "" {
			*s = v
		}
	}
	fill(&c.TimeZone, "UTC")
	fill(&c.URL, "http://127.0.0.1:8420")
	fill(&c.DefaultPolicy, defaultPolicy)
	fill(&c.CaseTerms, defaultTerms)
	fill(&c.ReportScope, defaultScope)
	for n, v := range map[*int]int{&c.EmbargoDefaultDays: 45, &c.EmbargoMaxDays: 90, &c.ProposalDays: 7, &c.InvitationDays: 7} {
		if *n == 0 {
			*n = v
		}
	}
	return c
}

// cleaned is c with cleaned texts, or an Invalid error that names every
// refused field.
func (c Charter) cleaned() (Charter, error) {
	var bad []errs.Field
	refuse := func(name, reason string) { bad = append(bad, errs.Field{Name: name, Reason: reason}) }
	line := func(name string, s *string, limit int, needed bool) {
		clean, _, err := text.CleanLine(*s, limit)
		if err != nil {
			refuse(name, "Please correct this: "+err.Error()+".")
		} else if *s = clean; needed && clean == "" {
			refuse(name, "This must not be empty.")
		}
	}
	long := func(name string, s *string) {
		clean, _, err := text.CleanText(*s, maxText)
		if err != nil {
			refuse(name, "Please correct this: "+err.Error()+".")
		}
		*s = clean
	}
	line("name", &c.Name, maxName, true)
	if strings.ContainsAny(c.Name, "<>") {
		refuse("name", "The name must do without < and >.")
	}
	line("namespace", &c.Namespace, 500, true)
	line("url", &c.URL, 500, true)
	line("country", &c.Country, 2, false)
	line("time_zone", &c.TimeZone, 60, true)
	long("default_policy", &c.DefaultPolicy)
	long("case_terms", &c.CaseTerms)
	long("report_scope", &c.ReportScope)
	c.URL = strings.TrimRight(c.URL, "/")
	c.Country = strings.ToUpper(c.Country)
	if c.CaseTerms == "" {
		refuse("case_terms", "Parties must have terms to accept.")
	}
	for name, s := range map[string]string{"namespace": c.Namespace, "url": c.URL} {
		if u, err := url.Parse(s); s != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Fragment != "") {
			refuse(name, "Give a whole web address, such as https://alliance.example.")
		}
	}
	if at, err := mail.ParseAddress(c.Email); err != nil || at.Name != "" || len(c.Email) > 254 || strings.ContainsAny(c.Email, "<> ") {
		refuse("email", "Give one mail address, such as contact@alliance.example.")
	}
	if len(c.Country) != 0 && (len(c.Country) != 2 || strings.Trim(c.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		refuse("country", "Give the two letters of the country, such as CH.")
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "Local" {
		refuse("time_zone", "Give a zone by its place, such as Europe/Zurich.")
	}
	for _, n := range []struct {
		name      string
		v, lo, hi int
	}{
		{"embargo_max_days", c.EmbargoMaxDays, 1, 730}, {"embargo_default_days", c.EmbargoDefaultDays, 1, c.EmbargoMaxDays},
		{"proposal_days", c.ProposalDays, 1, 60}, {"invitation_days", c.InvitationDays, 1, 60},
	} {
		if n.v < n.lo || n.v > n.hi {
			refuse(n.name, between(n.lo, n.hi))
		}
	}
	return c, errs.Join(bad)
}
