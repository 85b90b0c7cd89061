package people

import (
	"encoding/json"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/seal"
)

// A ceremony is what the server remembers between two requests of a sign-in
// or an enrollment. It lives for minutes, is sealed, and is used once.
const (
	ceremonyLife = 10 * time.Minute
	maxCeremony  = 16 << 10
	// maxCeremonies bounds what visitors without an account can pile up.
	maxCeremonies = 20000
)

type sealedCeremony struct {
	Kind, Digest string // again inside, so that two rows cannot be exchanged
	Data         json.RawMessage
}

func begin(tx *db.Tx, s *seal.Sealer, kind, personID string, data any) (string, error) {
	if _, err := tx.Exec(`DELETE FROM ceremony WHERE expires_at <= $1`, db.Micros(tx.Now)); err != nil {
		return "", err
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM ceremony`)
	if err != nil {
		return "", err
	}
	if n >= maxCeremonies {
		return "", errs.New(errs.RateLimited, "Too many people are signing in just now. Try again in a few minutes.")
	}
	secret := id.Secret()
	inner, err := json.Marshal(data)
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(sealedCeremony{kind, id.Digest(secret), inner})
	if err != nil {
		return "", err
	}
	if len(plain) > maxCeremony {
		return "", errs.New(errs.TooLarge, "There are too many credentials for this. Remove one first.")
	}
	sealed, err := s.Seal(plain)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(`INSERT INTO ceremony (digest, kind, person_id, data, expires_at) VALUES ($1, $2, $3, $4, $5)`, id.Digest(secret), kind, personID, sealed, db.Micros(tx.Now.Add(ceremonyLife)))
	return secret, err
}

var ceremonyGone = errs.New(errs.Gone, "This took too long or was done already. Start again.")

// resume reads a ceremony without using it up.
func resume(tx *db.Tx, s *seal.Sealer, kind, secret string, data any) (personID string, err error) {
	if !plausible(secret) {
		return "", ceremonyGone
	}
	type row struct {
		person string
		data   []byte
	}
	r, ok, err := db.One(tx, func(r *row) []any { return []any{&r.person, &r.data} },
		`SELECT person_id, data FROM ceremony WHERE digest = $1 AND kind = $2 AND expires_at > $3`, id.Digest(secret), kind, db.Micros(tx.Now))
	if err != nil || !ok {
		return "", firstOf(err, ceremonyGone)
	}
	plain, err := s.UnsealMax(r.data, maxCeremony)
	if err != nil {
		return "", err
	}
	var in sealedCeremony
	if err := json.Unmarshal(plain, &in); err != nil {
		return "", err
	}
	if in.Kind != kind || in.Digest != id.Digest(secret) {
		return "", errs.New(errs.Internal, "A sign-in step holds another one's content.")
	}
	return r.person, json.Unmarshal(in.Data, data)
}

// finish uses a ceremony up; of two that try at once one gets Gone.
func finish(tx *db.Tx, secret string) error {
	return tx.Guarded(ceremonyGone, `DELETE FROM ceremony WHERE digest = $1`, id.Digest(secret))
}
