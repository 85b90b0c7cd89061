package embargo_test

import (
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/spec/mpcvd"
)

// only opens a case with one more vendor in it that no other case has.
func (s scene) only(org string, who audience.Actor, ends time.Duration) casework.Case {
	s.t.Helper()
	var c casework.Case
	s.must(func(tx *db.Tx) (err error) {
		if c, err = casework.OpenCase(tx, s.Ada, casework.NewCase{Title: "The same flaw", Level: s.Case.Level}); err != nil {
			return err
		}
		if _, err = casework.AddFinder(tx, s.Ada, c.ID, casework.Finding{Kind: audience.Link, ID: "lnk_" + org, Name: "finder", Reason: "found it"}); err != nil {
			return err
		}
		_, err = casework.Invite(tx, s.Ada, c.ID, casework.Inclusion{Reason: "ships it", Targets: []casework.Target{{Kind: audience.Org, ID: org, Name: org, Role: casework.Vendor}}})
		return err
	})
	s.must(func(tx *db.Tx) error {
		open, err := casework.OpenInvitations(tx, who)
		if err == nil {
			_, err = casework.Accept(tx, who, open[0].ID, open[0].Agreement())
		}
		return err
	})
	if ends > 0 {
		s.must(func(tx *db.Tx) error {
			p, err := embargo.Propose(tx, s.Ada, c.ID, embargo.Offer{Ends: tx.Now.Add(ends), Reason: "time"})
			if err == nil {
				_, err = embargo.Decide(tx, s.Ada, p.ID, true, "agreed")
			}
			return err
		})
	}
	return s.caseByID(c.ID)
}

func (s scene) sees(a audience.Actor, id string) bool {
	s.t.Helper()
	ok := false
	s.must(func(tx *db.Tx) error {
		_, _, err := casework.Load(tx, a, id)
		ok = err == nil
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		return err
	})
	return ok
}

func TestMergeKeepsTheEarliestEndAndAsksForTerms(t *testing.T) {
	each(t, func(s scene) {
		s.agree(40 * day)
		other := s.only("org_x", s.Otto, 10*day)
		s.fails(errs.Conflict, "a case into itself", func(tx *db.Tx) error {
			_, err := embargo.Merge(tx, s.Ada, other.ID, other.ID, "same")
			return err
		})
		s.fails(errs.Denied, "a vendor merges its case", func(tx *db.Tx) error {
			_, err := embargo.Merge(tx, s.Otto, other.ID, s.Case.ID, "same")
			return err
		})
		moved := 0
		s.must(func(tx *db.Tx) error {
			_, err := embargo.Merge(tx, s.Ada, other.ID, s.Case.ID, "the same flaw", casework.Follower{Move: func(_ *db.Tx, _ audience.Actor, m casework.Move) error {
				moved = len(m.Parties)
				return nil
			}})
			return err
		})
		c := s.state(mpcvd.EMActive)
		if !c.EmbargoEnds.Equal(other.EmbargoEnds) || moved != 2 {
			t.Errorf("the earliest end: %s, want %s; %d parties moved", c.EmbargoEnds, other.EmbargoEnds, moved)
		}
		if s.party(s.V.ID).Consent != mpcvd.PECLapsed {
			t.Error("who signed the later end is asked again")
		}
		if got := s.caseByID(other.ID); got.State != casework.Merged || got.MergedInto != s.Case.ID {
			t.Errorf("the absorbed case: %+v", got)
		}
		if s.sees(s.Otto, s.Case.ID) || !s.sees(s.Otto, other.ID) {
			t.Error("the absorbed case's party must accept the other's terms first")
		}
		s.must(func(tx *db.Tx) error {
			open, err := casework.OpenInvitations(tx, s.Otto)
			if err == nil {
				_, err = casework.Accept(tx, s.Otto, open[0].ID, open[0].Agreement())
			}
			return err
		})
		if !s.sees(s.Otto, s.Case.ID) {
			t.Error("and then sees it")
		}
		s.fails(errs.Conflict, "work on the absorbed case", func(tx *db.Tx) error {
			_, err := embargo.Propose(tx, s.Ada, other.ID, embargo.Offer{Ends: tx.Now.Add(day), Reason: "no"})
			return err
		})
	})
}

func TestMergeOfAPublicCaseEndsTheEmbargo(t *testing.T) {
	each(t, func(s scene) {
		s.agree(40 * day)
		other := s.only("org_x", s.Otto, 0)
		s.must(func(tx *db.Tx) error {
			_, err := embargo.Report(tx, s.Otto, other.ID, mpcvd.EventPublic, "a blog")
			return err
		})
		s.must(func(tx *db.Tx) error {
			_, err := embargo.Merge(tx, s.Ada, other.ID, s.Case.ID, "the same flaw")
			return err
		})
		if c := s.state(mpcvd.EMExited); c.Public != mpcvd.PublicKnown {
			t.Errorf("public state %s", c.Public)
		}
	})
}

func TestSplitCarriesTheEmbargo(t *testing.T) {
	each(t, func(s scene) {
		p := s.agree(40 * day)
		s.clock.Advance(day)
		var c casework.Case
		s.must(func(tx *db.Tx) (err error) {
			c, err = embargo.Split(tx, s.Ada, s.Case.ID, casework.Parting{Title: "The second flaw", Participants: []string{s.V.ID}, Vulnerabilities: []string{"vul_x"}, Reason: "another product"},
				casework.Follower{Move: func(_ *db.Tx, _ audience.Actor, m casework.Move) error {
					if len(m.Only) != 1 || m.Only[0] != "vul_x" || m.Parties[s.V.ID] == "" {
						t.Errorf("what moves: %+v", m)
					}
					return nil
				}})
			return err
		})
		if c = s.caseByID(c.ID); c.Embargo != mpcvd.EMActive || !c.EmbargoEnds.Equal(p.Ends) || c.SplitFrom != s.Case.ID {
			t.Errorf("the new case: %+v", c)
		}
		if !s.sees(s.Vera, c.ID) || s.sees(s.Willem, c.ID) || !s.sees(s.Vera, s.Case.ID) {
			t.Error("the chosen party takes part in both, the other in the old one")
		}
		// The limit counts from the report, not from the split.
		s.fails(errs.Invalid, "beyond the old limit", func(tx *db.Tx) error {
			_, err := embargo.Propose(tx, s.Ada, c.ID, embargo.Offer{Ends: s.Case.OpenedAt.Add(90*day + time.Hour), Reason: "more"})
			return err
		})
		// Leaving one does not lose the other.
		s.must(func(tx *db.Tx) error {
			mine, err := casework.MyParticipants(tx, s.Vera, c.ID)
			if err != nil {
				return err
			}
			return casework.Leave(tx, s.Vera, c.ID, mine[0].ID, "not ours after all")
		})
		if s.sees(s.Vera, c.ID) || !s.sees(s.Vera, s.Case.ID) {
			t.Error("leaving one case is not leaving the other")
		}
	})
}

func TestFinderProposesFromItsOwnSide(t *testing.T) {
	each(t, func(s scene) {
		var f casework.Participant
		s.must(func(tx *db.Tx) (err error) {
			f, err = casework.AddFinder(tx, s.Ada, s.Case.ID, casework.Finding{Kind: audience.Link, ID: "lnk_f", Name: "finder", Reason: "found it"})
			return err
		})
		link := audience.ForLink("lnk_f")
		s.must(func(tx *db.Tx) error {
			_, err := embargo.Propose(tx, link, s.Case.ID, embargo.Offer{Participant: f.ID, Ends: tx.Now.Add(15 * day), Reason: "I publish then"})
			return err
		})
		s.state(mpcvd.EMProposed)
		s.must(func(tx *db.Tx) error {
			_, err := embargo.ReportFor(tx, link, s.Case.ID, f.ID, mpcvd.EventAttacks, "seen in the wild")
			return err
		})
		if n := len(s.events(embargo.EventExposed, link)); n != 1 {
			t.Errorf("the finder hears %d alarms", n)
		}
		s.fails(errs.NotFound, "another link", func(tx *db.Tx) error {
			_, err := embargo.Propose(tx, audience.ForLink("lnk_g"), s.Case.ID, embargo.Offer{Participant: f.ID, Ends: tx.Now.Add(15 * day), Reason: "mine"})
			return err
		})
	})
}
