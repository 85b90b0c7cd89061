package walk_test

import (
	"slices"
	"testing"
	"time"

	"tocsin/spec/membership"
)

// terms are how many days before the day of the walk a member joined whose
// membership lasts 365, by the verb and the state in which it finds them. On
// that day the verb is due for those whose state allows it, and nothing is for
// the others.
var terms = map[membership.RenewalVerb]map[membership.RenewalState]int{
	membership.RenewalRemind:  {membership.RenewalCurrent: 275, membership.RenewalAsked: 305, membership.RenewalLapsed: 380, membership.RenewalSuspended: 450},
	membership.RenewalLapse:   {membership.RenewalCurrent: 10, membership.RenewalAsked: 365, membership.RenewalLapsed: 380, membership.RenewalSuspended: 450},
	membership.RenewalSuspend: {membership.RenewalCurrent: 10, membership.RenewalAsked: 320, membership.RenewalLapsed: 395, membership.RenewalSuspended: 450},
	membership.RenewalRenew:   {membership.RenewalCurrent: 10, membership.RenewalAsked: 320, membership.RenewalLapsed: 380, membership.RenewalSuspended: 450},
}

// renewing is a membership on which one pair of the table is tried.
type renewing struct {
	*standing
	from membership.RenewalState
	verb membership.RenewalVerb
	days int
}

// TestRenewal walks the machine of renewals: all but one of its verbs are the
// clock's, so all members come to one day by ways of their own.
func TestRenewal(t *testing.T) {
	each(t, func(h *house) {
		b := &bench{h, h.program("Product Security", object{"renew_days": 365})}
		var all []*renewing
		for _, v := range membership.Renewal.AllVerbs() {
			for _, s := range membership.Renewal.States() {
				if terms[v][s] == 0 {
					t.Fatalf("%s is never tried in %s", v, s)
				}
				all = append(all, &renewing{from: s, verb: v, days: terms[v][s]})
			}
		}
		slices.SortStableFunc(all, func(x, y *renewing) int { return y.days - x.days })
		theDay := h.Clock.Now().Add(460 * day)
		for i, r := range all {
			if at := theDay.Add(-time.Duration(r.days) * day); at.After(h.Clock.Now()) {
				h.later(at.Sub(h.Clock.Now()))
			}
			r.standing = b.joined()
			if i+1 == len(all) || all[i+1].days != r.days {
				h.Round()
			}
		}
		h.later(theDay.Add(-time.Hour).Sub(h.Clock.Now()))
		for _, p := range h.people {
			*p = h.Known(p.Email)
		}
		state := func(r *renewing) membership.RenewalState {
			return membership.RenewalState(h.Must(200, *h.cora, "GET", r.ref, nil).Text("renewal"))
		}
		reminded := map[*renewing]int{}
		for _, r := range all {
			if got := state(r); got != r.from {
				t.Fatalf("who joined %d days before is %s, not %s", r.days, got, r.from)
			}
			reminded[r] = b.reminders(r)
			if r.verb == membership.RenewalRenew {
				b.renews(r, state)
			}
		}
		h.later(2 * time.Hour)
		for _, r := range all {
			if r.verb == membership.RenewalRenew {
				continue
			}
			want, ok := membership.Renewal.Next(r.from, r.verb)
			if !ok {
				want = r.from
			}
			if got := state(r); got != want {
				t.Errorf("as time goes by, %s –%s→ leaves %s, want %s", r.from, r.verb, got, want)
			}
			if n := b.reminders(r) - reminded[r]; (n > 0) != (ok && r.verb == membership.RenewalRemind) {
				t.Errorf("%s –%s→ reminds the member %d times", r.from, r.verb, n)
			}
		}
	})
}

// reminders is how often a member was reminded of the running renewal.
func (b *bench) reminders(r *renewing) int {
	b.Helper()
	m := b.Must(200, *b.cora, "GET", r.ref, nil)
	return int(m.Body["reminded"].(float64))
}

// renews tries to renew a membership: with steps open, and with none.
func (b *bench) renews(r *renewing, state func(*renewing) membership.RenewalState) {
	b.Helper()
	renew := func(status int) {
		b.Helper()
		before := b.Must(200, *b.cora, "GET", r.ref, nil)
		if a := b.ask(r.Person, "POST", r.ref+"/renew", nil); a.Status != status {
			b.Errorf("%s –renew→ answers %d, want %d: %s", r.from, a.Status, status, a.Raw)
		}
		if after := b.Must(200, *b.cora, "GET", r.ref, nil); status == 409 && string(after.Raw) != string(before.Raw) {
			b.Errorf("%s –renew→ was refused, and changed\n%s\nto\n%s", r.from, before.Raw, after.Raw)
		}
	}
	renew(409)
	want, ok := membership.Renewal.Next(r.from, membership.RenewalRenew)
	if !ok {
		if a := b.ask(b.cora, "POST", r.ref+"/steps", object{"step": "fee", "note": "came"}); a.Status != 409 {
			b.Errorf("%s: a fee is noted though none is asked for: %d", r.from, a.Status)
		}
		return
	}
	b.Must(403, *r.Person, "POST", r.ref+"/steps", object{"step": "fee", "note": "we paid"})
	b.Must(422, *b.cora, "POST", r.ref+"/steps", object{"step": "contacts", "note": "all fine"})
	b.Must(200, *b.cora, "POST", r.ref+"/steps", object{"step": "fee", "note": "came"})
	c := b.Must(201, *r.Person, "POST", "/organizations/"+r.org+"/contacts", object{"kind": "response team", "name": "PSIRT", "mail": r.Email})
	b.Must(200, *r.Person, "POST", "/contacts/"+c.Text("id")+"/confirm", object{"version": c.Body["version"]})
	renew(200)
	if got := state(r); got != want {
		b.Errorf("%s –renew→ leaves %s, want %s", r.from, got, want)
	}
}
