// Package db opens the embedded database or PostgreSQL and gives verbs one
// kind of transaction for both.
//
// One SQL text serves both: parameters are $1, $2, …; instants are BIGINT
// microseconds since 1970 UTC; flags are INTEGER 0 or 1; JSON is TEXT. What
// differs (full text, claiming jobs) branches on Tx.Dialect.
package db

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/errs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Dialect is the database spoken to.
type Dialect string

// The two databases.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// DB is an open database: a write handle and a read handle (the same pool on
// PostgreSQL; one writer and several readers on SQLite).
type DB struct {
	Dialect     Dialect
	Clock       clock.Clock
	Bell        *Bell        // rings after a commit that left work to do
	Log         *slog.Logger // of what clocks could not do
	write, read *sql.DB
}

// Config says which database to open.
type Config struct {
	URL   string // empty: SQLite at Dir/tocsin.db; else postgres://…
	Dir   string // the data directory
	Clock clock.Clock
	Log   *slog.Logger // nil: none
}

// Open connects and brings the schema up to date.
func Open(ctx context.Context, c Config) (*DB, error) {
	d, err := Connect(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Connect connects without touching the schema.
func Connect(ctx context.Context, c Config) (*DB, error) {
	if c.Clock == nil {
		c.Clock = clock.System()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	var d *DB
	var err error
	switch {
	case c.URL == "":
		d, err = openSQLite(c)
	case strings.HasPrefix(c.URL, "postgres://"), strings.HasPrefix(c.URL, "postgresql://"):
		d, err = openPostgres(c)
	default:
		return nil, errs.New(errs.Invalid, "TOCSIN_DB must be empty (embedded database) or start with postgres://.")
	}
	if err != nil {
		return nil, err
	}
	if err := d.Ping(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func openSQLite(c Config) (*DB, error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	// Escaped, because ?, # and % in a folder's name would end the path.
	file := (&url.URL{Path: filepath.Join(c.Dir, "tocsin.db")}).EscapedPath()
	// synchronous FULL: an acknowledged write outlives a power cut.
	pragmas := url.Values{"_pragma": {"busy_timeout(15000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)", "cache_size(-16000)"}}
	w := url.Values{"_pragma": pragmas["_pragma"], "_txlock": {"immediate"}}
	writer, err := keepStatements("file:" + file + "?" + w.Encode())
	if err != nil {
		return nil, err
	}
	write := sql.OpenDB(writer)
	write.SetMaxOpenConns(1)
	r := url.Values{"_pragma": append([]string{"query_only(1)"}, pragmas["_pragma"]...), "_txlock": {"deferred"}}
	reader, err := keepStatements("file:" + file + "?" + r.Encode())
	if err != nil {
		write.Close()
		return nil, err
	}
	read := sql.OpenDB(reader)
	read.SetMaxOpenConns(4)
	read.SetMaxIdleConns(4)
	return &DB{Dialect: SQLite, Clock: c.Clock, Bell: new(Bell), Log: c.Log, write: write, read: read}, nil
}

// maxPool bounds one replica's connections to PostgreSQL.
const maxPool = 16

func openPostgres(c Config) (*DB, error) {
	conf, err := pgx.ParseConfig(c.URL)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "TOCSIN_DB cannot be read as a PostgreSQL address.")
	}
	// To compile a plan takes longer than any query here runs. It is said once
	// connected, since a pooler in between may refuse it earlier.
	pool := stdlib.OpenDB(*conf, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SET jit = off")
		return err
	}))
	pool.SetMaxOpenConns(maxPool)
	pool.SetMaxIdleConns(8)
	return &DB{Dialect: Postgres, Clock: c.Clock, Bell: new(Bell), Log: c.Log, write: pool, read: pool}, nil
}

// Ping asks the database for a sign of life (Unavailable when there is none).
func (d *DB) Ping(ctx context.Context) error { return d.mapError(d.write.PingContext(ctx)) }

// Close lets go of all connections. On SQLite the write-ahead log is folded
// into the file by the last one.
func (d *DB) Close() error {
	err := d.write.Close()
	if d.read != d.write {
		if e := d.read.Close(); err == nil {
			err = e
		}
	}
	return err
}

// Handle is the raw write handle, for migrations, backup and maintenance;
// verbs use Write and Read.
func (d *DB) Handle() *sql.DB { return d.write }
