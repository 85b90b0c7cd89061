package text

import "testing"

func TestPlural(t *testing.T) {
	for n, want := range map[int]string{0: "0 people", 1: "1 person", 2: "2 people", 3798: "3,798 people", -1: "-1 people", -12345: "-12,345 people", 100: "100 people"} {
		if got := Plural(n, "person", "people"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
