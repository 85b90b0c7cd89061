package oncall

import (
	"fmt"
	"time"
)

// The bounds of a schedule.
const (
	MaxLayers    = 10
	MaxOverrides = 5000
)

// Override puts somebody else on call for a time, whatever the rotation and
// its hours say. Where two overlap, the later one in the list holds: it was
// agreed last.
type Override struct {
	Layer  string    `json:"layer,omitempty"` // name of the rotation; "": the schedule as a whole, before all layers
	Person string    `json:"person"`          // id; "": nobody, a declared absence
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
}

// Schedule is rotations in layers, the first one asked first: where a layer
// has nobody (before its start, outside its hours, in a declared absence),
// the next one answers. A declared absence of the whole schedule leaves
// nobody on call.
type Schedule struct {
	Layers    []Rotation `json:"layers"`
	Overrides []Override `json:"overrides,omitempty"`
}

// Reason says why somebody, or nobody, is on call.
type Reason string

// The reasons. The last three are those of a gap.
const (
	Shift        Reason = "shift"         // their turn in a rotation
	Overridden   Reason = "override"      // takes over from the rotation
	Absent       Reason = "absence"       // nobody, as declared
	OutsideHours Reason = "outside hours" // no layer covers this time of day
	NotBegun     Reason = "not begun"     // before the first shift
)

// Why is the ground of an answer.
type Why struct {
	Reason   Reason `json:"reason"`
	Layer    string `json:"layer,omitempty"`    // name of the rotation that answered
	Depth    int    `json:"depth"`              // its place among the layers; -1: the schedule as a whole
	Override int    `json:"override,omitempty"` // number of the override from 1; 0: none
}

func (w Why) String() string {
	switch {
	case w.Reason == Shift && w.Layer != "":
		return "on shift in " + w.Layer
	case w.Reason == Shift:
		return "on shift"
	case w.Reason == Overridden && w.Layer != "":
		return "takes over in " + w.Layer
	case w.Reason == Overridden:
		return "takes over"
	case w.Reason == Absent:
		return "declared absence"
	case w.Reason == NotBegun:
		return "before the first shift"
	}
	return "outside the hours of every rotation"
}

// Roster is a schedule that has been checked and can be asked. It never
// changes, and is safe for concurrent use.
type Roster struct {
	layers    []*layer
	overrides []Override
}

// Compile checks a schedule. Its errors name what to correct.
func Compile(s Schedule) (*Roster, error) {
	if len(s.Layers) == 0 || len(s.Layers) > MaxLayers {
		return nil, fmt.Errorf("a schedule has between 1 and %d rotations", MaxLayers)
	}
	if len(s.Overrides) > MaxOverrides {
		return nil, fmt.Errorf("a schedule has at most %d overrides", MaxOverrides)
	}
	r := &Roster{overrides: append([]Override(nil), s.Overrides...)}
	names := map[string]bool{}
	for _, rot := range s.Layers {
		l, err := rot.compile()
		if err != nil {
			return nil, err
		}
		if names[rot.Name] {
			return nil, fmt.Errorf("two rotations are called %q; overrides need to tell them apart", clip(rot.Name))
		}
		names[rot.Name] = true
		r.layers = append(r.layers, l)
	}
	for i, o := range s.Overrides {
		if o.From.IsZero() || o.To.IsZero() || !o.From.Before(o.To) {
			return nil, fmt.Errorf("override %d ends before it begins", i+1)
		}
		if o.To.Sub(o.From) > MaxRange {
			return nil, fmt.Errorf("override %d lasts more than %d days; change the rotation instead", i+1, int(MaxRange.Hours()/24))
		}
		if o.Layer != "" && !names[o.Layer] {
			return nil, fmt.Errorf("override %d is for a rotation %q that is not there", i+1, clip(o.Layer))
		}
	}
	return r, nil
}

// At answers who is on call at an instant, and why. ok is false in a gap; why
// then says what kind: a declared absence before hours, hours before a start.
func (r *Roster) At(t time.Time) (who string, why Why, ok bool) {
	if o, n := r.override("", t); n > 0 {
		if o.Person == "" {
			return "", Why{Reason: Absent, Depth: -1, Override: n}, false
		}
		return o.Person, Why{Reason: Overridden, Depth: -1, Override: n}, true
	}
	gap := Why{Reason: NotBegun, Depth: -1}
	for depth, l := range r.layers {
		if o, n := r.override(l.Name, t); n > 0 && l.Name != "" {
			if o.Person != "" {
				return o.Person, Why{Reason: Overridden, Layer: l.Name, Depth: depth, Override: n}, true
			}
			if gap.Reason != Absent {
				gap = Why{Reason: Absent, Layer: l.Name, Depth: depth, Override: n}
			}
			continue
		}
		who, reason, ok := l.at(t)
		if ok {
			return who, Why{Reason: reason, Layer: l.Name, Depth: depth}, true
		}
		if reason == OutsideHours && gap.Reason == NotBegun {
			gap.Reason = OutsideHours
		}
	}
	return "", gap, false
}

// override is the last override of a layer that covers t, and its number from
// 1; 0 for none.
func (r *Roster) override(name string, t time.Time) (Override, int) {
	for i := len(r.overrides) - 1; i >= 0; i-- {
		o := r.overrides[i]
		if o.Layer == name && !t.Before(o.From) && t.Before(o.To) {
			return o, i + 1
		}
	}
	return Override{}, 0
}
