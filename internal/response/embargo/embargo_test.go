package embargo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/embargo"
	"tocsin/spec/mpcvd"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const day = 24 * time.Hour

// scene is a case with two vendors in it, and a clock.
type scene struct {
	*casetest.Scene
	t     *testing.T
	clock *clock.Fake
}

func each(t *testing.T, f func(s scene)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := scene{casetest.New(t, d).Accept(t), t, c}
		f(s)
		s.verify()
	})
}

func (s scene) verify() {
	s.t.Helper()
	var k *ledger.Keeper
	s.must(func(tx *db.Tx) (err error) {
		k, err = charter.Keeper(tx, s.Sealer)
		return err
	})
	rep, err := k.Verify(context.Background(), s.DB, append(casework.Tables(), embargo.Tables()...))
	if err != nil || len(rep.Problems) > 0 || rep.Rows == 0 {
		s.t.Fatalf("the ledger does not verify: %+v, %v", rep, err)
	}
}

func (s scene) must(f func(*db.Tx) error) { s.t.Helper(); casetest.Must(s.t, s.DB, f) }

func (s scene) fails(kind errs.Kind, what string, f func(*db.Tx) error) {
	s.t.Helper()
	before := s.digest()
	err := casetest.Try(s.DB, f)
	if !errs.Is(err, kind) {
		s.t.Errorf("%s: %v, want %s", what, err, kind)
	}
	if after := s.digest(); after != before {
		s.t.Errorf("%s was refused and changed something:\n%s\n%s", what, before, after)
	}
}

// digest is the whole of what verbs of this package write, ledger included.
func (s scene) digest() string {
	var b strings.Builder
	s.must(func(tx *db.Tx) error {
		for _, q := range []string{
			`SELECT id || state || public_state || embargo_state || CAST(COALESCE(embargo_ends_at, 0) AS TEXT) || CAST(COALESCE(decision_due_at, 0) AS TEXT) || CAST(version AS TEXT) FROM cases ORDER BY id`,
			`SELECT id || report_state || consent || vendor_state || CAST(version AS TEXT) || CAST(COALESCE(left_at, 0) AS TEXT) FROM participant ORDER BY id`,
			`SELECT id || state || kind || CAST(ends_at AS TEXT) || CAST(passes_at AS TEXT) || decision FROM embargo_proposal ORDER BY id`,
			`SELECT id || answer || reason || CAST(at AS TEXT) FROM embargo_answer ORDER BY id`,
			`SELECT id || answer || reason || CAST(at AS TEXT) FROM readiness ORDER BY id`,
			`SELECT id || state || terms_text FROM case_invitation ORDER BY id`,
			`SELECT CAST(size AS TEXT) FROM ledger_head`,
		} {
			rows, err := db.Column[string](tx, q)
			if err != nil {
				return err
			}
			fmt.Fprintln(&b, strings.Join(rows, "|"))
		}
		return nil
	})
	return b.String()
}

func (s scene) now() time.Time { return s.clock.Now() }

func (s scene) load() casework.Case {
	s.t.Helper()
	var c casework.Case
	s.must(func(tx *db.Tx) (err error) {
		c, err = casework.ByID(tx, s.Case.ID)
		return err
	})
	return c
}

func (s scene) party(id string) casework.Participant {
	s.t.Helper()
	var p casework.Participant
	s.must(func(tx *db.Tx) (err error) {
		p, err = casework.PartyByID(tx, id)
		return err
	})
	return p
}

func (s scene) propose(a audience.Actor, in time.Duration) embargo.Proposal {
	s.t.Helper()
	var p embargo.Proposal
	s.must(func(tx *db.Tx) (err error) {
		p, err = embargo.Propose(tx, a, s.Case.ID, embargo.Offer{Ends: tx.Now.Add(in), Reason: "time to fix"})
		return err
	})
	return p
}

func (s scene) proposal(id string) embargo.Proposal {
	s.t.Helper()
	var p embargo.Proposal
	s.must(func(tx *db.Tx) error {
		t, err := embargo.Load(tx, s.Ada, s.Case.ID)
		for _, x := range t.Proposals {
			if x.ID == id {
				p = x.Proposal
			}
		}
		return err
	})
	return p
}

func (s scene) decide(p embargo.Proposal, yes bool) {
	s.t.Helper()
	s.must(func(tx *db.Tx) error {
		_, err := embargo.Decide(tx, s.Ada, p.ID, yes, "agreed in the call")
		return err
	})
}

func (s scene) respond(a audience.Actor, p embargo.Proposal, r embargo.Reply) {
	s.t.Helper()
	s.must(func(tx *db.Tx) error {
		_, err := embargo.Respond(tx, a, p.ID, "", r, "because")
		return err
	})
}

func (s scene) agree(in time.Duration) embargo.Proposal {
	s.t.Helper()
	p := s.propose(s.Ada, in)
	s.decide(p, true)
	return p
}

func (s scene) tick() time.Time {
	s.t.Helper()
	var next time.Time
	s.must(func(tx *db.Tx) (err error) {
		next, err = embargo.Tick(tx)
		return err
	})
	return next
}

func (s scene) events(kind string, a audience.Actor) []ledger.Record {
	s.t.Helper()
	var out []ledger.Record
	s.must(func(tx *db.Tx) error {
		all, err := ledger.List(tx, a, ledger.Query{After: -1, Limit: 1000})
		for _, r := range all {
			if r.Kind == kind {
				out = append(out, r)
			}
		}
		return err
	})
	return out
}

func (s scene) state(want mpcvd.EM) casework.Case {
	s.t.Helper()
	c := s.load()
	if c.Embargo != want {
		s.t.Fatalf("the embargo is %q, want %q", c.Embargo, want)
	}
	return c
}

func TestProposalsFollowTheRuleOfTheShortest(t *testing.T) {
	each(t, func(s scene) {
		long, short := s.propose(s.Vera, 60*day), s.propose(s.Willem, 30*day)
		s.state(mpcvd.EMProposed)
		s.fails(errs.Conflict, "accepting the longer one first", func(tx *db.Tx) error {
			_, err := embargo.Decide(tx, s.Ada, long.ID, true, "why not")
			return err
		})
		s.fails(errs.Denied, "a vendor decides", func(tx *db.Tx) error {
			_, err := embargo.Decide(tx, s.Vera, short.ID, true, "mine")
			return err
		})
		s.fails(errs.NotFound, "an outsider decides", func(tx *db.Tx) error {
			_, err := embargo.Decide(tx, s.Otto, short.ID, true, "mine")
			return err
		})
		s.decide(short, true)
		c := s.state(mpcvd.EMRevise)
		if !c.EmbargoEnds.Equal(short.Ends) {
			t.Fatalf("the shortest holds: %s, want %s", c.EmbargoEnds, short.Ends)
		}
		s.decide(long, true)
		if c = s.state(mpcvd.EMActive); !c.EmbargoEnds.Equal(long.Ends) {
			t.Fatal("the accepted revision does not stand")
		}
		// Vera proposed the new end, Willem never consented to it.
		if v, w := s.party(s.V.ID), s.party(s.W.ID); v.Consent != mpcvd.PECSignatory || w.Consent != mpcvd.PECLapsed {
			t.Errorf("consents after the revision: %s, %s", v.Consent, w.Consent)
		}
		s.must(func(tx *db.Tx) error {
			owed, err := embargo.Owed(tx, s.Willem)
			if err != nil || len(owed) != 1 || owed[0].Kind != embargo.OwedConsent {
				t.Errorf("Willem owes %+v, %v", owed, err)
			}
			_, err = embargo.MoveConsent(tx, s.Willem, s.Case.ID, s.W.ID, mpcvd.PECAccept, "")
			return err
		})
		if len(s.events(embargo.EventLapsed, s.Willem)) != 1 || len(s.events(embargo.EventLapsed, s.Vera)) != 0 {
			t.Error("only who lapsed is told so")
		}
	})
}

// TestSilenceLengthensNothing leaves a longer proposal open when a shorter end
// is agreed: unasked for again it lapses, and what all consented to passes.
func TestSilenceLengthensNothing(t *testing.T) {
	each(t, func(s scene) {
		long, short := s.propose(s.Vera, 60*day), s.propose(s.Willem, 30*day)
		s.decide(short, true)
		carried := s.proposal(long.ID)
		if !carried.Carried || carried.Kind != embargo.Revision || carried.State != embargo.Open {
			t.Fatalf("the longer proposal is %+v", carried)
		}
		s.clock.Set(carried.PassesAt.Add(-time.Microsecond))
		s.tick()
		s.state(mpcvd.EMRevise)
		s.clock.Set(carried.PassesAt)
		s.tick()
		if c := s.state(mpcvd.EMActive); !c.EmbargoEnds.Equal(short.Ends) || s.proposal(long.ID).State != embargo.Expired {
			t.Errorf("after the silence the embargo ends %s, and the longer proposal is %s", c.EmbargoEnds, s.proposal(long.ID).State)
		}
		if len(s.events(embargo.EventExpired, s.Vera)) != 1 {
			t.Error("who proposed it is not told that it lapsed")
		}
		asked := s.propose(s.Vera, 50*day) // a revision that somebody asks for passes unopposed
		s.clock.Set(asked.PassesAt)
		s.tick()
		if c := s.state(mpcvd.EMActive); !c.EmbargoEnds.Equal(asked.Ends) {
			t.Error("an unopposed revision does not pass")
		}
	})
}

func TestUnopposedProposalPassesAndOpposedWaits(t *testing.T) {
	each(t, func(s scene) {
		p := s.propose(s.Vera, 30*day)
		if next := s.tick(); !next.Equal(p.PassesAt) && next.After(p.PassesAt) {
			t.Errorf("next %s, want at most %s", next, p.PassesAt)
		}
		s.clock.Set(p.PassesAt.Add(-time.Microsecond))
		s.tick()
		s.state(mpcvd.EMProposed)
		s.clock.Set(p.PassesAt)
		s.tick()
		c := s.state(mpcvd.EMActive)
		before := s.digest()
		if next := s.tick(); !next.After(s.now()) || s.digest() != before {
			t.Errorf("a second tick does something, or is due at once: %s", next)
		}
		longer := s.propose(s.Willem, 50*day)
		s.respond(s.Vera, longer, embargo.Object)
		s.clock.Set(longer.PassesAt.Add(day))
		s.tick()
		if now := s.state(mpcvd.EMRevise); !now.EmbargoEnds.Equal(c.EmbargoEnds) {
			t.Error("the old end stands until a revision is accepted")
		}
		s.must(func(tx *db.Tx) error {
			owed, err := embargo.Owed(tx, s.Ada)
			if err != nil || len(owed) != 1 || owed[0].Kind != embargo.OwedDecision {
				t.Errorf("the coordinator owes %+v, %v", owed, err)
			}
			return err
		})
		s.respond(s.Vera, longer, embargo.Consent) // she changed her mind: unanimous now
		if now := s.state(mpcvd.EMActive); !now.EmbargoEnds.Equal(longer.Ends) {
			t.Error("what every party consents to is agreed")
		}
	})
}

func TestEmbargoEndsAtItsInstant(t *testing.T) {
	each(t, func(s scene) {
		p := s.agree(20 * day)
		s.clock.Set(p.Ends.Add(-embargo.FreezeLead - time.Microsecond))
		s.tick()
		if n := len(s.events(embargo.EventFrozen, s.Vera)); n != 0 {
			t.Errorf("%d freezes too early", n)
		}
		s.clock.Set(p.Ends.Add(-embargo.FreezeLead))
		s.tick()
		s.clock.Set(p.Ends.Add(-20 * day)) // a step back repeats nothing
		s.tick()
		s.clock.Set(p.Ends.Add(-embargo.GoLead))
		next := s.tick()
		if !next.Equal(p.Ends) {
			t.Errorf("next %s, want the end %s", next, p.Ends)
		}
		if f, g := len(s.events(embargo.EventFrozen, s.Vera)), len(s.events(embargo.EventGoAsked, s.Vera)); f != 1 || g != 1 {
			t.Errorf("%d freezes and %d questions, want one each", f, g)
		}
		s.readiness(p)
		s.clock.Set(p.Ends)
		s.must(func(tx *db.Tx) error {
			if c, err := casework.ByID(tx, s.Case.ID); err != nil || c.Holds(tx.Now) {
				t.Errorf("the embargo holds at its end before any tick: %v", err)
			}
			return nil
		})
		s.tick()
		if c := s.state(mpcvd.EMExited); !c.EmbargoEnds.Equal(p.Ends) {
			t.Error("the end is kept")
		}
		if v := s.party(s.V.ID); v.Consent != mpcvd.PECNoEmbargo {
			t.Errorf("consent after the end: %s", v.Consent)
		}
		s.fails(errs.Conflict, "a proposal after the end", func(tx *db.Tx) error {
			_, err := embargo.Propose(tx, s.Ada, s.Case.ID, embargo.Offer{Ends: tx.Now.Add(day), Reason: "more"})
			return err
		})
		s.clock.Set(p.Ends.Add(-day)) // and a step back does not bring it back
		s.tick()
		s.state(mpcvd.EMExited)
	})
}

func (s scene) readiness(p embargo.Proposal) {
	s.t.Helper()
	s.must(func(tx *db.Tx) error {
		owed, err := embargo.Owed(tx, s.Vera)
		if err != nil || len(owed) != 1 || owed[0].Kind != embargo.OwedReadiness || !owed[0].Due.Equal(p.Ends) {
			s.t.Errorf("Vera owes %+v, %v", owed, err)
		}
		return embargo.SetReadiness(tx, s.Vera, s.Case.ID, s.V.ID, embargo.GoYes, "")
	})
	s.fails(errs.Invalid, "a no-go without a reason", func(tx *db.Tx) error {
		return embargo.SetReadiness(tx, s.Willem, s.Case.ID, s.W.ID, embargo.GoNo, " ")
	})
	s.fails(errs.Denied, "another vendor's go", func(tx *db.Tx) error {
		return embargo.SetReadiness(tx, s.Willem, s.Case.ID, s.V.ID, embargo.GoNo, "they are late")
	})
	s.must(func(tx *db.Tx) error {
		if err := embargo.SetReadiness(tx, s.Ada, s.Case.ID, s.W.ID, embargo.GoNo, "said so by phone"); err != nil {
			return err
		}
		tt, err := embargo.Load(tx, s.Vera, s.Case.Number)
		if err != nil {
			return err
		}
		if tt.Go != 1 || tt.NoGo != 1 || len(tt.Readiness) != 2 || !tt.Readiness[1].OnBehalf || !tt.Holds || len(tt.Decisions) == 0 {
			s.t.Errorf("timetable: %+v", tt)
		}
		_, err = embargo.Load(tx, s.Otto, s.Case.Number)
		if !errs.Is(err, errs.NotFound) {
			s.t.Errorf("an outsider's timetable: %v", err)
		}
		return nil
	})
}

func TestRefusedEnds(t *testing.T) {
	each(t, func(s scene) {
		for what, in := range map[string]time.Duration{"in the past": -time.Hour, "now": 0, "beyond the limit": 91 * day} {
			s.fails(errs.Invalid, what, func(tx *db.Tx) error {
				_, err := embargo.Propose(tx, s.Vera, s.Case.ID, embargo.Offer{Ends: tx.Now.Add(in), Reason: "time"})
				return err
			})
		}
		s.fails(errs.Invalid, "without a reason", func(tx *db.Tx) error {
			_, err := embargo.Propose(tx, s.Vera, s.Case.ID, embargo.Offer{Ends: tx.Now.Add(day)})
			return err
		})
		s.fails(errs.Conflict, "a revision of nothing", func(tx *db.Tx) error {
			_, err := embargo.Revise(tx, s.Vera, s.Case.ID, embargo.Offer{Ends: tx.Now.Add(day), Reason: "time"})
			return err
		})
		p := s.propose(s.Ada, 10*day)
		s.fails(errs.Conflict, "the same end twice", func(tx *db.Tx) error {
			_, err := embargo.Propose(tx, s.Vera, s.Case.ID, embargo.Offer{Ends: p.Ends, Reason: "time"})
			return err
		})
		s.fails(errs.Denied, "a vendor withdraws another's", func(tx *db.Tx) error { return embargo.Withdraw(tx, s.Vera, p.ID, "no") })
		s.fails(errs.NotFound, "an outsider withdraws", func(tx *db.Tx) error { return embargo.Withdraw(tx, s.Otto, p.ID, "no") })
		s.must(func(tx *db.Tx) error { return embargo.Withdraw(tx, s.Ada, p.ID, "a typing error") })
		s.state(mpcvd.EMNone)
		s.must(func(tx *db.Tx) error {
			_, err := embargo.Report(tx, s.Vera, s.Case.ID, mpcvd.EventPublic, "a blog")
			return err
		})
		s.fails(errs.Conflict, "after publication", func(tx *db.Tx) error {
			_, err := embargo.Propose(tx, s.Ada, s.Case.ID, embargo.Offer{Ends: tx.Now.Add(day), Reason: "time"})
			return err
		})
	})
}

func TestDefaultPolicyAndExpiry(t *testing.T) {
	each(t, func(s scene) {
		var p embargo.Proposal
		s.must(func(tx *db.Tx) (err error) {
			p, err = embargo.ProposeDefault(tx, s.Ada, s.Case.ID)
			return err
		})
		if want := s.Case.OpenedAt.Add(45 * day); p.Kind != embargo.Policy || !p.Ends.Equal(want) {
			t.Errorf("policy proposes %s, want %s", p.Ends, want)
		}
		soon := s.propose(s.Vera, 2*day)
		s.respond(s.Willem, soon, embargo.Object)
		s.clock.Set(soon.Ends)
		s.tick()
		s.state(mpcvd.EMProposed) // the policy's proposal is still open
		s.clock.Set(p.PassesAt)
		s.tick()
		s.state(mpcvd.EMActive)
		s.fails(errs.Conflict, "the policy when an embargo holds", func(tx *db.Tx) error {
			_, err := embargo.ProposeDefault(tx, s.Ada, s.Case.ID)
			return err
		})
	})
}

func TestCounterObjectsAndProposes(t *testing.T) {
	each(t, func(s scene) {
		p := s.propose(s.Vera, 60*day)
		var c embargo.Proposal
		s.must(func(tx *db.Tx) (err error) {
			c, err = embargo.CounterWith(tx, s.Willem, p.ID, embargo.Offer{Ends: tx.Now.Add(20 * day), Reason: "we are ready"})
			return err
		})
		s.must(func(tx *db.Tx) error {
			tt, err := embargo.Load(tx, s.Vera, s.Case.ID)
			if err != nil {
				return err
			}
			if len(tt.Proposals) != 2 || tt.Proposals[0].ID != c.ID || !tt.Proposals[0].Shortest || tt.Proposals[0].Counters != p.ID || !tt.Proposals[1].Blocked || tt.Proposals[0].By != s.W.Name || len(tt.Proposals[0].Mine) != 1 {
				t.Errorf("timetable: %+v", tt.Proposals)
			}
			return nil
		})
		s.respond(s.Vera, c, embargo.Consent)
		if now := s.state(mpcvd.EMRevise); !now.EmbargoEnds.Equal(c.Ends) {
			t.Error("the counter-proposal to which all consent is agreed")
		}
		again := s.propose(s.Willem, 40*day)
		again2 := s.propose(s.Willem, 41*day)
		s.must(func(tx *db.Tx) error {
			tt, err := embargo.Load(tx, s.Ada, s.Case.ID)
			for _, st := range tt.Proposals {
				if st.ID == again.ID && st.State != embargo.Replaced || st.ID == again2.ID && st.State != embargo.Open {
					t.Errorf("a party has one open proposal: %+v", st.Proposal)
				}
			}
			return err
		})
	})
}

func TestHiddenPartySpeaksWithoutItsName(t *testing.T) {
	each(t, func(s scene) {
		s.must(func(tx *db.Tx) error {
			return casework.Hide(tx, s.Ada, s.Case.ID, s.W.ID, "not announced", true)
		})
		p := s.propose(s.Willem, 30*day)
		s.must(func(tx *db.Tx) error {
			for who, want := range map[*audience.Actor]string{&s.Vera: "a party", &s.Ada: s.W.Name, &s.Willem: s.W.Name} {
				tt, err := embargo.Load(tx, *who, s.Case.ID)
				if err != nil || len(tt.Proposals) != 1 || tt.Proposals[0].By != want || (want == "a party") != (tt.Proposals[0].Participant == "") {
					t.Errorf("%s reads %+v, %v", who.Person, tt.Proposals, err)
				}
			}
			all, err := ledger.List(tx, s.Vera, ledger.Query{Scope: s.Case.ID, After: -1})
			for _, r := range all {
				if r.ActorID == s.Willem.Person && r.Kind == embargo.EventProposed || strings.Contains(string(r.Payload), s.W.Name) && r.Kind != casework.ParticipantAdded && r.Kind != casework.TermsAccepted {
					t.Errorf("an event names the hidden party: %s %s %s", r.Kind, r.ActorID, r.Payload)
				}
			}
			return err
		})
		s.decide(p, true)
	})
}

func TestTwoAcceptsAtOnce(t *testing.T) {
	each(t, func(s scene) {
		p := s.propose(s.Vera, 30*day)
		done := make(chan error, 2)
		for range 2 {
			go func() {
				done <- s.DB.Write(context.Background(), func(tx *db.Tx) error {
					_, err := embargo.Decide(tx, s.Ada, p.ID, true, "agreed")
					return err
				})
			}()
		}
		if a, b := <-done, <-done; (a == nil) == (b == nil) || !errs.Is(errors.Join(a, b), errs.Conflict) {
			t.Errorf("two accepts at once: %v; %v", a, b)
		}
		s.state(mpcvd.EMActive)
		if n := len(s.events(embargo.EventAccepted, s.Vera)); n != 1 {
			t.Errorf("%d acceptances", n)
		}
		// And two replicas that tick at once end it once.
		s.clock.Set(p.Ends)
		for range 2 {
			go func() {
				done <- s.DB.Write(context.Background(), func(tx *db.Tx) error {
					_, err := embargo.Tick(tx)
					return err
				})
			}()
		}
		if err := errors.Join(<-done, <-done); err != nil {
			t.Error(err)
		}
		if n := len(s.events(embargo.EventEnded, s.Vera)); n != 1 {
			t.Errorf("%d ends", n)
		}
	})
}

// The decisions about a case in a program stand on the desks of the program's
// own coordinators, and on no other program's.
func TestDecisionsOfAProgramsCoordinators(t *testing.T) {
	each(t, func(s scene) {
		led := func(program string) (a audience.Actor) {
			a.Person = "p_" + program
			seat := audience.Seat{Kind: audience.Office, ID: audience.CoordinatorsOf(program), Party: audience.Party{Kind: audience.Person, ID: a.Person}, Cap: audience.Coordinator}
			a.Seats = []audience.Seat{seat}
			s.must(func(tx *db.Tx) error { return audience.Sit(tx, a.Person, seat) })
			return a
		}
		own, other := led("prg_own"), led("prg_other")
		s.must(func(tx *db.Tx) error { return audience.Place(tx, s.Case.Audience, "prg_own") })
		p := s.propose(s.Vera, 30*day)
		s.respond(s.Willem, p, embargo.Object)
		weak := own
		weak.Token, weak.Scopes = "tok", []string{charter.ScopeWrite}
		for _, x := range []struct {
			name string
			who  audience.Actor
			want int
		}{{"its own", own, 1}, {"by a token that does not coordinate", weak, 0}, {"another program's", other, 0}, {"the owner", s.Ada, 1}} {
			s.must(func(tx *db.Tx) error {
				owed, err := embargo.Owed(tx, x.who)
				if len(owed) != x.want || x.want == 1 && owed[0].Kind != embargo.OwedDecision {
					t.Errorf("%s: %+v", x.name, owed)
				}
				return err
			})
		}
	})
}
