package mpcvd

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var t0 = time.Date(2026, 11, 1, 14, 0, 0, 0, time.UTC)

func TestParseEnd(t *testing.T) {
	want := time.Date(2026, 12, 1, 14, 0, 0, 0, time.UTC)
	for _, s := range []string{"2026-12-01T14:00Z", "2026-12-01T14:00:00Z", "2026-12-01 14:00 UTC", " 2026-12-01  15:00:00.000 +01:00 ", "2026-12-01T15:00+0100", "2026-12-01t14:00z", "2026-12-01 14:00 gmt"} {
		got, err := ParseEnd(s)
		if err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"2026-12-01T14:00", "2026-12-01 14:00:00", "2026-12-01", "2026-12-01T14:00:00.5"} {
		if _, err := ParseEnd(s); !errors.Is(err, ErrNoZone) {
			t.Errorf("%q: %v, want ErrNoZone", s, err)
		}
	}
	for _, s := range []string{"", "tomorrow", "2026-13-01T14:00Z", "2026-12-01T14:00 CET", "2026-12-01T25:00Z", strings.Repeat("2", 100)} {
		if _, err := ParseEnd(s); err == nil || errors.Is(err, ErrNoZone) {
			t.Errorf("%q: %v, want a refusal", s, err)
		}
	}
}

func FuzzParseEnd(f *testing.F) {
	f.Add("2026-12-01T14:00Z")
	f.Add("2026-12-01 14:00 UTC")
	f.Add("2026-12-01")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseEnd(s)
		if err != nil {
			return
		}
		again, err := ParseEnd(got.Format(time.RFC3339Nano))
		if got.Year() >= 0 && got.Year() <= 9999 && (err != nil || !again.Equal(got)) {
			t.Fatalf("%q: %v does not survive a second reading: %v", s, got, err)
		}
	})
}

func TestLimits(t *testing.T) {
	l := DefaultLimits
	if err := l.Valid(); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []Limits{{}, {91, 90, time.Hour, time.Hour}, {0, 90, time.Hour, time.Hour}, {45, 90, 0, time.Hour}, {45, 90, time.Hour, 100 * time.Hour}, {45, 90, time.Hour, 0}} {
		if bad.Valid() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
	now := t0.Add(10 * day)
	for _, c := range []struct {
		end time.Time
		ok  bool
	}{
		{now, false}, {now.Add(-time.Microsecond), false}, {now.Add(time.Microsecond), true},
		{l.Latest(t0), true}, {l.Latest(t0).Add(time.Microsecond), false}, {l.DefaultEnd(t0), true},
	} {
		if err := l.CheckEnd(c.end, now, t0); (err == nil) != c.ok {
			t.Errorf("end %v: %v", c.end, err)
		}
	}
}

func TestEmbargoMove(t *testing.T) {
	for _, em := range Embargo.States() {
		for _, v := range Embargo.AllVerbs() {
			for _, p := range Exposure.States() {
				to, ok := Embargo.Next(em, v)
				got, err := EmbargoMove(em, v, p)
				want := ok && (p == PublicNothing || v == EMReject || v == EMTerminate)
				if (err == nil) != want || want && got != to || !want && got != "" {
					t.Errorf("%s %s in %s: %q, %v", em, v, p, got, err)
				}
			}
		}
	}
	if _, err := EmbargoMove(EMNone, EMPropose, PublicAttacked); !errors.Is(err, ErrPublic) {
		t.Errorf("a proposal after attacks: %v", err)
	}
}

func TestEveryEventHasItsConsequences(t *testing.T) {
	l := DefaultLimits
	for _, em := range Embargo.States() {
		for _, p := range Exposure.States() {
			for _, e := range []Event{EventPublic, EventExploit, EventAttacks, EventAware} {
				c, err := l.OnEvent(em, p, e, t0)
				if to, ok := Exposure.Next(p, e); ok != (err == nil) || ok && c.Public != to {
					t.Fatalf("%s %s %s: %+v, %v", em, p, e, c, err)
				}
				if err != nil {
					continue
				}
				if c.Reason == "" {
					t.Errorf("%s %s %s: no reason", em, p, e)
				}
				if c.EMVerb != "" {
					if to, ok := Embargo.Next(em, c.EMVerb); !ok || to != c.EM {
						t.Errorf("%s %s %s: %s does not lead to %s", em, p, e, c.EMVerb, c.EM)
					}
				} else if c.EM != em {
					t.Errorf("%s %s %s: the embargo moved without a verb", em, p, e)
				}
				if !c.Public.EmbargoMayHold() && (c.EM.Holds() || c.EM == EMProposed) {
					t.Errorf("%s %s %s: an embargo is left after P or X", em, p, e)
				}
				if c.ResetConsent != (c.EMVerb != "") || c.AllAware != c.Public.Has(EventPublic) {
					t.Errorf("%s %s %s: %+v", em, p, e, c)
				}
				if due := e == EventAttacks && em.Holds() && c.Public.EmbargoMayHold(); due != (c.Default == DecidePublish) || due != c.DecideBy.Equal(t0.Add(l.Decision)) {
					t.Errorf("%s %s %s: decision due %v, default %q", em, p, e, c.DecideBy, c.Default)
				}
			}
		}
	}
}

func TestShortestIsAccepted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.IntRange(-3, 20), 0, 12).Draw(t, "days")
		var ps []Proposal
		for i, d := range days {
			ps = append(ps, Proposal{ID: string(rune('a' + i)), End: t0.Add(time.Duration(d) * day), At: t0.Add(-time.Duration(i%3) * time.Hour)})
		}
		o, ok := Shortest(ps, t0)
		n := len(o.Revisions) + len(o.Moot)
		if ok {
			n++
		}
		if n != len(ps) {
			t.Fatalf("%d of %d proposals are left", n, len(ps))
		}
		for _, p := range ps {
			if p.End.After(t0) && (!ok || p.End.Before(o.Accept.End)) {
				t.Fatalf("%v is shorter than the accepted %v", p, o.Accept)
			}
		}
		for _, r := range o.Revisions {
			if Compare(o.Accept.End, r.End) != Longer {
				t.Fatalf("revision %v is not longer than %v", r, o.Accept)
			}
		}
		shuffled := rapid.Permutation(ps).Draw(t, "order")
		if again, _ := Shortest(shuffled, t0); again.Accept != o.Accept {
			t.Fatalf("the order of arrival decides: %v, %v", again.Accept, o.Accept)
		}
	})
}

// However proposals, answers and refusals come, the agreed end changes by
// acceptance only.
func TestOldEndStandsUntilAcceptance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state, agreed := Embargo.Start, time.Time{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			verb := rapid.SampledFrom(Embargo.AllVerbs()).Draw(t, "verb")
			proposed := t0.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "days")) * day)
			to, err := EmbargoMove(state, verb, PublicNothing)
			if err != nil {
				continue
			}
			end := Standing(to, verb, agreed, proposed)
			if to.Holds() == end.IsZero() {
				t.Fatalf("%s: end %v", to, end)
			}
			if state.Holds() && to.Holds() && verb != EMAccept && !end.Equal(agreed) {
				t.Fatalf("%s %s changed the end from %v to %v", state, verb, agreed, end)
			}
			state, agreed = to, end
		}
	})
}

func TestCompareAndFate(t *testing.T) {
	for want, proposed := range map[Change]time.Time{Same: t0, Shorter: t0.Add(-1), Longer: t0.Add(1)} {
		if got := Compare(t0, proposed); got != want {
			t.Errorf("%v: %s, want %s", proposed, got, want)
		}
	}
	if Compare(time.Time{}, t0) != First {
		t.Error("the first proposal is not First")
	}
	l := DefaultLimits
	p := Proposal{End: t0.Add(10 * day), At: t0}
	for _, c := range []struct {
		after     time.Duration
		objection int
		want      Fate
	}{{0, 0, Open}, {l.Unopposed - 1, 0, Open}, {l.Unopposed, 0, Passes}, {l.Unopposed, 1, Blocked}, {10 * day, 0, Expired}, {10 * day, 3, Expired}} {
		if got := l.FateOf(p, c.objection, t0.Add(c.after)); got != c.want {
			t.Errorf("after %v with %d objections: %s, want %s", c.after, c.objection, got, c.want)
		}
	}
	if !Ended(t0, t0) || Ended(t0.Add(1), t0) {
		t.Error("the end itself must be the first instant without an embargo")
	}
}

func TestPolicyCountsAsProposal(t *testing.T) {
	l := DefaultLimits
	if _, _, ok := l.Propose(Policy{By: "v", Days: 0}, "x", t0, t0); ok {
		t.Error("a policy of no embargo proposes one")
	}
	p, cut, ok := l.Propose(Policy{By: "v", Days: 400}, "x", t0, t0)
	if !ok || !cut || !p.End.Equal(l.Latest(t0)) || p.By != "v" {
		t.Errorf("%+v %v %v", p, cut, ok)
	}
	p, cut, ok = l.Propose(Policy{By: "v", Days: 30}, "x", t0, t0.Add(day))
	if !ok || cut || !p.End.Equal(t0.Add(30*day)) || !p.At.Equal(t0.Add(day)) {
		t.Errorf("%+v %v %v", p, cut, ok)
	}
}

func TestRevisionLapsesSignatories(t *testing.T) {
	for _, s := range Consent.States() {
		for _, yes := range []bool{true, false} {
			want := s
			if s == PECSignatory && !yes {
				want, _ = Consent.Next(s, PECRevise)
			}
			if got := AfterRevision(s, yes); got != want {
				t.Errorf("%s, consented %v: %s, want %s", s, yes, got, want)
			}
		}
	}
}
