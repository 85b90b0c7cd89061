package people

import (
	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/tlp"
)

// The kinds of events about what waits to be sent.
const (
	EventMailOpened  = "mail.opened"
	EventMailResent  = "mail.resent"
	EventMailSettled = "mail.settled"
)

// OpenMail reads an item of the outbox with its content; operators may. A
// mail can hold somebody's sign-in link, so that it was read is an event,
// which the person whom it is for can see.
func OpenMail(tx *db.Tx, box *outbox.Box, a audience.Actor, itemID string) (outbox.Item, error) {
	it, err := mailFor(tx, box, a, itemID)
	if err != nil {
		return it, err
	}
	return it, noteMail(tx, a, EventMailOpened, it)
}

// ResendMail sends a dead or uncertain item once more; operators may.
func ResendMail(tx *db.Tx, box *outbox.Box, a audience.Actor, itemID string) error {
	it, err := mailFor(tx, box, a, itemID)
	if err != nil {
		return err
	}
	if err := outbox.Again(tx, it.ID); err != nil {
		return err
	}
	return noteMail(tx, a, EventMailResent, it)
}

// SettleMail declares a dead or uncertain item dealt with; operators may.
func SettleMail(tx *db.Tx, box *outbox.Box, a audience.Actor, itemID string) error {
	it, err := mailFor(tx, box, a, itemID)
	if err != nil {
		return err
	}
	if err := outbox.Settle(tx, it.ID); err != nil {
		return err
	}
	return noteMail(tx, a, EventMailSettled, it)
}

func mailFor(tx *db.Tx, box *outbox.Box, a audience.Actor, itemID string) (outbox.Item, error) {
	if err := charter.SignedIn(a); err != nil {
		return outbox.Item{}, err
	}
	if !charter.IsOperator(a) {
		return outbox.Item{}, errs.New(errs.Denied, "Only an operator may look into the outbox.")
	}
	return box.Get(tx, itemID)
}

func noteMail(tx *db.Tx, a audience.Actor, kind string, it outbox.Item) error {
	about := ""
	if it.Person != "" {
		p, err := Load(tx, it.Person)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		about = p.Audience
	}
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: about, Level: tlp.AmberStrict, Object: ledger.Object{Kind: "mail", ID: it.ID}, Data: map[string]string{"kind": it.Kind, "state": string(it.State)}})
	return nil
}
