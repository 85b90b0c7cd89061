package delivery_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/tlp"
)

const (
	terms  = "terms_t"
	number = "TA-2026-0117"
)

// scene is an alliance with one case: Ada coordinates; Vera sits for Vexel
// and Willem for Wharf, its competitor, both of which accepted the terms; Xena
// for Xylo, which has a grant and did not accept them; Otto for nobody in it.
type scene struct {
	t       *testing.T
	d       *db.DB
	clock   *clock.Fake
	courier *delivery.Courier
	ids     map[string]string // person ids by first name
	orgs    map[string]string
	matter  string // the case's audience
	private map[string]string
}

func newScene(t *testing.T, d *db.DB, c *clock.Fake) *scene {
	t.Helper()
	s, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	x := &scene{t: t, d: d, clock: c, courier: &delivery.Courier{Box: outbox.New(s), Sealer: s}, ids: map[string]string{}, orgs: map[string]string{}, private: map[string]string{}}
	must(t, d, func(tx *db.Tx) error {
		_, err := charter.Found(tx, s, charter.Charter{Name: "Lantern Alliance", Namespace: "https://lantern.example", Email: "psirt@lantern.example", URL: "https://tocsin.lantern.example"})
		if err != nil {
			return err
		}
		p, err := people.First(tx, "ada@lantern.example", "Ada")
		x.ids["ada"] = p.ID
		return err
	})
	for _, pair := range [][2]string{{"vera", "vexel"}, {"willem", "wharf"}, {"xena", "xylo"}, {"otto", "other"}} {
		x.join(pair[0], pair[1], orgs.Responder)
	}
	coordinators := audience.Grant{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Coordinator}
	grant := func(org string) audience.Grant {
		return audience.Grant{Kind: audience.Org, ID: x.orgs[org], Role: audience.Contributor}
	}
	must(t, d, func(tx *db.Tx) (err error) {
		if x.matter, err = audience.Create(tx, "case", []audience.Grant{coordinators, grant("vexel"), grant("wharf"), grant("xylo")}, []string{terms}, nil); err != nil {
			return err
		}
		for _, org := range []string{"vexel", "wharf"} {
			if err := audience.Accept(tx, terms, audience.Party{Kind: audience.Org, ID: x.orgs[org]}, "p"); err != nil {
				return err
			}
			if x.private[org], err = audience.Create(tx, "private side", []audience.Grant{coordinators, grant(org)}, []string{terms}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	x.emit(ledger.Event{Kind: "case.opened", Audience: x.matter, Actor: x.actor("ada"), Data: map[string]string{"number": number, "title": "Heap overflow in libexample"}})
	x.clean()
	return x
}

func (x *scene) join(name, org string, role orgs.Role) {
	x.t.Helper()
	must(x.t, x.d, func(tx *db.Tx) error {
		ada, err := people.ActorOf(tx, x.ids["ada"])
		if err != nil {
			return err
		}
		if x.orgs[org] == "" {
			o, err := orgs.Create(tx, ada, orgs.Org{Name: org, Class: orgs.Vendor, Listed: true})
			if err != nil {
				return err
			}
			x.orgs[org] = o.ID
		}
		p, err := people.Add(tx, ada, name+"@"+org+".example", name)
		if err != nil {
			return err
		}
		x.ids[name] = p.ID
		_, err = orgs.Join(tx, ada, x.orgs[org], p.ID, role)
		return err
	})
}

func (x *scene) actor(name string) (a audience.Actor) {
	x.t.Helper()
	must(x.t, x.d, func(tx *db.Tx) (err error) {
		a, err = people.ActorOf(tx, x.ids[name])
		return err
	})
	return a
}

// emit writes events in one transaction, in the case unless they say
// otherwise, and delivers them.
func (x *scene) emit(list ...ledger.Event) {
	x.t.Helper()
	must(x.t, x.d, func(tx *db.Tx) error {
		for _, e := range list {
			if e.Scope == "" && e.Object.Kind != "invitation" {
				e.Scope = "case_1"
			}
			if e.Object.ID == "" {
				e.Object = ledger.Object{Kind: "case", ID: "case_1"}
			}
			if e.Level == tlp.Clear {
				e.Level = tlp.AmberStrict
			}
			ledger.Append(tx, e)
		}
		return nil
	})
	x.drain()
}

func (x *scene) drain() {
	x.t.Helper()
	if _, err := x.courier.Subscriber().Drain(x.t.Context(), x.d); err != nil {
		x.t.Fatal(err)
	}
}

// clean forgets everything that was delivered so far.
func (x *scene) clean() {
	must(x.t, x.d, func(tx *db.Tx) error {
		for _, table := range []string{"notice", "outbox", "digest_day"} {
			if _, err := tx.Exec(`DELETE FROM ` + table); err != nil {
				return err
			}
		}
		return nil
	})
}

// told names who has a notice, and forgets them.
func (x *scene) told() string {
	x.t.Helper()
	var out []string
	must(x.t, x.d, func(tx *db.Tx) error {
		list, err := db.Column[string](tx, `SELECT p.name FROM notice n JOIN person p ON p.id = n.person_id ORDER BY p.name`)
		out = list
		return err
	})
	x.clean()
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

type letter struct {
	to, key string
	state   outbox.State
	outbox.Mail
}

func (x *scene) mails() []letter {
	x.t.Helper()
	var out []letter
	must(x.t, x.d, func(tx *db.Tx) error {
		list, err := x.courier.Box.List(tx, outbox.Filter{Limit: 200})
		for _, it := range list {
			l := letter{to: it.Address, key: it.Key, state: it.State}
			if err := decode(it.Content, &l.Mail); err != nil {
				return err
			}
			out = append(out, l)
		}
		return err
	})
	slices.SortFunc(out, func(a, b letter) int { return strings.Compare(a.to+a.key, b.to+b.key) })
	return out
}

func (x *scene) mailedTo() string {
	var out []string
	for _, m := range x.mails() {
		if m.state == outbox.Pending {
			out = append(out, strings.Split(m.to, "@")[0])
		}
	}
	return strings.Join(out, " ")
}

func (x *scene) tick() time.Time {
	x.t.Helper()
	var next time.Time
	must(x.t, x.d, func(tx *db.Tx) (err error) {
		next, err = x.courier.Tick(tx)
		return err
	})
	return next
}

func (x *scene) prefer(name string, list ...delivery.Preference) error {
	a := x.actor(name)
	return x.d.Write(x.t.Context(), func(tx *db.Tx) error {
		_, err := delivery.SetPreferences(tx, a, list)
		return err
	})
}
