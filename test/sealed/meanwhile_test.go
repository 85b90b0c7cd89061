package sealed_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/spec/ballot"
	"tocsin/test/stage"
)

type object = stage.Object

// chamber is an alliance whose board votes under a clock that is moved by
// hand, over the REST interface.
type chamber struct {
	*stage.Stage
	cora  stage.Person
	seats []*seat
}

// seat is an organization's, with its executive and a colleague of theirs.
type seat struct {
	id, org, membership string
	exec, other         stage.Person
}

func newChamber(t *testing.T, dialect db.Dialect, seats int) *chamber {
	t.Helper()
	c := &chamber{Stage: stage.New(t, dialect)}
	c.cora = c.Known("cora@alliance.example")
	for i := range seats {
		s := &seat{}
		s.org = c.Must(201, c.cora, "POST", "/organizations", object{"name": fmt.Sprint("Member ", i), "class": "vendor", "listed": true}).Text("id")
		s.exec, s.other = c.person(fmt.Sprintf("exec%d@member.example", i)), c.person(fmt.Sprintf("other%d@member.example", i))
		s.membership = c.Must(201, c.cora, "POST", "/organizations/"+s.org+"/members", object{"person_id": s.exec.ID, "role": "admin"}).Text("id")
		c.Must(201, c.cora, "POST", "/organizations/"+s.org+"/members", object{"person_id": s.other.ID, "role": "admin"})
		s.id = c.appoint(s.org, s.exec)
		c.seats = append(c.seats, s)
	}
	return c
}

func (c *chamber) person(email string) stage.Person {
	c.Helper()
	c.Act(c.cora, func(tx *db.Tx, cora audience.Actor) error {
		_, err := people.Add(tx, cora, email, email)
		return err
	})
	return c.Known(email)
}

func (c *chamber) appoint(org string, p stage.Person) string {
	c.Helper()
	return c.Must(201, c.cora, "POST", "/board/seats", object{"org_id": org, "person_id": p.ID}).Text("id")
}

// opened is a sealed motion at the vote, for an hour; change says what is
// otherwise.
func (c *chamber) opened(change object) (id string, deadline time.Time) {
	c.Helper()
	deadline = c.Clock.Now().Add(time.Hour)
	in := object{"kind": "other", "title": "Buy a bell", "sealed": true, "deadline": deadline.Format(time.RFC3339Nano)}
	for k, v := range change {
		in[k] = v
	}
	m := c.Must(201, c.cora, "POST", "/board/motions", in)
	c.put(m)
	return m.Text("id"), deadline
}

func (c *chamber) put(m stage.Answer) {
	c.Helper()
	c.Must(200, c.cora, "POST", "/board/motions/"+m.Text("id")+"/open", object{"version": m.Body["version"]})
}

func (c *chamber) cast(p stage.Person, motion string, choice ballot.Choice) stage.Answer {
	c.Helper()
	return c.Ask(p.Auth(), "POST", "/api/v1/board/motions/"+motion+"/vote", object{"choice": choice})
}

func (c *chamber) casts(p stage.Person, motion string, choice ballot.Choice) {
	c.Helper()
	if a := c.cast(p, motion, choice); a.Status != 200 {
		c.Fatalf("a vote is answered %d: %s", a.Status, a.Raw)
	}
}

// counted is what a motion came to, which a recount of the stored votes has to
// come to as well.
func (c *chamber) counted(motion string) (state string, n map[string]float64) {
	c.Helper()
	m := c.Must(200, c.cora, "GET", "/board/motions/"+motion, nil)
	r, ok := m.Body["result"].(object)
	if !ok {
		c.Fatalf("there is no result: %s", m.Raw)
	}
	if again := c.Must(200, c.cora, "POST", "/board/motions/"+motion+"/recount", nil); again.Body["same"] != true {
		c.Errorf("the recount comes to %s", again.Raw)
	}
	n = map[string]float64{}
	for _, k := range []string{"yes", "no", "abstain", "electorate", "voted", "needed", "recused", "lost", "uncounted"} {
		n[k] = r[k].(float64)
	}
	return m.Text("state"), n
}

// silent holds that nothing of an open sealed ballot is told.
func (c *chamber) silent(motion string) {
	c.Helper()
	if m := c.Must(200, c.cora, "GET", "/board/motions/"+motion, nil); m.Body["result"] != nil {
		c.Errorf("an open ballot has a result: %s", m.Raw)
	}
	if list := c.Must(200, c.cora, "GET", "/board/motions/"+motion+"/votes", nil).Items(); len(list) > 0 {
		c.Errorf("a sealed ballot shows %v", list)
	}
}

// loss is how a seat's vote is lost after it was cast.
type loss struct {
	what    string
	suffer  func(c *chamber, s *seat, motion string)
	refused int    // the answer to the next vote of who has lost it
	as      string // how the result counts the seat
}

var losses = []loss{
	{"recused", func(c *chamber, s *seat, motion string) {
		c.Must(204, s.exec, "POST", "/board/motions/"+motion+"/recuse", object{"seat_id": s.id, "reason": "We sell bells."})
	}, 403, "recused"},
	{"organization suspended by the board", func(c *chamber, s *seat, _ string) {
		m := c.Must(201, c.cora, "POST", "/memberships/alliance."+s.org+"/motions", object{"kind": "suspend", "reason": "It told a customer."})
		c.put(c.Must(200, c.cora, "PATCH", "/board/motions/"+m.Text("id"), object{"early": true}, "If-Match", m.Version()))
		for _, x := range c.seats {
			if x != s {
				c.cast(x.exec, m.Text("id"), ballot.Yes) // who lost their seat before is refused
			}
		}
		if got := c.Must(200, c.cora, "GET", "/organizations/"+s.org, nil).Text("state"); got != "suspended" {
			c.Fatalf("the organization is %s", got)
		}
	}, 404, "lost"},
	{"person suspended", func(c *chamber, s *seat, _ string) {
		c.Must(200, c.cora, "POST", "/people/"+s.exec.ID+"/suspend", nil)
	}, 401, ""},
	{"left the organization", func(c *chamber, s *seat, _ string) {
		c.Must(204, c.cora, "DELETE", "/organizations/"+s.org+"/members/"+s.membership, nil)
	}, 404, ""}, // the board's papers are closed to them in the next request
	{"left the alliance", func(c *chamber, s *seat, _ string) {
		c.Must(200, c.cora, "POST", "/people/"+s.exec.ID+"/leave", nil)
	}, 401, ""},
	{"seat passed to another", func(c *chamber, s *seat, motion string) {
		c.Must(200, c.cora, "POST", "/board/seats/"+s.id+"/end", object{"reason": "A new executive."})
		s.id = c.appoint(s.org, s.other)
		if a := c.cast(s.other, motion, ballot.No); a.Status != 403 {
			c.Errorf("who follows votes in a ballot of before: %d %s", a.Status, a.Raw)
		}
	}, 404, "lost"},
}

// Who is recused, suspended or replaced after the vote and before the close
// loses it, and is told so when they vote again.
func TestAVoteIsLostBeforeTheClose(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			c := newChamber(t, dialect, len(losses)+4)
			for i, l := range losses {
				motion, deadline := c.opened(nil)
				s, a, b := c.seats[i], c.seats[len(losses)], c.seats[len(losses)+1]
				c.casts(s.exec, motion, ballot.Yes)
				c.casts(a.exec, motion, ballot.Yes)
				c.casts(b.exec, motion, ballot.No)
				l.suffer(c, s, motion)
				c.silent(motion)
				got := c.cast(s.exec, motion, ballot.No)
				if got.Status != l.refused || got.Text("detail") == "" {
					t.Errorf("%s: another vote is answered %d, want %d: %s", l.what, got.Status, l.refused, got.Raw)
				}
				c.silent(motion)
				c.Round()
				if a := c.Ask(s.exec.Auth(), "GET", "/api/v1/board/motions/"+motion, nil); (a.Status == 200) != (l.as == "recused") {
					t.Errorf("%s, and reads the motion: %d", l.what, a.Status)
				}
				electorate := float64(len(c.Must(200, c.cora, "GET", "/board/motions/"+motion+"/electorate", nil).Items()))
				if l.as == "recused" {
					electorate--
				}
				c.Until(deadline)
				_, n := c.counted(motion)
				if n["yes"] != 1 || n["no"] != 1 || n["voted"] != 2 || n["uncounted"] != 1 || n["electorate"] != electorate || l.as != "" && n[l.as] < 1 {
					t.Errorf("%s: the result is %v, of an electorate of %v", l.what, n, electorate)
				}
			}
		})
	}
}

// A substitute's vote goes with the substitute; the executive's stays.
func TestASubstituteIsReplaced(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			c := newChamber(t, dialect, 3)
			s := c.seats[0]
			name := func(p string) {
				at := "/board/seats/" + s.id
				c.Must(200, s.exec, "PATCH", at, object{"substitute_id": p}, "If-Match", c.Must(200, s.exec, "GET", at, nil).Version())
			}
			name(s.other.ID)
			gone, deadline := c.opened(nil)
			stays, _ := c.opened(nil)
			c.casts(s.other, gone, ballot.Yes)
			c.casts(s.other, stays, ballot.Yes)
			name("")
			if a := c.cast(s.other, gone, ballot.No); !slices.Contains([]int{403, 404}, a.Status) {
				t.Errorf("a former substitute votes: %d %s", a.Status, a.Raw)
			}
			c.casts(s.exec, stays, ballot.No)
			for _, motion := range []string{gone, stays} {
				c.casts(c.seats[1].exec, motion, ballot.Abstain)
				c.silent(motion)
			}
			c.Until(deadline)
			if _, n := c.counted(gone); n["yes"] != 0 || n["uncounted"] != 1 || n["voted"] != 1 || n["electorate"] != 3 {
				t.Errorf("the former substitute's vote: %v", n)
			}
			if _, n := c.counted(stays); n["yes"] != 0 || n["no"] != 1 || n["uncounted"] != 0 || n["voted"] != 2 {
				t.Errorf("the executive's vote after the substitute's: %v", n)
			}
		})
	}
}
