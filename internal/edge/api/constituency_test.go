package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/db"
)

// nameServer answers what it is told.
type nameServer map[string][]string

func (s nameServer) LookupTXT(_ context.Context, name string) ([]string, error) { return s[name], nil }

// TestConstituency declares, proves, disputes, settles and asks, as a member
// and two coordinators would by the API.
func TestConstituency(t *testing.T) {
	each(t, func(w *world) {
		names := nameServer{}
		w.house.Names = names
		w.write(func(tx *db.Tx) error {
			boss, err := people.ActorOf(tx, w.coraID)
			if err != nil {
				return err
			}
			// Vera and Willem speak for their firms.
			for _, person := range []string{w.veraID, w.willemID} {
				list, err := orgs.Of(tx, person)
				if err != nil {
					return err
				}
				list[0].Role = orgs.Admin
				if _, err := orgs.Change(tx, boss, list[0]); err != nil {
					return err
				}
			}
			return nil
		})
		do := func(token, method, path string, body any, want int) reply {
			t.Helper()
			r := w.call(token, method, "/api/v1"+path, body, nil)
			if r.status != want {
				t.Fatalf("%s %s: %d, want %d: %s", method, path, r.status, want, r.raw)
			}
			return r
		}
		claim := do(w.vera, "POST", "/organizations/"+w.vexel+"/claims", object{"kind": "domain", "value": "Vexel.COM"}, http.StatusCreated)
		path := "/constituency/claims/" + claim.text("id")
		do(w.vera, "POST", "/organizations/"+w.vexel+"/claims", object{"kind": "prefix", "value": "10.0.0.0/8"}, 422)
		do(w.vera, "POST", "/organizations/"+w.wharf+"/claims", object{"kind": "asn", "value": "3333"}, 403)
		do(w.willem, "GET", path, nil, 404)
		r := do(w.vera, "POST", path+"/challenge", object{"method": "dns"}, 200)
		ch := r.body["inside"].(map[string]any)["challenge"].(map[string]any)
		w.clock.Advance(time.Minute)
		if r = do(w.vera, "POST", path+"/check", nil, 200); r.text("state") != "proving" {
			t.Errorf("without a record: %s", r.raw)
		}
		names[ch["record"].(string)+"."] = []string{ch["text"].(string)}
		do(w.vera, "POST", path+"/check", nil, 429)
		w.clock.Advance(time.Minute)
		do(w.willem, "POST", path+"/check", nil, 404)
		for range 2 { // asked again after the answer was lost
			if r = do(w.vera, "POST", path+"/check", nil, 200); r.text("state") != "proven" || r.text("method") != "dns" {
				t.Errorf("with the record: %s", r.raw)
			}
		}
		if r = do(w.vera, "GET", "/constituency/answers?question=https://www.vexel.com/login", nil, 200); len(r.body["claims"].([]any)) != 1 {
			t.Errorf("%s", r.raw)
		}
		do(w.vera, "GET", "/constituency/answers?question=%3F%3F", nil, 422)

		r = do(w.willem, "POST", "/organizations/"+w.wharf+"/claims/import", object{"sheet": "kind,value\ndomain,mail.vexel.com\nasn,3333\n"}, 200)
		if r.body["declared"] != 2.0 {
			t.Errorf("%s", r.raw)
		}
		list := do(w.cora, "GET", "/constituency/overlaps", nil, 200).items()
		if len(list) != 1 {
			t.Fatalf("%v", list)
		}
		overlap := list[0]
		where := "/constituency/overlaps/" + overlap["id"].(string)
		do(w.willem, "GET", where, nil, 404) // no program shows him the other's claim
		do(w.cora, "POST", where+"/settle", object{"decision": "split", "reason": "x", "version": 7}, 409)
		do(w.cora, "POST", where+"/settle", object{"decision": "one", "owner": claim.text("id"), "reason": "Hosted there once.", "version": 1}, 200)
		list = do(w.willem, "GET", "/constituency/claims?all=true&state=refused", nil, 200).items()
		if len(list) != 1 || list[0]["reason"] != "Hosted there once." {
			t.Errorf("%v", list)
		}
		csv := do(w.willem, "GET", "/constituency/claims.csv?all=true", nil, 200)
		if s := string(csv.raw); strings.Count(s, "\n") != 3 || strings.Contains(s, "Vexel") {
			t.Errorf("%s", s)
		}
		do("", "GET", "/constituency/links/nonsense-of-enough-length", nil, 404)
	})
}
