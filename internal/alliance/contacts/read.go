package contacts

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// Look reads a contact with its addresses. Who looked is an event that the
// organization and the coordinators see, so it needs a transaction that writes.
func Look(tx *db.Tx, a audience.Actor, contactID string) (Contact, error) {
	c, err := contactShelf.see(tx, a, contactID)
	if err == nil {
		looked(tx, a, c, "")
	}
	return c, err
}

func looked(tx *db.Tx, a audience.Actor, c Contact, about string) {
	ledger.Append(tx, ledger.Event{Kind: EventLooked, Actor: a, Audience: c.Audience, Level: tlp.AmberStrict, Scope: c.Org, Object: ledger.Object{Kind: "contact", ID: c.ID},
		Data: map[string]string{"org": c.Org, "about": about}})
}

// List shows an organization's contacts without their addresses, by kind and
// duty, as far as the actor may see them.
func List(tx *db.Tx, a audience.Actor, orgID string) ([]Entry, error) {
	list, err := contactShelf.visible(tx, a, orgID)
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
	c, err := contactShelf.see(tx, a, contactID)
	return c.entry(tx.Now), c.Version, err
}
