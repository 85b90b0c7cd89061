package api_test

import (
	"testing"

	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/db"
)

// TestAPartyWithoutANameBearsItsOwn invites by id alone.
func TestAPartyWithoutANameBearsItsOwn(t *testing.T) {
	each(t, func(w *world) {
		k := w.must(201, w.cora, "POST", "/api/v1/cases", object{"title": "Heap overflow", "tlp": "TLP:AMBER+STRICT"}).text("id")
		path := "/api/v1/cases/" + k + "/participants"
		var maintainer people.Person
		w.write(func(tx *db.Tx) error {
			boss, err := people.ActorOf(tx, w.coraID)
			if err == nil {
				maintainer, err = people.Add(tx, boss, "mia@maintainer.example", "Mia Maintainer")
			}
			return err
		})
		list := w.must(201, w.cora, "POST", path, object{"reason": "ships it", "targets": []object{
			{"kind": "org", "id": w.vexel, "role": "vendor"}, {"kind": "org", "id": w.wharf, "name": " ", "role": "vendor"},
			{"kind": "person", "id": maintainer.ID, "role": "other"}}}).items()
		own := w.must(200, w.cora, "GET", "/api/v1/organizations/"+w.wharf, nil).text("name")
		for i, want := range []string{"Vexel Systems", own, "Mia Maintainer"} {
			if len(list) != 3 || list[i]["name"] != want {
				t.Fatalf("the parties are %v; want the own name %s", list, want)
			}
		}
		for _, unknown := range []object{{"kind": "org", "id": "org_unknown", "role": "vendor"}, {"kind": "person", "id": w.vexel, "role": "other"},
			{"email": "psirt@new.example", "role": "vendor"}, {"kind": "org", "role": "vendor"}} {
			w.must(422, w.cora, "POST", path, object{"reason": "ships it", "targets": []object{unknown}})
		}
		if n := len(w.must(200, w.cora, "GET", path, nil).items()); n != 3 {
			t.Errorf("a refused wave left %d parties", n)
		}
	})
}
