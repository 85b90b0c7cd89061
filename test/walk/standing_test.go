package walk_test

import (
	"testing"
	"time"

	"tocsin/spec/membership"
	"tocsin/test/stage"
)

// standing is a membership, with the sanction that a walk is about.
type standing struct {
	*member
	ref, sanction string
}

// bench walks what is done about members.
type bench struct {
	*house
	program string
}

func newBench(h *house) *bench {
	h.Helper()
	return &bench{h, h.program("Product Security", object{"renew_days": 0})}
}

// TestSanction walks the machine of a member's sanctions.
func TestSanction(t *testing.T) {
	each(t, func(h *house) {
		b := newBench(h)
		board := func(kind string) func(*standing) stage.Answer {
			return func(s *standing) stage.Answer {
				return b.carried(h.ask(h.cora, "POST", s.ref+"/motions", object{"kind": kind, "reason": "Two leaks."}), "yes")
			}
		}
		walk[membership.SanctionState, membership.SanctionVerb, *standing]{
			Stage: h.Stage, machine: membership.Sanction, reach: b.sanctioned,
			look: func(s *standing) (membership.SanctionState, string) {
				a := h.Must(200, *h.cora, "GET", s.ref, nil)
				return membership.SanctionState(a.Text("sanction")), string(a.Raw)
			},
			try: map[membership.SanctionVerb]func(*standing) stage.Answer{
				membership.Warn: func(s *standing) stage.Answer {
					return h.ask(h.cora, "POST", s.ref+"/warn", object{"reason": "Two leaks."})
				},
				membership.Reduce: func(s *standing) stage.Answer {
					return h.ask(h.cora, "POST", s.ref+"/reduce", object{"reason": "Two leaks."})
				},
				membership.Suspend: board("suspend"),
				membership.Remove:  board("remove"),
				membership.Restore: b.restored,
				membership.Readmit: func(s *standing) stage.Answer {
					a := h.ask(h.cora, "POST", "/programs/"+b.program+"/organizations", object{"org_id": s.org})
					h.later(time.Hour) // in which the members of all programs are looked through
					return a
				},
			},
			pass: []passage[membership.SanctionState, membership.SanctionVerb, *standing]{
				{membership.End, func(map[membership.SanctionState]*standing) { h.later(14 * day) }},
			},
			other: map[string]int{
				"ended warn": 404, "ended reduce": 404, // there is no such member any more
				"* readmit": 204, // who is in the program already is not taken in once more
			},
		}.run()
	})
}

// TestAppeal walks the machine of the appeal against a sanction. That an
// appeal is forgone when its sanction is lifted is how that state is reached.
func TestAppeal(t *testing.T) {
	each(t, func(h *house) {
		b := newBench(h)
		decide := func(overturn bool) func(*standing) stage.Answer {
			return func(s *standing) stage.Answer {
				return h.ask(h.colin, "POST", s.sanction+"/decide", object{"overturn": overturn, "reason": "So it is."})
			}
		}
		walk[membership.AppealState, membership.AppealVerb, *standing]{
			Stage: h.Stage, machine: membership.Appeal,
			reach: func(to membership.AppealState, _ membership.AppealVerb) *standing {
				s := b.joined()
				h.Must(200, *h.cora, "POST", s.ref+"/reduce", object{"reason": "Two leaks."})
				b.latest(s)
				switch to {
				case membership.AppealForgone:
					h.Must(200, *h.cora, "POST", s.sanction+"/lift", object{"reason": "Enough."})
				case membership.AppealFiled, membership.AppealUpheld, membership.AppealOverturned:
					h.well(b.appeals(s))
				}
				if to == membership.AppealUpheld || to == membership.AppealOverturned {
					h.well(decide(to == membership.AppealOverturned)(s))
				}
				return s
			},
			look: func(s *standing) (membership.AppealState, string) {
				state, all := b.latest(s)
				return membership.AppealState(state), all
			},
			try: map[membership.AppealVerb]func(*standing) stage.Answer{
				membership.File: b.appeals, membership.Uphold: decide(false), membership.Overturn: decide(true),
			},
			pass: []passage[membership.AppealState, membership.AppealVerb, *standing]{
				{membership.Forgo, func(map[membership.AppealState]*standing) { h.later(14 * day) }},
			},
		}.run()
	})
}

// joined is a new member of the program.
func (b *bench) joined() *standing {
	b.Helper()
	m := b.member()
	b.joins(b.program, m)
	return &standing{member: m, ref: "/memberships/" + b.program + "." + m.org}
}

// sanctioned brings a member into a state. Who is removed has appealed, so
// that time ends nothing; but for the walk of that.
func (b *bench) sanctioned(to membership.SanctionState, v membership.SanctionVerb) *standing {
	b.Helper()
	s := b.joined()
	put := func(path string) { b.Must(200, *b.cora, "POST", s.ref+path, object{"reason": "Two leaks."}) }
	board := func(kind string) {
		b.well(b.carried(b.ask(b.cora, "POST", s.ref+"/motions", object{"kind": kind, "reason": "Two leaks."}), "yes"))
	}
	switch to {
	case membership.SanctionNone: // once warned, so that there is something to lift
		put("/warn")
		b.well(b.restored(s))
	case membership.SanctionWarned:
		put("/warn")
	case membership.SanctionReduced:
		put("/reduce")
	case membership.SanctionSuspended:
		board("suspend")
	case membership.SanctionRemoved, membership.SanctionEnded:
		board("remove")
		b.latest(s)
		if v != membership.End || to == membership.SanctionEnded {
			b.well(b.appeals(s))
		}
		if to == membership.SanctionEnded { // the board upholds it
			b.well(b.carried(b.ask(b.cora, "POST", s.sanction+"/motions", object{}), "no"))
		}
	}
	return s
}

// restored lifts the latest sanction of a member: coordinators what they
// imposed, the board what it did.
func (b *bench) restored(s *standing) stage.Answer {
	b.Helper()
	b.latest(s)
	if a := b.ask(b.cora, "POST", s.sanction+"/lift", object{"reason": "Enough."}); a.Status != 403 {
		return a
	}
	return b.carried(b.ask(b.cora, "POST", s.sanction+"/motions", object{}), "yes")
}

// latest finds a member's newest sanction, and where its appeal stands.
func (b *bench) latest(s *standing) (appeal, all string) {
	b.Helper()
	a := b.Must(200, *b.cora, "GET", s.ref, nil)
	list := a.Body["sanctions"].([]any)
	if len(list) == 0 {
		b.Fatalf("no sanction stands against %s: %s", s.ref, a.Raw)
	}
	newest := list[0].(object)
	s.sanction = "/sanctions/" + newest["id"].(string)
	return newest["appeal"].(string), string(a.Raw)
}

func (b *bench) appeals(s *standing) stage.Answer {
	b.Helper()
	return b.ask(s.Person, "POST", s.sanction+"/appeal", object{"plea": "It was not us."})
}

// carried lets the board vote on a motion that was drafted; a draft that was
// refused is handed back.
func (h *house) carried(draft stage.Answer, choice string) stage.Answer {
	h.Helper()
	if draft.Status != 201 {
		return draft
	}
	at := "/board/motions/" + draft.Text("id")
	h.Must(200, *h.cora, "PATCH", at, object{"early": true}, "If-Match", draft.Version())
	h.well(h.opens(draft.Text("id")))
	for _, m := range h.founders {
		h.Must(200, *m.Person, "POST", at+"/vote", object{"choice": choice})
	}
	return h.ask(h.cora, "GET", at, nil)
}
