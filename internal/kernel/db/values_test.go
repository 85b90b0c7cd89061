package db_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
)

type thing struct {
	at, never time.Time
	on, off   bool
	tags      []string
	blob      []byte
}

func thingCols(v *thing) []any {
	return []any{db.At(&v.at), db.At(&v.never), &v.on, &v.off, db.JSON(&v.tags), &v.blob}
}

func TestValuesComeBackAsStored(t *testing.T) {
	want := thing{
		at:   time.Date(2031, 5, 6, 7, 8, 9, 123456000, time.UTC),
		on:   true,
		tags: []string{"a", "ü\u202e<script>", `"`},
		blob: []byte{0, 255, 10},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		blob := "BLOB"
		if d.Dialect == db.Postgres {
			blob = "BYTEA"
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`CREATE TABLE thing (at BIGINT, never BIGINT, is_on INTEGER, is_off INTEGER, tags TEXT, blob ` + blob + `)`)
			if err != nil {
				return err
			}
			_, err = tx.Exec(`INSERT INTO thing VALUES ($1, $2, $3, $4, $5, $6)`,
				db.Micros(want.at), db.Micros(want.never), db.Bit(want.on), db.Bit(want.off), db.JSON(want.tags), want.blob)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Read(t.Context(), func(tx *db.Tx) error {
			got, ok, err := db.One(tx, thingCols, `SELECT at, never, is_on, is_off, tags, blob FROM thing`)
			if err != nil {
				return err
			}
			if !ok || !got.at.Equal(want.at) || got.at.Location() != time.UTC || !got.never.IsZero() || !got.on || got.off ||
				!slices.Equal(got.tags, want.tags) || !bytes.Equal(got.blob, want.blob) {
				t.Errorf("got %+v, want %+v", got, want)
			}
			_, ok, err = db.One(tx, thingCols, `SELECT at, never, is_on, is_off, tags, blob FROM thing WHERE at = 0`)
			if ok {
				t.Error("One found a row where there is none")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestJSONRefusesWhatIsNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			for _, text := range []string{`'{'`, `'[1] x'`} {
				var v any
				if _, _, err := db.One(tx, func(*thing) []any { return []any{db.JSON(&v)} }, "SELECT "+text); err == nil {
					t.Errorf("%s was read as %v", text, v)
				}
			}
			var kept any = "kept"
			for _, text := range []string{`NULL`, `''`} {
				_, _, err := db.One(tx, func(*thing) []any { return []any{db.JSON(&kept)} }, "SELECT CAST("+text+" AS TEXT)")
				if err != nil || kept != "kept" {
					t.Errorf("%s: %v, %v; an empty column leaves the target alone", text, kept, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestListMatchesItsMembersOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			for _, name := range []string{"a", "b", "c"} {
				if err := put(tx, name, 7); err != nil {
					return err
				}
			}
			for _, in := range [][]string{nil, {"b"}, {"c", "a", "nobody"}} {
				var args db.Args
				where := "until = " + args.Add(7) + " AND name IN " + db.List(&args, in)
				got, err := db.Column[string](tx, "SELECT name FROM lease WHERE "+where+" ORDER BY name", args...)
				if err != nil {
					return err
				}
				want := slices.DeleteFunc(slices.Sorted(slices.Values(in)), func(s string) bool { return s == "nobody" })
				if !slices.Equal(got, want) {
					t.Errorf("IN %v gives %v", in, got)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
