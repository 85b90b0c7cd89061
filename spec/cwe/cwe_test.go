package cwe

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]ID{"CWE-79": "CWE-79", " cwe 79 ": "CWE-79", "79": "CWE-79", "CWE-0079": "CWE-79", "Cwe:1336": "CWE-1336", "CWE-999999": "CWE-999999"} {
		if got, err := Parse(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "CWE-", "CWE-0", "0", "-79", "CWE-79a", "CWE-1000000", "XSS", "CVE-2014-0160", "+79", "７９"} {
		if got, err := Parse(in); err == nil {
			t.Errorf("%q is accepted as %q", in, got)
		}
	}
}

func TestNames(t *testing.T) {
	all := All()
	if len(all) < 150 {
		t.Errorf("the table holds %d weaknesses", len(all))
	}
	for i, w := range all {
		if !Valid(string(w.ID)) || strings.TrimSpace(w.Name) != w.Name || w.Name == "" || i > 0 && all[i-1].ID.Number() >= w.ID.Number() {
			t.Errorf("%+v", w)
		}
	}
	for id, want := range map[ID]string{
		"CWE-79":  "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')",
		"CWE-787": "Out-of-bounds Write", "CWE-416": "Use After Free",
	} {
		if got, ok := Name(id); !ok || got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	if _, ok := Name("nonsense"); ok {
		t.Error("nonsense has a name")
	}
	if w, err := Named("CWE-79", "Improper Input Validation"); err != nil || !strings.Contains(w.Name, "Cross-site") {
		t.Errorf("the wrong name stays: %+v, %v", w, err)
	}
	if w, err := Named("CWE-999999", " Some  weakness "); err != nil || w.Name != "Some weakness" {
		t.Errorf("%+v, %v", w, err)
	}
	if _, err := Named("CWE-999999", " "); err == nil {
		t.Error("a weakness without a name is accepted")
	}
	if _, err := Named("79", "x"); err == nil {
		t.Error("an id without its prefix is accepted")
	}
}

func TestFind(t *testing.T) {
	got := Find("cross site", 10)
	if len(got) < 2 || got[0].ID != "CWE-79" {
		t.Errorf("%v", got)
	}
	if got := Find("", 5); len(got) != 5 {
		t.Errorf("%d of 5", len(got))
	}
	if got := Find("no such weakness", 5); got != nil {
		t.Errorf("%v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("CWE-79")
	f.Add("cwe: 0079")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(string(id)); err != nil || again != id || id.Number() == 0 {
			t.Fatalf("%q gave %q: %v", s, id, err)
		}
	})
}
