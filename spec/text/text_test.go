package text

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestCleanLine(t *testing.T) {
	for _, c := range []struct {
		in, want string
		removed  bool
	}{
		{"Example Networks", "Example Networks", false},
		{"  a \t b\r\nc\u00a0d\u2003e  ", "a b c d e", false},
		{"gpj.\u202eexe", "gpj.exe", true},
		{"ad\u200bmin\ufeff", "admin", true},
		{"\u200fשלום\u200e", "שלום", true},
		{"a\u2066b\u2069", "ab", true},
		{"nul\x00 bell\x07 esc\x1b[31m", "nul bell esc[31m", true},
		{"soft\u00adhyphen", "softhyphen", true},
		{"Cafe\u0301", "Café", false},
		{"pay\u200dpal", "paypal", true},
		{"می\u200cخواهم", "می\u200cخواهم", false},
		{"👩\u200d💻 team", "👩\u200d💻 team", false},
		{"tag\U000e0041\U000e007f", "tag", true},
		{"<script>alert(1)</script>", "<script>alert(1)</script>", false},
		{"\u3164\u3164", "", true},
		{"", "", false},
	} {
		got, removed, err := CleanLine(c.in, 100)
		if err != nil || got != c.want || removed != c.removed {
			t.Errorf("%q: %q, removed %v, %v; want %q, %v", c.in, got, removed, err, c.want, c.removed)
		}
	}
}

func TestCleanText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"},
		{"\n\n  indented\n\n\nlast  \n\n", "  indented\n\n\nlast"},
		{"a \t \nb\tc", "a\nb\tc"},
		{"a\r\rb\u2029\u2029c", "a\n\nb\n\nc"},
		{"x\u202e\ny", "x\ny"},
		{"", ""},
	} {
		got, _, err := CleanText(c.in, 100)
		if err != nil || got != c.want {
			t.Errorf("%q: %q, %v; want %q", c.in, got, err, c.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, f := range []func(string, int) (string, bool, error){CleanLine, CleanText} {
		if _, _, err := f("a\xffb", 10); !errors.Is(err, ErrInvalidUTF8) {
			t.Errorf("invalid UTF-8: %v", err)
		}
		if got, _, err := f("ééééé", 5); err != nil || got != "ééééé" {
			t.Errorf("the limit counts bytes: %q, %v", got, err)
		}
		var long *TooLongError
		if _, _, err := f("ababab", 5); !errors.As(err, &long) || long.Have != 6 || long.Max != 5 {
			t.Errorf("one rune too many: %v", err)
		}
		if _, _, err := f(strings.Repeat("x", 10<<20), 200); !errors.As(err, &long) {
			t.Errorf("10 MB for a name: %v", err)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\u202eb\x00\r\n\u200b c")
	f.Add("👩\u200d💻")
	f.Fuzz(func(t *testing.T, s string) {
		for i, clean := range []func(string, int) (string, bool, error){CleanLine, CleanText} {
			got, _, err := clean(s, 1000)
			if err != nil {
				continue
			}
			if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) || utf8.RuneCountInString(got) > 1000 {
				t.Fatalf("%q became %q", s, got)
			}
			if i == 0 && strings.ContainsAny(got, "\n\r\t\x00\u202e\u2066\u200b") {
				t.Fatalf("%q became %q", s, got)
			}
			again, removed, err := clean(got, 1000)
			if err != nil || again != got || removed {
				t.Fatalf("%q is not clean after cleaning: %q, %v", got, again, err)
			}
		}
	})
}
