// Package ledger keeps what happened: one append-only event in the
// transaction of every change, hashed into a Merkle tree (RFC 6962, as
// golang.org/x/mod/sumdb/tlog computes it) whose signed checkpoints let a
// member prove that nothing was rewritten.
//
// The ledger is the timeline, the audit trail, the live stream and the source
// of every notification. A leaf carries no personal data in clear: the
// payload stays outside it and is bound by a salted hash.
package ledger

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

// Object names a record.
type Object struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// Event is what a verb says happened.
type Event struct {
	Kind     string         // noun and past participle: "case.opened"
	Actor    audience.Actor // who; the zero Actor is the system itself
	Audience string         // who may know; empty: operators only
	Level    tlp.Level      // marking of the event within its audience
	Scope    string         // id of what it belongs to (a case), for timelines
	Party    string         // id of the participant it speaks of, or ""; see Move
	Object   Object         // what changed
	Data     any            // payload, marshalled to JSON
	Binds    []Bound        // rows whose content this event vouches for
}

// Record is an event as it stands in the ledger.
type Record struct {
	Seq         int64           `json:"seq"`
	At          time.Time       `json:"at"`
	Kind        string          `json:"kind"`
	ActorKind   string          `json:"actor_kind"`
	ActorID     string          `json:"actor_id"`
	Audience    string          `json:"-"` // who may see it now
	First       string          `json:"-"` // the audience it was written for, as the leaf has it
	Party       string          `json:"-"`
	Level       tlp.Level       `json:"tlp"`
	Scope       string          `json:"scope,omitempty"`
	Object      Object          `json:"object"`
	Payload     json.RawMessage `json:"data,omitempty"`
	Erased      bool            `json:"erased,omitempty"` // the payload was taken out; see Erase
	PayloadSum  string          `json:"-"`                // SHA-256 of salt and payload, in hex
	Salt        string          `json:"-"`
	BoundDigest []Digest        `json:"-"`
}

// Decode reads the payload into v.
func (r Record) Decode(v any) error { return json.Unmarshal(r.Payload, v) }

// Digest is the content of one row at the time of an event; Sum is empty
// when the row was removed.
type Digest struct {
	Table string `json:"table"`
	ID    string `json:"id"`
	Sum   string `json:"sum"`
}

type pending struct{ events []Event }

type pendingKey struct{}

// Append records an event when the transaction commits. Its number is given
// then, under the lock of the ledger's head, so numbers are commit order on
// both databases.
func Append(tx *db.Tx, e Event) {
	p := db.Slot[pending](tx, pendingKey{})
	if p.events == nil {
		tx.BeforeCommit(func() error { return flush(tx, p) })
		tx.Ring()
	}
	p.events = append(p.events, e)
}

func flush(tx *db.Tx, p *pending) error {
	events := p.events
	p.events = nil // a later step before the commit may append more
	records := make([]Record, len(events))
	for i, e := range events {
		var err error
		if records[i], err = fix(tx, e); err != nil {
			return err
		}
	}
	lock := ""
	if tx.Dialect == db.Postgres {
		lock = " FOR UPDATE"
	}
	size, err := db.Value[int64](tx, `SELECT size FROM ledger_head WHERE one = 1`+lock)
	if err != nil {
		return err
	}
	tree := newTree(tx)
	for i := range records {
		records[i].Seq = size
		if err := tree.add(size, Leaf(records[i])); err != nil {
			return err
		}
		size++
	}
	if err := store(tx, records); err != nil {
		return err
	}
	if err := tree.store(); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE ledger_head SET size = $1 WHERE one = 1`, size)
	return err
}

// fix turns what a verb said into what the ledger keeps; its number is still
// to come.
func fix(tx *db.Tx, e Event) (Record, error) {
	r := Record{At: tx.Now, Kind: e.Kind, Audience: e.Audience, First: e.Audience, Party: e.Party, Level: e.Level, Scope: e.Scope, Object: e.Object, Salt: newSalt()}
	r.ActorKind, r.ActorID = e.Actor.Ref()
	if e.Actor.Anonymous() {
		r.ActorKind = "system"
	}
	r.Payload = json.RawMessage("{}")
	if e.Data != nil {
		payload, err := json.Marshal(e.Data)
		if err != nil {
			return r, errs.Wrap(errs.Internal, err, "The event could not be written down.")
		}
		r.Payload = payload
	}
	r.PayloadSum = payloadSum(r)
	for _, b := range e.Binds {
		sum, err := b.Table.digest(tx, b.ID)
		if err != nil {
			return r, err
		}
		r.BoundDigest = append(r.BoundDigest, Digest{b.Table.Kind, b.ID, sum})
	}
	return r, nil
}

func newSalt() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.RawStdEncoding.EncodeToString(b[:])
}

type leaf struct {
	Seq     int64    `json:"seq"`
	At      int64    `json:"at"` // microseconds since 1970 UTC
	Kind    string   `json:"kind"`
	Actor   Object   `json:"actor"`
	Aud     string   `json:"audience"`
	Level   int      `json:"tlp"`
	Scope   string   `json:"scope"`
	Object  Object   `json:"object"`
	Payload string   `json:"payload"`
	Binds   []Digest `json:"binds"`
}

// Leaf is the canonical JSON that is hashed into the tree: fixed field order,
// no spaces, no HTML escapes. The payload is in it as SHA-256 of salt and
// payload, so a payload can be erased without breaking the tree.
func Leaf(r Record) []byte {
	l := leaf{r.Seq, r.At.UnixMicro(), r.Kind, Object{r.ActorKind, r.ActorID}, r.First, int(r.Level), r.Scope, r.Object, r.PayloadSum, r.BoundDigest}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		panic(err) // strings and numbers always encode
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

func payloadSum(r Record) string {
	sum := sha256.Sum256(append([]byte(r.Salt), r.Payload...))
	return hex.EncodeToString(sum[:])
}

// store inserts rows together: an import makes thousands in one transaction.
func store(tx *db.Tx, records []Record) error {
	for chunk := range slices.Chunk(records, 100) {
		var args db.Args
		rows := make([]string, len(chunk))
		for i, r := range chunk {
			binds, err := json.Marshal(r.BoundDigest)
			if err != nil {
				return err
			}
			rows[i] = db.List(&args, []any{r.Seq, r.At.UnixMicro(), r.Kind, r.ActorKind, r.ActorID, r.Audience, r.First, r.Party, int(r.Level), r.Scope, r.Object.Kind, r.Object.ID,
				string(r.Payload), r.PayloadSum, r.Salt, string(binds)})
		}
		if _, err := tx.Exec(`INSERT INTO event (seq, at, kind, actor_kind, actor_id, audience_id, first_id, party, tlp, scope, object_kind, object_id, payload, payload_sum, salt, binds) VALUES `+
			strings.Join(rows, ", "), args...); err != nil {
			return err
		}
	}
	return nil
}

// Move shows the events that speak of a party, and that one audience sees, to
// another one: the party was hidden from the others, or shown again. The
// leaves keep the audience that each event was written for.
func Move(tx *db.Tx, party, from, to string) error {
	if party == "" {
		return errs.New(errs.Internal, "Only events that speak of a party can move.")
	}
	_, err := tx.Exec(`UPDATE event SET audience_id = $1 WHERE party = $2 AND audience_id = $3`, to, party, from)
	return err
}
