package api_test

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func TestProblemsSaySo(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.openCase(false)
		const secret = "sEcReT-vAlUe"
		valid := object{"title": "x", "tlp": "TLP:AMBER"}
		for name, c := range map[string]struct {
			status        int
			code          string
			token, method string
			path          string
			body          any
			head          header
		}{
			"unknown address":       {404, "not-found", w.cora, "GET", "/api/v1/" + secret, nil, nil},
			"unknown method":        {405, "method-not-allowed", w.cora, "DELETE", "/api/v1/cases", nil, nil},
			"nobody":                {401, "unauthenticated", "", "GET", "/api/v1/cases", nil, nil},
			"nobody, bad body":      {401, "unauthenticated", "", "POST", "/api/v1/cases", "{", nil},
			"garbage token":         {401, "unauthenticated", secret, "GET", "/api/v1/cases", nil, nil},
			"garbage token, public": {401, "unauthenticated", secret, "GET", "/api/v1/search?q=x", nil, nil},
			"other scheme":          {401, "unauthenticated", "", "GET", "/api/v1/cases", nil, header{"Authorization": "Basic " + secret}},
			"garbage link":          {404, "not-found", "", "GET", "/api/v1/cases", nil, header{"Authorization": "Finder " + secret}},
			"no such case":          {404, "not-found", w.cora, "GET", "/api/v1/cases/" + secret, nil, nil},
			"case of others":        {404, "not-found", w.otto, "GET", "/api/v1/cases/" + id, nil, nil},
			"before acceptance":     {404, "not-found", w.vera, "GET", "/api/v1/cases/" + id, nil, nil},
			"not a coordinator":     {403, "denied", w.vera, "POST", "/api/v1/cases", valid, nil},
			"broken JSON":           {400, "malformed", w.cora, "POST", "/api/v1/cases", `{"title":"` + secret, nil},
			"broken UTF-8":          {400, "malformed", w.cora, "POST", "/api/v1/cases", "{\"title\":\"" + secret + "\xff\"}", nil},
			"unknown field":         {422, "invalid", w.cora, "POST", "/api/v1/cases", object{"title": "x", "tlp": "TLP:AMBER", "shoe_size": secret}, nil},
			"unknown parameter":     {422, "invalid", w.cora, "GET", "/api/v1/cases?shoe_size=" + secret, nil, nil},
			"wrong type":            {422, "invalid", w.cora, "POST", "/api/v1/cases", object{"title": []string{secret}, "tlp": "TLP:AMBER"}, nil},
			"wrong label":           {422, "invalid", w.cora, "POST", "/api/v1/cases", object{"title": "x", "tlp": secret}, nil},
			"missing field":         {422, "invalid", w.cora, "POST", "/api/v1/cases", object{"tlp": "TLP:AMBER"}, nil},
			"wrong number":          {422, "invalid", w.cora, "GET", "/api/v1/cases?limit=" + secret, nil, nil},
			"list too long":         {422, "invalid", w.cora, "GET", "/api/v1/cases?limit=100000", nil, nil},
			"bad cursor":            {422, "invalid", w.cora, "GET", "/api/v1/cases/" + id + "/timeline?cursor=" + secret, nil, nil},
			"wrong content type":    {415, "unsupported-media-type", w.cora, "POST", "/api/v1/cases", `title=` + secret, header{"Content-Type": "application/x-www-form-urlencoded"}},
			"huge body":             {413, "too-large", w.cora, "POST", "/api/v1/cases", `{"title":"` + strings.Repeat(secret, 100_000) + `"}`, nil},
			"time without zone":     {422, "invalid", w.cora, "POST", "/api/v1/cases/" + id + "/embargo/proposals", object{"ends_at": "2030-01-01T00:00:00"}, nil},
			"no such time":          {422, "invalid", w.cora, "POST", "/api/v1/cases/" + id + "/embargo/proposals", object{"ends_at": secret}, nil},
			"end in the past":       {422, "invalid", w.cora, "POST", "/api/v1/cases/" + id + "/embargo/proposals", object{"ends_at": "2001-01-01T00:00:00Z"}, nil},
			"long key":              {422, "invalid", w.cora, "POST", "/api/v1/cases", valid, header{"Idempotency-Key": strings.Repeat("k", 256)}},
			"odd key":               {422, "invalid", w.cora, "POST", "/api/v1/cases", valid, header{"Idempotency-Key": "k\u00e9y"}},
		} {
			r := w.call(c.token, c.method, c.path, c.body, c.head)
			if r.status != c.status || r.text("code") != c.code {
				t.Errorf("%s: %d %s, want %d %s: %s", name, r.status, r.text("code"), c.status, c.code, r.raw)
				continue
			}
			if ct := r.header.Get("Content-Type"); ct != "application/problem+json" {
				t.Errorf("%s: content type %q", name, ct)
			}
			if r.text("detail") == "" || r.text("title") == "" || r.text("type") != "/api/#"+c.code || r.body["status"] != float64(c.status) {
				t.Errorf("%s: incomplete problem %s", name, r.raw)
			}
			if strings.Contains(string(r.raw), secret) {
				t.Errorf("%s: what was sent comes back: %s", name, r.raw)
			}
			if c.status == 401 && r.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: no WWW-Authenticate", name)
			}
		}
		if n := len(w.must(200, w.cora, "GET", "/api/v1/cases", nil).items()); n != 1 {
			t.Errorf("%d cases after refused requests, want the one", n)
		}
		if r := w.call(w.cora, "DELETE", "/api/v1/cases", nil); !strings.Contains(r.header.Get("Allow"), "POST") {
			t.Errorf("405 with Allow %q", r.header.Get("Allow"))
		}
	})
}

func TestFieldsSayWhere(t *testing.T) {
	each(t, func(w *world) {
		r := w.must(422, w.cora, "POST", "/api/v1/cases", object{"title": "", "tlp": "TLP:AMBER"})
		list, _ := r.body["errors"].([]any)
		if len(list) == 0 || list[0].(object)["location"] != "body.title" {
			t.Errorf("a refused field is not named: %s", r.raw)
		}
	})
}

func TestSameKeyHappensOnce(t *testing.T) {
	each(t, func(w *world) {
		body, key := object{"title": "Once", "tlp": "TLP:AMBER"}, header{"Idempotency-Key": "key-1"}
		a := w.must(201, w.cora, "POST", "/api/v1/cases", body, key)
		b := w.must(201, w.cora, "POST", "/api/v1/cases", body, key)
		if string(a.raw) != string(b.raw) || a.header.Get("ETag") != b.header.Get("ETag") {
			t.Errorf("the same request was answered\n%s\nand\n%s", a.raw, b.raw)
		}
		if b.header.Get("Idempotency-Replayed") != "true" || a.header.Get("Idempotency-Replayed") != "" {
			t.Error("a repeated answer is not marked, or a first one is")
		}
		w.must(422, w.cora, "POST", "/api/v1/cases", object{"title": "Twice", "tlp": "TLP:AMBER"}, key)
		w.must(422, w.cora, "POST", "/api/v1/cases/"+a.text("id")+"/exposure", body, key)
		if n := len(w.must(200, w.cora, "GET", "/api/v1/cases", nil).items()); n != 1 {
			t.Fatalf("%d cases, want 1", n)
		}
		// What failed leaves no claim: the corrected request may use the key.
		fresh := header{"Idempotency-Key": "key-2"}
		w.must(422, w.cora, "POST", "/api/v1/cases", object{"title": "", "tlp": "TLP:AMBER"}, fresh)
		w.must(201, w.cora, "POST", "/api/v1/cases", object{"title": "Corrected", "tlp": "TLP:AMBER"}, fresh)
		// Another sender's keys are their own.
		w.must(403, w.vera, "POST", "/api/v1/cases", body, key)
	})
}

func TestSameKeyAtOnce(t *testing.T) {
	each(t, func(w *world) {
		const n = 8
		var wg sync.WaitGroup
		replies := make([]reply, n)
		for i := range n {
			wg.Go(func() {
				replies[i] = w.call(w.cora, "POST", "/api/v1/cases", object{"title": "At once", "tlp": "TLP:AMBER"}, header{"Idempotency-Key": "same"})
			})
		}
		wg.Wait()
		for _, r := range replies {
			if r.status != 201 || string(r.raw) != string(replies[0].raw) {
				t.Errorf("answered %d %s, and %d %s", replies[0].status, replies[0].raw, r.status, r.raw)
			}
		}
		if got := len(w.must(200, w.cora, "GET", "/api/v1/cases", nil).items()); got != 1 {
			t.Errorf("%d cases were opened, want 1", got)
		}
	})
}

func TestUpdatesNameTheirVersion(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.openCase(true)
		v := w.must(201, w.cora, "POST", "/api/v1/cases/"+id+"/vulnerabilities", object{"title": "Overflow"})
		path := "/api/v1/cases/" + id + "/vulnerabilities/" + v.text("id")
		etag := w.must(200, w.cora, "GET", path, nil).header.Get("ETag")
		if etag != `"1"` {
			t.Fatalf("ETag %q", etag)
		}
		w.must(428, w.cora, "PATCH", path, object{"title": "Mine"})
		for _, bad := range []string{"1", "*", `W/"1"`, `"x"`, `"-1"`, `"1", "2"`} {
			if r := w.call(w.cora, "PATCH", path, object{"title": "Mine"}, header{"If-Match": bad}); r.status != 400 {
				t.Errorf("If-Match %s: %d, want 400", bad, r.status)
			}
		}
		r := w.must(200, w.cora, "PATCH", path, object{"title": "Mine"}, header{"If-Match": etag})
		if r.header.Get("ETag") != `"2"` || r.text("title") != "Mine" {
			t.Errorf("changed to %s %s", r.header.Get("ETag"), r.raw)
		}
		r = w.must(412, w.cora, "PATCH", path, object{"title": "Yours"}, header{"If-Match": etag})
		theirs, _ := r.body["theirs"].(object)
		yours, _ := r.body["yours"].(object)
		if r.text("code") != "stale" || theirs["title"] != "Mine" || yours["title"] != "Yours" {
			t.Errorf("a stale update was answered %s", r.raw)
		}
		if got := w.must(200, w.cora, "GET", path, nil); got.text("title") != "Mine" {
			t.Errorf("a refused update left %q", got.text("title"))
		}
	})
}

func TestScopesBoundATokens(t *testing.T) {
	each(t, func(w *world) {
		id, parties := w.openCase(true)
		must := func(status int, scope, method, path string, body any, more ...header) {
			t.Helper()
			w.must(status, w.token(w.coraID, scope), method, path, body, more...)
		}
		newCase := object{"title": "x", "tlp": "TLP:AMBER"}
		must(200, "read", "GET", "/api/v1/cases/"+id, nil)
		must(403, "read", "POST", "/api/v1/cases", newCase)
		must(403, "write", "POST", "/api/v1/cases", newCase)
		must(201, "coordinate", "POST", "/api/v1/cases", newCase)
		must(201, "release", "POST", "/api/v1/cases", newCase)
		must(403, "admin", "POST", "/api/v1/cases", newCase)
		must(403, "coordinate", "POST", "/api/v1/cases/"+id+"/embargo/terminate", object{})
		must(409, "release", "POST", "/api/v1/cases/"+id+"/embargo/terminate", object{"reason": "none runs"})
		must(403, "write", "POST", "/api/v1/cases/"+id+"/participants/"+parties["Vexel Systems"]+"/hide", object{"reason": "x"})
		must(403, "read", "POST", "/api/v1/me/tokens", object{"label": "more", "scopes": []string{"read"}})
		must(403, "release", "GET", "/api/v1/admin/outbox", nil)
		must(200, "admin", "GET", "/api/v1/admin/outbox", nil)
		// A vendor's token of all scopes is still a vendor's.
		w.must(403, w.vera, "GET", "/api/v1/admin/outbox", nil)
		w.must(403, w.vera, "POST", "/api/v1/cases/"+id+"/participants", object{"reason": "x", "targets": []object{{"kind": "org", "id": w.outer, "role": "vendor", "name": "Outer"}}})
	})
}

func TestTokensEnd(t *testing.T) {
	each(t, func(w *world) {
		made := w.must(201, w.vera, "POST", "/api/v1/me/tokens", object{"label": "ci", "scopes": []string{"read"}, "days": 1})
		secret := made.text("secret")
		w.must(200, secret, "GET", "/api/v1/me", nil)
		for _, item := range w.must(200, w.vera, "GET", "/api/v1/me/tokens", nil).items() {
			if item["secret"] != nil {
				t.Error("a list of tokens shows a secret")
			}
		}
		w.must(204, w.vera, "DELETE", "/api/v1/me/tokens/"+made.text("id"), nil)
		w.must(401, secret, "GET", "/api/v1/me", nil)
		w.clock.Advance(48 * time.Hour)
		w.must(401, w.vera, "GET", "/api/v1/me", nil)
	})
}

func TestKeysAreSwept(t *testing.T) {
	each(t, func(w *world) {
		body, key := object{"title": "Once", "tlp": "TLP:AMBER"}, header{"Idempotency-Key": "key-1"}
		a := w.must(201, w.cora, "POST", "/api/v1/cases", body, key)
		w.sweep(0)
		w.clock.Advance(49 * time.Hour)
		w.sweep(1)
		w.cora = w.token(w.coraID)
		if b := w.must(201, w.cora, "POST", "/api/v1/cases", body, key); a.text("id") == b.text("id") {
			t.Error("a forgotten key was answered from memory")
		}
	})
}
