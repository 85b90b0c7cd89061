package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"tocsin/internal/kernel/errs"

	"github.com/jackc/pgx/v5/pgconn"
)

// Tx is one transaction. Its Now is read from the clock once, so that a verb
// sees one instant throughout.
type Tx struct {
	Dialect Dialect
	Now     time.Time
	ctx     context.Context
	tx      *sql.Tx
	bell    *Bell
	before  []func() error
	after   []func()
	slots   map[any]any
	known   map[any]any // what a snapshot answered; nil while writing
	log     *slog.Logger
	spared  int // pieces of work that Spare could not do
}

const maxTries = 6

// Write runs fn in a write transaction and commits it. fn may run more than
// once (a serialization failure or a busy database is tried again), so it
// must not act on the world: what leaves goes through the outbox.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	var err error
	for try := range maxTries {
		if try > 0 {
			if err := pause(ctx, try); err != nil {
				return err
			}
		}
		var tx *Tx
		if tx, err = d.attempt(ctx, d.write, nil, fn); err == nil {
			for _, f := range tx.after {
				f()
			}
			return nil
		}
		if !retryable(err) {
			break
		}
	}
	return d.mapError(err)
}

// Read runs fn against one consistent snapshot; it cannot write.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if d.Dialect == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	_, err := d.attempt(ctx, d.read, opts, func(tx *Tx) error {
		tx.known = map[any]any{}
		return fn(tx)
	})
	return d.mapError(err)
}

func (d *DB) attempt(ctx context.Context, h *sql.DB, opts *sql.TxOptions, fn func(*Tx) error) (*Tx, error) {
	stx, err := begin(ctx, h, opts)
	if err != nil {
		return nil, err
	}
	defer stx.Rollback()
	tx := &Tx{Dialect: d.Dialect, Now: d.Clock.Now(), ctx: ctx, tx: stx, bell: d.Bell, log: d.Log}
	if err := fn(tx); err != nil {
		return nil, err
	}
	// A step may add another one, so the length is asked anew each time.
	for i := 0; i < len(tx.before); i++ {
		if err := tx.before[i](); err != nil {
			return nil, err
		}
	}
	if err := stx.Commit(); err != nil {
		return nil, unconfirmed(err)
	}
	return tx, nil
}

// begin passes over pooled connections that died while nobody looked, which
// is all of them after a restart of the database.
func begin(ctx context.Context, h *sql.DB, opts *sql.TxOptions) (*sql.Tx, error) {
	for range maxPool {
		if stx, err := h.BeginTx(ctx, opts); err == nil || !errors.Is(err, pgconn.ErrConnClosed) {
			return stx, err
		}
	}
	return h.BeginTx(ctx, opts)
}

func pause(ctx context.Context, try int) error {
	d := time.Duration(1<<try) * 5 * time.Millisecond
	t := time.NewTimer(d/2 + rand.N(d))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Context is the context the transaction was begun with.
func (t *Tx) Context() context.Context { return t.ctx }

// BeforeCommit adds a step that runs after fn, still inside the transaction.
// The ledger uses it so that the lock on its head is held shortly.
func (t *Tx) BeforeCommit(f func() error) { t.before = append(t.before, f) }

// AfterCommit adds a step that runs once the transaction is durable. It may
// be lost to a crash: use it to wake somebody, never to do the work.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// Ring wakes this process's workers once the transaction is durable.
func (t *Tx) Ring() { t.AfterCommit(t.bell.Ring) }

// Slot is what the transaction keeps under key, made on first use. A package
// uses it, with a key of a private type, to gather work for BeforeCommit.
func Slot[T any](t *Tx, key any) *T {
	if v, ok := t.slots[key]; ok {
		return v.(*T)
	}
	if t.slots == nil {
		t.slots = map[any]any{}
	}
	v := new(T)
	t.slots[key] = v
	return v
}

// Recall answers a question that this snapshot was asked before without asking
// again; a transaction that writes asks each time. The key has a private type
// and holds all that the answer depends on, the actor's Key among it. Nobody
// may change what is returned.
func Recall[K comparable, V any](t *Tx, key K, ask func() (V, error)) (V, error) {
	if v, ok := t.known[key]; ok {
		return v.(V), nil
	}
	v, err := ask()
	if err == nil && t.known != nil {
		t.known[key] = v
	}
	return v, err
}

// Exec runs a statement and returns how many rows it touched, which is how a
// guarded UPDATE tells whether its guard held.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	r, err := t.tx.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Query runs a query; All and One are nearly always the better choice.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(t.ctx, query, args...)
}

// All collects the rows of a query. cols gives the scan targets of one T.
func All[T any](t *Tx, cols func(*T) []any, query string, args ...any) ([]T, error) {
	rows, err := t.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(cols(&v)...); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// One is the first row of a query, and false if there is none.
func One[T any](t *Tx, cols func(*T) []any, query string, args ...any) (T, bool, error) {
	var v T
	err := t.tx.QueryRowContext(t.ctx, query, args...).Scan(cols(&v)...)
	if errors.Is(err, sql.ErrNoRows) {
		var zero T
		return zero, false, nil
	}
	return v, err == nil, err
}

// Value is the single column of the first row, or the zero T if there is no
// row.
func Value[T any](t *Tx, query string, args ...any) (T, error) {
	v, _, err := One(t, func(v *T) []any { return []any{v} }, query, args...)
	return v, err
}

// Column collects the single column of a query.
func Column[T any](t *Tx, query string, args ...any) ([]T, error) {
	return All(t, func(v *T) []any { return []any{v} }, query, args...)
}

// Guarded runs an UPDATE whose WHERE holds the state it may start from. No
// row touched means that the guard did not hold, and becomes refused.
func (t *Tx) Guarded(refused *errs.Error, query string, args ...any) error {
	n, err := t.Exec(query, args...)
	if err == nil && n == 0 {
		return refused
	}
	return err
}

// Rehearse runs fn and then takes back all that it wrote and all that it left
// to be done before or after the commit: to see what would come of it. The
// transaction must be one that writes, and goes on as if nothing had been.
func (t *Tx) Rehearse(fn func() error) (err error) {
	before, after, slots := t.before, t.after, t.slots
	t.before, t.after, t.slots = nil, nil, nil
	defer func() { t.before, t.after, t.slots = before, after, slots }()
	if _, err := t.Exec(`SAVEPOINT rehearsal`); err != nil {
		return err
	}
	err = fn()
	if _, back := t.Exec(`ROLLBACK TO SAVEPOINT rehearsal`); back != nil {
		return errors.Join(err, back)
	}
	_, release := t.Exec(`RELEASE SAVEPOINT rehearsal`)
	return errors.Join(err, release)
}
