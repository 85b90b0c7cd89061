package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/id"

	"github.com/jackc/pgx/v5"
)

// The binary's own server, nil where TOCSIN_TEST_POSTGRES names another.
var (
	ownMu sync.Mutex
	own   *Server
)

// server is a superuser's address of the server that tests run on.
var server = sync.OnceValues(func() (string, error) {
	if given := os.Getenv("TOCSIN_TEST_POSTGRES"); given != "" {
		return given, nil
	}
	s, err := StartServer()
	if err != nil {
		return "", err
	}
	ownMu.Lock()
	defer ownMu.Unlock()
	own = s
	return s.URL, nil
})

// admin is the superuser's way to the maintenance database.
var admin = sync.OnceValues(func() (*sql.DB, error) {
	at, err := server()
	if err != nil {
		return nil, err
	}
	return sql.Open("pgx", at)
})

func stopOwn() {
	ownMu.Lock()
	defer ownMu.Unlock()
	if own != nil {
		own.Stop()
		own = nil
	}
}

// template is the name of the migrated database that others are copied from.
var template = sync.OnceValues(func() (string, error) {
	at, err := server()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return makeTemplate(ctx, at)
})

// makeTemplate makes the template once per schema, however many test binaries
// ask the same server for it at once.
func makeTemplate(ctx context.Context, server string) (string, error) {
	digest, err := db.SchemaDigest(db.Postgres)
	if err != nil {
		return "", err
	}
	name := "tocsin_schema_" + digest[:16]
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer c.Close(ctx) // lets go of the lock as well
	if _, err := c.Exec(ctx, "SELECT pg_advisory_lock(hashtext('tocsin test template'))"); err != nil {
		return "", err
	}
	var ready bool
	err = c.QueryRow(ctx, "SELECT datistemplate FROM pg_database WHERE datname = $1", name).Scan(&ready)
	if err == nil && ready {
		return name, nil
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", err
	}
	// One that is not marked was left behind half made.
	for _, q := range []string{"DROP DATABASE IF EXISTS %s WITH (FORCE)", "CREATE DATABASE %s TEMPLATE template0"} {
		if _, err := c.Exec(ctx, fmt.Sprintf(q, name)); err != nil {
			return "", err
		}
	}
	at, err := within(server, name)
	if err != nil {
		return "", err
	}
	d, err := db.Open(ctx, db.Config{URL: at})
	if err != nil {
		return "", err
	}
	if err := d.Close(); err != nil {
		return "", err
	}
	_, err = c.Exec(ctx, fmt.Sprintf("ALTER DATABASE %s WITH IS_TEMPLATE true ALLOW_CONNECTIONS false", name))
	return name, err
}

// postgresDatabase is the address of a new database that goes with the test.
func postgresDatabase(t testing.TB, migrated bool) string {
	t.Helper()
	if os.Getenv("TOCSIN_TEST_NO_POSTGRES") == "1" {
		t.Skip("TOCSIN_TEST_NO_POSTGRES=1: PostgreSQL is left out")
	}
	address, err := server()
	if err != nil {
		t.Fatal(err)
	}
	from := "template0"
	if migrated {
		if from, err = template(); err != nil {
			t.Fatalf("migrate the PostgreSQL template: %v", err)
		}
	}
	name := id.New("tocsin_test", time.Now())
	if err := execute(fmt.Sprintf("CREATE DATABASE %q TEMPLATE %s", name, from)); err != nil {
		t.Fatalf("make a PostgreSQL database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(fmt.Sprintf("DROP DATABASE %q WITH (FORCE)", name)); err != nil {
			t.Errorf("drop the PostgreSQL database: %v", err)
		}
	})
	at, err := within(address, name)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// execute runs one statement on the server's maintenance database.
func execute(query string) error {
	pool, err := admin()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err = pool.ExecContext(ctx, query)
	return err
}

// within is the address of another database on the same server.
func within(address, name string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("TOCSIN_TEST_POSTGRES: %w", err)
	}
	u.Path = "/" + name
	return u.String(), nil
}
