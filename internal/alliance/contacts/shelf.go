package contacts

import (
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

// shelf is where an organization keeps its rows of one kind, c in the SQL, and
// the one way in which an actor gets to see them.
type shelf[T any] struct {
	noun, rows, order string
	most              int // of one organization
	scan              func(*T) []any
	owned             func(*T) ownership
}

// ownership is whose a row is, who sees it, and where it is to be told with
// which programs it is shared.
type ownership struct {
	org, audience string
	level         tlp.Level
	shared        *[]string
}

var (
	contactShelf = shelf[Contact]{"contact", `SELECT ` + columns + ` FROM contact c`, "c.kind, c.duty, c.name, c.id", maxContacts, scan,
		func(c *Contact) ownership { return ownership{c.Org, c.Audience, c.TLP, &c.Shared} }}
	rotationShelf = shelf[Rotation]{"rotation", `SELECT ` + rotationColumns + ` FROM contact_rotation c`, "c.name, c.id", maxRotations, scanRotation,
		func(r *Rotation) ownership { return ownership{r.Org, r.Audience, r.TLP, &r.Shared} }}
	ladderShelf = shelf[Ladder]{"ladder", `SELECT ` + ladderColumns + ` FROM contact_ladder c`, "c.name, c.id", maxLadders, scanLadder,
		func(l *Ladder) ownership { return ownership{l.Org, l.Audience, l.TLP, &l.Shared} }}
)

// see loads a row that the actor may see.
func (s shelf[T]) see(tx *db.Tx, a audience.Actor, rowID string) (T, error) {
	var none T
	if err := charter.SignedIn(a); err != nil {
		return none, err
	}
	var args db.Args
	shown, err := shown(tx, a, "c", &args)
	if err != nil {
		return none, err
	}
	row, ok, err := db.One(tx, s.scan, s.rows+` WHERE c.id = `+args.Add(rowID)+` AND `+shown, args...)
	if err != nil {
		return none, err
	}
	if !ok {
		return none, errs.Missing(s.noun)
	}
	o := s.owned(&row)
	*o.shared, err = sharedWith(tx, a, o.org, o.audience)
	return row, err
}

// visible are the rows of an organization that the actor may see.
func (s shelf[T]) visible(tx *db.Tx, a audience.Actor, orgID string) ([]T, error) {
	if _, err := orgs.Get(tx, a, orgID); err != nil {
		return nil, err
	}
	var args db.Args
	shown, err := shown(tx, a, "c", &args)
	if err != nil {
		return nil, err
	}
	return db.All(tx, s.scan, s.rows+` WHERE c.org_id = `+args.Add(orgID)+` AND `+shown+` ORDER BY `+s.order+db.Limit(s.most), args...)
}

// editable is see for who may change the row, too.
func (s shelf[T]) editable(tx *db.Tx, a audience.Actor, rowID string) (T, error) {
	row, err := s.see(tx, a, rowID)
	if err != nil {
		return row, err
	}
	o := s.owned(&row)
	return row, mayEdit(tx, a, o.audience, o.level)
}

// of are all rows of some organizations, for what asks nobody.
func (s shelf[T]) of(tx *db.Tx, orgIDs ...string) ([]T, error) {
	var args db.Args
	return db.All(tx, s.scan, s.rows+` WHERE c.org_id IN `+db.List(&args, orgIDs)+` ORDER BY `+s.order+db.Limit(s.most*len(orgIDs)), args...)
}
