package golden_test

import (
	"regexp"
	"strings"

	"tocsin/internal/edge/gate"
)

// places say which record a path parameter names where its name alone does
// not: the first whose path begins the route's and whose parameter it is.
var places = []struct{ path, parameter, value string }{
	{"/join/", "secret", "join secret"},
	{"/sign-in/", "secret", "sign-in secret"},
	{"/contacts/answer/", "secret", "answer secret"},
	{"/contacts/confirm/", "secret", "answer secret"},
	{"/report/", "secret", "finder secret"},
	{"/alliance/standing/", "membership", "standing"},
	{"/alliance/standing/", "verb", "sanction verb"},
	{"/api/v1/memberships/", "membership", "standing"},
	{"/alliance/invitations/", "invitation", "account invitation"},
	{"/api/v1/accounts/invitations/", "invitation", "account invitation"},
	{"/finder/files/", "file", "report file"},
	{"/api/v1/report/files/", "file", "report file"},
	{"/api/v1/reports/", "file", "report file"},
	{"/reports/{number}", "number", "report number"},
	{"/reports/{number}", "file", "report file"},
	{"/case-facts/", "number", "public number"},
	{"/api/v1/public-cases/", "number", "public number"},
	{"/api/v1/drafts/", "number", "draft version"},
	{"/advisories/{number}/draft", "number", "advisory number"},
	{"/advisories/", "number", "public slug"},
	{"/admin/outbox/", "deed", "mail deed"},
	{"/.well-known/csaf/openpgp/", "file", "key file"},
	{"/.well-known/csaf/{label}/{year}/", "file", "public file"},
	{"/.well-known/csaf/{label}/{folder}/", "file", "public file"},
	{"/.well-known/csaf/{label}/{file}", "file", "list file"},
	{"/.well-known/csaf/history/", "document", "public document"},
	{"/.well-known/csaf/history/", "file", "public file"},
}

// valueOf is what a path parameter is filled with.
func (b *bench) valueOf(r gate.Route, name string, with map[string]string) string {
	b.Helper()
	key := name
	for _, p := range places {
		if p.parameter == name && strings.HasPrefix(r.Path, p.path) {
			key = p.value
			break
		}
	}
	if other, ok := with[name]; ok {
		key = other
	}
	v, ok := b.values[key]
	if !ok || v == "" {
		b.Errorf("%s %s: nothing in the world is called %q; make it in world_test.go and name it in values_test.go", r.Method, r.Path, key)
	}
	return v
}

// variant is a route once more, for another record.
type variant struct {
	name   string
	only   *regexp.Regexp    // of "METHOD path"
	values map[string]string // parameter to record
}

func (v variant) matches(r gate.Route) bool { return v.only.MatchString(r.Method + " " + r.Path) }

var variants = []variant{
	{"not shared", regexp.MustCompile(`\{contact\}`), map[string]string{"contact": "private contact"}},
	{"hidden party", regexp.MustCompile(`\{participant\}`), map[string]string{"participant": "hidden participant"}},
	{"hidden party's product", regexp.MustCompile(`/products/\{product\}$`), map[string]string{"product": "hidden product"}},
	{"private", regexp.MustCompile(`\{(thread|message)\}`), map[string]string{"thread": "private thread", "message": "private message"}},
	{"hidden party's", regexp.MustCompile(`\{(thread|message)\}`), map[string]string{"thread": "hidden thread", "message": "hidden message"}},
	{"coordinators'", regexp.MustCompile(`\{(thread|message)\}`), map[string]string{"thread": "team thread", "message": "team message"}},
	{"TLP:RED", regexp.MustCompile(`\{message\}`), map[string]string{"message": "red message"}},
	{"private question", regexp.MustCompile(`\{message\}/(settle|answered)`), map[string]string{"thread": "private thread", "message": "question message"}},
	{"private", regexp.MustCompile(`^\S+ (/api/v1)?(/cases/\{number\})?/files/\{file\}`), map[string]string{"file": "private file"}},
	{"handed to the vendor", regexp.MustCompile(`/reports/\{(report|number)\}`), map[string]string{"report": "handed report", "number": "handed report number"}},
	{"sent by the other", regexp.MustCompile(`/reports/\{(report|number)\}`), map[string]string{"report": "own report", "number": "own report number"}},
	{"another's", regexp.MustCompile(`^GET \S*/programs/\{program\}`), map[string]string{"program": "other program"}},
	{"in review", regexp.MustCompile(`^POST \S*/drafts/\{draft\}/(approve|return)$`), map[string]string{"draft": "draft in review"}},
	{"approved", regexp.MustCompile(`^POST \S*/drafts/\{draft\}/(schedule|release)$`), map[string]string{"draft": "approved draft"}},
	{"restricted", regexp.MustCompile(`csaf/\{label\}/\{year\}`), map[string]string{"label": "restricted label", "file": "restricted file"}},
	{"restricted", regexp.MustCompile(`csaf/\{label\}/\{(file|\$)\}$`), map[string]string{"label": "restricted label", "file": "restricted list"}},
	{"restricted", regexp.MustCompile(`csaf/history/`), map[string]string{"document": "restricted document", "file": "restricted file"}},
	{"restricted", regexp.MustCompile(`\{slug\}`), map[string]string{"slug": "restricted slug"}},
	{"restricted", regexp.MustCompile(`^GET /advisories/\{number\}$`), map[string]string{"number": "restricted slug"}},
	{"in review", regexp.MustCompile(`^POST /cases/\S*/\{advisory\}/(approve|return)$`), map[string]string{"advisory": "draft in review"}},
	{"approved", regexp.MustCompile(`^POST /cases/\S*/\{advisory\}/(schedule|release)$`), map[string]string{"advisory": "approved draft"}},
	{"secret", regexp.MustCompile(`(/case-facts/|/public-cases/)`), map[string]string{"number": "number"}},
	{"imported", regexp.MustCompile(`/cases/\{(number|case)\}(/edit|/close|/who|/timeline|/export.zip|/talk|/files|/embargo|/invite|/timetable|/threads|/decisions|/advisory|/matrix|/vulnerabilities|/participants|/vendors(|\.csv|\.json|/\{participant\}(|/status|/nudge))|/vulnerabilities/\{vulnerability\})?$`),
		map[string]string{"number": "old number", "case": "old case", "participant": "old participant", "vulnerability": "old vulnerability"}},
	{"released", regexp.MustCompile(`^GET .*/cases/\{(number|case)\}(/timeline|/vendors|/matrix)?$`), map[string]string{"number": "public number", "case": "public case"}},
}
