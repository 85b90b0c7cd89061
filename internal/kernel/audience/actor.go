// Package audience is the one rule of who may see what.
//
// Every shared record belongs to exactly one audience and carries a TLP
// level. An audience is a set of grants (to persons, organizations, programs,
// alliance roles, or the holder of a secret link), terms that must have been
// accepted, and organization classes shut out. A person holds seats: in
// themselves, in organizations, in programs through an organization, in
// alliance roles. A record is visible to whoever holds a seat that a grant
// names, whose terms are accepted, whom no bar shuts out, and whose grant
// reaches the record's level; or to everybody, once it is TLP:CLEAR and its
// release instant has come.
//
// The rule exists twice, side by side: Decide in Go, Visible in SQL. A
// property test proves that the two agree.
package audience

import (
	"fmt"
	"slices"
	"strings"

	"tocsin/spec/tlp"
)

// SubjectKind is what a grant or a seat names.
type SubjectKind string

// The subjects. A Link is the holder of a finder's secret link: a person
// without an account.
const (
	Person  SubjectKind = "person"
	Org     SubjectKind = "org"
	Program SubjectKind = "program"
	Office  SubjectKind = "role" // an alliance role: coordinator, board, operator
	Link    SubjectKind = "link"
)

// Reach is the highest level a grant to this kind of subject counts for:
// TLP:RED named persons only; AMBER and AMBER+STRICT the named organizations
// (and the coordination team); GREEN a whole program.
func (k SubjectKind) Reach() tlp.Level {
	switch k {
	case Person, Link:
		return tlp.Red
	case Org, Office:
		return tlp.AmberStrict
	}
	return tlp.Green
}

// Role is what a grant or a seat allows. The zero Role allows nothing.
type Role int

// The roles, each including the ones before it.
const (
	None Role = iota
	Reader
	Contributor
	Coordinator
)

var roleNames = [...]string{"none", "reader", "contributor", "coordinator"}

func (r Role) String() string {
	if r < None || r > Coordinator {
		return roleNames[None]
	}
	return roleNames[r]
}

// Party is who accepts terms: an organization, or a person in their own name.
type Party struct {
	Kind SubjectKind `json:"kind"`
	ID   string      `json:"id"`
}

// Seat is one thing a person stands for. Cap bounds the role that any grant
// gives through it (an organization's reader stays a reader). Class is the
// organization class it carries, which bars are about.
type Seat struct {
	Kind  SubjectKind
	ID    string
	Party Party
	Cap   Role
	Class string
}

// Actor is who asks, with the facts the rule needs, loaded for this request.
// The zero Actor is an anonymous visitor: it sees what is published and
// nothing else.
type Actor struct {
	Person string   // person id, or ""
	Link   string   // the id a finder's link stands for, or ""
	Token  string   // id of the API token used, or ""
	Scopes []string // what the token allows; empty for a session
	Seats  []Seat
	Name   string // display name, for the frame; never used by the rule
}

// Anonymous reports whether nobody is signed in and no link is shown.
func (a Actor) Anonymous() bool { return a.Person == "" && a.Link == "" }

// Holds reports whether the actor has a seat in that subject.
func (a Actor) Holds(kind SubjectKind, id string) bool {
	return slices.ContainsFunc(a.Seats, func(s Seat) bool { return s.Kind == kind && s.ID == id })
}

// Cap is the best role the actor may have through that subject; None when
// there is no such seat.
func (a Actor) Cap(kind SubjectKind, id string) Role {
	best := None
	for _, s := range a.Seats {
		if s.Kind == kind && s.ID == id {
			best = max(best, s.Cap)
		}
	}
	return best
}

// Of lists the ids of one kind the actor has seats in.
func (a Actor) Of(kind SubjectKind) []string {
	var ids []string
	for _, s := range a.Seats {
		if s.Kind == kind && !slices.Contains(ids, s.ID) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// Key tells this actor from every other one, with all its seats.
func (a Actor) Key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q", a.Person, a.Link)
	for _, s := range a.Seats {
		fmt.Fprintf(&b, " %q %q %q %q %d %q", s.Kind, s.ID, s.Party.Kind, s.Party.ID, s.Cap, s.Class)
	}
	return b.String()
}

// classes are the organization classes the actor is of, each once.
func (a Actor) classes() []string {
	var out []string
	for _, s := range a.Seats {
		if s.Class != "" && !slices.Contains(out, s.Class) {
			out = append(out, s.Class)
		}
	}
	return out
}

// parties are whom the actor's seats are through, each once.
func (a Actor) parties() []Party {
	var out []Party
	for _, s := range a.Seats {
		if !slices.Contains(out, s.Party) {
			out = append(out, s.Party)
		}
	}
	return out
}

// Ref is the actor as the ledger names it.
func (a Actor) Ref() (kind, id string) {
	switch {
	case a.Person != "":
		return "person", a.Person
	case a.Link != "":
		return "link", a.Link
	}
	return "nobody", ""
}

// ForLink is the actor who shows a finder's link.
func ForLink(id string) Actor {
	me := Party{Link, id}
	return Actor{Link: id, Seats: []Seat{{Kind: Link, ID: id, Party: me, Cap: Contributor}}}
}
