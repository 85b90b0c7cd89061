// Package year_test lives through a year of an alliance under a clock that is
// moved by hand, over the REST interface, on both databases: founding,
// applications, ballots, a suspension with its appeal, renewals, an
// agreement's new version, a change of rules. What becomes of everybody, and
// what they may see in the end, is listed beforehand.
package year_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/test/stage"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const day = 24 * time.Hour

// member is an organization with the executive who acts for it.
type member struct {
	stage.Person
	org, name string
}

// world is the alliance: five founders with a seat on the board each.
type world struct {
	*stage.Stage
	cora, colin stage.Person // coordinators; Cora is operator too
	founders    []*member
	program     string // the consortium; the board admits to it
	nda         string
	secret      string             // a case under embargo before some of the members came
	joined      map[string]*member // by name, from the day of their activation
}

var founders = []string{"Alder", "Birch", "Cedar", "Douglas", "Elm"}

func newWorld(t *testing.T, dialect db.Dialect) *world {
	t.Helper()
	w := &world{Stage: stage.New(t, dialect), joined: map[string]*member{}}
	w.cora = w.Known("cora@alliance.example")
	w.Act(w.cora, func(tx *db.Tx, cora audience.Actor) error {
		p, err := people.Add(tx, cora, "colin@alliance.example", "Colin Abara")
		if err == nil {
			err = people.GrantRole(tx, cora, p.ID, charter.Coordinator)
		}
		return err
	})
	w.colin = w.Known("colin@alliance.example")
	w.nda = w.Must(201, w.cora, "POST", "/agreements", stage.Object{"title": "Mutual NDA", "kind": "nda", "sight": "public", "body": "What is shared here stays here."}).Text("id")
	w.program = w.Must(201, w.cora, "POST", "/programs", stage.Object{"name": "Vendor Consortium", "purpose": "Vendors who respond together.", "tlp": "TLP:GREEN"}).Text("id")
	w.rules(stage.Object{"slug": "consortium", "by_board": true, "open": true, "sponsors": 2, "objection_days": 14, "renew_days": 365, "admits": []string{}, "shut_out": []string{"government"},
		"evidence": []string{"psirt_policy"}, "agreements": []string{w.nda}, "features": []string{"cases"}, "page": "Who fixes flaws together."})
	for _, name := range founders {
		w.founders = append(w.founders, w.founder(name))
	}
	return w
}

// rules changes what is named of the consortium's rules.
func (w *world) rules(change stage.Object) {
	w.Helper()
	at := "/programs/" + w.program + "/rules"
	w.Must(200, w.cora, "PUT", at, change, "If-Match", w.Must(200, w.cora, "GET", at, nil).Version())
}

// founder is one of the five: an organization, its executive, a seat.
func (w *world) founder(name string) *member {
	w.Helper()
	low := strings.ToLower(name)
	m := &member{name: name}
	m.org = w.Must(201, w.cora, "POST", "/organizations", stage.Object{"name": name, "class": "vendor", "listed": true, "domains": []string{low + ".example"}}).Text("id")
	w.Act(w.cora, func(tx *db.Tx, cora audience.Actor) error {
		_, err := people.Add(tx, cora, "ceo@"+low+".example", "Executive of "+name)
		return err
	})
	m.Person = w.Known("ceo@" + low + ".example")
	w.Must(201, w.cora, "POST", "/organizations/"+m.org+"/members", stage.Object{"person_id": m.ID, "role": "admin"})
	w.Must(204, w.cora, "POST", "/programs/"+w.program+"/organizations", stage.Object{"org_id": m.org})
	w.Must(201, w.cora, "POST", "/board/seats", stage.Object{"org_id": m.org, "person_id": m.ID})
	w.signs(m)
	w.joined[name] = m
	return m
}

// signs accepts the agreement's present version for an organization.
func (w *world) signs(m *member) {
	w.Helper()
	current := w.Must(200, m.Person, "GET", "/agreements/"+w.nda, nil).Body["current"].(stage.Object)
	w.Must(201, m.Person, "POST", "/agreements/"+w.nda+"/acceptances", stage.Object{"version_id": current["id"], "org_id": m.org})
}

// applicant is one of the thirty.
type applicant struct {
	member
	class, address  string
	motion          string
	id, ref, secret string // ref: number such as AP-2026-0001
}

func (a *applicant) auth() string { return "Finder " + a.secret }

var (
	pageLink = regexp.MustCompile(`/applying/([A-Za-z0-9_-]{43})`)
	testLink = regexp.MustCompile(`/applying/answer/([A-Za-z0-9_-]{43})`)
	joinLink = regexp.MustCompile(`/join/[A-Za-z0-9_-]+`)
)

// mailed is the last match in the mails to an address.
func (w *world) mailed(address string, what *regexp.Regexp) string {
	w.Helper()
	w.Round()
	found := ""
	for _, m := range w.MailsTo(address, time.Time{}) {
		if s := what.FindStringSubmatch(m.Text); s != nil {
			found = s[len(s)-1]
		}
	}
	if found == "" {
		w.Fatalf("no mail to %s holds %s: %+v", address, what, w.MailsTo(address, time.Time{}))
	}
	return found
}

// form is what an applicant fills in.
func (a *applicant) form(program string) stage.Object {
	low := strings.ToLower(a.name)
	return stage.Object{"program": program, "name": a.name, "class": a.class, "website": "https://" + low + ".example", "statement": "We make things.", "contact": a.address, "contact_name": "Contact of " + a.name,
		"evidence": stage.Object{"psirt_policy": "https://" + low + ".example/psirt"}, "sponsors": []string{"Alder", "Birch"}}
}

// applies begins and confirms an application, as a stranger.
func (w *world) applies(name, class string) *applicant {
	w.Helper()
	a := &applicant{member: member{name: name}, class: class, address: "psirt@" + strings.ToLower(name) + ".example"}
	got := w.Insist(201, "", "POST", "/api/v1/applications", a.form("consortium"))
	a.id, a.ref, a.secret = got.Text("id"), got.Text("number"), got.Text("secret")
	w.Insist(200, "", "POST", "/api/v1/application-links/confirm", stage.Object{"secret": w.mailed(a.address, pageLink)})
	w.Clock.Advance(20 * time.Minute)
	return a
}

func (w *world) submits(a *applicant) {
	w.Helper()
	w.Insist(200, a.auth(), "POST", "/api/v1/application/submit", stage.Object{"version": w.Insist(200, a.auth(), "GET", "/api/v1/application", nil).Body["version"]})
}

// step is a step of the secretariat.
func (w *world) step(status int, a *applicant, name string, body stage.Object) stage.Answer {
	w.Helper()
	return w.Must(status, w.cora, "POST", "/applications/"+a.id+name, body)
}

// supported: found complete, and two founders speak for it.
func (w *world) supported(a *applicant, sponsors ...int) {
	w.Helper()
	w.step(200, a, "/check", nil)
	for _, i := range sponsors {
		w.speaks(a, w.founders[i])
	}
}

func (w *world) speaks(a *applicant, m *member) {
	w.Helper()
	w.step(201, a, "/sponsors", stage.Object{"org_id": m.org})
	w.Must(200, m.Person, "POST", "/applications/"+a.id+"/statement", stage.Object{"org": m.org, "answer": "supports", "text": "We know their team."})
}

// state is where an application stands, as the secretariat reads it.
func (w *world) state(a *applicant) string {
	w.Helper()
	return w.Must(200, w.cora, "GET", "/applications/"+a.id, nil).Text("state")
}

func (w *world) is(a *applicant, want string) {
	w.Helper()
	if got := w.state(a); got != want {
		w.Fatalf("%s (%s) is %s, want %s", a.name, a.ref, got, want)
	}
}

// put puts an application to the board and casts the founders' votes.
func (w *world) put(a *applicant, choices string, open bool) {
	w.Helper()
	a.motion = w.Must(200, w.colin, "POST", "/applications/"+a.id+"/ballot", stage.Object{"open": open}).Text("id")
	for i, c := range choices {
		status := 200
		switch c {
		case '-':
			continue
		case 'x':
			status = 403
		}
		choice := map[rune]string{'y': "yes", 'n': "no", 'a': "abstain", 'x': "yes"}[c]
		w.Must(status, w.founders[i].Person, "POST", "/board/motions/"+a.motion+"/vote", stage.Object{"choice": choice})
		if got := w.Must(200, w.cora, "GET", "/board/motions/"+a.motion+"/votes", nil).Items(); !open && len(got) > 0 {
			w.Fatalf("a sealed ballot shows %v", got)
		}
	}
}

// recounted: the stored votes come to the result that was recorded.
func (w *world) recounted(a *applicant) {
	w.Helper()
	if got := w.Must(200, w.founders[1].Person, "POST", "/board/motions/"+a.motion+"/recount", nil); got.Body["same"] != true {
		w.Fatalf("a recount of %s comes to something else: %s", a.name, got.Raw)
	}
}

// enters: the accepted applicant joins, signs, answers its test page and is
// made a member.
func (w *world) enters(a *applicant) {
	w.Helper()
	w.is(a, "accepted")
	w.prepared(a)
	w.step(409, a, "/sign", nil) // nothing is signed yet
	w.signs(&a.member)
	w.Must(200, a.Person, "POST", "/applications/"+a.id+"/sign", nil)
	w.step(200, a, "/test", nil)
	w.step(409, a, "/activate", nil) // nobody answered yet
	w.Insist(204, "", "POST", "/api/v1/application-links/answer", stage.Object{"secret": w.mailed(a.address, testLink)})
	w.step(200, a, "/activate", nil)
	w.is(a, "active")
	w.joined[a.name] = &a.member
}

// prepared: an accepted newcomer gets its organization and an account.
func (w *world) prepared(a *applicant) {
	w.Helper()
	w.step(200, a, "/prepare", stage.Object{})
	link := w.mailed(a.address, joinLink)
	got := w.Ask("", "POST", link, form("name", "Contact of "+a.name, "time_zone", "UTC", "password", "plain words in a row "+a.name), "Content-Type", "application/x-www-form-urlencoded")
	if got.Status != 303 {
		w.Fatalf("%s joins: %d %.500s", a.name, got.Status, got.Raw)
	}
	a.Person = w.Known(a.address)
	a.org = w.Must(200, w.cora, "GET", "/applications/"+a.id, nil).Text("org")
}

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}
