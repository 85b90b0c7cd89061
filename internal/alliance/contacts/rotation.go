package contacts

import (
	"slices"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/oncall"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

const maxRotations = 50 // of one organization

// Rotation is who of an organization's contacts is on call for a matter. The
// members of its layers are ids of contacts.
type Rotation struct {
	ID        string            `json:"id"`
	Org       string            `json:"org"`
	Name      string            `json:"name"`
	About     string            `json:"about,omitempty"` // a kind or topic it answers for; "": everything
	Layers    []oncall.Rotation `json:"layers"`
	Shared    []string          `json:"shared,omitempty"` // programs whose people may ask it
	CreatedAt time.Time         `json:"created_at"`
	Version   int64             `json:"version"`
	TLP       tlp.Level         `json:"tlp"`
	Audience  string            `json:"-"`
}

const rotationColumns = `c.id, c.org_id, c.audience_id, c.tlp, c.name, c.about, c.layers, c.created_at, c.version`

func scanRotation(r *Rotation) []any {
	return []any{&r.ID, &r.Org, &r.Audience, &r.TLP, &r.Name, &r.About, db.JSON(&r.Layers), db.At(&r.CreatedAt), &r.Version}
}

func (r Rotation) checked(tx *db.Tx, a audience.Actor, overrides []oncall.Override) (Rotation, error) {
	var err error
	if r.Name, _, err = text.CleanLine(r.Name, maxName); err != nil || r.Name == "" {
		return r, errs.Bad("name", "Give the rotation a name of at most %d characters.", maxName)
	}
	if r.About, _, err = text.CleanLine(r.About, 100); err != nil {
		return r, errs.Bad("about", "Please correct what the rotation is about: %s.", err)
	}
	if _, err := oncall.Compile(oncall.Schedule{Layers: r.Layers, Overrides: overrides}); err != nil {
		return r, errs.Bad("layers", "Please correct the rotation: %s.", err)
	}
	var members []string
	for _, l := range r.Layers {
		members = append(members, l.Members...)
	}
	if err := areContacts(tx, r.Org, members); err != nil {
		return r, err
	}
	r.Shared, err = sharable(tx, a, r.Org, r.Shared)
	r.TLP = marking(r.Shared)
	return r, err
}

// areContacts checks that all ids are contacts of the organization.
func areContacts(tx *db.Tx, orgID string, ids []string) error {
	have, err := db.Column[string](tx, `SELECT id FROM contact WHERE org_id = $1`, orgID)
	if err != nil {
		return err
	}
	for _, m := range ids {
		if !slices.Contains(have, m) {
			return errs.Bad("members", "Only the organization's own contacts can be on call or be called.")
		}
	}
	return nil
}

// AddRotation keeps a new rotation of in.Org.
func AddRotation(tx *db.Tx, a audience.Actor, in Rotation) (Rotation, error) {
	if err := mayAdd(tx, a, in.Org); err != nil {
		return Rotation{}, err
	}
	in, err := in.checked(tx, a, nil)
	if err != nil {
		return Rotation{}, err
	}
	if err := roomFor(tx, "contact_rotation", in.Org, maxRotations); err != nil {
		return Rotation{}, err
	}
	if in.Audience, err = room(tx, in.Org, "rotation", in.Shared); err != nil {
		return Rotation{}, err
	}
	in.ID, in.CreatedAt, in.Version = id.New("rot", tx.Now), tx.Now, 1
	if _, err := tx.Exec(`INSERT INTO contact_rotation (id, org_id, audience_id, tlp, name, about, layers, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		in.ID, in.Org, in.Audience, int(in.TLP), in.Name, in.About, db.JSON(in.Layers), db.Micros(in.CreatedAt), in.Version); err != nil {
		return Rotation{}, err
	}
	recordRotation(tx, a, EventRotationAdded, in, rotationTable.Of(in.ID))
	return in, nil
}

// heldRotation is a rotation that the actor may change and that nobody else
// does, nor its overrides, until the transaction ends.
func heldRotation(tx *db.Tx, a audience.Actor, rotationID string) (Rotation, error) {
	r, err := rotationShelf.editable(tx, a, rotationID)
	if err != nil {
		return r, err
	}
	if err := tx.Guarded(errs.Missing("rotation"), `UPDATE contact_rotation SET version = version WHERE id = $1`, r.ID); err != nil {
		return r, err
	}
	return rotationShelf.editable(tx, a, rotationID) // as it is now
}

// EditRotation changes a rotation; in.Version is the version seen. A layer
// that an override names cannot be renamed or taken away before the override.
func EditRotation(tx *db.Tx, a audience.Actor, in Rotation) (Rotation, error) {
	old, err := heldRotation(tx, a, in.ID)
	if err != nil {
		return Rotation{}, err
	}
	in.Org, in.Audience, in.CreatedAt = old.Org, old.Audience, old.CreatedAt
	overrides, err := overridesOf(tx, in.ID)
	if err != nil {
		return Rotation{}, err
	}
	if in, err = in.checked(tx, a, spans(overrides)); err != nil {
		return Rotation{}, err
	}
	if err := tx.Guarded(stale("rotation", old, in), `UPDATE contact_rotation SET tlp = $1, name = $2, about = $3, layers = $4, version = version + 1 WHERE id = $5 AND version = $6`,
		int(in.TLP), in.Name, in.About, db.JSON(in.Layers), in.ID, in.Version); err != nil {
		return Rotation{}, err
	}
	in.Version++
	binds := []ledger.Bound{rotationTable.Of(in.ID)}
	if in.TLP != old.TLP {
		if _, err := tx.Exec(`UPDATE contact_override SET tlp = $1 WHERE rotation_id = $2`, int(in.TLP), in.ID); err != nil {
			return Rotation{}, err
		}
		for _, o := range overrides {
			binds = append(binds, overrideTable.Of(o.ID))
		}
	}
	recordRotation(tx, a, EventRotationEdited, in, binds...)
	return in, reshare(tx, in.Audience, in.Org, in.Shared)
}

// RemoveRotation takes a rotation and its overrides away; Conflict while a
// ladder asks it.
func RemoveRotation(tx *db.Tx, a audience.Actor, rotationID string, version int64) error {
	r, err := heldRotation(tx, a, rotationID)
	if err != nil {
		return err
	}
	name, err := inLadder(tx, r.Org, oncall.Whom{Kind: oncall.ByRotation, ID: r.ID})
	if err != nil {
		return err
	}
	if name != "" {
		return errs.New(errs.Conflict, "The ladder %s asks this rotation. Change the ladder first.", name)
	}
	overrides, err := overridesOf(tx, r.ID)
	if err != nil {
		return err
	}
	binds := []ledger.Bound{rotationTable.Of(r.ID)}
	for _, o := range overrides {
		binds = append(binds, overrideTable.Of(o.ID))
	}
	if _, err := tx.Exec(`DELETE FROM contact_override WHERE rotation_id = $1`, r.ID); err != nil {
		return err
	}
	if err := tx.Guarded(stale("rotation", r, nil), `DELETE FROM contact_rotation WHERE id = $1 AND version = $2`, r.ID, version); err != nil {
		return err
	}
	recordRotation(tx, a, EventRotationRemoved, r, binds...)
	return nil
}

// GetRotation reads a rotation that the actor may see.
func GetRotation(tx *db.Tx, a audience.Actor, rotationID string) (Rotation, error) {
	return rotationShelf.see(tx, a, rotationID)
}

// Rotations lists an organization's rotations, as far as the actor may see them.
func Rotations(tx *db.Tx, a audience.Actor, orgID string) ([]Rotation, error) {
	return rotationShelf.visible(tx, a, orgID)
}

func recordRotation(tx *db.Tx, a audience.Actor, kind string, r Rotation, binds ...ledger.Bound) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: r.Audience, Level: tlp.AmberStrict, Scope: r.Org, Object: ledger.Object{Kind: "rotation", ID: r.ID}, Data: r, Binds: binds})
}
