package people

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Window allows so many attempts within a span that ends now.
type Window struct {
	Span time.Duration // whole minutes
	Max  int
}

// The limits on signing in. The wait grows with the failures: a minute, a
// quarter of an hour, a day.
var (
	perAccount = []Window{{time.Minute, 5}, {15 * time.Minute, 10}, {24 * time.Hour, 50}}
	perAddress = []Window{{time.Minute, 20}, {15 * time.Minute, 100}, {24 * time.Hour, 1000}}
)

const longest = 24 * time.Hour

// Take counts one attempt under key, or refuses it with RateLimited and the
// time to wait when a window is full. A refused attempt is not counted, so
// that whoever waits gets in. All servers on one database count together.
func Take(tx *db.Tx, key string, windows []Window) error {
	now := tx.Now.Unix() / 60
	// Counting first takes the row's lock, so attempts made at the same
	// moment are counted one after the other.
	if _, err := tx.Exec(`INSERT INTO attempt (key, bucket, count) VALUES ($1, $2, 1) ON CONFLICT (key, bucket) DO UPDATE SET count = attempt.count + 1`, key, now); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM attempt WHERE key = $1 AND bucket <= $2`, key, now-int64(longest/time.Minute)); err != nil {
		return err
	}
	type minute struct {
		at int64
		n  int
	}
	list, err := db.All(tx, func(m *minute) []any { return []any{&m.at, &m.n} }, `SELECT bucket, count FROM attempt WHERE key = $1 ORDER BY bucket DESC`, key)
	if err != nil {
		return err
	}
	var free int64 // the minute from which every window has room
	for _, w := range windows {
		span, sum := int64(w.Span/time.Minute), 0
		for _, m := range list {
			if m.at <= now-span {
				break
			}
			if sum += m.n; sum > w.Max {
				free = max(free, m.at+span)
				break
			}
		}
	}
	if free <= now {
		return nil
	}
	wait := time.Duration(free*60-tx.Now.Unix()) * time.Second
	if wait <= 90*time.Second {
		return errs.New(errs.RateLimited, "Too many attempts. Try again in %d seconds.", int(wait/time.Second))
	}
	return errs.New(errs.RateLimited, "Too many attempts. Try again in %d minutes.", int((wait+time.Minute-1)/time.Minute))
}

// Forgive forgets the attempts under a key: the right person got in.
func Forgive(tx *db.Tx, key string) error {
	_, err := tx.Exec(`DELETE FROM attempt WHERE key = $1`, key)
	return err
}

// Sweep removes what has expired: attempts, ceremonies, sessions, links. The
// server calls it now and then; nothing depends on it but the size of the
// tables.
func Sweep(tx *db.Tx) error {
	now := db.Micros(tx.Now)
	if _, err := tx.Exec(`DELETE FROM attempt WHERE bucket <= $1`, tx.Now.Add(-longest).Unix()/60); err != nil {
		return err
	}
	for _, q := range []string{`DELETE FROM ceremony WHERE expires_at <= $1`, `DELETE FROM session WHERE expires_at <= $1`, `DELETE FROM sign_in_link WHERE expires_at <= $1`} {
		if _, err := tx.Exec(q, now); err != nil {
			return err
		}
	}
	return nil
}
