package delivery

import (
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/tlp"
)

// EventBounced says that a mail came back.
const EventBounced = "mail.bounced"

// ReturnPath is the address that a mail of this item comes back to: base with
// the item's id and a mark that nobody else can make ("b+out_….0f…@host"); ""
// when base is no address.
func ReturnPath(s *seal.Sealer, base, itemID string) string {
	at := strings.LastIndexByte(base, '@')
	if at <= 0 {
		return ""
	}
	return base[:at] + "+" + itemID + "." + mark(s, itemID) + base[at:]
}

func mark(s *seal.Sealer, itemID string) string {
	return hex.EncodeToString(s.Mac("return-path", []byte(itemID))[:6])
}

// ItemOf is the item that a ReturnPath names; false for every other address.
// Upper and lower case are one, since mail servers change it.
func ItemOf(s *seal.Sealer, address string) (itemID string, ok bool) {
	local, _, _ := strings.Cut(strings.ToLower(strings.Trim(address, "<> ")), "@")
	_, detail, _ := strings.Cut(local, "+")
	itemID, proof, _ := strings.Cut(detail, ".")
	if itemID == "" || subtle.ConstantTimeCompare([]byte(proof), []byte(mark(s, itemID))) != 1 {
		return "", false
	}
	return itemID, true
}

// Returned is a mail that came back, as a delivery status notification tells
// it. It is believed only if it names the mail: by the item that its return
// path proved, or by the Message-ID together with the recipient.
type Returned struct {
	Item      string // from ItemOf, or ""
	MessageID string // of the mail that came back, with or without brackets
	Recipient string
	Status    string // RFC 3463: "5.1.1"
	Text      string // the other server's words
}

// Permanent reports whether the address will not take mail later either.
func (r Returned) Permanent() bool { return strings.HasPrefix(r.Status, "5") }

// Bounced is a mail that did not reach its person.
type Bounced struct {
	Person    string    `json:"person_id"` // or the id of a subscription
	Address   string    `json:"address"`
	Status    string    `json:"status"` // RFC 3463; "" when the mail server refused at once
	Permanent bool      `json:"permanent"`
	Text      string    `json:"text"`
	At        time.Time `json:"at"`
}

// Bounce notes that a mail came back; a second report of the same mail
// changes nothing, but for a permanent failure after a passing one. A
// subscription whose address is gone ends. NotFound when no mail of ours is
// meant.
func Bounce(tx *db.Tx, in Returned) error {
	item, err := returnedItem(tx, in)
	if err != nil {
		return err
	}
	status := in.Status
	if !validStatus(status) {
		status = ""
	}
	text := clipped(oneLine(in.Text), 300)
	n, err := tx.Exec(`INSERT INTO bounce (id, item_id, person_id, address, status, permanent, text, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (item_id) DO UPDATE SET status = excluded.status, permanent = excluded.permanent, text = excluded.text, at = excluded.at WHERE bounce.permanent < excluded.permanent`,
		id.New("bnc", tx.Now), item.id, item.person, item.address, status, db.Bit(in.Permanent()), text, db.Micros(tx.Now))
	if err != nil || n == 0 {
		return err
	}
	if isSubscriber(item.person) {
		if !in.Permanent() {
			return nil
		}
		return endSubscription(tx, item.person)
	}
	p, err := people.Load(tx, item.person)
	if errs.Is(err, errs.NotFound) {
		return nil // a mail to somebody without an account
	}
	if err != nil {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: EventBounced, Audience: p.Audience, Level: tlp.AmberStrict, Object: ledger.Object{Kind: "person", ID: p.ID}, Data: map[string]any{"status": status, "permanent": in.Permanent()}})
	return nil
}

// TakeBack notes what a delivery report says that came to an address of this
// server, and returns how many of our mails it was about. What it does not
// prove to be about one of them is passed over.
func (c *Courier) TakeBack(tx *db.Tx, address string, list []Returned) (int, error) {
	item, proven := ItemOf(c.Sealer, address)
	n := 0
	for _, r := range list {
		r.Item = ""
		if proven {
			r.Item = item // each mail has one recipient
		}
		switch err := Bounce(tx, r); {
		case errs.Is(err, errs.NotFound):
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, nil
}

type sent struct{ id, key, person, address string }

func (s *sent) columns() []any { return []any{&s.id, &s.key, &s.person, &s.address} }

const maxSearched = 500

func returnedItem(tx *db.Tx, in Returned) (sent, error) {
	missing := errs.Missing("mail")
	if in.Item != "" {
		s, ok, err := db.One(tx, (*sent).columns, `SELECT id, key, person_id, address FROM outbox WHERE id = $1 AND kind = 'mail'`, in.Item)
		if err == nil && !ok {
			err = missing
		}
		return s, err
	}
	address, err := people.ParseEmail(in.Recipient)
	if err != nil || in.MessageID == "" {
		return sent{}, missing
	}
	ch, err := charter.Load(tx)
	if err != nil {
		return sent{}, err
	}
	// The person's mails, by their index; other addresses by the newest mails.
	list, err := db.All(tx, (*sent).columns, `SELECT o.id, o.key, o.person_id, o.address FROM outbox o WHERE o.kind = 'mail' AND o.address = $1 ORDER BY o.id DESC LIMIT $2`, address, maxSearched)
	if err != nil {
		return sent{}, err
	}
	want := strings.Trim(in.MessageID, "<> ")
	for _, s := range list {
		if messageID(ch, s.key) == want {
			return s, nil
		}
	}
	return sent{}, missing
}

// validStatus checks the form of RFC 3463, 2: class.subject.detail.
func validStatus(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 3 || (parts[0] != "2" && parts[0] != "4" && parts[0] != "5") {
		return false
	}
	for _, p := range parts {
		if len(p) < 1 || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return true
}

// Bounces lists the mails that did not reach a person, newest first: those
// that came back and those that the mail server refused at once. The person
// themselves may see them, and operators and coordinators.
func Bounces(tx *db.Tx, a audience.Actor, personID string) ([]Bounced, error) {
	p, err := people.Get(tx, a, personID)
	if err != nil {
		return nil, err
	}
	if p.ID != a.Person && !seesMail(a) {
		return nil, errs.Missing("person")
	}
	return bounced(tx, `AND x.person_id = $1 `, p.ID)
}

// AllBounces is Bounces for everybody's mails, for the administration page;
// operators and coordinators may see it.
func AllBounces(tx *db.Tx, a audience.Actor) ([]Bounced, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	if !seesMail(a) {
		return nil, errs.New(errs.Denied, "Only operators and coordinators see which mails came back.")
	}
	return bounced(tx, ``)
}

func seesMail(a audience.Actor) bool {
	return a.Holds(audience.Office, charter.Operator) || a.Holds(audience.Office, charter.Coordinator)
}

func bounced(tx *db.Tx, where string, args ...any) ([]Bounced, error) {
	return db.All(tx, func(b *Bounced) []any {
		return []any{&b.Person, &b.Address, &b.Status, &b.Permanent, &b.Text, db.At(&b.At)}
	}, `SELECT x.person_id, x.address, x.status, x.permanent = 1, x.text, x.at FROM bounce x WHERE 1 = 1 `+where+`
		UNION ALL SELECT x.person_id, x.address, '', 1 = 1, x.last_error, x.done_at FROM outbox x WHERE x.kind = 'mail' AND x.state = 'dead' `+where+`
		ORDER BY 6 DESC LIMIT 200`, args...)
}
