package tlp

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestEveryLabel(t *testing.T) {
	want := []string{"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"}
	colors := []string{"#FFFFFF", "#33FF00", "#FFC000", "#FFC000", "#FF2B2B"}
	for i, l := range Levels {
		if int(l) != i || l.String() != want[i] || l.Color() != colors[i] || l.Meaning() == "" {
			t.Errorf("level %d is %s in %s", i, l, l.Color())
		}
		for _, s := range []string{want[i], strings.ToLower(want[i]), l.Word(), " " + want[i] + "\n", "TLP: " + l.Word()} {
			if got, err := Parse(s); err != nil || got != l {
				t.Errorf("%q: %v, %v", s, got, err)
			}
		}
		b, err := json.Marshal(map[string]Level{"tlp": l})
		if err != nil || !strings.Contains(string(b), `"`+want[i]+`"`) {
			t.Errorf("%s, %v", b, err)
		}
		var back map[string]Level
		if err := json.Unmarshal(b, &back); err != nil || back["tlp"] != l {
			t.Errorf("%s read back: %v, %v", b, back, err)
		}
	}
	if l, err := Parse("TLP:WHITE"); err != nil || l != Clear {
		t.Errorf("TLP 1.0's WHITE: %v, %v", l, err)
	}
	if Max(Green, Red) != Red || Max(AmberStrict, Amber) != AmberStrict {
		t.Error("Max does not take the more restrictive")
	}
}

func TestNoLabel(t *testing.T) {
	for _, s := range []string{"", "TLP:", "TLP:YELLOW", "AMBER STRICT", "RED,GREEN", "TLP:TLP:RED", "3"} {
		if _, err := Parse(s); err == nil {
			t.Errorf("%q is accepted", s)
		}
	}
	if _, err := Level(9).MarshalText(); err == nil || Level(-1).Valid() {
		t.Error("a level that is none is written")
	}
	if _, err := json.Marshal(Level(9)); err == nil {
		t.Error("a level that is none is written as JSON")
	}
}

func TestCSAF20(t *testing.T) {
	for _, l := range Levels {
		label, loss := l.CSAF20()
		back, err := FromCSAF20(label)
		if err != nil {
			t.Fatal(err)
		}
		if (back != l) != (loss != "") {
			t.Errorf("%s becomes %s and then %s, with loss %q", l, label, back, loss)
		}
	}
	if label, _ := Level(7).CSAF20(); label != "RED" {
		t.Errorf("an unknown level becomes %s", label)
	}
	for _, s := range []string{"CLEAR", "white", "AMBER+STRICT", ""} {
		if _, err := FromCSAF20(s); err == nil {
			t.Errorf("%q is accepted", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("TLP:AMBER+STRICT")
	f.Add("white")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(l.String()); err != nil || again != l {
			t.Fatalf("%q: %v, %v", s, again, err)
		}
	})
}
