package charter

import (
	"slices"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/errs"
)

// The alliance roles: ids of audience.Office seats.
const (
	Coordinator = "coordinator" // runs cases; sits with cap Coordinator
	Board       = "board"       // decides on members and policy; reads
	Operator    = "operator"    // runs the server, accounts and settings; reads
)

// Bench is the office of those who sit on the board now, by a seat or as its
// substitute. Nobody is given it: package board keeps it in line with the
// seats. It reads what the board decides on.
const Bench = "bench"

// Roles lists the alliance roles.
var Roles = []string{Coordinator, Board, Operator}

// The scopes of an API token. A scope never gives more than the token's
// person may do. Read, write, coordinate and release each include the ones
// before; admin includes read.
const (
	ScopeRead       = "read"       // see what the person sees; every role is capped at reader
	ScopeWrite      = "write"      // report, talk, set own statuses, draft: what a contributor does
	ScopeCoordinate = "coordinate" // what the coordinator role on a case allows short of publishing, and inviting people to it
	ScopeRelease    = "release"    // approve, schedule and publish advisories, end an embargo
	ScopeAdmin      = "admin"      // people, organizations, programs, roles, settings, tokens
)

// Scopes lists the scopes of an API token.
var Scopes = []string{ScopeRead, ScopeWrite, ScopeCoordinate, ScopeRelease, ScopeAdmin}

// Allows reports whether the way the actor signed in covers a scope. A
// session covers all; a link holder covers read and write; nobody covers
// nothing.
func Allows(a audience.Actor, scope string) bool {
	switch {
	case a.Token != "":
		return slices.ContainsFunc(a.Scopes, func(s string) bool { return covers(s, scope) })
	case a.Person != "":
		return true
	}
	return a.Link != "" && (scope == ScopeRead || scope == ScopeWrite)
}

func covers(held, scope string) bool {
	if held == ScopeAdmin || scope == ScopeAdmin {
		return held == scope || held == ScopeAdmin && scope == ScopeRead
	}
	ladder := Scopes[:4]
	return slices.Index(ladder, held) >= slices.Index(ladder, scope) && slices.Contains(ladder, scope)
}

// IsOperator reports whether the actor runs the server, and may do so in the
// way they signed in.
func IsOperator(a audience.Actor) bool {
	return a.Holds(audience.Office, Operator) && Allows(a, ScopeAdmin)
}

// IsCoordinator reports whether the actor is on the coordination team. What
// they may do to a record is audience.RoleOn's to say; this is for verbs that
// have no record yet, such as opening a case.
func IsCoordinator(a audience.Actor) bool {
	return a.Cap(audience.Office, Coordinator) == audience.Coordinator && Allows(a, ScopeCoordinate)
}

// Administers reports whether the actor may create organizations and
// programs and invite anybody: operators and coordinators.
func Administers(a audience.Actor) bool {
	return Allows(a, ScopeAdmin) && (a.Holds(audience.Office, Operator) || a.Holds(audience.Office, Coordinator))
}

// SignedIn is the refusal of an actor without an account; nil for others.
func SignedIn(a audience.Actor) error {
	if a.Person == "" {
		return errs.New(errs.Unauthenticated, "Sign in first.")
	}
	return nil
}
