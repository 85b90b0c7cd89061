package orgs

import (
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/pgp"
	"tocsin/spec/text"

	"golang.org/x/text/cases"
)

const (
	maxName    = 200
	maxDomains = 50
)

// Fold is the form under which names are compared: without regard to case.
func Fold(name string) string { return cases.Fold().String(name) }

var domain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$`)

// cleaned is o with cleaned texts, or an Invalid error that names every
// refused field.
func (o Org) cleaned() (Org, error) {
	var bad []errs.Field
	refuse := func(name, reason string) { bad = append(bad, errs.Field{Name: name, Reason: reason}) }
	name, _, err := text.CleanLine(o.Name, maxName)
	switch {
	case err != nil:
		refuse("name", "Please correct the name: "+err.Error()+".")
	case name == "":
		refuse("name", "An organization needs a name.")
	}
	o.Name = name
	if !slices.Contains(Classes, o.Class) {
		refuse("class", "Choose one of the classes of organization.")
	}
	if o.Website = strings.TrimSpace(o.Website); o.Website != "" {
		if u, err := url.Parse(o.Website); err != nil || len(o.Website) > 500 || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
			refuse("website", "Give a whole web address, such as https://vendor.example.")
		}
	}
	if o.Email = strings.TrimSpace(o.Email); o.Email != "" {
		if at, err := mail.ParseAddress(o.Email); err != nil || at.Address != o.Email || len(o.Email) > 254 {
			refuse("email", "Give one mail address, such as psirt@vendor.example.")
		}
	}
	domains := []string{}
	for _, d := range o.Domains {
		d = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(d)), ".")
		if d == "" || slices.Contains(domains, d) {
			continue
		}
		if len(d) > 253 || !domain.MatchString(d) {
			refuse("domains", "Give each domain as a plain name, such as vendor.example.")
			break
		}
		domains = append(domains, d)
	}
	if o.Domains = domains; len(domains) > maxDomains {
		refuse("domains", "Name at most 50 domains.")
	}
	if o.PGPKey = strings.TrimSpace(o.PGPKey); o.PGPKey != "" {
		if key, err := pgp.ParsePublic([]byte(o.PGPKey)); err != nil {
			refuse("pgp_key", "This is not an OpenPGP public key that can be read.")
		} else if o.PGPKey, err = key.Public(); err != nil {
			refuse("pgp_key", "This OpenPGP key cannot be written down.")
		}
	}
	return o, errs.Join(bad)
}
