// Package limit counts attempts per key, so that guessing passwords and
// flooding a form meet a bound that all replicas share.
package limit

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/text"
)

// Allow counts one attempt under key and answers RateLimited when there were
// n within the last window. Windows slide: what remains of the bucket before
// counts by its share. A refused attempt is not counted, so that whoever
// waits as told is let in.
//
// The key names what is limited and whom ("login\x00" + address); keep it free
// of what must not be stored, by a digest. A verb that fails must not take its
// count back: run Allow in a transaction of its own, before the attempt.
func Allow(tx *db.Tx, key string, n int, window time.Duration) error {
	size := window.Microseconds()
	if n <= 0 || size <= 0 {
		return errs.New(errs.Internal, "A limit needs a number and a window.")
	}
	now := tx.Now.UnixMicro()
	bucket := now - now%size
	// The row's lock, held until the commit, makes counting and asking one
	// step: of two that come at once the second sees the first.
	if _, err := tx.Exec(`INSERT INTO attempt (key, bucket, count) VALUES ($1, $2, 1)
		ON CONFLICT (key, bucket) DO UPDATE SET count = attempt.count + 1`, key, bucket); err != nil {
		return err
	}
	current, err := db.Value[int64](tx, `SELECT count FROM attempt WHERE key = $1 AND bucket = $2`, key, bucket)
	if err != nil {
		return err
	}
	last, err := db.Value[int64](tx, `SELECT count FROM attempt WHERE key = $1 AND bucket = $2`, key, bucket-size)
	if err != nil {
		return err
	}
	current-- // those before this one
	left := size - (now - bucket)
	if current+carried(last, left, size) < int64(n) {
		return nil
	}
	if _, err := tx.Exec(`UPDATE attempt SET count = count - 1 WHERE key = $1 AND bucket = $2`, key, bucket); err != nil {
		return err
	}
	wait := time.Duration(until(current, last, left, size, int64(n))) * time.Microsecond
	return &Exceeded{wait, errs.New(errs.RateLimited, "That was too often. Try again in %s.", spoken(wait))}
}

// Exceeded is the answer RateLimited with when to come back, for a door's
// Retry-After header. errors.As finds the *errs.Error in it.
type Exceeded struct {
	RetryAfter time.Duration
	answer     *errs.Error
}

func (e *Exceeded) Error() string { return e.answer.Error() }

// Unwrap gives the answer.
func (e *Exceeded) Unwrap() error { return e.answer }

// carried is what of the last bucket's count still lies in the window when
// left of size remains of the current bucket.
func carried(last, left, size int64) int64 {
	if last == 0 {
		return 0
	}
	// In parts, so that no window and count overflow.
	return int64(float64(last) * (float64(left) / float64(size)))
}

// until is how long nothing may come before there is room again.
func until(current, last, left, size, n int64) int64 {
	if current < n { // the last bucket must fade: last*left/size < n-current
		return max(left-int64(float64(n-current)/float64(last)*float64(size))+1, 1)
	}
	// The current bucket becomes the last one, and must then fade too.
	return left + size - int64(float64(n)/float64(current)*float64(size)) + 1
}

func spoken(d time.Duration) string {
	switch {
	case d < time.Minute:
		return text.Plural(int((d+time.Second-1)/time.Second), "second", "seconds")
	case d < time.Hour:
		return text.Plural(int((d+time.Minute-1)/time.Minute), "minute", "minutes")
	}
	return text.Plural(int((d+time.Hour-1)/time.Hour), "hour", "hours")
}

// Reset forgets the attempts under a key: a login that succeeded.
func Reset(tx *db.Tx, key string) error {
	_, err := tx.Exec(`DELETE FROM attempt WHERE key = $1`, key)
	return err
}

// Sweep removes counts that began before a time; run it now and then with
// twice the longest window that is in use.
func Sweep(tx *db.Tx, before time.Time) (int64, error) {
	return tx.Exec(`DELETE FROM attempt WHERE bucket < $1`, before.UnixMicro())
}
