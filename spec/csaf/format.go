package csaf

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

var dateTime = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$`)

// Time reads a date-time of RFC 3339, section 5.6: the zone is required, the
// letters T and Z may be small, a leap second counts as the second after. The
// result is in UTC.
func Time(s string) (time.Time, error) {
	m := dateTime.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, fmt.Errorf("%s is not a date and time with zone like 2024-05-06T07:08:09Z (RFC 3339)", quoted(s))
	}
	clock, zone, leap := m[2], strings.ToUpper(m[4]), time.Duration(0)
	if strings.HasSuffix(clock, ":60") {
		clock, leap = strings.TrimSuffix(clock, "60")+"59", time.Second
	}
	t, err := time.Parse(time.RFC3339Nano, m[1]+"T"+clock+m[3]+zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is not a date and time that exists", quoted(s))
	}
	t = t.UTC()
	if leap > 0 && (t.Hour() != 23 || t.Minute() != 59) {
		return time.Time{}, fmt.Errorf("%s has a leap second where none can be", quoted(s))
	}
	return t.Add(leap), nil
}

// timeOr0 reads a date that the format check has already accepted; a date that
// it has not is the zero time.
func timeOr0(s string) time.Time {
	t, _ := Time(s)
	return t
}

// uriCharacters are those that RFC 3986 allows anywhere in a URI.
var uriCharacters = regexp.MustCompile(`^[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*$`)

// checkURI tells what keeps s from being an absolute URI of RFC 3986, or "".
func checkURI(s string) string {
	if s == "" {
		return "is empty; a URI is needed"
	}
	if !uriCharacters.MatchString(s) {
		return quoted(s) + " has characters that a URI must percent-encode (RFC 3986)"
	}
	u, err := url.Parse(s)
	if err != nil || !u.IsAbs() {
		return quoted(s) + " is not an absolute URI with a scheme, like https://example.com/ (RFC 3986)"
	}
	return ""
}

// The patterns of the format, in the notation of Go. Where the standard's own
// is lenient (Unicode white space passes as text, a CPE 2.3 name may go on after
// its end), so are these: they accept what the official schema accepts.
var (
	patternCategory   = regexp.MustCompile(`^[^\s\-_.](.*[^\s\-_.])?$`)
	patternTrackingID = regexp.MustCompile(`^\S(.*\S)?$`)
	patternCVE        = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,}$`)
	patternCWE        = regexp.MustCompile(`^CWE-[1-9]\d{0,5}$`)
	patternHash       = regexp.MustCompile(`^[0-9a-fA-F]{32,}$`)
	patternPURL       = regexp.MustCompile(`^pkg:[A-Za-z.\-+][A-Za-z0-9.\-+]*/.+`)
	patternLang       = regexp.MustCompile(`^(` + langTag + `|` + privateTag + `|[Ii]-[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Ii]-[Mm][Ii][Nn][Gg][Oo])$`)
	patternCPE        = regexp.MustCompile(`^(` + cpe23 + `)|(c[pP][eE]:/[AHOaho]?(:[A-Za-z0-9._\-~%]*){0,6})$`)
	patternVersion    = regexp.MustCompile(`^(` + number + `|` + semver + `)$`)
)

// Language tags (RFC 5646): language with extended subtags, script, region,
// variants, extensions, private use.
const (
	privateTag = `[Xx](-[A-Za-z0-9]{1,8})+`
	langTag    = `([A-Za-z]{2,3}(-[A-Za-z]{3}(-[A-Za-z]{3}){0,2})?|[A-Za-z]{4,8})` +
		`(-[A-Za-z]{4})?` +
		`(-([A-Za-z]{2}|[0-9]{3}))?` +
		`(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*` +
		`(-[A-WY-Za-wy-z0-9](-[A-Za-z0-9]{2,8})+)*` +
		`(-` + privateTag + `)?`
)

// CPE 2.3 names (NISTIR 7695): a part, five attributes, a language, four more.
const (
	cpeValue = `((\?*|\*?)([a-zA-Z0-9\-._]|(\\[\\*?!"#$%&'()+,/:;<=>@\[\]^` + "`" + `{|}~]))+(\?*|\*?))|[*\-]`
	cpe23    = `cpe:2\.3:[aho*\-](:(` + cpeValue + `)){5}` +
		`(:(([a-zA-Z]{2,3}(-([a-zA-Z]{2}|[0-9]{3}))?)|[*\-]))` +
		`(:(` + cpeValue + `)){4}`
)

// Versions (3.1.11): an integer, or Semantic Versioning 2.0.0.
const (
	number    = `(0|[1-9][0-9]*)`
	semverPre = `(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)`
	semver    = number + `\.` + number + `\.` + number +
		`(-` + semverPre + `(\.` + semverPre + `)*)?` +
		`(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?`
)
