package contacts

import (
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

const maxContacts = 200 // of one organization

// checked is in, cleaned and with its programs and account proved.
func checked(tx *db.Tx, a audience.Actor, in Contact) (Contact, error) {
	in, err := in.cleaned(tx.Now)
	if err != nil {
		return in, err
	}
	if in.Person != "" {
		role, err := orgs.RoleOf(tx, in.Org, in.Person)
		if err != nil {
			return in, err
		}
		if role == "" {
			return in, errs.Bad("person", "Choose somebody who belongs to the organization.")
		}
	}
	in.Shared, err = sharable(tx, a, in.Org, in.Shared)
	in.TLP = marking(in.Shared)
	return in, err
}

// Add keeps a new contact of in.Org; its admins and responders, and
// coordinators, may. It counts as unconfirmed until Confirm.
func Add(tx *db.Tx, a audience.Actor, in Contact) (Contact, error) {
	if err := mayAdd(tx, a, in.Org); err != nil {
		return Contact{}, err
	}
	in, err := checked(tx, a, in)
	if err != nil {
		return Contact{}, err
	}
	if err := roomFor(tx, "contact", in.Org, maxContacts); err != nil {
		return Contact{}, err
	}
	if in.Audience, err = room(tx, in.Org, "contact", in.Shared); err != nil {
		return Contact{}, err
	}
	in.ID, in.CreatedAt, in.Version = id.New("con", tx.Now), tx.Now, 1
	in.Confirmed, in.By, in.Doubted = time.Time{}, "", time.Time{}
	if _, err := tx.Exec(`INSERT INTO contact (id, org_id, audience_id, tlp, kind, name, person_id, mail, phone, chat, pgp_key, pgp_expires_at, time_zone, hours, quiet, languages, topics, duty, created_at, version, words)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		in.ID, in.Org, in.Audience, int(in.TLP), string(in.Kind), in.Name, in.Person, in.Mail, in.Phone, in.Chat, in.PGPKey, db.Micros(in.PGPExpiry), in.TimeZone,
		db.JSON(in.Hours), db.JSON(in.Quiet), db.JSON(in.Languages), db.JSON(in.Topics), in.Duty, db.Micros(in.CreatedAt), in.Version, in.words()); err != nil {
		return Contact{}, err
	}
	record(tx, a, EventAdded, in, table.Of(in.ID))
	if err := planTest(tx, in.Org); err != nil {
		return Contact{}, err
	}
	return in, askAt(tx, in.ID, tx.Now.Add(firstAsk))
}

// Edit changes a contact; in.Version is the version seen, and Stale comes
// with both. Other ways to reach it, or another key, have to be confirmed
// anew.
func Edit(tx *db.Tx, a audience.Actor, in Contact) (Contact, error) {
	old, err := contactShelf.editable(tx, a, in.ID)
	if err != nil {
		return Contact{}, err
	}
	in.Org, in.Audience, in.CreatedAt = old.Org, old.Audience, old.CreatedAt
	if in, err = checked(tx, a, in); err != nil {
		return Contact{}, err
	}
	in.Confirmed, in.By, in.Doubted = old.Confirmed, old.By, old.Doubted
	moved := in.Mail != old.Mail || in.Phone != old.Phone || in.Chat != old.Chat || in.PGPKey != old.PGPKey
	if moved {
		in.Confirmed, in.By, in.Doubted = time.Time{}, "", time.Time{}
	}
	if err := tx.Guarded(stale("contact", old, in), `UPDATE contact SET tlp = $1, words = $2, kind = $3, name = $4, person_id = $5, mail = $6, phone = $7, chat = $8, pgp_key = $9, pgp_expires_at = $10,
		time_zone = $11, hours = $12, quiet = $13, languages = $14, topics = $15, duty = $16, confirmed_at = $17, confirmed_by = $18, doubted_at = $19, version = version + 1 WHERE id = $20 AND version = $21`,
		int(in.TLP), in.words(), string(in.Kind), in.Name, in.Person, in.Mail, in.Phone, in.Chat, in.PGPKey, db.Micros(in.PGPExpiry),
		in.TimeZone, db.JSON(in.Hours), db.JSON(in.Quiet), db.JSON(in.Languages), db.JSON(in.Topics), in.Duty, db.Micros(in.Confirmed), in.By, db.Micros(in.Doubted), in.ID, in.Version); err != nil {
		return Contact{}, err
	}
	in.Version++
	record(tx, a, EventEdited, in, table.Of(in.ID))
	if moved {
		if err := askAt(tx, in.ID, tx.Now.Add(firstAsk)); err != nil {
			return Contact{}, err
		}
	}
	return in, reshare(tx, in.Audience, in.Org, in.Shared)
}

// Confirm says, in one click, that a contact of the version seen is right.
func Confirm(tx *db.Tx, a audience.Actor, contactID string, version int64) (Contact, error) {
	c, err := contactShelf.editable(tx, a, contactID)
	if err != nil {
		return Contact{}, err
	}
	return confirm(tx, a, c, version)
}

func confirm(tx *db.Tx, a audience.Actor, c Contact, version int64) (Contact, error) {
	yours := c
	yours.Confirmed, yours.By, yours.Doubted = tx.Now, a.Person, time.Time{}
	if err := tx.Guarded(stale("contact", c, yours), `UPDATE contact SET confirmed_at = $1, confirmed_by = $2, doubted_at = NULL, version = version + 1 WHERE id = $3 AND version = $4`,
		db.Micros(tx.Now), a.Person, c.ID, version); err != nil {
		return Contact{}, err
	}
	yours.Version = version + 1
	record(tx, a, EventConfirmed, yours, table.Of(c.ID))
	return yours, askAt(tx, c.ID, tx.Now.Add(Quarter))
}

// Remove takes a contact away; Conflict while a rotation, an override that is
// still to come or a ladder names it.
func Remove(tx *db.Tx, a audience.Actor, contactID string, version int64) error {
	c, err := contactShelf.editable(tx, a, contactID)
	if err != nil {
		return err
	}
	if err := unused(tx, c); err != nil {
		return err
	}
	if err := tx.Guarded(stale("contact", c, nil), `DELETE FROM contact WHERE id = $1 AND version = $2`, contactID, version); err != nil {
		return err
	}
	record(tx, a, EventRemoved, c, table.Of(contactID))
	return forget(tx, c)
}

// roomFor refuses one row too many of an organization.
func roomFor(tx *db.Tx, name, orgID string, limit int) error {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM `+name+` WHERE org_id = $1`, orgID)
	if err == nil && n >= limit {
		err = errs.New(errs.TooLarge, "An organization keeps at most %d of these. Remove one that is no longer used.", limit)
	}
	return err
}

func record(tx *db.Tx, a audience.Actor, kind string, c Contact, binds ...ledger.Bound) {
	// The payload says whose contact it is and leaves the addresses out.
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: c.Audience, Level: tlp.AmberStrict, Scope: c.Org, Object: ledger.Object{Kind: "contact", ID: c.ID},
		Data: map[string]any{"org": c.Org, "kind": c.Kind, "name": c.Name, "shared": c.Shared, "version": c.Version}, Binds: binds})
}
