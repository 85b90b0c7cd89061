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

// Hold is a membership on which a grant rests: a seat in the program through
// the party.
type Hold struct {
	Program string
	Party   Party
}

// View is an audience with everything Decide needs to know of it.
type View struct {
	ID       string
	Grants   []Grant
	Through  map[Party][]Hold // by subject: grants that count while one of the memberships lasts
	Terms    []string         // ids of the terms that must be accepted
	Bars     []string         // organization classes shut out here
	Shut     []string         // and by the programs under which the audience lies
	Exempt   map[Party]bool   // parties that no bar is about
	Accepted map[string]bool  // acceptanceKey(terms, party) of Terms
}

func acceptanceKey(terms string, p Party) string {
	return terms + "\x00" + string(p.Kind) + "\x00" + p.ID
}

// HasAccepted reports whether the party accepted all of the terms.
func (v View) HasAccepted(p Party) bool {
	return !slices.ContainsFunc(v.Terms, func(t string) bool { return !v.Accepted[acceptanceKey(t, p)] })
}

// bars reports whether the seat carries a class that is shut out.
func (v View) bars(s Seat) bool {
	return s.Class != "" && !v.Exempt[s.Party] && (slices.Contains(v.Bars, s.Class) || slices.Contains(v.Shut, s.Class))
}

// through is the most that a grant to a subject gives by the memberships it
// rests on: all there is where it rests on none, None once they are lost.
func (v View) through(a Actor, subject Party) Role {
	holds, rests := v.Through[subject]
	if !rests {
		return Coordinator
	}
	best := None
	for _, h := range holds {
		for _, s := range a.Seats {
			if s.Kind == Program && s.ID == h.Program && s.Party == h.Party {
				best = max(best, s.Cap)
			}
		}
	}
	return best
}

// Decide is the rule: the role the actor has on a record of this audience
// with this marking at now; None means that it does not exist for them.
func Decide(a Actor, v View, m Marking, now time.Time) Role {
	best := None
	if m.Public(now) {
		best = Reader
	}
	if slices.ContainsFunc(a.Seats, v.bars) {
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
			// Who coordinates, or holds an office of the alliance, brings the
			// terms and does not sign them.
			if g.Role != Coordinator && g.Kind != Office && !v.HasAccepted(s.Party) {
				continue
			}
			best = max(best, min(g.Role, s.Cap, v.through(a, Party{g.Kind, g.ID})))
		}
	}
	return best
}
