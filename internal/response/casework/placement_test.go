package casework_test

import (
	"slices"
	"strings"
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/seal"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/spec/ballot"
	"tocsin/spec/tlp"
)

// programScene is a program that shuts out government, with a member, and
// organizations outside it; ola runs the alliance, own coordinates the program.
type programScene struct {
	*testing.T
	d       *db.DB
	ids     map[string]string // person and organization by name
	program programs.Program
}

func newProgramScene(t *testing.T, d *db.DB) *programScene {
	t.Helper()
	s := &programScene{T: t, d: d, ids: map[string]string{}}
	sealer, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	casetest.Must(t, d, func(tx *db.Tx) error {
		if _, err := charter.Found(tx, sealer, charter.Charter{Name: "Test Alliance", Namespace: "https://alliance.example", Email: "psirt@alliance.example", URL: "http://127.0.0.1:8420"}); err != nil {
			return err
		}
		ola, err := people.First(tx, "ola@alliance.example", "Ola")
		s.ids["ola"] = ola.ID
		return err
	})
	casetest.Must(t, d, func(tx *db.Tx) error {
		ola := s.actor(tx, "ola")
		for name, class := range map[string]orgs.Class{"member": orgs.Vendor, "guest": orgs.Vendor, "ministry": orgs.Government} {
			o, err := orgs.Create(tx, ola, orgs.Org{Name: name, Class: class, Listed: true})
			if err != nil {
				return err
			}
			s.ids["org "+name] = o.ID
			p, err := people.Add(tx, ola, name+"@alliance.example", name)
			if err != nil {
				return err
			}
			s.ids[name] = p.ID
			if _, err := orgs.Join(tx, ola, o.ID, p.ID, orgs.Admin); err != nil {
				return err
			}
		}
		p, err := people.Add(tx, ola, "own@alliance.example", "own")
		if err != nil {
			return err
		}
		s.ids["own"] = p.ID
		if s.program, err = programs.Create(tx, ola, programs.Program{Name: "Makers", TLP: tlp.Amber}); err != nil {
			return err
		}
		r, err := programs.RulesOf(tx, s.program.ID)
		if err != nil {
			return err
		}
		r.ShutOut = []orgs.Class{orgs.Government}
		if _, err := programs.ChangeRules(tx, ola, r); err != nil {
			return err
		}
		if err := programs.AppointCoordinator(tx, ola, s.program.ID, p.ID); err != nil {
			return err
		}
		return programs.Join(tx, ola, s.program.ID, s.ids["org member"])
	})
	return s
}

func (s *programScene) actor(tx *db.Tx, name string) audience.Actor {
	s.Helper()
	a, err := people.ActorOf(tx, s.ids[name])
	if err != nil {
		s.Fatal(err)
	}
	return a
}

// as runs what somebody does; it must work.
func (s *programScene) as(name string, fn func(tx *db.Tx, a audience.Actor) error) {
	s.Helper()
	casetest.Must(s.T, s.d, func(tx *db.Tx) error { return fn(tx, s.actor(tx, name)) })
}

// decide puts a motion for an exception, as a coordinator does, and does what
// the decision says.
func (s *programScene) decide(c casework.Case, in casework.Passage, to ballot.State) {
	s.Helper()
	s.as("ola", func(tx *db.Tx, a audience.Actor) error {
		m, err := casework.AskException(tx, a, c.ID, in, "It runs the network concerned.")
		if err != nil {
			return err
		}
		if strings.Contains(m.Title+m.Text, c.Title) {
			s.Error("the motion gives the case's title away")
		}
		m.State = to
		return casework.Excepted(tx, m)
	})
}

func (s *programScene) open(by, program string) (c casework.Case) {
	s.Helper()
	s.as(by, func(tx *db.Tx, a audience.Actor) (err error) {
		c, err = casework.OpenCase(tx, a, casework.NewCase{Title: "Overflow", Level: tlp.AmberStrict, Program: program})
		return err
	})
	return c
}

func (s *programScene) invite(c casework.Case, org string) {
	s.Helper()
	s.as("own", func(tx *db.Tx, a audience.Actor) error {
		_, err := casework.Invite(tx, a, c.ID, casework.Inclusion{Reason: "ships it", Targets: []casework.Target{{Kind: audience.Org, ID: s.ids["org "+org], Name: org}}})
		return err
	})
}

// accept accepts all invitations that somebody finds, and counts them.
func (s *programScene) accept(name string) (n int) {
	s.Helper()
	s.as(name, func(tx *db.Tx, a audience.Actor) error {
		list, err := casework.OpenInvitations(tx, a)
		for _, i := range list {
			n++
			if _, err := casework.Accept(tx, a, i.ID, i.Terms); err != nil {
				return err
			}
		}
		return err
	})
	return n
}

func (s *programScene) sees(name string, c casework.Case) bool {
	s.Helper()
	var found bool
	s.as(name, func(tx *db.Tx, a audience.Actor) error {
		_, _, err := casework.Load(tx, a, c.ID)
		found = err == nil
		if errs.Is(err, errs.NotFound) {
			err = nil
		}
		return err
	})
	return found
}

func TestMembershipDecidesWhatCameThroughIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := newProgramScene(t, d)
		c := s.open("own", s.program.ID)
		if s.sees("member", c) {
			t.Fatal("a member sees a case that it was not invited to")
		}
		for _, o := range []string{"member", "guest"} {
			s.invite(c, o)
			if s.accept(o) != 1 || !s.sees(o, c) {
				t.Fatalf("%s does not come in", o)
			}
		}
		s.as("ola", func(tx *db.Tx, a audience.Actor) error {
			return programs.Leave(tx, a, s.program.ID, s.ids["org member"])
		})
		if s.sees("member", c) || !s.sees("guest", c) {
			t.Error("losing the membership removes what came through it, and nothing else")
		}
		// What is made for the case afterwards knows that the member came
		// through a membership.
		s.as("own", func(tx *db.Tx, a audience.Actor) error {
			part, err := audience.Within(tx, c.Audience, "part", []audience.Grant{{Kind: audience.Org, ID: s.ids["org member"], Role: audience.Reader}, {Kind: audience.Org, ID: s.ids["org guest"], Role: audience.Reader}}, nil)
			if err != nil {
				return err
			}
			for name, want := range map[string]bool{"member": false, "guest": true, "own": false, "ola": false} {
				if role, err := audience.RoleAt(tx, s.actor(tx, name), part, tlp.Amber); err != nil || role > audience.None != want {
					t.Errorf("%s has the role %s in a part made later, %v", name, role, err)
				}
			}
			return nil
		})
		s.as("ola", func(tx *db.Tx, a audience.Actor) error {
			return programs.Join(tx, a, s.program.ID, s.ids["org member"])
		})
		if !s.sees("member", c) {
			t.Error("the member is back and does not see the case")
		}
		s.as("ola", func(tx *db.Tx, a audience.Actor) error { return programs.Join(tx, a, s.program.ID, s.ids["org guest"]) })
		if earlier := s.open("own", s.program.ID); s.sees("guest", earlier) {
			t.Error("who joins sees an earlier case")
		}
	})
}

func TestProgramShutsOutByInvitationToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := newProgramScene(t, d)
		c := s.open("own", s.program.ID)
		for _, target := range []casework.Target{{Kind: audience.Org, ID: s.ids["org ministry"]}, {Kind: audience.Person, ID: s.ids["ministry"]}} {
			casetest.Must(t, d, func(tx *db.Tx) error {
				_, err := casework.Invite(tx, s.actor(tx, "ola"), c.ID, casework.Inclusion{Reason: "runs the network", Targets: []casework.Target{target}})
				if !errs.Is(err, errs.Conflict) {
					t.Errorf("inviting the %s of a class that is shut out: %v", target.Kind, err)
				}
				return nil
			})
		}
		ministry := audience.Party{Kind: audience.Org, ID: s.ids["org ministry"]}
		s.decide(c, casework.Passage{Org: ministry.ID}, ballot.Carried)
		s.invite(c, "ministry")
		if s.accept("ministry") != 1 || !s.sees("ministry", c) {
			t.Fatal("the exception lets nobody in")
		}
		s.decide(c, casework.Passage{Org: ministry.ID, Revoke: true}, ballot.Failed)
		if !s.sees("ministry", c) {
			t.Error("a motion that failed ends the exception")
		}
		s.decide(c, casework.Passage{Org: ministry.ID, Revoke: true}, ballot.Carried)
		if s.sees("ministry", c) {
			t.Error("the exception ended and the case is seen")
		}
		// A vendor that becomes a government body is out with the next request.
		s.invite(c, "guest")
		s.accept("guest")
		if !s.sees("guest", c) {
			t.Fatal("the guest does not come in")
		}
		s.as("ola", func(tx *db.Tx, a audience.Actor) error {
			o, err := orgs.Load(tx, s.ids["org guest"])
			if err != nil {
				return err
			}
			o.Class = orgs.Government
			_, err = orgs.Edit(tx, a, o)
			return err
		})
		if s.sees("guest", c) {
			t.Error("the organization's class is shut out and it sees the case")
		}
	})
}

func TestProgramsOwnCoordinators(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := newProgramScene(t, d)
		elsewhere := s.open("ola", "")
		c := s.open("ola", s.program.ID)
		if s.sees("own", elsewhere) || !s.sees("own", c) {
			t.Error("a program's coordinator sees the cases of the program, and no others")
		}
		for program, kind := range map[string]errs.Kind{"": errs.Denied, "prg_none": errs.Invalid} {
			err := casetest.Try(d, func(tx *db.Tx) error {
				_, err := casework.OpenCase(tx, s.actor(tx, "own"), casework.NewCase{Title: "x", Level: tlp.Amber, Program: program})
				return err
			})
			if !errs.Is(err, kind) {
				t.Errorf("open in %q: %v", program, err)
			}
		}
		close := func() error {
			return casetest.Try(d, func(tx *db.Tx) error {
				p, err := programs.ByID(tx, s.program.ID)
				if err != nil {
					return err
				}
				p.State = programs.Closed
				_, err = programs.Edit(tx, s.actor(tx, "ola"), p)
				return err
			})
		}
		if err := close(); !errs.Is(err, errs.Conflict) {
			t.Errorf("the program closes over an open case: %v", err)
		}
		s.as("own", func(tx *db.Tx, a audience.Actor) error { _, err := casework.Close(tx, a, c.ID, "done"); return err })
		if err := close(); err != nil {
			t.Errorf("the program does not close: %v", err)
		}
		reopen := func(who string) error {
			return casetest.Try(d, func(tx *db.Tx) error {
				_, err := casework.Reopen(tx, s.actor(tx, who), c.ID, "It came back.")
				return err
			})
		}
		for _, who := range []string{"own", "ola"} {
			if err := reopen(who); !errs.Is(err, errs.Conflict) || !strings.Contains(err.Error(), "Open the program again") {
				t.Errorf("%s reopens a case of a closed program: %v", who, err)
			}
		}
		s.as("ola", func(tx *db.Tx, a audience.Actor) error {
			p, err := programs.ByID(tx, s.program.ID)
			if err == nil {
				p.State = programs.Active
				_, err = programs.Edit(tx, a, p)
			}
			return err
		})
		if err := reopen("own"); err != nil {
			t.Errorf("once the program is open again: %v", err)
		}
		s.as("ola", func(tx *db.Tx, a audience.Actor) error {
			return programs.DismissCoordinator(tx, a, s.program.ID, s.ids["own"])
		})
		if s.sees("own", c) {
			t.Error("who was dismissed sees the case")
		}
	})
}

// Who is dismissed loses what they opened, to the TLP:RED of it; the case goes
// to whoever dismissed them, or to nobody.
func TestDismissedOwnersLoseTheirCases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := newProgramScene(t, d)
		c := s.open("own", s.program.ID)
		s.as("own", func(tx *db.Tx, a audience.Actor) error {
			_, err := casework.LoadAs(tx, a, c.ID, audience.Coordinator)
			return err
		})
		s.as("ola", func(tx *db.Tx, a audience.Actor) error { return casework.Dismiss(tx, a, s.program.ID, s.ids["own"]) })
		if s.sees("own", c) {
			t.Error("who was dismissed sees the case that they opened")
		}
		s.as("ola", func(tx *db.Tx, a audience.Actor) error {
			n, err := db.Value[int](tx, `SELECT COUNT(*) FROM audience_grant WHERE kind = 'person' AND subject_id = $1 AND audience_id IN (SELECT l.audience_id FROM audience_program l WHERE l.program_id = $2)`, s.ids["own"], s.program.ID)
			if n != 0 {
				t.Errorf("%d grants are left to who was dismissed", n)
			}
			if err != nil {
				return err
			}
			after, err := casework.LoadAs(tx, a, c.ID, audience.Coordinator)
			if after.Owner != s.ids["ola"] {
				t.Errorf("in charge is %q", after.Owner)
			}
			if role, err := audience.RoleAt(tx, a, c.Team, tlp.Red); err != nil || role != audience.Coordinator {
				t.Errorf("the successor is %v at TLP:RED: %v", role, err)
			}
			return err
		})
	})
}

func TestListByProgram(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := newProgramScene(t, d)
		inside, elsewhere := s.open("own", s.program.ID), s.open("ola", "")
		for _, o := range []string{"member", "guest"} {
			s.invite(inside, o)
			s.accept(o)
		}
		list := func(who string, f casework.Filter) (titles []string, total int, err error) {
			err = d.Read(t.Context(), func(tx *db.Tx) error {
				p, err := casework.List(tx, s.actor(tx, who), f)
				for _, c := range p.Cases {
					titles = append(titles, c.Number)
				}
				total = p.Total
				return err
			})
			return titles, total, err
		}
		for _, row := range []struct {
			who  string
			text string
			want []string
		}{{"ola", "", []string{inside.Number}}, {"own", "", []string{inside.Number}}, {"member", "", []string{inside.Number}}, {"ola", "overflow", []string{inside.Number}}, {"ola", elsewhere.Number, nil}, {"member", "nothing", nil}} {
			if got, total, err := list(row.who, casework.Filter{Program: s.program.ID, Text: row.text}); err != nil || total != len(row.want) || !slices.Equal(got, row.want) {
				t.Errorf("%s lists %v (%d in all) with %q, %v; want %v", row.who, got, total, row.text, err, row.want)
			}
		}
		if got, _, err := list("ola", casework.Filter{}); err != nil || len(got) != 2 {
			t.Errorf("without a program: %v, %v", got, err)
		}
		// A guest sees the case, and not in which program it lies: a program that
		// it does not see answers as one that is not there.
		if got, _, err := list("guest", casework.Filter{}); err != nil || !slices.Equal(got, []string{inside.Number}) {
			t.Errorf("the guest lists %v, %v", got, err)
		}
		for _, who := range []string{"guest", "ministry"} {
			_, _, there := list(who, casework.Filter{Program: s.program.ID})
			_, _, none := list(who, casework.Filter{Program: "prg_none"})
			if !errs.Is(there, errs.NotFound) || !errs.Is(none, errs.NotFound) || there.Error() != none.Error() {
				t.Errorf("%s is told %v of the program, and %v of one that is not there", who, there, none)
			}
		}
		s.as("ola", func(tx *db.Tx, a audience.Actor) error {
			return programs.Leave(tx, a, s.program.ID, s.ids["org member"])
		})
		if _, _, err := list("member", casework.Filter{Program: s.program.ID}); !errs.Is(err, errs.NotFound) {
			t.Errorf("a former member filters by the program: %v", err)
		}
	})
}
