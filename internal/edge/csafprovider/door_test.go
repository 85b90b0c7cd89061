package csafprovider_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/spec/csaf"
)

// example is a small valid document with an id, a label ("" for none) and an
// instant.
func example(id, label, at string) []byte {
	distribution := ""
	if label != "" {
		distribution = `"distribution": {"tlp": {"label": "` + label + `"}},`
	}
	return []byte(`{"document": {"category": "csaf_base", "csaf_version": "2.0", ` + distribution + `
		"publisher": {"category": "vendor", "name": "Vexel Systems", "namespace": "https://vexel.example"}, "title": "Overflow in Vexel Router",
		"tracking": {"current_release_date": "` + at + `", "id": "` + id + `", "initial_release_date": "` + at + `",
		"revision_history": [{"date": "` + at + `", "number": "1", "summary": "First."}], "status": "final", "version": "1"}}}`)
}

func (s *site) publish(body []byte) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		_, _, err := s.press.ImportCSAF(tx, audience.Actor{}, body)
		return err
	})
}

// coordinator gives a token of somebody who coordinates.
func (s *site) coordinator() string {
	s.t.Helper()
	var token string
	s.write(func(tx *db.Tx) error {
		p, err := people.First(tx, "ada@alliance.example", "Ada")
		if err != nil {
			return err
		}
		token, _, err = people.IssueToken(tx, audience.Actor{}, p.ID, "feeds", []string{charter.ScopeRead}, time.Hour)
		return err
	})
	return token
}

func labels(m *csaf.ProviderMetadata) string {
	var out []string
	for _, d := range m.Distributions {
		if d.ROLIE != nil {
			for _, f := range d.ROLIE.Feeds {
				out = append(out, f.TLPLabel)
			}
		}
	}
	return strings.Join(out, " ")
}

func TestFeedsAreDeclaredToWhoSeesSomethingInThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := serve(t, d)
		if m := s.metadata(); labels(m) != "" || len(m.Distributions) != 1 || m.Role != csaf.RoleTrustedProvider {
			t.Errorf("an empty provider declares %+v", m.Distributions)
		}
		if len(s.fetchAll()) != 0 {
			t.Error("an empty provider serves something")
		}
		s.want("/.well-known/csaf/service.json", 404)
		at := "2026-01-02T10:00:00Z"
		token := s.coordinator()
		s.publish(example("amber", "AMBER", at))
		if m := s.metadata(); labels(m) != "" {
			t.Errorf("anybody is told of %s", labels(m))
		}
		s.publish(example("white", "WHITE", at))
		s.publish(example("none", "", at))
		s.publish(example("green", "GREEN", at))
		s.publish(example("red", "RED", at))
		if m := s.metadata(); labels(m) != "UNLABELED WHITE" {
			t.Errorf("anybody is told of %s", labels(m))
		}
		if n := len(s.fetchAll()); n != 2 {
			t.Errorf("anybody fetches %d", n)
		}
		hidden := []string{"amber/", "amber/index.txt", "amber/changes.csv", "amber/csaf-feed-tlp-amber.json", "amber/category-amber.json", "amber/2026/", "amber/2026/amber.json", "amber/2026/amber.json.asc",
			"amber/2026/amber.json.sha256", "green/2026/green.json", "red/2026/red.json", "white/2026/amber.json"}
		for _, path := range hidden {
			s.want("/.well-known/csaf/"+path, 404)
		}
		// What is hidden and what was never there read alike.
		_, one := s.get("/.well-known/csaf/amber/2026/amber.json")
		_, other := s.get("/.well-known/csaf/amber/2026/nothing.json")
		if string(one) != string(other) {
			t.Errorf("%q and %q tell hidden from absent", one, other)
		}
		if page := s.want("/.well-known/csaf/", 200); strings.Contains(string(page), "amber") {
			t.Error("the listing tells of a hidden folder")
		}
		s.token = token
		if m := s.metadata(); labels(m) != "UNLABELED WHITE GREEN AMBER RED" {
			t.Errorf("the coordinator is told of %s", labels(m))
		}
		if n := len(s.fetchAll()); n != 5 {
			t.Errorf("the coordinator fetches %d", n)
		}
		if res, _ := s.get("/.well-known/csaf/amber/2026/amber.json"); !strings.HasPrefix(res.Header.Get("Cache-Control"), "private") {
			t.Errorf("a restricted answer may be kept: %q", res.Header.Get("Cache-Control"))
		}
		s.token = "tocsin_wrong"
		s.want("/.well-known/csaf/provider-metadata.json", 401)
	})
}

func TestAnswersAreConditionalAndExact(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := serve(t, d)
		s.publish(example("one", "WHITE", "2026-01-02T10:00:00Z"))
		file := "/.well-known/csaf/white/2026/one.json"
		for _, path := range []string{file, file + ".asc", file + ".sha256", "/.well-known/csaf/provider-metadata.json", "/.well-known/csaf/white/index.txt", "/.well-known/csaf/white/csaf-feed-tlp-white.json", "/.well-known/security.txt"} {
			res, body := s.get(path)
			tag := res.Header.Get("ETag")
			if res.StatusCode != 200 || tag == "" || len(body) == 0 || res.Header.Get("Vary") == "" {
				t.Errorf("%s: %d, tag %q", path, res.StatusCode, tag)
			}
			if again, body := s.get(path, "If-None-Match", tag); again.StatusCode != 304 || len(body) > 0 {
				t.Errorf("%s with its tag: %d", path, again.StatusCode)
			}
			head, err := s.http.Head(s.url + path)
			if err != nil || head.StatusCode != 200 || head.ContentLength != int64(len(body)) {
				t.Errorf("HEAD %s: %v %v", path, head, err)
			}
		}
		res, first := s.get(file)
		if res.Header.Get("Content-Type") != "application/json" || res.Header.Get("Last-Modified") == "" {
			t.Errorf("headers: %v", res.Header)
		}
		c.Advance(time.Hour)
		s.publish(example("one", "WHITE", "2026-01-03T10:00:00Z"))
		if res, now := s.get(file, "If-None-Match", res.Header.Get("ETag")); res.StatusCode != 200 || string(now) == string(first) {
			t.Errorf("after an update: %d", res.StatusCode)
		}
		var old string
		if err := d.Read(context.Background(), func(tx *db.Tx) (err error) {
			old, err = db.Value[string](tx, `SELECT id FROM document WHERE superseded_at IS NOT NULL`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got := s.want("/.well-known/csaf/history/"+old+"/one.json", 200); string(got) != string(first) {
			t.Error("the earlier revision's bytes changed")
		}
		for _, path := range []string{"white/2026/one.json.md5", "white/02026/one.json", "White/2026/one.json", "white/x/2026/one.json", "white/2025/", "openpgp/x.asc", "history/" + old + "/two.json", "blue/index.txt", "white/2026/..%2f..%2fone.json"} {
			s.want("/.well-known/csaf/"+path, 404)
		}
	})
}

func TestSecurityText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := serve(t, d)
		one := string(s.want("/.well-known/security.txt", 200))
		if !strings.HasPrefix(one, "-----BEGIN PGP SIGNED MESSAGE-----") {
			t.Errorf("it is not signed: %s", one)
		}
		for _, field := range []string{"Contact: " + s.url, "Contact: mailto:psirt@alliance.example", "Expires: 2026-05-31T00:00:00Z", "Encryption: " + s.url + "/.well-known/csaf/openpgp/", "Canonical: " + s.url, "Policy: ", "Preferred-Languages: en",
			"CSAF: " + s.url + "/.well-known/csaf/provider-metadata.json"} {
			if !strings.Contains(one, "\n"+field) {
				t.Errorf("it lacks %q:\n%s", field, one)
			}
		}
		c.Advance(time.Minute)
		if string(s.want("/.well-known/security.txt", 200)) != one {
			t.Error("it changes within a day")
		}
		c.Advance(24 * time.Hour)
		if string(s.want("/.well-known/security.txt", 200)) == one {
			t.Error("its expiry stands still")
		}
	})
}

func TestPlainHTTPServesTheMetadata(t *testing.T) {
	d, _ := dbtest.Open(t, db.SQLite)
	s := serve(t, d)
	s.house.URL = strings.Replace(s.url, "https://", "http://", 1)
	if body := s.want("/.well-known/csaf/provider-metadata.json", 200); !strings.Contains(string(body), `"canonical_url": "http://`) {
		t.Errorf("metadata over plain HTTP: %s", body)
	}
}
