package audience

import (
	"slices"
	"time"

	"tocsin/spec/tlp"
)

// Grant names one subject an audience is for.
type Grant struct {
	Kind   SubjectKind `json:"kind"`
	ID     string      `json:"id"`
	Role   Role        `json:"role"`
	Reason string      `json:"reason,omitempty"`
}

// Marking is what a record carries beside its audience.
type Marking struct {
	Level   tlp.Level
	Release time.Time // zero: not published
}

// Public reports whether everybody may see a record so marked at now.
func (m Marking) Public(now time.Time) bool {
	return m.Level == tlp.Clear && !m.Release.IsZero() && !m.Release.After(now)
}

// View is an audience with everything Decide needs to know of it.
type View struct {
	ID       string
	Grants   []Grant
	Terms    []string        // ids of the terms that must be accepted
	Bars     []string        // organization classes shut out
	Accepted map[string]bool // acceptanceKey(terms, party) of Terms
}

func acceptanceKey(terms string, p Party) string {
	return terms + "\x00" + string(p.Kind) + "\x00" + p.ID
}

// HasAccepted reports whether the party accepted all of the terms.
func (v View) HasAccepted(p Party) bool {
	return !slices.ContainsFunc(v.Terms, func(t string) bool { return !v.Accepted[acceptanceKey(t, p)] })
}

// Decide is the rule: the role the actor has on a record of this audience
// with this marking at now; None means that it does not exist for them.
func Decide(a Actor, v View, m Marking, now time.Time) Role {
	best := None
	if m.Public(now) {
		best = Reader
	}
	if slices.ContainsFunc(a.Seats, func(s Seat) bool { return s.Class != "" && slices.Contains(v.Bars, s.Class) }) {
		return best
	}
	for _, g := range v.Grants {
		if m.Level > g.Kind.Reach() {
			continue
		}
		for _, s := range a.Seats {
			if s.Kind != g.Kind || s.ID != g.ID {
				continue
			}
			// Who coordinates brings the terms and does not sign them.
			if g.Role != Coordinator && !v.HasAccepted(s.Party) {
				continue
			}
			best = max(best, min(g.Role, s.Cap))
		}
	}
	return best
}
