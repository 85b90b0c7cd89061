package backup_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/backup"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
	"tocsin/internal/kernel/search"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var settings = ledger.Table{Kind: "setting", Name: "setting", Cols: "name, value", Key: "name"}

// server is a running server with something in it.
type server struct {
	d     *db.DB
	c     *clock.Fake
	s     *seal.Sealer
	k     *ledger.Keeper
	files blob.Store
	sha   string
	key   *age.X25519Identity
}

func start(t *testing.T, dialect db.Dialect) *server {
	t.Helper()
	x := &server{}
	x.d, x.c = dbtest.Open(t, dialect)
	var err error
	if x.s, err = seal.Open(filepath.Join(t.TempDir(), "keys")); err != nil {
		t.Fatal(err)
	}
	if x.files, err = blob.OpenDir(t.TempDir(), x.s); err != nil {
		t.Fatal(err)
	}
	if x.key, err = age.GenerateX25519Identity(); err != nil {
		t.Fatal(err)
	}
	ref, err := x.files.Put(t.Context(), strings.NewReader("a proof of concept"), 100)
	if err != nil {
		t.Fatal(err)
	}
	x.sha = ref.SHA256
	secret, public, err := ledger.NewKey("test")
	if err != nil {
		t.Fatal(err)
	}
	if x.k, err = ledger.NewKeeper(secret, public); err != nil {
		t.Fatal(err)
	}
	sealed, err := x.s.Seal([]byte(secret + "\n" + public))
	if err != nil {
		t.Fatal(err)
	}
	x.set(t, "ledger.key", sealed)
	x.set(t, "empty", []byte{})
	x.set(t, "bytes", []byte{0, 255, '"', '\n'})
	x.write(t, func(tx *db.Tx) error {
		box := outbox.New(x.s)
		for key, when := range map[string]time.Time{"due": {}, "later": tx.Now.Add(48 * time.Hour)} {
			if err := box.Put(tx, outbox.Item{Key: key, Kind: "mail"}, outbox.Mail{Subject: "ä <b>\u2028"}, when); err != nil {
				return err
			}
		}
		if _, err := audience.Create(tx, "case \"quoted\" \\ \x01", []audience.Grant{{Kind: audience.Person, ID: "p1", Role: audience.Reader}}, nil, nil); err != nil {
			return err
		}
		for i := range 3 {
			if err := search.Put(tx, search.Doc{Kind: "advisory", ObjectID: fmt.Sprint(i), Level: tlp.Clear, Release: tx.Now, Title: "CVE-2024-1234", URL: "/"}); err != nil {
				return err
			}
		}
		return nil
	})
	return x
}

func (x *server) write(t *testing.T, f func(tx *db.Tx) error) {
	t.Helper()
	if err := x.d.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func (x *server) set(t *testing.T, name string, value []byte) {
	t.Helper()
	x.write(t, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO setting (name, value) VALUES ($1, $2)`, name, value)
		ledger.Append(tx, ledger.Event{Kind: "setting.made", Object: ledger.Object{Kind: "setting", ID: name}, Data: map[string]string{"n": "<ö>"}, Binds: []ledger.Bound{settings.Of(name)}})
		return err
	})
}

func (x *server) backup(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	m, err := backup.Write(t.Context(), backup.Source{DB: x.d, Files: x.files, Keys: x.s, Keeper: x.k}, &buf, x.key.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if m.Events != 3 || m.Files != 1 || m.Rows["setting"] != 3 || m.Checkpoint == "" {
		t.Fatalf("%+v", m)
	}
	for _, secret := range []string{"setting", "AGE-SECRET", "a proof"} {
		if strings.Contains(buf.String(), secret) {
			t.Errorf("%q lies open in the backup", secret)
		}
	}
	return buf.Bytes()
}

// place is an empty target of a dialect.
func place(t *testing.T, dialect db.Dialect) backup.Target {
	conf := dbtest.Empty(t, dialect)
	conf.Clock = clock.NewFake(dbtest.Start.Add(24 * time.Hour))
	dir := t.TempDir()
	return backup.Target{
		DB: conf, Keys: filepath.Join(dir, "keys"), Tables: []ledger.Table{settings},
		Files: func(s *seal.Sealer) (blob.Store, error) { return blob.OpenDir(filepath.Join(dir, "files"), s) },
		Keeper: func(tx *db.Tx, s *seal.Sealer) (*ledger.Keeper, error) {
			sealed, err := db.Value[[]byte](tx, `SELECT value FROM setting WHERE name = 'ledger.key'`)
			if err != nil {
				return nil, err
			}
			plain, err := s.Unseal(sealed)
			if err != nil {
				return nil, err
			}
			secret, public, _ := strings.Cut(string(plain), "\n")
			return ledger.NewKeeper(secret, public)
		},
	}
}

func untouched(t *testing.T, name string, to backup.Target) {
	t.Helper()
	if _, err := os.Stat(to.Keys); err == nil {
		t.Errorf("%s: keys were left", name)
	}
	filepath.WalkDir(filepath.Join(filepath.Dir(to.Keys), "files"), func(path string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			t.Errorf("%s: file %s was left", name, path)
		}
		return nil
	})
	if to.DB.Dir != "" {
		if left, _ := os.ReadDir(to.DB.Dir); len(left) > 0 {
			t.Errorf("%s: %v was left", name, left)
		}
		return
	}
	d := dbtest.Connect(t, to.DB, to.DB.Clock)
	d.Read(t.Context(), func(tx *db.Tx) error {
		n, err := db.Value[int](tx, `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()`)
		if n != 0 || err != nil {
			t.Errorf("%s: %d tables were left, %v", name, n, err)
		}
		return nil
	})
}

func TestComesBackOnEitherDatabase(t *testing.T) {
	for _, from := range dbtest.Dialects {
		for _, to := range dbtest.Dialects {
			t.Run(string(from+" to "+to), func(t *testing.T) {
				x := start(t, from)
				file := x.backup(t)
				target := place(t, to)
				rep, err := backup.Restore(t.Context(), target, bytes.NewReader(file), x.key)
				if err != nil {
					t.Fatal(err)
				}
				if rep.Ledger.Rows != 3 || rep.Ledger.Events != 3 || rep.Missing != 0 {
					t.Errorf("%+v", rep)
				}
				same(t, x, target)
				if _, err := backup.Restore(t.Context(), target, bytes.NewReader(file), x.key); !errs.Is(err, errs.Conflict) {
					t.Errorf("over a server that is there: %v", err)
				}
				same(t, x, target)
			})
		}
	}
}

// same holds a restored server against the one it is of.
func same(t *testing.T, x *server, target backup.Target) {
	t.Helper()
	d := dbtest.Connect(t, target.DB, target.DB.Clock)
	s, err := seal.Open(target.Keys)
	if err != nil || s.Recipient() != x.s.Recipient() {
		t.Fatalf("the keys: %v", err)
	}
	files, err := target.Files(s)
	if err != nil {
		t.Fatal(err)
	}
	r, err := files.Open(t.Context(), x.sha)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if text, err := io.ReadAll(r); string(text) != "a proof of concept" || err != nil {
		t.Errorf("the file: %q, %v", text, err)
	}
	type setting struct {
		name  string
		value []byte
	}
	read := func(d *db.DB) (list []setting, noun string) {
		err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
			list, err = db.All(tx, func(s *setting) []any { return []any{&s.name, &s.value} }, `SELECT name, value FROM setting ORDER BY name`)
			if err == nil {
				noun, err = db.Value[string](tx, `SELECT noun FROM audience`)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return list, noun
	}
	a, nounA := read(x.d)
	b, nounB := read(d)
	if fmt.Sprint(a) != fmt.Sprint(b) || nounA != nounB {
		t.Errorf("rows differ: %v %q and %v %q", a, nounA, b, nounB)
	}
	err = d.Write(t.Context(), func(tx *db.Tx) error {
		list, err := outbox.New(s).List(tx, outbox.Filter{})
		if err != nil {
			return err
		}
		for _, it := range list {
			if want := map[string]outbox.State{"due": outbox.Uncertain, "later": outbox.Pending}[it.Key]; it.State != want {
				t.Errorf("%s is %s, want %s", it.Key, it.State, want)
			}
		}
		if p, err := search.Find(tx, audience.Actor{}, search.Query{Text: "cve-2024-1234"}); err != nil || len(p.Hits) != 3 {
			t.Errorf("search finds %d: %v", len(p.Hits), err)
		}
		last, err := ledger.All(tx, 2, 10)
		if err == nil && (len(last) != 1 || last[0].Kind != backup.Restored) {
			t.Errorf("the ledger goes on with %+v", last)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// New rows of counted columns do not meet the old ones.
	err = d.Write(t.Context(), func(tx *db.Tx) error {
		return search.Put(tx, search.Doc{Kind: "advisory", ObjectID: "1", Level: tlp.Clear, Release: tx.Now, Title: "CVE-2024-1234", URL: "/"})
	})
	if err != nil {
		t.Errorf("life after the restore: %v", err)
	}
}

func TestDamagedBackupRestoresNothing(t *testing.T) {
	x := start(t, db.SQLite)
	file := x.backup(t)
	other, _ := age.GenerateX25519Identity()
	flipped := func(at int) []byte {
		f := bytes.Clone(file)
		f[at] ^= 4
		return f
	}
	for name, c := range map[string]struct {
		file []byte
		id   age.Identity
		want errs.Kind
	}{
		"empty":         {nil, x.key, errs.Malformed},
		"no backup":     {[]byte("PK\x03\x04 something else"), x.key, errs.Malformed},
		"half":          {file[:len(file)/2], x.key, errs.Malformed},
		"one byte less": {file[:len(file)-1], x.key, errs.Malformed},
		"one byte more": {append(bytes.Clone(file), 0), x.key, errs.Malformed},
		"flipped early": {flipped(len(file) / 3), x.key, errs.Malformed},
		"flipped late":  {flipped(len(file) - 20), x.key, errs.Malformed},
		"another key":   {file, other, errs.Invalid},
	} {
		for _, dialect := range dbtest.Dialects {
			to := place(t, dialect)
			if _, err := backup.Restore(t.Context(), to, bytes.NewReader(c.file), c.id); !errs.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
			untouched(t, name, to)
		}
	}
}

func TestLedgerThatDoesNotHoldIsNotRestored(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		x := start(t, dialect)
		x.write(t, func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM setting WHERE name = 'empty'`); return err })
		var buf bytes.Buffer
		if _, err := backup.Write(t.Context(), backup.Source{DB: x.d, Files: x.files, Keys: x.s}, &buf, x.key.Recipient()); err != nil {
			t.Fatal(err)
		}
		to := place(t, dialect)
		_, err := backup.Restore(t.Context(), to, bytes.NewReader(buf.Bytes()), x.key)
		if !errs.Is(err, errs.Conflict) || !strings.Contains(err.Error(), "empty is gone") {
			t.Errorf("%v", err)
		}
		untouched(t, "broken ledger", to)
	}
}

func TestSaysWhatAnOldBackupLacks(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		x := start(t, dialect)
		file := x.backup(t)
		x.set(t, "later 1", []byte("x"))
		x.set(t, "later 2", []byte("x"))
		var newest string
		x.write(t, func(tx *db.Tx) (err error) { newest, err = x.k.Checkpoint(tx); return err })
		to := place(t, dialect)
		to.Newest = newest
		rep, err := backup.Restore(t.Context(), to, bytes.NewReader(file), x.key)
		if err != nil || rep.Missing != 2 || !strings.Contains(rep.String(), "older than checkpoint 5: 2 events") {
			t.Errorf("%v, %v", rep, err)
		}
		to = place(t, dialect)
		to.Newest = "forged"
		if _, err := backup.Restore(t.Context(), to, bytes.NewReader(file), x.key); !errs.Is(err, errs.Invalid) {
			t.Errorf("a forged checkpoint: %v", err)
		}
		untouched(t, "forged checkpoint", to)
	}
}

func TestOtherVersions(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		x := start(t, dialect)
		x.write(t, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO goose_db_version (version_id, is_applied) SELECT 99999, is_applied FROM goose_db_version WHERE version_id = 1`)
			return err
		})
		to := place(t, dialect)
		if _, err := backup.Restore(t.Context(), to, bytes.NewReader(x.backup(t)), x.key); !errs.Is(err, errs.Conflict) || !strings.Contains(err.Error(), "newer version") {
			t.Errorf("a newer one: %v", err)
		}
		untouched(t, "newer", to)
	}
}

func TestOlderBackupIsMigrated(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		conf := dbtest.Empty(t, dialect)
		d := dbtest.Connect(t, conf, clock.NewFake(dbtest.Start))
		if err := d.MigrateTo(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		x := start(t, dialect)
		x.d = d
		value, err := x.s.Seal([]byte("nothing"))
		if err != nil {
			t.Fatal(err)
		}
		x.set(t, "ledger.key", value)
		var buf bytes.Buffer
		if _, err := backup.Write(t.Context(), backup.Source{DB: d, Keys: x.s, Keeper: x.k}, &buf, x.key.Recipient()); err != nil {
			t.Fatal(err)
		}
		to := place(t, dialect)
		to.Keeper = func(*db.Tx, *seal.Sealer) (*ledger.Keeper, error) { return x.k, nil }
		if _, err := backup.Restore(t.Context(), to, bytes.NewReader(buf.Bytes()), x.key); err != nil {
			t.Fatal(err)
		}
		have, want, err := dbtest.Connect(t, to.DB, to.DB.Clock).SchemaVersion(t.Context())
		if err != nil || have != want {
			t.Errorf("schema %d of %d, %v", have, want, err)
		}
	}
}

// TestOnline writes while the backup is made: what is in it is one instant.
func TestOnline(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		x := start(t, dialect)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan int)
		go func() {
			n := 0
			for ; ctx.Err() == nil; n++ {
				x.d.Write(ctx, func(tx *db.Tx) error {
					name := fmt.Sprint("n", n)
					_, err := tx.Exec(`INSERT INTO setting (name, value) VALUES ($1, $2)`, name, []byte(name))
					ledger.Append(tx, ledger.Event{Kind: "setting.made", Binds: []ledger.Bound{settings.Of(name)}})
					return err
				})
			}
			done <- n
		}()
		var files [][]byte
		for range 3 {
			time.Sleep(20 * time.Millisecond)
			var buf bytes.Buffer
			if _, err := backup.Write(t.Context(), backup.Source{DB: x.d, Files: x.files, Keys: x.s, Keeper: x.k}, &buf, x.key.Recipient()); err != nil {
				t.Error(err)
			}
			files = append(files, buf.Bytes())
		}
		stop()
		if n := <-done; n == 0 {
			t.Error("nothing was written meanwhile")
		}
		for _, file := range files {
			if rep, err := backup.Restore(t.Context(), place(t, dialect), bytes.NewReader(file), x.key); err != nil || rep.Ledger.Events != rep.Ledger.Rows {
				t.Errorf("%+v, %v", rep.Ledger, err)
			}
		}
	}
}

func TestPassphrase(t *testing.T) {
	if _, err := backup.ToPassphrase("short"); !errs.Is(err, errs.Invalid) {
		t.Errorf("a short one: %v", err)
	}
	if _, err := backup.ToKey("age1x"); !errs.Is(err, errs.Invalid) {
		t.Errorf("no recipient: %v", err)
	}
	if _, err := backup.FromKey("AGE-SECRET-KEY-1SECRET"); !errs.Is(err, errs.Invalid) || strings.Contains(err.Error(), "1SECRET") {
		t.Errorf("no identity: %v", err)
	}
	x := start(t, db.SQLite)
	to, err := backup.ToPassphrase("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	to.(*age.ScryptRecipient).SetWorkFactor(10)
	var buf bytes.Buffer
	if _, err := backup.Write(t.Context(), backup.Source{DB: x.d, Keys: x.s, Keeper: x.k}, &buf, to); err != nil {
		t.Fatal(err)
	}
	for passphrase, want := range map[string]bool{"correct horse battery": true, "correct horse buttery": false} {
		id, err := backup.FromPassphrase(passphrase)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Check(bytes.NewReader(buf.Bytes()), id); (err == nil) != want || err != nil && !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v", passphrase, err)
		}
	}
}

// FuzzCheck gives what a stranger with the right key may have made.
func FuzzCheck(f *testing.F) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("\x1f\x8b"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, plain []byte) {
		var buf bytes.Buffer
		w, err := age.Encrypt(&buf, key.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		w.Write(plain)
		w.Close()
		if _, err := backup.Check(bytes.NewReader(buf.Bytes()), key); !errs.Is(err, errs.Malformed) {
			sum := sha256.Sum256(plain)
			t.Fatalf("%s: %v", hex.EncodeToString(sum[:]), err)
		}
	})
}
