package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
	"tocsin/spec/ballot"
	spec "tocsin/spec/membership"
	"tocsin/spec/tlp"
)

// standingWorld is a program with Vexel in it, whose admin is Vera, and a
// second coordinator.
type standingWorld struct {
	*world
	program, dora string // dora is a token
	members       int
}

func standingOf(w *world) *standingWorld {
	s := &standingWorld{world: w}
	w.write(func(tx *db.Tx) error {
		boss, err := people.ActorOf(tx, w.coraID)
		if err != nil {
			return err
		}
		p, err := programs.Create(tx, boss, programs.Program{Name: "Product Security", TLP: tlp.Green})
		if err != nil {
			return err
		}
		s.program = p.ID
		d, err := people.Add(tx, boss, "dora@alliance.example", "Dora")
		if err != nil {
			return err
		}
		if err := people.GrantRole(tx, boss, d.ID, "coordinator"); err != nil {
			return err
		}
		list, err := orgs.Of(tx, w.veraID)
		if err != nil {
			return err
		}
		list[0].Role = orgs.Admin
		if _, err := orgs.Change(tx, boss, list[0]); err != nil {
			return err
		}
		s.dora = d.ID
		return programs.Join(tx, boss, p.ID, w.vexel)
	})
	s.dora = w.token(s.dora)
	return s
}

// newMember is the Ref of a further member of the program, and its admin's
// token.
func (s *standingWorld) newMember() (ref, admin string) {
	s.members++
	org, person := s.member(fmt.Sprintf("Member %d", s.members), fmt.Sprintf("m%d@member.example", s.members), "Member")
	s.write(func(tx *db.Tx) error {
		boss, err := people.ActorOf(tx, s.coraID)
		if err != nil {
			return err
		}
		list, err := orgs.Of(tx, person)
		if err != nil {
			return err
		}
		list[0].Role = orgs.Admin
		if _, err := orgs.Change(tx, boss, list[0]); err != nil {
			return err
		}
		return programs.Join(tx, boss, s.program, org)
	})
	return s.program + "." + org, s.token(person)
}

func (s *standingWorld) state(ref string) (string, []map[string]any) {
	r := s.must(200, s.cora, "GET", "/api/v1/memberships/"+ref, nil)
	var list []map[string]any
	for _, x := range r.body["sanctions"].([]any) {
		list = append(list, x.(map[string]any))
	}
	return r.text("sanction"), list
}

// decide lets the board decide on a motion as drafted.
func (s *standingWorld) decide(number string, to ballot.State) {
	s.write(func(tx *db.Tx) error {
		boss, err := people.ActorOf(tx, s.coraID)
		if err != nil {
			return err
		}
		m, err := board.Get(tx, boss, number)
		if err != nil {
			return err
		}
		m.State = to
		return membership.Sanctioned(tx, m)
	})
}

// try makes one move of the sanctions' machine and answers the status that
// refused it, or 200.
func (s *standingWorld) try(ref string, v spec.SanctionVerb) int {
	at := "/api/v1/memberships/" + ref
	switch v {
	case spec.Warn, spec.Reduce:
		return s.call(s.cora, "POST", at+"/"+string(v), object{"reason": "Two leaks."}).status
	case spec.Suspend, spec.Remove:
		r := s.call(s.cora, "POST", at+"/motions", object{"kind": string(v), "reason": "Two leaks."})
		if r.status != http.StatusCreated {
			return r.status
		}
		s.decide(r.text("number"), ballot.Carried)
	case spec.Restore:
		_, list := s.state(ref)
		for _, p := range list {
			if p["followed_by"] != nil || p["ended_at"] != nil {
				continue
			}
			of := "/api/v1/sanctions/" + p["id"].(string)
			if r := s.call(s.dora, "POST", of+"/lift", object{"reason": "Enough."}); r.status != http.StatusForbidden {
				return r.status
			}
			r := s.call(s.cora, "POST", of+"/motions", object{})
			if r.status != http.StatusCreated {
				return r.status
			}
			s.decide(r.text("number"), ballot.Carried)
			return 200
		}
		return http.StatusConflict
	}
	return 200
}

// TestSanctionMachine tries every sanction in every state through the API. End
// and readmit are the clock's; a membership that has ended is not there.
func TestSanctionMachine(t *testing.T) {
	each(t, func(w *world) {
		s := standingOf(w)
		way := map[spec.SanctionState][]spec.SanctionVerb{spec.SanctionNone: nil, spec.SanctionWarned: {spec.Warn}, spec.SanctionReduced: {spec.Reduce}, spec.SanctionSuspended: {spec.Suspend}, spec.SanctionRemoved: {spec.Remove}}
		for from, verbs := range way {
			for _, v := range []spec.SanctionVerb{spec.Warn, spec.Reduce, spec.Suspend, spec.Remove, spec.Restore} {
				ref, _ := s.newMember()
				for _, x := range verbs {
					if got := s.try(ref, x); got != 200 {
						w.Fatalf("%s on the way to %s: %d", x, from, got)
					}
				}
				want, ok := spec.Sanction.Next(from, v)
				status := s.try(ref, v)
				got, _ := s.state(ref)
				if ok && (status != 200 || got != string(want)) || !ok && (status != 409 || got != string(from)) {
					w.Errorf("%s –%s→ answered %d and left %s; want allowed %v, %s", from, v, status, got, ok, want)
				}
			}
		}
		ref, admin := s.newMember()
		s.try(ref, spec.Remove)
		w.clock.Advance(15 * 24 * time.Hour)
		w.write(func(tx *db.Tx) error { _, err := membership.StandingTick(tx); return err })
		s.cora, s.dora = w.token(w.coraID), w.token(w.coraID)
		if got, _ := s.state(ref); got != string(spec.SanctionEnded) {
			w.Errorf("without an appeal: %s", got)
		}
		for _, v := range []spec.SanctionVerb{spec.Warn, spec.Reduce, spec.Suspend, spec.Remove} {
			if status := s.try(ref, v); status != 404 && status != 409 {
				w.Errorf("ended –%s→ answered %d", v, status)
			}
		}
		_ = admin
	})
}

// TestAppealMachine files and decides appeals in every state through the API.
func TestAppealMachine(t *testing.T) {
	each(t, func(w *world) {
		s := standingOf(w)
		for from, way := range map[spec.AppealState][]spec.AppealVerb{spec.AppealOpen: nil, spec.AppealFiled: {spec.File}, spec.AppealUpheld: {spec.File, spec.Uphold}, spec.AppealOverturned: {spec.File, spec.Overturn}} {
			for _, v := range []spec.AppealVerb{spec.File, spec.Uphold, spec.Overturn} {
				ref, admin := s.newMember()
				s.try(ref, spec.Reduce)
				_, list := s.state(ref)
				of := "/api/v1/sanctions/" + list[0]["id"].(string)
				move := func(v spec.AppealVerb) int {
					if v == spec.File {
						return s.call(admin, "POST", of+"/appeal", object{"plea": "It was not us."}).status
					}
					return s.call(s.dora, "POST", of+"/decide", object{"overturn": v == spec.Overturn, "reason": "So it is."}).status
				}
				for _, x := range way {
					if got := move(x); got != 200 {
						w.Fatalf("%s on the way to %s: %d", x, from, got)
					}
				}
				want, ok := spec.Appeal.Next(from, v)
				if !ok {
					want = from
				}
				status := move(v)
				_, list = s.state(ref)
				if got := list[0]["appeal"]; ok != (status == 200) || !ok && status != 409 || got != string(want) {
					w.Errorf("%s –%s→ answered %d and left %s; want allowed %v, %s", from, v, status, got, ok, want)
				}
			}
		}
	})
}

// TestRenewalMachine walks a renewal through a year: the API renews where the
// machine lets it, and the clock does the rest.
func TestRenewalMachine(t *testing.T) {
	each(t, func(w *world) {
		s := standingOf(w)
		start := w.clock.Now()
		ref := s.program + "." + w.vexel
		at := "/api/v1/memberships/" + ref
		until := func(days int) {
			for w.clock.Now().Before(start.Add(time.Duration(days) * 24 * time.Hour)) {
				w.clock.Advance(5 * 24 * time.Hour)
				w.write(func(tx *db.Tx) error { _, err := membership.StandingTick(tx); return err })
			}
			s.cora, s.vera, s.willem = w.token(w.coraID), w.token(w.veraID), w.token(w.willemID)
		}
		renewal := func() string { return s.must(200, s.cora, "GET", at, nil).text("renewal") }
		w.write(func(tx *db.Tx) error { _, err := membership.StandingTick(tx); return err })
		give := func() {
			s.must(403, s.vera, "POST", at+"/steps", object{"step": "fee", "note": "paid"})
			s.must(404, s.willem, "POST", at+"/steps", object{"step": "fee", "note": "paid"})
			s.must(422, s.cora, "POST", at+"/steps", object{"step": "contacts", "note": "x"})
			s.must(200, s.cora, "POST", at+"/steps", object{"step": "fee", "note": "paid"})
			w.write(func(tx *db.Tx) error {
				_, err := tx.Exec(`INSERT INTO contact (id, org_id, audience_id, tlp, kind, name, time_zone, confirmed_at, created_at, version) VALUES ('con_1', $1, '', 0, 'response', 'PSIRT', 'UTC', $2, $2, 1) ON CONFLICT (id) DO UPDATE SET confirmed_at = excluded.confirmed_at`, w.vexel, db.Micros(tx.Now))
				return err
			})
		}
		if renewal() != "current" {
			w.Fatalf("at first %s", renewal())
		}
		s.must(409, s.vera, "POST", at+"/renew", nil)
		for i, day := range []int{300, 375, 420} {
			want := []string{"asked", "lapsed", "suspended"}[i]
			until(day)
			if got := renewal(); got != want {
				w.Fatalf("after %d days %s, want %s", day, got, want)
			}
			s.must(409, s.vera, "POST", at+"/renew", nil) // something is missing
			give()
			s.must(404, s.willem, "POST", at+"/renew", nil)
			s.must(200, s.vera, "POST", at+"/renew", nil)
			if got := renewal(); got != "current" {
				w.Fatalf("renewed from %s: %s", want, got)
			}
			r := s.must(200, s.cora, "GET", at, nil)
			due, err := time.Parse(time.RFC3339, r.text("due"))
			if err != nil {
				w.Fatal(err)
			}
			start = due.Add(-365 * 24 * time.Hour)
		}
	})
}

// TestMembershipLists says who finds what.
func TestMembershipLists(t *testing.T) {
	each(t, func(w *world) {
		s := standingOf(w)
		ref, admin := s.newMember()
		s.try(ref, spec.Warn)
		for token, want := range map[string]int{w.cora: 2, w.vera: 1, admin: 1, w.otto: 0} {
			if got := len(w.must(200, token, "GET", "/api/v1/memberships", nil).items()); got != want {
				w.Errorf("%d memberships, want %d", got, want)
			}
		}
		for q, want := range map[string]int{"?standing=warned": 1, "?standing=good": 1, "?program=" + s.program: 2, "?program=alliance": 0, "?renewing=true": 0, "?q=vexel": 1, "?sort=due": 2, "?sort=due&desc=true": 2, "?limit=1": 1} {
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
		w.must(404, w.willem, "GET", "/api/v1/memberships/"+s.program+".org_none", nil)
		w.must(403, w.vera, "GET", "/api/v1/memberships/"+s.program+"."+w.vexel+"/consequence?kind=suspend", nil)
		r := w.must(200, w.cora, "GET", "/api/v1/memberships/"+ref+"/consequence?kind=reduce", nil)
		if r.body["people"] != 1.0 || r.text("standing") != "reduced" {
			w.Errorf("foreseen: %s", r.raw)
		}
		if r := w.must(200, w.cora, "GET", "/api/v1/memberships.csv", nil); strings.Count(string(r.raw), "\n") != 3 {
			w.Errorf("as CSV: %s", r.raw)
		}
	})
}
