package membership_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/ballot"
	spec "tocsin/spec/membership"
)

func TestWarningAndReduction(t *testing.T) {
	standing(t, func(w *stand) {
		ref := in(w.umbrella, w.orgs[0])
		cora, admin, other := w.As(w.cora), w.As(w.admins[0]), w.As(w.admins[1])
		w.Refused("a member sanctions", errs.NotFound, func(tx *db.Tx) error { _, err := membership.Warn(tx, other, ref, "x"); return err })
		w.Refused("the member itself", errs.Denied, func(tx *db.Tx) error { _, err := membership.Warn(tx, admin, ref, "x"); return err })
		w.Refused("a visitor", errs.Unauthenticated, func(tx *db.Tx) error { _, err := membership.Warn(tx, audience.Actor{}, ref, "x"); return err })
		w.Refused("without a reason", errs.Invalid, func(tx *db.Tx) error { _, err := membership.Warn(tx, cora, ref, " \n"); return err })
		w.Refused("an operator", errs.Denied, func(tx *db.Tx) error { _, err := membership.Reduce(tx, w.Actor(tx, w.runa), ref, "x"); return err })
		w.Refused("no such member", errs.NotFound, func(tx *db.Tx) error {
			_, err := membership.Warn(tx, cora, w.umbrella.ID+".org_none", "x")
			return err
		})
		readOnly := cora
		readOnly.Token, readOnly.Scopes = "tok", []string{charter.ScopeWrite}
		w.Refused("a token that may not", errs.Denied, func(tx *db.Tx) error { _, err := membership.Warn(tx, readOnly, ref, "x"); return err })

		w.Do(func(tx *db.Tx) error { _, err := membership.Warn(tx, cora, ref, "Two leaks."); return err })
		if m := w.member1(ref); m.Standing != spec.Warned || w.cap(w.responders[0], w.umbrella) != audience.Contributor {
			w.Errorf("warned: %s", m.Standing)
		}
		w.Refused("a second warning", errs.Conflict, func(tx *db.Tx) error { _, err := membership.Warn(tx, cora, ref, "x"); return err })
		w.Clock.Advance(time.Hour)
		w.Do(func(tx *db.Tx) error { _, err := membership.Reduce(tx, cora, ref, "A third."); return err })
		w.Do(func(tx *db.Tx) error { // the warning has made way
			got, err := membership.TallyOf(tx, cora)
			if got.Sanctions != 1 {
				w.Errorf("%d sanctions in force against one member", got.Sanctions)
			}
			return err
		})
		// It holds in the program below too, and nowhere else.
		for _, p := range []struct {
			who  int
			want audience.Role
		}{{0, audience.Reader}, {1, audience.Contributor}} {
			if got := w.cap(w.responders[p.who], w.umbrella); got != p.want {
				w.Errorf("in the program itself: %v", got)
			}
			if got := w.cap(w.responders[p.who], w.sub); got != p.want {
				w.Errorf("in the program below: %v", got)
			}
			if got := w.As(w.responders[p.who]).Cap(audience.Org, w.orgs[p.who].ID); got != audience.Contributor {
				w.Errorf("in the organization: %v", got)
			}
		}
		if m := w.member1(in(w.sub, w.orgs[0])); m.Standing != spec.Reduced || m.Own != spec.Good || m.Because != "Umbrella" {
			w.Errorf("below: %+v", m)
		}
		m := w.member1(ref)
		list := w.penalties(m)
		if len(list) != 2 || list[0].Kind != spec.Reduce || list[1].FollowedBy != list[0].ID || list[0].Reason != "A third." {
			w.Fatalf("sanctions %+v", list)
		}
		// Lifting the heavier one lets the milder one stand again.
		w.Refused("lifted by the member", errs.Denied, func(tx *db.Tx) error { _, err := membership.Lift(tx, admin, list[0].ID, "x"); return err })
		w.Refused("lifted by another member", errs.NotFound, func(tx *db.Tx) error { _, err := membership.Lift(tx, other, list[0].ID, "x"); return err })
		w.Do(func(tx *db.Tx) error {
			_, err := membership.Lift(tx, cora, list[0].ID, "It was a misunderstanding.")
			return err
		})
		if m = w.member1(ref); m.Standing != spec.Warned || w.cap(w.responders[0], w.sub) != audience.Contributor {
			w.Errorf("after lifting: %s", m.Standing)
		}
		w.Do(func(tx *db.Tx) error { _, err := membership.Lift(tx, cora, list[1].ID, "Done."); return err })
		if m = w.member1(ref); m.Standing != spec.Good {
			w.Errorf("after lifting all: %s", m.Standing)
		}
		w.Refused("lifted twice", errs.Conflict, func(tx *db.Tx) error { _, err := membership.Lift(tx, cora, list[1].ID, "x"); return err })
	})
}

func TestBoardSuspendsAndAppealOverturns(t *testing.T) {
	standing(t, func(w *stand) {
		ref := in(w.umbrella, w.orgs[0])
		var mo board.Motion
		w.Refused("a stranger proposes", errs.NotFound, func(tx *db.Tx) error {
			_, err := membership.ProposeSanction(tx, w.Actor(tx, w.admins[1]), ref, spec.Suspend, "x")
			return err
		})
		w.Do(func(tx *db.Tx) (err error) {
			mo, err = membership.ProposeSanction(tx, w.Actor(tx, w.cora), ref, spec.Suspend, "It leaked.")
			return err
		})
		if mo = w.decided(mo, ballot.Yes); mo.State != ballot.Carried || mo.Effect != board.Done {
			w.Fatalf("the motion: %s, %q %s", mo.State, mo.Effect, mo.Obstacle)
		}
		m := w.member1(ref)
		if m.Standing != spec.Suspended || w.cap(w.reader[0], w.umbrella) != audience.None || w.cap(w.admins[0], w.sub) != audience.None {
			w.Errorf("suspended: %s", m.Standing)
		}
		p := w.penalties(m)[0]
		if p.Motion != mo.ID || p.By != "" || p.Reason != "It leaked." || !p.AppealUntil.Equal(p.At.Add(14*days)) {
			w.Errorf("the sanction %+v", p)
		}
		// The admin reaches the page and appeals; nobody else of the member can.
		w.Refused("a responder appeals", errs.Denied, func(tx *db.Tx) error {
			_, err := membership.Appeal(tx, w.Actor(tx, w.responders[0]), p.ID, "No.")
			return err
		})
		w.Refused("another member's admin appeals", errs.NotFound, func(tx *db.Tx) error {
			_, err := membership.Appeal(tx, w.Actor(tx, w.admins[1]), p.ID, "No.")
			return err
		})
		w.Refused("without reasons", errs.Invalid, func(tx *db.Tx) error {
			_, err := membership.Appeal(tx, w.Actor(tx, w.admins[0]), p.ID, "")
			return err
		})
		w.Do(func(tx *db.Tx) error {
			_, err := membership.Appeal(tx, w.Actor(tx, w.admins[0]), p.ID, "It was not us.")
			return err
		})
		w.Refused("appealed twice", errs.Conflict, func(tx *db.Tx) error {
			_, err := membership.Appeal(tx, w.Actor(tx, w.admins[0]), p.ID, "Really.")
			return err
		})
		w.Refused("a coordinator decides for the board", errs.Denied, func(tx *db.Tx) error {
			_, err := membership.DecideAppeal(tx, w.Actor(tx, w.dora), p.ID, true, "x")
			return err
		})
		w.Refused("a coordinator lifts what the board decided", errs.Denied, func(tx *db.Tx) error {
			_, err := membership.Lift(tx, w.Actor(tx, w.dora), p.ID, "x")
			return err
		})
		w.Do(func(tx *db.Tx) error {
			list, err := membership.AppealsOwed(tx, w.Actor(tx, w.dora))
			if len(list) != 1 || list[0].ID != p.ID || list[0].Of.OrgName != "Member 0" {
				w.Errorf("owed: %+v", list)
			}
			if list, _ := membership.AppealsOwed(tx, w.Actor(tx, w.admins[0])); len(list) > 0 {
				w.Error("the member decides on its own appeal")
			}
			return err
		})
		w.Do(func(tx *db.Tx) (err error) {
			mo, err = membership.PutToBoard(tx, w.Actor(tx, w.dora), p.ID, "")
			return err
		})
		if !strings.Contains(mo.Text, "It was not us.") {
			w.Errorf("the motion says %q", mo.Text)
		}
		if mo = w.decided(mo, ballot.Yes); mo.State != ballot.Carried || mo.Effect != board.Done {
			w.Fatalf("the appeal's motion: %s, %q %s", mo.State, mo.Effect, mo.Obstacle)
		}
		m = w.member1(ref)
		if p = w.penalties(m)[0]; m.Standing != spec.Good || p.Appeal != spec.AppealOverturned || p.EndedAt.IsZero() || w.cap(w.responders[0], w.sub) != audience.Contributor {
			w.Errorf("overturned: %s, %+v", m.Standing, p)
		}
	})
}

func TestSuspensionFromTheWholeAlliance(t *testing.T) {
	standing(t, func(w *stand) {
		ref := "alliance." + w.orgs[0].ID
		var mo, other board.Motion
		w.Do(func(tx *db.Tx) (err error) {
			cora := w.Actor(tx, w.cora)
			if mo, err = membership.ProposeSanction(tx, cora, ref, spec.Suspend, "It leaked."); err != nil {
				return err
			}
			// Another ballot runs meanwhile: the seat stops counting in it.
			if other, err = board.Propose(tx, cora, board.Motion{Kind: board.Spend, Title: "Coffee", Deadline: tx.Now.Add(30 * days)}); err != nil {
				return err
			}
			other, err = board.Open(tx, cora, other.ID, other.Version)
			return err
		})
		exec := w.As(w.execs[0])
		w.Do(func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, exec, other.ID, board.Said{Choice: ballot.No})
			return err
		})
		w.decided(mo, ballot.Yes)
		if got := w.As(w.admins[0]); got.Holds(audience.Org, w.orgs[0].ID) || !got.Holds(audience.Office, orgs.VoiceOf(w.orgs[0].ID)) {
			w.Errorf("the admin's seats: %+v", got.Seats)
		}
		if got := w.As(w.responders[0]); got.Holds(audience.Office, orgs.VoiceOf(w.orgs[0].ID)) {
			w.Error("a responder answers for the organization")
		}
		w.Refused("its executive votes", errs.NotFound, func(tx *db.Tx) error {
			_, err := w.room.Cast(tx, w.Actor(tx, w.execs[0]), other.ID, board.Said{Choice: ballot.No})
			return err
		})
		for _, p := range w.execs[1:] {
			w.Do(func(tx *db.Tx) error {
				_, err := w.room.Cast(tx, w.Actor(tx, p), other.ID, board.Said{Choice: ballot.Yes})
				return err
			})
		}
		w.Clock.Advance(40 * days)
		w.Do(func(tx *db.Tx) error { _, err := w.room.Tick(tx); return err })
		w.Do(func(tx *db.Tx) (err error) { other, err = board.Get(tx, w.Actor(tx, w.cora), other.ID); return err })
		if other.Result == nil || other.Result.Yes != 2 || other.Result.No != 0 {
			w.Errorf("the other ballot: %+v", other.Result)
		}
		w.Refused("lifted by editing", errs.Conflict, func(tx *db.Tx) error {
			o, err := orgs.Get(tx, w.Actor(tx, w.op), w.orgs[0].ID)
			if err != nil {
				return err
			}
			o.State = orgs.Active
			_, err = orgs.Edit(tx, w.Actor(tx, w.op), o)
			return err
		})
		m := w.member1(ref)
		p := w.penalties(m)[0]
		w.Refused("appealed too late", errs.Conflict, func(tx *db.Tx) error {
			_, err := membership.Appeal(tx, w.Actor(tx, w.admins[0]), p.ID, "No.")
			return err
		})
		if below := w.member1(in(w.sub, w.orgs[0])); below.Standing != spec.Suspended || below.Own != spec.Good {
			w.Errorf("in a program: %+v", below)
		}
		// Nobody votes on their own sanction by a motion about something else.
		for _, object := range []ledger.Object{{}, {Kind: "org", ID: w.orgs[1].ID}, {Kind: "program", ID: w.orgs[0].ID}} {
			w.Do(func(tx *db.Tx) (err error) {
				mo, err = board.Propose(tx, w.Actor(tx, w.execs[1]), board.Motion{Kind: board.Other, Title: "Something", Object: object, Proposal: []byte(`{"sanction":"` + p.ID + `"}`)})
				return err
			})
			if mo = w.decided(mo, ballot.Yes); mo.State != ballot.Carried || mo.Effect != board.Hindered {
				w.Errorf("about %+v: %s %q", object, mo.State, mo.Effect)
			}
		}
		// Without an appeal the board may lift it all the same.
		w.Do(func(tx *db.Tx) (err error) {
			mo, err = membership.PutToBoard(tx, w.Actor(tx, w.cora), p.ID, "A year is enough.")
			return err
		})
		if mo = w.decided(mo, ballot.Yes); mo.Effect != board.Done {
			w.Fatalf("lifting: %s %q %s", mo.State, mo.Effect, mo.Obstacle)
		}
		if got := w.As(w.admins[0]); !got.Holds(audience.Org, w.orgs[0].ID) || got.Cap(audience.Program, w.sub.ID) != audience.Contributor || got.Holds(audience.Office, orgs.VoiceOf(w.orgs[0].ID)) {
			w.Errorf("afterwards: %+v", got.Seats)
		}
	})
}

// The board loses its quorum by a removal: what is to the vote then decides
// nothing.
func TestQuorumLostByARemoval(t *testing.T) {
	standing(t, func(w *stand) {
		var remove, other board.Motion
		w.Do(func(tx *db.Tx) (err error) {
			cora := w.Actor(tx, w.cora)
			if remove, err = membership.ProposeSanction(tx, cora, "alliance."+w.orgs[0].ID, spec.Remove, "It leaked."); err != nil {
				return err
			}
			other, err = board.Propose(tx, cora, board.Motion{Kind: board.Spend, Title: "Coffee", Deadline: tx.Now.Add(30 * days), Rules: ballot.Rules{Quorum: ballot.Fraction{Num: 2, Den: 3}, Majority: ballot.Fraction{Num: 1, Den: 2}}})
			if err != nil {
				return err
			}
			other, err = board.Open(tx, cora, other.ID, other.Version)
			return err
		})
		for _, p := range w.execs[:2] {
			w.Do(func(tx *db.Tx) error {
				_, err := w.room.Cast(tx, w.Actor(tx, p), other.ID, board.Said{Choice: ballot.Yes})
				return err
			})
		}
		w.decided(remove, ballot.Yes)
		w.Clock.Advance(40 * days)
		w.Do(func(tx *db.Tx) error { _, err := w.room.Tick(tx); return err })
		w.Do(func(tx *db.Tx) (err error) { other, err = board.Get(tx, w.Actor(tx, w.cora), other.ID); return err })
		if other.State != ballot.Void {
			w.Errorf("the other ballot is %s: %+v", other.State, other.Result)
		}
		w.tick()
		m := w.member1("alliance." + w.orgs[0].ID)
		if m.Sanction != spec.SanctionEnded {
			w.Errorf("without an appeal the membership is %s", m.Sanction)
		}
		w.Do(func(tx *db.Tx) error {
			n, err := db.Value[int](tx, `SELECT COUNT(*) FROM program_org WHERE org_id = $1`, w.orgs[0].ID)
			o, err2 := orgs.Load(tx, w.orgs[0].ID)
			if n != 0 || o.Listed || o.State != orgs.Suspended {
				w.Errorf("afterwards in %d programs, %+v", n, o)
			}
			if err == nil {
				err = err2
			}
			return err
		})
	})
}

func TestAppealAgainstAReductionAndRemoval(t *testing.T) {
	standing(t, func(w *stand) {
		ref := in(w.sub, w.orgs[1])
		w.Do(func(tx *db.Tx) error {
			_, err := membership.Reduce(tx, w.Actor(tx, w.cora), ref, "No answers.")
			return err
		})
		p := w.penalties(w.member1(ref))[0]
		w.Refused("an appeal that is not filed", errs.Conflict, func(tx *db.Tx) error {
			_, err := membership.DecideAppeal(tx, w.Actor(tx, w.dora), p.ID, true, "x")
			return err
		})
		w.Do(func(tx *db.Tx) error {
			_, err := membership.Appeal(tx, w.Actor(tx, w.admins[1]), p.ID, "We did.")
			return err
		})
		w.Refused("who imposed it decides", errs.Denied, func(tx *db.Tx) error {
			_, err := membership.DecideAppeal(tx, w.Actor(tx, w.cora), p.ID, false, "x")
			return err
		})
		w.Do(func(tx *db.Tx) error {
			_, err := membership.DecideAppeal(tx, w.Actor(tx, w.dora), p.ID, false, "The log says otherwise.")
			return err
		})
		m := w.member1(ref)
		if p = w.penalties(m)[0]; p.Appeal != spec.AppealUpheld || m.Standing != spec.Reduced || p.DecidedBy != w.dora.ID {
			w.Errorf("upheld: %+v", p)
		}
		// Removed by the board, appealed, upheld: the membership ends, and a
		// new one begins in good standing.
		var mo board.Motion
		w.Do(func(tx *db.Tx) (err error) {
			mo, err = membership.ProposeSanction(tx, w.Actor(tx, w.cora), ref, spec.Remove, "Still none.")
			return err
		})
		w.decided(mo, ballot.Yes)
		p = w.penalties(m)[0]
		w.Do(func(tx *db.Tx) error {
			_, err := membership.Appeal(tx, w.Actor(tx, w.admins[1]), p.ID, "Please.")
			return err
		})
		w.Clock.Advance(20 * days)
		w.tick()
		if m = w.member1(ref); m.Sanction != spec.SanctionRemoved {
			w.Errorf("while the appeal waits: %s", m.Sanction)
		}
		w.Do(func(tx *db.Tx) (err error) {
			mo, err = membership.PutToBoard(tx, w.Actor(tx, w.dora), p.ID, "")
			return err
		})
		if mo = w.decided(mo, ballot.No); mo.State != ballot.Failed {
			w.Fatalf("%s", mo.State)
		}
		if m = w.member1(ref); m.Sanction != spec.SanctionEnded {
			w.Errorf("upheld: %s", m.Sanction)
		}
		w.Refused("warned after the end", errs.NotFound, func(tx *db.Tx) error { _, err := membership.Warn(tx, w.Actor(tx, w.cora), ref, "x"); return err })
		w.Do(func(tx *db.Tx) error {
			op := w.Actor(tx, w.op)
			if err := joinAgain(tx, op, w.sub.ID, w.orgs[1].ID); err != nil {
				return err
			}
			return membership.Enter(tx, op, w.sub.ID, w.orgs[1].ID)
		})
		if m = w.member1(ref); m.Standing != spec.Good || w.cap(w.responders[1], w.sub) != audience.Contributor {
			w.Errorf("joined again: %+v", m)
		}
	})
}

// What waits for the member's people and tells of what they see no more is
// stopped; that they were suspended still reaches them.
func TestSuspensionStopsTheOutbox(t *testing.T) {
	standing(t, func(w *stand) {
		var aid string
		w.Do(func(tx *db.Tx) (err error) {
			aid, err = audience.Create(tx, "case", []audience.Grant{{Kind: audience.Program, ID: w.sub.ID, Role: audience.Reader}}, nil, nil)
			ledger.Append(tx, ledger.Event{Kind: "case.opened", Audience: aid})
			return err
		})
		var seq int64
		w.Do(func(tx *db.Tx) error {
			n, err := ledger.Size(tx)
			seq = n - 1
			for _, p := range []string{w.admins[0].ID, w.admins[1].ID} {
				if err == nil {
					err = w.Box.Put(tx, outbox.Item{Key: "case:" + p, Kind: "mail", Person: p, Address: "x@one.example", Events: []int64{seq}}, outbox.Mail{}, time.Time{})
				}
			}
			return err
		})
		var mo board.Motion
		w.Do(func(tx *db.Tx) (err error) {
			mo, err = membership.ProposeSanction(tx, w.Actor(tx, w.cora), "alliance."+w.orgs[0].ID, spec.Suspend, "It leaked.")
			return err
		})
		w.decided(mo, ballot.Yes)
		w.Do(func(tx *db.Tx) error {
			for p, want := range map[string]outbox.State{w.admins[0].ID: outbox.Stopped, w.admins[1].ID: outbox.Pending} {
				list, err := w.Box.List(tx, outbox.Filter{Person: p})
				if err != nil || len(list) != 1 || list[0].State != want {
					w.Errorf("%v, %v; want %s", list, err, want)
				}
			}
			m := membership.Membership{}
			var err error
			if m, err = membership.StandingIn(tx, w.Actor(tx, w.admins[0]), "alliance."+w.orgs[0].ID); err != nil {
				return err
			}
			reach, err := audience.Reach(tx, m.Audience, m.Level)
			found := false
			for _, k := range reach {
				found = found || k.Person == w.admins[0].ID
				if k.Person == w.responders[0].ID {
					w.Error("a responder of a suspended organization is told")
				}
			}
			if !found {
				w.Error("nobody of the member is told that it was suspended")
			}
			return err
		})
	})
}

// What a sanction would do is what it then does, as far as the asker sees it.
func TestForeseen(t *testing.T) {
	standing(t, func(w *stand) {
		w.Do(func(tx *db.Tx) error {
			aid, err := audience.Create(tx, "case", []audience.Grant{{Kind: audience.Program, ID: w.sub.ID, Role: audience.Contributor}, {Kind: audience.Person, ID: w.cora.ID, Role: audience.Coordinator}}, nil, nil)
			if err != nil {
				return err
			}
			for i := range 3 {
				if _, err := tx.Exec(`INSERT INTO search_doc (kind, object_id, audience_id, tlp, title, body, url, updated_at) VALUES ('case', $1, $2, 1, 'x', '', '/x', 1)`, string(rune('a'+i)), aid); err != nil {
					return err
				}
			}
			return nil
		})
		askAs := func(p people.Person, ref string, verb spec.SanctionVerb) (c membership.Consequence) {
			w.Do(func(tx *db.Tx) (err error) {
				c, err = membership.Foresee(tx, w.Actor(tx, p), ref, verb)
				return err
			})
			return c
		}
		ask := func(ref string, verb spec.SanctionVerb) membership.Consequence { return askAs(w.cora, ref, verb) }
		ref := in(w.umbrella, w.orgs[0])
		if c := ask(ref, spec.Warn); c.People != 0 || c.Records != 0 || c.Standing != spec.Warned {
			w.Errorf("a warning: %+v", c)
		}
		if c := ask(ref, spec.Reduce); c.People != 3 || c.Mute != 3 || c.Records != 0 || len(c.Programs) != 2 {
			w.Errorf("a reduction: %+v", c)
		}
		if c := ask(ref, spec.Suspend); c.People != 4 || c.Blind != 4 || c.Records != 3 || c.Standing != spec.Suspended {
			w.Errorf("a suspension: %+v", c)
		}
		if c := ask("alliance."+w.orgs[0].ID, spec.Remove); c.People != 4 || c.Blind != 4 || c.Records != 3 || c.Standing != spec.Removed {
			w.Errorf("a removal: %+v", c)
		}
		if c := askAs(w.dora, ref, spec.Suspend); c.People != 4 || c.Blind != 0 || c.Records != 0 {
			w.Errorf("what somebody who does not see the records is told: %+v", c)
		}
		w.Refused("a member asks", errs.Denied, func(tx *db.Tx) error {
			_, err := membership.Foresee(tx, w.Actor(tx, w.admins[0]), ref, spec.Suspend)
			return err
		})
	})
}
