package membership

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/membership"
)

var errUndone = errors.New("undone")

// try runs fn and takes back whatever it did.
func (w *applyWorld) try(fn func(tx *db.Tx) error) (err error) {
	w.Helper()
	back := w.DB.Write(context.Background(), func(tx *db.Tx) error {
		err = fn(tx)
		return errUndone
	})
	if !errors.Is(back, errUndone) {
		w.Fatal(back)
	}
	return err
}

// toState is an application in a state.
func (w *applyWorld) toState(s membership.AppState) (Application, audience.Actor) {
	w.Helper()
	switch s {
	case membership.AppRefused:
		p, me := w.reach(membership.AppSubmitted)
		w.Do(func(tx *db.Tx) error {
			_, err := w.desk.Decide(tx, w.cora, p.ID, Verdict{Why: "spam", Reason: "This is no application."})
			return err
		})
		return w.is(p, s), me
	case membership.AppWithdrawn:
		p, me := w.reach(membership.AppSubmitted)
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Withdraw(tx, me, p.ID); return err })
		return w.is(p, s), me
	case membership.AppLapsed:
		p, me := w.reach(membership.AppSubmitted)
		w.Clock.Advance(AppLife)
		w.tick()
		return w.is(p, s), me
	}
	return w.reach(s)
}

// Every state with every verb: the one place that moves an application moves
// it along the table's rows alone, and the verbs of the doors do what the
// table says, or refuse and change nothing.
func TestApplicationMachineWalkedWhole(t *testing.T) {
	// What the doors offer in a program with a board: "states verb".
	doors := map[membership.AppVerb]string{
		membership.AppEdit: "D", membership.AppSubmit: "D", membership.AppReturn: "S", membership.AppCheck: "S", membership.AppSponsor: "C", membership.AppAnnounce: "P", membership.AppObject: "O",
		membership.AppPut: "R", membership.AppAccept: "", membership.AppRefuse: "S", membership.AppPrepare: "A", membership.AppSign: "A", membership.AppTest: "G", membership.AppActivate: "T", membership.AppWithdraw: "DSCPORBAGT",
	}
	for _, s := range membership.Application.Info {
		t.Run(string(s.ID), func(t *testing.T) {
			eachWorld(t, func(w *applyWorld) {
				p, me := w.toState(s.ID)
				if s.ID == membership.AppAccepted { // without an account nobody signs
					w.Do(func(tx *db.Tx) error { _, err := w.desk.Prepare(tx, w.cora, p.ID, "", ""); return err })
					p = w.now(p)
				}
				for _, v := range membership.Application.AllVerbs() {
					to, allowed := membership.Application.Next(s.ID, v)
					err := w.try(func(tx *db.Tx) error {
						q, err := heldApp(tx, p.ID, Secretariat)
						if err != nil {
							return err
						}
						if err := q.move(tx, v, ""); err != nil {
							return err
						}
						if q.State != to {
							t.Errorf("%s leads to %s, want %s", v, q.State, to)
						}
						return nil
					})
					if allowed != (err == nil) || !allowed && !errs.Is(err, errs.Conflict) {
						t.Errorf("move %s: %v", v, err)
					}
				}
				for v, states := range doors {
					verb := w.verb(v, p, me)
					if strings.Contains(states, s.Code) {
						if err := w.try(verb); err != nil {
							t.Errorf("%s: %v", v, err)
						}
						continue
					}
					kind := errs.Conflict
					if s.ID == membership.AppDraft && !slices.Contains([]membership.AppVerb{membership.AppObject, membership.AppSign}, v) {
						kind = errs.Denied // no secretariat reads a draft that was never submitted
					}
					w.Refused(string(v), kind, verb)
				}
				w.verify()
			})
		})
	}
}

func (w *applyWorld) verb(v membership.AppVerb, p Application, me audience.Actor) func(tx *db.Tx) error {
	a := func(f func(tx *db.Tx) (Application, error)) func(tx *db.Tx) error {
		return func(tx *db.Tx) error { _, err := f(tx); return err }
	}
	switch v {
	case membership.AppEdit:
		in := w.form
		in.Version = p.Version
		return a(func(tx *db.Tx) (Application, error) { return w.desk.Save(tx, me, p.ID, in) })
	case membership.AppSubmit:
		return a(func(tx *db.Tx) (Application, error) { return w.desk.Submit(tx, me, p.ID, p.Version) })
	case membership.AppReturn:
		return a(func(tx *db.Tx) (Application, error) { return w.desk.Return(tx, w.staff(p), p.ID, "More.") })
	case membership.AppCheck:
		return a(func(tx *db.Tx) (Application, error) { return w.desk.Check(tx, w.staff(p), p.ID) })
	case membership.AppSponsor:
		return func(tx *db.Tx) error { _, err := w.desk.AskSponsor(tx, w.staff(p), p.ID, w.m[2].ID); return err }
	case membership.AppAnnounce:
		return a(func(tx *db.Tx) (Application, error) { return w.desk.Announce(tx, w.staff(p), p.ID) })
	case membership.AppObject:
		return func(tx *db.Tx) error {
			// Before and after the members may not even see it.
			_, err := w.desk.Object(tx, w.Actor(tx, w.admins[2]), p.ID, Speech{Org: w.m[2].ID, Text: "No."})
			if errs.Is(err, errs.NotFound) && p.State != membership.AppObjection {
				err = errs.New(errs.Conflict, "not seen")
			}
			return err
		}
	case membership.AppPut:
		return func(tx *db.Tx) error { _, err := w.desk.Put(tx, w.staff(p), p.ID, Vote{}); return err }
	case membership.AppAccept:
		return a(func(tx *db.Tx) (Application, error) {
			return w.desk.Decide(tx, w.staff(p), p.ID, Verdict{Accept: true, Why: "Fine."})
		})
	case membership.AppRefuse:
		return a(func(tx *db.Tx) (Application, error) {
			return w.desk.Decide(tx, w.staff(p), p.ID, Verdict{Why: "No.", Reason: "No."})
		})
	case membership.AppPrepare:
		return a(func(tx *db.Tx) (Application, error) { return w.desk.Prepare(tx, w.staff(p), p.ID, "", "") })
	case membership.AppSign:
		return a(func(tx *db.Tx) (Application, error) { return w.desk.Sign(tx, me, p.ID) })
	case membership.AppTest:
		return a(func(tx *db.Tx) (Application, error) { return w.desk.SendTest(tx, w.staff(p), p.ID) })
	case membership.AppActivate:
		return a(func(tx *db.Tx) (Application, error) { return w.desk.Activate(tx, w.staff(p), p.ID) })
	}
	return a(func(tx *db.Tx) (Application, error) { return w.desk.Withdraw(tx, me, p.ID) })
}

// staff is a coordinator; a draft that was never submitted none can see, and
// the applicant itself tries.
func (w *applyWorld) staff(p Application) audience.Actor {
	if p.Dates[membership.AppSubmitted].IsZero() {
		return audience.ForLink(p.ID)
	}
	return w.carl
}

// A program without a board, sponsors or period: two people decide.
func TestCoordinatorsDecideInTwos(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		in := w.form
		in.Evidence = Evidence{}
		p, me := w.begun(w.lab.ID, in)
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Submit(tx, me, p.ID, p.Version); return err })
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Check(tx, w.cora, p.ID); return err })
		p = w.is(p, membership.AppSponsored) // no sponsors are asked for
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Announce(tx, w.cora, p.ID); return err })
		w.is(p, membership.AppReady) // and no time for objections is given
		yes := Verdict{Accept: true, Why: "They know their trade."}
		w.Refused("who checked it decides", errs.Denied, func(tx *db.Tx) error { _, err := w.desk.Decide(tx, w.cora, p.ID, yes); return err })
		w.Refused("a ballot without a board", errs.Conflict, func(tx *db.Tx) error { _, err := w.desk.Put(tx, w.carl, p.ID, Vote{}); return err })
		w.Do(func(tx *db.Tx) error { return w.desk.DeclareConflict(tx, w.carl, p.ID, "", "My cousin works there.") })
		w.Refused("in conflict", errs.Denied, func(tx *db.Tx) error { _, err := w.desk.Decide(tx, w.carl, p.ID, yes); return err })
		var chris audience.Actor
		w.Do(func(tx *db.Tx) error {
			x := w.Person(tx, "Chris")
			if err := appoint(tx, w, x.ID); err != nil {
				return err
			}
			chris = w.Actor(tx, x)
			return nil
		})
		// The program's own coordinators are its secretariat too.
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Decide(tx, chris, p.ID, yes); return err })
		w.is(p, membership.AppAccepted)
		w.verify()
	})
}

func TestRefusalWithAndWithoutABar(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		p, me := w.toState(membership.AppRefused)
		again := func() error {
			q, you := w.begun(w.program.ID, w.form)
			return w.try(func(tx *db.Tx) error { _, err := w.desk.Submit(tx, you, q.ID, q.Version); return err })
		}
		if err := again(); err != nil {
			t.Errorf("no bar was said: %v", err)
		}
		until := w.DB.Clock.Now().Add(90 * 24 * time.Hour)
		w.Do(func(tx *db.Tx) error {
			_, err := w.desk.Explain(tx, w.cora, p.ID, Verdict{Reason: "Come back with a team.", ReapplyAt: until})
			return err
		})
		if err := again(); !errs.Is(err, errs.Conflict) || !strings.Contains(err.Error(), "apply again from") {
			t.Errorf("within the bar: %v", err)
		}
		w.Do(func(tx *db.Tx) error {
			d, err := Look(tx, me, p.ID)
			if d.Reason != "Come back with a team." || !d.ReapplyAt.Equal(until) || d.DecidedBy != "" {
				t.Errorf("the applicant reads %q, %s, by %q", d.Reason, d.ReapplyAt, d.DecidedBy)
			}
			return err
		})
		// Somebody else of another domain is not barred.
		other := w.form
		other.Name, other.Contact, other.Website = "Wharf", "psirt@wharf.example", "https://wharf.example"
		q, you := w.begun(w.program.ID, other)
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Submit(tx, you, q.ID, q.Version); return err })
		w.Clock.Advance(91 * 24 * time.Hour)
		if err := again(); err != nil {
			t.Errorf("after the bar: %v", err)
		}
		w.Refused("a bar in the past", errs.Invalid, func(tx *db.Tx) error {
			_, err := w.desk.Explain(tx, w.cora, p.ID, Verdict{Reason: "x", ReapplyAt: tx.Now.Add(-time.Hour)})
			return err
		})
		w.verify()
	})
}

func TestMayAgreesWithTheVerbs(t *testing.T) {
	for _, s := range membership.Way[1:] {
		t.Run(string(s), func(t *testing.T) {
			eachWorld(t, func(w *applyWorld) {
				p, _ := w.toState(s)
				var d Dossier
				w.Do(func(tx *db.Tx) (err error) { d, err = Look(tx, w.carl, p.ID); return err })
				for _, v := range []membership.AppVerb{membership.AppReturn, membership.AppCheck, membership.AppAnnounce, membership.AppPut, membership.AppAccept, membership.AppRefuse, membership.AppPrepare, membership.AppTest, membership.AppActivate} {
					err := w.try(w.verb(v, p, audience.Actor{}))
					if slices.Contains(d.May, string(v)) != (err == nil) {
						t.Errorf("%s: offered %v, and %v", v, slices.Contains(d.May, string(v)), err)
					}
				}
			})
		})
	}
}

func appoint(tx *db.Tx, w *applyWorld, person string) error {
	return programs.AppointCoordinator(tx, w.op, w.lab.ID, person)
}
