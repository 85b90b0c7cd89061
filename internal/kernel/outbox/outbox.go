// Package outbox is the only way out: a mail, page, webhook or publication
// is put here in the transaction that causes it, and a worker sends it.
//
// An item is tried again with growing pauses until it is sent or refused for
// good. Between the two there is one moment at which nobody can know: the
// item was handed over and the answer never came (a crash, a cut line). Such
// an item becomes uncertain and waits for a person, so that nothing is sent
// twice and nothing is lost silently.
package outbox

import (
	"encoding/json"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/seal"
)

// State is where an item is on its way.
type State string

// The states. Pending → Handing → Sent is the straight way.
const (
	Pending   State = "pending"   // waits for its time, or is being tried under a lease
	Handing   State = "handing"   // handed over, answer awaited
	Sent      State = "sent"      // the other side took responsibility
	Uncertain State = "uncertain" // handed over, and the answer never came
	Dead      State = "dead"      // refused for good, or tried too long
	Canceled  State = "canceled"  // withdrawn before it left
	Stopped   State = "stopped"   // its person may not see any more what it tells of
)

// Item is one thing to send.
type Item struct {
	ID        string          `json:"id"`
	Key       string          `json:"key"`     // idempotency key: a second item with it is not added
	Kind      string          `json:"kind"`    // which Sender takes it: "mail", …
	Person    string          `json:"person"`  // whom it is for, or ""
	Address   string          `json:"address"` // where it goes
	Content   json.RawMessage `json:"-"`       // the Sender's own form; sealed at rest
	State     State           `json:"state"`
	Attempts  int             `json:"attempts"`
	NextAt    time.Time       `json:"next_at"`
	LastError string          `json:"last_error,omitempty"`
	CreatedAt time.Time       `json:"created_at"`
	DoneAt    time.Time       `json:"done_at"`
	Events    []int64         `json:"-"` // numbers of the ledger's events it tells of; see Put
}

// Box puts items into the outbox and opens them again.
type Box struct{ sealer *seal.Sealer }

// New makes a Box that seals contents with s.
func New(s *seal.Sealer) *Box { return &Box{s} }

// Put adds an item in the caller's transaction; it is not due before
// notBefore. content is marshalled to JSON and sealed. An item whose key is
// already known is silently the same item.
//
// An item with Events leaves only while its Person may see each of them, asked
// in the transaction that hands it over; else it is stopped.
func (b *Box) Put(tx *db.Tx, it Item, content any, notBefore time.Time) error {
	if it.Key == "" || it.Kind == "" {
		return errs.New(errs.Internal, "An outbox item needs a key and a kind.")
	}
	plain, err := json.Marshal(content)
	if err != nil {
		return err
	}
	sealed, err := b.sealer.Seal(plain)
	if err != nil {
		return err
	}
	if notBefore.Before(tx.Now) {
		notBefore = tx.Now
	}
	it.ID = id.New("out", tx.Now)
	n, err := tx.Exec(`INSERT INTO outbox (id, key, kind, person_id, address, content, state, next_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (key) DO NOTHING`,
		it.ID, it.Key, it.Kind, it.Person, it.Address, sealed, string(Pending), db.Micros(notBefore), db.Micros(tx.Now))
	tx.Ring()
	if err != nil || n == 0 {
		return err
	}
	return tellsOf(tx, it)
}

// Cancel withdraws everything of a person that has not left yet.
func Cancel(tx *db.Tx, person string) (int64, error) {
	return tx.Exec(`UPDATE outbox SET state = $1, done_at = $2 WHERE person_id = $3 AND state = $4`, string(Canceled), db.Micros(tx.Now), person, string(Pending))
}

// Withdraw takes back what is known by these keys and has not left yet.
func Withdraw(tx *db.Tx, keys []string) (int64, error) {
	args := db.Args{string(Canceled), db.Micros(tx.Now), string(Pending)}
	return tx.Exec(`UPDATE outbox SET state = $1, done_at = $2 WHERE state = $3 AND key IN `+db.List(&args, keys), args...)
}

const columns = `id, key, kind, person_id, address, content, state, attempts, next_at, last_error, created_at, done_at`

type row struct {
	Item
	sealed []byte
}

func scan(r *row) []any {
	return []any{&r.ID, &r.Key, &r.Kind, &r.Person, &r.Address, &r.sealed, &r.State, &r.Attempts, db.At(&r.NextAt), &r.LastError, db.At(&r.CreatedAt), db.At(&r.DoneAt)}
}

func (b *Box) open(r row) (Item, error) {
	plain, err := b.sealer.Unseal(r.sealed)
	r.Content = plain
	return r.Item, err
}

// Filter narrows a listing.
type Filter struct {
	State  State  // or "" for all
	Person string // or "" for everybody's
	Before string // id to page from, or ""
	Limit  int    // 1 to 200; 0 means 50
}

// List shows items, newest first, with their contents opened (nil where the
// keys do not fit): for the operator's page and for tests. Callers check who asks.
func (b *Box) List(tx *db.Tx, f Filter) ([]Item, error) {
	var args db.Args
	where := "1 = 1"
	if f.State != "" {
		where += " AND state = " + args.Add(string(f.State))
	}
	if f.Person != "" {
		where += " AND person_id = " + args.Add(f.Person)
	}
	if f.Before != "" {
		where += " AND id < " + args.Add(f.Before)
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	rows, err := db.All(tx, scan, `SELECT `+columns+` FROM outbox WHERE `+where+` ORDER BY id DESC`+db.Limit(min(f.Limit, 200)), args...)
	if err != nil {
		return nil, err
	}
	out := make([]Item, len(rows))
	for i, r := range rows {
		if out[i], err = b.open(r); err != nil {
			out[i].LastError = "The content cannot be opened with this server's keys."
		}
	}
	return out, nil
}

// Counts is how many items are in each state.
func Counts(tx *db.Tx) (map[State]int, error) {
	type pair struct {
		s State
		n int
	}
	list, err := db.All(tx, func(p *pair) []any { return []any{&p.s, &p.n} }, `SELECT state, COUNT(*) FROM outbox GROUP BY state`)
	out := map[State]int{}
	for _, p := range list {
		out[p.s] = p.n
	}
	return out, err
}

// Again sends a dead or uncertain item once more: a person decided so.
func Again(tx *db.Tx, itemID string) error {
	tx.Ring()
	return tx.Guarded(errs.New(errs.Conflict, "Only an item that is dead or uncertain can be sent again."),
		`UPDATE outbox SET state = $1, attempts = 0, next_at = $2, lease_until = 0, done_at = NULL WHERE id = $3 AND state IN ($4, $5)`,
		string(Pending), db.Micros(tx.Now), itemID, string(Dead), string(Uncertain))
}

// Settle declares an uncertain or dead item dealt with.
func Settle(tx *db.Tx, itemID string) error {
	return tx.Guarded(errs.New(errs.Conflict, "Only an item that is dead or uncertain can be settled."),
		`UPDATE outbox SET state = $1, done_at = $2 WHERE id = $3 AND state IN ($4, $5)`,
		string(Canceled), db.Micros(tx.Now), itemID, string(Dead), string(Uncertain))
}

// Mail is the Content of an item of kind "mail". It holds no case detail:
// number, what is owed, link.
type Mail struct {
	Subject     string `json:"subject"`
	Text        string `json:"text"`                  // plain text, wrapped at 72
	Unsubscribe string `json:"unsubscribe,omitempty"` // URL for List-Unsubscribe, or ""
	MessageID   string `json:"message_id,omitempty"`  // stable over attempts; the sender derives it from the key when empty
}
