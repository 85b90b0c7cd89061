package board

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
)

// events are the kinds of the events of a motion, oldest first.
func (w *world) events(m Motion) (out []string) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) {
		out, err = db.Column[string](tx, `SELECT kind FROM event WHERE scope = $1 ORDER BY seq`, m.ID)
		return err
	})
	return out
}

// Whatever a motion comes to, the effect of its kind learns it once, with the
// proposal, in the transaction that decides.
func TestEffectLearnsEveryEnd(t *testing.T) {
	each(t, 3, func(w *world) {
		var seen []Motion
		w.room.Effects = map[Kind]Effect{Rules: func(tx *db.Tx, m Motion) error { seen = append(seen, m); return nil }}
		ask := func() Motion {
			return w.opened(Motion{Kind: Rules, Proposal: json.RawMessage(` {"days": 14 } `)})
		}
		carried, failed, void := ask(), ask(), ask()
		for i := range w.seats {
			w.cast(w.exec(i), carried, ballot.Yes)
			w.cast(w.exec(i), failed, ballot.No)
		}
		if carried = w.close(carried); carried.State != ballot.Carried || carried.Effect != Done {
			w.Errorf("carried: %s, %q", carried.State, carried.Effect)
		}
		if failed, void = w.motion(failed), w.motion(void); failed.State != ballot.Failed || failed.Effect != "" || void.State != ballot.Void || void.Effect != "" {
			w.Errorf("failed: %s %q, void: %s %q", failed.State, failed.Effect, void.State, void.Effect)
		}
		withdrawn := ask()
		w.Do(func(tx *db.Tx) error { _, err := w.room.Withdraw(tx, w.cora, withdrawn.ID, "Not now."); return err })
		got := map[string]ballot.State{}
		for _, m := range seen {
			if string(m.Proposal) != `{"days":14}` {
				w.Errorf("the proposal is %s", m.Proposal)
			}
			got[m.ID] = m.State
		}
		if len(seen) != 4 || got[carried.ID] != ballot.Carried || got[failed.ID] != ballot.Failed || got[void.ID] != ballot.Void || got[withdrawn.ID] != ballot.Void {
			w.Errorf("the effect learned %v", got)
		}
		if k := w.events(carried); k[len(k)-1] != EventEffected {
			w.Errorf("events %v", k)
		}
		w.Verify(Tables()...)
	})
}

// An effect that refuses undoes what it wrote and leaves the decision
// standing, with the obstacle said; it can be done again once that is gone.
func TestEffectThatRefuses(t *testing.T) {
	each(t, 3, func(w *world) {
		gone := true
		w.room.Effects = map[Kind]Effect{Suspend: func(tx *db.Tx, m Motion) error {
			o, err := orgs.Get(tx, w.operator, m.Object.ID)
			if err != nil {
				return err
			}
			o.State = orgs.Suspended
			if _, err := orgs.Edit(tx, w.operator, o); err != nil {
				return err
			}
			if gone {
				return errs.New(errs.Conflict, "The member has left.")
			}
			return nil
		}}
		state := func() (s orgs.State) {
			w.Do(func(tx *db.Tx) error {
				o, err := orgs.Get(tx, w.operator, w.orgs[2].ID)
				s = o.State
				return err
			})
			return s
		}
		m := w.opened(Motion{Kind: Suspend, Object: ledger.Object{Kind: "org", ID: w.orgs[2].ID}})
		w.cast(w.exec(0), m, ballot.Yes)
		w.cast(w.exec(1), m, ballot.Yes)
		m = w.close(m)
		if m.State != ballot.Carried || m.Effect != Hindered || m.Obstacle != "The member has left." || state() != orgs.Active {
			w.Fatalf("%s, %q, %q; the organization is %s", m.State, m.Effect, m.Obstacle, state())
		}
		if k := w.events(m); k[len(k)-1] != EventHindered || k[len(k)-2] != EventCarried {
			w.Errorf("events %v", k)
		}
		for name, a := range map[string]audience.Actor{"executive": w.exec(0), "operator": w.runner, "stranger": w.otto, "visitor": {}} {
			kind := map[string]errs.Kind{"executive": errs.Denied, "operator": errs.NotFound, "stranger": errs.NotFound, "visitor": errs.Unauthenticated}[name]
			w.Refused("enact as "+name, kind, func(tx *db.Tx) error { _, err := w.room.Enact(tx, a, m.ID); return err })
		}
		enact := func(tx *db.Tx) (err error) { m, err = w.room.Enact(tx, w.cora, m.ID); return err }
		if w.Do(enact); m.Effect != Hindered {
			w.Errorf("again, with the obstacle still there: %q", m.Effect)
		}
		gone = false
		if w.Do(enact); m.Effect != Done || m.Obstacle != "" || m.State != ballot.Carried || state() != orgs.Suspended {
			w.Errorf("%q, %q, %s; the organization is %s", m.Effect, m.Obstacle, m.State, state())
		}
		w.Refused("enact once more", errs.Conflict, enact)
		w.Verify(Tables()...)
	})
}

// A fault of the program in an effect does not stop the other ballots, nor
// does it stand in the minutes.
func TestEffectWithAFault(t *testing.T) {
	each(t, 1, func(w *world) {
		w.room.Effects = map[Kind]Effect{Spend: func(tx *db.Tx, m Motion) error {
			if _, err := tx.Exec(`INSERT INTO board_room (id, audience_id) VALUES ('board', '')`); err == nil {
				return errors.New("the room was made twice")
			} else {
				return err
			}
		}}
		m, other := w.opened(Motion{Kind: Spend}), w.opened(Motion{})
		w.cast(w.exec(0), m, ballot.Yes)
		w.cast(w.exec(0), other, ballot.Yes)
		if m = w.close(m); m.State != ballot.Carried || m.Effect != Hindered || !strings.Contains(m.Obstacle, "fault of the server") {
			w.Errorf("%s, %q, %q", m.State, m.Effect, m.Obstacle)
		}
		if other = w.motion(other); other.State != ballot.Carried {
			w.Errorf("the other motion is %s", other.State)
		}
		w.Verify(Tables()...)
	})
}

func TestProposalIsOneSmallObject(t *testing.T) {
	each(t, 1, func(w *world) {
		for name, p := range map[string]string{"list": `[1]`, "cut": `{"a":`, "text": `"x"`, "long": `{"a":"` + strings.Repeat("x", maxProposal) + `"}`} {
			w.Refused(name, errs.Invalid, func(tx *db.Tx) error {
				_, err := Propose(tx, w.cora, Motion{Kind: Rules, Title: "A rule", Proposal: json.RawMessage(p)})
				return err
			})
		}
	})
}
