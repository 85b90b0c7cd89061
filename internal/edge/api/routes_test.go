package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/api"
	"tocsin/internal/edge/gate"
)

var pathValue = regexp.MustCompile(`\{[a-z]+\}`)

func door(t *testing.T) *api.Door {
	t.Helper()
	d, err := api.New(&gate.House{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEveryRouteIsDescribed holds the OpenAPI document against the table.
func TestEveryRouteIsDescribed(t *testing.T) {
	each(t, func(w *world) {
		spec := w.must(200, "", "GET", api.SpecPath, nil).body
		if v := spec["openapi"]; v != "3.1.0" {
			t.Errorf("openapi %v", v)
		}
		paths := spec["paths"].(object)
		ids, described := map[string]bool{}, 0
		for _, r := range door(t).Routes() {
			if !strings.HasPrefix(r.Path, "/api/v1/") {
				continue
			}
			item, _ := paths[r.Path].(object)
			op, _ := item[strings.ToLower(r.Method)].(object)
			if op == nil {
				t.Errorf("%s %s is not in the document", r.Method, r.Path)
				continue
			}
			described++
			id := op["operationId"].(string)
			if ids[id] {
				t.Errorf("two operations are called %s", id)
			}
			ids[id] = true
			if !slices.Contains(charter.Scopes, r.NeedsScope()) {
				t.Errorf("%s %s needs the scope %q, which no token has", r.Method, r.Path, r.NeedsScope())
			}
			if r.Access == gate.Nobody {
				t.Errorf("%s %s lets nobody in", r.Method, r.Path)
			}
			if secured := op["security"] != nil; secured == (r.Access == gate.Anybody) {
				t.Errorf("%s %s is for %s and says security %v", r.Method, r.Path, r.Access, op["security"])
			}
			params, _ := json.Marshal(op["parameters"])
			if update := r.Method == http.MethodPut || r.Method == http.MethodPatch; update != strings.Contains(string(params), `"If-Match"`) {
				t.Errorf("%s %s and If-Match: %s", r.Method, r.Path, params)
			}
			if post := r.Method == http.MethodPost; post != strings.Contains(string(params), `"Idempotency-Key"`) {
				t.Errorf("%s %s and Idempotency-Key: %s", r.Method, r.Path, params)
			}
		}
		if described < 100 {
			t.Errorf("only %d operations were compared", described)
		}
		// Bodies take no field that is not named.
		for name, s := range spec["components"].(object)["schemas"].(object) {
			s := s.(object)
			if s["type"] == "object" && s["properties"] != nil && s["additionalProperties"] != false {
				t.Errorf("the schema %s takes unknown fields", name)
			}
		}
	})
}

// TestNobodyGetsIn tries every address without an account, and with an
// account that has no part in anything.
func TestNobodyGetsIn(t *testing.T) {
	each(t, func(w *world) {
		id, parties := w.openCase(true)
		values := strings.NewReplacer("{case}", id, "{participant}", parties["Vexel Systems"], "{person}", w.coraID, "{org}", w.vexel, "{seq}", "1")
		tried := 0
		for _, r := range door(t).Routes() {
			path := pathValue.ReplaceAllString(values.Replace(r.Path), "nothing")
			if strings.HasSuffix(path, "{$}") || path == api.SpecPath || r.Access == gate.Anybody {
				continue
			}
			tried++
			head := header{"If-Match": `"1"`}
			if got := w.call("", r.Method, path, object{}, head); got.status != 401 {
				t.Errorf("%s %s without an account: %d, want 401: %s", r.Method, path, got.status, got.raw)
			}
			if r.Access != gate.Operators && r.Access != gate.Coordinators {
				continue
			}
			if got := w.call(w.otto, r.Method, path, object{}, head); got.status != 403 {
				t.Errorf("%s %s for a member: %d, want 403: %s", r.Method, path, got.status, got.raw)
			}
		}
		if tried < 90 {
			t.Errorf("only %d addresses were tried", tried)
		}
	})
}

// TestACaseOfOthersIsNotThere holds that the case's addresses answer an
// outsider as they answer for a case that does not exist.
func TestACaseOfOthersIsNotThere(t *testing.T) {
	each(t, func(w *world) {
		id, parties := w.openCase(true)
		there := strings.NewReplacer("{case}", id, "{participant}", parties["Vexel Systems"])
		not := strings.NewReplacer("{case}", "case_00000000000000000000000000", "{participant}", "par_00000000000000000000000000")
		tried := 0
		for _, r := range door(t).Routes() {
			if r.Method != http.MethodGet || !strings.HasPrefix(r.Path, "/api/v1/cases/{case}") {
				continue
			}
			tried++
			a := w.call(w.otto, "GET", pathValue.ReplaceAllString(there.Replace(r.Path), "nothing"), nil)
			b := w.call(w.otto, "GET", pathValue.ReplaceAllString(not.Replace(r.Path), "nothing"), nil)
			if a.status != 404 || string(a.raw) != string(b.raw) {
				t.Errorf("%s: a case of others answers %d %s, none at all %d %s", r.Path, a.status, a.raw, b.status, b.raw)
			}
		}
		if tried < 15 {
			t.Errorf("only %d addresses were tried", tried)
		}
	})
}

func TestTheIndexLoadsNothing(t *testing.T) {
	each(t, func(w *world) {
		r := w.must(200, "", "GET", "/api/", nil)
		page := string(r.raw)
		if strings.Contains(page, "<script") || strings.Contains(page, "src=") || strings.Contains(page, "<style") || strings.Contains(page, "http://") || strings.Contains(page, "https://") {
			t.Error("the list of addresses loads something")
		}
		if !strings.Contains(page, "/api/v1/cases/{case}/matrix") || !strings.Contains(page, `id="stale"`) {
			t.Error("the list of addresses lacks addresses or problems")
		}
		if len(page) > 100<<10 {
			t.Errorf("the list of addresses weighs %d bytes", len(page))
		}
	})
}
