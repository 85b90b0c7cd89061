package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func put(tx *db.Tx, name string, until int64) error {
	_, err := tx.Exec("INSERT INTO lease (name, holder, until) VALUES ($1, 'x', $2)", name, until)
	return err
}

func leases(t *testing.T, d *db.DB) int64 {
	t.Helper()
	var n int64
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.Value[int64](tx, "SELECT count(*) FROM lease")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWriteRollsBackWholly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		refused := errs.New(errs.Conflict, "no")
		for name, spoil := range map[string]func(*db.Tx) error{
			"verb": func(*db.Tx) error { return refused },
			"step": func(tx *db.Tx) error {
				tx.BeforeCommit(func() error { return refused })
				return nil
			},
			"added step": func(tx *db.Tx) error {
				tx.BeforeCommit(func() error {
					tx.BeforeCommit(func() error { return refused })
					return nil
				})
				return nil
			},
		} {
			after := false
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				tx.AfterCommit(func() { after = true })
				if err := put(tx, name, 1); err != nil {
					return err
				}
				return spoil(tx)
			})
			if !errors.Is(err, refused) {
				t.Errorf("%s: got %v, want the verb's own error", name, err)
			}
			if after {
				t.Errorf("%s: a step for after the commit ran without one", name)
			}
		}
		if n := leases(t, d); n != 0 {
			t.Errorf("%d rows outlived their rollback", n)
		}
	})
}

func TestPanicRollsBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		func() {
			defer func() { recover() }()
			d.Write(t.Context(), func(tx *db.Tx) error {
				if err := put(tx, "a", 1); err != nil {
					t.Error(err)
				}
				panic("a fault in a verb")
			})
		}()
		if n := leases(t, d); n != 0 {
			t.Errorf("%d rows outlived a panic", n)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return put(tx, "a", 1) }); err != nil {
			t.Errorf("the write handle is lost after a panic: %v", err)
		}
	})
}

func TestWriteTriesAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		tries, after := 0, 0
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			tries++
			tx.AfterCommit(func() { after++ })
			if err := put(tx, "once", 1); err != nil {
				return err
			}
			if tries < 3 {
				return fmt.Errorf("verb: %w", &pgconn.PgError{Code: "40001"})
			}
			return nil
		})
		if err != nil || tries != 3 || after != 1 {
			t.Errorf("tries %d, after-commit steps %d, error %v; want 3, 1, nil", tries, after, err)
		}
		if n := leases(t, d); n != 1 {
			t.Errorf("%d rows, want the last try's one", n)
		}
	})
}

func TestWriteGivesUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		tries := 0
		err := d.Write(t.Context(), func(*db.Tx) error {
			tries++
			return &pgconn.PgError{Code: "40P01"}
		})
		if !errs.Is(err, errs.Unavailable) || tries < 2 || tries > 10 {
			t.Errorf("after %d tries: %v; want Unavailable after a few", tries, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		tries = 0
		err = d.Write(ctx, func(*db.Tx) error {
			tries++
			cancel()
			return &pgconn.PgError{Code: "40P01"}
		})
		if err == nil || tries != 1 {
			t.Errorf("%d tries for somebody who has left (%v)", tries, err)
		}
	})
}

func TestReadCannotWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		if err := d.Read(t.Context(), func(tx *db.Tx) error { return put(tx, "a", 1) }); err == nil {
			t.Error("Read let a write through")
		}
		if n := leases(t, d); n != 0 {
			t.Errorf("%d rows written by Read", n)
		}
	})
}

func TestReadSeesOneSnapshot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			before, err := db.Value[int64](tx, "SELECT count(*) FROM lease")
			if err != nil {
				return err
			}
			if err := d.Write(t.Context(), func(w *db.Tx) error { return put(w, "a", 1) }); err != nil {
				return err
			}
			now, err := db.Value[int64](tx, "SELECT count(*) FROM lease")
			if now != before {
				t.Errorf("a write of somebody else shows in the middle of a read: %d, then %d", before, now)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := leases(t, d); n != 1 {
			t.Errorf("%d rows for the next read, want 1", n)
		}
	})
}

func TestOneInstantThroughout(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			c.Advance(time.Hour)
			if !tx.Now.Equal(dbtest.Start) {
				t.Errorf("Now is %v, want the instant it began at", tx.Now)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestGuarded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		refused := errs.New(errs.Conflict, "It has moved on.")
		move := func(from, to string) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				return tx.Guarded(refused, "UPDATE lease SET holder = $1 WHERE name = 'a' AND holder = $2", to, from)
			})
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return put(tx, "a", 1) }); err != nil {
			t.Fatal(err)
		}
		if err := move("x", "y"); err != nil {
			t.Errorf("a guard that holds: %v", err)
		}
		if err := move("x", "z"); !errors.Is(err, refused) {
			t.Errorf("a guard that does not hold: %v", err)
		}
	})
}

// Two replicas with four writers each count up one row by compare and set.
// Whoever loses a race is told so and tries again; no step is lost.
func TestConcurrentWritersLoseNothing(t *testing.T) {
	const writers, steps = 4, 10
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			conf := dbtest.Migrated(t, dialect)
			c := clock.NewFake(dbtest.Start)
			replicas := []*db.DB{dbtest.Connect(t, conf, c), dbtest.Connect(t, conf, c)}
			if err := replicas[0].Write(t.Context(), func(tx *db.Tx) error { return put(tx, "n", 0) }); err != nil {
				t.Fatal(err)
			}
			lost := errs.New(errs.Stale, "Somebody was faster.")
			step := func(tx *db.Tx) error {
				n, err := db.Value[int64](tx, "SELECT until FROM lease WHERE name = 'n'")
				if err != nil {
					return err
				}
				return tx.Guarded(lost, "UPDATE lease SET until = $1 WHERE name = 'n' AND until = $2", n+1, n)
			}
			var wg sync.WaitGroup
			for _, d := range replicas {
				for range writers {
					wg.Go(func() {
						for done := 0; done < steps && t.Context().Err() == nil; {
							switch err := d.Write(t.Context(), step); {
							case err == nil:
								done++
							case !errors.Is(err, lost):
								t.Error(err)
								return
							}
						}
					})
				}
			}
			wg.Wait()
			err := replicas[1].Read(t.Context(), func(tx *db.Tx) error {
				n, err := db.Value[int64](tx, "SELECT until FROM lease WHERE name = 'n'")
				if want := int64(len(replicas) * writers * steps); n != want {
					t.Errorf("counted %d of %d acknowledged steps", n, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestDeadlockIsTriedAgain(t *testing.T) {
	d, _ := dbtest.Open(t, db.Postgres)
	err := d.Write(t.Context(), func(tx *db.Tx) error { return errors.Join(put(tx, "a", 0), put(tx, "b", 0)) })
	if err != nil {
		t.Fatal(err)
	}
	both := make(chan struct{}, 2)
	var meet sync.Once
	ready := make(chan struct{})
	run := func(first, second string) error {
		try := 0
		return d.Write(t.Context(), func(tx *db.Tx) error {
			try++
			if _, err := tx.Exec("UPDATE lease SET until = until + 1 WHERE name = $1", first); err != nil {
				return err
			}
			if try == 1 { // hold the first lock until the other has theirs
				both <- struct{}{}
				if len(both) == 2 {
					meet.Do(func() { close(ready) })
				}
				<-ready
			}
			_, err := tx.Exec("UPDATE lease SET until = until + 1 WHERE name = $1", second)
			return err
		})
	}
	var wg sync.WaitGroup
	var one, two error
	wg.Go(func() { one = run("a", "b") })
	wg.Go(func() { two = run("b", "a") })
	wg.Wait()
	if one != nil || two != nil {
		t.Fatalf("a deadlock reached the callers: %v; %v", one, two)
	}
	err = d.Read(t.Context(), func(tx *db.Tx) error {
		sum, err := db.Value[int64](tx, "SELECT CAST(sum(until) AS BIGINT) FROM lease")
		if sum != 4 {
			t.Errorf("sum %d, want 4: each of the two raised both rows once", sum)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRehearsalLeavesNothing does and takes back, steps for the commit
// included, and goes on after a statement that fails.
func TestRehearsalLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		if _, err := d.Handle().Exec(`CREATE TABLE rehearsed (id TEXT PRIMARY KEY)`); err != nil {
			t.Fatal(err)
		}
		late := false
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(`INSERT INTO rehearsed (id) VALUES ('kept')`); err != nil {
				return err
			}
			if err := tx.Rehearse(func() error {
				tx.BeforeCommit(func() error { late = true; return nil })
				if _, err := tx.Exec(`INSERT INTO rehearsed (id) VALUES ('tried')`); err != nil {
					return err
				}
				return tx.Rehearse(func() error { _, err := tx.Exec(`DELETE FROM rehearsed`); return err })
			}); err != nil {
				return err
			}
			if err := tx.Rehearse(func() error { _, err := tx.Exec(`INSERT INTO rehearsed (id) VALUES ('kept')`); return err }); !db.Taken(err) {
				t.Errorf("a row twice: %v", err)
			}
			ids, err := db.Column[string](tx, `SELECT id FROM rehearsed`)
			if len(ids) != 1 || ids[0] != "kept" {
				t.Errorf("there are %v", ids)
			}
			return err
		})
		if err != nil || late {
			t.Errorf("%v; a step of the rehearsal ran: %v", err, late)
		}
	})
}
