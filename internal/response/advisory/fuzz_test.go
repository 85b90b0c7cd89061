package advisory

import (
	"regexp"
	"testing"

	"tocsin/internal/kernel/errs"
)

// FuzzPublisherFolder: whatever a publisher calls its namespace, its folder is
// one plain path segment that no year looks like.
func FuzzPublisherFolder(f *testing.F) {
	for _, s := range []string{"https://www.cisa.gov/", "https://vexel.example/a/b", "2026", "", "..", "https://xn--e1afmkfd.example", "urn:x:y", "https://[::1]:8/%2f"} {
		f.Add(s)
	}
	plain := regexp.MustCompile(`^by-[a-z0-9-]{0,60}$`)
	f.Fuzz(func(t *testing.T, namespace string) {
		if got := publisherFolder(namespace); !plain.MatchString(got) {
			t.Errorf("%q becomes the folder %q", namespace, got)
		}
	})
}

// FuzzCursor: a page mark from outside is read or refused, never a fault.
func FuzzCursor(f *testing.F) {
	f.Add("MTc2NzM0ODAwMDAwMDAwMCBkb2NfMQ")
	f.Add("%")
	f.Fuzz(func(t *testing.T, cursor string) {
		if _, _, err := openCursor(cursor); err != nil && !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v", cursor, err)
		}
	})
}
