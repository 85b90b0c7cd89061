package seal

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"tocsin/internal/kernel/errs"
)

func open(t testing.TB, dir string) *Sealer {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedContentComesBackAfterARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	plain := []byte("exploit details, not for the disk")
	sealed, err := open(t, dir).Seal(plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain[:10]) {
		t.Fatal("the plain text is readable in the sealed bytes")
	}
	got, err := open(t, dir).Unseal(sealed)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("after a restart: %q, %v", got, err)
	}
	info, _ := os.Stat(dir)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("keys directory has mode %o", info.Mode().Perm())
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 3 {
		t.Errorf("leftovers among the keys: %v", entries)
	}
	for _, e := range entries {
		if info, _ := e.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", e.Name(), info.Mode().Perm())
		}
	}
}

func TestWideModesAreNarrowedAtStart(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	os.Chmod(dir, 0o755)
	os.Chmod(filepath.Join(dir, sealFile), 0o644)
	open(t, dir)
	for name, want := range map[string]os.FileMode{"": 0o700, sealFile: 0o600} {
		if info, _ := os.Stat(filepath.Join(dir, name)); info.Mode().Perm() != want {
			t.Errorf("%q has mode %o, want %o", name, info.Mode().Perm(), want)
		}
	}
}

func TestWrongKeyAndDamageAreToldApart(t *testing.T) {
	s, other := open(t, t.TempDir()), open(t, t.TempDir())
	sealed, _ := s.Seal(bytes.Repeat([]byte("x"), 200_000))
	if _, err := other.Unseal(sealed); !errors.Is(err, ErrWrongKey) || errors.Is(err, ErrDamaged) {
		t.Errorf("wrong key: %v", err)
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)/2] ^= 1
	for name, bad := range map[string][]byte{"cut": sealed[:len(sealed)-1], "cut at a chunk": sealed[:100_000], "flipped": flipped, "empty": {}, "plain": []byte("hello")} {
		if _, err := s.Unseal(bad); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := io.MultiReader(bytes.NewReader(sealed[:100_000]), iotest.ErrReader(os.ErrDeadlineExceeded))
	r, err := s.UnsealFrom(broken)
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, ErrDamaged) {
		t.Errorf("a broken connection was reported as %v", err)
	}
}

func TestUnsealIsBounded(t *testing.T) {
	s := open(t, t.TempDir())
	sealed, _ := s.Seal(make([]byte, 1000))
	if _, err := s.UnsealMax(sealed, 999); !errs.Is(err, errs.TooLarge) {
		t.Errorf("1000 bytes under a limit of 999: %v", err)
	}
	if got, err := s.UnsealMax(sealed, 1000); err != nil || len(got) != 1000 {
		t.Errorf("1000 bytes under a limit of 1000: %d, %v", len(got), err)
	}
}

func TestStartsAtOnceAgreeOnTheKeys(t *testing.T) {
	dir := t.TempDir()
	sealers := make([]*Sealer, 8)
	var wg sync.WaitGroup
	for i := range sealers {
		wg.Go(func() { sealers[i], _ = Open(dir) })
	}
	wg.Wait()
	for _, s := range sealers {
		if s == nil || s.Recipient() != sealers[0].Recipient() || s.tokenSum() != sealers[0].tokenSum() {
			t.Fatal("two starts at once made different keys")
		}
	}
}

func TestFirstStartThatDiedIsCompleted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	sealed, _ := s.Seal([]byte("x"))
	os.Remove(filepath.Join(dir, checkFile)) // died before the last file
	if got, err := open(t, dir).Unseal(sealed); err != nil || string(got) != "x" {
		t.Fatalf("%q, %v", got, err)
	}
	dir = t.TempDir() // died after the first file
	os.WriteFile(filepath.Join(dir, tokenFile), []byte(strings.Repeat("ab", 32)), 0o600)
	open(t, dir)
	open(t, dir)
}

func TestLostKeysAreNeverReplaced(t *testing.T) {
	for _, name := range []string{sealFile, tokenFile} {
		dir, other := t.TempDir(), t.TempDir()
		open(t, dir)
		open(t, other)
		os.Remove(filepath.Join(dir, name))
		if _, err := Open(dir); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s missing: %v", name, err)
		}
		strange, _ := os.ReadFile(filepath.Join(other, name))
		os.WriteFile(filepath.Join(dir, name), strange, 0o600)
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "Restore the keys directory") {
			t.Errorf("%s replaced: %v", name, err)
		}
		os.WriteFile(filepath.Join(dir, name), []byte("AGE-SECRET-KEY-1QQQQ"), 0o600)
		_, err := Open(dir)
		if err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s damaged: %v", name, err)
		} else if strings.Contains(err.Error(), "QQQQ") {
			t.Errorf("the error quotes the secret: %v", err)
		}
	}
}

func TestExportMovesTheKeysAndReplacesNone(t *testing.T) {
	s := open(t, t.TempDir())
	sealed, _ := s.Seal([]byte("x"))
	token := s.Sign("a", "b")
	dir := filepath.Join(t.TempDir(), "keys")
	for range 2 { // twice: the same keys again are fine
		moved, err := Import(dir, s.Export())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := moved.Unseal(sealed); err != nil || string(got) != "x" {
			t.Fatalf("%q, %v", got, err)
		}
		if _, ok := moved.Check("a", token); !ok {
			t.Fatal("the moved server does not know its own token")
		}
	}
	if _, err := Import(dir, open(t, t.TempDir()).Export()); !errs.Is(err, errs.Conflict) {
		t.Errorf("other keys over these: %v", err)
	}
	if open(t, dir).Recipient() != s.Recipient() {
		t.Error("a refused import changed the keys")
	}
	for _, bad := range []string{"", "{}", string(s.Export()[:40]), `{"format":"tocsin-keys-1","seal":"x","token":"y"}`} {
		empty := filepath.Join(t.TempDir(), "keys")
		if _, err := Import(empty, []byte(bad)); !errs.Is(err, errs.Malformed) {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := os.Stat(empty); err == nil {
			t.Errorf("%q: a refused import made a directory", bad)
		}
	}
}

func TestOlderIdentitiesStillOpen(t *testing.T) {
	oldDir, newDir := t.TempDir(), t.TempDir()
	old := open(t, oldDir)
	sealed, _ := old.Seal([]byte("old"))
	fresh := open(t, newDir)
	os.WriteFile(filepath.Join(oldDir, sealFile), append(bytes.Clone(fresh.sealText), old.sealText...), 0o600)
	both := open(t, oldDir)
	if got, err := both.Unseal(sealed); err != nil || string(got) != "old" {
		t.Fatalf("%q, %v", got, err)
	}
	again, _ := both.Seal([]byte("new"))
	if _, err := fresh.Unseal(again); err != nil {
		t.Errorf("the first identity does not seal: %v", err)
	}
}

func TestTokensHoldForOnePurposeOnly(t *testing.T) {
	s := open(t, t.TempDir())
	token := s.Sign("unsubscribe", "person\x00digest")
	if got, ok := s.Check("unsubscribe", token); !ok || got != "person\x00digest" {
		t.Fatalf("%q, %v", got, ok)
	}
	if empty, ok := s.Check("p", s.Sign("p", "")); !ok || empty != "" {
		t.Error("an empty payload does not come back")
	}
	body, mac, _ := strings.Cut(token, ".")
	for _, bad := range []string{"", ".", token + "A", token + "=", body + ".", "." + mac, body, strings.ToUpper(token),
		body + "\n." + mac, open(t, t.TempDir()).Sign("unsubscribe", "person\x00digest"), strings.Repeat("A", maxToken+1)} {
		if got, ok := s.Check("unsubscribe", bad); ok || got != "" {
			t.Errorf("token %q passed as %q", bad, got)
		}
	}
	if _, ok := s.Check("reset", token); ok {
		t.Error("a token passed for another purpose")
	}
}

func FuzzCheck(f *testing.F) {
	s := open(f, f.TempDir())
	f.Add("p", s.Sign("p", "x"))
	f.Add("p", "a.b")
	f.Fuzz(func(t *testing.T, purpose, token string) {
		if payload, ok := s.Check(purpose, token); ok && s.Sign(purpose, payload) != token {
			t.Fatalf("%q passed but is not what Sign makes", token)
		}
	})
}

func FuzzUnseal(f *testing.F) {
	s := open(f, f.TempDir())
	good, _ := s.Seal([]byte("hello"))
	f.Add(good)
	f.Add([]byte("age-encryption.org/v1\n"))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if plain, err := s.Unseal(sealed); err == nil && !bytes.Equal(sealed, good) {
			t.Fatalf("altered bytes opened as %q", plain)
		}
	})
}

func FuzzImport(f *testing.F) {
	f.Add(open(f, f.TempDir()).Export())
	f.Fuzz(func(t *testing.T, exported []byte) {
		s, err := Import(t.TempDir(), exported)
		if err == nil && s == nil || err != nil && errs.KindOf(err) != errs.Malformed {
			t.Fatalf("%v, %v", s, err)
		}
	})
}
