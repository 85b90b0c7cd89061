package cvss

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestKnownVectors(t *testing.T) {
	f := func(v float64) *float64 { return &v }
	for _, c := range []struct {
		in            string
		version       Version
		base, overall float64
		severity      Severity
		threat, env   *float64
		names         string
	}{
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", V31, 9.8, 9.8, Critical, nil, nil, "CVSS-B"},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", V31, 7.5, 7.5, High, nil, nil, "CVSS-B"},
		{"CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", V31, 0, 0, None, nil, nil, "CVSS-B"},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/RC:C", V31, 9.8, 8.8, High, f(8.8), nil, "CVSS-BT"},
		{"CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", V30, 6.1, 6.1, Medium, nil, nil, "CVSS-B"},
		{"AV:N/AC:L/Au:N/C:P/I:N/A:N", V20, 5.0, 5.0, Medium, nil, nil, "CVSS-B"},
		{"(AV:N/AC:L/Au:N/C:C/I:C/A:C)", V20, 10, 10, High, nil, nil, "CVSS-B"},
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", V40, 9.3, 9.3, Critical, nil, nil, "CVSS-B"},
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", V40, 10, 10, Critical, nil, nil, "CVSS-B"},
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", V40, 0, 0, None, nil, nil, "CVSS-B"},
	} {
		s, err := Parse(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if s.Version != c.version || s.Base != c.base || s.Overall != c.overall || s.Severity != c.severity || s.Nomenclature != c.names ||
			(s.Threat == nil) != (c.threat == nil) || s.Threat != nil && *s.Threat != *c.threat || s.Environmental != c.env {
			t.Errorf("%s: %+v", c.in, s)
		}
		again, err := Parse(s.Vector)
		if err != nil || again.Vector != s.Vector || again.Overall != s.Overall {
			t.Errorf("canonical %s: %+v, %v", s.Vector, again, err)
		}
	}
}

func TestGroupsOf40(t *testing.T) {
	const base = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
	b, _ := Parse(base)
	s, err := Parse(base + "/E:U/CR:L/IR:L/AR:L/S:P/U:Red")
	if err != nil {
		t.Fatal(err)
	}
	if s.Base != b.Base || s.Threat == nil || *s.Threat >= s.Base || s.Environmental == nil || *s.Environmental >= *s.Threat || s.Overall != *s.Environmental || s.Nomenclature != "CVSS-BTE" {
		t.Errorf("%+v", s)
	}
	s, err = Parse(base + "/S:P/U:Red")
	if err != nil || s.Nomenclature != "CVSS-B" || s.Overall != b.Overall || !strings.HasSuffix(s.Vector, "/S:P/U:Red") {
		t.Errorf("supplemental metrics change the score: %+v, %v", s, err)
	}
}

func TestRefusals(t *testing.T) {
	for _, in := range []string{"", "CVSS:3.1", "CVSS:3.1/AV:N", "CVSS:5.0/AV:N", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:Q",
		"CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "AV:--/AC:--/Au:--/C:--/I:--/A:--", strings.Repeat("/AV:N", 200)} {
		if s, err := Parse(in); err == nil {
			t.Errorf("%q is accepted: %+v", in, s)
		}
	}
	for _, c := range []struct {
		v    Version
		vals map[string]string
		say  string
	}{
		{V31, nil, "Attack vector"}, {V20, nil, "3.1 and 4.0"},
		{V31, map[string]string{"AV": "Z"}, "not a value"},
		{V31, map[string]string{"AV": "N", "AC": "L", "PR": "N", "UI": "N", "S": "U", "C": "H", "I": "H", "A": "H", "AT": "N"}, "does not have"},
	} {
		if _, err := Build(c.v, c.vals); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%v: %v", c.vals, err)
		}
	}
	if _, _, err := Values("AV:N/AC:L/Au:N/C:P/I:N/A:N"); err == nil {
		t.Error("a form for version 2.0 is promised")
	}
}

// Whatever a form can send is a vector that the library accepts, and comes
// back as the same values: the tables hold no value that the standard lacks.
func TestFormsAndVectorsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.SampledFrom([]Version{V31, V40}).Draw(t, "version")
		sent, kept := map[string]string{}, 0
		for _, m := range Metrics(version) {
			v := rapid.SampledFrom(m.Values).Draw(t, m.Name)
			sent[m.Name] = v.Code
			if v.Code != "X" {
				kept++
			}
		}
		s, err := Build(version, sent)
		if err != nil {
			t.Fatalf("%v: %v", sent, err)
		}
		if s.Base < 0 || s.Base > 10 || s.Overall < 0 || s.Overall > 10 {
			t.Fatalf("%s scores %v and %v", s.Vector, s.Base, s.Overall)
		}
		got, back, err := Values(s.Vector)
		if err != nil || got != version || len(back) != kept {
			t.Fatalf("%s: %d of %d values come back, %v", s.Vector, len(back), kept, err)
		}
		for name, v := range back {
			if sent[name] != v {
				t.Fatalf("%s: %s was %s", s.Vector, name, sent[name])
			}
		}
	})
	if len(Metrics(V31)) != 22 || len(Metrics(V40)) != 32 {
		t.Errorf("%d and %d metrics", len(Metrics(V31)), len(Metrics(V40)))
	}
	for _, v := range []Version{V31, V40} {
		for _, m := range Metrics(v) {
			values := map[string]string{}
			for _, o := range Metrics(v) {
				if o.Group == Base {
					values[o.Name] = o.Values[0].Code
				}
			}
			for _, val := range m.Values {
				values[m.Name] = val.Code
				if _, err := Build(v, values); err != nil || val.Label == "" || m.Label == "" {
					t.Errorf("%s %s:%s: %v", v, m.Name, val.Code, err)
				}
			}
		}
	}
}

func TestRate(t *testing.T) {
	for score, want := range map[float64]Severity{0: None, 0.1: Low, 3.9: Low, 4: Medium, 6.9: Medium, 7: High, 8.9: High, 9: Critical, 10: Critical} {
		if got := Rate(V31, score); got != want {
			t.Errorf("%v: %s, want %s", score, got, want)
		}
	}
	if Rate(V20, 10) != High {
		t.Error("version 2.0 has no critical")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P")
	f.Add("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A/MSI:S")
	f.Add("AV:N/AC:L/Au:N/C:P/I:N/A:N/E:POC/RL:OF/RC:C")
	f.Fuzz(func(t *testing.T, s string) {
		score, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(score.Vector)
		if err != nil || again.Vector != score.Vector || again.Base != score.Base || again.Overall != score.Overall {
			t.Fatalf("%q: %+v, then %+v, %v", s, score, again, err)
		}
	})
}
