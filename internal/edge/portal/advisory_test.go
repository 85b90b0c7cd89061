package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
)

// publishing is a case of Ada's in which Vexel said where it stands.
type publishing struct {
	*site
	ada, cora, vera, otto *browser
	number                string
}

func newPublishing(t *testing.T) publishing {
	t.Helper()
	s := withReports(t)
	p := publishing{site: s, cora: s.coordinator("cora@alliance.example", "Cora Coordinator")}
	vexel, other := s.org("Vexel"), s.org("Other")
	s.person("vera@vexel.example", "Vera", vexel.ID, orgs.Admin)
	s.person("otto@other.example", "Otto", other.ID, orgs.Admin)
	s.write(func(tx *db.Tx) error {
		ada, vera := s.actorFor(tx, "ada@alliance.example"), s.actorFor(tx, "vera@vexel.example")
		c, err := casework.OpenCase(tx, ada, casework.NewCase{Title: "Overflow in libframe", Summary: "A length is trusted.", Level: tlp.Amber})
		if err != nil {
			return err
		}
		p.number = c.Number
		v, err := matrix.AddVulnerability(tx, ada, c.ID, matrix.Vulnerability{Title: "Overflow", Description: "A length is trusted.", CVE: "CVE-2026-12345", CWE: "CWE-787", CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"})
		if err != nil {
			return err
		}
		list, err := casework.Invite(tx, ada, c.ID, casework.Inclusion{Reason: "ships it", Due: tx.Now.Add(72 * time.Hour), Targets: []casework.Target{{Kind: audience.Org, ID: vexel.ID, Name: "Vexel", Role: casework.Vendor}}})
		if err != nil {
			return err
		}
		open, err := casework.OpenInvitations(tx, vera)
		if err != nil {
			return err
		}
		if _, err := casework.Accept(tx, vera, open[0].ID, open[0].Terms); err != nil {
			return err
		}
		_, err = matrix.SetStatus(tx, vera, c.ID, matrix.Status{Participant: list[0].ID, Vulnerability: v.ID, Status: vex.Affected, Affected: []string{"2.3"}, Fixed: []string{"2.4"}, Statement: "Update <soon>."})
		return err
	})
	p.ada, p.vera, p.otto = s.as("ada@alliance.example"), s.as("vera@vexel.example"), s.as("otto@other.example")
	return p
}

func (s *site) actorFor(tx *db.Tx, email string) audience.Actor {
	s.t.Helper()
	p, err := people.ByEmail(tx, email)
	if err != nil {
		s.t.Fatal(err)
	}
	a, err := people.ActorOf(tx, p.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// drafted makes the advisory and gives its page and number.
func (p publishing) drafted() (path, number string) {
	p.t.Helper()
	tab := "/cases/" + p.number + "/advisory"
	p.ada.get(tab).is(p.t, 200, "", "Draft the advisory from the case")
	path = p.ada.post(tab).is(p.t, 303, "").location
	p.ada.get(tab).is(p.t, 303, path)
	return path, path[strings.LastIndexByte(path, '/')+1:]
}

// formValues are the fields that a page's edit form would send.
func formValues(body string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`<input[^>]* name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		out = append(out, unescape(m[1]), unescape(m[2]))
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(body, -1) {
		out = append(out, unescape(m[1]), unescape(m[2]))
	}
	return out
}

func unescape(s string) string {
	return strings.NewReplacer("&#43;", "+", "&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

func with(pairs []string, name, value string) []string {
	out := append([]string{}, pairs...)
	for i := 0; i+1 < len(out); i += 2 {
		if out[i] == name {
			out[i+1] = value
			return out
		}
	}
	return append(out, name, value)
}

func TestAdvisoryFromDraftToItsInstant(t *testing.T) {
	p := newPublishing(t)
	path, number := p.drafted()
	for _, b := range []*browser{p.otto, p.browser()} {
		b.get("/advisories").is(t, 200, "").lacks(t, "libframe", number)
		b.get("/advisories/"+number).is(t, 404, "").lacks(t, "libframe")
	}
	p.otto.get(path).is(t, 404, "").lacks(t, "libframe")
	p.otto.get("/advisories/"+number+"/draft").is(t, 404, "")
	p.vera.get("/advisories/"+number+"/draft").is(t, 303, path)
	p.vera.get("/advisories").is(t, 200, "", number)

	edit := p.vera.get(path+"/edit").is(t, 200, "", "A length is trusted.")
	fields := formValues(edit.body)
	p.vera.post(path+"/edit", with(with(fields, "summary", "Vera's summary"), "references", "javascript:x nope")...).is(t, 422, "", "Vera&#39;s summary", "references")
	p.vera.post(path+"/edit", with(fields, "summary", "Vera's summary")...).is(t, 303, path)
	p.ada.post(path+"/edit", with(fields, "summary", "Ada's summary")...).is(t, 409, "", "Ada&#39;s", "Vera&#39;s", "Somebody was faster")
	p.ada.get(path+"/versions?to=2").is(t, 200, "", "Vera&#39;s", "<del>", "<ins>")
	p.vera.post(path+"/comments", "version", "2", "text", "Say *when*", "section", "Summary").is(t, 303, path)
	page := p.ada.get(path).is(t, 200, "", "<em>when</em>", "would be valid")
	settle := regexp.MustCompile(path + `/comments/[^"]+`).FindString(page.body)
	p.ada.post(settle, "version", "2").is(t, 303, path)

	p.vera.post(path+"/submit", "version", "2").is(t, 303, path)
	p.vera.post(path+"/approve", "version", "2").is(t, 403, "")
	p.ada.post(path+"/approve", "version", "2").is(t, 403, "", "somebody else must approve")
	p.cora.get("/").is(t, 200, "", "Review the advisory "+number)
	p.cora.post(path+"/approve", "version", "1").is(t, 409, "", "has changed since you looked")
	p.cora.post(path+"/approve", "version", "2").is(t, 303, path)
	p.vera.get(path+"/preview").is(t, 200, "", "Preview", "Update &lt;soon&gt;.", "Vexel")
	file := p.ada.get(path+"/preview.json").is(t, 200, "", `"csaf_version"`)
	if !strings.Contains(file.header.Get("Content-Disposition"), "TLP-AMBER_PREVIEW") {
		t.Error("the preview's name lacks its marking")
	}

	p.ada.post(path+"/schedule", "version", "2", "when", "at", "at", "2026-03-09T14:00", "at_zone", "", "tlp", "TLP:CLEAR").is(t, 422, "", "time zone", "2026-03-09T14:00")
	p.ada.post(path+"/schedule", "version", "2", "when", "at", "at", "2026-03-09T14:00", "at_zone", "UTC", "tlp", "TLP:CLEAR").is(t, 303, path)
	at := time.Date(2026, 3, 9, 14, 0, 0, 0, time.UTC)
	p.clock.Set(at.Add(-time.Microsecond))
	outsider := p.browser()
	p.unseen(outsider, number)
	p.unseen(p.otto, number)
	p.clock.Set(at)
	outsider.get("/advisories/"+number).is(t, 200, "", "TLP:CLEAR", "CVE-2026-12345", "Update &lt;soon&gt;.", "Vexel", "SHA-256", ".json.asc")
	outsider.get("/advisories").is(t, 200, "", number)
	outsider.get("/case-facts/"+p.number).is(t, 200, "", "Vexel", "affected", number)
	feed := outsider.get("/advisories/atom.xml").is(t, 200, "", number)
	tag := feed.header.Get("ETag")
	req, err := http.NewRequest("GET", p.site.url+"/advisories/atom.xml", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("If-None-Match", tag)
	outsider.read(outsider.Client.Do(req)).is(t, http.StatusNotModified, "")

	p.ada = p.as("ada@alliance.example") // a week has passed since the last session
	p.ada.post(path+"/withdraw", "version", "2", "confirm", "wrong", "reason", "it was wrong").is(t, 422, "", "it was wrong", "to confirm")
	outsider.get("/advisories/"+number).is(t, 200, "")
	p.ada.post(path+"/withdraw", "version", "2", "confirm", number, "reason", "it was wrong").is(t, 303, path)
	outsider.get("/advisories/"+number).is(t, 410, "", "was withdrawn", "it was wrong")
	outsider.get("/advisories").is(t, 200, "").lacks(t, number)
}

// unseen finds that a visitor meets nothing of the advisory on any page.
func (p publishing) unseen(b *browser, number string) {
	p.t.Helper()
	b.get("/advisories").is(p.t, 200, "").lacks(p.t, number, "libframe")
	b.get("/advisories/atom.xml").is(p.t, 200, "").lacks(p.t, number, "libframe")
	missing := b.get("/advisories/"+number).is(p.t, 404, "")
	nothing := b.get("/advisories/TAA-2026-9999").is(p.t, 404, "")
	if visible(missing.body) != visible(nothing.body) {
		p.t.Error("an advisory to come answers otherwise than one that never was")
	}
	b.get("/case-facts/"+p.number).is(p.t, 404, "").lacks(p.t, "libframe")
}

func TestReleaseNowAsksForTheNumber(t *testing.T) {
	p := newPublishing(t)
	path, number := p.drafted()
	p.ada.post(path+"/submit", "version", "1").is(t, 303, path)
	p.ada.post(path+"/release", "version", "1", "tlp", "TLP:CLEAR", "confirm", number).is(t, 409, "")
	p.cora.post(path+"/approve", "version", "1").is(t, 303, path)
	p.ada.post(path+"/release", "version", "1", "tlp", "TLP:CLEAR").is(t, 422, "", "to confirm")
	p.vera.post(path+"/release", "version", "1", "tlp", "TLP:CLEAR", "confirm", number).is(t, 403, "")
	p.ada.post(path+"/release", "version", "1", "tlp", "TLP:CLEAR", "confirm", number).is(t, 303, path)
	p.browser().get("/advisories/"+number).is(t, 200, "", "Overflow in libframe")
	p.ada.get(path).is(t, 200, "", "Write the next revision")
}
