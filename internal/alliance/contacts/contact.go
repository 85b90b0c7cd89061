// Package contacts keeps whom to reach in an organization: its contacts, the
// rotations that say who of them is on call, and the ladders that say whom to
// call in turn. "Who do I call at X about Y, now?" is WhoNow.
//
// A contact is seen by its organization and the coordinators, and by the
// people of the programs it is shared with. Lists name contacts without their
// addresses; whoever reads an address leaves an event.
package contacts

import (
	"strings"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/oncall"
	"tocsin/spec/tlp"
)

// Kind is what a contact is for.
type Kind string

// The kinds.
const (
	Response       Kind = "response team"
	Desk           Kind = "duty desk"
	Executive      Kind = "executive"
	Legal          Kind = "legal"
	Communications Kind = "communications"
	Support        Kind = "support"
	Security       Kind = "security contact"
)

// Kinds lists the kinds.
var Kinds = []Kind{Response, Desk, Executive, Legal, Communications, Support, Security}

// Contact is one way into an organization: a person, a team or a desk. At
// least one of Mail, Phone and Chat is set.
type Contact struct {
	ID        string        `json:"id"`
	Org       string        `json:"org"`
	Kind      Kind          `json:"kind"`
	Name      string        `json:"name"`
	Person    string        `json:"person,omitempty"` // their account, where they have one in the organization
	Mail      string        `json:"mail,omitempty"`
	Phone     string        `json:"phone,omitempty"`   // E.164, such as +431234567
	Chat      string        `json:"chat,omitempty"`    // address in a chat network, as people write it
	PGPKey    string        `json:"pgp_key,omitempty"` // armored public key
	PGPExpiry time.Time     `json:"pgp_expires,omitzero"`
	TimeZone  string        `json:"time_zone"`           // IANA name
	Hours     *oncall.Hours `json:"hours,omitempty"`     // when they answer; nil: always
	Quiet     *oncall.Hours `json:"quiet,omitempty"`     // when only an emergency may disturb
	Languages []string      `json:"languages,omitempty"` // BCP 47, preferred first
	Topics    []string      `json:"topics,omitempty"`    // products and matters to call about
	Duty      int           `json:"duty"`                // order within a kind; 0 first
	Shared    []string      `json:"shared,omitempty"`    // programs whose people may see it
	Confirmed time.Time     `json:"confirmed,omitzero"`  // when somebody last said that it is right
	By        string        `json:"confirmed_by,omitempty"`
	Doubted   time.Time     `json:"doubted,omitzero"` // when somebody said that it is no longer right
	CreatedAt time.Time     `json:"created_at"`
	Version   int64         `json:"version"`
	TLP       tlp.Level     `json:"tlp"`
	Audience  string        `json:"-"`
}

// Ways are the channels that reach the contact: those that wake somebody first.
func (c Contact) Ways() []oncall.Channel {
	var out []oncall.Channel
	for _, w := range []struct {
		channel oncall.Channel
		address string
	}{{oncall.Phone, c.Phone}, {oncall.Chat, c.Chat}, {oncall.Mail, c.Mail}} {
		if w.address != "" {
			out = append(out, w.channel)
		}
	}
	return out
}

// Entry is a contact in a list: without its addresses.
type Entry struct {
	ID        string           `json:"id"`
	Org       string           `json:"org"`
	Kind      Kind             `json:"kind"`
	Name      string           `json:"name"`
	Ways      []oncall.Channel `json:"ways"`
	TimeZone  string           `json:"time_zone"`
	Open      bool             `json:"open"` // within its hours now
	Languages []string         `json:"languages,omitempty"`
	Topics    []string         `json:"topics,omitempty"`
	Encrypts  bool             `json:"encrypts"` // has an OpenPGP key that has not expired
	Confirmed time.Time        `json:"confirmed,omitzero"`
	Doubted   time.Time        `json:"doubted,omitzero"`
	KeyEnds   time.Time        `json:"pgp_expires,omitzero"`
	TLP       tlp.Level        `json:"tlp"`
}

func (c Contact) entry(now time.Time) Entry {
	return Entry{ID: c.ID, Org: c.Org, Kind: c.Kind, Name: c.Name, Ways: c.Ways(), TimeZone: c.TimeZone, Open: c.open(now), Languages: c.Languages, Topics: c.Topics,
		Encrypts: c.PGPKey != "" && (c.PGPExpiry.IsZero() || c.PGPExpiry.After(now)), Confirmed: c.Confirmed, Doubted: c.Doubted, KeyEnds: c.PGPExpiry, TLP: c.TLP}
}

// open reports whether an instant is within the contact's hours.
func (c Contact) open(t time.Time) bool {
	if c.Hours == nil {
		return true
	}
	loc, err := oncall.Zone(c.TimeZone)
	if err != nil {
		return false
	}
	_, _, ok := c.Hours.At(t, loc)
	return ok
}

// The kinds of events.
const (
	EventAdded     = "contact.added"
	EventEdited    = "contact.edited"
	EventRemoved   = "contact.removed"
	EventConfirmed = "contact.confirmed"
	EventLooked    = "contact.looked"
	EventAsked     = "contact.asked"   // mailed whether it is still right
	EventDue       = "contact.due"     // to be asked, and there is no address to ask at
	EventDoubted   = "contact.doubted" // said to be no longer right

	EventRotationAdded   = "rotation.added"
	EventRotationEdited  = "rotation.edited"
	EventRotationRemoved = "rotation.removed"
	EventHandedOver      = "rotation.overridden"
	EventTakenBack       = "rotation.restored"

	EventLadderAdded   = "ladder.added"
	EventLadderEdited  = "ladder.edited"
	EventLadderRemoved = "ladder.removed"
)

var (
	table         = ledger.Table{Kind: "contact", Name: "contact", Cols: "id, org_id, audience_id, tlp, kind, name, person_id, mail, phone, chat, pgp_key, pgp_expires_at, time_zone, hours, quiet, languages, topics, duty, confirmed_at, confirmed_by, doubted_at, created_at, version"}
	rotationTable = ledger.Table{Kind: "contact_rotation", Name: "contact_rotation", Cols: "id, org_id, audience_id, tlp, name, about, layers, created_at, version"}
	overrideTable = ledger.Table{Kind: "contact_override", Name: "contact_override", Cols: "id, rotation_id, audience_id, tlp, place, layer, contact_id, starts_at, ends_at, reason, made_by"}
	ladderTable   = ledger.Table{Kind: "contact_ladder", Name: "contact_ladder", Cols: "id, org_id, audience_id, tlp, name, about, ladder, created_at, version"}
)

// Tables names the rows that this package's events vouch for.
func Tables() []ledger.Table {
	return []ledger.Table{table, rotationTable, overrideTable, ladderTable, callTable, pageTable}
}

const columns = `c.id, c.org_id, c.audience_id, c.tlp, c.kind, c.name, c.person_id, c.mail, c.phone, c.chat, c.pgp_key, c.pgp_expires_at, c.time_zone, c.hours, c.quiet, c.languages, c.topics, c.duty, c.confirmed_at, c.confirmed_by, c.doubted_at, c.created_at, c.version`

func scan(c *Contact) []any {
	return []any{&c.ID, &c.Org, &c.Audience, &c.TLP, &c.Kind, &c.Name, &c.Person, &c.Mail, &c.Phone, &c.Chat, &c.PGPKey, db.At(&c.PGPExpiry), &c.TimeZone,
		db.JSON(&c.Hours), db.JSON(&c.Quiet), db.JSON(&c.Languages), db.JSON(&c.Topics), &c.Duty, db.At(&c.Confirmed), &c.By, db.At(&c.Doubted), db.At(&c.CreatedAt), &c.Version}
}

// words is what a contact is found by.
func (c Contact) words() string {
	return orgs.Fold(strings.Join(append(append([]string{c.Name, string(c.Kind)}, c.Topics...), c.Languages...), " "))
}
