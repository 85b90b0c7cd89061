package portal_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/db"
)

// boardOf appoints one executive of each of three members through the portal.
func boardOf(t *testing.T, s *site) (execs []*browser, seats []string) {
	t.Helper()
	ada := s.as("ada@alliance.example")
	for _, name := range []string{"Vexel", "Wharf", "Yonder"} {
		o := s.org(name + " Systems")
		mail := strings.ToLower(name) + "@" + strings.ToLower(name) + ".example"
		p := s.person(mail, name+" Executive", o.ID, orgs.Admin)
		sub := s.person("sub-"+mail, name+" Substitute", o.ID, orgs.Responder)
		ada.get("/alliance/board/seats/new?org="+o.ID).is(t, 200, "", name+" Executive", name+" Substitute")
		ada.post("/alliance/board/seats/new", "org", o.ID, "person", p.ID, "substitute", sub.ID).is(t, 303, "/alliance/board/seats")
		execs = append(execs, s.as(mail))
	}
	seats = regexp.MustCompile(`/alliance/board/seats/seat_[a-z0-9]+`).FindAllString(ada.get("/alliance/board/seats").is(t, 200, "", "Vexel Executive", "Yonder Substitute").body, -1)
	if len(seats) != 3 {
		t.Fatalf("seats %v", seats)
	}
	return execs, seats
}

var motionField = []string{"title", "Buy a bell", "kind", "spend", "object", "", "text", "It shall ring.", "sealed", "1", "quorum", "1/2", "majority", "2/3", "tlp", "TLP:AMBER+STRICT", "deadline", "", "deadline_zone", "UTC"}

func withField(fields []string, name, value string) []string {
	out := append([]string(nil), fields...)
	for i := 0; i < len(out); i += 2 {
		if out[i] == name {
			out[i+1] = value
		}
	}
	return out
}

// A motion goes its whole way by pages and forms alone: draft, edit, ballot,
// two taps, result, recount, minutes.
func TestMotionByForms(t *testing.T) {
	s := founded(t)
	execs, seats := boardOf(t, s)
	s.person("omar@alliance.example", "Omar Outsider", s.org("Outside").ID, orgs.Admin)
	omar := s.as("omar@alliance.example")
	for _, path := range []string{"", "/motions.csv", "/seats", "/motions/new"} {
		omar.get("/alliance/board"+path).is(t, 403, "")
	}
	vexel := execs[0]
	vexel.post("/alliance/board/motions/new", withField(motionField, "quorum", "many")...).is(t, 422, "", "write a fraction as 2/3", `value="many"`, "It shall ring.")
	vexel.post("/alliance/board/motions/new", withField(motionField, "deadline", "2020-01-01T10:00")...).is(t, 422, "", "must be in the future", `value="2020-01-01T10:00"`)
	vexel.post("/alliance/board/motions/new", motionField...).is(t, 303, "/alliance/board/motions/B-1")
	path := "/alliance/board/motions/B-1"
	omar.get(path).is(t, 404, "")
	execs[1].get(path+"/edit").is(t, 403, "")
	form := vexel.get(path+"/edit").is(t, 200, "", "Buy a bell")
	edited := append(withField(motionField, "title", "Buy a bigger bell"), "version", form.hidden(t, "version"))
	vexel.post(path+"/edit", edited...).is(t, 303, path)
	vexel.post(path+"/edit", edited...).is(t, 409, "", "Somebody was faster")
	ask := vexel.get(path+"/open").is(t, 200, "", "Put B-1 to the vote")
	vexel.post(path+"/open", "version", "1").is(t, 409, "")
	vexel.post(path+"/open", "version", ask.hidden(t, "version")).is(t, 303, path)

	// Two taps, and neither page nor answer tells the choice afterwards.
	page := execs[1].get(path).is(t, 200, "", "Your vote for Wharf Systems", `value="abstain"`, "left")
	execs[1].get("/").is(t, 200, "", "Your vote on B-1")
	seat := regexp.MustCompile(`name="seat" value="([^"]+)"`).FindStringSubmatch(page.body)[1]
	execs[1].post(path+"/paper", "choice", "maybe", "seat", seat).is(t, 200, "", "No vote was cast")
	confirm := execs[1].post(path+"/paper", "choice", "no", "seat", seat).is(t, 200, "", "Vote Against", "Cast the vote: Against")
	execs[1].post(path+"/vote", "choice", confirm.hidden(t, "choice"), "seat", confirm.hidden(t, "seat"), "reason", "Too loud").is(t, 303, path)
	after := execs[1].get(path).is(t, 200, "", "You voted").lacks(t, "Too loud", "your answer")
	if !strings.Contains(after.body, "Your vote was taken") {
		t.Error("nothing says that the vote was taken")
	}
	execs[1].get("/").is(t, 200, "").lacks(t, "Your vote on B-1")
	execs[1].post(path+"/vote", "choice", "yes", "seat", seat).is(t, 303, path)
	execs[0].post(path+"/vote", "choice", "yes", "seat", "").is(t, 303, path)
	execs[2].post(path+"/recuse", "seat", "", "reason", "Ours.").is(t, 404, "")
	recuse := execs[2].get(path+"/recuse").is(t, 200, "", "Yonder Systems")
	own := regexp.MustCompile(`<option value="(seat_[a-z0-9]+)"`).FindStringSubmatch(recuse.body)[1]
	execs[2].post(path+"/recuse", "seat", own, "reason", "").is(t, 422, "", "Say why")
	execs[2].post(path+"/recuse", "seat", own, "reason", "We sell bells.").is(t, 303, path)
	execs[2].get(path).is(t, 200, "", "We sell bells.", "is recused")
	execs[2].post(path+"/vote", "choice", "yes", "seat", own).is(t, 403, "")
	omar.post(path+"/vote", "choice", "yes", "seat", seat).is(t, 404, "")
	vexel.get("/alliance/board/motions.csv").is(t, 200, "", "Buy a bigger bell", ",,,,,")

	s.clock.Advance(8 * 24 * time.Hour)
	s.write(func(tx *db.Tx) error { _, err := s.house.Board().Tick(tx); return err })
	vexel, execs[1] = s.as("vexel@vexel.example"), s.as("wharf@wharf.example") // the sessions ran out
	page = vexel.get(path).is(t, 200, "", "Carried", "2 for, 0 against", "<svg")
	vexel.post(path+"/vote", "choice", "no", "seat", "").is(t, 409, "")
	vexel.get(path+"/recount").is(t, 200, "", "Recount B-1")
	vexel.post(path+"/recount").is(t, 200, "", "The result is the same")
	vexel.get(path+"/minutes").is(t, 200, "", "Electorate", "We sell bells.", "TLP:AMBER&#43;STRICT").lacks(t, "Too loud")
	vexel.get(path+"/minutes.md").is(t, 200, "", "# B-1: Buy a bigger bell")
	vexel.get("/alliance/board?state=decided&q=bell&kind=spend").is(t, 200, "", "Buy a bigger bell")
	vexel.get("/alliance/board?state=draft").is(t, 200, "", "No motion fits")
	vexel.get(path+"/nonsense").is(t, 404, "")

	// Seats: the substitute, the end.
	ada := s.as("ada@alliance.example")
	execs[1].get(seats[0]).is(t, 403, "")
	change := ada.get(seats[0]).is(t, 200, "", "Vexel Executive")
	ada.post(seats[0], "version", change.hidden(t, "version"), "substitute", "").is(t, 303, "/alliance/board/seats")
	ada.post(seats[0], "version", change.hidden(t, "version"), "substitute", "").is(t, 409, "", "Somebody was faster")
	end := ada.get(seats[0]+"/end").is(t, 200, "", "End the seat of Vexel Systems")
	ada.post(seats[0]+"/end", "version", end.hidden(t, "version"), "reason", "").is(t, 422, "", "Say why")
	ada.post(seats[0]+"/end", "version", end.hidden(t, "version"), "reason", "Retired.").is(t, 303, "/alliance/board/seats")
	vexel.get(path).is(t, 404, "")
	ada.get("/alliance/board/seats?past=1").is(t, 200, "", "Retired.")
}

func TestOpenBallotAndWithdrawal(t *testing.T) {
	s := founded(t)
	execs, _ := boardOf(t, s)
	execs[0].post("/alliance/board/motions/new", append(withField(motionField, "sealed", ""), "early", "1")...).is(t, 303, "/alliance/board/motions/B-1")
	path := "/alliance/board/motions/B-1"
	execs[0].post(path+"/open", "version", "1").is(t, 303, path)
	execs[1].post(path+"/vote", "choice", "abstain", "seat", "", "reason", "No view").is(t, 303, path)
	execs[0].get(path).is(t, 200, "", "Abstain", "No view")
	execs[1].get(path).is(t, 200, "", "your answer")
	execs[1].post(path+"/withdraw", "reason", "x").is(t, 403, "")
	execs[0].post(path+"/withdraw", "reason", "").is(t, 422, "", "Say why")
	execs[0].post(path+"/withdraw", "reason", "The shop closed.").is(t, 303, path)
	execs[2].get(path).is(t, 200, "", "The shop closed.", "Void")
}
