package membership

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/membership"
	"tocsin/spec/tlp"
)

var pageLink = regexp.MustCompile(`/contacts/answer/([A-Za-z0-9_-]{43})`)

// testing is a world with an application that waits for its test, the
// program's own coordinator, who sends it, and an admin of the applicant.
type testingWorld struct {
	*applyWorld
	p          Application
	dora, vera audience.Actor
	phone      contacts.Switchboard
}

func eachTesting(t *testing.T, f func(w *testingWorld)) {
	t.Helper()
	eachWorld(t, func(w *applyWorld) {
		p, _ := w.reach(membership.AppSigned)
		x := &testingWorld{applyWorld: w, p: p, phone: contacts.Switchboard{Box: w.desk.Box}}
		var dora, vera people.Person
		w.Do(func(tx *db.Tx) error {
			dora, vera = w.Person(tx, "Dora"), w.Person(tx, "Vera")
			if _, err := orgs.Join(tx, w.op, p.Org, vera.ID, orgs.Admin); err != nil {
				return err
			}
			return programs.AppointCoordinator(tx, w.op, w.program.ID, dora.ID)
		})
		x.dora, x.vera = w.As(dora), w.As(vera)
		f(x)
		w.Do(func(tx *db.Tx) error {
			_, err := x.phone.Tick(tx)
			return err
		})
		w.verify()
	})
}

func (w *testingWorld) keep(name, mail, phone string) {
	w.Helper()
	w.Do(func(tx *db.Tx) error {
		_, err := contacts.Add(tx, w.vera, contacts.Contact{Org: w.p.Org, Kind: contacts.Kinds[0], Name: name, Mail: mail, Phone: phone})
		return err
	})
}

func (w *testingWorld) send(by audience.Actor) {
	w.Helper()
	w.Clock.Advance(time.Second) // calls are listed by when they began
	w.Do(func(tx *db.Tx) error { _, err := w.desk.SendTest(tx, by, w.p.ID); return err })
}

func (w *testingWorld) calls(a audience.Actor) (out []contacts.Call) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) {
		out, err = contacts.Calls(tx, a, contacts.CallFilter{Org: w.p.Org, Drill: true})
		return err
	})
	return out
}

func (w *testingWorld) paged(address string) string {
	w.Helper()
	for _, m := range slices.Backward(w.mails(address)) {
		if f := pageLink.FindStringSubmatch(m.Text); f != nil {
			return f[1]
		}
	}
	w.Fatalf("%s was sent no test page", address)
	return ""
}

// due is whether the clock has something to do now, and what state it leads to.
func (w *testingWorld) due() bool {
	w.Helper()
	var at time.Time
	w.Do(func(tx *db.Tx) (err error) { at, err = w.desk.Next(tx); return err })
	return !at.IsZero() && !at.After(w.Clock.Now())
}

// An organization that has entered contacts is tested by them, and its answer
// moves the application on; the secretariat learns nothing of whom it paged.
func TestTheApplicantsContactsAreTested(t *testing.T) {
	eachTesting(t, func(w *testingWorld) {
		w.keep("The desk", "desk@vexel.example", "+43 1 234567")
		before := len(w.mails(w.p.Contact))
		w.send(w.dora)
		if n := len(w.mails(w.p.Contact)); n != before {
			t.Errorf("the application's contact was sent %d more mails", n-before)
		}
		first := w.paged("desk@vexel.example")
		if list := w.calls(w.dora); len(list) > 0 {
			t.Errorf("the program's coordinator sees %v", list)
		}
		for name, a := range map[string]audience.Actor{"coordinator": w.cora, "applicant": w.vera} {
			if list := w.calls(a); len(list) != 1 || list[0].About != w.p.Number || list[0].State != contacts.Running || list[0].By != "" {
				t.Errorf("the %s sees %+v", name, list)
			}
		}
		w.Clock.Advance(time.Hour)
		w.send(w.cora) // a later one takes its place
		w.Refused("an older page", errs.Gone, func(tx *db.Tx) error { return contacts.Answer(tx, first) })
		if w.due() {
			t.Error("there is something to do before the answer")
		}
		w.tick()
		w.is(w.p, membership.AppSigned)
		latest := w.paged("desk@vexel.example")
		w.Do(func(tx *db.Tx) error { return contacts.Answer(tx, latest) })
		if !w.due() {
			t.Error("nothing is to be done after the answer")
		}
		w.tick()
		w.is(w.p, membership.AppTested)
		w.tick()
		w.step(membership.AppTested, w.p, w.vera)
		w.is(w.p, membership.AppActive)
		states := map[contacts.CallState]int{}
		for _, c := range w.calls(w.cora) {
			states[c.State]++
		}
		if states[contacts.Answered] != 1 || states[contacts.Stopped] != 1 {
			t.Errorf("the tests ended as %v", states)
		}
		w.Do(func(tx *db.Tx) error {
			n, err := db.Value[int](tx, `SELECT COUNT(*) FROM event WHERE kind = $1`, EventAppTested)
			if err == nil && n != 1 {
				t.Errorf("it was moved on %d times", n)
			}
			return err
		})
	})
}

// What does not show that a contact can be reached does not move an
// application on, and what nobody needs any more is stopped.
func TestATestThatIsNotAnswered(t *testing.T) {
	eachTesting(t, func(w *testingWorld) {
		w.keep("The desk", "desk@vexel.example", "")
		w.send(w.dora)
		running := w.calls(w.vera)[0].ID
		w.Do(func(tx *db.Tx) error { return contacts.Take(tx, w.vera, running) }) // signed in, not by a contact
		w.tick()
		w.is(w.p, membership.AppSigned)

		w.send(w.dora)
		w.Clock.Advance(14*24*time.Hour + time.Hour)
		w.Do(func(tx *db.Tx) error { _, err := w.phone.Tick(tx); return err })
		if c := w.calls(w.vera)[0]; c.State != contacts.Unanswered {
			t.Errorf("after two weeks the test is %s", c.State)
		}
		w.tick()
		w.is(w.p, membership.AppSigned)

		w.send(w.dora)
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Withdraw(tx, w.vera, w.p.ID); return err })
		if c := w.calls(w.vera)[0]; c.State != contacts.Stopped {
			t.Errorf("after the application was withdrawn the test is %s", c.State)
		}
		latest := w.paged("desk@vexel.example")
		w.Refused("a page of an application that was withdrawn", errs.Gone, func(tx *db.Tx) error { return contacts.Answer(tx, latest) })
		w.tick()
		w.is(w.p, membership.AppWithdrawn)
	})
}

// A contact without an address for mail is dialed by a coordinator of the
// alliance; nobody else can have it tested, and no name is told.
func TestAContactThatIsDialed(t *testing.T) {
	eachTesting(t, func(w *testingWorld) {
		w.keep("Night watch of Vexel", "", "+43 1 234567")
		before := w.Rows(w.Watch...)
		err := w.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := w.desk.SendTest(tx, w.dora, w.p.ID); return err })
		if !errs.Is(err, errs.Conflict) || strings.Contains(err.Error(), "Night watch") {
			t.Errorf("the program's coordinator is told %v", err)
		}
		if !slices.Equal(before, w.Rows(w.Watch...)) {
			t.Error("a refused test changed something")
		}
		w.send(w.cora)
		c := w.calls(w.cora)[0]
		w.Do(func(tx *db.Tx) (err error) { c, err = contacts.GetCall(tx, w.cora, c.ID); return err })
		w.Do(func(tx *db.Tx) error {
			return contacts.Tried(tx, w.cora, c.ID, c.Pages[0].ID, true, "They picked up.")
		})
		w.tick()
		w.is(w.p, membership.AppTested)
	})
}

// An answer given while the program's applications rest counts when they go on.
func TestATestAnsweredWhileApplicationsRest(t *testing.T) {
	eachTesting(t, func(w *testingWorld) {
		w.keep("The desk", "desk@vexel.example", "")
		w.send(w.dora)
		w.Do(func(tx *db.Tx) error {
			aid, err := audience.Create(tx, "matter", []audience.Grant{{Kind: audience.Person, ID: w.cora.Person, Role: audience.Reader}}, nil, nil)
			if err != nil {
				return err
			}
			return Freeze(tx, w.cora, Freezing{Program: w.program.ID, Ref: "case_1", Audience: aid, Level: tlp.AmberStrict})
		})
		latest := w.paged("desk@vexel.example")
		w.Do(func(tx *db.Tx) error { return contacts.Answer(tx, latest) })
		if w.due() {
			t.Error("something is due while applications rest")
		}
		w.tick()
		w.is(w.p, membership.AppSigned)
		w.Do(func(tx *db.Tx) error { return Thaw(tx, w.cora, "case_1", "") })
		w.tick()
		w.is(w.p, membership.AppTested)
	})
}
