package contacts

import (
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

// Override puts a contact on call for a time, or nobody. Of two that overlap
// the one made later holds.
type Override struct {
	ID       string    `json:"id"`
	Rotation string    `json:"rotation"`
	Layer    string    `json:"layer,omitempty"` // "": the whole rotation
	Contact  string    `json:"contact"`         // "": a declared absence
	From     time.Time `json:"from"`            // zero when made: at once
	To       time.Time `json:"to"`
	Reason   string    `json:"reason,omitempty"`
	MadeBy   string    `json:"made_by"`
	Audience string    `json:"-"`
}

const overrideColumns = `v.id, v.rotation_id, v.audience_id, v.layer, v.contact_id, v.starts_at, v.ends_at, v.reason, v.made_by`

func scanOverride(o *Override) []any {
	return []any{&o.ID, &o.Rotation, &o.Audience, &o.Layer, &o.Contact, db.At(&o.From), db.At(&o.To), &o.Reason, &o.MadeBy}
}

// overridesOf reads a rotation's overrides in the order they were made. It
// asks nobody: they stand in the rotation's audience.
func overridesOf(tx *db.Tx, rotationID string) ([]Override, error) {
	return db.All(tx, scanOverride, `SELECT `+overrideColumns+` FROM contact_override v WHERE v.rotation_id = $1 ORDER BY v.place`+db.Limit(oncall.MaxOverrides), rotationID)
}

func spans(list []Override) []oncall.Override {
	out := make([]oncall.Override, len(list))
	for i, o := range list {
		out[i] = oncall.Override{Layer: o.Layer, Person: o.Contact, From: o.From, To: o.To}
	}
	return out
}

// HandOver makes an override: somebody takes over from in.From to in.To, or
// nobody does. What is past cannot be changed, so it ends in the future.
func HandOver(tx *db.Tx, a audience.Actor, in Override) (Override, error) {
	r, err := heldRotation(tx, a, in.Rotation)
	if err != nil {
		return Override{}, err
	}
	if in.From.IsZero() {
		in.From = tx.Now
	}
	in.From, in.To = in.From.UTC().Truncate(time.Microsecond), in.To.UTC().Truncate(time.Microsecond)
	if !in.To.After(tx.Now) {
		return Override{}, errs.Bad("to", "An override ends in the future.")
	}
	if in.Reason, _, err = text.CleanLine(in.Reason, 500); err != nil {
		return Override{}, errs.Bad("reason", "Please correct the reason: %s.", err)
	}
	if in.Contact != "" {
		if err := areContacts(tx, r.Org, []string{in.Contact}); err != nil {
			return Override{}, err
		}
	}
	have, err := overridesOf(tx, r.ID)
	if err != nil {
		return Override{}, err
	}
	if _, err := oncall.Compile(oncall.Schedule{Layers: r.Layers, Overrides: spans(append(have, in))}); err != nil {
		return Override{}, errs.Bad("from", "Please correct the override: %s.", err)
	}
	in.ID, in.MadeBy, in.Audience = id.New("ovr", tx.Now), a.Person, r.Audience
	if _, err := tx.Exec(`INSERT INTO contact_override (id, rotation_id, audience_id, tlp, place, layer, contact_id, starts_at, ends_at, reason, made_by)
		SELECT $1, $2, $3, $4, COALESCE(MAX(v.place), 0) + 1, $5, $6, $7, $8, $9, $10 FROM contact_override v WHERE v.rotation_id = $2`,
		in.ID, r.ID, r.Audience, int(r.TLP), in.Layer, in.Contact, db.Micros(in.From), db.Micros(in.To), in.Reason, in.MadeBy); err != nil {
		return Override{}, err
	}
	recordOverride(tx, a, EventHandedOver, r, in)
	return in, nil
}

// TakeBack removes an override: the rotation holds again.
func TakeBack(tx *db.Tx, a audience.Actor, rotationID, overrideID string) error {
	r, err := heldRotation(tx, a, rotationID)
	if err != nil {
		return err
	}
	o, ok, err := db.One(tx, scanOverride, `SELECT `+overrideColumns+` FROM contact_override v WHERE v.id = $1 AND v.rotation_id = $2`, overrideID, r.ID)
	if err != nil {
		return err
	}
	if !ok {
		return errs.Missing("override")
	}
	if err := tx.Guarded(errs.Missing("override"), `DELETE FROM contact_override WHERE id = $1`, o.ID); err != nil {
		return err
	}
	recordOverride(tx, a, EventTakenBack, r, o)
	return nil
}

// Overrides lists a rotation's overrides in the order they were made.
func Overrides(tx *db.Tx, a audience.Actor, rotationID string) ([]Override, error) {
	r, err := GetRotation(tx, a, rotationID)
	if err != nil {
		return nil, err
	}
	return overridesOf(tx, r.ID)
}

// Calendar is a range of a rotation: who is on call when, and where it has
// gaps and hand-overs.
type Calendar struct {
	Stretches []oncall.Stretch  `json:"stretches"`
	Gaps      []oncall.Stretch  `json:"gaps"`
	HandOvers []oncall.HandOver `json:"hand_overs"`
}

// Ahead is the calendar of a rotation over a range of at most
// oncall.MaxRange.
func Ahead(tx *db.Tx, a audience.Actor, rotationID string, from, to time.Time) (Calendar, error) {
	r, err := GetRotation(tx, a, rotationID)
	if err != nil {
		return Calendar{}, err
	}
	roster, err := rosterOf(tx, r)
	if err != nil {
		return Calendar{}, err
	}
	if roster == nil {
		return Calendar{}, errs.New(errs.Conflict, "The overrides of this rotation do not fit its layers. Take back those of a layer that is gone, or correct the rotation.")
	}
	var c Calendar
	if c.Stretches, err = roster.Stretches(from, to); err != nil {
		return Calendar{}, errs.Bad("to", "Please correct the range: %s.", err)
	}
	c.Gaps, _ = roster.Gaps(from, to)
	c.HandOvers, _ = roster.HandOvers(from, to)
	return c, nil
}

// rosterOf is a rotation to be asked; nil where its overrides do not fit its
// layers, so that nobody else's call depends on it.
func rosterOf(tx *db.Tx, r Rotation) (*oncall.Roster, error) {
	list, err := overridesOf(tx, r.ID)
	if err != nil {
		return nil, err
	}
	return r.roster(list), nil
}

func (r Rotation) roster(list []Override) *oncall.Roster {
	out, err := oncall.Compile(oncall.Schedule{Layers: r.Layers, Overrides: spans(list)})
	if err != nil {
		return nil
	}
	return out
}

func recordOverride(tx *db.Tx, a audience.Actor, kind string, r Rotation, o Override) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: r.Audience, Level: tlp.AmberStrict, Scope: r.Org, Object: ledger.Object{Kind: "rotation", ID: r.ID}, Data: o, Binds: []ledger.Bound{overrideTable.Of(o.ID)}})
}
