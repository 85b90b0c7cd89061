package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
)

// newsroom is a case whose advisory goes to a program: Ada and Cora
// coordinate; Vexel is in the case and in the program, Wharf in the case only,
// Gate in the program only, Outer in neither.
type newsroom struct {
	t       *testing.T
	d       *db.DB
	clock   *clock.Fake
	courier *delivery.Courier
	press   advisory.Press
	ids     map[string]string
	program string
	c       casework.Case
	adv     advisory.Advisory
}

func (n *newsroom) do(f func(tx *db.Tx) error) {
	n.t.Helper()
	if err := n.d.Write(n.t.Context(), f); err != nil {
		n.t.Fatal(err)
	}
}

func (n *newsroom) actor(tx *db.Tx, name string) audience.Actor {
	n.t.Helper()
	a, err := people.ActorOf(tx, n.ids[name])
	if err != nil {
		n.t.Fatal(err)
	}
	return a
}

func newNewsroom(t *testing.T, d *db.DB, c *clock.Fake) *newsroom {
	t.Helper()
	s, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	n := &newsroom{t: t, d: d, clock: c, courier: &delivery.Courier{Box: outbox.New(s), Sealer: s}, press: advisory.Press{Sealer: s, URL: "https://tocsin.lantern.example"}, ids: map[string]string{}}
	n.do(func(tx *db.Tx) error {
		if _, err := charter.Found(tx, s, charter.Charter{Name: "Lantern Alliance", Namespace: "https://lantern.example", Email: "psirt@lantern.example", URL: n.press.URL}); err != nil {
			return err
		}
		p, err := people.First(tx, "ada@lantern.example", "Ada")
		n.ids["ada"] = p.ID
		return err
	})
	members := map[string]string{}
	n.do(func(tx *db.Tx) error {
		ada := n.actor(tx, "ada")
		for name, org := range map[string]string{"vera": "Vexel", "willem": "Wharf", "gwen": "Gate", "otto": "Outer", "cora": "Lantern"} {
			o, err := orgs.Create(tx, ada, orgs.Org{Name: org, Class: orgs.Vendor, Listed: true})
			if err != nil {
				return err
			}
			p, err := people.Add(tx, ada, name+"@"+strings.ToLower(org)+".example", name)
			if err != nil {
				return err
			}
			if _, err := orgs.Join(tx, ada, o.ID, p.ID, orgs.Responder); err != nil {
				return err
			}
			n.ids[name], members[name] = p.ID, o.ID
		}
		if err := people.GrantRole(tx, ada, n.ids["cora"], charter.Coordinator); err != nil {
			return err
		}
		p, err := programs.Create(tx, ada, programs.Program{Name: "Early warning", TLP: tlp.Green})
		if err != nil {
			return err
		}
		n.program = p.ID
		for _, name := range []string{"vera", "gwen"} {
			if err := programs.Join(tx, n.actor(tx, "ada"), p.ID, members[name]); err != nil {
				return err
			}
		}
		return nil
	})
	n.openCase(members)
	return n
}

func (n *newsroom) openCase(members map[string]string) {
	n.t.Helper()
	n.do(func(tx *db.Tx) (err error) {
		ada := n.actor(tx, "ada")
		if n.c, err = casework.OpenCase(tx, ada, casework.NewCase{Title: "Secret name of the case", Summary: "A length is not checked.", Level: tlp.AmberStrict}); err != nil {
			return err
		}
		parties, err := casework.Invite(tx, ada, n.c.ID, casework.Inclusion{Reason: "ships libexample", Due: tx.Now.Add(72 * time.Hour), Targets: []casework.Target{
			{Kind: audience.Org, ID: members["vera"], Name: "Vexel", Role: casework.Vendor}, {Kind: audience.Org, ID: members["willem"], Name: "Wharf", Role: casework.Vendor}}})
		if err != nil {
			return err
		}
		for _, name := range []string{"vera", "willem"} {
			a := n.actor(tx, name)
			open, err := casework.OpenInvitations(tx, a)
			if err != nil {
				return err
			}
			for _, i := range open {
				if _, err := casework.Accept(tx, a, i.ID, i.Terms); err != nil {
					return err
				}
			}
		}
		flaw, err := matrix.AddVulnerability(tx, ada, n.c.ID, matrix.Vulnerability{Title: "Overflow", Description: "A length is trusted."})
		if err != nil {
			return err
		}
		_, err = matrix.SetStatus(tx, n.actor(tx, "vera"), n.c.ID, matrix.Status{Participant: parties[0].ID, Vulnerability: flaw.ID, Status: vex.Affected, Affected: []string{"< 2"}, Statement: "Update soon."})
		return err
	})
}

// approve writes the next text of the advisory, and approves it.
func (n *newsroom) approve(summary string) {
	n.t.Helper()
	n.do(func(tx *db.Tx) (err error) {
		ada := n.actor(tx, "ada")
		if n.adv.ID == "" {
			if n.adv, err = advisory.Draft(tx, ada, n.c.ID); err != nil {
				return err
			}
		}
		text, err := advisory.ReadVersion(tx, ada, n.adv.ID, 0)
		if err != nil {
			return err
		}
		text.Content.Title, text.Content.Summary = "Overflow in libexample", summary
		if n.adv, err = advisory.Edit(tx, ada, n.adv.ID, n.adv.Version, text.Content, ""); err != nil {
			return err
		}
		if n.adv, err = advisory.Submit(tx, ada, n.adv.ID, n.adv.Version); err != nil {
			return err
		}
		n.adv, err = advisory.Approve(tx, n.actor(tx, "cora"), n.adv.ID, n.adv.Version)
		return err
	})
}

func (n *newsroom) schedule(at time.Time, note string) {
	n.t.Helper()
	n.do(func(tx *db.Tx) (err error) {
		n.adv, err = n.press.Schedule(tx, n.actor(tx, "ada"), n.adv.ID, advisory.Plan{Version: n.adv.Version, At: at, Level: tlp.Green, Program: n.program, Note: note})
		return err
	})
}

// run does what the workers do at this instant.
func (n *newsroom) run() {
	n.t.Helper()
	n.do(func(tx *db.Tx) error { _, err := n.press.Tick(tx); return err })
	if _, err := n.courier.Subscriber().Drain(n.t.Context(), n.d); err != nil {
		n.t.Fatal(err)
	}
}

// notices are the titles about the published advisory in each inbox.
func (n *newsroom) notices() map[string][]string {
	n.t.Helper()
	out := map[string][]string{}
	n.do(func(tx *db.Tx) error {
		for name := range n.ids {
			p, err := delivery.Inbox(tx, n.actor(tx, name), delivery.Filter{Limit: 200})
			if err != nil {
				return err
			}
			for _, x := range p.Notices {
				if strings.HasPrefix(x.URL, "/advisories/") {
					out[name] = append(out[name], x.Title)
				}
			}
		}
		return nil
	})
	return out
}

// mails are the texts about the advisory that left for each person.
func (n *newsroom) mails(subject string) map[string][]string {
	n.t.Helper()
	out := map[string][]string{}
	n.do(func(tx *db.Tx) error {
		list, err := n.courier.Box.List(tx, outbox.Filter{Limit: 200})
		for _, it := range list {
			if text := string(it.Content); strings.Contains(text, subject) {
				name, _, _ := strings.Cut(it.Address, "@")
				out[name] = append(out[name], text)
			}
		}
		return err
	})
	return out
}

func counts(m map[string][]string) string {
	n := map[string]int{}
	for name, list := range m {
		n[name] = len(list)
	}
	return fmt.Sprint(n)
}

// TestEverybodyWhoMayReadIsTold releases an advisory to a program: whoever the
// document reaches hears of it at its instant, once, and nobody else.
func TestEverybodyWhoMayReadIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		n := newNewsroom(t, d, c)
		n.approve("First words.")
		at := c.Now().Add(48 * time.Hour)
		n.schedule(at, "")
		c.Set(at.Add(-time.Microsecond))
		n.run()
		if got := n.notices(); len(got) > 0 {
			t.Errorf("a microsecond before: %v", got)
		}
		n.opens("")
		c.Set(at)
		n.run()
		n.run()
		everybody := fmt.Sprint(map[string]int{"ada": 1, "cora": 1, "vera": 1, "willem": 1, "gwen": 1})
		words := "The advisory " + n.adv.Number + " is released"
		if got := n.notices(); counts(got) != everybody || got["gwen"][0] != words {
			t.Errorf("at the instant: %v", got)
		}
		mails := n.mails(words)
		if counts(mails) != everybody {
			t.Errorf("mailed: %v", counts(mails))
		}
		for name, list := range mails {
			for _, secret := range []string{"Secret", "Overflow", n.c.Number} {
				if strings.Contains(list[0], secret) {
					t.Errorf("the mail to %s holds %q: %s", name, secret, list[0])
				}
			}
		}
		n.reads(t)
		n.opens("ada cora gwen vera willem")
		n.do(func(tx *db.Tx) error {
			mine, err := casework.MyParticipants(tx, n.actor(tx, "willem"), n.c.ID)
			if err == nil {
				err = casework.Leave(tx, n.actor(tx, "ada"), n.c.ID, mine[0].ID, "It was bought by Vexel.")
			}
			return err
		})
		c.Advance(time.Hour)
		n.approve("More is known.")
		n.schedule(c.Now(), "More is known.")
		n.run()
		words = "The advisory " + n.adv.Number + " is updated"
		if got := n.notices(); len(got["gwen"]) != 2 || got["gwen"][0] != words || got["vera"][0] != words || len(got["otto"]) != 0 {
			t.Errorf("a revision: %v", got)
		}
		n.opens("ada cora gwen vera")
		everybody = fmt.Sprint(map[string]int{"ada": 1, "cora": 1, "vera": 1, "gwen": 1})
		if got := n.mails(words); counts(got) != everybody || !strings.Contains(got["gwen"][0], "The advisory is updated.") {
			t.Errorf("mails of a revision: %v", got)
		}
		c.Advance(time.Hour)
		n.do(func(tx *db.Tx) error {
			_, err := advisory.Withdraw(tx, n.actor(tx, "ada"), n.adv.ID, "It was about another product.")
			return err
		})
		n.run()
		words = "The advisory " + n.adv.Number + " was withdrawn"
		if got := n.mails(words); counts(got) != fmt.Sprint(map[string]int{"cora": 1, "vera": 1, "gwen": 1}) {
			t.Errorf("mails of a withdrawal: %v", counts(got))
		}
		if got := n.notices()["gwen"]; len(got) != 3 || got[0] != words {
			t.Errorf("a withdrawal: %v", got)
		}
	})
}

// opens asks who of all can open the advisory's page now.
func (n *newsroom) opens(want string) {
	n.t.Helper()
	n.do(func(tx *db.Tx) error {
		var got []string
		for _, name := range []string{"ada", "cora", "gwen", "otto", "vera", "willem"} {
			_, err := advisory.BySlug(tx, n.actor(tx, name), n.adv.Number)
			if err == nil {
				got = append(got, name)
			} else if !errs.Is(err, errs.NotFound) {
				return err
			}
		}
		if who := strings.Join(got, " "); who != want {
			n.t.Errorf("the page opens for %q, want %q", who, want)
		}
		return nil
	})
}

// reads holds what a member of the program finds in the ledger against what
// the released document says.
func (n *newsroom) reads(t *testing.T) {
	t.Helper()
	n.do(func(tx *db.Tx) error {
		for name, want := range map[string]int{"gwen": 1, "otto": 0} {
			list, err := ledger.List(tx, n.actor(tx, name), ledger.Query{Object: n.adv.Ref(), After: -1})
			if err != nil || len(list) != want {
				t.Errorf("%s finds %d events of the advisory: %v", name, len(list), err)
			}
			for _, e := range list {
				var data map[string]any
				if err := e.Decode(&data); err != nil {
					return err
				}
				if e.Kind != advisory.DocumentReleased || e.Scope != "" || e.Party != "" || e.ActorID != "" || data["title"] != "Overflow in libexample" {
					t.Errorf("the event: %+v %s", e, e.Payload)
				}
				for key := range data {
					if !strings.Contains(" number title tlp revision url ", " "+key+" ") {
						t.Errorf("the event says %q", key)
					}
				}
				if strings.Contains(string(e.Payload), "Secret") || strings.Contains(string(e.Payload), n.c.ID) {
					t.Errorf("the event tells of the case: %s", e.Payload)
				}
			}
		}
		return nil
	})
}
