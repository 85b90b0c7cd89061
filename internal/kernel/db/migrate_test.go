package db_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
)

func TestMigrateFromEmpty(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			d := dbtest.Connect(t, dbtest.Empty(t, dialect), clock.System())
			have, want, err := d.SchemaVersion(t.Context())
			if err != nil || have != 0 || want < 1 {
				t.Fatalf("before: version %d, want 0 of at least 1 (%v)", have, err)
			}
			for range 2 { // the second time there is nothing to do
				if err := d.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
				if have, want, err = d.SchemaVersion(t.Context()); err != nil || have != want {
					t.Fatalf("after: version %d of %d (%v)", have, want, err)
				}
			}
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return put(tx, "a", 1) }); err != nil {
				t.Error(err)
			}
		})
	}
}

// Replicas that start at the same moment on an empty database all come up.
func TestMigrateAtOnce(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			conf := dbtest.Empty(t, dialect)
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					d, err := db.Open(context.Background(), conf)
					if err != nil {
						t.Error(err)
						return
					}
					defer d.Close()
					if have, want, err := d.SchemaVersion(context.Background()); err != nil || have != want {
						t.Errorf("version %d of %d (%v)", have, want, err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestSchemaDigestNamesOneSchema(t *testing.T) {
	seen := map[string]db.Dialect{}
	for _, dialect := range dbtest.Dialects {
		one, err := db.SchemaDigest(dialect)
		if err != nil {
			t.Fatal(err)
		}
		two, err := db.SchemaDigest(dialect)
		if err != nil || one != two {
			t.Errorf("%s: %s, then %s (%v)", dialect, one, two, err)
		}
		if other, ok := seen[one]; ok {
			t.Errorf("%s and %s have the same digest, though their column types differ", dialect, other)
		}
		seen[one] = dialect
	}
}

func TestAnyDirectoryNameWorks(t *testing.T) {
	base := t.TempDir()
	for _, name := range []string{"a#b", "a?mode=memory", "a%41", "a b", "ä"} {
		dir := filepath.Join(base, name)
		d, err := db.Open(t.Context(), db.Config{Dir: dir})
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		d.Close()
		if found, _ := filepath.Glob(filepath.Join(base, "*", "tocsin.db")); len(found) == 0 {
			t.Errorf("%q: the file is not in its directory", name)
		}
		again, err := db.Connect(t.Context(), db.Config{Dir: dir})
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if have, want, err := again.SchemaVersion(t.Context()); err != nil || have != want {
			t.Errorf("%q: reopened at version %d of %d (%v)", name, have, want, err)
		}
		again.Close()
	}
	if found, _ := filepath.Glob(filepath.Join(base, "*", "tocsin.db")); len(found) != 5 {
		t.Errorf("%d databases, want 5: %v", len(found), found)
	}
}

func TestOpenRefusesWhatItDoesNotSpeak(t *testing.T) {
	for _, address := range []string{"mysql://localhost/x", "/var/lib/tocsin.db", "postgres://%zz"} {
		_, err := db.Open(t.Context(), db.Config{URL: address, Dir: t.TempDir()})
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v, want Invalid", address, err)
		}
	}
}
