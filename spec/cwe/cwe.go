// Package cwe reads identifiers of the Common Weakness Enumeration and knows
// the names of the weaknesses that advisories name most, for a picker. Other
// identifiers are accepted by their syntax; a CSAF 2.0 document wants the name
// with the id (clause 3.2.3.3), so that for those it has to be given.
package cwe

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// ID is a weakness identifier in canonical spelling, such as CWE-79.
type ID string

var syntax = regexp.MustCompile(`^CWE-[1-9][0-9]{0,5}$`)

// Valid reports whether s has the syntax of CSAF 2.0's cwe/id.
func Valid(s string) bool { return syntax.MatchString(s) }

// Parse reads an identifier, forgiving case, space and a missing prefix: 79,
// cwe 79, CWE-0079.
func Parse(s string) (ID, error) {
	digits := strings.TrimSpace(s)
	if len(digits) >= 3 && strings.EqualFold(digits[:3], "CWE") {
		digits = strings.TrimLeft(digits[3:], "-_: ")
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	id := fmt.Sprintf("CWE-%d", n)
	if err != nil || !Valid(id) {
		return "", fmt.Errorf("%.40q is not a CWE identifier; write it as CWE-79", s)
	}
	return ID(id), nil
}

// Number is the number in the identifier, 0 for an invalid one.
func (id ID) Number() int {
	if !Valid(string(id)) {
		return 0
	}
	n, _ := strconv.Atoi(string(id[4:]))
	return n
}

// Weakness is an identifier with its official name.
type Weakness struct {
	ID   ID
	Name string
}

// Name returns the official name of a weakness in the table.
func Name(id ID) (string, bool) {
	n := id.Number()
	name, ok := names[n]
	return name, ok && n > 0
}

// Named gives an identifier the name that documents need: the official one
// where the table has it, whatever was typed, else the one given. Without
// either it is an error.
func Named(id ID, given string) (Weakness, error) {
	if !Valid(string(id)) {
		return Weakness{}, fmt.Errorf("%.40q is not a CWE identifier; write it as CWE-79", string(id))
	}
	if name, ok := Name(id); ok {
		return Weakness{id, name}, nil
	}
	given = strings.Join(strings.Fields(given), " ")
	if given == "" {
		return Weakness{}, fmt.Errorf("%s is not in the short list; give its official name too", id)
	}
	return Weakness{id, given}, nil
}

// All returns the weaknesses of the table by number.
func All() []Weakness {
	out := make([]Weakness, 0, len(names))
	for n, name := range names {
		out = append(out, Weakness{ID(fmt.Sprintf("CWE-%d", n)), name})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID.Number() < out[j].ID.Number() })
	return out
}

// Find returns the weaknesses of the table whose id or name holds every word
// of the query, by number, at most limit.
func Find(query string, limit int) []Weakness {
	words := strings.Fields(strings.ToLower(query))
	var out []Weakness
	for _, w := range All() {
		text := strings.ToLower(string(w.ID) + " " + w.Name)
		ok := true
		for _, word := range words {
			ok = ok && strings.Contains(text, word)
		}
		if ok && len(out) < limit {
			out = append(out, w)
		}
	}
	return out
}
