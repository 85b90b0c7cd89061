package api_test

import (
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/db"
)

// TestRoadmap writes a line, has two others clear it, and reads it as nobody.
func TestRoadmap(t *testing.T) {
	each(t, func(w *world) {
		w.write(func(tx *db.Tx) error {
			boss, err := people.ActorOf(tx, w.coraID)
			if err != nil {
				return err
			}
			for _, p := range []string{w.veraID, w.willemID} {
				if err := people.GrantRole(tx, boss, p, charter.Board); err != nil {
					return err
				}
			}
			return nil
		})
		public := func() int { return len(w.must(200, "", "GET", "/api/v1/roadmap", nil).items()) }
		w.must(403, w.otto, "POST", "/api/v1/roadmap/items", object{"kind": "plan", "title": "Mine"})
		w.must(422, w.cora, "POST", "/api/v1/roadmap/items", object{"kind": "number", "title": "A million cases"})
		i := w.must(201, w.cora, "POST", "/api/v1/roadmap/items", object{"kind": "plan", "title": "An exercise", "body": "For all."})
		path := "/api/v1/roadmap/items/" + i.text("id")
		w.must(403, w.cora, "POST", path+"/clear", object{"version": 1})
		w.must(404, w.otto, "GET", path, nil)
		// The executive's brief has what is public, and what waits for them.
		brief := func(token string, plans, waiting int) {
			t.Helper()
			got := w.must(200, token, "GET", "/api/v1/board/brief", nil).body["roadmap"].(object)
			if len(got["plans"].([]any)) != plans || got["waiting"].(float64) != float64(waiting) {
				t.Errorf("the brief says %v of the roadmap, want %d plans and %d to clear", got, plans, waiting)
			}
		}
		brief(w.vera, 0, 1)
		brief(w.cora, 0, 0)
		w.must(200, w.vera, "POST", path+"/clear", object{"version": 1})
		brief(w.vera, 0, 0)
		w.must(409, w.willem, "POST", path+"/clear", object{"version": 1}) // stale: it was cleared by one meanwhile
		if public() != 0 {
			t.Error("public after one clearance")
		}
		w.must(200, w.willem, "POST", path+"/clear", object{"version": 2})
		brief(w.vera, 1, 0)
		if public() != 1 {
			t.Error("not public after two clearances")
		}
		r := w.must(200, w.vera, "PATCH", path, object{"title": "Two exercises"}, header{"If-Match": `"3"`})
		if r.text("state") != "draft" || r.text("body") != "For all." || public() != 0 {
			t.Errorf("a changed line: %s", r.raw)
		}
		w.must(200, w.cora, "POST", path+"/withdraw", object{"reason": "Put off."})
		w.must(409, w.cora, "PATCH", path, object{"title": "x"}, header{"If-Match": `"5"`})
	})
}
