// Package walk_test walks the machines of an alliance whole over the REST
// interface, on both databases: every verb of a table in every state of it,
// those that time does too. What has to happen is read from the tables of
// spec, so that nothing here can disagree with them and stay silent.
package walk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/spec/mpcvd"
	"tocsin/test/stage"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const day = 24 * time.Hour

type object = stage.Object

// walk tries every verb of a machine in every state, on records that were
// brought there by the interface and the clock.
type walk[S, V ~string, R any] struct {
	*stage.Stage
	machine mpcvd.Machine[S, V]
	// reach makes a record and brings it into a state, such that a verb can be
	// tried on it; "" for verbs that the state does not allow.
	reach func(S, V) R
	// try is what somebody asks for to have the verb done.
	try map[V]func(R) stage.Answer
	// pass lets the time go by that does a verb, for all records at once.
	pass []passage[S, V, R]
	// look is where a record stands, and all that can be read of it.
	look func(R) (S, string)
	// other are the answers to what the table does not allow, where they are
	// not 409, by "state verb", "* verb" or "state *". An answer of success is
	// one of a route that does something else besides and leaves the record.
	other map[string]int
}

// passage is a verb that time does.
type passage[S, V ~string, R any] struct {
	verb V
	// by moves the clock; the records stand in the states of the table.
	by func(map[S]R)
}

func (w walk[S, V, R]) run() {
	w.Helper()
	tried := map[string]bool{}
	rest, seen := map[S]R{}, map[S]string{}
	for _, s := range w.machine.States() {
		rest[s] = w.fresh(s, "")
		_, seen[s] = w.look(rest[s])
	}
	for _, v := range w.machine.AllVerbs() {
		do := w.try[v]
		if do == nil {
			continue
		}
		for _, s := range w.machine.States() {
			tried[w.pair(s, v)] = true
			to, ok := w.machine.Next(s, v)
			if !ok {
				w.refused(rest[s], seen[s], s, v, do)
				continue
			}
			r := w.fresh(s, v)
			_, before := w.look(r)
			a := do(r)
			if got, after := w.look(r); a.Status >= 300 || got != to || after == before {
				w.Errorf("%s –%s→ answers %d and leaves %q, want %q; something changed: %v: %.500s", s, v, a.Status, got, to, after != before, a.Raw)
			}
		}
	}
	for _, p := range w.pass {
		w.passes(p, tried)
	}
	for _, s := range w.machine.States() {
		for _, v := range w.machine.AllVerbs() {
			if !tried[w.pair(s, v)] {
				w.Errorf("%s is never tried in %s", v, s)
			}
		}
	}
}

func (w walk[S, V, R]) pair(s S, v V) string { return string(s) + " " + string(v) }

// fresh is reach, and holds it to its word.
func (w walk[S, V, R]) fresh(s S, v V) R {
	w.Helper()
	r := w.reach(s, v)
	if got, all := w.look(r); got != s {
		w.Fatalf("a record for %q in %s stands in %s: %.500s", v, s, got, all)
	}
	return r
}

// refused holds that a verb which the table does not allow changes nothing
// that could be read before.
func (w walk[S, V, R]) refused(r R, before string, s S, v V, do func(R) stage.Answer) {
	w.Helper()
	want := 409
	for _, key := range []string{w.pair(s, v), "* " + string(v), string(s) + " *"} {
		if x := w.other[key]; x != 0 {
			want = x
			break
		}
	}
	if want < 300 {
		r = w.fresh(s, v)
		_, before = w.look(r)
	}
	a := do(r)
	got, after := w.look(r)
	if a.Status != want || got != s {
		w.Errorf("%s –%s→ is no move: it answers %d, want %d, and leaves %s: %.500s", s, v, a.Status, want, got, a.Raw)
	}
	if after != before {
		w.Errorf("%s –%s→ is no move, and changed\n%s\nto\n%s", s, v, before, after)
	}
}

// passes lets time do its verb to a record in every state at once.
func (w walk[S, V, R]) passes(p passage[S, V, R], tried map[string]bool) {
	w.Helper()
	all := map[S]R{}
	for _, s := range w.machine.States() {
		all[s] = w.fresh(s, p.verb)
	}
	p.by(all)
	for _, s := range w.machine.States() {
		tried[w.pair(s, p.verb)] = true
		want, ok := w.machine.Next(s, p.verb)
		if !ok {
			want = s
		}
		if got, all := w.look(all[s]); got != want {
			w.Errorf("as time goes by, %s –%s→ leaves %s, want %s: %.500s", s, p.verb, got, want, all)
		}
	}
}

// house is an alliance with two coordinators and three founders, whose
// executives are the board.
type house struct {
	*stage.Stage
	cora, colin *stage.Person
	founders    []*member
	people      []*stage.Person
	serial      int
}

// member is an organization with its admin.
type member struct {
	*stage.Person
	org, seat string
}

func newHouse(t *testing.T, dialect db.Dialect) *house {
	t.Helper()
	h := &house{Stage: stage.New(t, dialect)}
	h.cora = h.known("cora@alliance.example")
	h.Act(*h.cora, func(tx *db.Tx, cora audience.Actor) error {
		p, err := people.Add(tx, cora, "colin@alliance.example", "Colin Abara")
		if err == nil {
			err = people.GrantRole(tx, cora, p.ID, charter.Coordinator)
		}
		return err
	})
	h.colin = h.known("colin@alliance.example")
	for range 3 {
		m := h.member()
		m.seat = h.Must(201, *h.cora, "POST", "/board/seats", object{"org_id": m.org, "person_id": m.ID}).Text("id")
		h.founders = append(h.founders, m)
	}
	return h
}

// each runs a walk on each database, beside the others: they wait for disks
// more than for anything.
func each(t *testing.T, f func(h *house)) {
	t.Parallel()
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f(newHouse(t, dialect))
		})
	}
}

// known is a person whose token is made anew whenever much time went by.
func (h *house) known(email string) *stage.Person {
	p := h.Known(email)
	h.people = append(h.people, &p)
	return &p
}

// member makes an organization with an admin.
func (h *house) member() *member {
	h.Helper()
	h.serial++
	name := fmt.Sprintf("member%d", h.serial)
	m := &member{org: h.Must(201, *h.cora, "POST", "/organizations", object{"name": name, "class": "vendor", "listed": true}).Text("id")}
	h.Act(*h.cora, func(tx *db.Tx, cora audience.Actor) error {
		_, err := people.Add(tx, cora, "admin@"+name+".example", "Admin of "+name)
		return err
	})
	m.Person = h.known("admin@" + name + ".example")
	h.Must(201, *h.cora, "POST", "/organizations/"+m.org+"/members", object{"person_id": m.ID, "role": "admin"})
	return m
}

// program adds a program with rules.
func (h *house) program(name string, rules object) string {
	h.Helper()
	id := h.Must(201, *h.cora, "POST", "/programs", object{"name": name, "tlp": "TLP:GREEN"}).Text("id")
	at := "/programs/" + id + "/rules"
	h.Must(200, *h.cora, "PUT", at, rules, "If-Match", h.Must(200, *h.cora, "GET", at, nil).Version())
	return id
}

// joins takes an organization into a program.
func (h *house) joins(program string, m *member) {
	h.Helper()
	h.Must(204, *h.cora, "POST", "/programs/"+program+"/organizations", object{"org_id": m.org})
}

// later moves the clock, and signs everybody in anew: no token lasts a year.
func (h *house) later(d time.Duration) {
	h.Helper()
	h.Wait(d)
	if d < 30*day {
		return
	}
	for _, p := range h.people {
		*p = h.Known(p.Email)
	}
}

// ask is a request that may be refused.
func (h *house) ask(p *stage.Person, method, path string, body any, more ...string) stage.Answer {
	h.Helper()
	return h.Ask(p.Auth(), method, "/api/v1"+path, body, more...)
}

// found is the last match of an expression's group in the mails to an address.
func (h *house) found(address string, in func(text string) []string) string {
	h.Helper()
	h.Round()
	last := ""
	for _, m := range slices.Backward(h.MailsTo(address, time.Time{})) {
		if s := in(m.Text); s != nil {
			last = s[len(s)-1]
			break
		}
	}
	if last == "" {
		h.Fatalf("no mail to %s holds what is looked for", address)
	}
	return last
}
