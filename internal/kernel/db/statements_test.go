package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
)

// TestStatementsAreKeptApart runs one text inside itself, cut off half way,
// after an error and after a change of the schema: each run has its own rows.
func TestStatementsAreKeptApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		ctx := context.Background()
		for _, q := range []string{`CREATE TABLE pebble (n BIGINT PRIMARY KEY)`, `INSERT INTO pebble VALUES (1), (2), (3)`} {
			if _, err := d.Handle().Exec(q); err != nil {
				t.Fatal(err)
			}
		}
		const above = `SELECT n FROM pebble WHERE n > $1 ORDER BY n`
		read := func(tx *db.Tx, n int, want string) {
			t.Helper()
			got, err := db.Column[int](tx, above, n)
			if err != nil || fmt.Sprint(got) != want {
				t.Errorf("above %d: %v, %v; want %s", n, got, err, want)
			}
		}
		inside := func(tx *db.Tx) error {
			read(tx, 0, "[1 2 3]")
			if d.Dialect == db.SQLite { // PostgreSQL's protocol has one result at a time
				rows, err := tx.Query(above, 0)
				if err != nil {
					return err
				}
				defer rows.Close()
				for n := 1; rows.Next(); n++ {
					var got int
					if err := rows.Scan(&got); err != nil || got != n {
						t.Errorf("row %d is %d, %v", n, got, err)
					}
					read(tx, 1, "[2 3]")
				}
			}
			if n, _, err := db.One(tx, func(n *int) []any { return []any{n} }, above, 1); n != 2 || err != nil {
				t.Errorf("the first above 1 is %d, %v", n, err)
			}
			read(tx, 2, "[3]")
			return nil
		}
		if err := d.Read(ctx, inside); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time the failing statement is one that failed
			err := d.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(`INSERT INTO pebble (n) VALUES ($1)`, 3)
				return err
			})
			if err == nil {
				t.Error("a key twice is no error")
			}
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if err := d.Read(gone, inside); !errors.Is(err, context.Canceled) {
			t.Errorf("a read that was called off answers %v", err)
		}
		if _, err := d.Handle().Exec(`ALTER TABLE pebble ADD COLUMN color TEXT NOT NULL DEFAULT 'gray'`); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(ctx, inside); err != nil {
			t.Fatal(err)
		}
	})
}

// TestManyStatements asks more texts than a connection keeps, from more
// goroutines than there are connections.
func TestManyStatements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		var wg sync.WaitGroup
		for g := range 12 {
			wg.Go(func() {
				err := d.Read(context.Background(), func(tx *db.Tx) error {
					for i := range 400 {
						n := (i*(g+1))%200 + 1
						got, err := db.Value[int64](tx, fmt.Sprintf(`SELECT CAST($1 AS BIGINT) + %d`, n), int64(g))
						if err != nil {
							return err
						}
						if got != int64(n+g) {
							return fmt.Errorf("%d and %d is %d", n, g, got)
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}
