package membership

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/alliancetest"
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/ballot"
	"tocsin/spec/membership"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// applyWorld is an alliance with two coordinators, a program of four members
// that have a seat on the board each, and an organization outside it. The
// program asks for two sponsors and decides by board.
type applyWorld struct {
	*alliancetest.Scene
	desk             Desk
	op, cora, carl   audience.Actor
	program, lab     programs.Program // lab decides without a board, asks for nothing
	m                []orgs.Org
	admins           []people.Person
	outside          orgs.Org
	outsider, reader people.Person // reader works for m[0], without being admin
	form             Form
}

func eachWorld(t *testing.T, f func(w *applyWorld)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) { f(newApplyWorld(t, d, c)) })
}

func newApplyWorld(t *testing.T, d *db.DB, c *clock.Fake) *applyWorld {
	t.Helper()
	w := &applyWorld{Scene: alliancetest.New(t, d, c)}
	w.Watch = []string{"application", "application_link", "application_sponsor", "application_objection", "application_recusal", "affiliation", "application_freeze", "motion", "program_org", "org", "outbox"}
	w.desk = Desk{Sealer: w.Sealer, Box: w.Box, URL: "https://lantern.example"}
	w.desk.Board = board.Room{Sealer: w.Sealer, Effects: map[board.Kind]board.Effect{board.Admit: func(tx *db.Tx, m board.Motion) error { return w.desk.Decided(tx, m) }}}
	w.Do(func(tx *db.Tx) (err error) {
		w.op = w.Operator(tx)
		w.cora, w.carl = w.Actor(tx, w.Person(tx, "Cora", charter.Coordinator)), w.Actor(tx, w.Person(tx, "Carl", charter.Coordinator))
		if w.program, err = programs.Create(tx, w.op, programs.Program{Name: "Consortium", TLP: tlp.AmberStrict}); err != nil {
			return err
		}
		if w.lab, err = programs.Create(tx, w.op, programs.Program{Name: "Laboratory", TLP: tlp.Green}); err != nil {
			return err
		}
		w.rules(tx, w.program.ID, func(r *programs.Rules) {
			r.Open, r.ByBoard, r.Sponsors, r.ObjectionDays = true, true, 2, 14
			r.Evidence, r.ShutOut = []programs.Evidence{programs.PolicyEvidence, programs.SecurityTxtEvidence}, []orgs.Class{orgs.Government}
		})
		w.rules(tx, w.lab.ID, func(r *programs.Rules) {
			r.Open, r.ByBoard, r.Sponsors, r.ObjectionDays, r.Evidence = true, false, 0, 0, nil
		})
		for i := range 5 {
			o, err := orgs.Create(tx, w.op, orgs.Org{Name: fmt.Sprintf("Member %d", i), Class: orgs.Vendor, Listed: true, Domains: []string{fmt.Sprintf("member%d.example", i)}})
			if err != nil {
				return err
			}
			p := w.Person(tx, fmt.Sprint("Admin", i))
			if _, err := orgs.Join(tx, w.op, o.ID, p.ID, orgs.Admin); err != nil {
				return err
			}
			if i == 4 {
				w.outside, w.outsider = o, p
				continue
			}
			if err := programs.Join(tx, w.op, w.program.ID, o.ID); err != nil {
				return err
			}
			if _, err := board.Appoint(tx, w.op, board.Seat{Org: o.ID, Person: p.ID}); err != nil {
				return err
			}
			w.m, w.admins = append(w.m, o), append(w.admins, p)
		}
		w.reader = w.Person(tx, "Reader")
		_, err = orgs.Join(tx, w.op, w.m[0].ID, w.reader.ID, orgs.Responder)
		return err
	})
	w.form = Form{Name: "Vexel", Class: orgs.Vendor, Website: "https://www.vexel.example", Statement: "We make **things**.", Contact: "psirt@vexel.example", ContactName: "Vera",
		Evidence: Evidence{Policy: "https://vexel.example/psirt", SecurityTxt: "https://vexel.example/.well-known/security.txt"}, Sponsors: []string{"Member 0, Ann", "Member 1, Bob"}}
	return w
}

func (w *applyWorld) rules(tx *db.Tx, programID string, edit func(*programs.Rules)) {
	w.Helper()
	r, err := programs.RulesOf(tx, programID)
	if err != nil {
		w.Fatal(err)
	}
	edit(&r)
	if _, err := programs.ChangeRules(tx, w.op, r); err != nil {
		w.Fatal(err)
	}
}

func (w *applyWorld) admin(i int) audience.Actor { return w.As(w.admins[i]) }

// verify recomputes the ledger with every row it vouches for.
func (w *applyWorld) verify() {
	w.Helper()
	w.Verify(slices.Concat(Tables(), board.Tables())...)
}

// mails are the texts waiting in the outbox for an address, oldest first.
func (w *applyWorld) mails(address string) (out []outbox.Mail) {
	w.Helper()
	w.Do(func(tx *db.Tx) error {
		list, err := w.desk.Box.List(tx, outbox.Filter{})
		slices.Reverse(list)
		for _, it := range list {
			if it.Address != address {
				continue
			}
			var m outbox.Mail
			if err := json.Unmarshal(it.Content, &m); err != nil {
				return err
			}
			out = append(out, m)
		}
		return err
	})
	return out
}

var secretIn = regexp.MustCompile(`/applying/(?:answer/)?([A-Za-z0-9_-]{43})`)

// mailed is the secret of the last mail about an application that holds one.
func (w *applyWorld) mailed(address, number string) string {
	w.Helper()
	list := w.mails(address)
	for _, m := range slices.Backward(list) {
		if f := secretIn.FindStringSubmatch(m.Text); f != nil && strings.Contains(m.Subject, number) {
			return f[1]
		}
	}
	w.Fatalf("no link was mailed to %s", address)
	return ""
}

// begun is a draft of the form with its confirmed address.
func (w *applyWorld) begun(programID string, in Form) (Application, audience.Actor) {
	w.Helper()
	var p Application
	var rec Receipt
	w.Do(func(tx *db.Tx) (err error) {
		rec, err = w.desk.Begin(tx, audience.Actor{}, programID, "", in)
		return err
	})
	secret := w.mailed(in.Contact, rec.Number)
	w.Do(func(tx *db.Tx) (err error) { p, err = w.desk.Confirm(tx, secret); return err })
	return p, audience.ForLink(rec.ID)
}

func (w *applyWorld) now(p Application) (out Application) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) { out, err = appByID(tx, p.ID); return err })
	return out
}

func (w *applyWorld) is(p Application, s membership.AppState) Application {
	w.Helper()
	p = w.now(p)
	if p.State != s {
		w.Fatalf("%s is %s, want %s", p.Number, p.State, s)
	}
	return p
}

// reach brings a newcomer's application to a state, on the straight way.
func (w *applyWorld) reach(s membership.AppState) (Application, audience.Actor) {
	w.Helper()
	p, me := w.begun(w.program.ID, w.form)
	for _, step := range membership.Way[:slices.Index(membership.Way, s)] {
		w.step(step, p, me)
	}
	return w.is(p, s), me
}

// step takes the one step on from a state.
func (w *applyWorld) step(from membership.AppState, p Application, me audience.Actor) {
	w.Helper()
	p = w.now(p)
	do := func(fn func(tx *db.Tx) (Application, error)) {
		w.Helper()
		w.Do(func(tx *db.Tx) error { _, err := fn(tx); return err })
	}
	switch from {
	case membership.AppDraft:
		do(func(tx *db.Tx) (Application, error) { return w.desk.Submit(tx, me, p.ID, p.Version) })
	case membership.AppSubmitted:
		do(func(tx *db.Tx) (Application, error) { return w.desk.Check(tx, w.cora, p.ID) })
	case membership.AppComplete:
		for i := range 2 {
			w.Do(func(tx *db.Tx) error { _, err := w.desk.AskSponsor(tx, w.cora, p.ID, w.m[i].ID); return err })
			w.Do(func(tx *db.Tx) error {
				_, err := w.desk.Speak(tx, w.Actor(tx, w.admins[i]), p.ID, Speech{Org: w.m[i].ID, Answer: Supports, Text: "We know them."})
				return err
			})
		}
	case membership.AppSponsored:
		do(func(tx *db.Tx) (Application, error) { return w.desk.Announce(tx, w.cora, p.ID) })
	case membership.AppObjection:
		w.Clock.Advance(14*24*time.Hour + time.Second)
		w.tick()
	case membership.AppReady:
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Put(tx, w.cora, p.ID, Vote{}); return err })
	case membership.AppBallot:
		w.vote(p, board3(3, 0)...)
		w.close()
	case membership.AppAccepted:
		do(func(tx *db.Tx) (Application, error) { return w.desk.Prepare(tx, w.cora, p.ID, "", "") })
		do(func(tx *db.Tx) (Application, error) { return w.desk.Sign(tx, w.cora, p.ID) })
	case membership.AppSigned:
		do(func(tx *db.Tx) (Application, error) { return w.desk.SendTest(tx, w.cora, p.ID) })
		secret := w.mailed(p.Contact, p.Number)
		w.Do(func(tx *db.Tx) error { return w.desk.AnswerTest(tx, secret) })
	case membership.AppTested:
		do(func(tx *db.Tx) (Application, error) { return w.desk.Activate(tx, w.cora, p.ID) })
	}
}

func (w *applyWorld) tick() {
	w.Helper()
	w.Do(func(tx *db.Tx) error { _, err := w.desk.Tick(tx); return err })
}

// board3 is so many yes and no, one a seat.
func board3(yes, no int) (out []ballot.Choice) {
	for range yes {
		out = append(out, ballot.Yes)
	}
	for range no {
		out = append(out, ballot.No)
	}
	return out
}

// vote casts one choice a seat, "" for none.
func (w *applyWorld) vote(p Application, choices ...ballot.Choice) {
	w.Helper()
	p = w.now(p)
	for i, c := range choices {
		if c == "" {
			continue
		}
		w.Do(func(tx *db.Tx) error {
			_, err := w.desk.Board.Cast(tx, w.Actor(tx, w.admins[i]), p.Motion, board.Said{Choice: c})
			return err
		})
	}
}

// close lets the ballot's week go by.
func (w *applyWorld) close() {
	w.Helper()
	w.Clock.Advance(7*24*time.Hour + time.Second)
	w.Do(func(tx *db.Tx) error { _, err := w.desk.Board.Tick(tx); return err })
}
