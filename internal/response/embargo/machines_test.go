package embargo_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/spec/mpcvd"
)

// walk tries every verb in every state of a machine: with put it brings a
// carrier into the state, with try it uses the verb. What the table allows
// must lead where it says; everything else must be a Conflict and change
// nothing.
func walk[S ~string, V ~string](s scene, m mpcvd.Machine[S, V], put func(S) string, try func(tx *db.Tx, carrier string, verb V) error, read func(carrier string) S) {
	s.t.Helper()
	moved := 0
	for _, from := range m.States() {
		for _, verb := range append(m.AllVerbs(), "no such verb") {
			carrier := put(from)
			if got := read(carrier); got != from {
				s.t.Fatalf("%s: the carrier stands in %q, not in %q", m.Name, got, from)
			}
			to, ok := m.Next(from, verb)
			what := fmt.Sprintf("%s: %s in %q", m.Name, verb, from)
			if !ok {
				s.fails(errs.Conflict, what, func(tx *db.Tx) error { return try(tx, carrier, verb) })
				continue
			}
			s.must(func(tx *db.Tx) error {
				if err := try(tx, carrier, verb); err != nil {
					return fmt.Errorf("%s: %w", what, err)
				}
				return nil
			})
			moved++
			if got := read(carrier); got != to {
				s.t.Errorf("%s led to %q, want %q", what, got, to)
			}
		}
	}
	if moved != len(m.Rows) {
		s.t.Errorf("%s: %d moves walked, the table has %d", m.Name, moved, len(m.Rows))
	}
}

// newVendor lets a vendor of its own into the case, so that each move starts
// from a carrier that nothing else has touched.
func (s scene) newVendor(accepted bool) casework.Participant {
	s.t.Helper()
	var p casework.Participant
	s.must(func(tx *db.Tx) error {
		list, err := casework.Invite(tx, s.Ada, s.Case.ID, casework.Inclusion{Reason: "walk", Targets: []casework.Target{{Kind: audience.Person, ID: fmt.Sprintf("p_w%d", s.serial()), Name: "Walker", Role: casework.Vendor}}})
		if err == nil {
			p = list[0]
		}
		return err
	})
	if accepted {
		me := walker(p)
		s.must(func(tx *db.Tx) error {
			open, err := casework.OpenInvitations(tx, me)
			if err == nil {
				_, err = casework.Accept(tx, me, open[0].ID, open[0].Agreement())
			}
			return err
		})
	}
	return s.party(p.ID)
}

var serials int

func (scene) serial() int { serials++; return serials }

func walker(p casework.Participant) audience.Actor {
	return audience.Actor{Person: p.Subject, Seats: []audience.Seat{{Kind: audience.Person, ID: p.Subject, Party: p.Party(), Cap: audience.Coordinator}}}
}

func TestReportManagementWalkedWhole(t *testing.T) {
	each(t, func(s scene) {
		path := map[mpcvd.RM][]mpcvd.RMVerb{mpcvd.RMStart: nil, mpcvd.RMReceived: {"receive"}, mpcvd.RMInvalid: {"receive", "invalidate"}, mpcvd.RMValid: {"receive", "validate"},
			mpcvd.RMDeferred: {"receive", "validate", "defer"}, mpcvd.RMAccepted: {"receive", "validate", "accept"}, mpcvd.RMClosed: {"receive", "invalidate", "close"}}
		move := func(tx *db.Tx, id string, verb mpcvd.RMVerb) error {
			_, err := embargo.MoveReport(tx, s.Ada, s.Case.ID, id, verb, "looked at it")
			return err
		}
		walk(s, mpcvd.Report, func(st mpcvd.RM) string {
			p := s.newVendor(false)
			for _, verb := range path[st] {
				s.must(func(tx *db.Tx) error { return move(tx, p.ID, verb) })
			}
			return p.ID
		}, move, func(id string) mpcvd.RM { return s.party(id).Report })
		for _, verb := range []mpcvd.RMVerb{mpcvd.RMInvalidate} {
			s.fails(errs.Invalid, "without a reason", func(tx *db.Tx) error {
				_, err := embargo.MoveReport(tx, s.Vera, s.Case.ID, s.V.ID, verb, "")
				return err
			})
		}
		s.fails(errs.Denied, "another vendor's report", func(tx *db.Tx) error {
			_, err := embargo.MoveReport(tx, s.Willem, s.Case.ID, s.V.ID, mpcvd.RMValidate, "")
			return err
		})
	})
}

func TestVendorProgressWalkedWhole(t *testing.T) {
	each(t, func(s scene) {
		move := func(tx *db.Tx, id string, verb mpcvd.Event) error {
			_, err := embargo.MoveProgress(tx, s.Ada, s.Case.ID, id, verb)
			return err
		}
		walk(s, mpcvd.VendorProgress, func(st mpcvd.VendorState) string {
			p := s.newVendor(false)
			for _, verb := range []mpcvd.Event{mpcvd.EventAware, mpcvd.EventFixReady, mpcvd.EventFixDeployed} {
				if st.Has(verb) {
					s.must(func(tx *db.Tx) error { return move(tx, p.ID, verb) })
				}
			}
			return p.ID
		}, move, func(id string) mpcvd.VendorState { return s.party(id).Progress })
	})
}

func TestConsentWalkedWhole(t *testing.T) {
	each(t, func(s scene) {
		path := map[mpcvd.PEC][]mpcvd.PECVerb{mpcvd.PECNoEmbargo: {"reset"}, mpcvd.PECInvited: {"reset", "invite"}, mpcvd.PECSignatory: nil, mpcvd.PECLapsed: {"revise"}}
		move := func(tx *db.Tx, id string, verb mpcvd.PECVerb) error {
			_, err := embargo.MoveConsent(tx, s.Ada, s.Case.ID, id, verb, "as agreed")
			return err
		}
		// Who declined is out of the case: it is asked again by inviting it,
		// and cannot sign for a case it is not in.
		table := mpcvd.Consent
		table.Rows = nil
		for _, r := range mpcvd.Consent.Rows {
			if r.From != mpcvd.PECDeclined {
				table.Rows = append(table.Rows, r)
			}
		}
		path[mpcvd.PECDeclined] = []mpcvd.PECVerb{"revise", "decline"}
		walk(s, table, func(st mpcvd.PEC) string {
			p := s.newVendor(true)
			for _, verb := range path[st] {
				s.must(func(tx *db.Tx) error { return move(tx, p.ID, verb) })
			}
			return p.ID
		}, move, func(id string) mpcvd.PEC { return s.party(id).Consent })
		p := s.newVendor(true)
		s.must(func(tx *db.Tx) error { return move(tx, p.ID, mpcvd.PECRevise) })
		s.must(func(tx *db.Tx) error {
			_, err := embargo.MoveConsent(tx, walker(p), s.Case.ID, p.ID, mpcvd.PECDecline, "too long")
			return err
		})
		s.fails(errs.NotFound, "who declined looks again", func(tx *db.Tx) error {
			_, _, err := casework.Load(tx, walker(p), s.Case.ID)
			return err
		})
		s.must(func(tx *db.Tx) error {
			_, err := casework.Invite(tx, s.Ada, s.Case.ID, casework.Inclusion{Reason: "again", Targets: []casework.Target{{Kind: p.Kind, ID: p.Subject, Name: p.Name}}})
			return err
		})
		if got := s.party(p.ID).Consent; got != mpcvd.PECInvited {
			t.Errorf("invited again: %s", got)
		}
		// The rest of the table's moves from Declined: reset, by leaving.
		s.must(func(tx *db.Tx) error { return casework.Expire(tx, s.Ada, s.Case.ID, p.ID, "no answer") })
		if got := s.party(p.ID).Consent; got != mpcvd.PECNoEmbargo {
			t.Errorf("after the invitation was closed: %s", got)
		}
		s.fails(errs.Denied, "a vendor lapses another", func(tx *db.Tx) error {
			_, err := embargo.MoveConsent(tx, s.Vera, s.Case.ID, s.V.ID, mpcvd.PECRevise, "no")
			return err
		})
	})
}

// newCase opens a case with Vera and Willem in it.
func (s scene) newCase() string {
	s.t.Helper()
	var id string
	s.must(func(tx *db.Tx) error {
		c, err := casework.OpenCase(tx, s.Ada, casework.NewCase{Title: "Another", Level: s.Case.Level})
		if err != nil {
			return err
		}
		id = c.ID
		_, err = casework.Invite(tx, s.Ada, c.ID, casework.Inclusion{Reason: "ships it", Targets: []casework.Target{{Kind: audience.Org, ID: "org_v", Name: "Vexel Systems"}, {Kind: audience.Org, ID: "org_w", Name: "Wharf Networks"}}})
		return err
	})
	s.Accept(s.t)
	return id
}

func (s scene) caseByID(id string) casework.Case {
	s.t.Helper()
	var c casework.Case
	s.must(func(tx *db.Tx) (err error) {
		c, err = casework.ByID(tx, id)
		return err
	})
	return c
}

func (s scene) openOf(tx *db.Tx, caseID string) (first string, err error) {
	tt, err := embargo.Load(tx, s.Ada, caseID)
	if err == nil && len(tt.Proposals) > 0 {
		first = tt.Proposals[0].ID
	}
	return first, err
}

func TestEmbargoWalkedWhole(t *testing.T) {
	each(t, func(s scene) {
		hours := time.Duration(0)
		move := func(tx *db.Tx, id string, verb mpcvd.EMVerb) error {
			switch verb {
			case mpcvd.EMPropose:
				hours++
				// Each from another voice, so that none replaces the other.
				who := []audience.Actor{s.Ada, s.Vera, s.Willem}[int(hours)%3]
				_, err := embargo.Propose(tx, who, id, embargo.Offer{Ends: tx.Now.Add(20*day + hours*time.Hour), Reason: "walk"})
				return err
			case mpcvd.EMAccept, mpcvd.EMReject:
				p, err := s.openOf(tx, id)
				if err != nil {
					return err
				}
				if p == "" {
					// Without a proposal the verb has no object; the machine
					// answers for the state.
					_, err := mpcvd.Embargo.Move(s.caseIn(tx, id).Embargo, verb)
					return errs.New(errs.Conflict, "%v", err)
				}
				_, err = embargo.Decide(tx, s.Ada, p, verb == mpcvd.EMAccept, "walk")
				return err
			case mpcvd.EMTerminate:
				_, err := embargo.Terminate(tx, s.Ada, id, "walk")
				return err
			}
			return errs.New(errs.Conflict, "no such verb")
		}
		path := map[mpcvd.EM][]mpcvd.EMVerb{mpcvd.EMNone: nil, mpcvd.EMProposed: {"propose"}, mpcvd.EMActive: {"propose", "accept"}, mpcvd.EMRevise: {"propose", "accept", "propose"}, mpcvd.EMExited: {"propose", "accept", "terminate"}}
		walk(s, mpcvd.Embargo, func(st mpcvd.EM) string {
			id := s.newCase()
			for _, verb := range path[st] {
				s.must(func(tx *db.Tx) error { return move(tx, id, verb) })
			}
			return id
		}, move, func(id string) mpcvd.EM { return s.caseByID(id).Embargo })
		s.fails(errs.Denied, "a vendor terminates", func(tx *db.Tx) error {
			_, err := embargo.Terminate(tx, s.Vera, s.Case.ID, "no")
			return err
		})
	})
}

func (s scene) caseIn(tx *db.Tx, id string) casework.Case {
	c, err := casework.ByID(tx, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func TestExposureWalkedWhole(t *testing.T) {
	each(t, func(s scene) {
		path := map[mpcvd.PublicState][]mpcvd.Event{mpcvd.PublicNothing: nil, mpcvd.PublicKnown: {"P"}, mpcvd.PublicAttacked: {"A"}, mpcvd.PublicKnownA: {"P", "A"}, mpcvd.PublicExploit: {"X"}, mpcvd.PublicAll: {"X", "A"}}
		table := mpcvd.Exposure
		move := func(tx *db.Tx, id string, e mpcvd.Event) error {
			if len(e) != 1 {
				return errs.New(errs.Conflict, "no such event")
			}
			_, err := embargo.Report(tx, s.Vera, id, e, "seen")
			return err
		}
		walk(s, table, func(st mpcvd.PublicState) string {
			id := s.newCase()
			for _, e := range path[st] {
				s.must(func(tx *db.Tx) error { return move(tx, id, e) })
			}
			return id
		}, move, func(id string) mpcvd.PublicState { return s.caseByID(id).Public })
		s.fails(errs.Invalid, "no such event", func(tx *db.Tx) error {
			_, err := embargo.Report(tx, s.Vera, s.Case.ID, "Q", "")
			return err
		})
		s.fails(errs.NotFound, "an outsider reports", func(tx *db.Tx) error {
			_, err := embargo.Report(tx, s.Otto, s.Case.ID, mpcvd.EventPublic, "")
			return err
		})
	})
}

func TestPublicEndsTheEmbargoAndTellsEverybody(t *testing.T) {
	each(t, func(s scene) {
		s.agree(30 * day)
		s.propose(s.Vera, 40*day)
		quiet := s.newVendor(false)
		s.must(func(tx *db.Tx) error {
			con, err := embargo.Report(tx, s.Willem, s.Case.ID, mpcvd.EventExploit, "on a mailing list")
			if err == nil && (con.EM != mpcvd.EMExited || !con.AllAware) {
				t.Errorf("consequence %+v", con)
			}
			return err
		})
		c := s.state(mpcvd.EMExited)
		if c.Public != mpcvd.PublicExploit || !c.EmbargoEnds.Equal(s.now()) || c.Holds(s.now()) {
			t.Errorf("after X: %s, ends %s", c.Public, c.EmbargoEnds)
		}
		if p := s.party(quiet.ID); p.Progress != mpcvd.VendorAware || p.Consent != mpcvd.PECInvited {
			t.Errorf("a vendor that has not answered: %s, %s", p.Progress, p.Consent)
		}
		for _, who := range []audience.Actor{s.Ada, s.Vera, s.Willem} {
			if n := len(s.events(embargo.EventExposed, who)); n != 1 || !embargo.IsAlarm(embargo.EventExposed) {
				t.Errorf("%s hears %d alarms", who.Person, n)
			}
		}
		if n := len(s.events(embargo.EventExposed, s.Otto)); n != 0 {
			t.Error("an outsider hears the alarm")
		}
		s.must(func(tx *db.Tx) error { return embargo.Published(tx, s.Case.ID, "advisory out") }) // already known: nothing
	})
}

func TestAttacksAskForADecision(t *testing.T) {
	each(t, func(s scene) {
		s.fails(errs.Conflict, "deciding what nobody asked", func(tx *db.Tx) error {
			_, err := embargo.DecideAttacks(tx, s.Ada, s.Case.ID, mpcvd.DecideKeep, "calm")
			return err
		})
		agreed := s.agree(30 * day)
		s.propose(s.Vera, 40*day)
		s.must(func(tx *db.Tx) error {
			_, err := embargo.Report(tx, s.Vera, s.Case.ID, mpcvd.EventAttacks, "honeypot")
			return err
		})
		c := s.state(mpcvd.EMActive) // the open revision cannot be agreed any more
		if want := s.now().Add(mpcvd.DefaultLimits.Decision); !c.DecisionDue.Equal(want) || c.DecisionWhy == "" {
			t.Errorf("decision due %s, want %s", c.DecisionDue, want)
		}
		s.fails(errs.Denied, "a vendor decides", func(tx *db.Tx) error {
			_, err := embargo.DecideAttacks(tx, s.Vera, s.Case.ID, mpcvd.DecideKeep, "calm")
			return err
		})
		s.must(func(tx *db.Tx) error {
			_, err := embargo.DecideAttacks(tx, s.Ada, s.Case.ID, mpcvd.DecideKeep, "one honeypot, no victims")
			return err
		})
		if c = s.state(mpcvd.EMActive); !c.DecisionDue.IsZero() || !c.EmbargoEnds.Equal(agreed.Ends) {
			t.Error("kept: the embargo goes on")
		}
		id := s.newCase()
		s.must(func(tx *db.Tx) error {
			p, err := embargo.Propose(tx, s.Ada, id, embargo.Offer{Ends: tx.Now.Add(9 * day), Reason: "soon"})
			if err != nil {
				return err
			}
			if _, err := embargo.Decide(tx, s.Ada, p.ID, true, "yes"); err != nil {
				return err
			}
			_, err = embargo.Report(tx, s.Ada, id, mpcvd.EventAttacks, "")
			return err
		})
		due := s.caseByID(id).DecisionDue
		s.clock.Set(due.Add(-time.Microsecond))
		s.tick()
		if c := s.caseByID(id); c.Embargo != mpcvd.EMActive {
			t.Fatal("decided too early")
		}
		s.clock.Set(due)
		s.tick()
		if c := s.caseByID(id); c.Embargo != mpcvd.EMExited || !c.DecisionDue.IsZero() {
			t.Errorf("without a decision the embargo ends: %s", c.Embargo)
		}
	})
}

func TestInvitedLaterSeesTheStandingEmbargo(t *testing.T) {
	each(t, func(s scene) {
		s.agree(30 * day)
		p := s.newVendor(false)
		me := walker(p)
		read := func() (i casework.Invitation) {
			s.must(func(tx *db.Tx) error {
				open, err := casework.OpenInvitations(tx, me)
				if err == nil {
					i = open[0]
				}
				return err
			})
			return i
		}
		old := read()
		if want := s.load().EmbargoEnds.Format("2006-01-02 15:04:05 UTC"); !strings.Contains(old.TermsText, want) {
			t.Errorf("the terms do not name the embargo's end %s: %s", want, old.TermsText)
		}
		revision := s.propose(s.Ada, 20*day)
		s.decide(revision, true)
		s.fails(errs.Stale, "accepting the old end", func(tx *db.Tx) error {
			_, err := casework.Accept(tx, me, old.ID, old.Agreement())
			return err
		})
		s.must(func(tx *db.Tx) error {
			_, err := casework.Accept(tx, me, old.ID, firstInvitation(tx, me).Agreement())
			return err
		})
		if got := s.party(p.ID).Consent; got != mpcvd.PECSignatory {
			t.Errorf("consent %s", got)
		}
		s.must(func(tx *db.Tx) error { return casework.Leave(tx, me, s.Case.ID, p.ID, "not ours") })
		s.state(mpcvd.EMActive) // leaving does not end the embargo
	})
}

func firstInvitation(tx *db.Tx, a audience.Actor) casework.Invitation {
	open, err := casework.OpenInvitations(tx, a)
	if err != nil || len(open) == 0 {
		return casework.Invitation{}
	}
	return open[0]
}

func TestSilenceIsRemindedOf(t *testing.T) {
	each(t, func(s scene) {
		p := s.newVendor(false)
		reminded := func() []ledger.Record { return s.events(casework.InvitationReminded, walker(p)) }
		s.clock.Set(p.DueAt)
		s.tick()
		s.tick()
		if got := reminded(); len(got) != 1 || got[0].Scope != "" {
			t.Fatalf("reminded %d times: %+v", len(got), got)
		}
		s.clock.Set(p.DueAt.Add(8 * day))
		s.tick()
		s.clock.Set(p.DueAt.Add(30 * day))
		s.tick()
		s.clock.Set(p.DueAt.Add(60 * day))
		s.tick()
		if got := reminded(); len(got) != 2 {
			t.Errorf("reminded %d times, want 2", len(got))
		}
		if got := s.events(casework.InvitationIgnored, s.Ada); len(got) != 1 {
			t.Errorf("the coordinator hears %d times", len(got))
		}
		if got := s.events(embargo.EventNoReply, s.Vera); len(got) != 1 {
			t.Errorf("a vendor without a status hears %d times", len(got))
		}
		if got := s.events(embargo.EventNoReply, s.Willem); len(got) != 1 {
			t.Errorf("each hears its own alone: %d", len(got))
		}
	})
}
