package membership_test

import (
	"testing"
	"time"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	spec "tocsin/spec/membership"
)

// reminders lists when a member was reminded, in days before the end.
func (w *stand) reminders(ref string) (out []int) {
	w.Helper()
	m := w.member1(ref)
	w.Do(func(tx *db.Tx) error {
		list, err := db.All(tx, func(t *time.Time) []any { return []any{db.At(t)} }, `SELECT at FROM event WHERE kind = 'renewal.reminded' AND object_id = $1 ORDER BY seq`, m.ID)
		for _, at := range list {
			out = append(out, int(m.Due.Sub(at)/days))
		}
		return err
	})
	return out
}

func (w *stand) asks(program programs.Program, evidence ...programs.Evidence) (agreement string) {
	w.Helper()
	w.Do(func(tx *db.Tx) error {
		op := w.Actor(tx, w.op)
		g, err := agreements.Make(tx, op, agreements.Agreement{Kind: agreements.NDA, Title: "NDA of " + program.Name, Current: agreements.Text{Body: "Keep it."}})
		if err != nil {
			return err
		}
		agreement = g.ID
		r, err := programs.RulesOf(tx, program.ID)
		if err != nil {
			return err
		}
		r.Agreements, r.Evidence = []string{g.ID}, evidence
		_, err = programs.ChangeRules(tx, op, r)
		return err
	})
	return agreement
}

func TestRenewalThroughTheYear(t *testing.T) {
	standing(t, func(w *stand) {
		ref := in(w.sub, w.orgs[0])
		agreement := w.asks(w.sub, programs.SIM3Evidence)
		start := w.Clock.Now()
		w.tick()
		m := w.member1(ref)
		if m.Standing != spec.Good || !m.Due.Equal(start.Add(365*days)) || m.Renewing() {
			w.Fatalf("at first: %+v", m)
		}
		w.Refused("noted before it is asked for", errs.Conflict, func(tx *db.Tx) error {
			_, err := membership.NoteStep(tx, w.Actor(tx, w.cora), ref, membership.StepFee, "paid")
			return err
		})
		w.Refused("renewed before it is asked for", errs.Conflict, func(tx *db.Tx) error { _, err := membership.Renew(tx, w.Actor(tx, w.cora), ref); return err })
		w.until(start.Add(300 * days))
		var open []membership.Step
		list := func() {
			w.Do(func(tx *db.Tx) error {
				steps, err := membership.Checklist(tx, w.Actor(tx, w.admins[0]), ref)
				open = membership.Missing(steps)
				return err
			})
		}
		if list(); len(open) != 4 {
			w.Fatalf("asked for: %+v", open)
		}
		admin, cora := w.As(w.admins[0]), w.As(w.cora)
		w.Refused("the member notes its own fee", errs.Denied, func(tx *db.Tx) error {
			_, err := membership.NoteStep(tx, admin, ref, membership.StepFee, "paid")
			return err
		})
		w.Refused("a responder renews the evidence", errs.Denied, func(tx *db.Tx) error {
			_, err := membership.NoteStep(tx, w.Actor(tx, w.responders[0]), ref, membership.StepEvidence, "x")
			return err
		})
		w.Refused("another member", errs.NotFound, func(tx *db.Tx) error {
			_, err := membership.NoteStep(tx, w.Actor(tx, w.admins[1]), ref, membership.StepEvidence, "x")
			return err
		})
		w.Refused("contacts are not noted", errs.Invalid, func(tx *db.Tx) error {
			_, err := membership.NoteStep(tx, cora, ref, membership.StepContacts, "x")
			return err
		})
		w.Refused("renewed while something is missing", errs.Conflict, func(tx *db.Tx) error { _, err := membership.Renew(tx, admin, ref); return err })
		w.Do(func(tx *db.Tx) error {
			if _, err := membership.NoteStep(tx, cora, ref, membership.StepFee, "Transferred."); err != nil {
				return err
			}
			if _, err := membership.NoteStep(tx, admin, ref, membership.StepEvidence, "As before."); err != nil {
				return err
			}
			_, err := membership.NoteStep(tx, admin, ref, membership.StepEvidence, "https://one.example/sim3")
			return err
		})
		if list(); len(open) != 2 || open[0].Kind != membership.StepAgreements || open[1].Kind != membership.StepContacts {
			w.Fatalf("still open: %+v", open)
		}
		// Not in time: read-only, and after the grace nothing.
		w.until(start.Add(365 * days))
		if m = w.member1(ref); m.Standing != spec.Lapsed || w.cap(w.responders[0], w.sub) != audience.Reader || w.cap(w.responders[0], w.umbrella) != audience.Reader {
			w.Errorf("when its day had come: %s, %v", m.Standing, w.cap(w.responders[0], w.sub))
		}
		if got := w.reminders(ref); len(got) != 3 || got[0] < 87 || got[1] > 60 || got[1] < 57 || got[2] > 30 || got[2] < 27 {
			w.Errorf("reminded %v days before", got)
		}
		w.until(start.Add(395 * days))
		if m = w.member1(ref); m.Standing != spec.Suspended || w.cap(w.responders[0], w.sub) != audience.None {
			w.Errorf("after the grace: %s", m.Standing)
		}
		// What was missing is given, and renewing restores.
		w.Do(func(tx *db.Tx) error {
			admin := w.Actor(tx, w.admins[0])
			g, err := agreements.Get(tx, admin, agreement)
			if err != nil {
				return err
			}
			if _, err := agreements.Accept(tx, admin, agreements.Signature{Agreement: g.ID, Text: g.Current.ID, Org: w.orgs[0].ID}); err != nil {
				return err
			}
			_, err = tx.Exec(`INSERT INTO contact (id, org_id, audience_id, tlp, kind, name, time_zone, confirmed_at, created_at, version) VALUES ('con_1', $1, '', 0, 'response', 'PSIRT', 'UTC', $2, $2, 1)`, w.orgs[0].ID, db.Micros(tx.Now))
			return err
		})
		w.Do(func(tx *db.Tx) error {
			owed, err := membership.RenewalsOwed(tx, w.Actor(tx, w.admins[0]))
			if len(owed) != 1 || owed[0].Program != w.sub.ID { // the umbrella waits for the secretariat alone
				w.Errorf("owed: %+v", owed)
			}
			return err
		})
		w.Do(func(tx *db.Tx) error { _, err := membership.Renew(tx, w.Actor(tx, w.admins[0]), ref); return err })
		if m = w.member1(ref); m.Own != spec.Good || !m.Due.Equal(w.Clock.Now().Add(365*days)) {
			w.Errorf("renewed: %+v", m)
		}
		if m.Standing != spec.Suspended || m.Because != "Umbrella" {
			w.Errorf("under a lapsed umbrella: %+v", m)
		}
		w.Do(func(tx *db.Tx) error {
			up := in(w.umbrella, w.orgs[0])
			if _, err := membership.NoteStep(tx, w.Actor(tx, w.cora), up, membership.StepFee, "Waived."); err != nil {
				return err
			}
			_, err := membership.Renew(tx, w.Actor(tx, w.cora), up)
			return err
		})
		if w.cap(w.responders[0], w.sub) != audience.Contributor {
			w.Error("renewed in both, and not restored")
		}
	})
}

// Whoever gave everything in time does not lapse for want of a click; and a
// server that stood still for a year reminds once and does not suspend at
// once.
func TestRenewalByItselfAndAfterALongSleep(t *testing.T) {
	standing(t, func(w *stand) {
		start := w.Clock.Now()
		w.tick()
		ref, slept := in(w.umbrella, w.orgs[0]), in(w.umbrella, w.orgs[1])
		w.until(start.Add(290 * days))
		w.Do(func(tx *db.Tx) error {
			if _, err := membership.NoteStep(tx, w.Actor(tx, w.cora), ref, membership.StepFee, "paid"); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO contact (id, org_id, audience_id, tlp, kind, name, time_zone, confirmed_at, created_at, version) VALUES ('con_1', $1, '', 0, 'response', 'PSIRT', 'UTC', $2, $2, 1)`, w.orgs[0].ID, db.Micros(tx.Now))
			return err
		})
		w.Clock.Advance(start.Add(366 * days).Sub(w.Clock.Now()))
		w.tick()
		if m := w.member1(ref); m.Standing != spec.Good || !m.Due.Equal(start.Add(730*days)) {
			w.Errorf("all was given: %+v", m)
		}
		if m := w.member1(slept); m.Standing != spec.Lapsed || len(w.reminders(slept)) > 2 {
			w.Errorf("nothing was given: %+v, reminded %v", m, w.reminders(slept))
		}
		w.Do(func(tx *db.Tx) error {
			size, err := ledger.Size(tx)
			if err != nil {
				return err
			}
			if next, err := membership.StandingTick(tx); err != nil || !next.After(tx.Now) {
				w.Errorf("the clock finds no rest: %v, %v", next, err)
			}
			if again, _ := ledger.Size(tx); again != size {
				w.Error("a second tick did something")
			}
			return nil
		})
	})
}

// Members that were there before anybody kept their standing, and programs
// that change their term, are asked at least 90 days beforehand.
func TestNobodyIsDueWithoutBeingAsked(t *testing.T) {
	standing(t, func(w *stand) {
		start := w.Clock.Now()
		w.Clock.Advance(1000 * days)
		w.tick()
		ref := in(w.umbrella, w.orgs[0])
		if m := w.member1(ref); m.Own != spec.Good || m.Due.Sub(w.Clock.Now()) < 89*days {
			w.Errorf("an old member: %+v", m)
		}
		change := func(d int) {
			w.Do(func(tx *db.Tx) error {
				r, err := programs.RulesOf(tx, w.umbrella.ID)
				if err != nil {
					return err
				}
				r.RenewDays = d
				_, err = programs.ChangeRules(tx, w.Actor(tx, w.op), r)
				return err
			})
			w.Clock.Advance(2 * time.Hour)
			w.tick()
		}
		change(30)
		if m := w.member1(ref); m.Own != spec.Good || m.Due.Sub(w.Clock.Now()) < 89*days {
			w.Errorf("a shorter term: %+v", m)
		}
		change(0)
		if m := w.member1(ref); m.Own != spec.Good || !m.Due.IsZero() {
			w.Errorf("without end: %+v", m)
		}
		change(2000)
		if m := w.member1(ref); m.Own != spec.Good || !m.Due.Equal(start.Add(2000*days)) {
			w.Errorf("a longer term: %+v", m)
		}
		// Whoever leaves by themselves is not asked any more.
		w.Do(func(tx *db.Tx) error { return programs.Leave(tx, w.Actor(tx, w.op), w.umbrella.ID, w.orgs[0].ID) })
		w.Clock.Advance(2 * time.Hour)
		w.tick()
		w.until(start.Add(2000 * days))
		if m := w.member1(ref); m.Own != spec.Good || m.Reminded != 0 {
			w.Errorf("who left: %+v", m)
		}
	})
}
