package contacts_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/oncall"
)

var secretForm = regexp.MustCompile(`/contacts/(confirm|answer)/([A-Za-z0-9_-]{43})`)

// mails are what waits to be sent to an address, oldest first: each with the
// secret of its link.
func (w *world) mails(address string) (out []string) {
	w.Helper()
	w.Do(func(tx *db.Tx) error {
		list, err := w.board.Box.List(tx, outbox.Filter{State: outbox.Pending, Limit: 200})
		for _, it := range list {
			if it.Address == address {
				if m := secretForm.FindSubmatch(it.Content); m != nil {
					out = append([]string{string(m[2])}, out...)
				}
			}
		}
		return err
	})
	return out
}

// pass lets time go by as the clock's worker does: to each instant at which
// there is something to do.
func (w *world) pass(d time.Duration) {
	w.Helper()
	end := w.Clock.Now().Add(d)
	for range 500 {
		var next time.Time
		w.Do(func(tx *db.Tx) (err error) { next, err = w.board.Tick(tx); return err })
		if next.IsZero() || next.After(end) {
			w.Clock.Set(end)
			return
		}
		if next.After(w.Clock.Now()) {
			w.Clock.Set(next)
		}
	}
	w.Fatal("the clock never comes to rest")
}

func (w *world) call(who, id string) (c contacts.Call) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) { c, err = contacts.GetCall(tx, w.actors[who], id); return err })
	return c
}

func (w *world) start(who string, drill bool, in contacts.Ask) (c contacts.Call) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) {
		in.Org = w.one.ID
		if drill {
			c, err = w.board.StartTest(tx, w.actors[who], in)
		} else {
			c, err = w.board.Call(tx, w.actors[who], in)
		}
		return err
	})
	return c
}

// still tells of no planned test, so that a test of something else sees no
// surprise.
func (w *world) still() {
	w.Do(func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM contact_drill`); return err })
}

func TestOneClickConfirms(t *testing.T) {
	each(t, func(w *world) {
		desk := w.add(contacts.Contact{Kind: contacts.Desk, Name: "Desk", Mail: "desk@one.example"})
		w.still()
		if w.pass(23 * time.Hour); len(w.mails(desk.Mail)) != 0 {
			t.Error("asked at once")
		}
		w.pass(2 * time.Hour)
		links := w.mails(desk.Mail)
		if len(links) != 1 {
			t.Fatalf("asked %d times", len(links))
		}
		w.Do(func(tx *db.Tx) error {
			slip, err := contacts.Confirmation(tx, links[0])
			if slip != (contacts.Slip{Name: "Desk"}) {
				t.Errorf("the link shows %+v", slip)
			}
			return err
		})
		kept := 0
		w.Do(func(tx *db.Tx) (err error) {
			kept, err = db.Value[int](tx, `SELECT COUNT(*) FROM contact_link WHERE digest = $1 OR subject_id = $1`, links[0])
			return err
		})
		if kept != 0 {
			t.Error("the secret itself is kept")
		}
		w.Refused("a wrong link", errs.NotFound, func(tx *db.Tx) error { return contacts.Settle(tx, strings.Repeat("x", 43), true) })
		w.Refused("an answer by a confirm link", errs.NotFound, func(tx *db.Tx) error { return contacts.Answer(tx, links[0]) })
		w.Do(func(tx *db.Tx) error { return contacts.Settle(tx, links[0], true) })
		w.Refused("a link used twice", errs.Gone, func(tx *db.Tx) error { return contacts.Settle(tx, links[0], false) })

		// A quarter later it is asked twice, a week apart; the later answer is no.
		w.pass(89 * 24 * time.Hour)
		if len(w.mails(desk.Mail)) != 1 {
			t.Error("asked before the quarter was over")
		}
		w.pass(9 * 24 * time.Hour)
		links = w.mails(desk.Mail)
		if len(links) != 3 {
			t.Fatalf("asked %d times in all", len(links))
		}
		w.Do(func(tx *db.Tx) error { return contacts.Settle(tx, links[2], false) })
		w.Refused("a link of what was doubted meanwhile", errs.Gone, func(tx *db.Tx) error { return contacts.Settle(tx, links[1], true) })
		w.Do(func(tx *db.Tx) (err error) { desk, err = contacts.Look(tx, w.actors["admin"], desk.ID); return err })
		if desk.Doubted.IsZero() || !desk.Confirmed.IsZero() {
			t.Errorf("doubted: %+v", desk)
		}
		if w.pass(200 * 24 * time.Hour); len(w.mails(desk.Mail)) != 3 {
			t.Error("asks on after the answer was no")
		}
		// A corrected address is asked again, and an old link does not confirm it.
		desk.Mail = "new@one.example"
		w.Do(func(tx *db.Tx) (err error) { desk, err = contacts.Edit(tx, w.actors["admin"], desk); return err })
		if w.pass(25 * time.Hour); len(w.mails("new@one.example")) != 1 {
			t.Error("the new address was not asked")
		}
	})
}

func TestAnUnannouncedTest(t *testing.T) {
	each(t, func(w *world) {
		desk := w.add(contacts.Contact{Kind: contacts.Desk, Name: "Desk", Mail: "desk@one.example", Phone: "+43123456701"})
		w.add(contacts.Contact{Kind: contacts.Response, Name: "Team", Mail: "team@one.example"})
		mute := w.add(contacts.Contact{Kind: contacts.Legal, Name: "Law", Chat: "law on irc"})
		w.still()
		tested := func() (ok bool) {
			w.Do(func(tx *db.Tx) (err error) { ok, err = contacts.Tested(tx, w.one.ID); return err })
			return ok
		}
		for _, who := range []string{"reader", "responder", "other", "far"} {
			w.Refused(who+" tests", errs.Denied, func(tx *db.Tx) error {
				_, err := w.board.StartTest(tx, w.actors[who], contacts.Ask{Org: w.one.ID})
				return err
			})
		}
		w.Refused("nonsense", errs.Invalid, func(tx *db.Tx) error {
			_, err := w.board.StartTest(tx, w.actors["coordinator"], contacts.Ask{Org: w.one.ID, Urgency: "panic"})
			return err
		})
		c := w.start("coordinator", true, contacts.Ask{})
		if got := w.mails(desk.Mail); len(got) != 1 || len(w.mails("team@one.example")) != 0 {
			t.Fatalf("paged %v at first", got)
		}
		w.Refused("a second test", errs.Conflict, func(tx *db.Tx) error {
			_, err := w.board.StartTest(tx, w.actors["coordinator"], contacts.Ask{Org: w.one.ID})
			return err
		})
		w.Refused("a stranger's look", errs.NotFound, func(tx *db.Tx) error { _, err := contacts.GetCall(tx, w.actors["other"], c.ID); return err })
		w.pass(20 * time.Minute)
		if len(w.mails("team@one.example")) != 1 || tested() {
			t.Error("the next one was not paged after the wait")
		}
		link := w.mails("team@one.example")[0]
		w.Do(func(tx *db.Tx) error {
			slip, err := contacts.PageSlip(tx, link)
			if slip != (contacts.Slip{Name: "Team", Drill: true}) {
				t.Errorf("the link shows %+v", slip)
			}
			return err
		})
		late := w.mails(desk.Mail)[0]
		w.Do(func(tx *db.Tx) error { return contacts.Answer(tx, link) })
		w.Refused("a second answer", errs.Gone, func(tx *db.Tx) error { return contacts.Answer(tx, link) })
		w.Refused("a late answer", errs.Gone, func(tx *db.Tx) error { return contacts.Answer(tx, late) })
		if got := w.call("reader", c.ID); got.State != contacts.Answered || got.Minutes() != 20 || got.Pages[1].State != contacts.Taken || !tested() {
			t.Errorf("answered: %+v, tested %v", got, tested())
		}
		if len(w.mails(desk.Mail)) != 0 {
			t.Error("a page that waits is sent after the answer")
		}
		// One contact; nobody answers.
		c = w.start("admin", true, contacts.Ask{Contact: desk.ID, Minutes: 90})
		w.pass(89 * time.Minute)
		if got := w.call("coordinator", c.ID); got.State != contacts.Running {
			t.Errorf("ended early: %+v", got)
		}
		w.pass(2 * time.Minute)
		if got := w.call("coordinator", c.ID); got.State != contacts.Unanswered {
			t.Errorf("not ended: %+v", got)
		}
		w.Do(func(tx *db.Tx) error {
			list, err := contacts.Calls(tx, w.actors["admin"], contacts.CallFilter{Org: w.one.ID, Drill: true})
			if len(list) != 2 || list[0].ID != c.ID {
				t.Errorf("tests: %+v", list)
			}
			none, _ := contacts.Calls(tx, w.actors["other"], contacts.CallFilter{Drill: true})
			if len(none) != 0 {
				t.Errorf("strangers see %+v", none)
			}
			return err
		})
		// Who has no mail is dialed by the tester.
		c = w.start("coordinator", true, contacts.Ask{Contact: mute.ID})
		if c = w.call("coordinator", c.ID); c.Pages[0].State != contacts.Open || c.Pages[0].Channel != oncall.Chat {
			t.Errorf("a contact without mail: %+v", c.Pages)
		}
		w.Do(func(tx *db.Tx) error {
			list, err := contacts.Tasks(tx, w.actors["coordinator"])
			if len(list) != 1 || list[0].Name != "Law" {
				t.Errorf("tasks: %+v", list)
			}
			return err
		})
		// The proof is a year old at last, or its address has changed.
		team, desk := "team@one.example", desk
		_ = team
		if w.pass(366 * 24 * time.Hour); tested() {
			t.Error("a test of last year still counts")
		}
		c = w.start("coordinator", true, contacts.Ask{Contact: desk.ID})
		links := w.mails(desk.Mail)
		w.Do(func(tx *db.Tx) error { return contacts.Answer(tx, links[len(links)-1]) })
		if !tested() {
			t.Error("answered, and not tested")
		}
		w.Do(func(tx *db.Tx) (err error) { desk, err = contacts.Look(tx, w.actors["admin"], desk.ID); return err })
		desk.Mail = "elsewhere@one.example"
		w.Do(func(tx *db.Tx) (err error) { _, err = contacts.Edit(tx, w.actors["admin"], desk); return err })
		if tested() {
			t.Error("tested at an address that is no more")
		}
	})
}

func TestTheClockTests(t *testing.T) {
	each(t, func(w *world) {
		desk := w.add(contacts.Contact{Kind: contacts.Desk, Name: "Desk", Mail: "desk@one.example"})
		count := func() (n int) {
			w.Do(func(tx *db.Tx) error {
				list, err := contacts.Calls(tx, w.actors["coordinator"], contacts.CallFilter{Drill: true})
				n = len(list)
				return err
			})
			return n
		}
		if w.pass(29 * 24 * time.Hour); count() != 0 {
			t.Error("tested in the first month")
		}
		w.pass(92 * 24 * time.Hour)
		if n := count(); n < 1 || n > 4 {
			t.Errorf("tested %d times in four months", n)
		}
		// Nobody can be reached: that is a result too.
		desk.Version, desk.Mail, desk.Phone = 1, "", "+43123456701"
		w.Do(func(tx *db.Tx) (err error) { desk, err = contacts.Edit(tx, w.actors["admin"], desk); return err })
		before := count()
		w.Do(func(tx *db.Tx) error { _, err := tx.Exec(`UPDATE contact_drill SET next_at = 0`); return err })
		w.pass(time.Minute)
		w.Do(func(tx *db.Tx) error {
			list, err := contacts.Calls(tx, w.actors["coordinator"], contacts.CallFilter{Drill: true})
			if len(list) != before+1 || list[0].State != contacts.Unanswered || list[0].Note == "" {
				t.Errorf("tests: %+v", list)
			}
			return err
		})
	})
}

func TestALadderIsCalled(t *testing.T) {
	each(t, func(w *world) {
		w.Clock.Set(time.Date(2027, 1, 6, 22, 0, 0, 0, time.UTC)) // 23:00 in Vienna
		shared := []string{w.program.ID}
		night := &oncall.Hours{From: 22 * 60, To: 7 * 60}
		ann := w.add(contacts.Contact{Kind: contacts.Response, Name: "Ann", Mail: "ann@one.example", Phone: "+43123456701", TimeZone: "Europe/Vienna", Quiet: night, Shared: shared})
		bob := w.add(contacts.Contact{Kind: contacts.Response, Name: "Bob", Phone: "+43123456702", Mail: "bob@one.example", TimeZone: "Europe/Vienna", Person: w.actors["responder"].Person})
		begin, _ := oncall.ParseWall("2027-01-04T09:00")
		r := contacts.Rotation{Org: w.one.ID, Name: "PSIRT", Layers: []oncall.Rotation{{Name: "main", Zone: "Europe/Vienna", Start: begin, Every: oncall.Every{Weeks: 1}, Members: []string{ann.ID, bob.ID}}}}
		w.Do(func(tx *db.Tx) (err error) { r, err = contacts.AddRotation(tx, w.actors["admin"], r); return err })
		l := contacts.Ladder{Org: w.one.ID, Name: "Wake us", Ladder: oncall.Ladder{Steps: []oncall.Step{
			{Whom: oncall.Whom{Kind: oncall.ByRotation, ID: r.ID}, Channel: oncall.Phone, Wait: 15},
			{Whom: oncall.Whom{Kind: oncall.ByPerson, ID: bob.ID}, Channel: oncall.Phone, Wait: 30},
		}}}
		w.Do(func(tx *db.Tx) (err error) { l, err = contacts.AddLadder(tx, w.actors["admin"], l); return err })
		w.still()
		w.Refused("a ladder that is not shown", errs.NotFound, func(tx *db.Tx) error {
			_, err := w.board.Call(tx, w.actors["other"], contacts.Ask{Org: w.one.ID, Ladder: l.ID})
			return err
		})
		w.Refused("nobody to call", errs.Conflict, func(tx *db.Tx) error {
			_, err := w.board.Call(tx, w.actors["far"], contacts.Ask{Org: w.one.ID})
			return err
		})
		l.Shared = shared
		w.Do(func(tx *db.Tx) (err error) { l, err = contacts.EditLadder(tx, w.actors["admin"], l); return err })

		// An emergency: Ann, on call and shown, is dialed and mailed by night;
		// Bob is not shown to the caller, and mailed alone.
		c := w.start("other", false, contacts.Ask{About: "embargo broken", Urgency: oncall.Emergency})
		states := func() (out string) {
			for _, p := range w.call("other", c.ID).Pages {
				out += p.Name + " " + string(p.Channel) + " " + string(p.State) + "; "
			}
			return out
		}
		if got := states(); got != "Ann phone open; Ann mail sent;  mail waiting; " {
			t.Errorf("at first: %s", got)
		}
		if first, own := c.Pages, w.call("reader", c.ID).Pages; first[len(first)-1].Name != "" || own[len(own)-1].Name != "Bob" {
			t.Errorf("the caller is told of %+v, the called of %+v", first, own)
		}
		w.Refused("the reader takes it", errs.Denied, func(tx *db.Tx) error { return contacts.Take(tx, w.actors["reader"], c.ID) })
		w.Refused("the caller takes it", errs.Denied, func(tx *db.Tx) error { return contacts.Take(tx, w.actors["other"], c.ID) })
		w.Refused("the called one notes", errs.Denied, func(tx *db.Tx) error {
			return contacts.Tried(tx, w.actors["admin"], c.ID, c.Pages[0].ID, true, "")
		})
		w.Clock.Advance(2 * time.Minute)
		w.Do(func(tx *db.Tx) error {
			return contacts.Tried(tx, w.actors["other"], c.ID, c.Pages[0].ID, false, "voice mail")
		})
		w.Refused("noted twice", errs.Conflict, func(tx *db.Tx) error {
			return contacts.Tried(tx, w.actors["other"], c.ID, c.Pages[0].ID, false, "")
		})
		w.pass(time.Minute)
		if got := states(); got != "Ann phone no answer; Ann mail sent;  mail sent; " {
			t.Errorf("after nobody picked up: %s", got)
		}
		w.Do(func(tx *db.Tx) error { return contacts.Take(tx, w.actors["responder"], c.ID) })
		if got := w.call("other", c.ID); got.State != contacts.Answered || got.Answerer != bob.ID || got.Person != w.actors["responder"].Person {
			t.Errorf("taken: %+v", got)
		}
		w.Refused("stopping what is over", errs.Conflict, func(tx *db.Tx) error { return contacts.Stop(tx, w.actors["other"], c.ID, "") })

		// By routine Ann's quiet hours hold: Bob comes first, Ann in the morning.
		c = w.start("coordinator", false, contacts.Ask{Ladder: l.ID})
		if got := states2(w.call("coordinator", c.ID)); got != "Bob phone waiting; Bob mail waiting; Ann phone waiting; Ann mail waiting; " {
			t.Errorf("by routine: %s", got)
		}
		w.pass(16 * time.Minute)
		if got := states2(w.call("coordinator", c.ID)); got != "Bob phone open; Bob mail sent; Ann phone waiting; Ann mail waiting; " {
			t.Errorf("Bob's turn: %s", got)
		}
		// Nobody picks up; still Ann is let sleep.
		c = w.call("coordinator", c.ID)
		w.Do(func(tx *db.Tx) error {
			return contacts.Tried(tx, w.actors["coordinator"], c.ID, c.Pages[0].ID, false, "")
		})
		w.pass(time.Minute)
		ahead := w.call("coordinator", c.ID)
		if p := ahead.Pages[2]; p.State != contacts.Waiting || p.Due.Hour() != 6 || p.Due.Minute() != 0 {
			t.Errorf("Ann's night: %+v", p)
		}
		// Meanwhile Bob takes over from her until noon.
		w.Do(func(tx *db.Tx) error {
			_, err := contacts.HandOver(tx, w.actors["admin"], contacts.Override{Rotation: r.ID, Contact: bob.ID, To: w.Clock.Now().Add(13 * time.Hour)})
			return err
		})
		w.pass(8 * time.Hour)
		if p := w.call("coordinator", c.ID).Pages[2]; p.Name != "Bob" {
			t.Errorf("whoever is on call when the step comes: %+v", p)
		}
		w.pass(24 * time.Hour)
		if got := w.call("coordinator", c.ID); got.State != contacts.Unanswered {
			t.Errorf("never ended: %+v", got)
		}
		c = w.start("coordinator", false, contacts.Ask{Contact: ann.ID, Urgency: oncall.Emergency})
		w.Do(func(tx *db.Tx) error { return contacts.Stop(tx, w.actors["coordinator"], c.ID, "found another way") })
		if got := w.call("admin", c.ID); got.State != contacts.Stopped || got.Pages[0].State != contacts.Dropped {
			t.Errorf("stopped: %+v", got)
		}
	})
}

func states2(c contacts.Call) (out string) {
	for _, p := range c.Pages {
		out += p.Name + " " + string(p.Channel) + " " + string(p.State) + "; "
	}
	return out
}

// TestLeavingTakesContactsAlong: what an organization showed to a program ends
// with its membership, and does not come back by joining again.
func TestLeavingTakesContactsAlong(t *testing.T) {
	each(t, func(w *world) {
		shared := []string{w.program.ID}
		desk := w.add(contacts.Contact{Kind: contacts.Desk, Name: "Desk", Mail: "desk@one.example", Shared: shared})
		begin, _ := oncall.ParseWall("2026-01-05T09:00")
		r := contacts.Rotation{Org: w.one.ID, Name: "Duty", Shared: shared, Layers: []oncall.Rotation{{Name: "main", Zone: "UTC", Start: begin, Every: oncall.Every{Weeks: 1}, Members: []string{desk.ID}}}}
		w.Do(func(tx *db.Tx) (err error) { r, err = contacts.AddRotation(tx, w.actors["admin"], r); return err })
		l := contacts.Ladder{Org: w.one.ID, Name: "Wake us", Shared: shared, Ladder: oncall.Ladder{Steps: []oncall.Step{{Whom: oncall.Whom{Kind: oncall.ByPerson, ID: desk.ID}}}}}
		w.Do(func(tx *db.Tx) (err error) { l, err = contacts.AddLadder(tx, w.actors["admin"], l); return err })
		see := func(who string) (n int) {
			a := w.actors[who]
			for _, f := range []func(tx *db.Tx) error{
				func(tx *db.Tx) error { _, err := contacts.Look(tx, a, desk.ID); return err },
				func(tx *db.Tx) error { _, err := contacts.GetRotation(tx, a, r.ID); return err },
				func(tx *db.Tx) error { _, err := contacts.GetLadder(tx, a, l.ID); return err },
				func(tx *db.Tx) error {
					list, err := contacts.WhoNow(tx, a, w.one.ID, "", time.Time{})
					if err == nil && len(list) == 0 {
						err = errs.Missing("callee")
					}
					return err
				},
			} {
				err := w.DB.Write(t.Context(), f)
				if err == nil {
					n++
				} else if !errs.Is(err, errs.NotFound) {
					t.Errorf("%s: %v", who, err)
				}
			}
			return n
		}
		if n := see("other"); n != 4 {
			t.Errorf("a fellow member sees %d of 4", n)
		}
		w.Do(func(tx *db.Tx) error { return programs.Leave(tx, w.actors["coordinator"], w.program.ID, w.one.ID) })
		if n := see("other"); n != 0 {
			t.Errorf("after it left, %d of 4 are seen", n)
		}
		w.Clock.Advance(time.Second)
		w.Do(func(tx *db.Tx) error { return programs.Join(tx, w.actors["coordinator"], w.program.ID, w.one.ID) })
		if n, own := see("other"), see("responder"); n != 0 || own != 4 {
			t.Errorf("after it joined again, %d of 4 are seen, %d from within", n, own)
		}
		w.Do(func(tx *db.Tx) (err error) { desk, err = contacts.Look(tx, w.actors["responder"], desk.ID); return err })
		if len(desk.Shared) != 0 {
			t.Errorf("still said to be shared with %v", desk.Shared)
		}
		w.still()
		w.pass(time.Minute)
		grants := 0
		w.Do(func(tx *db.Tx) (err error) {
			grants, err = db.Value[int](tx, `SELECT COUNT(*) FROM audience_grant WHERE kind = 'program' AND audience_id IN ($1, $2, $3)`, desk.Audience, r.Audience, l.Audience)
			return err
		})
		if grants != 0 {
			t.Errorf("%d grants are left in the audiences", grants)
		}
		desk.Shared = shared
		w.Do(func(tx *db.Tx) (err error) { desk, err = contacts.Edit(tx, w.actors["responder"], desk); return err })
		w.Do(func(tx *db.Tx) error { _, err := contacts.Look(tx, w.actors["other"], desk.ID); return err })
	})
}

// TestTheDirectoryRule: a program that shows its members by name alone, or not
// at all, shows nobody's contacts but to its coordinators.
func TestTheDirectoryRule(t *testing.T) {
	each(t, func(w *world) {
		desk := w.add(contacts.Contact{Kind: contacts.Desk, Name: "Desk", Mail: "desk@one.example", Shared: []string{w.program.ID}})
		rule := func(s programs.Sight) {
			w.Do(func(tx *db.Tx) error {
				r, err := programs.RulesOf(tx, w.program.ID)
				if err != nil {
					return err
				}
				r.Directory = s
				_, err = programs.ChangeRules(tx, w.actors["coordinator"], r)
				return err
			})
		}
		look := func(who string) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { _, err := contacts.Look(tx, w.actors[who], desk.ID); return err }
		}
		for _, s := range programs.Sights {
			rule(s)
			if s == programs.SightMembers {
				w.Do(look("other"))
			} else {
				w.Refused("a member under "+string(s), errs.NotFound, look("other"))
			}
			w.Do(look("reader"))
			w.Do(look("coordinator"))
		}
		w.Do(func(tx *db.Tx) error {
			return programs.AppointCoordinator(tx, w.actors["coordinator"], w.program.ID, w.actors["far"].Person)
		})
		w.Do(func(tx *db.Tx) (err error) {
			w.actors["far"], err = people.ActorOf(tx, w.actors["far"].Person)
			return err
		})
		w.Do(look("far"))
	})
}
