package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"tocsin/internal/kernel/db"
)

// Sender delivers one kind of item. It calls handing right before the point
// of no return (the last byte that makes the other side act) and does not go
// on if that fails. Its error says what to do: Refused for good, otherwise
// try again; an error after handing leaves the item uncertain unless it is
// a Retry, by which the other side said that it did not act.
type Sender interface {
	Send(ctx context.Context, it Item, handing func() error) error
}

// Refused marks an error as final: the other side will never take the item.
type Refused struct{ Err error }

func (r Refused) Error() string { return r.Err.Error() }
func (r Refused) Unwrap() error { return r.Err }

// Retry marks an error after handing as harmless: nothing was done.
type Retry struct{ Err error }

func (r Retry) Error() string { return r.Err.Error() }
func (r Retry) Unwrap() error { return r.Err }

// Worker sends what is due. Several replicas may run one each: an item is
// claimed by a lease in the database.
type Worker struct {
	DB      *db.DB
	Box     *Box
	Senders map[string]Sender // by kind; a kind without a sender waits
	Log     *slog.Logger
	Name    string        // of this process, for the lease
	Lease   time.Duration // how long one attempt may take; 0 means 2 minutes
	GiveUp  time.Duration // how long an item is tried; 0 means 5 days
}

const claimSize = 8

// Run works until ctx ends.
func (w *Worker) Run(ctx context.Context) {
	for {
		bell := w.DB.Bell.Next()
		n, err := w.Step(ctx)
		if err != nil && ctx.Err() == nil {
			w.Log.Error("outbox stands still", "err", err)
		}
		if n == claimSize {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-bell:
		case <-time.After(time.Second):
		}
	}
}

// Step claims what is due, tries each once, and returns how many it tried.
func (w *Worker) Step(ctx context.Context) (int, error) {
	if len(w.Senders) == 0 {
		return 0, nil
	}
	due, err := w.anything(ctx)
	if err != nil || !due {
		return 0, err
	}
	items, err := w.claim(ctx)
	if err != nil {
		return 0, err
	}
	var wg sync.WaitGroup
	for _, it := range items {
		wg.Go(func() { w.try(ctx, it) })
	}
	wg.Wait()
	return len(items), nil
}

func (w *Worker) kinds() []string {
	var kinds []string
	for k := range w.Senders {
		kinds = append(kinds, k)
	}
	return kinds
}

// anything looks without writing, so that an idle server stays idle.
func (w *Worker) anything(ctx context.Context) (bool, error) {
	n := 0
	err := w.DB.Read(ctx, func(tx *db.Tx) error {
		var args db.Args
		now := args.Add(db.Micros(tx.Now))
		var err error
		n, err = db.Value[int](tx, `SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE state IN ('pending', 'handing') AND next_at <= `+now+
			` AND lease_until <= `+now+` AND kind IN `+db.List(&args, w.kinds())+` LIMIT 1) x`, args...)
		return err
	})
	return n > 0, err
}

func (w *Worker) claim(ctx context.Context) ([]Item, error) {
	var items []Item
	err := w.DB.Write(ctx, func(tx *db.Tx) error {
		items = nil
		now := db.Micros(tx.Now)
		if _, err := tx.Exec(`UPDATE outbox SET state = $1, last_error = $2, done_at = $3 WHERE state = $4 AND lease_until <= $3`,
			string(Uncertain), "The server stopped before the answer came.", now, string(Handing)); err != nil {
			return err
		}
		skip := ""
		if tx.Dialect == db.Postgres {
			skip = " FOR UPDATE SKIP LOCKED"
		}
		var args db.Args
		// Materialized: PostgreSQL may run a plain sub-query, and so its
		// limit, more than once.
		q := `WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE state = 'pending' AND next_at <= ` + args.Add(now) + ` AND lease_until <= ` + args.Add(now) +
			` AND kind IN ` + db.List(&args, w.kinds()) + ` ORDER BY next_at` + db.Limit(claimSize) + skip + `)
			UPDATE outbox SET lease_until = ` + args.Add(db.Micros(tx.Now.Add(w.lease()))) + `, lease_by = ` + args.Add(w.Name) + `, attempts = attempts + 1
			WHERE id IN (SELECT id FROM due) RETURNING ` + columns
		rows, err := db.All(tx, scan, q, args...)
		if err != nil {
			return err
		}
		for _, r := range rows {
			it, err := w.Box.open(r)
			if err != nil { // one that cannot be read must not hold up the rest
				w.Log.Error("outbox item cannot be opened", "item", it.ID, "err", err)
				if _, err := tx.Exec(`UPDATE outbox SET state = $1, last_error = $2, done_at = $3 WHERE id = $4`, string(Dead), "The content cannot be opened with this server's keys.", now, it.ID); err != nil {
					return err
				}
				continue
			}
			if stopped, err := stopBlind(tx, it); err != nil {
				return err
			} else if !stopped {
				items = append(items, it)
			}
		}
		return nil
	})
	return items, err
}

func (w *Worker) lease() time.Duration {
	if w.Lease > 0 {
		return w.Lease
	}
	return 2 * time.Minute
}

// send turns a panic of a sender into an error: one item must not take the
// server down at every start.
func (w *Worker) send(ctx context.Context, it Item, handing func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the sender broke down: %v", p)
		}
	}()
	return w.Senders[it.Kind].Send(ctx, it, handing)
}

func (w *Worker) try(ctx context.Context, it Item) {
	handed := false
	handing := func() error {
		err := w.move(ctx, it, Pending, Handing, "", time.Time{})
		handed = err == nil
		return err
	}
	err := w.send(ctx, it, handing)
	from := Pending
	if handed {
		from = Handing
	}
	if errors.Is(err, errStopped) {
		return
	}
	_, refused := errors.AsType[Refused](err)
	_, retry := errors.AsType[Retry](err)
	// The outcome must be written down even when the server is stopping.
	done, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	var mark error
	switch {
	case err == nil:
		mark = w.move(done, it, from, Sent, "", time.Time{})
	case refused:
		mark = w.move(done, it, from, Dead, err.Error(), time.Time{})
	case handed && !retry:
		mark = w.move(done, it, from, Uncertain, err.Error(), time.Time{})
	case w.tooOld(it):
		mark = w.move(done, it, from, Dead, "Given up: "+err.Error(), time.Time{})
	default:
		mark = w.move(done, it, from, Pending, err.Error(), w.DB.Clock.Now().Add(Backoff(it.Attempts)))
	}
	if mark != nil {
		w.Log.Error("outbox outcome not written down", "item", it.ID, "err", mark)
	}
}

func (w *Worker) tooOld(it Item) bool {
	limit := w.GiveUp
	if limit == 0 {
		limit = 5 * 24 * time.Hour
	}
	return w.DB.Clock.Now().Sub(it.CreatedAt) > limit
}

// move guards the step by state and lease, so that a worker whose lease ran
// out cannot overwrite what another one found. To hand over, the lease must
// still run, and is renewed so that the answer has time to come.
func (w *Worker) move(ctx context.Context, it Item, from, to State, why string, next time.Time) error {
	stopped := false
	err := w.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if to == Handing {
			if stopped, err = stopBlind(tx, it); err != nil || stopped {
				return err
			}
		}
		if next.IsZero() {
			next = it.NextAt
		}
		args := db.Args{string(to), printable(why), db.Micros(next), it.ID, string(from), w.Name, it.Attempts}
		var set, guard string
		switch to {
		case Pending:
			set = `lease_until = 0`
		case Handing:
			set = `lease_until = ` + args.Add(db.Micros(tx.Now.Add(w.lease())))
			guard = ` AND lease_until > ` + args.Add(db.Micros(tx.Now))
		default:
			set = `lease_until = 0, done_at = ` + args.Add(db.Micros(tx.Now))
		}
		n, err := tx.Exec(`UPDATE outbox SET state = $1, last_error = $2, next_at = $3, `+set+` WHERE id = $4 AND state = $5 AND lease_by = $6 AND attempts = $7`+guard, args...)
		if err == nil && n == 0 {
			return errors.New("the item moved on without this worker")
		}
		return err
	})
	if err == nil && stopped {
		err = errStopped
	}
	return err
}

// printable keeps what another server said short, and such that both
// databases take it: an outcome must never be lost to its wording.
func printable(s string) string {
	if len(s) > 500 {
		s = s[:500]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
}

// Backoff is the pause after the nth attempt: 15 s, 30 s, 1 min, … up to
// 15 min.
func Backoff(attempts int) time.Duration {
	return min(15*time.Second<<min(max(attempts-1, 0), 10), 15*time.Minute)
}
