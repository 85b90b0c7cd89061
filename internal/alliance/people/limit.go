package people

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/limit"
)

// window allows so many attempts within a span.
type window struct {
	span time.Duration
	max  int
}

// The limits on signing in. The wait grows with the failures: a minute, a
// quarter of an hour, a day. They hold for passwords and codes; a passkey or a
// sign-in link lets the owner of a besieged account in meanwhile.
var (
	perAccount  = []window{{time.Minute, 5}, {15 * time.Minute, 10}, {24 * time.Hour, 50}}
	perAddress  = []window{{time.Minute, 20}, {15 * time.Minute, 100}, {24 * time.Hour, 1000}}
	perMailbox  = []window{{15 * time.Minute, 3}, {24 * time.Hour, 12}}
	inviteLimit = []window{{time.Minute, 60}, {24 * time.Hour, 2000}}
)

// Longest is the longest window of any limit here, for limit.Sweep.
const Longest = 24 * time.Hour

// take counts an attempt in every window, or refuses it; a refused attempt is
// not counted, since the transaction fails.
func take(tx *db.Tx, key string, windows []window) error {
	for _, w := range windows {
		if err := limit.Allow(tx, key+" in "+w.span.String(), w.max, w.span); err != nil {
			return err
		}
	}
	return nil
}

// forgive forgets the attempts: the right person got in.
func forgive(tx *db.Tx, key string, windows []window) error {
	for _, w := range windows {
		if err := limit.Reset(tx, key+" in "+w.span.String()); err != nil {
			return err
		}
	}
	return nil
}

// Sweep removes ceremonies, sessions and links that have expired. The server
// calls it now and then; only the size of the tables depends on it.
func Sweep(tx *db.Tx) error {
	now := db.Micros(tx.Now)
	for _, q := range []string{`DELETE FROM ceremony WHERE expires_at <= $1`, `DELETE FROM session WHERE expires_at <= $1`, `DELETE FROM sign_in_link WHERE expires_at <= $1`} {
		if _, err := tx.Exec(q, now); err != nil {
			return err
		}
	}
	return nil
}
