package api_test

import (
	"testing"

	"tocsin/internal/alliance/board"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

// TestExceptions lists what the board let through, each reader as far as they
// may know, and has the board end it.
func TestExceptions(t *testing.T) {
	each(t, func(w *world) {
		seat := w.seat(w.vexel, w.veraID, "")
		if seat == "" {
			t.Fatal("no seat")
		}
		p := w.must(201, w.cora, "POST", "/api/v1/programs", object{"name": "Signal", "tlp": "TLP:GREEN"}).text("id")
		path := "/api/v1/programs/" + p + "/exceptions"
		w.must(200, w.cora, "PUT", "/api/v1/programs/"+p+"/rules", object{"shut_out": []string{"government"}}, header{"If-Match": `"1"`})
		made := w.must(201, w.cora, "POST", "/api/v1/cases", object{"title": "Overflow", "tlp": "TLP:AMBER+STRICT", "program": p})
		id, number := made.text("id"), made.text("number")
		w.write(func(tx *db.Tx) error {
			c, err := casework.ByID(tx, id)
			if err != nil {
				return err
			}
			return audience.Exempt(tx, c.Audience, audience.Party{Kind: audience.Org, ID: w.wharf}, "B-9: Let Wharf in")
		})
		ministry := w.must(201, w.cora, "POST", "/api/v1/organizations", object{"name": "Ministry", "class": "government", "listed": true}).text("id")
		ofCase := "/api/v1/cases/" + number + "/exceptions"
		w.must(409, w.cora, "POST", "/api/v1/cases/"+number+"/participants", object{"targets": []object{{"kind": "org", "id": ministry, "name": "Ministry", "role": "other"}}, "reason": "r"})
		asked := w.must(201, w.cora, "POST", ofCase, object{"organization_id": ministry, "reason": "It runs the network."})
		if asked.text("kind") != string(board.Exception) || asked.text("state") != "draft" || asked.body["object"].(object)["id"] != id {
			t.Errorf("the motion that asks for an exception is %s", asked.raw)
		}
		w.must(409, w.cora, "POST", ofCase, object{"organization_id": w.vexel, "reason": "r"})
		w.must(409, w.cora, "POST", ofCase, object{"organization_id": ministry, "reason": "r", "revoke": true})
		w.must(404, w.vera, "POST", ofCase, object{"organization_id": ministry, "reason": "r"})
		if got := w.must(200, w.cora, "GET", ofCase, nil); len(got.body["exceptions"].([]any)) != 1 || len(got.body["classes"].([]any)) != 1 {
			t.Errorf("the case's coordinators read %s", got.raw)
		}
		if got := w.must(200, w.cora, "GET", path, nil).items(); len(got) != 1 || got[0]["case"] != number || got[0]["reason"] != "Let Wharf in" || got[0]["motion"] != nil {
			t.Errorf("a coordinator reads %v", got)
		}
		got := w.must(200, w.vera, "GET", path, nil).items()
		if len(got) != 1 || got[0]["organization_id"] != w.wharf || got[0]["case"] != nil || got[0]["title"] != nil || got[0]["reason"] != nil {
			t.Errorf("an executive without the case reads %v", got)
		}
		w.must(404, w.otto, "GET", path, nil)
		ref := path + "/" + got[0]["ref"].(string) + "/motion"
		w.must(404, w.otto, "POST", ref, object{"reason": "x"})
		w.must(422, w.vera, "POST", ref, object{"reason": " "})
		w.must(404, w.vera, "POST", path+"/none/motion", object{"reason": "x"})
		m := w.must(201, w.vera, "POST", ref, object{"reason": "It is over."})
		if m.text("kind") != string(board.Exception) || m.body["proposal"].(object)["revoke"] != true || m.text("tlp") != tlp.AmberStrict.String() {
			t.Errorf("the motion is %s", m.raw)
		}
	})
}
