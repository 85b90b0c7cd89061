package replay_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"
	"tocsin/test/stage"
)

// said: each vendor sets its own status, by product; coordinators speak on
// behalf of a few; nobody speaks for another.
func (s *story) said() {
	at := "/cases/" + s.caseID
	cell := func(v *vendor) string { return at + "/statuses/" + v.party + "/" + s.vuln }
	for i, v := range s.joined {
		if i%40 == 39 {
			continue // said by a coordinator below, or never
		}
		s.Clock.Advance(time.Minute)
		said := stage.Object{"status": "investigating"}
		where := cell(v)
		switch i % 4 {
		case 0:
			p := s.Must(201, v.person, "POST", at+"/products", stage.Object{"participant_id": v.party, "name": "Router of " + v.name, "purl": fmt.Sprintf("pkg:generic/router%d", i)})
			if s.product == "" {
				s.product = p.Text("id")
			}
			where += "?product=" + p.Text("id")
			said = stage.Object{"status": "fixed", "statement": "Update at once.", "affected_versions": []string{"2.0 to 2.4"}, "fixed_versions": []string{"2.4.1"}}
		case 1:
			said = stage.Object{"status": "not_affected", "justification": "component_not_present", "statement": "Never shipped."}
		case 2:
			said = stage.Object{"status": "affected", "statement": "Turn the reader off.", "affected_versions": []string{"all"}}
		}
		s.Must(200, v.person, "PUT", where, said, "If-Match", `"0"`)
		if i == 0 {
			s.Must(412, v.person, "PUT", where, said, "If-Match", `"0"`)
			s.Must(200, v.person, "PUT", where, said, "If-Match", `"1"`)
		}
	}
	first, second := s.joined[0], s.joined[1]
	s.Must(403, second.person, "PUT", cell(first), stage.Object{"status": "fixed"}, "If-Match", `"0"`)
	s.Must(404, second.person, "PUT", cell(s.hidden), stage.Object{"status": "fixed"}, "If-Match", `"0"`)
	s.Must(404, s.otto, "PUT", cell(first), stage.Object{"status": "fixed"}, "If-Match", `"0"`)
	behalf := s.joined[39]
	got := s.Must(200, s.cora, "PUT", cell(behalf), stage.Object{"status": "affected", "statement": "Said by phone."}, "If-Match", `"0"`)
	if got.Body["on_behalf"] != true {
		s.Errorf("a coordinator's word for a vendor is not marked: %s", got.Raw)
	}
	s.Must(200, first.person, "POST", at+"/participants/"+first.party+"/tracker", stage.Object{"number": "VND-20481"})
	s.Must(200, first.person, "POST", at+"/participants/"+first.party+"/progress", stage.Object{"move": "F"})
	s.Must(409, first.person, "POST", at+"/participants/"+first.party+"/progress", stage.Object{"move": "V"})
	s.Round()
	for _, p := range []person{second.person, s.cora} {
		if got := s.Must(200, p, "GET", at+"/matrix", nil); strings.Contains(string(got.Raw), "VND-20481") {
			s.Error("another party's tracker number is in the matrix")
		}
	}
	if got := s.Must(200, second.person, "GET", at+"/matrix", nil); strings.Contains(string(got.Raw), s.hidden.name) {
		s.Error("a hidden vendor is in the matrix of another")
	}
	if got := s.Must(200, s.cora, "GET", at+"/matrix", nil); !strings.Contains(string(got.Raw), s.hidden.name) {
		s.Error("a hidden vendor is missing from the coordinator's matrix")
	}
}

// talked: in the open, and between one vendor and the coordinators.
func (s *story) talked() {
	at := "/cases/" + s.caseID
	first, second := s.joined[0], s.joined[1]
	thread := func(p person, kind, party string) string {
		for _, t := range s.Must(200, p, "GET", at+"/threads", nil).Items() {
			if t["kind"] == kind && (party == "" || t["participant_id"] == party) {
				return t["id"].(string)
			}
		}
		s.Fatalf("no thread of the kind %s", kind)
		return ""
	}
	general := thread(first.person, "general", "")
	s.Must(201, first.person, "POST", "/threads/"+general+"/messages", stage.Object{"body": "The backport is **small**."})
	s.Must(200, second.person, "GET", "/threads/"+general+"/messages", nil)
	s.privateThread = thread(first.person, "private", first.party)
	s.message = s.Must(201, first.person, "POST", "/threads/"+s.privateThread+"/messages", stage.Object{"body": private}).Text("id")
	s.Must(201, s.cora, "POST", "/threads/"+s.privateThread+"/messages", stage.Object{"body": "It stays out."})
	s.Must(404, second.person, "GET", "/threads/"+s.privateThread+"/messages", nil)
	s.Must(404, second.person, "GET", "/messages/"+s.message, nil)
	content := "proof of concept " + private
	sum := sha256.Sum256([]byte(content))
	up := s.Must(201, first.person, "POST", "/threads/"+s.privateThread+"/files?"+url.Values{"name": {"poc.txt"}, "sha256": {hex.EncodeToString(sum[:])}}.Encode(), content, "Content-Type", "text/plain")
	s.upload = up.Text("id")
	if got := s.Must(200, s.cora, "GET", "/files/"+s.upload, nil); string(got.Raw) != content {
		s.Errorf("the file came back as %q", got.Raw)
	}
	s.Must(404, second.person, "GET", "/files/"+s.upload, nil)
	s.Round()
}
