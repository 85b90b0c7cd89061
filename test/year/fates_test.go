package year_test

import (
	"strings"

	"tocsin/test/stage"
)

// fate is what becomes of one application, listed beforehand. A hook that is
// nil does what most do.
type fate struct {
	name, state string
	choices     string // of the founders: y, n, a (abstains), - (does not vote), x (is refused the vote)
	open        bool   // the ballot; else sealed
	begins      func(*world, *applicant) (goesOn bool)
	objected    func(*world, *applicant) // while members may object
	atBallot    func(*world, *applicant) // once the votes are cast
	enters      func(*world, *applicant)
}

// fates are the thirty, in three waves of ten.
var fates = []fate{
	{name: "Ash", state: "active", choices: "yyyyy"},
	{name: "Beech", state: "active", choices: "yyyyn", open: true},
	{name: "Chestnut", state: "active", choices: "yyyna"},
	{name: "Dogwood", state: "active", choices: "yyy--", open: true},
	{name: "Ironwood", state: "refused", choices: "yyynn"}, // three of five are less than two thirds
	{name: "Juniper", state: "refused", choices: "nnnnn", open: true},
	{name: "Maple", state: "refused", choices: "nnnyx", objected: objectionStands},
	{name: "Quince", state: "withdrawn", choices: "yy---", atBallot: withdraws},
	{name: "Spruce", state: "lapsed", begins: neverHandsIn},
	{name: "Ministry", begins: isShutOut},

	{name: "Ebony", state: "active", choices: "yyyyy"},
	{name: "Fir", state: "active", choices: "yyyyn", open: true},
	{name: "Katsura", state: "refused", choices: "ynnaa"},
	{name: "Larch", state: "refused", choices: "yynnx", objected: objectionSetAside}, // two against two is a tie
	{name: "Nutmeg", state: "active", choices: "yyyyx", objected: objectionSetAside, open: true},
	{name: "Oak", state: "active", choices: "xyyyy", begins: belongsToAFounder},
	{name: "Rowan", state: "withdrawn", begins: withdrawsEarly},
	{name: "Teak", state: "lapsed", choices: "yyyyy", enters: staysAway},
	{name: "Viburnum", state: "refused", begins: isNoApplication},
	{name: "Walnut", state: "active", choices: "yyyyy", begins: isSentBack},

	{name: "Ginkgo", state: "active", choices: "yyyyy"},
	{name: "Hazel", state: "active", choices: "yyyyy", open: true},
	{name: "Pine", state: "active", choices: "y----", atBallot: misses},
	{name: "Upas", state: "lapsed", begins: findsNoSponsor},
	{name: "Xylosma", state: "active", choices: "yyyxy", begins: sponsorsItself},
	{name: "Yew", state: "active", choices: "yyyyy", begins: waitsForTheThaw},
	{name: "Zelkova", state: "active", choices: "yyyyy", open: true},
	{name: "Acacia", state: "active", choices: "yyyya"},
	{name: "Balsa", state: "active", choices: "yyyyy"},
	{name: "Catalpa", state: "refused", choices: "nyyna", open: true},
}

// A member objects. Its seat is recused, whatever is found of its objection.
func objects(w *world, a *applicant, finding string) {
	w.Helper()
	last := w.founders[4]
	w.Must(201, last.Person, "POST", "/applications/"+a.id+"/objections", stage.Object{"org": last.org, "text": "They copied our patch notes.", "conflict": "We compete, and are in a dispute."})
	x := w.Must(200, w.cora, "GET", "/applications/"+a.id, nil).Body["objections"].([]any)[0].(stage.Object)
	w.step(200, a, "/objections/"+x["id"].(string)+"/answer", stage.Object{"answer": finding, "why": "Looked into."})
}

func objectionStands(w *world, a *applicant)   { objects(w, a, "stands") }
func objectionSetAside(w *world, a *applicant) { objects(w, a, "set-aside") }

func withdraws(w *world, a *applicant) {
	w.Insist(200, a.auth(), "POST", "/api/v1/application/withdraw", nil)
}

func withdrawsEarly(w *world, a *applicant) bool {
	w.submits(a)
	withdraws(w, a)
	w.Insist(409, a.auth(), "POST", "/api/v1/application/withdraw", nil)
	return false
}

func neverHandsIn(*world, *applicant) bool { return false }

// isShutOut: the program's rules let no government body in, however it asks.
func isShutOut(w *world, a *applicant) bool {
	got := w.Ask(a.auth(), "POST", "/api/v1/application/submit", stage.Object{"version": 1})
	if got.Status == 200 {
		w.Fatalf("a class that is shut out hands an application in: %s", got.Raw)
	}
	return false
}

func isNoApplication(w *world, a *applicant) bool {
	w.submits(a)
	w.step(200, a, "/decide", stage.Object{"accept": false, "why": "Spam.", "reason": "This is not an application."})
	return false
}

func isSentBack(w *world, a *applicant) bool {
	w.submits(a)
	w.step(200, a, "/return", stage.Object{"note": "Your policy says nothing about timelines."})
	w.is(a, "draft")
	w.submits(a)
	w.supported(a, 2, 3)
	return true
}

func findsNoSponsor(w *world, a *applicant) bool {
	w.submits(a)
	w.step(200, a, "/check", nil)
	w.speaks(a, w.founders[0]) // one is not two
	w.step(409, a, "/announce", nil)
	return false
}

// belongsToAFounder: who owns the applicant may not speak for it, nor vote.
func belongsToAFounder(w *world, a *applicant) bool {
	w.submits(a)
	w.step(200, a, "/check", nil)
	w.Must(201, w.cora, "POST", "/affiliations", stage.Object{"party": a.id, "parent": w.founders[0].org, "note": "bought it last year"})
	w.step(409, a, "/sponsors", stage.Object{"org_id": w.founders[0].org})
	w.speaks(a, w.founders[1])
	w.speaks(a, w.founders[2])
	return true
}

// sponsorsItself through a subsidiary of its own, which is a member; then
// finds others.
func sponsorsItself(w *world, a *applicant) bool {
	w.submits(a)
	w.step(200, a, "/check", nil)
	ebony := w.joined["Ebony"]
	w.Must(201, w.cora, "POST", "/affiliations", stage.Object{"party": ebony.org, "parent": w.founders[3].org})
	w.Must(201, w.cora, "POST", "/affiliations", stage.Object{"party": a.id, "parent": ebony.org})
	w.step(409, a, "/sponsors", stage.Object{"org_id": ebony.org})
	w.step(409, a, "/sponsors", stage.Object{"org_id": w.founders[3].org})
	w.speaks(a, w.founders[0])
	w.speaks(a, w.founders[1])
	return true
}

// misses: one vote of five is no quorum; the board is asked again.
func misses(w *world, a *applicant) {
	w.Wait(7*day + 1)
	w.is(a, "ready")
	w.put(a, "yyyyy", false)
}

func staysAway(w *world, a *applicant) { w.prepared(a) }

// waitsForTheThaw: while a named embargo is on nobody joins to look; with its
// end the way is free again.
func waitsForTheThaw(w *world, a *applicant) bool {
	w.submits(a)
	w.secret = w.Must(201, w.cora, "POST", "/cases", stage.Object{"title": "Overflow", "summary": "A length is trusted.", "tlp": "TLP:AMBER+STRICT", "program": w.program}).Text("id")
	at := "/cases/" + w.secret
	w.Must(409, w.cora, "POST", at+"/freezes", stage.Object{"program_id": w.program}) // nothing is agreed yet
	p := w.Must(201, w.cora, "POST", at+"/embargo/proposals", stage.Object{"ends_at": w.Clock.Now().Add(30 * day), "reason": "one release train"}).Text("id")
	w.Must(200, w.cora, "POST", at+"/embargo/proposals/"+p+"/decide", stage.Object{"accept": true, "reason": "nobody else is in it"})
	w.Must(204, w.cora, "POST", at+"/freezes", stage.Object{"program_id": w.program})
	if got := w.Must(200, w.cora, "GET", at+"/freezes", nil).Items(); len(got) != 1 || got[0]["id"] != w.program {
		w.Fatalf("the case freezes %v", got)
	}
	w.step(409, a, "/check", nil)
	if got := w.Insist(200, a.auth(), "GET", "/api/v1/application", nil); got.Body["frozen"] != true || strings.Contains(string(got.Raw), w.secret) || strings.Contains(string(got.Raw), "mbargo") {
		w.Fatalf("the applicant reads %s", got.Raw)
	}
	w.Must(200, w.cora, "POST", at+"/embargo/terminate", stage.Object{"reason": "the parties ask for it"})
	w.supported(a, 0, 1)
	return true
}
