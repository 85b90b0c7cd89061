package report

import (
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/pgp"
)

var testRing = sync.OnceValues(func() (*pgp.Ring, error) {
	k, err := pgp.Generate("Test Alliance", "psirt@alliance.example", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return nil, err
	}
	return pgp.NewRing(k), nil
})

// FuzzIntake holds the decision between plain and encrypted text to three
// promises: plain text passes as it is, an OpenPGP message never passes
// unopened, and every refusal is the sender's to mend.
func FuzzIntake(f *testing.F) {
	ring, err := testRing()
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := pgp.Encrypt([]byte("the secret"), time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), ring.Current())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "plain", string(sealed), "hello\n" + string(sealed) + "bye", "> " + string(sealed), string(sealed[:200]), strings.ReplaceAll(string(sealed), "\n", "\r\n"),
		"-----BEGIN PGP MESSAGE-----", "-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----", "-----BEGIN PGP SIGNED MESSAGE-----\nhi", "\xff", strings.Repeat("a", 30000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		asked := false
		plain, encrypted, err := intake(func() (opener, error) { asked = true; return ring, nil }, "text", raw, 1000)
		if err != nil {
			switch errs.KindOf(err) {
			case errs.Invalid, errs.Malformed, errs.TooLarge:
			default:
				t.Fatalf("%q: %v", raw, err)
			}
			if plain != "" {
				t.Fatalf("a refused text gave %q", plain)
			}
			return
		}
		if encrypted != asked || encrypted != pgp.LooksEncrypted(raw) {
			t.Fatalf("%q: encrypted %v, key asked for %v", raw, encrypted, asked)
		}
		if !utf8.ValidString(plain) || utf8.RuneCountInString(plain) > 1000 {
			t.Fatalf("%q passed as %q", raw, plain)
		}
		if !encrypted && strings.Contains(raw, "-----BEGIN PGP MESSAGE-----") {
			t.Fatalf("a message passed unopened: %q", raw)
		}
	})
}

func TestAddressesAreTakenOut(t *testing.T) {
	for in, want := range map[string]string{
		"write to Me@Finder.Example now": "write to [address withheld] now",
		"<me@finder.example>":            "<[address withheld]>",
		"nothing here":                   "nothing here",
		"ünïcode me@finder.exampl":       "ünïcode me@finder.exampl",
	} {
		if got := withoutAddress(in, "me@finder.example"); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func TestWordsThatTell(t *testing.T) {
	got := words("The Overflow, the OVERFLOW — größe of libframe_v2 and a vulnerability")
	if strings.Join(got, " ") != "overflow grösse libframe_v2" {
		t.Errorf("%q", got)
	}
	if n := len(words(strings.Repeat("word", 1) + " " + strings.Repeat("aaaa bbbb cccc dddd ", 1000))); n != 5 {
		t.Errorf("%d words", n)
	}
}
