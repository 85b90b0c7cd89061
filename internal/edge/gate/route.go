package gate

import (
	"net/http"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/errs"
)

// Access is what a route asks of whoever comes, before a record is looked
// at. What may be seen and done to a record is the audience rule's to say.
type Access int

// The accesses. The zero Access is the strictest, so that a row that forgets
// to say lets nobody in.
const (
	Nobody       Access = iota
	Operators           // run the server
	Coordinators        // run cases
	Members             // anybody with an account
	Finders             // the holder of a finder's link
	Anybody             // no account needed
)

var accessNames = [...]string{"nobody", "operator", "coordinator", "member", "finder", "anybody"}

func (a Access) String() string { return accessNames[a] }

// Route is one row of a door's table.
type Route struct {
	Method, Path string // as net/http.ServeMux patterns take them
	Access       Access
	Scope        string // what an API token needs; empty: charter.ScopeRead for GET, else charter.ScopeWrite
	Upload       bool   // the handler bounds its long body itself
	Enroll       bool   // open to who must still add a second factor
	Handler      http.HandlerFunc
}

// NeedsScope is the token scope of the route.
func (r Route) NeedsScope() string {
	switch {
	case r.Scope != "":
		return r.Scope
	case r.Method == http.MethodGet:
		return charter.ScopeRead
	}
	return charter.ScopeWrite
}

// Admit checks an actor against a route's row.
func (r Route) Admit(a audience.Actor) error {
	if r.Access == Anybody {
		return nil
	}
	if r.Access == Finders {
		if a.Link == "" {
			return errs.New(errs.Unauthenticated, "Open the link you were given when you reported.")
		}
		return nil
	}
	if a.Person == "" {
		return errs.New(errs.Unauthenticated, "Sign in first.")
	}
	if !charter.Allows(a, r.NeedsScope()) {
		return errs.New(errs.Denied, "This token lacks the scope %q.", r.NeedsScope())
	}
	allowed := false
	switch r.Access {
	case Members:
		allowed = true
	case Coordinators:
		allowed = programs.CoordinatesSome(a) || a.Holds(audience.Office, charter.Coordinator) && r.Method == http.MethodGet
	case Operators:
		allowed = charter.IsOperator(a)
	}
	if !allowed {
		return errs.New(errs.Denied, "This is for the alliance's %ss.", r.Access)
	}
	return nil
}
