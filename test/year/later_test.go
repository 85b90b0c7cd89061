package year_test

import (
	"fmt"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/app"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/test/stage"
)

// end is where a member stands when the story is over, and whether its people
// see the case that it was party to.
type end struct {
	standing string // "" for no membership any more
	seesCase bool
}

// ends is every party of the case, listed beforehand.
var ends = map[string]end{
	"Alder":    {"good", true},       // renewed in time
	"Birch":    {"suspended", false}, // let its membership lapse, and the time of grace go by
	"Cedar":    {"good", true},       // lapsed, and renewed in the time of grace
	"Ash":      {"good", true},       // accepted the new agreement late
	"Beech":    {"good", true},       // suspended; its appeal was heard
	"Chestnut": {"", false},          // removed, without an appeal
	"Dogwood":  {"reduced", true},    // reads, and contributes nothing
	"Ebony":    {"suspended", false}, // never accepted the new agreement, and so could not renew
	"Guest":    {"", true},           // no member; its class was shut out, and the board made an exception
}

// later is what happens once the applications are decided.
func (y *year) later() {
	y.caseOpened()
	y.suspendedAndHeard()
	y.removed()
	y.reduced()
	y.agreementRevised()
	y.rulesChanged()
	y.exceptionMade()
}

func (y *year) ref(name string) string { return "/memberships/" + y.program + "." + y.joined[name].org }

// sees asks whether a party sees the case.
func (y *year) sees(name string, want bool) {
	y.Helper()
	status := 404
	if want {
		status = 200
	}
	for _, path := range []string{"", "/participants", "/threads", "/embargo"} {
		if got := y.Ask(y.joined[name].Auth(), "GET", "/api/v1/cases/"+y.matter+path, nil); got.Status != status {
			y.Fatalf("%s asks for the case%s: %d, want %d: %.300s", name, path, got.Status, status, got.Raw)
		}
	}
	list := y.Must(200, y.joined[name].Person, "GET", "/cases", nil)
	if strings.Contains(string(list.Raw), y.matter) != want {
		y.Fatalf("%s has the case in its list: %v", name, !want)
	}
}

// caseOpened: a case in the consortium, with eight members and a guest from
// outside. The members are in it through their membership.
func (y *year) caseOpened() {
	y.Helper()
	guest := &member{name: "Guest"}
	guest.org = y.Must(201, y.cora, "POST", "/organizations", stage.Object{"name": "Guest", "class": "isp", "listed": true}).Text("id")
	y.Act(y.cora, func(tx *db.Tx, cora audience.Actor) error {
		_, err := people.Add(tx, cora, "noc@guest.example", "Duty officer of Guest")
		return err
	})
	guest.Person = y.Known("noc@guest.example")
	y.Must(201, y.cora, "POST", "/organizations/"+guest.org+"/members", stage.Object{"person_id": guest.ID, "role": "admin"})
	y.joined["Guest"] = guest
	y.signs(guest)
	y.matter = y.Must(201, y.cora, "POST", "/cases", stage.Object{"title": "Overflow in a reader", "summary": "A length is trusted.", "tlp": "TLP:AMBER+STRICT", "program": y.program}).Text("id")
	var targets []stage.Object
	for name := range ends {
		targets = append(targets, stage.Object{"kind": "org", "id": y.joined[name].org, "name": name, "role": "vendor"})
	}
	y.Must(201, y.cora, "POST", "/cases/"+y.matter+"/participants", stage.Object{"targets": targets, "reason": "ships it"})
	for name := range ends {
		m := y.joined[name]
		inv := y.Must(200, m.Person, "GET", "/me/invitations", nil).Items()
		if len(inv) != 1 {
			y.Fatalf("%s has %d invitations", name, len(inv))
		}
		y.Must(200, m.Person, "POST", "/invitations/"+inv[0]["id"].(string)+"/accept", stage.Object{"agreement": inv[0]["agreement"]})
		y.sees(name, true)
	}
	// Whoever came later sees nothing of what was embargoed before.
	for _, name := range []string{"Yew", "Zelkova", "Balsa"} {
		y.Must(404, y.joined[name].Person, "GET", "/cases/"+y.secret, nil)
	}
	y.Must(404, y.joined["Balsa"].Person, "GET", "/cases/"+y.matter, nil)
	y.Round()
}

// carried puts a drafted motion to the vote and lets all founders but those
// recused vote for it.
func (y *year) carried(m stage.Answer) {
	y.Helper()
	at := "/board/motions/" + m.Text("id")
	y.Must(200, y.cora, "POST", at+"/open", stage.Object{"version": m.Body["version"]})
	for _, f := range y.founders {
		y.Must(200, f.Person, "POST", at+"/vote", stage.Object{"choice": "yes"})
	}
	y.Wait(7*day + 1)
	if got := y.Must(200, y.cora, "GET", at, nil).Text("state"); got != "carried" {
		y.Fatalf("the motion is %s", got)
	}
}

func (y *year) standing(name string) string {
	y.Helper()
	return y.Must(200, y.cora, "GET", y.ref(name), nil).Text("standing")
}

func (y *year) stands(name, want string) {
	y.Helper()
	if got := y.standing(name); got != want {
		y.Fatalf("%s is %s, want %s", name, got, want)
	}
}

func (y *year) sanction(name string) string {
	y.Helper()
	list := y.Must(200, y.joined[name].Person, "GET", y.ref(name), nil).Body["sanctions"].([]any)
	if len(list) != 1 {
		y.Fatalf("%s reads of %d sanctions", name, len(list))
	}
	return "/sanctions/" + list[0].(stage.Object)["id"].(string)
}

// suspendedAndHeard: a suspension takes effect in the next request, stops the
// mail that waits, can be appealed against by whoever is shut out, and is
// lifted.
func (y *year) suspendedAndHeard() {
	y.Helper()
	beech := y.joined["Beech"]
	m := y.Must(201, y.cora, "POST", y.ref("Beech")+"/motions", stage.Object{"kind": "suspend", "reason": "It told a customer of the case."})
	y.sees("Beech", true)
	y.carried(m)
	y.stands("Beech", "suspended")
	y.sees("Beech", false)
	y.Must(404, beech.Person, "GET", "/programs/"+y.program, nil)
	before := y.Clock.Now()
	thread := y.Must(200, y.cora, "GET", "/cases/"+y.matter+"/threads", nil).Items()[0]["id"].(string)
	y.Must(201, y.cora, "POST", "/threads/"+thread+"/messages", stage.Object{"body": "A fix is ready."})
	y.Wait(2 * day)
	for _, mail := range y.MailsTo(beech.Email, before) {
		if strings.Contains(mail.Subject+mail.Text, "New messages") {
			y.Fatalf("a suspended member is told: %s\n%s", mail.Subject, mail.Text)
		}
	}
	id := y.sanction("Beech")
	y.Must(404, y.joined["Fir"].Person, "POST", id+"/appeal", stage.Object{"plea": "Not my business."})
	y.Must(200, beech.Person, "POST", id+"/appeal", stage.Object{"plea": "It was the published advisory."})
	y.carried(y.Must(201, y.cora, "POST", id+"/motions", stage.Object{"note": "They are right."}))
	y.stands("Beech", "good")
	y.sees("Beech", true)
}

func (y *year) removed() {
	y.Helper()
	m := y.Must(201, y.cora, "POST", y.ref("Chestnut")+"/motions", stage.Object{"kind": "remove", "reason": "It sold what it read."})
	y.carried(m)
	y.sees("Chestnut", false)
	id := y.sanction("Chestnut")
	y.Wait(14*day + 1)
	if got := y.Ask(y.joined["Chestnut"].Auth(), "POST", "/api/v1"+id+"/appeal", stage.Object{"plea": "Too late."}); got.Status/100 != 4 {
		y.Fatalf("an appeal after its time: %d %s", got.Status, got.Raw)
	}
}

func (y *year) reduced() {
	y.Helper()
	y.Must(200, y.cora, "POST", y.ref("Dogwood")+"/reduce", stage.Object{"reason": "It has not answered for months."})
	y.sees("Dogwood", true)
	thread := y.Must(200, y.joined["Dogwood"].Person, "GET", "/cases/"+y.matter+"/threads", nil).Items()[0]["id"].(string)
	y.Must(403, y.joined["Dogwood"].Person, "POST", "/threads/"+thread+"/messages", stage.Object{"body": "We write all the same."})
}

// agreementRevised: a new version that must be accepted anew closes what
// requires it until then.
func (y *year) agreementRevised() {
	y.Helper()
	at := "/agreements/" + y.nda
	effects := y.Must(200, y.cora, "GET", at+"/effects", nil)
	y.Logf("the new version blocks: %.200s", effects.Raw)
	y.Must(200, y.cora, "PUT", at+"/text", stage.Object{"body": "What is shared here stays here, for five years.", "note": "five years", "demands": true}, "If-Match", y.Must(200, y.cora, "GET", at, nil).Version())
	for name := range ends {
		if name == "Chestnut" {
			continue
		}
		y.sees(name, false)
		if name == "Ebony" || name == "Ash" {
			continue
		}
		y.signs(y.joined[name])
		y.sees(name, true)
	}
	y.Wait(20 * day)
	y.signs(y.joined["Ash"])
	y.sees("Ash", true)
	y.sees("Ebony", false)
}

// rulesChanged: the program shuts a class out, and says beforehand who loses
// sight of what.
func (y *year) rulesChanged() {
	y.Helper()
	change := stage.Object{"shut_out": []string{"government", "isp"}}
	loses := fmt.Sprint(y.Must(200, y.cora, "POST", "/programs/"+y.program+"/rules/preview", change).Body["loses"])
	for name := range ends {
		if strings.Contains(loses, y.joined[name].ID) != (name == "Guest") {
			y.Fatalf("the preview says of %s: %s", name, loses)
		}
	}
	y.sees("Guest", true)
	y.rules(change)
	y.sees("Guest", false)
}

func (y *year) exceptionMade() {
	y.Helper()
	y.carried(y.Must(201, y.cora, "POST", "/board/motions", stage.Object{"kind": "exception", "title": "Let Guest read on", "text": "It carries the traffic.", "object_kind": "case", "object_id": y.matter,
		"proposal": stage.Object{"party_kind": "org", "party": y.joined["Guest"].org}}))
	y.sees("Guest", true)
}

// renewals: who is to renew does, in time or late; the others do not.
func (y *year) renewals() {
	y.Helper()
	y.Until(y.start.Add(280 * day))
	y.signedInAnew()
	if got := y.MailsTo(y.joined["Alder"].Email, y.Clock.Now().Add(-10*day)); len(got) == 0 {
		y.Fatal("ninety days before the end Alder has not been reminded")
	}
	y.renews("Alder")
	y.Until(y.start.Add(366 * day))
	y.stands("Birch", "lapsed")
	y.sees("Birch", true)
	y.stands("Cedar", "lapsed")
	y.Until(y.start.Add(372 * day))
	draft := y.all["Spruce"] // nobody but its author ever saw it
	if got := y.Insist(200, draft.auth(), "GET", "/api/v1/application", nil).Text("state"); got != "lapsed" {
		y.Errorf("a draft that was never handed in is %s after a year", got)
	}
	y.Until(y.start.Add(380 * day))
	y.renews("Cedar")
	y.stands("Cedar", "good")
	for _, name := range []string{"Ash", "Beech", "Dogwood"} {
		y.renews(name)
	}
	y.Until(y.start.Add(400 * day))
	y.signedInAnew()
	y.stands("Birch", "suspended")
	y.sees("Birch", false)
	y.Must(409, y.joined["Ebony"].Person, "POST", y.ref("Ebony")+"/renew", nil)
	y.Until(y.start.Add(445 * day))
}

// renews: the fee is noted, the evidence given anew, the contacts confirmed.
func (y *year) renews(name string) {
	y.Helper()
	m := y.joined[name]
	y.Must(409, m.Person, "POST", y.ref(name)+"/renew", nil) // the fee has not come
	y.Must(403, m.Person, "POST", y.ref(name)+"/steps", stage.Object{"step": "fee", "note": "We paid, believe us."})
	y.Must(200, y.cora, "POST", y.ref(name)+"/steps", stage.Object{"step": "fee", "note": "came by bank"})
	y.Must(200, m.Person, "POST", y.ref(name)+"/steps", stage.Object{"step": "evidence", "note": "The policy stands as it was."})
	c := y.Must(201, m.Person, "POST", "/organizations/"+m.org+"/contacts", stage.Object{"kind": "response team", "name": "PSIRT", "mail": m.Email})
	y.Must(200, m.Person, "POST", "/contacts/"+c.Text("id")+"/confirm", stage.Object{"version": c.Body["version"]})
	y.Must(200, m.Person, "POST", y.ref(name)+"/renew", nil)
}

// signedInAnew: no token lasts a year.
func (y *year) signedInAnew() {
	y.cora, y.colin = y.Known(y.cora.Email), y.Known(y.colin.Email)
	for _, m := range y.joined {
		m.Person = y.Known(m.Email)
	}
}

// listed: everybody stands where the list says, and sees what it says.
func (y *year) listed() {
	y.Helper()
	for name, e := range ends {
		if e.standing != "" {
			y.stands(name, e.standing)
		}
		y.sees(name, e.seesCase)
	}
	members := string(y.Must(200, y.cora, "GET", "/programs/"+y.program+"/organizations?limit=200", nil).Raw)
	for name, e := range ends {
		if strings.Contains(members, y.joined[name].org) != (e.standing != "") {
			y.Errorf("%s is a member: %v", name, e.standing == "")
		}
	}
	var keeper *ledger.Keeper
	y.Read(func(tx *db.Tx) (err error) {
		keeper, err = charter.Keeper(tx, y.House.Sealer)
		return err
	})
	rep, err := keeper.Verify(y.Context(), y.House.DB, app.Tables())
	if err != nil {
		y.Fatal(err)
	}
	y.Logf("the ledger holds %d events over %d rows", rep.Events, rep.Rows)
	for _, p := range rep.Problems {
		y.Errorf("the ledger does not hold: %s", p)
	}
}
