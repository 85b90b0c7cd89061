// Package tlp is the Traffic Light Protocol, version 2.0 (FIRST, August 2022):
// labels, their order, meanings and colors, and the way to and from the TLP
// 1.0 labels of CSAF 2.0.
package tlp

import (
	"fmt"
	"strings"
)

// Level is a TLP label. A greater level is more restrictive, so that levels
// compare and store as integers. The zero value is Clear: a field that must
// not be public by default has to be set.
type Level int

// The labels of TLP 2.0.
const (
	Clear       Level = 0
	Green       Level = 1
	Amber       Level = 2
	AmberStrict Level = 3
	Red         Level = 4
)

// Levels lists every label, least restrictive first.
var Levels = []Level{Clear, Green, Amber, AmberStrict, Red}

type facts struct{ word, color, meaning string }

// The words and colors are FIRST's (TLP 2.0, clauses 3 and 4.2); the meanings
// are one sentence each of ours. AMBER+STRICT has AMBER's color.
var table = [...]facts{
	Clear:       {"CLEAR", "#FFFFFF", "May be shared with everybody."},
	Green:       {"GREEN", "#33FF00", "May be shared within the community, but not on public channels."},
	Amber:       {"AMBER", "#FFC000", "May be shared within the receiving organizations and with their clients, where they need to know."},
	AmberStrict: {"AMBER+STRICT", "#FFC000", "May be shared within the receiving organizations only, where it needs to be known."},
	Red:         {"RED", "#FF2B2B", "For the named persons only; nobody else may be told."},
}

// Background is the color that every label stands on (TLP 2.0, clause 4.2).
const Background = "#000000"

// Valid reports whether l is a label.
func (l Level) Valid() bool { return l >= Clear && l <= Red }

// String is the label in its exact spelling, such as TLP:AMBER+STRICT.
func (l Level) String() string {
	if !l.Valid() {
		return fmt.Sprintf("TLP:INVALID(%d)", int(l))
	}
	return "TLP:" + table[l].word
}

// Word is the label without the prefix, such as AMBER+STRICT.
func (l Level) Word() string { return strings.TrimPrefix(l.String(), "TLP:") }

// Color is FIRST's color of the label's text as #RRGGBB, to stand on
// Background.
func (l Level) Color() string {
	if !l.Valid() {
		return table[Clear].color
	}
	return table[l].color
}

// Meaning says in one sentence with whom the information may be shared.
func (l Level) Meaning() string {
	if !l.Valid() {
		return "Not a TLP label."
	}
	return table[l].meaning
}

// Parse reads a label with or without its prefix, in any case and with spaces
// around it. TLP 1.0's WHITE is CLEAR.
func Parse(s string) (Level, error) {
	word := strings.ToUpper(strings.TrimSpace(s))
	if rest, ok := strings.CutPrefix(word, "TLP:"); ok {
		word = strings.TrimSpace(rest)
	}
	if word == "WHITE" {
		return Clear, nil
	}
	for l, f := range table {
		if word == f.word {
			return Level(l), nil
		}
	}
	return Clear, fmt.Errorf("%.40q is not a TLP label; use one of %s", s, known)
}

const known = "TLP:RED, TLP:AMBER+STRICT, TLP:AMBER, TLP:GREEN, TLP:CLEAR"

// Max is the more restrictive of two labels.
func Max(a, b Level) Level { return max(a, b) }

// MarshalText writes the exact spelling, in JSON as well.
func (l Level) MarshalText() ([]byte, error) {
	if !l.Valid() {
		return nil, fmt.Errorf("%d is not a TLP label", int(l))
	}
	return []byte(l.String()), nil
}

// UnmarshalText reads what Parse reads, in JSON as well.
func (l *Level) UnmarshalText(text []byte) error {
	v, err := Parse(string(text))
	if err != nil {
		return err
	}
	*l = v
	return nil
}

// CSAF20 is the label for a CSAF 2.0 document (clause 3.2.1.5.2), which knows
// the four labels of TLP 1.0. loss is empty, or says what the label cannot
// express: CSAF 2.0 has no AMBER+STRICT, so that the document must carry the
// exact label in its distribution text.
func (l Level) CSAF20() (label, loss string) {
	switch l {
	case Clear:
		return "WHITE", ""
	case Green:
		return "GREEN", ""
	case Amber:
		return "AMBER", ""
	case AmberStrict:
		return "AMBER", "CSAF 2.0 has no TLP:AMBER+STRICT; the document says AMBER, which would let recipients share with their clients."
	}
	// An unknown level never becomes less restrictive.
	return "RED", ""
}

// FromCSAF20 reads the label of a CSAF 2.0 document: WHITE, GREEN, AMBER or
// RED, in exactly this spelling.
func FromCSAF20(label string) (Level, error) {
	switch label {
	case "WHITE":
		return Clear, nil
	case "GREEN":
		return Green, nil
	case "AMBER":
		return Amber, nil
	case "RED":
		return Red, nil
	}
	return Clear, fmt.Errorf("%.40q is not a TLP label of CSAF 2.0; use one of WHITE, GREEN, AMBER, RED", label)
}
