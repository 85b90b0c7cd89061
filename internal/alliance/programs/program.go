// Package programs groups organizations that work together on a matter or in
// a sector. A person sits in a program through each organization of theirs
// that belongs to it; package orgs computes those seats.
package programs

import (
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// State is whether a program is under way.
type State string

// The states. A closed program gives no seats.
const (
	Active State = "active"
	Closed State = "closed"
)

// Program is a group of organizations.
type Program struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`    // cleaned; unique without regard to case
	Purpose   string    `json:"purpose"` // Markdown
	TLP       tlp.Level `json:"tlp"`     // marking of what is shared in it unless said otherwise
	State     State     `json:"state"`
	CreatedAt time.Time `json:"created_at"`
	Version   int64     `json:"version"`
	Audience  string    `json:"-"` // its organizations' people, operators and coordinators
}

// The kinds of events.
const (
	EventCreated = "program.created"
	EventEdited  = "program.edited"
	EventJoined  = "program.joined"
	EventLeft    = "program.left"
)

var (
	table    = ledger.Table{Kind: "program", Name: "program", Cols: "id, audience_id, name, purpose, tlp, state, created_at, version"}
	orgTable = ledger.Table{Kind: "program_org", Name: "program_org", Cols: "id, program_id, org_id, since"}
)

// Tables names the rows that this package's events vouch for.
func Tables() []ledger.Table { return []ledger.Table{table, orgTable, rulesTable, coordinatorTable} }

const columns = `g.id, g.audience_id, g.name, g.purpose, g.tlp, g.state, g.created_at, g.version`

func scan(p *Program) []any {
	return []any{&p.ID, &p.Audience, &p.Name, &p.Purpose, &p.TLP, &p.State, db.At(&p.CreatedAt), &p.Version}
}

func (p Program) cleaned() (Program, error) {
	var bad []errs.Field
	name, _, err := text.CleanLine(p.Name, 200)
	switch {
	case err != nil:
		bad = append(bad, errs.Field{Name: "name", Reason: "Please correct the name: " + err.Error() + "."})
	case name == "":
		bad = append(bad, errs.Field{Name: "name", Reason: "A program needs a name."})
	}
	purpose, _, err := text.CleanText(p.Purpose, 10000)
	if err != nil {
		bad = append(bad, errs.Field{Name: "purpose", Reason: "Please correct the purpose: " + err.Error() + "."})
	}
	if !p.TLP.Valid() || p.TLP == tlp.Red {
		bad = append(bad, errs.Field{Name: "tlp", Reason: "Choose a default marking up to TLP:AMBER+STRICT; TLP:RED is for named persons."})
	}
	p.Name, p.Purpose = name, purpose
	return p, errs.Join(bad)
}

// Create adds a program at the top of the tree with the default rules;
// operators and coordinators may.
func Create(tx *db.Tx, a audience.Actor, in Program) (Program, error) {
	return create(tx, a, in, defaults(""))
}

func create(tx *db.Tx, a audience.Actor, in Program, r Rules) (Program, error) {
	if err := mayRun(a); err != nil {
		return Program{}, err
	}
	in, err := in.cleaned()
	if err != nil {
		return Program{}, err
	}
	in.ID, in.State, in.CreatedAt, in.Version = id.New("prg", tx.Now), Active, tx.Now, 1
	in.Audience, err = audience.Create(tx, "program", []audience.Grant{
		{Kind: audience.Program, ID: in.ID, Role: audience.Reader, Reason: "belongs to it"},
		{Kind: audience.Office, ID: charter.Operator, Role: audience.Reader, Reason: "runs the server"},
		{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Coordinator, Reason: "coordinates"},
	}, nil, nil)
	if err != nil {
		return Program{}, err
	}
	n, err := tx.Exec(`INSERT INTO program (id, audience_id, name, folded, purpose, tlp, state, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (folded) DO NOTHING`,
		in.ID, in.Audience, in.Name, orgs.Fold(in.Name), in.Purpose, int(in.TLP), string(in.State), db.Micros(in.CreatedAt), in.Version)
	if err != nil || n == 0 {
		return Program{}, firstOf(err, taken(in.Name))
	}
	if err := firstRules(tx, a, in, r); err != nil {
		return Program{}, err
	}
	record(tx, a, EventCreated, in, in, table.Of(in.ID), rulesTable.Of(in.ID))
	if err := Place(tx, in.Audience, in.ID); err != nil {
		return Program{}, err
	}
	return in, settle(tx, in.ID, false)
}

// firstRules keeps the rules of a new program, under an address made of its
// name.
func firstRules(tx *db.Tx, a audience.Actor, p Program, r Rules) error {
	r.Program, r.Slug = p.ID, slugOf(p.Name)
	same, err := db.Value[int](tx, `SELECT COUNT(*) FROM program_rules WHERE slug = $1`, r.Slug)
	if err != nil {
		return err
	}
	if same > 0 || r.Slug == "" { // another name made the same address
		r.Slug = p.ID
	}
	if err := holdTree(tx); err != nil {
		return err
	}
	if r, err = changed(tx, func(programID string) (Program, error) { return Get(tx, a, programID) }, Rules{}, r); err != nil {
		return err
	}
	_, err = keepRules(tx, p, Rules{}, r)
	return err
}

// Edit changes a program; operators and coordinators may. in.Version is the
// version seen; Stale comes with both. A program closes once no case under it
// is open and no program below it is active; it gives no seats then, and what
// was seen through a membership in it is seen by nobody so.
func Edit(tx *db.Tx, a audience.Actor, in Program) (Program, error) {
	old, err := Get(tx, a, in.ID)
	if err != nil {
		return Program{}, err
	}
	if err := mayRun(a); err != nil {
		return Program{}, err
	}
	// Nothing comes under the program from here on: no member, no case, no other
	// program.
	if err := holdTree(tx); err != nil {
		return Program{}, err
	}
	if err := Hold(tx, in.ID); err != nil {
		return Program{}, err
	}
	if old, err = ByID(tx, in.ID); err != nil {
		return Program{}, err
	}
	if in.State == "" {
		in.State = old.State
	}
	if in.State != Active && in.State != Closed {
		return Program{}, errs.Bad("state", "A program is active or closed.")
	}
	if in, err = in.cleaned(); err != nil {
		return Program{}, err
	}
	if in.State == Closed && old.State == Active {
		if err := empty(tx, old); err != nil {
			return Program{}, err
		}
	}
	in.Audience, in.CreatedAt = old.Audience, old.CreatedAt
	stale := errs.New(errs.Stale, "Somebody changed this program while you had it open. Compare both versions and save again.")
	stale.Theirs, stale.Yours = old, in
	err = tx.Guarded(stale, `UPDATE program SET name = $1, folded = $2, purpose = $3, tlp = $4, state = $5, version = version + 1 WHERE id = $6 AND version = $7`,
		in.Name, orgs.Fold(in.Name), in.Purpose, int(in.TLP), string(in.State), in.ID, in.Version)
	if db.Taken(err) {
		return Program{}, taken(in.Name)
	}
	if err != nil {
		return Program{}, err
	}
	in.Version++
	record(tx, a, EventEdited, in, in, table.Of(in.ID))
	if in.State == old.State {
		return in, nil
	}
	return in, orgs.ReseatPrograms(tx, in.ID)
}

func mayRun(a audience.Actor) error {
	if err := charter.SignedIn(a); err != nil {
		return err
	}
	if !charter.Administers(a) {
		return errs.New(errs.Denied, "Only operators and coordinators may change programs.")
	}
	return nil
}

func record(tx *db.Tx, a audience.Actor, kind string, p Program, data any, binds ...ledger.Bound) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: p.Audience, Level: tlp.Green, Scope: p.ID, Object: ledger.Object{Kind: "program", ID: p.ID}, Data: data, Binds: binds})
}

func taken(name string) error {
	return errs.Bad("name", "There is a program called %s already.", name)
}

// Get reads a program the actor may see: one they belong to, or any for the
// alliance roles.
func Get(tx *db.Tx, a audience.Actor, programID string) (Program, error) {
	if err := charter.SignedIn(a); err != nil {
		return Program{}, err
	}
	p, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM program g WHERE g.id = $1`, programID)
	if err == nil && (!ok || !sees(a, programID)) {
		return Program{}, errs.Missing("program")
	}
	return p, err
}

// sees reports whether the actor may know of the program and its rules: its
// members, those who run it, and whoever sits on the board that decides on it.
func sees(a audience.Actor, programID string) bool {
	return seesAll(a, programID) || a.Holds(audience.Program, programID) || a.Holds(audience.Office, charter.Bench)
}

// List shows the programs the actor may see, by name.
func List(tx *db.Tx, a audience.Actor) ([]Program, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM program g ORDER BY g.folded LIMIT 2000`)
	return slices.DeleteFunc(list, func(p Program) bool { return !sees(a, p.ID) }), err
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
