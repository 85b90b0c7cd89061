package constituency_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/constituency"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
	spec "tocsin/spec/constituency"
)

func TestDeclare(t *testing.T) {
	each(t, func(w *world) {
		c := w.declare("one", spec.Prefix, "193.0.0.0/21")
		if c.State != spec.Claimed || c.Value != "193.0.0.0/21" || c.OrgName != "ONE" || c.Inside == nil {
			t.Errorf("%+v", c)
		}
		declare := func(who, org string, k spec.Kind, v string) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := w.g.Declare(tx, w.actors[who], w.orgs[org].ID, k, v, "")
				return err
			}
		}
		w.Refused("the same again", errs.Conflict, declare("one", "one", spec.Prefix, "193.0.0.0/21"))
		w.Refused("by a responder", errs.Denied, declare("helper", "one", spec.ASN, "3333"))
		w.Refused("by an operator", errs.Denied, func(tx *db.Tx) error {
			a := w.actors["operator"]
			a.Seats = slices.DeleteFunc(slices.Clone(a.Seats), func(s audience.Seat) bool { return s.ID == charter.Coordinator })
			_, err := w.g.Declare(tx, a, w.orgs["one"].ID, spec.ASN, "3333", "")
			return err
		})
		w.Refused("for another", errs.Denied, declare("two", "one", spec.ASN, "3333"))
		w.Refused("by nobody", errs.Unauthenticated, func(tx *db.Tx) error {
			_, err := w.g.Declare(tx, audience.Actor{}, w.orgs["one"].ID, spec.ASN, "3333", "")
			return err
		})
		w.Refused("a private network", errs.Invalid, declare("one", "one", spec.Prefix, "10.0.0.0/8"))
		w.Refused("more than a registry gives", errs.Invalid, declare("one", "one", spec.Prefix, "193.0.0.0/7"))
		w.Refused("for nobody", errs.NotFound, func(tx *db.Tx) error {
			_, err := w.g.Declare(tx, w.actors["one"], "org_none", spec.ASN, "3333", "")
			return err
		})
		reader := w.actors["one"]
		reader.Token = "tok"
		reader.Scopes = []string{charter.ScopeRead}
		w.Refused("by a token that reads", errs.Denied, func(tx *db.Tx) error {
			_, err := w.g.Declare(tx, reader, w.orgs["one"].ID, spec.ASN, "3333", "")
			return err
		})
		real := w.g
		real.Demo = false
		w.Refused("an example", errs.Invalid, func(tx *db.Tx) error {
			_, err := real.Declare(tx, w.actors["one"], w.orgs["one"].ID, spec.Prefix, "192.0.2.0/24", "")
			return err
		})
		w.Do(func(tx *db.Tx) error { _, err := constituency.Withdraw(tx, w.actors["one"], c.ID); return err })
		if again := w.declare("one", spec.Prefix, "193.0.0.0/21"); again.ID == c.ID {
			t.Error("a withdrawn claim came back to life")
		}
	})
}

func TestSight(t *testing.T) {
	each(t, func(w *world) {
		c := w.declare("one", spec.ASN, "3333")
		sees := func(when string, want ...string) {
			t.Helper()
			for who := range w.actors {
				if got := w.state(who, c.ID) != ""; got != slices.Contains(want, who) {
					t.Errorf("%s: %s sees it: %v", when, who, got)
				}
				var p constituency.Page
				w.Do(func(tx *db.Tx) (err error) {
					p, err = constituency.List(tx, w.actors[who], constituency.Filter{})
					return err
				})
				if got := len(p.Claims) == 1; got != slices.Contains(want, who) {
					t.Errorf("%s: %s finds it: %v", when, who, got)
				}
			}
		}
		inside := []string{"one", "helper", "mixed", "coordinator", "second", "operator"} // the first operator coordinates too
		sees("claimed", inside...)
		w.confirm(c)
		sees("proven", append(inside, "two")...)
		w.Do(func(tx *db.Tx) error {
			got, err := constituency.Get(tx, w.actors["two"], c.ID)
			if got.Inside != nil || got.Evidence != "" || got.Note != "" {
				t.Errorf("a member of the program reads %+v", got)
			}
			return err
		})
		w.Do(func(tx *db.Tx) error { return programs.Leave(tx, w.actors["one"], w.program.ID, w.orgs["one"].ID) })
		sees("after leaving the program", inside...)
		w.Do(func(tx *db.Tx) error {
			return programs.Join(tx, w.actors["coordinator"], w.program.ID, w.orgs["one"].ID)
		})
		sees("in the program again", append(inside, "two")...)
		w.Clock.Advance(366 * 24 * time.Hour)
		sees("a year later, before any clockwork", inside...)
		w.Refused("nobody lists", errs.Unauthenticated, func(tx *db.Tx) error {
			_, err := constituency.List(tx, audience.Actor{}, constituency.Filter{})
			return err
		})
	})
}

func TestProofByRecord(t *testing.T) {
	each(t, func(w *world) {
		c := w.declare("one", spec.Domain, "ONE.example")
		asked := func() {
			t.Helper()
			w.Do(func(tx *db.Tx) (err error) {
				c, err = w.g.ChallengeByRecord(tx, w.actors["one"], c.ID)
				return err
			})
		}
		check := func() {
			t.Helper()
			w.Clock.Advance(time.Minute)
			var err error
			if c, err = w.g.Check(t.Context(), w.DB, w.actors["one"], c.ID); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.g.Check(t.Context(), w.DB, w.actors["one"], c.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("checked without a challenge: %v", err)
		}
		asked()
		ch := c.Inside.Challenge
		if c.State != spec.Proving || ch == nil || ch.Record != "_tocsin-challenge.one.example" || !strings.HasPrefix(ch.Text, "tocsin-claim=") {
			t.Fatalf("%+v %+v", c, ch)
		}
		check()
		if c.State != spec.Proving || !strings.Contains(c.Inside.CheckNote, "no TXT record") || w.names.asked[0] != "_tocsin-challenge.one.example." {
			t.Errorf("%+v %q", c.Inside, w.names.asked)
		}
		if _, err := w.g.Check(t.Context(), w.DB, w.actors["one"], c.ID); !errs.Is(err, errs.RateLimited) || len(w.names.asked) != 1 {
			t.Errorf("checked twice at once: %v", err)
		}
		if _, err := w.g.Check(t.Context(), w.DB, w.actors["two"], c.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("checked by a stranger: %v", err)
		}
		w.names.err = errors.New("timeout")
		check()
		if !strings.Contains(c.Inside.CheckNote, "did not answer") {
			t.Error(c.Inside.CheckNote)
		}
		w.names.err = nil
		record := "_tocsin-challenge.one.example."
		w.names.records[record] = []string{"v=spf1 -all", ch.Text + "x"}
		check()
		if c.State != spec.Proving || !strings.Contains(c.Inside.CheckNote, "2 TXT records") {
			t.Error(c.State, c.Inside.CheckNote)
		}
		// While the look-up runs, others write: it holds no transaction.
		w.names.records[record] = []string{"v=spf1 -all", ch.Text}
		w.names.during = func() {
			w.Do(func(tx *db.Tx) error {
				_, err := w.g.Declare(tx, w.actors["two"], w.orgs["two"].ID, spec.ASN, "3333", "")
				return err
			})
		}
		check()
		w.names.during = nil
		if c.State != spec.Proven || c.Method != constituency.DNS || !c.Until.Equal(c.ProvenAt.AddDate(1, 0, 0)) || c.Inside.Challenge != nil {
			t.Errorf("%+v", c)
		}
		// Renewal: the claim holds while a new record is asked for, and an old
		// record does not answer a new challenge.
		asked()
		if c.State != spec.Proven {
			t.Error(c.State)
		}
		w.names.during = func() { asked() } // replaced while it is looked up
		w.Clock.Advance(time.Minute)
		if _, err := w.g.Check(t.Context(), w.DB, w.actors["one"], c.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("an overtaken check: %v", err)
		}
		w.names.during = nil
		check()
		if c.Inside.Challenge == nil {
			t.Error("an old record answered a new challenge")
		}
		net := w.declare("one", spec.Prefix, "193.0.0.0/21")
		w.Refused("a record for a block", errs.Conflict, func(tx *db.Tx) error {
			_, err := w.g.ChallengeByRecord(tx, w.actors["one"], net.ID)
			return err
		})
	})
}

// link is the last one that was mailed, and to whom.
func (w *world) link() (secret, address string) {
	w.Helper()
	w.Do(func(tx *db.Tx) error {
		items, err := w.Box.List(tx, outbox.Filter{})
		if err != nil || len(items) == 0 {
			return err
		}
		var m outbox.Mail
		if err := json.Unmarshal(items[0].Content, &m); err != nil {
			return err
		}
		_, rest, _ := strings.Cut(m.Text, "https://lantern.example/constituency/")
		secret, _, _ = strings.Cut(rest, "\n")
		address = items[0].Address
		return nil
	})
	return secret, address
}

func TestProofByMail(t *testing.T) {
	each(t, func(w *world) {
		c := w.declare("one", spec.ASN, "3333")
		mail := func(who, address string) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := w.g.ChallengeByMail(tx, w.actors[who], c.ID, address)
				return err
			}
		}
		w.Refused("to anybody", errs.Invalid, mail("one", "me@one.example"))
		w.Refused("the organization notes its own contact", errs.Denied, func(tx *db.Tx) error {
			_, err := constituency.NoteRegistry(tx, w.actors["one"], c.ID, "noc@ripe.example", "RDAP")
			return err
		})
		w.Refused("a coordinator who works there", errs.Denied, func(tx *db.Tx) error {
			_, err := constituency.NoteRegistry(tx, w.actors["mixed"], c.ID, "noc@ripe.example", "RDAP")
			return err
		})
		w.Refused("a broken address", errs.Invalid, func(tx *db.Tx) error {
			_, err := constituency.NoteRegistry(tx, w.actors["coordinator"], c.ID, "a@b, c@d", "RDAP")
			return err
		})
		w.Do(func(tx *db.Tx) error {
			_, err := constituency.NoteRegistry(tx, w.actors["coordinator"], c.ID, "noc@ripe.example", "https://rdap.example/autnum/3333")
			return err
		})
		w.Do(mail("one", "NOC@ripe.example"))
		first, to := w.link()
		if to != "noc@ripe.example" || first == "" {
			t.Fatalf("%q to %q", first, to)
		}
		w.Clock.Advance(time.Minute)
		w.Do(mail("one", "noc@ripe.example"))
		secret, _ := w.link()
		open := func(s string) error {
			return w.DB.Read(t.Context(), func(tx *db.Tx) error { _, err := constituency.OpenLink(tx, s); return err })
		}
		if err := open(first); !errs.Is(err, errs.Gone) {
			t.Errorf("the link before: %v", err)
		}
		if err := open("nonsense-of-enough-length"); !errs.Is(err, errs.NotFound) {
			t.Errorf("no link: %v", err)
		}
		for range 3 { // a machine that looks changes nothing
			if err := open(secret); err != nil {
				t.Error(err)
			}
		}
		w.Do(func(tx *db.Tx) error { _, err := constituency.AnswerLink(tx, secret, true); return err })
		if s := w.state("two", c.ID); s != spec.Proven {
			t.Error(s)
		}
		w.Refused("answered twice", errs.Gone, func(tx *db.Tx) error { _, err := constituency.AnswerLink(tx, secret, false); return err })

		// A no ends the challenge, and the proof there was goes on.
		w.Clock.Advance(time.Minute)
		w.Do(mail("one", "noc@ripe.example"))
		secret, _ = w.link()
		w.Do(func(tx *db.Tx) error { _, err := constituency.AnswerLink(tx, secret, false); return err })
		w.Do(func(tx *db.Tx) error {
			got, err := constituency.Get(tx, w.actors["one"], c.ID)
			if got.State != spec.Proven || got.Inside.Challenge != nil || !strings.Contains(got.Inside.CheckNote, "not so") {
				t.Errorf("%+v", got)
			}
			return err
		})
		w.Refused("a fourth mail in a day", errs.RateLimited, mail("one", "noc@ripe.example"))
		w.Clock.Advance(25 * time.Hour)
		w.Do(mail("one", "noc@ripe.example"))
		secret, _ = w.link()
		w.Clock.Advance(8 * 24 * time.Hour)
		if err := open(secret); !errs.Is(err, errs.Gone) {
			t.Errorf("after its time: %v", err)
		}

		// A domain's own mailboxes need no registry; another domain's are not its.
		c = w.declare("one", spec.Domain, "one.example")
		w.Refused("a mailbox elsewhere", errs.Invalid, mail("one", "hostmaster@two.example"))
		w.Refused("a mailbox below", errs.Invalid, mail("one", "hostmaster@sub.one.example"))
		w.Do(mail("one", "hostmaster@one.example"))
	})
}

func TestConfirmAndRefuse(t *testing.T) {
	each(t, func(w *world) {
		c := w.declare("one", spec.Country, "CH")
		confirm := func(who, note string) func(*db.Tx) error {
			return func(tx *db.Tx) error { _, err := constituency.Confirm(tx, w.actors[who], c.ID, note); return err }
		}
		w.Refused("by its own admin", errs.Denied, confirm("one", "because"))
		w.Refused("by a coordinator of its own", errs.Denied, confirm("mixed", "because"))
		w.Refused("by a stranger", errs.NotFound, confirm("two", "because"))
		w.Refused("without a note", errs.Invalid, confirm("coordinator", " \n"))
		w.Do(confirm("coordinator", "Letter of the ministry, shown in person"))
		w.Refused("refused once proven", errs.Conflict, func(tx *db.Tx) error {
			_, err := constituency.Refuse(tx, w.actors["coordinator"], c.ID, "no")
			return err
		})
		w.Do(func(tx *db.Tx) (err error) {
			c, err = w.g.Declare(tx, w.actors["coordinator"], w.orgs["one"].ID, spec.Sector, "energy", "")
			return err
		})
		w.Refused("by whoever entered it", errs.Denied, confirm("coordinator", "I know"))
		w.Refused("refused without a reason", errs.Invalid, func(tx *db.Tx) error {
			_, err := constituency.Refuse(tx, w.actors["second"], c.ID, "")
			return err
		})
		w.Do(func(tx *db.Tx) error {
			got, err := constituency.Refuse(tx, w.actors["second"], c.ID, "They sell to it, no more.")
			if got.State != spec.Refused || got.Reason == "" {
				t.Errorf("%+v", got)
			}
			return err
		})
		w.Refused("confirmed after all", errs.Conflict, confirm("second", "hm"))
		w.Refused("withdrawn after all", errs.Conflict, func(tx *db.Tx) error {
			_, err := constituency.Withdraw(tx, w.actors["one"], c.ID)
			return err
		})
	})
}

func TestYear(t *testing.T) {
	each(t, func(w *world) {
		c := w.proven("one", spec.ASN, "3333")
		p := w.declare("one", spec.Domain, "one.example")
		w.Do(func(tx *db.Tx) error { _, err := w.g.ChallengeByRecord(tx, w.actors["one"], p.ID); return err })
		w.Clock.Advance(31 * 24 * time.Hour)
		if s := w.state("one", p.ID); s != spec.Claimed {
			t.Errorf("a challenge that ran out: %s", s)
		}
		w.tick()
		w.tick()
		for kind, want := range map[string]int{constituency.EventLapsed: 1, constituency.EventExpiring: 0} {
			if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = $1`, kind); n != want {
				t.Errorf("%d times %s, want %d", n, kind, want)
			}
		}
		w.Do(func(tx *db.Tx) error {
			at, err := constituency.Next(tx)
			if want := c.Until.Add(-30 * 24 * time.Hour); !at.Equal(want) {
				t.Errorf("next at %s, want %s", at, want)
			}
			return err
		})
		w.Clock.Set(c.Until.Add(-29 * 24 * time.Hour))
		w.tick()
		w.tick()
		if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = $1`, constituency.EventExpiring); n != 1 {
			t.Errorf("reminded %d times", n)
		}
		w.Clock.Set(c.Until.Add(-time.Microsecond))
		if s := w.state("two", c.ID); s != spec.Proven {
			t.Error(s)
		}
		w.Clock.Set(c.Until)
		if s := w.state("one", c.ID); s != spec.Expired {
			t.Error(s)
		}
		w.tick()
		w.tick()
		if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = $1`, constituency.EventExpired); n != 1 {
			t.Errorf("expired %d times", n)
		}
		if c = w.confirm(c); c.State != spec.Proven {
			t.Error(c.State)
		}
		w.Clock.Set(c.Until.Add(-time.Hour))
		w.tick()
		if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = $1`, constituency.EventExpiring); n != 2 {
			t.Errorf("reminded %d times in two years", n)
		}
	})
}

func TestImport(t *testing.T) {
	each(t, func(w *world) {
		w.declare("one", spec.ASN, "3333")
		sheet := func(s string) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				got, err := w.g.Import(tx, w.actors["one"], w.orgs["one"].ID, strings.NewReader(s))
				if err == nil && (got != constituency.Imported{Declared: 2, Same: 1}) {
					t.Errorf("%+v", got)
				}
				return err
			}
		}
		w.Refused("a sheet with a fault", errs.Invalid, sheet("kind,value\nasn,3333\nprefix,10.0.0.0/8\ndomain,one.example\n"))
		w.Refused("an empty sheet", errs.Invalid, sheet("kind,value\n"))
		w.Do(sheet("kind,value,note\nasn,AS3333,\nprefix,193.0.0.0/21,ours\ndomain,One.Example,\n"))
		w.Refused("for another", errs.Denied, func(tx *db.Tx) error {
			_, err := w.g.Import(tx, w.actors["two"], w.orgs["one"].ID, strings.NewReader("asn,3334\n"))
			return err
		})
	})
}

func TestListPages(t *testing.T) {
	each(t, func(w *world) {
		for _, d := range []string{"b.example", "a.example", "x.b.example", "c.example"} {
			w.declare("one", spec.Domain, d)
		}
		w.declare("two", spec.ASN, "3333")
		w.declare("two", spec.ASN, "13")
		w.proven("two", spec.Prefix, "193.0.0.0/21")
		for _, f := range []constituency.Filter{{}, {Desc: true}, {Sort: constituency.ByOrg}, {Sort: constituency.BySince, Desc: true}, {Sort: constituency.ByUntil}} {
			all, paged := []string{}, []string{}
			w.Do(func(tx *db.Tx) error {
				p, err := constituency.List(tx, w.actors["coordinator"], f)
				for _, c := range p.Claims {
					all = append(all, c.Value)
				}
				return err
			})
			for f.Limit = 2; ; {
				var p constituency.Page
				w.Do(func(tx *db.Tx) (err error) { p, err = constituency.List(tx, w.actors["coordinator"], f); return err })
				for _, c := range p.Claims {
					paged = append(paged, c.Value)
				}
				if f.After = p.Next; f.After == "" {
					break
				}
			}
			if len(all) != 7 || !slices.Equal(all, paged) {
				t.Errorf("%+v: %v, page by page %v", f, all, paged)
			}
		}
		for _, x := range []struct {
			f    constituency.Filter
			want int
		}{{constituency.Filter{Text: "B.Ex"}, 2}, {constituency.Filter{Text: "as33"}, 1}, {constituency.Filter{Text: "%"}, 0}, {constituency.Filter{Kind: spec.ASN}, 2}, {constituency.Filter{State: spec.Proven}, 1}, {constituency.Filter{State: spec.Claimed}, 6}, {constituency.Filter{Org: w.orgs["one"].ID}, 4}} {
			w.Do(func(tx *db.Tx) error {
				p, err := constituency.List(tx, w.actors["coordinator"], x.f)
				if len(p.Claims) != x.want {
					t.Errorf("%+v: %d claims, want %d", x.f, len(p.Claims), x.want)
				}
				return err
			})
		}
	})
}

func TestClassOfCountry(t *testing.T) {
	each(t, func(w *world) {
		w.declare("one", spec.Country, "CH")
		w.declare("two", spec.Country, "CH")
		if n := len(w.overlaps("coordinator")); n != 0 {
			t.Errorf("%d overlaps of providers in one country", n)
		}
		w.Do(func(tx *db.Tx) error {
			for _, name := range []string{"one", "two"} {
				o, err := orgs.Load(tx, w.orgs[name].ID)
				if err != nil {
					return err
				}
				o.Class = orgs.CERT
				if _, err := orgs.Edit(tx, w.actors["operator"], o); err != nil {
					return err
				}
			}
			return nil
		})
		if n := len(w.overlaps("coordinator")); n != 1 {
			t.Errorf("%d overlaps of two national CERTs", n)
		}
	})
}
