package contacts

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
)

// How often a contact is asked whether it is still right.
const (
	Quarter = 90 * 24 * time.Hour
	// Overdue is the age from which an unconfirmed contact is out of date.
	Overdue = 100 * 24 * time.Hour

	firstAsk = 24 * time.Hour     // after it was kept, so that a slip can be corrected
	askAgain = 7 * 24 * time.Hour // when nobody answered
	maxAsks  = 2                  // a quarter
	linkLife = 30 * 24 * time.Hour
)

// askAt sets when a contact is asked next, from the beginning; the zero time:
// not before it is changed or confirmed.
func askAt(tx *db.Tx, contactID string, at time.Time) error {
	_, err := tx.Exec(`INSERT INTO contact_clock (contact_id, ask_at, asked) VALUES ($1, $2, 0) ON CONFLICT (contact_id) DO UPDATE SET ask_at = excluded.ask_at, asked = 0`, contactID, db.Micros(at))
	return err
}

// forget takes away what is kept beside a contact, and what waits to be sent
// to it.
func forget(tx *db.Tx, c Contact) error {
	for _, q := range []string{`DELETE FROM contact_clock WHERE contact_id = $1`, `DELETE FROM contact_link WHERE subject_id = $1`} {
		if _, err := tx.Exec(q, c.ID); err != nil {
			return err
		}
	}
	_, err := outbox.Cancel(tx, c.ID)
	return err
}

// askDue mails the contacts whose time has come. One without a mail address is
// brought to its organization's notice instead.
func (s Switchboard) askDue(tx *db.Tx) error {
	list, err := db.All(tx, func(d *dueAsk) []any { return append(scan(&d.Contact), &d.asked) },
		`SELECT `+columns+`, k.asked FROM contact_clock k JOIN contact c ON c.id = k.contact_id WHERE k.ask_at <= $1 ORDER BY k.ask_at, c.id`+db.Limit(batch), db.Micros(tx.Now))
	if err != nil {
		return err
	}
	for _, d := range list {
		if err := tx.Spare("contact "+d.ID, func() error { return s.askNow(tx, d) }); err != nil {
			return err
		}
	}
	return nil
}

type dueAsk struct {
	Contact
	asked int // times since it was confirmed or changed last
}

// askNow asks a contact, unless another replica has or it was changed since.
func (s Switchboard) askNow(tx *db.Tx, d dueAsk) error {
	next, asked := tx.Now.Add(askAgain), d.asked+1
	if asked >= maxAsks {
		next, asked = tx.Now.Add(Quarter-askAgain), 0
	}
	if n, err := tx.Exec(`UPDATE contact_clock SET ask_at = $1, asked = $2 WHERE contact_id = $3 AND ask_at <= $4`, db.Micros(next), asked, d.ID, db.Micros(tx.Now)); err != nil || n == 0 {
		return err
	}
	if d.Mail == "" {
		record(tx, audience.Actor{}, EventDue, d.Contact)
		return nil
	}
	return s.ask(tx, d.Contact)
}

// ask mails a contact the question whether it is still right.
func (s Switchboard) ask(tx *db.Tx, c Contact) error {
	site, err := charter.Load(tx)
	if err != nil {
		return err
	}
	secret, err := issue(tx, linkConfirm, c.ID, c.Version, tx.Now.Add(linkLife))
	if err != nil {
		return err
	}
	record(tx, audience.Actor{}, EventAsked, c)
	return s.Box.Put(tx, outbox.Item{Key: "contact-ask:" + c.ID + ":" + tx.Now.Format(time.RFC3339Nano), Kind: "mail", Person: c.ID, Address: c.Mail},
		askMail(site.Name, c.Name, site.URL+ConfirmPath(secret)), time.Time{})
}

// settle answers the question of a confirm link.
func settle(tx *db.Tx, l link, right bool) error {
	c, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM contact c WHERE c.id = $1`, l.subject)
	if err != nil {
		return err
	}
	if !ok || c.Version != l.version {
		return errs.New(errs.Gone, "This contact was changed or confirmed since the mail was sent. There is nothing left to answer.")
	}
	if right {
		_, err = confirm(tx, audience.Actor{}, c, c.Version)
		return err
	}
	if err := tx.Guarded(stale("contact", c, c), `UPDATE contact SET confirmed_at = NULL, confirmed_by = '', doubted_at = $1, version = version + 1 WHERE id = $2 AND version = $3`, db.Micros(tx.Now), c.ID, c.Version); err != nil {
		return err
	}
	c.Version++
	record(tx, audience.Actor{}, EventDoubted, c, table.Of(c.ID))
	return askAt(tx, c.ID, time.Time{})
}
