package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestContactsBehindTheAPI keeps contacts, asks who is on call, and calls, by
// the same verbs as the portal's.
func TestContactsBehindTheAPI(t *testing.T) {
	each(t, func(w *world) {
		must := func(status int, r reply) reply {
			t.Helper()
			if r.status != status {
				t.Fatalf("status %d, want %d: %s", r.status, status, r.raw)
			}
			return r
		}
		org := "/api/v1/organizations/" + w.vexel
		desk := must(201, w.call(w.vera, "POST", org+"/contacts", object{"kind": "duty desk", "name": "Desk", "mail": "desk@vexel.example", "phone": "+43 1 23456701", "time_zone": "Europe/Vienna", "hours": object{"from": "09:00", "to": "17:00", "days": []string{"Mon"}}, "quiet": object{"from": "22:00", "to": "06:00"}}))
		contact := "/api/v1/contacts/" + desk.text("id")
		for what, r := range map[string]reply{
			"no way":      w.call(w.vera, "POST", org+"/contacts", object{"kind": "legal", "name": "Law"}),
			"bad phone":   w.call(w.vera, "POST", org+"/contacts", object{"kind": "legal", "name": "Law", "phone": "0123"}),
			"bad key":     w.call(w.vera, "POST", org+"/contacts", object{"kind": "legal", "name": "Law", "mail": "a@b.example", "pgp_key": "none"}),
			"no question": w.call(w.vera, "GET", "/api/v1/contacts/who", nil),
			"bad form":    w.call(w.vera, "GET", "/api/v1/contact-exports/xml", nil),
		} {
			if r.status != 422 {
				t.Errorf("%s: %d %s", what, r.status, r.raw)
			}
		}
		must(403, w.call(w.willem, "POST", org+"/contacts", object{"kind": "legal", "name": "Law", "mail": "a@b.example"}))
		must(404, w.call(w.willem, "GET", contact, nil))
		must(403, w.call(w.token(w.veraID, "read"), "PUT", contact, object{"kind": "duty desk", "name": "Desk", "mail": "x@vexel.example"}, header{"If-Match": `"1"`}))
		must(200, w.call(w.vera, "GET", contact, nil))
		if n := len(must(200, w.call(w.cora, "GET", contact+"/glances", nil)).items()); n != 1 {
			t.Errorf("%d looks", n)
		}
		must(428, w.call(w.vera, "PUT", contact, object{"kind": "duty desk", "name": "Desk", "mail": "x@vexel.example"}))
		must(200, w.call(w.vera, "POST", contact+"/confirm", object{"version": 1}))
		must(412, w.call(w.vera, "PUT", contact, object{"kind": "duty desk", "name": "Desk", "mail": "x@vexel.example"}, header{"If-Match": `"1"`}))
		if got := must(200, w.call(w.cora, "GET", "/api/v1/contacts?q=desk", nil)).items(); len(got) != 1 || strings.Contains(fmt.Sprint(got), "@vexel") {
			t.Errorf("the directory: %v", got)
		}
		if got := must(200, w.call(w.willem, "GET", "/api/v1/contacts", nil)).items(); len(got) != 0 {
			t.Errorf("strangers find %v", got)
		}

		rota := must(201, w.call(w.vera, "POST", org+"/rotations", object{"name": "Duty", "layers": []object{{"name": "main", "zone": "Europe/Vienna", "start": "2026-01-05T09:00", "every": object{"weeks": 1}, "members": []string{desk.text("id")}}}}))
		rotation := "/api/v1/rotations/" + rota.text("id")
		must(422, w.call(w.vera, "POST", org+"/rotations", object{"name": "Duty", "layers": []object{{"name": "main", "zone": "Mars", "start": "2026-01-05T09:00", "every": object{"weeks": 1}, "members": []string{desk.text("id")}}}}))
		until := w.clock.Now().Add(time.Hour).Format(time.RFC3339)
		over := must(201, w.call(w.vera, "POST", rotation+"/overrides", object{"to": until, "reason": "moving"}))
		if cal := must(200, w.call(w.vera, "GET", rotation+"/calendar", nil)); len(cal.body["gaps"].([]any)) != 1 {
			t.Errorf("calendar %s", cal.raw)
		}
		must(204, w.call(w.vera, "DELETE", rotation+"/overrides/"+over.text("id"), nil))
		must(404, w.call(w.willem, "GET", rotation+"/calendar", nil))
		who := must(200, w.call(w.cora, "GET", "/api/v1/contacts/who?q=Vexel+Systems", nil))
		if first := who.body["callees"].([]any)[0].(map[string]any); first["on_call"] != true || first["contact"].(map[string]any)["phone"] != "+43123456701" {
			t.Errorf("who: %s", who.raw)
		}
		must(409, w.call(w.vera, "DELETE", contact+"?version=2", nil))

		lad := must(201, w.call(w.vera, "POST", org+"/ladders", object{"name": "Wake us", "ladder": object{"steps": []object{{"whom": object{"kind": "rotation", "id": rota.text("id")}, "channel": "phone", "wait": 15}}}}))
		ladder := "/api/v1/ladders/" + lad.text("id")
		if plan := must(200, w.call(w.cora, "GET", ladder+"/plan?urgency=emergency", nil)); len(plan.body["calls"].([]any)) != 1 {
			t.Errorf("plan %s", plan.raw)
		}
		must(403, w.call(w.vera, "POST", org+"/tests", object{}))
		test := must(201, w.call(w.cora, "POST", org+"/tests", object{"urgency": "emergency"}))
		must(409, w.call(w.cora, "POST", org+"/tests", object{}))
		must(404, w.call(w.willem, "GET", "/api/v1/calls/"+test.text("id"), nil))
		must(200, w.call(w.vera, "POST", "/api/v1/calls/"+test.text("id")+"/take", nil))
		if got := must(200, w.call(w.cora, "GET", "/api/v1/calls?test=true&org="+w.vexel, nil)).items(); len(got) != 1 || got[0]["state"] != "answered" {
			t.Errorf("tests: %v", got)
		}
		call := must(201, w.call(w.cora, "POST", org+"/calls", object{"urgency": "emergency", "about": "exploited"}))
		page := call.body["pages"].([]any)[0].(map[string]any)
		must(422, w.call(w.cora, "POST", "/api/v1/calls/"+call.text("id")+"/pages/"+page["id"].(string), object{}))
		call = must(200, w.call(w.cora, "POST", "/api/v1/calls/"+call.text("id")+"/pages/"+page["id"].(string), object{"answered": true, "note": "has it"}))
		if call.text("state") != "answered" {
			t.Errorf("call %s", call.raw)
		}
		must(409, w.call(w.cora, "POST", "/api/v1/calls/"+call.text("id")+"/stop", object{}))

		card := must(200, w.call(w.cora, "GET", "/api/v1/contact-exports/vcard", nil))
		if !strings.Contains(string(card.raw), "TEL;VALUE=uri;TYPE=work:tel:+43123456701\r\n") {
			t.Errorf("vcard %s", card.raw)
		}
		if table := must(200, w.call(w.vera, "GET", "/api/v1/contact-exports/csv", nil)); !strings.Contains(string(table.raw), "TLP:AMBER+STRICT,Vexel Systems,duty desk,Desk") {
			t.Errorf("csv %s", table.raw)
		}
		must(403, w.call(w.vera, "GET", "/api/v1/contacts/troubles", nil))
		if got := must(200, w.call(w.cora, "GET", "/api/v1/contacts/troubles", nil)).items(); len(got) != 2 {
			t.Errorf("troubles %v", got)
		}
		must(204, w.call(w.vera, "DELETE", ladder+"?version=1", nil))
		must(204, w.call(w.vera, "DELETE", rotation+"?version=1", nil))
		must(409, w.call(w.vera, "DELETE", contact+"?version=1", nil))
		must(204, w.call(w.vera, "DELETE", contact+"?version=2", nil))
	})
}
