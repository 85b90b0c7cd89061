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
	"tocsin/test/stage"
)

const csafRoot = "/.well-known/csaf/"

// drafted: from the case, edited by a vendor, reviewed and approved by
// somebody who wrote none of it, set to appear when the embargo ends.
func (s *story) drafted() {
	v := s.Must(201, s.cora, "POST", "/cases/"+s.caseID+"/advisories", nil)
	s.advisory, s.advisoryNumber = v.Text("id"), v.Text("number")
	at := "/drafts/" + s.advisory
	s.Must(404, s.otto, "GET", at, nil)
	draft := s.Must(200, s.joined[5].person, "GET", at, nil)
	content := draft.Body["content"].(stage.Object)
	content["summary"] = content["summary"].(string) + "\n\nEvery reader of untrusted input is concerned."
	s.Must(412, s.joined[5].person, "PUT", at, stage.Object{"content": content, "note": "too late"}, "If-Match", `"7"`)
	s.Must(200, s.joined[5].person, "PUT", at, stage.Object{"content": content, "note": "whom it concerns"}, "If-Match", draft.Version())
	remark := s.Must(201, s.colin, "POST", at+"/comments", stage.Object{"text": "Reads well."})
	s.Must(204, s.cora, "POST", at+"/comments/"+remark.Text("id")+"/settle", nil)
	s.Must(200, s.cora, "POST", at+"/submit", stage.Object{"version": 2})
	s.Must(403, s.cora, "POST", at+"/approve", stage.Object{"version": 2}) // wrote the first version
	s.Must(403, s.joined[5].person, "POST", at+"/approve", stage.Object{"version": 2})
	s.Must(409, s.colin, "POST", at+"/approve", stage.Object{"version": 1})
	s.Must(200, s.colin, "POST", at+"/approve", stage.Object{"version": 2})
	early := s.Must(409, s.cora, "POST", at+"/schedule", stage.Object{"version": 2, "tlp": "TLP:CLEAR", "at": s.Clock.Now().Add(time.Hour)})
	if !strings.Contains(early.Text("detail"), "embargo") {
		s.Errorf("a release before the embargo's end is refused with %q", early.Text("detail"))
	}
	s.Must(200, s.cora, "POST", at+"/schedule", stage.Object{"version": 2, "tlp": "TLP:CLEAR"})
	s.document = s.Must(200, s.cora, "GET", at, nil).Text("document_id")
	s.Round()
}

// ready: a day before the end every party is asked, and says go.
func (s *story) ready() {
	asked := s.ends.Add(-24 * time.Hour)
	if !s.Clock.Now().Before(asked.Add(-7 * day)) {
		s.Fatalf("it is %s, too late to see the freeze", s.Clock.Now())
	}
	s.Until(s.ends.Add(-7 * day))
	s.Until(asked)
	if len(s.MailsTo(s.joined[0].Email, asked)) == 0 {
		s.Error("nobody was asked for go or no-go a day before the end")
	}
	if got := s.Insist(200, s.finder, "GET", "/api/v1/report", nil); got.Text("agreed_at") != s.ends.Format(time.RFC3339) || got.Body["public"] != false {
		s.Errorf("the finder sees the agreed date %q", got.Text("agreed_at"))
	}
	at := "/cases/" + s.caseID + "/participants/"
	s.Must(422, s.joined[0].person, "POST", at+s.joined[0].party+"/readiness", stage.Object{"answer": "no-go"}) // needs a reason
	s.Must(200, s.joined[0].person, "POST", at+s.joined[0].party+"/readiness", stage.Object{"answer": "no-go", "reason": "the build fails"})
	for _, v := range s.joined[:60] {
		s.Must(200, v.person, "POST", at+v.party+"/readiness", stage.Object{"answer": "go"})
	}
	s.Must(403, s.joined[1].person, "POST", at+s.joined[0].party+"/readiness", stage.Object{"answer": "go"})
	s.Round()
}

// subscribed: a stranger asked for a mail at each release.
func (s *story) subscribed() {
	courier := &delivery.Courier{Box: s.House.Box, Sealer: s.House.Sealer}
	s.Write(func(tx *db.Tx) error { return courier.Subscribe(tx, "reader@public.example") })
	s.Round()
	mails := s.MailsTo("reader@public.example", time.Time{})
	if len(mails) != 1 {
		s.Fatalf("%d mails to confirm a subscription", len(mails))
	}
	_, token, ok := strings.Cut(mails[0].Text, "/subscribe/")
	if !ok {
		s.Fatalf("the mail holds no link: %s", mails[0].Text)
	}
	s.Write(func(tx *db.Tx) error { return courier.Confirm(tx, strings.Fields(token)[0]) })
}

// get is a page as a stranger reads it, which has to be there.
func (s *story) get(path string) string {
	s.Helper()
	return string(s.Insist(200, "", "GET", path, nil).Raw)
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
	key, err := pgp.ParsePublic([]byte(s.get(strings.TrimPrefix(meta.PublicOpenPGPKeys[0].URL, s.House.URL))))
	if err != nil {
		s.Fatal(err)
	}
	signature := []byte(s.get(csafRoot + s.file() + ".asc"))
	if _, err := pgp.VerifyDetached([]byte(doc), signature, s.Clock.Now(), key); err != nil {
		s.Errorf("the signature does not hold: %v", err)
	}
	if _, err := pgp.VerifyDetached([]byte(doc+" "), signature, s.Clock.Now(), key); err == nil {
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
	s.Round()
	if mails := s.MailsTo("reader@public.example", s.ends); len(mails) != 1 || !strings.Contains(mails[0].Text, s.advisoryNumber) {
		s.Errorf("the subscriber got %+v at the instant", mails)
	}
	for _, v := range []*vendor{s.joined[0], s.joined[60], s.joined[len(s.joined)-1], s.hidden} {
		if len(s.MailsTo(v.Email, s.ends)) == 0 {
			s.Errorf("%s was mailed nothing at the instant", v.name)
		}
		if got := s.Must(200, v.person, "GET", "/me/inbox?limit=200", nil); !strings.Contains(string(got.Raw), "advisory.released") {
			s.Errorf("%s finds no notice of the release", v.name)
		}
	}
	k := s.Must(200, s.cora, "GET", "/cases/"+s.caseID, nil)
	if k.Text("public_state") != "Pxa" || k.Text("embargo_state") != "exited" {
		s.Errorf("after the release the case is %s, its embargo %s", k.Text("public_state"), k.Text("embargo_state"))
	}
	for _, p := range s.Must(200, s.cora, "GET", "/cases/"+s.caseID+"/participants", nil).Items() {
		state, _ := p["vendor_state"].(string)
		if p["role"] == "vendor" && p["left_at"] == nil && !strings.HasPrefix(state, "V") {
			s.Errorf("%v is %q after the release, want aware", p["name"], state)
		}
	}
	if got := s.Insist(200, s.finder, "GET", "/api/v1/report", nil); got.Body["public"] != true {
		s.Errorf("the finder does not learn of the release: %s", got.Raw)
	}
	s.Must(409, s.cora, "POST", "/cases/"+s.caseID+"/embargo/proposals", stage.Object{"ends_at": s.Clock.Now().Add(5 * day), "reason": "after publication"})
}

// updated: a correction becomes the next revision, in the place of the first.
func (s *story) updated() {
	s.Wait(3 * day)
	at := "/drafts/" + s.advisory
	draft := s.Must(200, s.colin, "GET", at, nil)
	content := draft.Body["content"].(stage.Object)
	content["summary"] = content["summary"].(string) + "\n\nCorrected: version 2.4.1 is complete."
	s.Must(200, s.colin, "PUT", at, stage.Object{"content": content, "note": "correction"}, "If-Match", draft.Version())
	before := s.get(csafRoot + s.file())
	if strings.Contains(before, "Corrected:") {
		s.Error("a draft of a revision is out before its release")
	}
	s.Must(200, s.colin, "POST", at+"/submit", stage.Object{"version": 3})
	s.Must(403, s.colin, "POST", at+"/approve", stage.Object{"version": 3})
	s.Must(200, s.cora, "POST", at+"/approve", stage.Object{"version": 3})
	s.Must(422, s.cora, "POST", at+"/release", stage.Object{"version": 3, "tlp": "TLP:CLEAR"}) // says not what it changes
	s.Must(200, s.cora, "POST", at+"/release", stage.Object{"version": 3, "tlp": "TLP:CLEAR", "note": "Version 2.4.1 is complete."})
	s.released("2")
	if got := s.get(csafRoot + "white/index.txt"); strings.Count(got, "\n") != 1 {
		s.Errorf("after the update the index is %q, want one line", got)
	}
	if got := s.get(csafRoot + "history/" + s.document + "/" + s.slug() + ".json"); got != before {
		s.Error("the first revision is not kept as it was")
	}
	s.Round()
}
