package api_test

import (
	"strings"
	"testing"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/tlp"
)

// admins makes a person of an organization its admin, and puts the
// organization into a program.
func (w *world) admins(tx *db.Tx, boss audience.Actor, person, program, org string) error {
	list, err := orgs.Of(tx, person)
	if err != nil {
		return err
	}
	list[0].Role = orgs.Admin
	if _, err := orgs.Change(tx, boss, list[0]); err != nil {
		return err
	}
	return programs.Join(tx, boss, program, org)
}

// TestMembershipLists says who finds what.
func TestMembershipLists(t *testing.T) {
	each(t, func(w *world) {
		var program string
		org, person := w.member("Member", "m@member.example", "Member")
		w.write(func(tx *db.Tx) error {
			boss, err := people.ActorOf(tx, w.coraID)
			if err != nil {
				return err
			}
			p, err := programs.Create(tx, boss, programs.Program{Name: "Product Security", TLP: tlp.Green})
			if err != nil {
				return err
			}
			program = p.ID
			if err := w.admins(tx, boss, w.veraID, program, w.vexel); err != nil {
				return err
			}
			return w.admins(tx, boss, person, program, org)
		})
		ref, admin := program+"."+org, w.token(person)
		w.must(200, w.cora, "POST", "/api/v1/memberships/"+ref+"/warn", object{"reason": "Two leaks."})
		for token, want := range map[string]int{w.cora: 2, w.vera: 1, admin: 1, w.otto: 0} {
			if got := len(w.must(200, token, "GET", "/api/v1/memberships", nil).items()); got != want {
				w.Errorf("%d memberships, want %d", got, want)
			}
		}
		for q, want := range map[string]int{"?standing=warned": 1, "?standing=good": 1, "?program=" + program: 2, "?program=alliance": 0, "?renewing=true": 0, "?q=vexel": 1, "?sort=due": 2, "?sort=due&desc=true": 2, "?limit=1": 1} {
			r := w.must(200, w.cora, "GET", "/api/v1/memberships"+q, nil)
			if got := len(r.items()); got != want {
				w.Errorf("%s: %d memberships, want %d", q, got, want)
			}
			if q == "?limit=1" {
				next := w.must(200, w.cora, "GET", "/api/v1/memberships?limit=1&cursor="+r.text("next"), nil)
				if got := next.items(); len(got) != 1 || got[0]["org"] == r.items()[0]["org"] || next.text("next") != "" {
					w.Errorf("the second page: %s", next.raw)
				}
			}
		}
		w.must(422, w.cora, "GET", "/api/v1/memberships?standing=nice", nil)
		w.must(404, w.willem, "GET", "/api/v1/memberships/"+ref, nil)
		w.must(404, w.willem, "GET", "/api/v1/memberships/"+program+".org_none", nil)
		w.must(403, w.vera, "GET", "/api/v1/memberships/"+program+"."+w.vexel+"/consequence?kind=suspend", nil)
		r := w.must(200, w.cora, "GET", "/api/v1/memberships/"+ref+"/consequence?kind=reduce", nil)
		if r.body["people"] != 1.0 || r.text("standing") != "reduced" {
			w.Errorf("foreseen: %s", r.raw)
		}
		if r := w.must(200, w.cora, "GET", "/api/v1/memberships.csv", nil); strings.Count(string(r.raw), "\n") != 3 {
			w.Errorf("as CSV: %s", r.raw)
		}
	})
}
