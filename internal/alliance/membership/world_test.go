package membership

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/ballot"
	"tocsin/spec/membership"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// applyWorld is an alliance with two coordinators, a program of four members
// that have a seat on the board each, and an organization outside it. The
// program asks for two sponsors and decides by board.
type applyWorld struct {
	*testing.T
	d                *db.DB
	c                *clock.Fake
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
	s, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &applyWorld{T: t, d: d, c: c, desk: Desk{Sealer: s, Box: outbox.New(s), URL: "https://lantern.example"}}
	w.desk.Board = board.Room{Sealer: s, Effects: map[board.Kind]board.Effect{board.Admit: func(tx *db.Tx, m board.Motion) error { return w.desk.Decided(tx, m) }}}
	w.do(func(tx *db.Tx) error {
		if _, err := charter.Found(tx, s, charter.Charter{Name: "Lantern", Namespace: "https://lantern.example", Email: "contact@lantern.example", URL: "https://lantern.example"}); err != nil {
			return err
		}
		olga, err := people.First(tx, "olga@lantern.example", "Olga")
		if err != nil {
			return err
		}
		w.op = w.actorIn(tx, olga)
		for _, x := range []struct {
			name string
			to   *audience.Actor
		}{{"Cora", &w.cora}, {"Carl", &w.carl}} {
			p := w.person(tx, x.name)
			if err := people.GrantRole(tx, w.op, p.ID, charter.Coordinator); err != nil {
				return err
			}
			*x.to = w.actorIn(tx, p)
		}
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
			p := w.person(tx, fmt.Sprint("Admin", i))
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
		w.reader = w.person(tx, "Reader")
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

func (w *applyWorld) person(tx *db.Tx, name string) people.Person {
	w.Helper()
	p, err := people.Add(tx, audience.Actor{}, strings.ToLower(name)+"@people.example", name)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func (w *applyWorld) actorIn(tx *db.Tx, p people.Person) audience.Actor {
	w.Helper()
	a, err := people.ActorOf(tx, p.ID)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// as loads somebody anew, as each request does.
func (w *applyWorld) as(p people.Person) (a audience.Actor) {
	w.Helper()
	w.do(func(tx *db.Tx) error { a = w.actorIn(tx, p); return nil })
	return a
}

func (w *applyWorld) admin(i int) audience.Actor { return w.as(w.admins[i]) }

func (w *applyWorld) do(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.d.Write(context.Background(), fn); err != nil {
		w.Fatal(err)
	}
}

// refused expects the error, and that no row was changed and no event written.
func (w *applyWorld) refused(what string, kind errs.Kind, fn func(tx *db.Tx) error) {
	w.Helper()
	before := w.dump()
	if err := w.d.Write(context.Background(), fn); !errs.Is(err, kind) {
		w.Errorf("%s: %v, want %s", what, err, kind)
	}
	if !slices.Equal(before, w.dump()) {
		w.Errorf("%s: refused, and changed something", what)
	}
}

func (w *applyWorld) dump() (out []string) {
	w.Helper()
	w.do(func(tx *db.Tx) error {
		for _, t := range []string{"application", "application_link", "application_sponsor", "application_objection", "application_recusal", "affiliation", "application_freeze", "motion", "program_org", "org", "outbox"} {
			n, err := tx.Query(`SELECT * FROM ` + t)
			if err != nil {
				return err
			}
			cols, _ := n.Columns()
			var rows []string
			for n.Next() {
				vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
				for i := range vals {
					ptrs[i] = &vals[i]
				}
				if err := n.Scan(ptrs...); err != nil {
					return err
				}
				rows = append(rows, fmt.Sprint(t, vals))
			}
			n.Close()
			slices.Sort(rows)
			out = append(out, rows...)
		}
		size, err := ledger.Size(tx)
		out = append(out, fmt.Sprint(size))
		return err
	})
	return out
}

// verify recomputes the ledger with every row it vouches for.
func (w *applyWorld) verify() {
	w.Helper()
	w.do(func(tx *db.Tx) error {
		k, err := charter.Keeper(tx, w.desk.Sealer)
		if err != nil {
			return err
		}
		rep, err := k.VerifyIn(tx, slices.Concat(Tables(), board.Tables(), contacts.Tables(), orgs.Tables(), programs.Tables()))
		if err == nil && len(rep.Problems) > 0 {
			w.Errorf("the ledger does not verify: %v", rep.Problems)
		}
		return err
	})
}

// mails are the texts waiting in the outbox for an address, oldest first.
func (w *applyWorld) mails(address string) (out []outbox.Mail) {
	w.Helper()
	w.do(func(tx *db.Tx) error {
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
	w.do(func(tx *db.Tx) (err error) {
		rec, err = w.desk.Begin(tx, audience.Actor{}, programID, "", in)
		return err
	})
	secret := w.mailed(in.Contact, rec.Number)
	w.do(func(tx *db.Tx) (err error) { p, err = w.desk.Confirm(tx, secret); return err })
	return p, audience.ForLink(rec.ID)
}

func (w *applyWorld) now(p Application) (out Application) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) { out, err = appByID(tx, p.ID); return err })
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
		w.do(func(tx *db.Tx) error { _, err := fn(tx); return err })
	}
	switch from {
	case membership.AppDraft:
		do(func(tx *db.Tx) (Application, error) { return w.desk.Submit(tx, me, p.ID, p.Version) })
	case membership.AppSubmitted:
		do(func(tx *db.Tx) (Application, error) { return w.desk.Check(tx, w.cora, p.ID) })
	case membership.AppComplete:
		for i := range 2 {
			w.do(func(tx *db.Tx) error { _, err := w.desk.AskSponsor(tx, w.cora, p.ID, w.m[i].ID); return err })
			w.do(func(tx *db.Tx) error {
				_, err := w.desk.Speak(tx, w.actorIn(tx, w.admins[i]), p.ID, Speech{Org: w.m[i].ID, Answer: Supports, Text: "We know them."})
				return err
			})
		}
	case membership.AppSponsored:
		do(func(tx *db.Tx) (Application, error) { return w.desk.Announce(tx, w.cora, p.ID) })
	case membership.AppObjection:
		w.c.Advance(14*24*time.Hour + time.Second)
		w.tick()
	case membership.AppReady:
		w.do(func(tx *db.Tx) error { _, err := w.desk.Put(tx, w.cora, p.ID, Vote{}); return err })
	case membership.AppBallot:
		w.vote(p, board3(3, 0)...)
		w.close()
	case membership.AppAccepted:
		do(func(tx *db.Tx) (Application, error) { return w.desk.Prepare(tx, w.cora, p.ID, "", "") })
		do(func(tx *db.Tx) (Application, error) { return w.desk.Sign(tx, w.cora, p.ID) })
	case membership.AppSigned:
		do(func(tx *db.Tx) (Application, error) { return w.desk.SendTest(tx, w.cora, p.ID) })
		secret := w.mailed(p.Contact, p.Number)
		w.do(func(tx *db.Tx) error { return w.desk.AnswerTest(tx, secret) })
	case membership.AppTested:
		do(func(tx *db.Tx) (Application, error) { return w.desk.Activate(tx, w.cora, p.ID) })
	}
}

func (w *applyWorld) tick() {
	w.Helper()
	w.do(func(tx *db.Tx) error { _, err := w.desk.Tick(tx); return err })
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
		w.do(func(tx *db.Tx) error {
			_, err := w.desk.Board.Cast(tx, w.actorIn(tx, w.admins[i]), p.Motion, board.Said{Choice: c})
			return err
		})
	}
}

// close lets the ballot's week go by.
func (w *applyWorld) close() {
	w.Helper()
	w.c.Advance(7*24*time.Hour + time.Second)
	w.do(func(tx *db.Tx) error { _, err := w.desk.Board.Tick(tx); return err })
}
