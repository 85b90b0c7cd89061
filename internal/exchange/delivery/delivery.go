// Package delivery brings what happened to the people it concerns: notices in
// their inbox, mails at once or in a daily digest, the live stream to their
// browser, and mails to whoever subscribed to public advisories.
//
// It learns of everything from the ledger. Whom an event reaches is asked of
// the audience rule when the event is handled, and again when an inbox is
// read. No mail holds a detail of a case: the number, what is owed, a link.
package delivery

import (
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
)

// Courier holds what notices and mails are made with.
type Courier struct {
	Box    *outbox.Box
	Sealer *seal.Sealer
}
