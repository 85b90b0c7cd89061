package golden_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"

	"github.com/jackc/pgx/v5"
)

// store puts the database of a world back as it was when it was kept. The
// handle that the doors hold stays the same; what it is connected to changes.
type store struct {
	conf     db.Config
	template string // the file, or the name of the database
	name     string
	admin    *pgx.Conn
}

func keep(t *testing.T, h *gate.House, conf db.Config, dialect db.Dialect) store {
	t.Helper()
	s := store{conf: conf}
	s.conf.Clock = h.DB.Clock
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if dialect == db.SQLite {
		s.template = filepath.Join(t.TempDir(), "template.db")
		copyFile(t, filepath.Join(conf.Dir, "tocsin.db"), s.template)
	} else {
		u, err := url.Parse(conf.URL)
		if err != nil {
			t.Fatal(err)
		}
		s.name = u.Path[1:]
		s.template = s.name + "_kept"
		u.Path = "/postgres"
		if s.admin, err = pgx.Connect(context.Background(), u.String()); err != nil {
			t.Fatal(err)
		}
		s.run(t, `CREATE DATABASE "`+s.template+`" TEMPLATE "`+s.name+`"`)
		t.Cleanup(func() {
			s.run(t, `DROP DATABASE "`+s.template+`" WITH (FORCE)`)
			s.admin.Close(context.Background())
		})
	}
	s.connect(t, h)
	t.Cleanup(func() { h.DB.Close() })
	return s
}

func (s store) putBack(b *bench) {
	b.Helper()
	b.house.DB.Close()
	if s.admin == nil {
		for _, end := range []string{"-wal", "-shm"} {
			os.Remove(filepath.Join(s.conf.Dir, "tocsin.db"+end))
		}
		copyFile(b, s.template, filepath.Join(s.conf.Dir, "tocsin.db"))
	} else {
		s.run(b, `DROP DATABASE "`+s.name+`" WITH (FORCE)`)
		s.run(b, `CREATE DATABASE "`+s.name+`" TEMPLATE "`+s.template+`"`)
	}
	s.connect(b, b.house)
}

func (s store) connect(t testing.TB, h *gate.House) {
	t.Helper()
	d, err := db.Connect(context.Background(), s.conf)
	if err != nil {
		t.Fatal(err)
	}
	*h.DB = *d
}

func (s store) run(t testing.TB, query string) {
	t.Helper()
	if _, err := s.admin.Exec(context.Background(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
