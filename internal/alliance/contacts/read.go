package contacts

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// see loads a contact that the actor may see.
func see(tx *db.Tx, a audience.Actor, contactID string) (Contact, error) {
	if err := charter.SignedIn(a); err != nil {
		return Contact{}, err
	}
	var args db.Args
	shown, err := shown(tx, a, "c", &args)
	if err != nil {
		return Contact{}, err
	}
	c, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM contact c WHERE c.id = `+args.Add(contactID)+` AND `+shown, args...)
	if err == nil && !ok {
		err = errs.Missing("contact")
	}
	if err == nil {
		c.Shared, err = sharedWith(tx, a, c.Org, c.Audience)
	}
	return c, err
}

// Look reads a contact with its addresses. Who looked is an event that the
// organization and the coordinators see, so it needs a transaction that writes.
func Look(tx *db.Tx, a audience.Actor, contactID string) (Contact, error) {
	c, err := see(tx, a, contactID)
	if err == nil {
		looked(tx, a, c, "")
	}
	return c, err
}

func looked(tx *db.Tx, a audience.Actor, c Contact, about string) {
	ledger.Append(tx, ledger.Event{Kind: EventLooked, Actor: a, Audience: c.Audience, Level: tlp.AmberStrict, Scope: c.Org, Object: ledger.Object{Kind: "contact", ID: c.ID},
		Data: map[string]string{"org": c.Org, "about": about}})
}

// visible are the contacts of an organization that the actor may see.
func visible(tx *db.Tx, a audience.Actor, orgID string) ([]Contact, error) {
	if _, err := orgs.Get(tx, a, orgID); err != nil {
		return nil, err
	}
	var args db.Args
	shown, err := shown(tx, a, "c", &args)
	if err != nil {
		return nil, err
	}
	return db.All(tx, scan, `SELECT `+columns+` FROM contact c WHERE c.org_id = `+args.Add(orgID)+` AND `+shown+` ORDER BY c.kind, c.duty, c.name, c.id`+db.Limit(maxContacts), args...)
}

// List shows an organization's contacts without their addresses, by kind and
// duty, as far as the actor may see them.
func List(tx *db.Tx, a audience.Actor, orgID string) ([]Entry, error) {
	list, err := visible(tx, a, orgID)
	return entries(list, tx.Now), err
}

func entries(list []Contact, now time.Time) []Entry {
	out := make([]Entry, len(list))
	for i, c := range list {
		out[i] = c.entry(now)
	}
	return out
}

// Glimpse reads a contact without its addresses, and its version: nothing is
// recorded.
func Glimpse(tx *db.Tx, a audience.Actor, contactID string) (Entry, int64, error) {
	c, err := see(tx, a, contactID)
	return c.entry(tx.Now), c.Version, err
}
