package outbox

import (
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Get reads one item with its content opened. Callers check who asks.
func (b *Box) Get(tx *db.Tx, itemID string) (Item, error) {
	r, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM outbox WHERE id = $1`, itemID)
	if err != nil || !ok {
		if err == nil {
			err = errs.Missing("item of the outbox")
		}
		return Item{}, err
	}
	it, err := b.open(r)
	if err != nil {
		it.LastError = "The content cannot be opened with this server's keys."
	}
	return it, nil
}
