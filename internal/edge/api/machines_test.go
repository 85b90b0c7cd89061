package api_test

import (
	"fmt"
	"reflect"
	"testing"

	"tocsin/internal/kernel/db"
	"tocsin/spec/mpcvd"
)

// walk tries every verb in every state of a machine over HTTP. put places a
// fresh carrier into a state and gives its address; move asks for a verb;
// state reads the carrier's state back.
type walk[S ~string, V ~string] struct {
	w       *world
	machine mpcvd.Machine[S, V]
	put     func(S)
	move    func(V) reply
	state   func() S
}

func (k walk[S, V]) run() {
	k.w.Helper()
	allowed, refused := 0, 0
	for _, s := range k.machine.States() {
		for _, v := range k.machine.AllVerbs() {
			k.put(s)
			before := k.state()
			if before != s {
				k.w.Fatalf("the carrier stands at %q, not at %q", before, s)
			}
			r := k.move(v)
			next, ok := k.machine.Next(s, v)
			switch {
			case ok && (r.status != 200 || k.state() != next):
				k.w.Errorf("%s –%s→: answered %d and left %q, want 200 and %q: %s", s, v, r.status, k.state(), next, r.raw)
			case !ok && (r.status != 409 || k.state() != s):
				k.w.Errorf("%s –%s→ is no move: answered %d and left %q, want 409 and nothing changed: %s", s, v, r.status, k.state(), r.raw)
			}
			if ok {
				allowed++
			} else {
				refused++
			}
			if ok {
				// Once more from where it is now must be judged anew.
				again := k.move(v)
				if _, twice := k.machine.Next(next, v); !twice && again.status != 409 {
					k.w.Errorf("%s –%s→ twice: answered %d, want 409", s, v, again.status)
				}
			}
		}
	}
	if allowed == 0 || refused == 0 {
		k.w.Errorf("the walk tried %d moves and %d others", allowed, refused)
	}
}

// TestPartyMachines walks report management, consent and a vendor's progress
// through the API.
func TestPartyMachines(t *testing.T) {
	each(t, func(w *world) {
		id, parties := w.openCase(true)
		party := parties["Vexel Systems"]
		base := "/api/v1/cases/" + id + "/participants/" + party
		set := func(column, value string) {
			w.write(func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE participant SET `+column+` = $1 WHERE id = $2`, value, party)
				return err
			})
		}
		read := func(field string) string { return w.must(200, w.vera, "GET", base, nil).text(field) }
		walk[mpcvd.RM, mpcvd.RMVerb]{w: w, machine: mpcvd.Report,
			put: func(s mpcvd.RM) { set("report_state", string(s)) },
			move: func(v mpcvd.RMVerb) reply {
				return w.call(w.vera, "POST", base+"/report-state", object{"move": v, "reason": "so"})
			},
			state: func() mpcvd.RM { return mpcvd.RM(read("report_state")) }}.run()
		walk[mpcvd.VendorState, mpcvd.Event]{w: w, machine: mpcvd.VendorProgress,
			put:   func(s mpcvd.VendorState) { set("vendor_state", string(s)) },
			move:  func(v mpcvd.Event) reply { return w.call(w.vera, "POST", base+"/progress", object{"move": v}) },
			state: func() mpcvd.VendorState { return mpcvd.VendorState(read("vendor_state")) }}.run()
	})
}

// TestConsentMachine walks a participant's embargo consent. Declining ends
// the participation, so that each move starts from a party of its own.
func TestConsentMachine(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.openCase(false)
		var base, party string
		serial := 0
		walk[mpcvd.PEC, mpcvd.PECVerb]{w: w, machine: mpcvd.Consent,
			put: func(s mpcvd.PEC) {
				serial++
				org, _ := w.member(fmt.Sprintf("Walker %d", serial), fmt.Sprintf("w%d@walker.example", serial), "Walker")
				list := w.must(201, w.cora, "POST", "/api/v1/cases/"+id+"/participants", object{"reason": "walk", "targets": []object{{"kind": "org", "id": org, "name": "Walker", "role": "vendor"}}})
				party = list.items()[0]["id"].(string)
				base = "/api/v1/cases/" + id + "/participants/" + party
				w.write(func(tx *db.Tx) error {
					_, err := tx.Exec(`UPDATE participant SET consent = $1, accepted_at = invited_at WHERE id = $2`, string(s), party)
					return err
				})
			},
			move: func(v mpcvd.PECVerb) reply {
				return w.call(w.cora, "POST", base+"/consent", object{"move": v, "reason": "as agreed"})
			},
			state: func() mpcvd.PEC { return mpcvd.PEC(w.must(200, w.cora, "GET", base, nil).text("consent")) }}.run()
	})
}

// TestExposureMachine walks what the public knows.
func TestExposureMachine(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.openCase(true)
		walk[mpcvd.PublicState, mpcvd.Event]{w: w, machine: mpcvd.Exposure,
			put: func(s mpcvd.PublicState) {
				w.write(func(tx *db.Tx) error {
					_, err := tx.Exec(`UPDATE cases SET public_state = $1 WHERE id = $2`, string(s), id)
					return err
				})
			},
			move: func(v mpcvd.Event) reply {
				return w.call(w.vera, "POST", "/api/v1/cases/"+id+"/exposure", object{"event": v})
			},
			state: func() mpcvd.PublicState {
				return mpcvd.PublicState(w.must(200, w.cora, "GET", "/api/v1/cases/"+id, nil).text("public_state"))
			}}.run()
	})
}

// TestNothingElseMoves holds that a refused move leaves every field as it
// was, not only the state.
func TestNothingElseMoves(t *testing.T) {
	each(t, func(w *world) {
		id, parties := w.openCase(true)
		base := "/api/v1/cases/" + id + "/participants/" + parties["Vexel Systems"]
		before := w.must(200, w.cora, "GET", base, nil).body
		events := len(w.must(200, w.cora, "GET", "/api/v1/cases/"+id+"/timeline?limit=200", nil).items())
		for _, c := range []struct{ token, path, move string }{
			{w.vera, "report-state", "accept"}, {w.vera, "progress", "D"}, {w.vera, "report-state", "nonsense"}, {w.willem, "report-state", "receive"}, {w.otto, "report-state", "receive"},
		} {
			if r := w.call(c.token, "POST", base+"/"+c.path, object{"move": c.move}); r.status < 400 {
				t.Errorf("%s %s was let through: %s", c.path, c.move, r.raw)
			}
		}
		if after := w.must(200, w.cora, "GET", base, nil).body; !reflect.DeepEqual(before, after) {
			t.Errorf("refused moves changed the party:\n%v\n%v", before, after)
		}
		if n := len(w.must(200, w.cora, "GET", "/api/v1/cases/"+id+"/timeline?limit=200", nil).items()); n != events {
			t.Errorf("refused moves left %d events", n-events)
		}
	})
}

// TestEmbargoMachine drives the embargo through each of its moves, and tries
// every other verb in every state, by what the API offers for each verb.
func TestEmbargoMachine(t *testing.T) {
	each(t, func(w *world) {
		for _, s := range mpcvd.Embargo.States() {
			for _, v := range mpcvd.Embargo.AllVerbs() {
				id, open := w.embargoAt(s)
				base := "/api/v1/cases/" + id
				state := func() string { return w.must(200, w.cora, "GET", base, nil).text("embargo_state") }
				var r reply
				switch v {
				case mpcvd.EMPropose:
					r = w.call(w.cora, "POST", base+"/embargo/proposals", object{"ends_at": w.in(20), "reason": "so"})
				case mpcvd.EMAccept:
					r = w.call(w.cora, "POST", base+"/embargo/proposals/"+open+"/decide", object{"accept": true, "reason": "so"})
				case mpcvd.EMReject:
					r = w.call(w.cora, "POST", base+"/embargo/proposals/"+open+"/decide", object{"accept": false, "reason": "no"})
				case mpcvd.EMTerminate:
					r = w.call(w.cora, "POST", base+"/embargo/terminate", object{"reason": "so"})
				default:
					t.Fatalf("no address for the verb %q", v)
				}
				next, ok := mpcvd.Embargo.Next(s, v)
				if !ok {
					next = s
				}
				if (r.status < 300) != ok || !ok && r.status != 409 && r.status != 404 || state() != string(next) {
					t.Errorf("%s –%s→: answered %d and left %q, want moved=%v and %q: %s", s, v, r.status, state(), ok, next, r.raw)
				}
			}
		}
	})
}

// in is an instant some days from now.
func (w *world) in(days int) string {
	return w.clock.Now().AddDate(0, 0, days).UTC().Format("2006-01-02T15:04:05Z")
}

// embargoAt opens a case and brings its embargo to a state by the API alone;
// open is a proposal that can, or could once, be decided.
func (w *world) embargoAt(s mpcvd.EM) (id, open string) {
	w.Helper()
	id = w.must(201, w.cora, "POST", "/api/v1/cases", object{"title": "Walk", "tlp": "TLP:AMBER"}).text("id")
	base := "/api/v1/cases/" + id + "/embargo"
	propose := func(days int) string {
		return w.must(201, w.cora, "POST", base+"/proposals", object{"ends_at": w.in(days), "reason": "so"}).text("id")
	}
	decide := func(p string) {
		w.must(200, w.cora, "POST", base+"/proposals/"+p+"/decide", object{"accept": true, "reason": "so"})
	}
	switch s {
	case mpcvd.EMNone:
		return id, "emb_none"
	case mpcvd.EMProposed:
		return id, propose(10)
	case mpcvd.EMActive:
		p := propose(10)
		decide(p)
		return id, p
	case mpcvd.EMRevise:
		decide(propose(10))
		return id, propose(30)
	case mpcvd.EMExited:
		p := propose(10)
		decide(p)
		w.must(200, w.cora, "POST", base+"/terminate", object{"reason": "so"})
		return id, p
	}
	w.Fatalf("no way to %q", s)
	return "", ""
}
