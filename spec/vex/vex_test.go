package vex

import (
	"errors"
	"testing"
)

func TestStatuses(t *testing.T) {
	glyphs := map[string]bool{}
	for _, s := range Statuses {
		if !s.Valid() || s.Label() == "" || glyphs[s.Glyph()] {
			t.Errorf("%s: %q %q", s, s.Glyph(), s.Label())
		}
		glyphs[s.Glyph()] = true
		if s.Stated() != (s.OpenVEX() != "") {
			t.Errorf("%s: the formats disagree on whether it is stated", s)
		}
		for _, in := range []string{string(s), s.Label(), s.CSAF(), s.OpenVEX()} {
			if in == "" {
				continue
			}
			if got, err := ParseStatus(in); err != nil || got != s {
				t.Errorf("%q: %s, %v", in, got, err)
			}
		}
	}
	if len(Statuses) != len(statusTable) {
		t.Error("the list and the table of statuses differ")
	}
	for _, in := range []string{"", "vulnerable", "fixed!", "affected_not"} {
		if s, err := ParseStatus(in); err == nil || s != "" {
			t.Errorf("%q is accepted as %s", in, s)
		}
	}
	if s, err := ParseStatus(" Not-Affected "); err != nil || s != NotAffected {
		t.Errorf("%s, %v", s, err)
	}
}

func TestJustifications(t *testing.T) {
	want := []string{"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
		"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist"}
	if len(Justifications) != len(want) || len(justificationTable) != len(want) {
		t.Fatal("there are five justifications")
	}
	for i, w := range want {
		if j, err := ParseJustification(w); err != nil || j != Justifications[i] || j.Label() == "" {
			t.Errorf("%s: %s, %v", w, j, err)
		}
	}
	if _, err := ParseJustification("because"); err == nil {
		t.Error("a made-up justification is accepted")
	}
}

func TestEveryStatement(t *testing.T) {
	for _, s := range append(Statuses, "", "vulnerable") {
		for _, j := range append(Justifications, "", "because") {
			for _, impact := range []string{"", "  \n", "we ship it without the parser"} {
				ok := s.Valid() && (j == "" || j.Valid() && s == NotAffected)
				if s == NotAffected && j == "" && impact != "we ship it without the parser" {
					ok = false
				}
				if err := Check(s, j, impact); (err == nil) != ok {
					t.Errorf("%q %q %q: %v", s, j, impact, err)
				}
			}
		}
	}
	if err := Check(NotAffected, "", " "); !errors.Is(err, ErrNeedsReason) {
		t.Error(err)
	}
}

func FuzzParseStatus(f *testing.F) {
	f.Add("Not Affected")
	f.Add("under_investigation")
	f.Fuzz(func(t *testing.T, in string) {
		if s, err := ParseStatus(in); (err == nil) != s.Valid() {
			t.Fatalf("%q: %q, %v", in, s, err)
		}
	})
}
