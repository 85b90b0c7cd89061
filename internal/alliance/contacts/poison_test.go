package contacts_test

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/oncall"
)

// duty keeps two contacts and a rotation in two layers, which a ladder calls.
func (w *world) duty() (r contacts.Rotation, l contacts.Ladder, ann, bob contacts.Contact) {
	w.Helper()
	ann = w.add(contacts.Contact{Kind: contacts.Desk, Name: "Ann", Mail: "ann@one.example"})
	bob = w.add(contacts.Contact{Kind: contacts.Response, Name: "Bob", Mail: "bob@one.example"})
	begin, _ := oncall.ParseWall("2026-01-05T09:00")
	layer := func(name, who string) oncall.Rotation {
		return oncall.Rotation{Name: name, Zone: "UTC", Start: begin, Every: oncall.Every{Weeks: 1}, Members: []string{who}}
	}
	r = contacts.Rotation{Org: w.one.ID, Name: "Duty", Layers: []oncall.Rotation{layer("main", ann.ID), layer("second", ann.ID)}}
	w.Do(func(tx *db.Tx) (err error) { r, err = contacts.AddRotation(tx, w.actors["admin"], r); return err })
	l = contacts.Ladder{Org: w.one.ID, Name: "Wake us", Ladder: oncall.Ladder{Steps: []oncall.Step{
		{Whom: oncall.Whom{Kind: oncall.ByPerson, ID: bob.ID}, Channel: oncall.Mail, Wait: 5},
		{Whom: oncall.Whom{Kind: oncall.ByRotation, ID: r.ID}, Channel: oncall.Mail, Wait: 5},
	}}}
	w.Do(func(tx *db.Tx) (err error) { l, err = contacts.AddLadder(tx, w.actors["admin"], l); return err })
	w.still()
	return r, l, ann, bob
}

func (w *world) layers(r contacts.Rotation, to any) {
	w.Helper()
	w.Do(func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE contact_rotation SET layers = $1 WHERE id = $2`, to, r.ID)
		return err
	})
}

// A rotation of which an override names a layer that is gone stops no call, no
// list, and no other work of the clock.
func TestABrokenRotationStopsNothing(t *testing.T) {
	each(t, func(w *world) {
		r, l, ann, bob := w.duty()
		w.Do(func(tx *db.Tx) error {
			_, err := contacts.HandOver(tx, w.actors["admin"], contacts.Override{Rotation: r.ID, Layer: "second", Contact: bob.ID, To: w.Clock.Now().Add(time.Hour)})
			return err
		})
		c := w.start("admin", false, contacts.Ask{Ladder: l.ID, Urgency: oncall.Emergency})
		w.layers(r, db.JSON(r.Layers[:1]))
		w.pass(6 * time.Minute)
		if len(w.mails(bob.Mail)) != 1 || len(w.mails(ann.Mail)) != 1 {
			t.Errorf("paged as %+v", w.call("admin", c.ID).Pages)
		}
		w.pass(time.Hour)
		if c = w.call("admin", c.ID); c.State != contacts.Unanswered {
			t.Errorf("the call is %s", c.State)
		}
		w.Do(func(tx *db.Tx) error {
			list, _, err := contacts.Troubles(tx, w.actors["admin"], w.one.ID, "")
			if !slices.ContainsFunc(list, func(x contacts.Trouble) bool {
				return x.Kind == "rotation" && x.ID == r.ID && strings.Contains(x.What, "do not fit")
			}) {
				t.Errorf("told of %+v", list)
			}
			return err
		})
		w.Do(func(tx *db.Tx) error {
			list, err := contacts.WhoNow(tx, w.actors["admin"], w.one.ID, "", time.Time{})
			if len(list) != 2 || list[0].OnCall {
				t.Errorf("to call: %+v", list)
			}
			return err
		})
		w.start("admin", false, contacts.Ask{Ladder: l.ID})
		w.Refused("a calendar of it", errs.Conflict, func(tx *db.Tx) error {
			_, err := contacts.Ahead(tx, w.actors["admin"], r.ID, w.Clock.Now(), w.Clock.Now().Add(24*time.Hour))
			return err
		})
		w.layers(r, db.JSON(r.Layers))
	})
}

// A page that cannot be made stays due; the pages of others leave, what else
// is due is done, and the server's log tells of it.
func TestAPageThatCannotBeMadeHoldsUpNoOther(t *testing.T) {
	each(t, func(w *world) {
		var told bytes.Buffer
		w.DB.Log = slog.New(slog.NewTextHandler(&told, nil))
		r, l, ann, _ := w.duty()
		w.start("admin", false, contacts.Ask{Ladder: l.ID, Urgency: oncall.Emergency})
		other := contacts.Contact{Org: w.two.ID, Kind: contacts.Desk, Name: "Zoe", Mail: "zoe@two.example"}
		last := other
		last.Name, last.Mail = "Yan", "yan@two.example"
		var called contacts.Call
		w.Do(func(tx *db.Tx) (err error) {
			if other, err = contacts.Add(tx, w.actors["other"], other); err != nil {
				return err
			}
			if last, err = contacts.Add(tx, w.actors["other"], last); err != nil {
				return err
			}
			called, err = w.board.Call(tx, w.actors["other"], contacts.Ask{Org: w.two.ID})
			return err
		})
		w.still()
		w.layers(r, "{")
		w.pass(16 * time.Minute)
		if len(w.mails(other.Mail))+len(w.mails(last.Mail)) != 2 || len(w.mails(ann.Mail)) != 0 {
			t.Errorf("the other organization was paged as %+v", w.call("other", called.ID).Pages)
		}
		if got := told.String(); !strings.Contains(got, "the clock could not do a piece of its work") || !strings.Contains(got, "page") {
			t.Errorf("the log says %s", got)
		}
		w.pass(16 * time.Minute)
		if w.call("other", called.ID).State != contacts.Unanswered {
			t.Error("the other call does not end")
		}
		w.layers(r, db.JSON(r.Layers))
	})
}

// Whoever hands over and whoever takes the layer away wait for one another:
// never do both happen.
func TestHandingOverALayerThatIsTakenAway(t *testing.T) {
	each(t, func(w *world) {
		hand := func(tx *db.Tx, r contacts.Rotation, who string) error {
			_, err := contacts.HandOver(tx, w.actors["admin"], contacts.Override{Rotation: r.ID, Layer: "second", Contact: who, To: w.Clock.Now().Add(time.Hour)})
			return err
		}
		cut := func(tx *db.Tx, r contacts.Rotation) error {
			r.Layers = r.Layers[:1]
			_, err := contacts.EditRotation(tx, w.actors["responder"], r)
			return err
		}
		r, _, _, bob := w.duty()
		first := func(one, two func(*db.Tx) error) error {
			var late error
			var wg sync.WaitGroup
			w.Do(func(tx *db.Tx) error {
				if err := one(tx); err != nil {
					return err
				}
				wg.Go(func() { late = w.DB.Write(w.Context(), two) })
				time.Sleep(200 * time.Millisecond) // until the other waits
				return nil
			})
			wg.Wait()
			return late
		}
		handing := func(tx *db.Tx) error { return hand(tx, r, bob.ID) }
		cutting := func(tx *db.Tx) error { return cut(tx, r) }
		if err := first(handing, cutting); !errs.Is(err, errs.Invalid) {
			t.Errorf("the layer of an override is taken away: %v", err)
		}
		w.Do(func(tx *db.Tx) error {
			list, err := contacts.Overrides(tx, w.actors["admin"], r.ID)
			if err != nil || len(list) != 1 {
				t.Fatalf("%d overrides: %v", len(list), err)
			}
			return contacts.TakeBack(tx, w.actors["admin"], r.ID, list[0].ID)
		})
		if err := first(cutting, handing); !errs.Is(err, errs.Invalid) {
			t.Errorf("a layer that is gone is handed over: %v", err)
		}
	})
}

// Two replicas at once ask a contact once, and begin one test.
func TestTwoReplicasAskOnce(t *testing.T) {
	each(t, func(w *world) {
		desk := w.add(contacts.Contact{Kind: contacts.Desk, Name: "Desk", Mail: "desk@one.example"})
		w.Clock.Set(w.Clock.Now().Add(121 * 24 * time.Hour))
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := w.DB.Write(w.Context(), func(tx *db.Tx) error {
					_, err := w.board.Tick(tx)
					time.Sleep(50 * time.Millisecond)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.Do(func(tx *db.Tx) error {
			list, err := w.board.Box.List(tx, outbox.Filter{State: outbox.Pending, Limit: 200})
			asked := 0
			for _, it := range list {
				if strings.HasPrefix(it.Key, "contact-ask:") {
					asked++
				}
			}
			links, err2 := db.Value[int](tx, `SELECT COUNT(*) FROM contact_link WHERE subject_id = $1`, desk.ID)
			tests, err3 := db.Value[int](tx, `SELECT COUNT(*) FROM contact_call WHERE drill = 1`)
			if asked != 1 || links != 1 || tests != 1 || err != nil || err2 != nil || err3 != nil {
				t.Errorf("%d mails, %d links, %d tests (%v %v %v)", asked, links, tests, err, err2, err3)
			}
			return nil
		})
	})
}
