package membership

import (
	"slices"
	"strings"
	"testing"

	"tocsin/spec/mpcvd"
)

// The machines, written a second time in letters: "from verb to". Every pair
// that is not named must be refused.
const (
	renewalMachine  = "C remind A|A remind A|A renew C|A lapse L|L renew C|L suspend S|S renew C"
	sanctionMachine = "N warn W|N reduce R|N suspend S|N remove X|W reduce R|W suspend S|W remove X|W restore N|R suspend S|R remove X|R restore N|" +
		"S remove X|S restore N|X restore N|X end E|E readmit N"
	appealMachine = "O appeal F|O forgo P|F uphold U|F overturn V"
)

func TestMachinesOfStandingWalkedWhole(t *testing.T) {
	walked(t, Renewal, renewalMachine)
	walked(t, Sanction, sanctionMachine)
	walked(t, Appeal, appealMachine)
}

func walked[S ~string, V ~string](t *testing.T, m mpcvd.Machine[S, V], letters string) {
	t.Helper()
	want := map[string]string{}
	for row := range strings.SplitSeq(letters, "|") {
		f := strings.Fields(row)
		want[f[0]+" "+f[1]] = f[2]
	}
	moves := 0
	for _, s := range append(slices.Clone(m.Info), mpcvd.State[S]{ID: "no such state", Code: "?"}) {
		for _, v := range append(m.AllVerbs(), "no such verb") {
			to, err := m.Move(s.ID, v)
			code, allowed := want[s.Code+" "+string(v)]
			if allowed != (err == nil) {
				t.Errorf("%s: %s %s: %v", m.Name, s.Code, v, err)
			}
			if d, _ := m.Describe(to); allowed && d.Code != code {
				t.Errorf("%s: %s %s leads to %s, want %s", m.Name, s.Code, v, d.Code, code)
			}
			if allowed {
				moves++
			}
		}
	}
	if moves != len(m.Rows) || moves != len(want) {
		t.Errorf("%s: %d moves walked, %d rows, %d wanted", m.Name, moves, len(m.Rows), len(want))
	}
}

// A standing is never better than either machine says, and a heavier sanction
// never gives more.
func TestStandingIsTheWorseOfBoth(t *testing.T) {
	rank := func(s Standing) int { return slices.Index(Standings, s) }
	for _, r := range Renewal.States() {
		for _, s := range Sanction.States() {
			got := Of(r, s)
			if want := max(rank(Of(r, SanctionNone)), rank(Of(RenewalCurrent, s))); rank(got) != want {
				t.Errorf("%s and %s: %s", r, s, got)
			}
			if got.Label() == "" || got.Label() == string(got) {
				t.Errorf("%s has no words", got)
			}
		}
	}
	for i, s := range Standings[1:] {
		if s.Cap() > Standings[i].Cap() {
			t.Errorf("%s gives more than %s", s, Standings[i])
		}
	}
	if Of(RenewalCurrent, SanctionNone) != Good || Good.Cap() != CapFull || Suspended.Cap() != CapNone || Lapsed.Cap() != CapReader {
		t.Error("the ends of the scale are wrong")
	}
}
