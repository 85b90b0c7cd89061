// Package orgs keeps the organizations, who works for them, and what they
// ship. It also owns the seats that an organization gives: in itself and in
// the programs it belongs to (Reseat).
package orgs

import (
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// Class is what kind of organization it is; audiences can bar classes.
type Class string

// The classes.
const (
	Vendor     Class = "vendor"
	AV         Class = "av"
	ISP        Class = "isp"
	Government Class = "government"
	Education  Class = "education"
	CERT       Class = "cert"
	Support    Class = "support"
	Financial  Class = "financial"
)

// Classes lists the classes.
var Classes = []Class{Vendor, AV, ISP, Government, Education, CERT, Support, Financial}

// State is whether an organization takes part.
type State string

// The states. A suspended organization's people have no seats through it.
const (
	Active    State = "active"
	Suspended State = "suspended"
)

// Org is an organization.
type Org struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"` // cleaned; unique
	Class     Class     `json:"class"`
	Listed    bool      `json:"listed"` // a member of the alliance; else merely known
	Website   string    `json:"website"`
	Email     string    `json:"email"`   // contact
	Domains   []string  `json:"domains"` // lower case
	PGPKey    string    `json:"pgp_key"` // armored public key, or ""
	State     State     `json:"state"`
	CreatedAt time.Time `json:"created_at"`
	Version   int64     `json:"version"`
	Audience  string    `json:"-"` // its people, operators and coordinators; administration while nobody belongs to it
}

// The kinds of events.
const (
	EventCreated   = "org.created"
	EventEdited    = "org.edited"
	EventJoined    = "member.joined"
	EventChanged   = "member.changed"
	EventRemoved   = "member.removed"
	EventShipped   = "component.added"
	EventUnshipped = "component.removed"
)

var (
	orgTable        = ledger.Table{Kind: "org", Name: "org", Cols: "id, audience_id, name, class, listed, website, email, domains, pgp_key, state, created_at, version"}
	membershipTable = ledger.Table{Kind: "membership", Name: "membership", Cols: "id, org_id, person_id, role, backup, duty, since, version"}
	componentTable  = ledger.Table{Kind: "component", Name: "component", Cols: "id, org_id, name, purl, since"}
)

// Tables names the rows that this package's events vouch for.
func Tables() []ledger.Table { return []ledger.Table{orgTable, membershipTable, componentTable} }

const columns = `o.id, o.audience_id, o.name, o.class, o.listed, o.website, o.email, o.domains, o.pgp_key, o.state, o.created_at, o.version`

func scan(o *Org) []any {
	return []any{&o.ID, &o.Audience, &o.Name, &o.Class, &o.Listed, &o.Website, &o.Email, db.JSON(&o.Domains), &o.PGPKey, &o.State, db.At(&o.CreatedAt), &o.Version}
}

// Create adds an organization; operators and coordinators may. ID, State and
// Version of in are ignored.
func Create(tx *db.Tx, a audience.Actor, in Org) (Org, error) {
	if err := charter.SignedIn(a); err != nil {
		return Org{}, err
	}
	if !charter.Administers(a) {
		return Org{}, errs.New(errs.Denied, "Only operators and coordinators may add organizations.")
	}
	in, err := in.cleaned()
	if err != nil {
		return Org{}, err
	}
	if err := free(tx, in); err != nil {
		return Org{}, err
	}
	o, made, err := insert(tx, a, in)
	if err == nil && !made {
		err = taken(o.Name)
	}
	return o, err
}

func insert(tx *db.Tx, a audience.Actor, in Org) (Org, bool, error) {
	in.ID, in.State, in.CreatedAt, in.Version = id.New("org", tx.Now), Active, tx.Now, 1
	var err error
	if in.Listed {
		in.Audience, err = ownAudience(tx, in.ID)
	} else {
		in.Audience, err = charter.Administration(tx)
	}
	if err != nil {
		return in, false, err
	}
	n, err := tx.Exec(`INSERT INTO org (id, audience_id, name, folded, class, listed, website, email, domains, pgp_key, state, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (name) DO NOTHING`,
		in.ID, in.Audience, in.Name, Fold(in.Name), string(in.Class), db.Bit(in.Listed), in.Website, in.Email, db.JSON(in.Domains), in.PGPKey, string(in.State), db.Micros(in.CreatedAt), in.Version)
	if err != nil || n == 0 {
		return in, false, err
	}
	ledger.Append(tx, ledger.Event{Kind: EventCreated, Actor: a, Audience: in.Audience, Level: tlp.AmberStrict, Object: ledger.Object{Kind: "org", ID: in.ID},
		Data: map[string]any{"name": in.Name, "class": in.Class, "listed": in.Listed}, Binds: []ledger.Bound{orgTable.Of(in.ID)}})
	return in, true, nil
}

func ownAudience(tx *db.Tx, orgID string) (string, error) {
	return audience.Create(tx, "organization", []audience.Grant{
		{Kind: audience.Org, ID: orgID, Role: audience.Reader, Reason: "works there"},
		{Kind: audience.Office, ID: charter.Operator, Role: audience.Reader, Reason: "runs the server"},
		{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Reader, Reason: "coordinates"},
	}, nil, nil)
}

// Ensure finds the organization of exactly that name (after cleaning), or
// adds it as an unlisted vendor. It asks nobody: imports and invitations by
// mail call it, thousands of times in a transaction.
func Ensure(tx *db.Tx, name string) (o Org, created bool, err error) {
	in, err := Org{Name: name, Class: Vendor}.cleaned()
	if err != nil {
		return Org{}, false, err
	}
	for range 2 {
		o, found, err := db.One(tx, scan, `SELECT `+columns+` FROM org o WHERE o.name = $1`, in.Name)
		if err != nil || found {
			return o, false, err
		}
		if o, made, err := insert(tx, audience.Actor{}, in); err != nil || made {
			return o, made, err
		}
	}
	return Org{}, false, taken(in.Name)
}

// Edit changes an organization's facts. Its admins may, except for class,
// listing and state, which operators and coordinators decide. in.Version is
// the version seen; Stale comes with both.
func Edit(tx *db.Tx, a audience.Actor, in Org) (Org, error) {
	old, err := Get(tx, a, in.ID)
	if err != nil {
		return Org{}, err
	}
	if err := mayRun(tx, a, old.ID); err != nil {
		return Org{}, err
	}
	if in.State == "" {
		in.State = old.State
	}
	if !charter.Administers(a) && (in.Class != old.Class || in.Listed != old.Listed || in.State != old.State) {
		return Org{}, errs.New(errs.Denied, "Class, listing and state of an organization are changed by operators and coordinators.")
	}
	if in.State != Active && in.State != Suspended {
		return Org{}, errs.Bad("state", "An organization is active or suspended.")
	}
	if in.State == Active && old.State != Active {
		if err := sanctioned(tx, in.ID); err != nil {
			return Org{}, err
		}
	}
	in.Audience, in.CreatedAt = old.Audience, old.CreatedAt
	if in, err = in.cleaned(); err != nil {
		return Org{}, err
	}
	if err := free(tx, in); err != nil {
		return Org{}, err
	}
	if in.Listed && !old.Listed {
		if in.Audience, err = settled(tx, old); err != nil {
			return Org{}, err
		}
	}
	stale := errs.New(errs.Stale, "Somebody changed this organization while you had it open. Compare both versions and save again.")
	stale.Theirs, stale.Yours = old, in
	err = tx.Guarded(stale, `UPDATE org SET audience_id = $1, name = $2, folded = $3, class = $4, listed = $5, website = $6, email = $7, domains = $8, pgp_key = $9, state = $10, version = version + 1 WHERE id = $11 AND version = $12`,
		in.Audience, in.Name, Fold(in.Name), string(in.Class), db.Bit(in.Listed), in.Website, in.Email, db.JSON(in.Domains), in.PGPKey, string(in.State), in.ID, in.Version)
	if db.Taken(err) {
		return Org{}, taken(in.Name)
	}
	if err != nil {
		return Org{}, err
	}
	in.Version++
	ledger.Append(tx, ledger.Event{Kind: EventEdited, Actor: a, Audience: in.Audience, Level: tlp.AmberStrict, Object: ledger.Object{Kind: "org", ID: in.ID}, Data: in, Binds: []ledger.Bound{orgTable.Of(in.ID)}})
	if in.Class != old.Class || in.State != old.State {
		err = Reseat(tx, in.ID)
	}
	return in, err
}

// settled is the organization's own audience, made when its first person or
// its listing needs one.
func settled(tx *db.Tx, o Org) (string, error) {
	office, err := charter.Administration(tx)
	if err != nil || o.Audience != office {
		return o.Audience, err
	}
	return ownAudience(tx, o.ID)
}

// free refuses a listed organization whose name reads like another one's.
func free(tx *db.Tx, in Org) error {
	others, err := db.All(tx, scan, `SELECT `+columns+` FROM org o WHERE o.folded = $1 AND o.id <> $2 LIMIT 100`, Fold(in.Name), in.ID)
	if err == nil && slices.ContainsFunc(others, func(o Org) bool { return o.Name == in.Name || o.Listed && in.Listed }) {
		return taken(in.Name)
	}
	return err
}

func taken(name string) error {
	return errs.Bad("name", "There is an organization called %s already.", name)
}
