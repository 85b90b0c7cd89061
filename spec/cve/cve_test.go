package cve

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]ID{
		"CVE-2014-0160": "CVE-2014-0160", " cve-1999-0911\n": "CVE-1999-0911", "CAN-2003-0173": "CVE-2003-0173",
		"CVE\u20112026\u2013123456": "CVE-2026-123456", "CVE-2026-1234567890123456789": "CVE-2026-1234567890123456789",
	} {
		if got, err := Parse(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "CVE-", "CVE-2014-160", "CVE-14-0160", "CVE-1998-0001", "CVE-2014-0160,CVE-2014-0161", "CVE-2026-12345678901234567890", "CVE-2014-０１６０", "VU#720951"} {
		if got, err := Parse(in); err == nil {
			t.Errorf("%q is accepted as %q", in, got)
		}
	}
}

func TestExtract(t *testing.T) {
	text := "Fixes cve-2014-0160 (CVE-2014-0160), CAN-2003-0173; see CVE 2020-3110/CVE_2020-3111, not CVE-2020-31, CVE-1998-1234 or XCVE-2020-9999."
	want := []ID{"CVE-2014-0160", "CVE-2003-0173", "CVE-2020-3110", "CVE-2020-3111"}
	if got := Extract(text, 10); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Extract(text, 2); !slices.Equal(got, want[:2]) {
		t.Errorf("limit 2: %v", got)
	}
	if got := Extract(strings.Repeat("no ", 1000), 5); got != nil {
		t.Errorf("nothing: %v", got)
	}
}

func TestCompare(t *testing.T) {
	ids := []ID{"CVE-2026-10000", "CVE-2025-99999", "CVE-2026-9999", "CVE-2026-0001"}
	slices.SortFunc(ids, Compare)
	if want := []ID{"CVE-2025-99999", "CVE-2026-0001", "CVE-2026-9999", "CVE-2026-10000"}; !slices.Equal(ids, want) {
		t.Errorf("order %v", ids)
	}
	if ID("x").Year() != 0 || ids[0].Year() != 2025 {
		t.Error("Year is wrong")
	}
}

func FuzzExtract(f *testing.F) {
	f.Add("see CVE-2014-0160 and CAN-2003-0173")
	f.Fuzz(func(t *testing.T, s string) {
		for _, id := range Extract(s, 20) {
			if again, err := Parse(string(id)); err != nil || again != id {
				t.Fatalf("%q gave %q: %v", s, id, err)
			}
		}
		if id, err := Parse(s); err == nil && !Valid(string(id)) {
			t.Fatalf("%q gave %q", s, id)
		}
	})
}
