package delivery

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/limit"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/tlp"
)

const (
	subscriberPrefix = "sub"
	confirmPurpose   = "subscribe"
	confirmWithin    = 7 * 24 * time.Hour
	askAgainAfter    = time.Hour // one confirmation mail to an address
)

func isSubscriber(id string) bool { return strings.HasPrefix(id, subscriberPrefix+"_") }

// AllowSubscription counts an attempt to subscribe from a source (a network
// address or what stands for it). Run it in a transaction of its own before
// Subscribe, so that a failure does not take the count back.
func AllowSubscription(tx *db.Tx, source string) error {
	return limit.Allow(tx, "subscribe\x00"+id.Digest(source), 10, time.Hour)
}

// ConfirmPath is where the link of a confirmation mail leads.
func ConfirmPath(token string) string { return "/subscribe/" + token }

// Subscribe mails a link to an address by which it confirms that it wants a
// mail at each public release. It answers alike whether the address is known
// or not, so that nobody learns who subscribed.
func (c *Courier) Subscribe(tx *db.Tx, address string) error {
	clean, err := people.ParseEmail(address)
	if err != nil {
		return err
	}
	ch, err := charter.Load(tx)
	if err != nil {
		return err
	}
	sid, fresh, err := db.One(tx, func(s *string) []any { return []any{s} },
		`INSERT INTO subscriber_mail (id, address, state, asked_at) VALUES ($1, $2, 'asked', $3)
		 ON CONFLICT (address) DO UPDATE SET asked_at = excluded.asked_at WHERE subscriber_mail.state = 'asked' AND subscriber_mail.asked_at <= $4 RETURNING id`,
		id.New(subscriberPrefix, tx.Now), clean, db.Micros(tx.Now), db.Micros(tx.Now.Add(-askAgainAfter)))
	if err != nil || !fresh {
		return err
	}
	token := c.Sealer.Sign(confirmPurpose, sid+"\x00"+strconv.FormatInt(tx.Now.Add(confirmWithin).UnixMicro(), 10))
	return c.Box.Put(tx, outbox.Item{Key: fmt.Sprintf("subscribe:%s:%d", sid, tx.Now.UnixMicro()), Kind: "mail", Person: sid, Address: clean}, outbox.Mail{
		Subject: "Confirm your subscription to " + oneLine(ch.Name),
		Text: wrap("Somebody, probably you, asked that this address be mailed when "+oneLine(ch.Name)+" releases an advisory. Open this link to confirm it:") +
			"\n\n" + ch.URL + ConfirmPath(token) + "\n\nThe link holds for 7 days. If it was not you, you need do nothing.\n",
	}, time.Time{})
}

// Confirm turns a subscription on; a second time changes nothing. NotFound
// for a token that this server did not make, Gone for one that is too old or
// whose subscription was ended.
func (c *Courier) Confirm(tx *db.Tx, token string) error {
	payload, ok := c.Sealer.Check(confirmPurpose, token)
	sid, until, found := strings.Cut(payload, "\x00")
	end, err := strconv.ParseInt(until, 10, 64)
	if !ok || !found || err != nil {
		return errs.Missing("link")
	}
	gone := errs.New(errs.Gone, "This link is no longer valid. Subscribe again to get a new one.")
	state, err := db.Value[string](tx, `SELECT state FROM subscriber_mail WHERE id = $1`, sid)
	if err != nil || state == "confirmed" {
		return err
	}
	if state == "" || tx.Now.UnixMicro() >= end {
		return gone
	}
	if err := tx.Guarded(gone, `UPDATE subscriber_mail SET state = 'confirmed', confirmed_at = $1 WHERE id = $2 AND state = 'asked'`, db.Micros(tx.Now), sid); err != nil {
		return err
	}
	return tellSubscription(tx, EventSubscribed, sid)
}

// endSubscription forgets the address, and takes back what waits for it.
func endSubscription(tx *db.Tx, sid string) error {
	n, err := tx.Exec(`DELETE FROM subscriber_mail WHERE id = $1`, sid)
	if err != nil || n == 0 {
		return err
	}
	if _, err := outbox.Cancel(tx, sid); err != nil {
		return err
	}
	return tellSubscription(tx, EventUnsubscribed, sid)
}

func tellSubscription(tx *db.Tx, kind, sid string) error {
	office, err := charter.Administration(tx)
	if err == nil {
		ledger.Append(tx, ledger.Event{Kind: kind, Audience: office, Level: tlp.AmberStrict, Object: ledger.Object{Kind: "subscription", ID: sid}})
	}
	return err
}

// Subscriptions counts the confirmed addresses, for the administration page.
func Subscriptions(tx *db.Tx) (int, error) {
	return db.Value[int](tx, `SELECT COUNT(*) FROM subscriber_mail WHERE state = 'confirmed'`)
}

// queueRelease notes that the subscribers are to be mailed, when what was
// released is for everybody. Tick puts the mails out in parts.
func queueRelease(tx *db.Tx, r ledger.Record, f facts) error {
	if r.Kind != EventReleased || !f.public || f.own == "" {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO mailing (seq, number, url, updated, after) VALUES ($1, $2, $3, $4, '') ON CONFLICT DO NOTHING`, r.Seq, f.own, f.page, db.Bit(f.updated))
	tx.Ring()
	return err
}

// sendRelease puts out the next part of the mails of the oldest release.
func (c *Courier) sendRelease(tx *db.Tx, ch charter.Charter) error {
	type mailing struct {
		seq                int64
		number, url, after string
		updated            bool
	}
	lock := ""
	if tx.Dialect == db.Postgres {
		lock = " FOR UPDATE"
	}
	m, ok, err := db.One(tx, func(m *mailing) []any { return []any{&m.seq, &m.number, &m.url, &m.updated, &m.after} }, `SELECT seq, number, url, updated = 1, after FROM mailing ORDER BY seq LIMIT 1`+lock)
	if err != nil || !ok {
		return err
	}
	type subscriber struct{ id, address string }
	list, err := db.All(tx, func(s *subscriber) []any { return []any{&s.id, &s.address} },
		`SELECT id, address FROM subscriber_mail WHERE state = 'confirmed' AND id > $1 ORDER BY id LIMIT $2`, m.after, batch)
	if err != nil {
		return err
	}
	news := facts{own: m.number, updated: m.updated}.words(rulesOf[EventReleased][0].Title)
	for _, s := range list {
		link := c.unsubscribeLink(ch, s.id, "")
		mail := outbox.Mail{Subject: news, Unsubscribe: link,
			Text: news + ".\n\n" + ch.URL + m.url + "\n\n-- \n" + oneLine(ch.Name) + "\nNo more of these mails: " + link + "\n"}
		if err := c.Box.Put(tx, outbox.Item{Key: fmt.Sprintf("released:%d:%s", m.seq, s.id), Kind: "mail", Person: s.id, Address: s.address}, mail, time.Time{}); err != nil {
			return err
		}
	}
	if len(list) < batch {
		_, err = tx.Exec(`DELETE FROM mailing WHERE seq = $1`, m.seq)
		return err
	}
	_, err = tx.Exec(`UPDATE mailing SET after = $1 WHERE seq = $2`, list[len(list)-1].id, m.seq)
	return err
}
