package db_test

import (
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestTaken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		twice := d.Write(t.Context(), func(tx *db.Tx) error { return errors.Join(put(tx, "a", 1), put(tx, "a", 2)) })
		if !db.Taken(twice) {
			t.Errorf("the same key twice: %v", twice)
		}
		null := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec("INSERT INTO lease (name, holder, until) VALUES ('b', NULL, 1)")
			return err
		})
		if null == nil || db.Taken(null) {
			t.Errorf("another broken constraint: %v", null)
		}
	})
}

func TestForeignKeysHold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec("INSERT INTO audience_terms (audience_id, terms_id) VALUES ('nowhere', 'x')")
			return err
		})
		if err == nil {
			t.Error("a row that points nowhere was kept")
		}
	})
}

func TestFaultsOfTheServer(t *testing.T) {
	d, _ := dbtest.Open(t, db.SQLite)
	for code, want := range map[string]errs.Kind{
		"53100": errs.Unavailable, // disk_full
		"53300": errs.Unavailable, // too_many_connections
		"57P01": errs.Unavailable, // admin_shutdown
		"08006": errs.Unavailable, // connection_failure
		"42601": errs.Internal,    // syntax_error
		"23514": errs.Internal,    // check_violation
		"22021": errs.Malformed,   // character_not_in_repertoire
	} {
		err := d.Write(t.Context(), func(*db.Tx) error { return &pgconn.PgError{Code: code} })
		if !errs.Is(err, want) {
			t.Errorf("%s: %v, want %v", code, errs.KindOf(err), want)
		}
	}
	denied := errs.Wrap(errs.Denied, &pgconn.PgError{Code: "53100"}, "no")
	if err := d.Write(t.Context(), func(*db.Tx) error { return denied }); !errors.Is(err, denied) {
		t.Errorf("a verb's own answer was replaced by %v", err)
	}
}

func TestDiskFull(t *testing.T) {
	d, _ := dbtest.Open(t, db.SQLite)
	write := func() error {
		return d.Write(t.Context(), func(tx *db.Tx) error {
			if err := put(tx, "a", 1); err != nil {
				return err
			}
			_, err := tx.Exec("INSERT INTO setting (name, value) VALUES ('big', $1)", make([]byte, 1<<20))
			return err
		})
	}
	pages := func(query string) (n int64) {
		t.Helper()
		if err := d.Handle().QueryRow(query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	had := pages("PRAGMA page_count")
	if got := pages("PRAGMA max_page_count = 1"); got != had {
		t.Fatalf("the file may grow to %d pages, has %d", got, had)
	}
	err := write()
	if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("a full disk: %v", err)
	}
	if n := leases(t, d); n != 0 {
		t.Errorf("%d rows of a write that failed", n)
	}
	pages("PRAGMA max_page_count = 1000000")
	if err := write(); err != nil {
		t.Errorf("after room was made: %v", err)
	}
	if n := leases(t, d); n != 1 {
		t.Errorf("%d rows after room was made, want 1", n)
	}
}

// wire stands between the pool and PostgreSQL, and can be cut.
type wire struct {
	to    string
	mu    sync.Mutex
	gone  bool
	conns []net.Conn
	mute  atomic.Bool // cut at the server's next word, before the client hears it
}

func (w *wire) serve(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.to)
		w.mu.Lock()
		if err != nil || w.gone {
			client.Close()
			if server != nil {
				server.Close()
			}
		} else {
			w.conns = append(w.conns, client, server)
			go io.Copy(server, client)
			go w.answer(client, server)
		}
		w.mu.Unlock()
	}
}

func (w *wire) answer(client, server net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := server.Read(buf)
		if err != nil || w.mute.Load() {
			client.Close()
			server.Close()
			return
		}
		client.Write(buf[:n])
	}
}

func (w *wire) set(gone bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = gone
	if gone {
		for _, c := range w.conns {
			c.Close()
		}
		w.conns = nil
	}
}

func behindWire(t *testing.T) (*db.DB, *wire) {
	conf := dbtest.Migrated(t, db.Postgres)
	u, err := url.Parse(conf.URL)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{to: u.Host}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); w.set(true) })
	go w.serve(l)
	u.Host = l.Addr().String()
	conf.URL = u.String()
	return dbtest.Connect(t, conf, clock.System()), w
}

func TestDatabaseGoneAndBack(t *testing.T) {
	d, w := behindWire(t)
	write := func(name string) error {
		return d.Write(t.Context(), func(tx *db.Tx) error { return put(tx, name, 1) })
	}
	if err := write("before"); err != nil {
		t.Fatal(err)
	}
	w.set(true)
	for _, name := range []string{"gone", "still gone"} {
		err := write(name)
		if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("%s: %v", name, err)
		}
	}
	read := d.Read(t.Context(), func(tx *db.Tx) error { _, err := db.Value[int](tx, "SELECT 1"); return err })
	if !errs.Is(read, errs.Unavailable) {
		t.Errorf("a read: %v", read)
	}
	if err := d.Ping(t.Context()); !errs.Is(err, errs.Unavailable) {
		t.Errorf("a ping: %v", err)
	}
	w.set(false)
	if err := write("after"); err != nil {
		t.Errorf("after the database is back: %v", err)
	}
	if n := leases(t, d); n != 2 {
		t.Errorf("%d rows, want those of before and after", n)
	}
}

func TestDatabaseGoneInTheMiddle(t *testing.T) {
	d, w := behindWire(t)
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		if err := put(tx, "a", 1); err != nil {
			return err
		}
		w.set(true)
		return put(tx, "b", 1)
	})
	if !errs.Is(err, errs.Unavailable) {
		t.Errorf("cut between two statements: %v", err)
	}
	w.set(false)
	if n := leases(t, d); n != 0 {
		t.Errorf("%d rows of a transaction that was cut", n)
	}
}

// The commit arrives and its answer does not. The caller must not be told
// that nothing was changed, and the verb must not run a second time.
func TestCommitWithoutAnswer(t *testing.T) {
	d, w := behindWire(t)
	runs := 0
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		runs++
		if err := put(tx, "a", 1); err != nil {
			return err
		}
		tx.AfterCommit(func() { t.Error("taken for committed without an answer") })
		w.mute.Store(true)
		return nil
	})
	if !errs.Is(err, errs.Unavailable) || strings.Contains(err.Error(), "nothing was changed") || runs != 1 {
		t.Errorf("after %d runs: %v", runs, err)
	}
	w.mute.Store(false)
	if n := leases(t, d); n != 1 {
		t.Errorf("%d rows, want the one whose commit arrived", n)
	}
}
