package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAVendorSpeaksForItself(t *testing.T) {
	each(t, func(w *world) {
		id, parties := w.openCase(true)
		base := "/api/v1/cases/" + id
		v := w.must(201, w.cora, "POST", base+"/vulnerabilities", object{"title": "Overflow", "cve": "CVE-2026-12345"}).text("id")
		cell := base + "/statuses/" + parties["Vexel Systems"] + "/" + v
		first := w.must(200, w.vera, "GET", cell, nil)
		if first.header.Get("ETag") != `"0"` {
			t.Fatalf("a cell that nobody spoke of has the tag %s", first.header.Get("ETag"))
		}
		w.must(403, w.willem, "PUT", cell, object{"status": "affected"}, header{"If-Match": `"0"`})
		w.must(422, w.vera, "PUT", cell, object{"status": "not_affected"}, header{"If-Match": `"0"`})
		w.must(422, w.vera, "PUT", cell, object{"status": "perhaps"}, header{"If-Match": `"0"`})
		r := w.must(200, w.vera, "PUT", cell, object{"status": "fixed", "fixed_versions": []string{"2.1"}, "statement": "Update."}, header{"If-Match": `"0"`})
		if r.header.Get("ETag") != `"1"` {
			t.Errorf("tag %s", r.header.Get("ETag"))
		}
		w.must(412, w.vera, "PUT", cell, object{"status": "affected"}, header{"If-Match": `"0"`})
		board := w.must(200, w.willem, "GET", base+"/matrix", nil)
		if !strings.Contains(string(board.raw), `"fixed"`) {
			t.Errorf("the matrix does not show it: %s", board.raw)
		}
		w.must(200, w.vera, "POST", base+"/participants/"+parties["Vexel Systems"]+"/tracker", object{"number": "VX-77"})
		if raw := w.must(200, w.willem, "GET", base+"/matrix", nil).raw; strings.Contains(string(raw), "VX-77") {
			t.Error("a competitor reads the tracker number")
		}
		csv := w.must(200, w.vera, "GET", base+"/matrix.csv", nil)
		attachment(t, csv)
		if !strings.Contains(string(csv.raw), "Vexel Systems") || !strings.Contains(string(csv.raw), "TLP:AMBER+STRICT") {
			t.Errorf("the export reads %s", csv.raw)
		}
	})
}

// attachment holds that no browser opens an answer in this server's name.
func attachment(t *testing.T, r reply) {
	t.Helper()
	if !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") || r.header.Get("Content-Type") != "application/octet-stream" || r.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("a download says %v", r.header)
	}
}

func TestTalkAndFiles(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.openCase(true)
		var general, private string
		for _, th := range w.must(200, w.vera, "GET", "/api/v1/cases/"+id+"/threads", nil).items() {
			switch th["kind"] {
			case "general":
				general = th["id"].(string)
			case "private", "party":
				private = th["id"].(string)
			}
		}
		if general == "" || private == "" {
			t.Fatalf("threads: general %q, private %q", general, private)
		}
		said := w.must(201, w.vera, "POST", "/api/v1/threads/"+general+"/messages", object{"body": "We see it too."})
		hush := w.must(201, w.vera, "POST", "/api/v1/threads/"+private+"/messages", object{"body": "Between us."})
		w.must(404, w.willem, "GET", "/api/v1/messages/"+hush.text("id"), nil)
		w.must(404, w.willem, "GET", "/api/v1/threads/"+private+"/messages", nil)
		w.must(404, w.otto, "GET", "/api/v1/threads/"+general+"/messages", nil)
		path := "/api/v1/messages/" + said.text("id")
		w.must(403, w.willem, "PATCH", path, object{"body": "x"}, header{"If-Match": `"1"`})
		w.must(200, w.vera, "PATCH", path, object{"body": "We see it too, in 2.x."}, header{"If-Match": said.header.Get("ETag")})
		w.must(412, w.vera, "PATCH", path, object{"body": "no"}, header{"If-Match": said.header.Get("ETag")})
		if n := len(w.must(200, w.willem, "GET", path+"/history", nil).items()); n != 2 {
			t.Errorf("%d wordings, want 2", n)
		}

		content := "<script>alert(1)</script>"
		sum := sha256.Sum256([]byte(content))
		at := "/api/v1/threads/" + private + "/files?name=..%2Fproof.html&sha256="
		raw := header{"Content-Type": "text/html"}
		w.must(422, w.vera, "POST", at+strings.Repeat("0", 64), content, raw)
		w.must(422, w.vera, "POST", at+"xyz", content, raw)
		w.must(422, w.vera, "POST", "/api/v1/threads/"+private+"/files?name=empty", "", raw)
		once := header{"Content-Type": "text/html", "Idempotency-Key": "file-1"}
		f := w.must(201, w.vera, "POST", at+hex.EncodeToString(sum[:]), content, once)
		if again := w.must(201, w.vera, "POST", at+hex.EncodeToString(sum[:]), content, once); again.text("id") != f.text("id") {
			t.Error("the same upload under the same key made two files")
		}
		if name := f.text("name"); strings.Contains(name, "/") || strings.Contains(name, "..") {
			t.Errorf("the file is called %q", name)
		}
		got := w.must(200, w.cora, "GET", "/api/v1/files/"+f.text("id"), nil)
		attachment(t, got)
		if string(got.raw) != content {
			t.Errorf("the file reads %q", got.raw)
		}
		w.must(404, w.willem, "GET", "/api/v1/files/"+f.text("id"), nil)
	})
}

func TestHugeFilesAreRefused(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.openCase(true)
		general := w.must(200, w.vera, "GET", "/api/v1/cases/"+id+"/threads", nil).items()[0]["id"].(string)
		w.must(413, w.vera, "POST", "/api/v1/threads/"+general+"/files?name=big", make([]byte, 50<<20+1), header{"Content-Type": "application/octet-stream"})
		if n := len(w.must(200, w.vera, "GET", "/api/v1/cases/"+id+"/files", nil).items()); n != 0 {
			t.Errorf("a refused file left %d", n)
		}
	})
}

func TestAStrangerReports(t *testing.T) {
	each(t, func(w *world) {
		body := object{"title": "Overflow in libexample", "description": "A length is not checked in parse().", "component": "libexample", "contact": "remy@finders.example"}
		key := header{"Idempotency-Key": "0123456789abcdef-key"}
		r := w.must(201, "", "POST", "/api/v1/reports", body, key)
		if again := w.must(201, "", "POST", "/api/v1/reports", body, key); again.text("number") != r.text("number") || again.text("secret") != r.text("secret") {
			t.Errorf("the same report under the same key was answered %s and %s", r.raw, again.raw)
		}
		w.must(422, "", "POST", "/api/v1/reports", object{"description": "x", "shoe_size": 44})
		finder := header{"Authorization": "Finder " + r.text("secret")}
		st := w.must(200, "", "GET", "/api/v1/report", nil, finder)
		if st.body["report"].(object)["number"] != r.text("number") {
			t.Errorf("the finder follows %s", st.raw)
		}
		w.must(200, "", "POST", "/api/v1/report/messages", object{"text": "It also crashes 2.x.", "to_report": true}, finder)
		w.must(204, "", "POST", "/api/v1/report/files?name=poc.txt", "AAAA", finder, header{"Content-Type": "text/plain"})
		w.must(428, "", "PUT", "/api/v1/report/credit", object{"credit": "Remy"}, finder)
		etag := w.must(200, "", "GET", "/api/v1/report", nil, finder).header.Get("ETag")
		w.must(200, "", "PUT", "/api/v1/report/credit", object{"credit": "Remy"}, finder, header{"If-Match": etag})
		for _, path := range []string{"/api/v1/cases", "/api/v1/reports", "/api/v1/me", "/api/v1/reports/" + r.text("number")} {
			w.must(401, "", "GET", path, nil, finder)
		}
		w.must(404, w.otto, "GET", "/api/v1/reports/"+r.text("number"), nil)
		w.must(403, w.otto, "GET", "/api/v1/reports", nil)

		got := w.must(200, w.cora, "GET", "/api/v1/reports/"+r.text("number"), nil)
		files := got.body["files"].([]any)
		if len(files) != 1 || !strings.Contains(string(got.raw), "A length is not checked") {
			t.Errorf("the coordinator reads %s", got.raw)
		}
		attachment(t, w.must(200, w.cora, "GET", "/api/v1/reports/"+r.text("id")+"/files/"+files[0].(object)["id"].(string), nil))
		base := "/api/v1/reports/" + r.text("id")
		step := func(path string, body object) reply {
			t.Helper()
			body["version"] = w.must(200, w.cora, "GET", base, nil).body["version"]
			return w.call(w.cora, "POST", base+path, body)
		}
		for _, move := range []struct {
			path string
			body object
		}{{"/take", object{}}, {"/scope", object{"in_scope": true, "reason": "our members ship it"}}, {"/move", object{"move": "validate"}}} {
			if r := step(move.path, move.body); r.status != 200 {
				t.Fatalf("%s: %d %s", move.path, r.status, r.raw)
			}
		}
		w.must(409, w.cora, "POST", base+"/take", object{"version": 1})
		q := w.must(201, w.cora, "POST", base+"/questions", object{"text": "Which version?"})
		w.must(200, "", "POST", "/api/v1/report/questions/"+q.text("id")+"/reply", object{"text": "2.1"}, finder)
		made := step("/case", object{"tlp": "TLP:AMBER+STRICT", "reason": "two vendors"})
		if made.status != 201 || made.text("number") == "" {
			t.Fatalf("make a case: %d %s", made.status, made.raw)
		}
		w.must(404, w.otto, "GET", "/api/v1/cases/"+made.text("number"), nil)
		link := w.must(200, "", "POST", "/api/v1/report/link", nil, finder)
		w.must(410, "", "GET", "/api/v1/report", nil, finder)
		w.must(200, "", "GET", "/api/v1/report", nil, header{"Authorization": "Finder " + link.text("secret")})
	})
}

func TestReportsAreLimited(t *testing.T) {
	each(t, func(w *world) {
		limited := false
		for range 100 {
			r := w.call("", "POST", "/api/v1/reports", object{"title": "x", "description": "Many words about nothing at all.", "component": "libexample"})
			if r.status == http.StatusTooManyRequests {
				limited = r.header.Get("Retry-After") != ""
				break
			}
		}
		if !limited {
			t.Error("a flood of reports was let through, or told nothing of when to come back")
		}
	})
}

func TestAnAdvisoryGoesOut(t *testing.T) {
	each(t, func(w *world) {
		id, parties := w.openCase(true)
		v := w.must(201, w.cora, "POST", "/api/v1/cases/"+id+"/vulnerabilities", object{"title": "Overflow", "description": "A length is trusted.", "cve": "CVE-2026-12345", "cwe": "CWE-787"})
		p := w.must(201, w.vera, "POST", "/api/v1/cases/"+id+"/products", object{"participant_id": parties["Vexel Systems"], "name": "Vexel Router"})
		w.must(200, w.vera, "PUT", "/api/v1/cases/"+id+"/statuses/"+parties["Vexel Systems"]+"/"+v.text("id")+"?product="+p.text("id"),
			object{"status": "fixed", "fixed_versions": []string{"2.1"}, "affected_versions": []string{"2.0"}, "statement": "Update to 2.1."}, header{"If-Match": `"0"`})
		d := w.must(201, w.cora, "POST", "/api/v1/cases/"+id+"/advisories", nil)
		path := "/api/v1/drafts/" + d.text("id")
		w.must(404, w.otto, "GET", path, nil)
		opened := w.must(200, w.vera, "GET", path, nil)
		content := opened.body["content"].(object)
		content["summary"] = "Attackers can run code. Update now."
		w.must(428, w.cora, "PUT", path, object{"content": content})
		w.must(200, w.cora, "PUT", path, object{"content": content, "note": "plainer"}, header{"If-Match": opened.header.Get("ETag")})
		r := w.must(412, w.vera, "PUT", path, object{"content": content}, header{"If-Match": opened.header.Get("ETag")})
		if r.body["theirs"] == nil || r.body["yours"] == nil {
			t.Errorf("a stale text was answered %s", r.raw)
		}
		w.must(200, w.cora, "POST", path+"/submit", object{"version": 2})
		w.must(403, w.vera, "POST", path+"/approve", object{"version": 2})
		if r := w.call(w.cora, "POST", path+"/approve", object{"version": 2}); r.status < 400 {
			t.Errorf("the author approved their own text: %s", r.raw)
		}
		_, dora := w.member("Second Eyes", "dora@alliance.example", "Dora")
		w.must(204, w.cora, "POST", "/api/v1/people/"+dora+"/roles/coordinator", nil)
		second := w.token(dora)
		w.must(200, second, "POST", path+"/approve", object{"version": 2})
		w.must(403, w.token(dora, "coordinate"), "POST", path+"/schedule", object{"version": 2, "tlp": "TLP:CLEAR", "at": w.in(1)})
		w.must(200, second, "POST", path+"/schedule", object{"version": 2, "tlp": "TLP:CLEAR", "at": w.in(1)})
		slug := strings.ToLower(d.text("number"))
		w.must(404, "", "GET", "/api/v1/advisories/"+slug, nil)
		if n := len(w.must(200, "", "GET", "/api/v1/advisories", nil).items()); n != 0 {
			t.Errorf("%d advisories before the instant", n)
		}
		w.clock.Advance(24*time.Hour - time.Microsecond)
		w.must(404, "", "GET", "/api/v1/advisories/"+slug, nil)
		w.clock.Advance(time.Microsecond)
		doc := w.must(200, "", "GET", "/api/v1/advisories/"+slug, nil)
		csaf := w.must(200, "", "GET", "/api/v1/advisories/"+slug+"/csaf", nil)
		sum := sha256.Sum256(csaf.raw)
		attachment(t, csaf)
		if doc.text("sha256") != hex.EncodeToString(sum[:]) {
			t.Errorf("the document's digest is %s, it says %s", hex.EncodeToString(sum[:]), doc.text("sha256"))
		}
		if n := len(w.must(200, "", "GET", "/api/v1/advisories", nil).items()); n != 1 {
			t.Errorf("%d advisories after the instant", n)
		}
	})
}

func TestTheLedgerProves(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.openCase(true)
		events := w.must(200, w.vera, "GET", "/api/v1/cases/"+id+"/timeline?limit=2", nil)
		if len(events.items()) != 2 || events.text("next") == "" {
			t.Fatalf("a page of two reads %s", events.raw)
		}
		seen := map[any]bool{}
		for cursor := ""; ; {
			p := w.must(200, w.vera, "GET", "/api/v1/cases/"+id+"/timeline?limit=2&cursor="+cursor, nil)
			for _, e := range p.items() {
				if seen[e["seq"]] {
					t.Fatalf("event %v is on two pages", e["seq"])
				}
				seen[e["seq"]] = true
			}
			if cursor = p.text("next"); cursor == "" {
				break
			}
		}
		mine := w.must(200, w.vera, "GET", "/api/v1/me/events?limit=1", nil).items()[0]
		proof := w.must(200, w.vera, "GET", "/api/v1/ledger/events/"+itoa(mine["seq"])+"/proof", nil)
		if proof.text("checkpoint") == "" || proof.text("leaf") == "" {
			t.Errorf("the proof reads %s", proof.raw)
		}
		w.must(404, w.otto, "GET", "/api/v1/ledger/events/"+itoa(mine["seq"])+"/proof", nil)
		if w.must(200, "", "GET", "/api/v1/ledger/checkpoint", nil).text("public_key") == "" {
			t.Error("the checkpoint names no key")
		}
	})
}
