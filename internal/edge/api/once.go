package api

import (
	"encoding/json"
	"net/http"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/spec/text"
)

const keyHeader = "Idempotency-Key"

// The bounds of what is kept for repeated requests.
const (
	keepFor  = 48 * time.Hour
	keepMost = 20_000 // of one sender
)

// readKey reads Idempotency-Key: a POST that is sent again with the same key
// happens once.
func (c *call) readKey() error {
	c.key = c.r.Header.Get(keyHeader)
	if len(c.key) > 255 {
		return badKey("a key is at most 255 characters long")
	}
	for i := range len(c.key) {
		if c.key[i] < ' ' || c.key[i] > '~' {
			return badKey("a key is printable ASCII")
		}
	}
	return nil
}

func badKey(why string) error {
	return &Problem{Status: http.StatusUnprocessableEntity, Code: "invalid", Detail: "The Idempotency-Key cannot be used: " + why + ".",
		Errors: []Refusal{{"header." + keyHeader, why}}}
}

type kept struct {
	request string
	status  int
	etag    string
	sealed  []byte
}

// once runs work, or answers a repeated request with what it was answered.
// The key is claimed in the verb's own transaction: of two that come at once
// the second waits for the first, and what fails leaves no claim behind.
func (c *call) once(tx *db.Tx, work func() (result, error)) (result, error) {
	if c.key == "" {
		return work()
	}
	owner, key := who(c.Actor), id.Digest(c.key)
	if c.Actor.Anonymous() {
		// Strangers share no keys: there, a key holds for its request alone.
		key = id.Digest(c.key + "\x00" + c.request)
	}
	n, err := tx.Exec(`INSERT INTO idempotency (actor, key, request, status, header, body, at) VALUES ($1, $2, $3, 0, '', $4, $5) ON CONFLICT (actor, key) DO NOTHING`,
		owner, key, c.request, []byte{}, tx.Now.UnixMicro())
	if err != nil {
		return result{}, err
	}
	if n == 0 {
		return c.repeat(tx, owner, key)
	}
	count, err := db.Value[int](tx, `SELECT COUNT(*) FROM idempotency WHERE actor = $1`, owner)
	if err == nil && count > keepMost {
		err = errs.New(errs.RateLimited, "You have used %s within two days, which is the most that are kept. Send again without one, or later.", text.Plural(keepMost, "key", "keys"))
	}
	if err != nil {
		return result{}, err
	}
	res, err := work()
	if err != nil {
		return res, err
	}
	sealed, err := c.Sealer.Seal(res.body)
	if err != nil {
		return res, err
	}
	_, err = tx.Exec(`UPDATE idempotency SET status = $1, header = $2, body = $3 WHERE actor = $4 AND key = $5`, res.status, res.etag, sealed, owner, key)
	return res, err
}

func (c *call) repeat(tx *db.Tx, owner, key string) (result, error) {
	k, ok, err := db.One(tx, func(k *kept) []any { return []any{&k.request, &k.status, &k.etag, &k.sealed} },
		`SELECT request, status, header, body FROM idempotency WHERE actor = $1 AND key = $2`, owner, key)
	if err != nil {
		return result{}, err
	}
	if !ok {
		return result{}, errs.New(errs.Conflict, "The same request is being answered just now. Send it again.")
	}
	if k.request != c.request {
		return result{}, badKey("it was used for another request")
	}
	body, err := c.Sealer.Unseal(k.sealed)
	if err != nil {
		return result{}, errs.Wrap(errs.Gone, err, "This request was done before, but its answer can no longer be read. Look the record up instead.")
	}
	c.w.Header().Set("Idempotency-Replayed", "true")
	return result{k.status, k.etag, json.RawMessage(body)}, nil
}

// Sweep forgets the answers of requests that nobody repeats any more.
func Sweep(tx *db.Tx) (int64, error) {
	return tx.Exec(`DELETE FROM idempotency WHERE at < $1`, tx.Now.Add(-keepFor).UnixMicro())
}
