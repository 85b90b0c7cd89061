// Package dbtest gives every test of the store a fresh, migrated database on
// both dialects and a clock it moves by hand.
//
// SQLite lives in the test's own directory. PostgreSQL is one server per test
// binary, started on demand and gone with it, or the server that
// TOCSIN_TEST_POSTGRES names (a superuser's postgres:// address).
package dbtest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
)

// Start is the instant at which every Fake clock of this package begins.
var Start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// Dialects are the databases that every test of the store runs on.
var Dialects = []db.Dialect{db.SQLite, db.Postgres}

// Each runs f as the subtests "sqlite" and "postgres", each on a migrated
// database of its own with a clock that stands at Start.
func Each(t *testing.T, f func(t *testing.T, d *db.DB, c *clock.Fake)) {
	t.Helper()
	for _, dialect := range Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			d, c := Open(t, dialect)
			f(t, d, c)
		})
	}
}

// Open gives a migrated database of one dialect and its clock. Both end with
// the test.
func Open(t testing.TB, dialect db.Dialect) (*db.DB, *clock.Fake) {
	t.Helper()
	c := clock.NewFake(Start)
	return Connect(t, Migrated(t, dialect), c), c
}

// Connect opens a configuration with a clock, without migrating it, and
// closes it with the test. Work that a clock cannot do fails the test, unless it
// gives the database a log of its own. A second Connect to the same configuration is a
// second replica.
func Connect(t testing.TB, conf db.Config, c clock.Clock) *db.DB {
	t.Helper()
	conf.Clock, conf.Log = c, slog.New(slog.NewTextHandler(failing{t}, &slog.HandlerOptions{Level: slog.LevelError}))
	d, err := db.Connect(context.Background(), conf)
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// failing is a log that nothing may be written to.
type failing struct{ testing.TB }

func (f failing) Write(line []byte) (int, error) {
	f.Errorf("in the log: %s", line)
	return len(line), nil
}

// Migrated is the configuration of a fresh database that has the current
// schema. It is removed with the test.
func Migrated(t testing.TB, dialect db.Dialect) db.Config {
	t.Helper()
	if dialect == db.Postgres {
		return db.Config{URL: postgresDatabase(t, true)}
	}
	file, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("migrate the SQLite template: %v", err)
	}
	conf := Empty(t, dialect)
	if err := os.WriteFile(filepath.Join(conf.Dir, "tocsin.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	return conf
}

// Empty is the configuration of a fresh database without any schema, for
// migrations and for a whole server. It is removed with the test.
func Empty(t testing.TB, dialect db.Dialect) db.Config {
	t.Helper()
	if dialect == db.Postgres {
		return db.Config{URL: postgresDatabase(t, false)}
	}
	return db.Config{Dir: t.TempDir()}
}

// sqliteTemplate is the file of a migrated SQLite database; copying it is far
// quicker than migrating anew for each test.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tocsin-sqlite-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	d, err := db.Open(context.Background(), db.Config{Dir: dir})
	if err != nil {
		return nil, err
	}
	// Close folds the write-ahead log into the file.
	if err := d.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "tocsin.db"))
})

// Main is a TestMain that stops the test binary's own PostgreSQL before it
// ends. Without it the server stops a moment after the binary has ended.
func Main(m *testing.M) { Exit(m.Run()) }

// Exit is the end of Main, for a TestMain that has more to clean up.
func Exit(code int) {
	stopOwn()
	os.Exit(code)
}
