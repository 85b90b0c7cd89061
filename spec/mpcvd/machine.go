// Package mpcvd holds the four machines of multi-party coordinated
// vulnerability disclosure as tables: report management (RM), embargo
// management (EM), participant embargo consent (PEC) and case state (CS), as
// the Vultron protocol describes them, with the rules that tie them together.
//
// Nothing here does I/O. A store derives its guards from the tables
// (UPDATE … SET state = To WHERE state IN (From…)), the documents and the
// portal are drawn from them, and tests walk them whole.
package mpcvd

import "fmt"

// Row is one allowed move: in state From, Verb leads to state To.
type Row[S ~string, V ~string] struct {
	From S
	Verb V
	To   S
}

// State describes one state for people: its letter code in the literature,
// a label of a few words and one sentence on what it means.
type State[S ~string] struct {
	ID      S
	Code    string
	Label   string
	Meaning string
}

// Machine is a state machine as data. A (state, verb) pair without a row is
// a refused move. At most one row exists for each pair.
type Machine[S ~string, V ~string] struct {
	// Name is the machine's name in plain words, such as "Embargo".
	Name string
	// Scope says what carries the state: "per case", "per participant"….
	Scope string
	// Start is the state of a new carrier.
	Start S
	// Info lists every state in reading order.
	Info []State[S]
	Rows []Row[S, V]
}

// Next returns the state that verb leads to from the given state, and whether
// the move is allowed at all.
func (m Machine[S, V]) Next(from S, verb V) (to S, ok bool) {
	for _, r := range m.Rows {
		if r.From == from && r.Verb == verb {
			return r.To, true
		}
	}
	return "", false
}

// Move is Next with an error that names the state and what is possible in it.
func (m Machine[S, V]) Move(from S, verb V) (S, error) {
	if to, ok := m.Next(from, verb); ok {
		return to, nil
	}
	return "", &RefusedError{Machine: m.Name, State: m.Label(from), Verb: string(verb), Possible: texts(m.Verbs(from))}
}

// Verbs returns the verbs allowed in a state, in table order.
func (m Machine[S, V]) Verbs(from S) []V {
	var out []V
	for _, r := range m.Rows {
		if r.From == from {
			out = append(out, r.Verb)
		}
	}
	return out
}

// AllVerbs returns every verb of the machine once, in table order.
func (m Machine[S, V]) AllVerbs() []V {
	var out []V
	seen := map[V]bool{}
	for _, r := range m.Rows {
		if !seen[r.Verb] {
			seen[r.Verb] = true
			out = append(out, r.Verb)
		}
	}
	return out
}

// States returns every state in reading order.
func (m Machine[S, V]) States() []S {
	out := make([]S, len(m.Info))
	for i, s := range m.Info {
		out[i] = s.ID
	}
	return out
}

// From returns the states in which verb is allowed: the list of a guard.
// Where the verb leads to different states, use RowsOf.
func (m Machine[S, V]) From(verb V) []S {
	var out []S
	for _, r := range m.Rows {
		if r.Verb == verb {
			out = append(out, r.From)
		}
	}
	return out
}

// RowsOf returns every row of a verb.
func (m Machine[S, V]) RowsOf(verb V) []Row[S, V] {
	var out []Row[S, V]
	for _, r := range m.Rows {
		if r.Verb == verb {
			out = append(out, r)
		}
	}
	return out
}

// Final reports whether no verb leads out of the state.
func (m Machine[S, V]) Final(s S) bool { return len(m.Verbs(s)) == 0 }

// Has reports whether s is a state of this machine.
func (m Machine[S, V]) Has(s S) bool {
	_, ok := m.Describe(s)
	return ok
}

// Describe returns what people are told about a state.
func (m Machine[S, V]) Describe(s S) (State[S], bool) {
	for _, i := range m.Info {
		if i.ID == s {
			return i, true
		}
	}
	return State[S]{}, false
}

// Label is the state in plain words; for a foreign state, the state itself.
func (m Machine[S, V]) Label(s S) string {
	if i, ok := m.Describe(s); ok {
		return i.Label
	}
	return string(s)
}

// RefusedError says that a machine has no row for a move. Its fields hold
// nothing that a reader of the state may not know.
type RefusedError struct {
	Machine  string
	State    string // the state's label
	Verb     string
	Possible []string // the verbs that are allowed now
}

func (e *RefusedError) Error() string {
	if len(e.Possible) == 0 {
		return fmt.Sprintf("%s: %q is not possible: it is %q, which is final.", e.Machine, e.Verb, e.State)
	}
	return fmt.Sprintf("%s: %q is not possible while it is %q. Possible now: %s.", e.Machine, e.Verb, e.State, join(e.Possible))
}

func texts[V ~string](vs []V) []string {
	var out []string
	seen := map[string]bool{}
	for _, v := range vs {
		if !seen[string(v)] {
			seen[string(v)] = true
			out = append(out, string(v))
		}
	}
	return out
}

func join(s []string) string {
	out := ""
	for i, v := range s {
		if i > 0 {
			out += ", "
		}
		out += v
	}
	return out
}
