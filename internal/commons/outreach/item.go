// Package outreach is what the consortium tells everybody of itself: what it
// plans, what it has done, what it is good for, and numbers of what truly
// happened. Two people who did not write a text clear it before it is
// published; a changed text needs them anew.
package outreach

import (
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// Kind is what an item says.
type Kind string

// The kinds, in the order of the page.
const (
	Number  Kind = "number"  // of what truly happened
	Done    Kind = "done"    // what was accomplished
	Benefit Kind = "benefit" // what the customers of the members have of it
	Plan    Kind = "plan"    // what comes
)

// Kinds lists the kinds in the order of the page.
var Kinds = []Kind{Number, Done, Benefit, Plan}

// State is where an item stands.
type State string

// The states. A cleared item is public from its release instant on.
const (
	Draft     State = "draft"
	Cleared   State = "cleared"
	Withdrawn State = "withdrawn"
)

// Needed is how many people have to clear a text, its author not among them.
const Needed = 2

// Figure is a number of what truly happened, as it was drawn at an instant.
// Whoever draws it hands it over: this package counts nothing.
type Figure struct {
	Key     string    `json:"key"`   // which figure it is, such as "cases"
	Name    string    `json:"name"`  // "cases coordinated and published"
	Value   string    `json:"value"` // "31", "12.5"
	Unit    string    `json:"unit"`  // "days", or ""
	Counted string    `json:"counted"`
	AsOf    time.Time `json:"as_of"`
}

// Item is one line of the roadmap.
type Item struct {
	ID        string    `json:"id"`
	Kind      Kind      `json:"kind"`
	Title     string    `json:"title"`
	Body      string    `json:"body"`             // Markdown
	Moment    string    `json:"moment,omitempty"` // when, as people say it: "spring 2027"
	Figure    *Figure   `json:"figure,omitempty"` // of Number
	NotBefore time.Time `json:"not_before,omitzero"`
	Place     int       `json:"place"` // order within its kind; 0 first
	State     State     `json:"state"`
	Reason    string    `json:"reason,omitempty"` // of a withdrawal
	// Release is when it became, or becomes, public; zero while it is not
	// cleared.
	Release    time.Time   `json:"release_at,omitzero"`
	Author     string      `json:"author,omitempty"` // of the present text
	Clearances []Clearance `json:"clearances,omitempty"`
	CreatedAt  time.Time   `json:"created_at"`
	UpdatedAt  time.Time   `json:"updated_at"`
	Version    int64       `json:"version"`
	TLP        tlp.Level   `json:"tlp"`

	audience string
	revision int64
}

// Clearance is that somebody found the present text fit to be published.
type Clearance struct {
	Person string    `json:"person"`
	At     time.Time `json:"at"`
}

// Public reports whether everybody sees the item at an instant.
func (i Item) Public(now time.Time) bool {
	return audience.Marking{Level: i.TLP, Release: i.Release}.Public(now)
}

// The kinds of events.
const (
	EventWritten   = "roadmap.written"
	EventEdited    = "roadmap.edited"
	EventApproved  = "roadmap.approved" // one of the two clearances
	EventCleared   = "roadmap.cleared"  // the second one: it will be, or is, public
	EventWithdrawn = "roadmap.withdrawn"
)

var (
	itemTable      = ledger.Table{Kind: "outreach_item", Name: "outreach_item", Cols: "id, audience_id, tlp, release_at, kind, title, body, moment, figure_key, figure_value, figure_unit, figure_counted, figure_at, not_before, place, state, reason, author_id, revision, created_at, updated_at, version"}
	clearanceTable = ledger.Table{Kind: "outreach_clearance", Name: "outreach_clearance", Cols: "id, item_id, revision, person_id, at"}
)

// Tables names the rows that this package's events vouch for.
func Tables() []ledger.Table { return []ledger.Table{itemTable, clearanceTable} }

// inside is the marking of what is not published: the coordinators' and the
// board's.
const inside = tlp.AmberStrict

const columns = `i.id, i.audience_id, i.tlp, i.release_at, i.kind, i.title, i.body, i.moment, i.figure_key, i.figure_value, i.figure_unit, i.figure_counted, i.figure_at, i.not_before, i.place, i.state, i.reason, i.author_id, i.revision, i.created_at, i.updated_at, i.version`

func scan(i *Item) []any {
	i.Figure = &Figure{}
	return []any{&i.ID, &i.audience, &i.TLP, db.At(&i.Release), &i.Kind, &i.Title, &i.Body, &i.Moment, &i.Figure.Key, &i.Figure.Value, &i.Figure.Unit, &i.Figure.Counted, db.At(&i.Figure.AsOf), db.At(&i.NotBefore),
		&i.Place, &i.State, &i.Reason, &i.Author, &i.revision, db.At(&i.CreatedAt), db.At(&i.UpdatedAt), &i.Version}
}

func load(tx *db.Tx, where string, args ...any) ([]Item, error) {
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM outreach_item i WHERE `+where, args...)
	for n := range list {
		if list[n].Kind != Number {
			list[n].Figure = nil
		} else {
			list[n].Figure.Name = list[n].Title
		}
	}
	return list, err
}

// Keeps reports whether the actor writes and clears the roadmap: coordinators
// and the members of the board.
func Keeps(tx *db.Tx, a audience.Actor) (bool, error) {
	if a.Person == "" || !charter.Allows(a, charter.ScopeWrite) {
		return false, nil
	}
	if charter.IsCoordinator(a) {
		return true, nil
	}
	return board.Sits(tx, a)
}

func mayKeep(tx *db.Tx, a audience.Actor) error {
	if err := charter.SignedIn(a); err != nil {
		return err
	}
	ok, err := Keeps(tx, a)
	if err == nil && !ok {
		err = denied()
	}
	return err
}

func denied() error {
	return errs.New(errs.Denied, "Coordinators and the members of the board keep the roadmap.")
}

func record(tx *db.Tx, a audience.Actor, kind string, i Item, binds ...ledger.Bound) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: i.audience, Level: inside, Scope: i.ID, Object: ledger.Object{Kind: "roadmap", ID: i.ID},
		Data: map[string]any{"kind": i.Kind, "title": i.Title, "state": i.State, "revision": i.revision, "release_at": i.Release, "figure": i.Figure}, Binds: append(binds, itemTable.Of(i.ID))})
}
