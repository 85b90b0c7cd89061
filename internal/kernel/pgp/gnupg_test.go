package pgp

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/errs"
)

// gpg runs GnuPG with a home of its own.
type gpg struct {
	t    *testing.T
	home string
}

func newGPG(t *testing.T) gpg {
	t.Helper()
	if _, err := exec.LookPath("gpg"); err != nil {
		t.Skip("gpg is not installed; interoperation with GnuPG is not tested")
	}
	// Not t.TempDir: the agent's socket path must be short.
	home, err := os.MkdirTemp("", "gpg")
	if err != nil {
		t.Fatal(err)
	}
	g := gpg{t, home}
	t.Cleanup(func() {
		kill := exec.Command("gpgconf", "--homedir", home, "--kill", "all")
		kill.Run()
		os.RemoveAll(home)
	})
	return g
}

func (g gpg) run(in []byte, args ...string) []byte {
	g.t.Helper()
	cmd := exec.Command("gpg", append([]string{"--homedir", g.home, "--batch", "--yes", "--no-tty", "--trust-model", "always", "--pinentry-mode", "loopback", "--passphrase", "correct horse"}, args...)...)
	cmd.Stdin = bytes.NewReader(in)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		g.t.Fatalf("gpg %s: %v\n%s", strings.Join(args, " "), err, log.String())
	}
	return out.Bytes()
}

func TestGnuPGReadsOurs(t *testing.T) {
	g := newGPG(t)
	now := time.Now()
	k, err := Generate("Alliance", "security@alliance.example", now)
	if err != nil {
		t.Fatal(err)
	}
	public, _ := k.Public()
	g.run([]byte(public), "--import")
	if list := string(g.run(nil, "--with-colons", "--list-keys")); !strings.Contains(list, k.Fingerprint()) {
		t.Errorf("gpg lists\n%s\nwithout %s", list, k.Fingerprint())
	}
	data := []byte("{\"document\": \"ü\"}\r\n\n")
	sig, err := k.SignDetached(data, now)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "d.json"), data, 0o600)
	os.WriteFile(filepath.Join(dir, "d.json.asc"), sig, 0o600)
	status := g.run(nil, "--status-fd", "1", "--verify", filepath.Join(dir, "d.json.asc"), filepath.Join(dir, "d.json"))
	if !bytes.Contains(status, []byte("VALIDSIG "+k.Fingerprint())) {
		t.Errorf("gpg says %s", status)
	}

	secret, _ := k.Secret()
	g.run(secret, "--import")
	msg, err := Encrypt(data, now, k)
	if err != nil {
		t.Fatal(err)
	}
	if got := g.run(msg, "--decrypt"); !bytes.Equal(got, data) {
		t.Errorf("gpg decrypts ours to %q", got)
	}
}

func TestWeReadGnuPG(t *testing.T) {
	g := newGPG(t)
	now := time.Now()
	ours, err := Generate("Alliance", "security@alliance.example", now)
	if err != nil {
		t.Fatal(err)
	}
	public, _ := ours.Public()
	g.run([]byte(public), "--import")
	g.run(nil, "--quick-generate-key", "Finder <finder@research.example>", "rsa3072", "default", "1y")
	g.run(nil, "--quick-generate-key", "Old Alliance <old@alliance.example>", "future-default", "default", "1y")
	theirs, err := Import(g.run(nil, "--armor", "--export-secret-keys", "old@alliance.example"), []byte("correct horse"), time.Now())
	if err != nil {
		t.Fatal("importing a key that gpg made: ", err)
	}
	rsa, err := ParsePublic(g.run(nil, "--export", "finder@research.example"))
	if err != nil {
		t.Fatal(err)
	}
	if info := rsa.Info(now.Add(time.Minute)); info.Algorithm != "RSA 3072" || info.CanEncrypt {
		t.Errorf("a sign-only key: %+v", info)
	}
	ring := NewRing(ours, theirs)
	text := bytes.Repeat([]byte("It crashes at offset 0x41.\n"), 1000)
	to := []string{"--encrypt", "--recipient", ours.Fingerprint()}
	for name, args := range map[string][]string{
		"armored":          append([]string{"--armor"}, to...),
		"binary":           to,
		"signed":           append([]string{"--armor", "--sign", "--local-user", "finder@research.example"}, to...),
		"hidden recipient": append([]string{"--throw-keyids"}, to...),
		"not compressed":   append([]string{"--compress-algo", "none"}, to...),
		"bzip2":            append([]string{"--compress-algo", "bzip2"}, to...),
		"text mode":        append([]string{"--textmode"}, to...),
		"several":          append([]string{"--recipient", theirs.Fingerprint()}, to...),
		"to the old key":   {"--encrypt", "--recipient", theirs.Fingerprint()},
	} {
		msg := g.run(text, args...)
		if got, err := ring.Decrypt(msg, 1<<20); err != nil || !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), text) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	_, err = ring.Decrypt(g.run(make([]byte, 8<<20), to...), 1<<20)
	wantKind(t, "8 MiB of zeros under a limit of 1 MiB", err, errs.TooLarge)
	_, err = ring.Decrypt(g.run(text, "--symmetric"), 1<<20)
	wantKind(t, "passphrase only", err, errs.Invalid)

	sig := g.run(text, "--detach-sign", "--local-user", "finder@research.example")
	if by, err := VerifyDetached(text, sig, now.Add(time.Minute), ours, rsa); err != nil || by != rsa {
		t.Errorf("gpg's signature: %v, %v", by, err)
	}
}
