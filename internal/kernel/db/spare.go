package db

import (
	"log/slog"
	"time"

	"tocsin/internal/kernel/errs"
)

// spareWait is how long a clock waits before it tries again what it spared.
const spareWait = 5 * time.Second

// Spare does one piece of a clock's work by itself, as Try does: where it is
// refused, the server's log says so and the other pieces go on. what names the
// piece for the operator, by kind and id. err ends the whole transaction.
func (t *Tx) Spare(what string, f func() error) error {
	refused, err := t.Try(f)
	if refused == nil {
		return err
	}
	t.spared++
	level := slog.LevelError
	if errs.Is(refused, errs.Conflict) {
		level = slog.LevelInfo // another replica was faster, as a rule
	}
	log, ctx := t.log, t.ctx
	t.AfterCommit(func() {
		log.Log(ctx, level, "the clock could not do a piece of its work", "piece", what, "err", refused)
	})
	return err
}

// Resume is when a clock goes on that would at next, the zero time meaning
// never: where something was spared a moment later, since it is due still and
// would be tried without end.
func (t *Tx) Resume(next time.Time) time.Time {
	if again := t.Now.Add(spareWait); t.spared > 0 && !next.IsZero() && next.Before(again) {
		return again
	}
	return next
}
