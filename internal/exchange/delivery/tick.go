package delivery

import (
	"context"
	"log/slog"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/db"
)

const (
	batch     = 200                  // digests, or mails of a release, in one transaction
	keepFor   = 180 * 24 * time.Hour // notices and bounces
	pollEvery = 30 * time.Second
)

// Tick does what time has made due: the digests of the morning, and the next
// part of the mails of a public release. It returns when there is more to do:
// an instant that has passed means at once, the zero time nothing that is
// known yet. It may run as often and on as many replicas as it likes.
func (c *Courier) Tick(tx *db.Tx) (next time.Time, err error) {
	ch, err := charter.Load(tx)
	if err != nil {
		return time.Time{}, err
	}
	if err := c.sendRelease(tx, ch); err != nil {
		return time.Time{}, err
	}
	if err := takeUp(tx); err != nil {
		return time.Time{}, err
	}
	list, err := readers(tx)
	if err != nil {
		return time.Time{}, err
	}
	done := 0
	for _, r := range list {
		// What is due by now is due today, not tomorrow.
		at, day := r.dueBy(tx.Now)
		if at.IsZero() {
			continue
		}
		if done++; done > batch {
			break
		}
		if err := c.digest(tx, ch, r, at, day); err != nil {
			return time.Time{}, err
		}
	}
	if done > 0 {
		if err := sweep(tx); err != nil {
			return time.Time{}, err
		}
	}
	return Next(tx)
}

// Next is the instant at which Tick has something to do; the zero time for
// never.
func Next(tx *db.Tx) (time.Time, error) {
	first, err := nextRelease(tx)
	if err != nil || !first.IsZero() {
		return first, err
	}
	if stopped, err := db.Value[int](tx, `SELECT COUNT(*)`+stoppedDigests); err != nil || stopped > 0 {
		return tx.Now, err
	}
	list, err := readers(tx)
	for _, r := range list {
		at, _ := r.dueBy(tx.Now)
		if at.IsZero() {
			at, _ = r.due(tx.Now)
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first, err
}

// nextRelease is now when mails of a release wait.
func nextRelease(tx *db.Tx) (time.Time, error) {
	waiting, err := db.Value[int](tx, `SELECT COUNT(*) FROM mailing`)
	if err != nil || waiting == 0 {
		return time.Time{}, err
	}
	return tx.Now, nil
}

// dueBy is today's digest when its instant has come and something waits for
// it; the zero time otherwise.
func (r reader) dueBy(now time.Time) (time.Time, string) {
	zone := zoneOf(r.zone)
	y, m, d := now.In(zone).Date()
	at := time.Date(y, m, d, digestHour, 0, 0, 0, zone)
	day := at.Format(time.DateOnly)
	if now.Before(at) || r.first.After(at) || day <= r.last {
		return time.Time{}, ""
	}
	return at, day
}

// sweep lets go of what nobody needs any more.
func sweep(tx *db.Tx) error {
	for _, table := range []string{"notice", "bounce"} {
		if _, err := tx.Exec(`DELETE FROM `+table+` WHERE at < $1`, db.Micros(tx.Now.Add(-keepFor))); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`DELETE FROM subscriber_mail WHERE state = 'asked' AND asked_at < $1`, db.Micros(tx.Now.Add(-2*confirmWithin)))
	return err
}

// Run ticks until ctx ends: for a release as soon as the database's bell
// rings, for digests when they are due.
func (c *Courier) Run(ctx context.Context, d *db.DB, log *slog.Logger) {
	look := time.Now() // for digests, which not every bell asks for
	for {
		bell := d.Bell.Next()
		full := !time.Now().Before(look)
		next, err := c.step(ctx, d, full)
		if err != nil && ctx.Err() == nil {
			log.Error("digests stand still", "err", err)
		}
		switch wait := next.Sub(d.Clock.Now()); {
		case err != nil:
			look = time.Now().Add(time.Second)
		case !next.IsZero() && wait <= 0:
			continue
		case full && !next.IsZero():
			look = time.Now().Add(min(wait, pollEvery))
		case full:
			look = time.Now().Add(pollEvery)
		}
		select {
		case <-ctx.Done():
			return
		case <-bell:
		case <-time.After(time.Until(look)):
		}
	}
}

// step looks before it writes, so that an idle server stays idle.
func (c *Courier) step(ctx context.Context, d *db.DB, full bool) (next time.Time, err error) {
	due := false
	err = d.Read(ctx, func(tx *db.Tx) error {
		founded, err := charter.Founded(tx)
		if err != nil || !founded {
			return err
		}
		if full {
			next, err = Next(tx)
		} else {
			next, err = nextRelease(tx)
		}
		due = !next.IsZero() && !next.After(tx.Now)
		return err
	})
	if err != nil || !due {
		return next, err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		next, err = c.Tick(tx)
		return err
	})
	return next, err
}
