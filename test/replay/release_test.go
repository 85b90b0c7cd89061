package replay_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/pgp"
	"tocsin/spec/csaf"
)

const csafRoot = "/.well-known/csaf/"

// drafted: from the case, edited by a vendor, reviewed and approved by
// somebody who wrote none of it, set to appear when the embargo ends.
func (s *story) drafted() {
	v := s.must(201, s.cora, "POST", "/cases/"+s.caseID+"/advisories", nil)
	s.advisory, s.advisoryNumber = v.text("id"), v.text("number")
	at := "/drafts/" + s.advisory
	s.must(404, s.otto, "GET", at, nil)
	draft := s.must(200, s.joined[5].person, "GET", at, nil)
	content := draft.body["content"].(object)
	content["summary"] = content["summary"].(string) + "\n\nEvery reader of untrusted input is concerned."
	s.must(412, s.joined[5].person, "PUT", at, object{"content": content, "note": "too late"}, "If-Match", `"7"`)
	s.must(200, s.joined[5].person, "PUT", at, object{"content": content, "note": "whom it concerns"}, "If-Match", draft.version())
	remark := s.must(201, s.colin, "POST", at+"/comments", object{"text": "Reads well."})
	s.must(204, s.cora, "POST", at+"/comments/"+remark.text("id")+"/settle", nil)
	s.must(200, s.cora, "POST", at+"/submit", object{"version": 2})
	s.must(403, s.cora, "POST", at+"/approve", object{"version": 2}) // wrote the first version
	s.must(403, s.joined[5].person, "POST", at+"/approve", object{"version": 2})
	s.must(409, s.colin, "POST", at+"/approve", object{"version": 1})
	s.must(200, s.colin, "POST", at+"/approve", object{"version": 2})
	early := s.must(409, s.cora, "POST", at+"/schedule", object{"version": 2, "tlp": "TLP:CLEAR", "at": s.clock.Now().Add(time.Hour)})
	if !strings.Contains(early.text("detail"), "embargo") {
		s.Errorf("a release before the embargo's end is refused with %q", early.text("detail"))
	}
	s.must(200, s.cora, "POST", at+"/schedule", object{"version": 2, "tlp": "TLP:CLEAR"})
	s.document = s.must(200, s.cora, "GET", at, nil).text("document_id")
	s.round()
}

// ready: a day before the end every party is asked, and says go.
func (s *story) ready() {
	asked := s.ends.Add(-24 * time.Hour)
	if !s.clock.Now().Before(asked.Add(-7 * day)) {
		s.Fatalf("it is %s, too late to see the freeze", s.clock.Now())
	}
	s.until(s.ends.Add(-7 * day))
	s.until(asked)
	if len(s.mailsTo(s.joined[0].email, asked)) == 0 {
		s.Error("nobody was asked for go or no-go a day before the end")
	}
	if got := s.insist(200, s.finder, "GET", "/api/v1/report", nil); got.text("agreed_at") != s.ends.Format(time.RFC3339) || got.body["public"] != false {
		s.Errorf("the finder sees the agreed date %q", got.text("agreed_at"))
	}
	at := "/cases/" + s.caseID + "/participants/"
	s.must(422, s.joined[0].person, "POST", at+s.joined[0].party+"/readiness", object{"answer": "no-go"}) // needs a reason
	s.must(200, s.joined[0].person, "POST", at+s.joined[0].party+"/readiness", object{"answer": "no-go", "reason": "the build fails"})
	for _, v := range s.joined[:60] {
		s.must(200, v.person, "POST", at+v.party+"/readiness", object{"answer": "go"})
	}
	s.must(403, s.joined[1].person, "POST", at+s.joined[0].party+"/readiness", object{"answer": "go"})
	s.round()
}

// subscribed: a stranger asked for a mail at each release.
func (s *story) subscribed() {
	courier := &delivery.Courier{Box: s.house.Box, Sealer: s.house.Sealer}
	s.write(func(tx *db.Tx) error { return courier.Subscribe(tx, "reader@public.example") })
	s.round()
	mails := s.mailsTo("reader@public.example", time.Time{})
	if len(mails) != 1 {
		s.Fatalf("%d mails to confirm a subscription", len(mails))
	}
	_, token, ok := strings.Cut(mails[0].Text, "/subscribe/")
	if !ok {
		s.Fatalf("the mail holds no link: %s", mails[0].Text)
	}
	s.write(func(tx *db.Tx) error { return courier.Confirm(tx, strings.Fields(token)[0]) })
}

// get is a page as a stranger reads it, which has to be there.
func (s *story) get(path string) string {
	s.Helper()
	return string(s.insist(200, "", "GET", path, nil).raw)
}

func (s *story) slug() string { return strings.ToLower(s.advisoryNumber) }

// file is the address of the document below the root of the provider.
func (s *story) file() string { return fmt.Sprintf("white/%d/%s.json", s.ends.Year(), s.slug()) }

// released: at the instant, before anything has run, everything is everywhere.
func (s *story) released(revision string) {
	doc := s.get(csafRoot + s.file())
	for path, want := range map[string]string{
		csafRoot + "provider-metadata.json":          "csaf-feed-tlp-white.json",
		csafRoot + "service.json":                    "csaf-feed-tlp-white.json",
		csafRoot + "white/":                          "csaf-feed-tlp-white.json",
		csafRoot + "white/index.txt":                 strings.TrimPrefix(s.file(), "white/"),
		csafRoot + "white/changes.csv":               strings.TrimPrefix(s.file(), "white/"),
		csafRoot + "white/csaf-feed-tlp-white.json":  title,
		csafRoot + "white/category-white.json":       "csaf_security_advisory",
		"/api/v1/advisories":                         title,
		"/api/v1/advisories/" + s.slug():             title,
		"/api/v1/advisories/" + s.slug() + "/csaf":   doc,
		"/api/v1/public-cases/" + s.number:           cve,
		"/api/v1/search?q=xylograph":                 s.advisoryNumber,
		"/api/v1/search?q=" + cve:                    s.advisoryNumber,
		"/api/v1/search?q=" + s.advisoryNumber:       title,
		"/api/v1/advisories?text=" + "quaggy+length": s.advisoryNumber,
	} {
		if got := s.get(path); !strings.Contains(got, want) {
			s.Errorf("%s does not show %.60q at the instant: %.400s", path, want, got)
		}
	}
	for _, path := range []string{"/advisories", "/advisories/" + s.slug(), "/advisories/atom.xml"} {
		if got := s.get(path); !strings.Contains(got, title) {
			s.Errorf("%s does not show the title at the instant", path)
		}
	}
	s.checkFile(doc)
	s.conforms([]byte(doc), revision)
}

// checkFile holds the document against its hashes and its signature, made
// with the key that the provider names.
func (s *story) checkFile(doc string) {
	s.Helper()
	for ending, sum := range map[string]string{".sha256": hash256(doc), ".sha512": hash512(doc)} {
		if got := s.get(csafRoot + s.file() + ending); !strings.HasPrefix(got, sum+" ") {
			s.Errorf("%s says %q, want %s", ending, got, sum)
		}
	}
	var meta csaf.ProviderMetadata
	if err := json.Unmarshal([]byte(s.get(csafRoot+"provider-metadata.json")), &meta); err != nil || len(meta.PublicOpenPGPKeys) != 1 {
		s.Fatalf("provider metadata: %v, %d keys", err, len(meta.PublicOpenPGPKeys))
	}
	key, err := pgp.ParsePublic([]byte(s.get(strings.TrimPrefix(meta.PublicOpenPGPKeys[0].URL, s.house.URL))))
	if err != nil {
		s.Fatal(err)
	}
	signature := []byte(s.get(csafRoot + s.file() + ".asc"))
	if _, err := pgp.VerifyDetached([]byte(doc), signature, s.clock.Now(), key); err != nil {
		s.Errorf("the signature does not hold: %v", err)
	}
	if _, err := pgp.VerifyDetached([]byte(doc+" "), signature, s.clock.Now(), key); err == nil {
		s.Error("the signature holds for another document")
	}
}

// conforms asks our own tests, the official schema and the independent
// validator.
func (s *story) conforms(body []byte, revision string) {
	s.Helper()
	doc, err := csaf.Parse(body)
	if err != nil {
		s.Fatal(err)
	}
	for _, f := range csaf.CheckMandatory(doc) {
		s.Errorf("mandatory test: %s", f)
	}
	t := doc.Document.Tracking
	if t.ID != s.advisoryNumber || t.Version != revision || t.Status != "final" {
		s.Errorf("the document is %s version %s, %s", t.ID, t.Version, t.Status)
	}
	text := string(body)
	for _, v := range []*vendor{s.joined[0], s.joined[1], s.joined[2], s.joined[39]} {
		if !strings.Contains(text, v.name) {
			s.Errorf("%s is missing from the document", v.name)
		}
	}
	if strings.Contains(text, s.hidden.name) || strings.Contains(strings.ToLower(text), "gallimaufry") || strings.Contains(text, "VND-20481") {
		s.Error("the document tells what was private")
	}
	officialSchema(s.T, body)
	if _, err := exec.LookPath("node"); err != nil {
		s.Log("node is not installed; the independent validator was not asked")
		return
	}
	if _, err := os.Stat(filepath.Join("..", "node_modules", "@secvisogram", "csaf-validator-lib")); err != nil {
		s.Log("the npm packages are not installed (test/prepare.sh); the independent validator was not asked")
		return
	}
	file := filepath.Join(s.TempDir(), s.slug()+".json")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		s.Fatal(err)
	}
	out, err := exec.Command("node", filepath.Join("..", "csaf", "validate.mjs"), file).Output()
	var result struct {
		Tests   int
		Failing map[string]json.RawMessage
	}
	if err != nil || json.Unmarshal(out, &result) != nil || result.Tests < 30 {
		s.Fatalf("the validator did not run: %v\n%s", err, out)
	}
	for _, bad := range result.Failing {
		s.Errorf("the independent validator refuses the document: %.2000s", bad)
	}
}

// told: once the workers have run, everybody concerned has heard of it.
func (s *story) told() {
	s.round()
	if mails := s.mailsTo("reader@public.example", s.ends); len(mails) != 1 || !strings.Contains(mails[0].Text, s.advisoryNumber) {
		s.Errorf("the subscriber got %+v at the instant", mails)
	}
	for _, v := range []*vendor{s.joined[0], s.joined[60], s.joined[len(s.joined)-1], s.hidden} {
		if len(s.mailsTo(v.email, s.ends)) == 0 {
			s.Errorf("%s was mailed nothing at the instant", v.name)
		}
		if got := s.must(200, v.person, "GET", "/me/inbox?limit=200", nil); !strings.Contains(string(got.raw), "advisory.released") {
			s.Errorf("%s finds no notice of the release", v.name)
		}
	}
	k := s.must(200, s.cora, "GET", "/cases/"+s.caseID, nil)
	if k.text("public_state") != "Pxa" || k.text("embargo_state") != "exited" {
		s.Errorf("after the release the case is %s, its embargo %s", k.text("public_state"), k.text("embargo_state"))
	}
	for _, p := range s.must(200, s.cora, "GET", "/cases/"+s.caseID+"/participants", nil).items() {
		state, _ := p["vendor_state"].(string)
		if p["role"] == "vendor" && p["left_at"] == nil && !strings.HasPrefix(state, "V") {
			s.Errorf("%v is %q after the release, want aware", p["name"], state)
		}
	}
	if got := s.insist(200, s.finder, "GET", "/api/v1/report", nil); got.body["public"] != true {
		s.Errorf("the finder does not learn of the release: %s", got.raw)
	}
	s.must(409, s.cora, "POST", "/cases/"+s.caseID+"/embargo/proposals", object{"ends_at": s.clock.Now().Add(5 * day), "reason": "after publication"})
}

// updated: a correction becomes the next revision, in the place of the first.
func (s *story) updated() {
	s.wait(3 * day)
	at := "/drafts/" + s.advisory
	draft := s.must(200, s.colin, "GET", at, nil)
	content := draft.body["content"].(object)
	content["summary"] = content["summary"].(string) + "\n\nCorrected: version 2.4.1 is complete."
	s.must(200, s.colin, "PUT", at, object{"content": content, "note": "correction"}, "If-Match", draft.version())
	before := s.get(csafRoot + s.file())
	if strings.Contains(before, "Corrected:") {
		s.Error("a draft of a revision is out before its release")
	}
	s.must(200, s.colin, "POST", at+"/submit", object{"version": 3})
	s.must(403, s.colin, "POST", at+"/approve", object{"version": 3})
	s.must(200, s.cora, "POST", at+"/approve", object{"version": 3})
	s.must(422, s.cora, "POST", at+"/release", object{"version": 3, "tlp": "TLP:CLEAR"}) // says not what it changes
	s.must(200, s.cora, "POST", at+"/release", object{"version": 3, "tlp": "TLP:CLEAR", "note": "Version 2.4.1 is complete."})
	s.released("2")
	if got := s.get(csafRoot + "white/index.txt"); strings.Count(got, "\n") != 1 {
		s.Errorf("after the update the index is %q, want one line", got)
	}
	if got := s.get(csafRoot + "history/" + s.document + "/" + s.slug() + ".json"); got != before {
		s.Error("the first revision is not kept as it was")
	}
	s.round()
}
