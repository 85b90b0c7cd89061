package ledger

import (
	"context"
	"log/slog"
	"time"

	"tocsin/internal/kernel/db"
)

// Subscriber reacts to events. Handle runs in the transaction that moves the
// subscriber's mark, so each event takes effect exactly once, in order,
// whichever replica runs it. What Handle sends goes through the outbox.
type Subscriber struct {
	Name   string
	Handle func(tx *db.Tx, r Record) error
}

const batch = 100

// Drain handles what is waiting, one batch a transaction, and returns how
// many events it handled. A new subscriber starts at the first event.
func (s Subscriber) Drain(ctx context.Context, d *db.DB) (int, error) {
	total := 0
	for {
		n, err := s.step(ctx, d)
		total += n
		if err != nil || n < batch {
			return total, err
		}
	}
}

func (s Subscriber) step(ctx context.Context, d *db.DB) (int, error) {
	n := 0
	// Looking first keeps an idle server from writing at every poll.
	waiting := false
	err := d.Read(ctx, func(tx *db.Tx) error {
		mark, found, err := db.One(tx, func(v *int64) []any { return []any{v} }, `SELECT seq FROM subscriber WHERE name = $1`, s.Name)
		if err != nil {
			return err
		}
		size, err := Size(tx)
		waiting = !found || mark+1 < size
		return err
	})
	if err != nil || !waiting {
		return 0, err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		n = 0
		if _, err := tx.Exec(`INSERT INTO subscriber (name, seq) VALUES ($1, -1) ON CONFLICT DO NOTHING`, s.Name); err != nil {
			return err
		}
		lock := ""
		if tx.Dialect == db.Postgres {
			lock = " FOR UPDATE"
		}
		mark, err := db.Value[int64](tx, `SELECT seq FROM subscriber WHERE name = $1`+lock, s.Name)
		if err != nil {
			return err
		}
		list, err := All(tx, mark, batch)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, r := range list {
			if err := s.Handle(tx, r); err != nil {
				return err
			}
		}
		n = len(list)
		_, err = tx.Exec(`UPDATE subscriber SET seq = $1 WHERE name = $2`, list[len(list)-1].Seq, s.Name)
		return err
	})
	return n, err
}

// Run drains until ctx ends: at each ring of the database's bell, and every
// second for what other processes wrote.
func (s Subscriber) Run(ctx context.Context, d *db.DB, log *slog.Logger) {
	for {
		bell := d.Bell.Next()
		if _, err := s.Drain(ctx, d); err != nil && ctx.Err() == nil {
			log.Error("subscriber stands still", "name", s.Name, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-bell:
		case <-time.After(time.Second):
		}
	}
}
