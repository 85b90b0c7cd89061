package people

import (
	"net/mail"
	"regexp"
	"strings"
	"time"

	"tocsin/internal/kernel/errs"
	"tocsin/spec/text"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"
)

const maxName = 120

var badAddress = errs.Bad("email", "Give one plain mail address, such as name@vendor.example.")

// localPart is RFC 5321's dot-string with RFC 6531's letters beyond ASCII.
var localPart = regexp.MustCompile("^[\\pL\\pN!#$%&'*+/=?^_`{|}~-]+(\\.[\\pL\\pN!#$%&'*+/=?^_`{|}~-]+)*$")

// ParseEmail is the one form of a mail address: lower case, the domain in
// its ASCII form, no name, no quotes, no address literal. Invalid otherwise.
func ParseEmail(s string) (string, error) {
	if len(s) > 1000 {
		return "", badAddress
	}
	s, removed, err := text.CleanLine(s, 254)
	if err != nil || removed {
		return "", badAddress
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || !localPart.MatchString(s[:at]) {
		return "", badAddress
	}
	host, err := idna.Registration.ToASCII(strings.ToLower(s[at+1:]))
	if err != nil || !strings.Contains(host, ".") || len(host) > 253 || strings.ContainsAny(host, " []:") {
		return "", badAddress
	}
	out := strings.ToLower(s[:at]) + "@" + strings.ToLower(host)
	if parsed, err := mail.ParseAddress(out); err != nil || parsed.Address != out || len(out) > 254 {
		return "", badAddress
	}
	return out, nil
}

func cleanName(s string) (string, error) {
	name, _, err := text.CleanLine(s, maxName)
	if err != nil {
		return "", errs.Bad("name", "Please correct the name: %s.", err)
	}
	if name == "" {
		return "", errs.Bad("name", "Give your name as others shall read it.")
	}
	return name, nil
}

func cleanPlace(zone, locale string) (string, string, error) {
	if zone == "" {
		zone = "UTC"
	}
	if locale == "" {
		locale = "en"
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" || len(zone) > 60 {
		return "", "", errs.Bad("time_zone", "Give a zone by its place, such as Europe/Zurich.")
	}
	tag, err := language.Parse(locale)
	if err != nil || len(locale) > 35 {
		return "", "", errs.Bad("locale", "Give a language tag, such as en or de-CH.")
	}
	return zone, tag.String(), nil
}
