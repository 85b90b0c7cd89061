package api_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/kernel/db"
)

// seat gives a person a seat by the API.
func (w *world) seat(org, person, substitute string) string {
	w.Helper()
	return w.must(201, w.cora, "POST", "/api/v1/board/seats", object{"org_id": org, "person_id": person, "substitute_id": substitute}).text("id")
}

func (w *world) motionOf(in object) string {
	w.Helper()
	m := w.must(201, w.cora, "POST", "/api/v1/board/motions", in)
	path := "/api/v1/board/motions/" + m.text("number")
	w.must(200, w.cora, "POST", path+"/open", object{"version": 1})
	return path
}

func (w *world) tick() {
	w.write(func(tx *db.Tx) error { _, err := w.house.Board().Tick(tx); return err })
}

// What goes wrong with ballots, by the API: a tie, votes at the deadline, a
// recused, a replaced and a suspended voter, a quorum lost by a removal.
func TestBallotsThatGoWrong(t *testing.T) {
	each(t, func(w *world) {
		first, second := w.seat(w.vexel, w.veraID, ""), w.seat(w.wharf, w.willemID, "")
		tie := w.motionOf(object{"kind": "spend", "title": "A tie"})
		lost := w.motionOf(object{"kind": "spend", "title": "No quorum", "quorum": "2/2"})
		about := w.motionOf(object{"kind": "suspend", "title": "About Vexel", "object_kind": "org", "object_id": w.vexel})
		w.must(200, w.vera, "POST", tie+"/vote", object{"choice": "yes"})
		w.must(200, w.willem, "POST", tie+"/vote", object{"choice": "no"})
		w.must(422, w.vera, "POST", lost+"/vote", object{"choice": "perhaps"})
		w.must(200, w.vera, "POST", lost+"/vote", object{"choice": "yes"})
		w.must(200, w.willem, "POST", lost+"/vote", object{"choice": "yes"})
		w.must(403, w.vera, "POST", about+"/vote", object{"choice": "no"})
		w.must(403, w.vera, "POST", about+"/recuse", object{"seat_id": second, "reason": "Theirs."})
		w.must(409, w.vera, "POST", about+"/recuse", object{"seat_id": first, "reason": "Ours."})
		w.must(404, w.otto, "POST", about+"/vote", object{"choice": "no"})
		w.must(200, w.cora, "POST", "/api/v1/board/seats/"+second+"/end", object{"reason": "Replaced."})
		w.must(409, w.cora, "POST", "/api/v1/board/seats/"+second+"/end", object{"reason": "Replaced."})
		w.must(404, w.willem, "POST", tie+"/vote", object{"choice": "yes"})

		// At the deadline itself nothing is taken, before the clock's round
		// as after it.
		w.clock.Advance(7 * 24 * time.Hour)
		vera := w.token(w.veraID)
		w.must(409, vera, "POST", tie+"/vote", object{"choice": "no"})
		w.tick()
		w.must(409, vera, "POST", tie+"/vote", object{"choice": "no"})
		for path, want := range map[string]string{tie: `"state":"carried"`, lost: `"state":"void"`, about: `"state":"void"`} {
			if got := w.must(200, vera, "GET", path, nil).raw; !strings.Contains(string(got), want) {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
	})
}

// One executive alone cannot have a member removed in a minute.
func TestABallotThatBindsTakesItsTime(t *testing.T) {
	each(t, func(w *world) {
		w.seat(w.vexel, w.veraID, "")
		w.seat(w.wharf, w.willemID, "")
		soon := w.clock.Now().Add(time.Minute).Format(time.RFC3339)
		for _, in := range []object{{"quorum": "1/100"}, {"deadline": soon}} {
			in["kind"], in["title"], in["object_kind"], in["object_id"] = "remove", "Remove Wharf", "org", w.wharf
			path := "/api/v1/board/motions/" + w.must(201, w.vera, "POST", "/api/v1/board/motions", in).text("number")
			w.must(409, w.vera, "POST", path+"/open", object{"version": 1})
			if got := w.must(200, w.vera, "GET", path, nil).text("state"); got != "draft" {
				t.Errorf("refused, the motion is %s", got)
			}
		}
		w.motionOf(object{"kind": "remove", "title": "Remove Wharf", "object_kind": "org", "object_id": w.wharf, "quorum": "1/1", "deadline": soon})
	})
}

// With as many for as against, a motion fails.
func TestATieFails(t *testing.T) {
	each(t, func(w *world) {
		w.seat(w.vexel, w.veraID, "")
		w.seat(w.wharf, w.willemID, "")
		path := w.motionOf(object{"kind": "spend", "title": "A tie", "majority": "1/2", "early": true})
		w.must(200, w.vera, "POST", path+"/vote", object{"choice": "yes"})
		w.must(200, w.willem, "POST", path+"/vote", object{"choice": "no"})
		if got := w.must(200, w.vera, "GET", path, nil).raw; !strings.Contains(string(got), `"state":"failed"`) || !strings.Contains(string(got), "a tie") {
			t.Errorf("%s", got)
		}
	})
}

// The digest that a key keeps is keyed: two servers, or two keys of one
// sender, keep other ones for one and the same vote.
func TestKeptDigestsTellNothing(t *testing.T) {
	each(t, func(w *world) {
		w.seat(w.vexel, w.veraID, "")
		path := w.motionOf(object{"kind": "spend", "title": "Sealed", "sealed": true})
		for _, key := range []string{"one", "two"} {
			w.must(200, w.vera, "POST", path+"/vote", object{"choice": "yes"}, header{"Idempotency-Key": key})
		}
		var kept []string
		w.write(func(tx *db.Tx) (err error) {
			kept, err = db.Column[string](tx, `SELECT request FROM idempotency ORDER BY at, key`)
			return err
		})
		if len(kept) != 2 || kept[0] == kept[1] {
			t.Errorf("one vote under two keys keeps %v", kept)
		}
	})
}

// The brief counts and names no case; who has no seat gets nothing.
func TestBriefNamesNoCase(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.openCase(true)
		number := w.must(200, w.cora, "GET", "/api/v1/cases/"+id, nil).text("number")
		_, boss := w.member("Fourth Works", "bea@fourth.example", "Bea")
		bea := w.token(boss)
		w.must(403, bea, "GET", "/api/v1/board/brief", nil)
		var org string
		w.write(func(tx *db.Tx) (err error) {
			org, err = db.Value[string](tx, `SELECT org_id FROM membership WHERE person_id = $1`, boss)
			return err
		})
		w.seat(org, boss, "")
		got := w.must(200, bea, "GET", "/api/v1/board/brief", nil)
		in := got.body["incidents"].(object)
		if in["green"].(float64) != 1 || in["opened"].(float64) != 1 || got.body["acknowledgment"].(object)["n"].(float64) != 2 {
			t.Errorf("the figures are %s", got.raw)
		}
		silence := got.body["silence"].(object)
		if silence["members"].(float64) != 2 || len(silence["named"].([]any)) != 0 {
			t.Errorf("who is no party reads of silence: %v", silence)
		}
		for _, told := range []string{id, number, "libexample", "Vexel"} {
			if bytes.Contains(got.raw, []byte(told)) {
				t.Errorf("the brief tells %s: %s", told, got.raw)
			}
		}
	})
}

// Rules put to the board are carried out as they were shown.
func TestRulesPutToTheBoard(t *testing.T) {
	each(t, func(w *world) {
		w.house.Effects = map[board.Kind]board.Effect{board.Rules: board.DecidedRules}
		w.seat(w.vexel, w.veraID, "")
		p := w.must(201, w.cora, "POST", "/api/v1/programs", object{"name": "Signal", "tlp": "TLP:GREEN"}).text("id")
		rules := "/api/v1/programs/" + p + "/rules"
		w.must(422, w.cora, "POST", rules+"/motion", object{"sponsors": 4})
		w.must(404, w.otto, "POST", rules+"/motion", object{"sponsors": 4, "version": 0})
		made := w.must(201, w.vera, "POST", rules+"/motion", object{"sponsors": 4, "reason": "Two are too few.", "version": 1})
		number := made.body["motion"].(object)["number"].(string)
		path := "/api/v1/board/motions/" + number
		if got := w.must(200, w.vera, "POST", path+"/preview", nil); got.body["rules"].(object)["sponsors"].(float64) != 4 {
			t.Errorf("it would do %s", got.raw)
		}
		w.must(404, w.otto, "POST", path+"/preview", nil)
		w.must(200, w.cora, "PATCH", path, object{"early": true}, header{"If-Match": `"1"`})
		w.must(200, w.cora, "POST", path+"/open", object{"version": 2})
		w.must(200, w.vera, "POST", path+"/vote", object{"choice": "yes"})
		if got := w.must(200, w.vera, "GET", path, nil); got.text("effect") != "done" {
			t.Errorf("carried: %s", got.raw)
		}
		if got := w.must(200, w.vera, "GET", rules, nil); got.body["sponsors"].(float64) != 4 {
			t.Errorf("the rules are %s", got.raw)
		}
		w.must(409, w.vera, "POST", path+"/preview", nil)
	})
}
