package mpcvd

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// The whole of each machine, written a second time in letters: "from verb to".
// Every pair that is not named must be refused.
var want = map[string]string{
	"Report":  "S receive R|R invalidate I|R validate V|I validate V|V accept A|D accept A|V defer D|A defer D|A close C|D close C|I close C",
	"Embargo": "N propose P|P propose P|P reject N|P accept A|A propose R|A terminate X|R propose R|R accept A|R reject A|R terminate X",
	"Consent": "NO_EMBARGO invite INVITED|LAPSED invite INVITED|DECLINED invite INVITED|NO_EMBARGO accept SIGNATORY|INVITED accept SIGNATORY|LAPSED accept SIGNATORY|" +
		"NO_EMBARGO decline DECLINED|INVITED decline DECLINED|LAPSED decline DECLINED|SIGNATORY revise LAPSED|" +
		"NO_EMBARGO reset NO_EMBARGO|INVITED reset NO_EMBARGO|SIGNATORY reset NO_EMBARGO|LAPSED reset NO_EMBARGO|DECLINED reset NO_EMBARGO",
	"Fix": "vfd V Vfd|Vfd F VFd|VFd D VFD",
	"Exposure": "pxa P Pxa|pxA P PxA|pxa X PXa|Pxa X PXa|pxA X PXA|PxA X PXA|" +
		"pxa A pxA|Pxa A PxA|PXa A PXA",
}

func walk[S ~string, V ~string](t *testing.T, m Machine[S, V]) {
	t.Helper()
	t.Run(m.Name, func(t *testing.T) {
		allowed := map[string]string{}
		for _, row := range strings.Split(want[m.Name], "|") {
			f := strings.Fields(row)
			allowed[f[0]+" "+f[1]] = f[2]
		}
		seen := 0
		for _, s := range append(m.Info, State[S]{ID: "no such state", Code: "?"}) {
			for _, v := range append(m.AllVerbs(), "no such verb") {
				to, ok := m.Next(s.ID, v)
				code, expect := allowed[s.Code+" "+string(v)]
				if ok != expect {
					t.Fatalf("%s %s: allowed is %v, want %v", s.Code, v, ok, expect)
				}
				if ok != slices.Contains(m.From(v), s.ID) || ok != slices.Contains(m.Verbs(s.ID), v) {
					t.Errorf("%s %s: From and Verbs do not agree with Next", s.Code, v)
				}
				moved, err := m.Move(s.ID, v)
				if !ok {
					var refused *RefusedError
					if !errors.As(err, &refused) || moved != "" || to != "" {
						t.Errorf("%s %s: refused move gave %q, %v", s.Code, v, moved, err)
					}
					continue
				}
				seen++
				if d, known := m.Describe(to); !known || d.Code != code || moved != to || err != nil {
					t.Errorf("%s %s leads to %s, want %s", s.Code, v, d.Code, code)
				}
			}
		}
		if seen != len(m.Rows) || seen != len(allowed) {
			t.Errorf("%d moves walked, %d rows, %d wanted", seen, len(m.Rows), len(allowed))
		}
		for _, s := range m.Info {
			if s.Label == "" || s.Meaning == "" || s.Code == "" {
				t.Errorf("state %q is not described", s.ID)
			}
			if m.Final(s.ID) != (len(m.Verbs(s.ID)) == 0) {
				t.Errorf("Final(%s) is wrong", s.ID)
			}
		}
		reached := map[S]bool{m.Start: true}
		for range m.Info {
			for _, r := range m.Rows {
				if reached[r.From] {
					reached[r.To] = true
				}
			}
		}
		if len(reached) != len(m.Info) || !m.Has(m.Start) {
			t.Errorf("%d of %d states can be reached from the start", len(reached), len(m.Info))
		}
		for _, v := range m.AllVerbs() {
			if len(m.RowsOf(v)) != len(m.From(v)) {
				t.Errorf("RowsOf(%s) and From(%s) differ in length", v, v)
			}
		}
	})
}

func TestMachinesWalkedWhole(t *testing.T) {
	walk(t, Report)
	walk(t, Embargo)
	walk(t, Consent)
	walk(t, VendorProgress)
	walk(t, Exposure)
}

func TestRefusalSaysWhatIsPossible(t *testing.T) {
	_, err := Report.Move(RMReceived, RMAccept)
	if err == nil || !strings.Contains(err.Error(), "invalidate, validate") || !strings.Contains(err.Error(), "Received") {
		t.Errorf("refusal does not help: %v", err)
	}
	_, err = Report.Move(RMClosed, RMAccept)
	if err == nil || !strings.Contains(err.Error(), "final") {
		t.Errorf("refusal of a final state does not say so: %v", err)
	}
}

func TestCaseStateLetters(t *testing.T) {
	count, settled := 0, 0
	for bits := range 64 {
		b := []byte(letters)
		for i := range b {
			if bits>>i&1 == 1 {
				b[i] &^= 0x20
			}
		}
		c, err := ParseCaseState(string(b))
		ordered := !(b[1] == 'F' && b[0] == 'v') && !(b[2] == 'D' && b[1] == 'f')
		if (err == nil) != ordered {
			t.Fatalf("%s: %v", b, err)
		}
		if err != nil {
			continue
		}
		count++
		for _, e := range []Event{"V", "F", "D", "P", "X", "A", "v", "", "VV"} {
			next, err := c.Step(e)
			if err != nil {
				continue
			}
			if diff := strings.Compare(string(next), string(c)); diff >= 0 || len(next) != 6 || !next.Has(e) || c.Has(e) {
				t.Errorf("%s %s %s is not one letter forward", c, e, next)
			}
			if _, err := ParseCaseState(string(next)); err != nil {
				t.Errorf("%s %s leads out of the table: %v", c, e, err)
			}
		}
		end, forced := c.Settle()
		if end.Has(EventExploit) && !end.Has(EventPublic) || end.Has(EventPublic) && !end.Has(EventAware) {
			t.Errorf("%s settles in %s", c, end)
		}
		if again, more := end.Settle(); again != end || more != nil {
			t.Errorf("%s does not stay settled", end)
		}
		if forced == nil {
			settled++
			if !Exposure.Has(c.Public()) || Join(c.Vendor(), c.Public()) != c {
				t.Errorf("settled %s has no state in the tables", c)
			}
		}
	}
	if count != 32 || settled != 20 {
		t.Errorf("%d case states, %d at rest; want 32 and 20", count, settled)
	}
	end, forced := CaseState("vfdpXa").Settle()
	if end != "VfdPXa" || !slices.Equal(forced, []Event{EventPublic, EventAware}) {
		t.Errorf("X leads to %s by %v", end, forced)
	}
	if got := CaseState("vfdPxa").Moves(); !slices.Equal(got, []Event{EventAware}) {
		t.Errorf("after P with an unaware vendor, only V may come, not %v", got)
	}
	for _, bad := range []string{"", "vfdpx", "VFDPXAA", "fvdpxa", "vFdpxa", "vfDpxa", "Vfdpxé"} {
		if _, err := ParseCaseState(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// The table of settled states must say the same as the letters, walked one by
// one and settled.
func TestExposureAgreesWithLetters(t *testing.T) {
	for _, p := range Exposure.States() {
		for _, e := range []Event{EventPublic, EventExploit, EventAttacks} {
			to, ok := Exposure.Next(p, e)
			next, err := Join(VendorAware, p).Step(e)
			if ok != (err == nil) {
				t.Fatalf("%s %s: table %v, letters %v", p, e, ok, err)
			}
			if ok {
				if end, _ := next.Settle(); end.Public() != to {
					t.Errorf("%s %s: table %s, letters %s", p, e, to, end.Public())
				}
			}
		}
	}
}

func FuzzParseCaseState(f *testing.F) {
	f.Add("vfdpxa")
	f.Add("VFDPXA")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCaseState(s)
		if err != nil {
			return
		}
		if string(c) != s {
			t.Fatalf("%q became %q", s, c)
		}
		c.Settle()
		c.Moves()
	})
}
