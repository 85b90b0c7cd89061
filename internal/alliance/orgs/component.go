package orgs

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/text"
	"tocsin/spec/tlp"

	"github.com/package-url/packageurl-go"
)

// Component is something an organization ships in its products.
type Component struct {
	ID    string    `json:"id"`
	Org   string    `json:"org"`
	Name  string    `json:"name"`
	Purl  string    `json:"purl"` // canonical, without version, qualifiers and subpath; or ""
	Since time.Time `json:"since"`
}

const maxComponents = 5000

func scanComponent(c *Component) []any {
	return []any{&c.ID, &c.Org, &c.Name, &c.Purl, db.At(&c.Since)}
}

// Ship records that an organization ships a component; its admins, operators
// and coordinators may. purl may be empty, or name it instead of the name.
func Ship(tx *db.Tx, a audience.Actor, orgID, name, purl string) (Component, error) {
	o, err := Get(tx, a, orgID)
	if err != nil {
		return Component{}, err
	}
	if err := mayRun(tx, a, orgID); err != nil {
		return Component{}, err
	}
	c := Component{ID: id.New("cmp", tx.Now), Org: orgID, Since: tx.Now}
	if c.Purl, err = barePurl(purl); err != nil {
		return Component{}, err
	}
	if c.Name, _, err = text.CleanLine(name, 200); err != nil {
		return Component{}, errs.Bad("name", "Please correct the name: %s.", err)
	}
	if c.Name == "" && c.Purl != "" {
		p, _ := packageurl.FromString(c.Purl)
		c.Name = p.Name
	}
	if c.Name == "" {
		return Component{}, errs.Bad("name", "Name the component, or give its package URL.")
	}
	have, err := db.Value[int](tx, `SELECT COUNT(*) FROM component WHERE org_id = $1`, orgID)
	if err != nil {
		return Component{}, err
	}
	if have >= maxComponents {
		return Component{}, errs.New(errs.TooLarge, "An organization lists at most %d components.", maxComponents)
	}
	n, err := tx.Exec(`INSERT INTO component (id, org_id, name, folded, purl, since) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (org_id, folded, purl) DO NOTHING`,
		c.ID, orgID, c.Name, Fold(c.Name), c.Purl, db.Micros(c.Since))
	if err != nil {
		return Component{}, err
	}
	if n == 0 {
		c, _, err := db.One(tx, scanComponent, `SELECT id, org_id, name, purl, since FROM component WHERE org_id = $1 AND folded = $2 AND purl = $3`, orgID, Fold(c.Name), c.Purl)
		return c, err
	}
	ledger.Append(tx, ledger.Event{Kind: EventShipped, Actor: a, Audience: o.Audience, Level: tlp.AmberStrict, Scope: orgID, Object: ledger.Object{Kind: "component", ID: c.ID}, Data: c, Binds: []ledger.Bound{componentTable.Of(c.ID)}})
	return c, nil
}

// Unship removes a component from an organization's list.
func Unship(tx *db.Tx, a audience.Actor, orgID, componentID string) error {
	o, err := Get(tx, a, orgID)
	if err != nil {
		return err
	}
	if err := mayRun(tx, a, orgID); err != nil {
		return err
	}
	if err := tx.Guarded(errs.Missing("component"), `DELETE FROM component WHERE id = $1 AND org_id = $2`, componentID, orgID); err != nil {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: EventUnshipped, Actor: a, Audience: o.Audience, Level: tlp.AmberStrict, Scope: orgID, Object: ledger.Object{Kind: "component", ID: componentID}, Binds: []ledger.Bound{componentTable.Of(componentID)}})
	return nil
}

// Components lists what an organization ships, by name: for its own people
// and the alliance roles.
func Components(tx *db.Tx, a audience.Actor, orgID string) ([]Component, error) {
	if _, err := Get(tx, a, orgID); err != nil {
		return nil, err
	}
	if !seesAll(a) && !a.Holds(audience.Org, orgID) {
		return nil, errs.New(errs.Denied, "What an organization ships is shown to its people and to the alliance's staff.")
	}
	return db.All(tx, scanComponent, `SELECT id, org_id, name, purl, since FROM component WHERE org_id = $1 ORDER BY folded, purl LIMIT 5000`, orgID)
}

// Shipping lists the active organizations of a program (all listed ones when
// programID is "") that ship a component, given by name without regard to
// case or by package URL. For the alliance roles, who invite by it.
func Shipping(tx *db.Tx, a audience.Actor, programID, component string) ([]Org, error) {
	if !seesAll(a) {
		return nil, errs.New(errs.Denied, "What organizations ship is shown to the alliance's staff.")
	}
	var args db.Args
	match := ""
	if purl, err := barePurl(component); err == nil && purl != "" {
		match = "c.purl = " + args.Add(purl)
	} else {
		name, _, err := text.CleanLine(component, 200)
		if err != nil || name == "" {
			return nil, errs.Bad("component", "Name the component, or give its package URL.")
		}
		match = "c.folded = " + args.Add(Fold(name))
	}
	where := "o.listed = 1"
	if programID != "" {
		where = "EXISTS (SELECT 1 FROM program_org x WHERE x.org_id = o.id AND x.program_id = " + args.Add(programID) + ")"
	}
	return db.All(tx, scan, `SELECT `+columns+` FROM org o WHERE o.state = 'active' AND `+where+` AND EXISTS (SELECT 1 FROM component c WHERE c.org_id = o.id AND `+match+`) ORDER BY o.folded, o.id LIMIT 5000`, args...)
}

// barePurl is the canonical package URL of a package as such.
func barePurl(s string) (string, error) {
	s, _, err := text.CleanLine(s, 500)
	if err != nil || s == "" {
		return "", err
	}
	p, err := packageurl.FromString(s)
	if err != nil {
		return "", errs.Bad("purl", "This is not a package URL; one looks like pkg:npm/name.")
	}
	p.Version, p.Qualifiers, p.Subpath = "", nil, ""
	return p.ToString(), nil
}
