// Package constituency keeps what organizations answer for: they claim it,
// prove it by a record in the domain or a link sent to the registry's
// contact, or have coordinators confirm it. Where two claim the same, the
// overlap is shown and settled. "Who answers for this?" is WhoAnswersFor.
//
// A claim is seen by its organization and the coordinators. While it is
// proven, members of the programs the organization is in see it too, as far
// as a program's directory shows members to one another, and unless the
// organization is suspended there.
package constituency

import (
	"context"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	spec "tocsin/spec/constituency"
	"tocsin/spec/tlp"
)

// Claim is that an organization answers for something.
type Claim struct {
	ID        string     `json:"id"`
	Org       string     `json:"org"`
	OrgName   string     `json:"org_name"`
	OrgClass  string     `json:"org_class"`
	Kind      spec.Kind  `json:"kind"`
	Value     string     `json:"value"` // in its one written form
	Note      string     `json:"note,omitempty"`
	State     spec.State `json:"state"`            // as it is now: a proof that is too old has expired
	Reason    string     `json:"reason,omitempty"` // of the last decision about it
	CreatedAt time.Time  `json:"created_at"`
	Version   int64      `json:"version"`
	TLP       tlp.Level  `json:"tlp"`

	// How it was proven, and until when that holds.
	Method   Method    `json:"method,omitempty"`
	Evidence string    `json:"evidence,omitempty"`
	ProvenAt time.Time `json:"proven_at,omitzero"`
	Until    time.Time `json:"until,omitzero"`

	// What follows is for the organization and the coordinators alone.
	Inside *Inside `json:"inside,omitempty"`

	Audience string `json:"-"`
	inside   Inside
	until    time.Time // of the challenge
	by       string    // who claimed it
	prover   string    // who confirmed it
	token    string    // of the challenge: the record's text, or the link's digest
}

// Inside is what only the organization and the coordinators see of a claim.
type Inside struct {
	Registry       string     `json:"registry,omitempty"`        // the registry's contact, as a coordinator noted it
	RegistrySource string     `json:"registry_source,omitempty"` // where it was read
	Challenge      *Challenge `json:"challenge,omitempty"`       // what is out and not yet answered
	CheckedAt      time.Time  `json:"checked_at,omitzero"`
	CheckNote      string     `json:"check_note,omitempty"` // what the last check found
}

// Challenge is what has to be answered to prove a claim.
type Challenge struct {
	Method Method    `json:"method"`         // DNS or Mail
	Record string    `json:"record"`         // of DNS: the name of the TXT record
	Text   string    `json:"text,omitempty"` // of DNS: what it has to say
	To     string    `json:"to,omitempty"`   // of Mail: where the link went
	Until  time.Time `json:"until"`
}

// Method is how a claim is proven.
type Method string

// The methods.
const (
	DNS  Method = "dns"  // a TXT record in the domain
	Mail Method = "mail" // a link sent to the keepers of the domain, or to the registry's contact
	Note Method = "note" // a coordinator's word, with a note
)

// Life is how long things last.
const (
	challengeLife = 30 * 24 * time.Hour // of a record to be set
	linkLife      = 7 * 24 * time.Hour
	remindBefore  = 30 * 24 * time.Hour
)

// The bounds.
const (
	maxClaims   = 5000 // of one organization that stand
	maxOverlaps = 500  // of one new claim
	maxReason   = 2000 // characters
	mailsClaim  = 3    // a day, about one claim
	mailsOrg    = 20   // a day, about one organization's claims
	checkPause  = 10 * time.Second
)

// Registrar takes claims and proves them.
type Registrar struct {
	Box   *outbox.Box
	URL   string // of this server, without a slash at the end
	Names Resolver
	// Demo also takes what is set aside for documentation, which nobody holds.
	Demo bool
}

// Resolver looks names up; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// The kinds of events.
const (
	EventDeclared   = "claim.declared"
	EventChallenged = "claim.challenged"
	EventNoted      = "claim.noted" // the registry's contact
	EventDenied     = "claim.denied"
	EventLapsed     = "claim.lapsed"
	EventProven     = "claim.proven"
	EventDisputed   = "claim.disputed"
	EventUpheld     = "claim.upheld"
	EventRefused    = "claim.refused"
	EventWithdrawn  = "claim.withdrawn"
	EventExpiring   = "claim.expiring"
	EventExpired    = "claim.expired"

	EventFound     = "overlap.found"
	EventContested = "overlap.disputed"
	EventSettled   = "overlap.settled"
)

var (
	claimTable = ledger.Table{Kind: "constituency_claim", Name: "constituency_claim", Cols: "id, org_id, audience_id, tlp, kind, value, note, state, reason, registry, registry_source, method, evidence, proven_by, proven_at, until_at, claimed_by, created_at, version"}
	lapTable   = ledger.Table{Kind: "constituency_overlap", Name: "constituency_overlap", Cols: "id, audience_id, tlp, first_id, second_id, kind, relation, state, decision, owner_id, reason, made_at, decided_by, decided_at, version"}
)

// Tables names the rows that this package's events vouch for.
func Tables() []ledger.Table { return []ledger.Table{claimTable, lapTable} }

const columns = `c.id, c.org_id, o.name, o.class, c.audience_id, c.tlp, c.kind, c.value, c.note, c.state, c.reason, c.registry, c.registry_source, c.challenge_method, c.challenge_token, c.challenge_to, c.challenge_until, c.checked_at, c.check_note, c.method, c.evidence, c.proven_by, c.proven_at, c.until_at, c.claimed_by, c.created_at, c.version`

const from = ` FROM constituency_claim c JOIN org o ON o.id = c.org_id`

func scan(c *Claim) []any {
	c.inside.Challenge = &Challenge{}
	return []any{&c.ID, &c.Org, &c.OrgName, &c.OrgClass, &c.Audience, &c.TLP, &c.Kind, &c.Value, &c.Note, &c.State, &c.Reason, &c.inside.Registry, &c.inside.RegistrySource,
		&c.inside.Challenge.Method, &c.token, &c.inside.Challenge.To, db.At(&c.until), db.At(&c.inside.CheckedAt), &c.inside.CheckNote,
		&c.Method, &c.Evidence, &c.prover, db.At(&c.ProvenAt), db.At(&c.Until), &c.by, db.At(&c.CreatedAt), &c.Version}
}

// Spec is the claimed thing.
func (c Claim) Spec() spec.Value { return spec.Value{Kind: c.Kind, Text: c.Value} }

// now is the claim as it stands at an instant: what time has ended has ended,
// whether or not the clock's work has written it down.
func (c Claim) now(t time.Time) Claim {
	if c.State.Answers() && !c.Until.After(t) {
		c.State = spec.Expired
	}
	if !c.until.After(t) {
		c.inside.Challenge = nil
		if c.State == spec.Proving {
			c.State = spec.Claimed
		}
	} else if ch := c.inside.Challenge; ch != nil {
		ch.Until = c.until
		if ch.Method == DNS {
			ch.Record, ch.Text = spec.ChallengeName(c.Value), spec.ChallengeText(c.token)
		}
	}
	return c
}

// load reads claims by a condition, as they stand now, asking nobody.
func load(tx *db.Tx, where string, args ...any) ([]Claim, error) {
	list, err := db.All(tx, scan, `SELECT `+columns+from+` WHERE `+where, args...)
	for i := range list {
		list[i] = list[i].now(tx.Now)
	}
	return list, err
}

// show opens the inside of the claims that the actor may see it of.
func show(a audience.Actor, list ...Claim) []Claim {
	for i := range list {
		if list[i].Inside = nil; isInside(a, list[i].Org) {
			in := list[i].inside
			list[i].Inside = &in
		} else {
			list[i].Evidence, list[i].Note, list[i].Reason, list[i].TLP = "", "", "", tlp.Green
		}
	}
	return list
}
