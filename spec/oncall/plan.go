package oncall

import (
	"fmt"
	"slices"
	"time"
)

// Contact is what a plan needs to know of somebody.
type Contact struct {
	Ways  []Channel // how they can be reached, preferred first
	Quiet *Quiet
}

// Book is whom a ladder may name.
type Book struct {
	Rosters  map[string]*Roster  // by the id of a rotation
	Roles    map[string][]string // contacts by role, in the order to call them
	Contacts map[string]Contact  // by id
}

// Call is one try to reach somebody.
type Call struct {
	At      time.Time `json:"at"`
	Whom    string    `json:"whom"` // contact id
	Channel Channel   `json:"channel"`
	Asked   Channel   `json:"asked,omitempty"` // the step's channel, where the contact lacks it and another is used
	Round   int       `json:"round"`           // from 1
	Step    int       `json:"step"`            // from 1
	PutOff  bool      `json:"put_off"`         // quiet hours moved it to their end
}

// Skip is a call that a plan cannot make, and why.
type Skip struct {
	At     time.Time `json:"at"`
	Round  int       `json:"round"`
	Step   int       `json:"step"`
	Whom   Whom      `json:"whom"`    // of the step
	ID     string    `json:"contact"` // the contact that cannot be reached; "" where there is none
	Reason string    `json:"reason"`
}

// Calls is what Plan gives: the calls in order of their instants, and what
// cannot be called.
type Calls struct {
	Calls   []Call `json:"calls"`
	Skipped []Skip `json:"skipped"`
}

// maxPutOff bounds how often a call moves because whoever is on call at the
// end of one person's quiet hours has quiet hours too.
const maxPutOff = 8

// Plan is whom a ladder calls when, from the instant it is begun, if nobody
// answers. Quiet hours put a call off to their end, when a rotation is asked
// anew who is on call; an emergency overrides them. The ladder does not wait
// for what was put off. A step that can call nobody takes no time: the next
// one follows at once, and the result names whom it skipped and why.
//
// A contact that lacks the step's channel is called by their own first way;
// one with no way at all is skipped. The same call is made once an instant.
func Plan(l Ladder, b Book, begun time.Time, u Urgency) (Calls, error) {
	if err := l.Validate(); err != nil {
		return Calls{}, err
	}
	if u != Routine && u != Emergency {
		return Calls{}, fmt.Errorf("%q is neither routine nor emergency", clip(string(u)))
	}
	p := planner{book: b, urgency: u, made: map[string]bool{}}
	at := begun.UTC()
	for round := range max(l.Rounds, 1) {
		for i, s := range l.Steps {
			for range max(s.Tries, 1) {
				if !p.step(s, at, round+1, i+1) {
					break
				}
				at = at.Add(time.Duration(s.Wait) * time.Minute)
			}
		}
	}
	slices.SortStableFunc(p.out.Calls, func(a, b Call) int { return a.At.Compare(b.At) })
	return p.out, nil
}

type planner struct {
	book    Book
	urgency Urgency
	out     Calls
	made    map[string]bool // calls by instant, contact and channel
}

// step plans one try of a step, and reports whether it calls anybody.
func (p *planner) step(s Step, at time.Time, round, number int) bool {
	skip := func(id, reason string) {
		p.out.Skipped = append(p.out.Skipped, Skip{At: at, Round: round, Step: number, Whom: s.Whom, ID: id, Reason: reason})
	}
	var whom []string
	switch s.Whom.Kind {
	case ByPerson:
		whom = []string{s.Whom.ID}
	case ByRole:
		whom = p.book.Roles[s.Whom.ID]
		if len(whom) == 0 {
			skip("", "nobody has this role")
		}
		whom = whom[:min(len(whom), maxRole)]
	case ByRotation:
		if p.book.Rosters[s.Whom.ID] == nil {
			skip("", "there is no such rotation")
			return false
		}
		return p.onCall(s, at, round, number, skip)
	}
	called := false
	for _, id := range whom {
		c, ok := p.book.Contacts[id]
		if !ok || len(c.Ways) == 0 {
			skip(id, unreachable(ok))
			continue
		}
		when, _ := p.after(c, at)
		p.call(s, id, c, when, at, round, number)
		called = true
	}
	return called
}

// onCall plans the call of whoever is on call.
func (p *planner) onCall(s Step, at time.Time, round, number int, skip func(id, reason string)) bool {
	when := at
	for range maxPutOff {
		id, why, ok := p.book.Rosters[s.Whom.ID].At(when)
		if !ok {
			skip("", "nobody is on call: "+why.String())
			return false
		}
		c, known := p.book.Contacts[id]
		if !known || len(c.Ways) == 0 {
			skip(id, unreachable(known))
			return false
		}
		later, quiet := p.after(c, when)
		if !quiet {
			p.call(s, id, c, when, at, round, number)
			return true
		}
		when = later
	}
	skip("", "whoever is on call has quiet hours, one after the other")
	return false
}

// after is when a contact may be called at the earliest, and whether quiet
// hours make that later than t.
func (p *planner) after(c Contact, t time.Time) (time.Time, bool) {
	if c.Quiet == nil || p.urgency == Emergency {
		return t, false
	}
	end, quiet := c.Quiet.Until(t)
	if !quiet {
		return t, false
	}
	return end, true
}

func (p *planner) call(s Step, id string, c Contact, when, at time.Time, round, number int) {
	call := Call{At: when, Whom: id, Channel: s.Channel, Round: round, Step: number, PutOff: when.After(at)}
	if !slices.Contains(c.Ways, s.Channel) {
		call.Channel, call.Asked = c.Ways[0], s.Channel
	}
	key := fmt.Sprint(call.At.UnixNano(), " ", call.Channel, " ", id)
	if p.made[key] {
		return
	}
	p.made[key] = true
	p.out.Calls = append(p.out.Calls, call)
}

func unreachable(known bool) string {
	if !known {
		return "this contact is no longer there"
	}
	return "no way to reach this contact is known"
}
