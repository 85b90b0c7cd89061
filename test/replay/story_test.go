package replay_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/test/stage"
)

const day = 24 * time.Hour

// What nobody outside may read before the instant. The words are in no other
// text of the test.
const (
	title   = "Quaggy length check in the xylograph reader"
	cve     = "CVE-2026-48151"
	flaw    = "A zwieback of nested lengths overruns the heap."
	private = "Our unannounced gallimaufry switch has it too; keep its name out."
)

// secrets are what tells of the case wherever it appears.
var secrets = []string{"quaggy", "xylograph", "zwieback", "gallimaufry", cve}

// story is one case on its way.
type story struct {
	*world
	reportID, reportNumber, finder string // finder: an Authorization value
	caseID, number                 string
	vuln                           string
	joined, declined, silent       []*vendor
	hidden                         *vendor
	product                        string // of the first vendor
	proposal                       string
	privateThread, message, upload string // of the first vendor, in private
	ends                           time.Time
	advisory, advisoryNumber       string
	document                       string
}

// reported: a stranger reports, and follows by the link.
func (s *story) reported() {
	r := s.Insist(201, "", "POST", "/api/v1/reports", stage.Object{"title": title, "description": flaw, "component": "libexample", "versions": "all before 4.2.1", "how_found": "Fuzzing.",
		"exploitation": "none", "anonymous": true, "planned_at": s.Clock.Now().Add(60 * day)})
	s.reportNumber, s.finder = r.Text("number"), "Finder "+r.Text("secret")
	if s.reportNumber == "" || s.finder == "Finder " {
		s.Fatalf("the receipt says %s", r.Raw)
	}
	if got := s.Insist(200, s.finder, "GET", "/api/v1/report", nil); !strings.Contains(string(got.Raw), s.reportNumber) {
		s.Errorf("the finder follows %s", got.Raw)
	}
	s.Insist(200, s.finder, "POST", "/api/v1/report/messages", stage.Object{"text": "A proof of concept follows.", "to_report": true})
	s.Wait(2 * time.Hour)
}

// triaged: scope gate, validated, accepted, made a case.
func (s *story) triaged() {
	list := s.Must(200, s.cora, "GET", "/reports", nil).Items()
	if len(list) != 1 {
		s.Fatalf("%d reports in the queue", len(list))
	}
	s.reportID = list[0]["id"].(string)
	path := "/reports/" + s.reportID
	version := func() any { return s.Must(200, s.cora, "GET", path, nil).Body["version"] }
	s.Must(403, s.otto, "GET", "/reports", nil)
	s.Must(404, s.otto, "GET", path, nil)
	s.Must(200, s.cora, "POST", path+"/take", stage.Object{"version": version()})
	s.Must(409, s.cora, "POST", path+"/case", stage.Object{"tlp": "TLP:AMBER+STRICT", "reason": "too early", "version": version()})
	s.Must(200, s.cora, "POST", path+"/scope", stage.Object{"in_scope": true, "reason": "ships everywhere", "version": version()})
	s.Must(200, s.cora, "POST", path+"/move", stage.Object{"move": "validate", "reason": "reproduced", "version": version()})
	q := s.Must(201, s.cora, "POST", path+"/questions", stage.Object{"text": "Which allocator did you use?"})
	s.Insist(200, s.finder, "POST", "/api/v1/report/questions/"+q.Text("id")+"/reply", stage.Object{"text": "The system's."})
	s.Must(200, s.cora, "POST", path+"/move", stage.Object{"move": "accept", "reason": "ours", "version": version()})
	k := s.Must(201, s.cora, "POST", path+"/case", stage.Object{"title": title, "summary": flaw, "description": flaw, "tlp": "TLP:AMBER+STRICT", "reason": "many vendors", "note": "Thank you; it is a case now.", "version": version()})
	s.caseID, s.number = k.Text("id"), k.Text("number")
	v := s.Must(200, s.cora, "GET", "/cases/"+s.caseID+"/vulnerabilities", nil).Items()
	if len(v) != 1 {
		s.Fatalf("%d vulnerabilities after triage, want the one reported", len(v))
	}
	s.vuln = v[0]["id"].(string)
	at := "/cases/" + s.caseID + "/vulnerabilities/" + s.vuln
	s.Must(200, s.cora, "PATCH", at, stage.Object{"cve": cve, "cwe": "CWE-787", "cvss31": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "cvss40": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
		"references": []string{"https://libexample.example/advisories/2026-3"}}, "If-Match", s.Must(200, s.cora, "GET", at, nil).Version())
	s.Wait(time.Hour)
}

// invited: three waves, by component, by name (one of them hidden), by mail.
func (s *story) invited() {
	parties := "/cases/" + s.caseID + "/participants"
	first := s.Must(201, s.cora, "POST", parties+"/by-component", stage.Object{"program_id": s.program, "component": "libexample", "reason": "ships libexample"}).Items()
	if len(first) != byComponent {
		s.Fatalf("%d vendors ship the component, want %d", len(first), byComponent)
	}
	s.Wait(day)
	var targets []stage.Object
	for _, v := range s.vendors[byComponent:] {
		t := stage.Object{"kind": "org", "id": v.org, "name": v.name, "role": "vendor"}
		if s.hidden == nil {
			s.hidden = v
			t["hide_reason"] = "its product is not announced"
		}
		targets = append(targets, t)
	}
	s.Must(201, s.cora, "POST", parties, stage.Object{"targets": targets, "reason": "named by the finder"})
	s.Wait(day)
	targets = nil
	for i := range byMail {
		targets = append(targets, stage.Object{"kind": "org", "name": fmt.Sprintf("Stranger %02d", i), "email": fmt.Sprintf("security@stranger%02d.example", i), "role": "vendor"})
	}
	s.Must(201, s.cora, "POST", parties, stage.Object{"targets": targets, "reason": "found by their mail address"})
	s.Round()
	for i := range byMail {
		s.welcomed(i)
	}
	for _, p := range s.Must(200, s.cora, "GET", parties, nil).Items() {
		for _, v := range s.vendors {
			if p["subject_id"] == v.org {
				v.party = p["id"].(string)
			}
		}
	}
	for _, v := range s.vendors {
		if v.party == "" {
			s.Fatalf("%s was not invited", v.name)
		}
	}
}

var joinLink = regexp.MustCompile(`/join/[A-Za-z0-9_-]+`)

// welcomed: the ith stranger follows the link of the mail and makes an
// account, in a browser.
func (s *story) welcomed(i int) {
	v := &vendor{name: fmt.Sprintf("Stranger %02d", i)}
	address := fmt.Sprintf("security@stranger%02d.example", i)
	mails := s.MailsTo(address, time.Time{})
	link := ""
	for _, m := range mails {
		if found := joinLink.FindString(m.Text); found != "" {
			link = found
		}
	}
	if link == "" {
		s.Fatalf("no link was mailed to %s: %+v", address, mails)
	}
	a := s.Ask("", "POST", link, url.Values{"name": {"Responder of " + v.name}, "time_zone": {"UTC"}, "password": {"plain words in a row " + v.name}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if a.Status != 303 {
		s.Fatalf("joining by mail: %d %.500s", a.Status, a.Raw)
	}
	v.person = s.Known(address)
	s.Read(func(tx *db.Tx) error {
		list, err := orgs.Of(tx, v.ID)
		if err == nil && len(list) == 1 {
			v.org = list[0].Org
		}
		return err
	})
	s.vendors = append(s.vendors, v)
}

// answered: most accept the terms, some decline, some say nothing.
func (s *story) answered() {
	for i, v := range s.vendors {
		switch {
		case v != s.hidden && i%20 == 7:
			s.declined = append(s.declined, v)
		case v != s.hidden && i%10 == 3:
			s.silent = append(s.silent, v)
			continue
		default:
			s.joined = append(s.joined, v)
		}
		s.Clock.Advance(5 * time.Minute)
		s.Must(404, v.person, "GET", "/cases/"+s.caseID, nil) // not before the terms
		list := s.Must(200, v.person, "GET", "/me/invitations", nil).Items()
		if len(list) != 1 {
			s.Fatalf("%s has %d invitations", v.name, len(list))
		}
		inv := list[0]
		for _, word := range secrets {
			if strings.Contains(strings.ToLower(fmt.Sprint(inv)), strings.ToLower(word)) {
				s.Errorf("an invitation tells of %q: %v", word, inv)
			}
		}
		at := "/invitations/" + inv["id"].(string)
		if s.declined != nil && s.declined[len(s.declined)-1] == v {
			s.Must(204, v.person, "POST", at+"/decline", stage.Object{"reason": "none of ours"})
			continue
		}
		s.Must(409, v.person, "POST", at+"/accept", stage.Object{"agreement": "something else"})
		s.Must(200, v.person, "POST", at+"/accept", stage.Object{"agreement": inv["agreement"]})
		s.Must(200, v.person, "GET", "/cases/"+s.caseID, nil)
	}
	s.Round()
	s.Logf("%d vendors joined, %d declined, %d are silent", len(s.joined), len(s.declined), len(s.silent))
	// The others do not learn of the hidden one.
	other := s.joined[0]
	if got := s.Must(200, other.person, "GET", "/cases/"+s.caseID+"/participants", nil); strings.Contains(string(got.Raw), s.hidden.name) || strings.Contains(string(got.Raw), s.hidden.party) {
		s.Error("a hidden vendor is listed to the others")
	}
	s.Must(404, other.person, "GET", "/cases/"+s.caseID+"/participants/"+s.hidden.party, nil)
	s.Must(200, s.hidden.person, "GET", "/cases/"+s.caseID+"/participants/"+s.hidden.party, nil)
	s.Must(404, s.declined[0].person, "GET", "/cases/"+s.caseID, nil)
}

// agreed: an end is proposed, countered and objected to; the shortest is
// accepted, and later a revision of it.
func (s *story) agreed() {
	at := "/cases/" + s.caseID + "/embargo"
	opened := dbStart.Truncate(24 * time.Hour).Add(14 * time.Hour)
	first, longer, agreed := opened.Add(30*day), opened.Add(45*day), opened.Add(35*day)
	p := s.Must(201, s.cora, "POST", at+"/proposals", stage.Object{"ends_at": first, "reason": "one release train"})
	s.Must(404, s.otto, "GET", at, nil)
	counter := s.Must(201, s.joined[0].person, "POST", at+"/proposals/"+p.Text("id")+"/counter", stage.Object{"ends_at": longer, "reason": "two release trains"})
	s.Must(200, s.joined[1].person, "POST", at+"/proposals/"+counter.Text("id")+"/answer", stage.Object{"answer": "object", "reason": "too long for our customers"})
	s.Must(200, s.hidden.person, "POST", at+"/proposals/"+p.Text("id")+"/answer", stage.Object{"answer": "consent"})
	for _, v := range s.joined[2:12] {
		s.Must(200, v.person, "POST", at+"/proposals/"+p.Text("id")+"/answer", stage.Object{"answer": "consent"})
	}
	s.Wait(6 * time.Hour)
	s.Must(409, s.cora, "POST", at+"/proposals/"+counter.Text("id")+"/decide", stage.Object{"accept": true, "reason": "not the shortest"})
	s.Must(200, s.cora, "POST", at+"/proposals/"+p.Text("id")+"/decide", stage.Object{"accept": true, "reason": "most agree"})
	s.Must(200, s.cora, "POST", at+"/proposals/"+counter.Text("id")+"/decide", stage.Object{"accept": false, "reason": "objected to"})
	// The date that the finder planned stands as a proposal, too, and would
	// pass unopposed.
	for _, q := range s.Must(200, s.cora, "GET", at, nil).Body["proposals"].([]any) {
		if q := q.(stage.Object); q["state"] == "open" {
			s.Must(200, s.cora, "POST", at+"/proposals/"+q["id"].(string)+"/decide", stage.Object{"accept": false, "reason": "the parties agreed on an earlier end"})
		}
	}
	s.Wait(2 * day)
	revision := s.Must(201, s.joined[3].person, "POST", at+"/revisions", stage.Object{"ends_at": agreed, "reason": "five days more for the plants"})
	s.proposal = revision.Text("id")
	if got := s.Must(200, s.cora, "GET", at, nil); got.Text("ends_at") != first.Format(time.RFC3339) || got.Body["holds"] != true {
		s.Errorf("while a revision is open the embargo is %s, want the old end", got.Text("ends_at"))
	}
	for _, v := range s.joined[:20] {
		s.Must(200, v.person, "POST", at+"/proposals/"+s.proposal+"/answer", stage.Object{"answer": "consent"})
	}
	s.Must(200, s.cora, "POST", at+"/proposals/"+s.proposal+"/decide", stage.Object{"accept": true, "reason": "nobody objects"})
	s.ends = agreed
	if got := s.Must(200, s.cora, "GET", at, nil); got.Text("ends_at") != agreed.Format(time.RFC3339) {
		s.Fatalf("the agreed end is %s, want %s", got.Text("ends_at"), agreed)
	}
	// Who signed the old end and did not say yes to the new one has lapsed.
	lapsed := s.joined[40]
	party := "/cases/" + s.caseID + "/participants/" + lapsed.party
	if got := s.Must(200, lapsed.person, "GET", party, nil); got.Text("consent") != "lapsed" {
		s.Errorf("consent after the revision is %q, want lapsed", got.Text("consent"))
	}
	s.Must(200, lapsed.person, "POST", party+"/consent", stage.Object{"move": "accept"})
	s.Must(422, s.cora, "POST", at+"/proposals", stage.Object{"ends_at": s.Clock.Now().Add(-time.Hour), "reason": "past"})
	s.Must(422, s.cora, "POST", at+"/proposals", stage.Object{"ends_at": s.Clock.Now().Add(400 * day), "reason": "too long"})
}

// nudged: the silent are reminded by the clock, then nudged by hand, then
// their backup contact is asked too.
func (s *story) nudged() {
	v := s.silent[0]
	s.Act(s.cora, func(tx *db.Tx, cora audience.Actor) error {
		p, err := people.Add(tx, cora, "backup@vendor.example", "Backup Contact")
		if err != nil {
			return err
		}
		m, err := orgs.Join(tx, cora, v.org, p.ID, orgs.Responder)
		if err != nil {
			return err
		}
		m.Backup = true
		_, err = orgs.Change(tx, cora, m)
		return err
	})
	s.backup = s.Known("backup@vendor.example")
	start := s.Clock.Now()
	for range 3 {
		s.Wait(7 * day)
	}
	if len(s.MailsTo(v.Email, start)) == 0 {
		s.Errorf("nobody reminded %s within three weeks", v.name)
	}
	at := "/cases/" + s.caseID + "/participants/" + v.party + "/nudge"
	s.Must(200, s.cora, "POST", at, nil)
	s.Must(409, s.cora, "POST", at, nil) // not twice within the hour
	s.Must(403, s.joined[0].person, "POST", at, nil)
	before := s.Clock.Now().Add(time.Minute)
	s.Wait(2 * time.Hour)
	s.Must(200, s.cora, "POST", at, nil)
	s.Round()
	if len(s.MailsTo(s.backup.Email, before)) == 0 {
		s.Error("the second nudge did not reach the backup contact")
	}
}

var dbStart = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
