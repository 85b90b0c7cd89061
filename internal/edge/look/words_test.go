package look

import (
	"strings"
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	day := 24 * time.Hour
	for want, d := range map[string]time.Duration{
		"0": -time.Second, "00:00:01": time.Second, "03:22:10": 3*time.Hour + 22*time.Minute + 10*time.Second,
		"1 d 00:00": day, "6 d 03:22": 6*day + 3*time.Hour + 22*time.Minute + 59*time.Second,
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestCountsAndBytes(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 3798: "3,798", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 4_200_000: "4.2 MB", 1 << 62: "4611686.0 TB"} {
		if got := Bytes(n); !strings.HasPrefix(got, want[:3]) || got[len(got)-1] != 'B' {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
	if got := Plural(1, "person", "people") + Plural(2, "person", "people"); got != "1 person2 people" {
		t.Errorf("plural: %q", got)
	}
}

// A relative time never stands without the absolute one, nor an absolute one
// without its zone.
func TestTimesCarryTheirZone(t *testing.T) {
	at := time.Date(2026, 12, 1, 23, 30, 0, 0, time.UTC)
	cet := time.FixedZone("CET", 3600)
	if got := string(WhenIn(at, cet)); !strings.Contains(got, "2026-12-01 23:30 UTC (2026-12-02 00:30 CET)") {
		t.Errorf("across midnight: %s", got)
	}
	if got := string(WhenIn(at.Add(-9*time.Hour), cet)); !strings.Contains(got, "14:30 UTC (15:30 CET)") {
		t.Errorf("same day: %s", got)
	}
	for _, now := range []time.Time{at, at.Add(-time.Hour), at.Add(5 * time.Hour), at.AddDate(0, 0, 90)} {
		for _, text := range []string{string(Ago(now, at)), string(Due(now, at))} {
			if !strings.Contains(text, "2026-12-01 23:30 UTC") {
				t.Errorf("no absolute time in %q", text)
			}
		}
	}
	if !strings.Contains(string(Due(at.Add(2*time.Hour), at)), "2 h late") || !strings.Contains(string(Due(at.Add(-72*time.Hour), at)), "in 3 d") {
		t.Error("deadlines are not said")
	}
	if UTC(time.Time{}) != "–" || When(time.Time{}) != "–" {
		t.Error("an unset time must not show as year 1")
	}
}

func TestParseDateTime(t *testing.T) {
	good := map[[2]string]string{
		{"2026-12-01T15:00", "Europe/Berlin"}: "2026-12-01T14:00:00Z", {"2026-12-01T15:00", "UTC"}: "2026-12-01T15:00:00Z",
		{"2026-07-01T15:00", "Europe/Berlin"}: "2026-07-01T13:00:00Z",
	}
	for in, want := range good {
		got, err := ParseDateTime(in[0], in[1])
		if err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%v: %v %v, want %s", in, got, err, want)
		}
	}
	bad := map[[2]string]error{
		{"2026-12-01T15:00", ""}: ErrNoZone, {"2026-12-01T15:00", "Local"}: ErrNoZone, {"2026-12-01T15:00", "Mars/Base"}: ErrNoZone,
		{"2026-03-29T02:30", "Europe/Berlin"}: ErrNoHour, {"2026-10-25T02:30", "Europe/Berlin"}: ErrTwiceHour, {"2026-12-01", "UTC"}: nil, {"", "UTC"}: nil,
	}
	for in, want := range bad {
		if _, err := ParseDateTime(in[0], in[1]); err == nil || want != nil && err != want {
			t.Errorf("%v: %v, want %v", in, err, want)
		}
	}
}

func FuzzParseDateTime(f *testing.F) {
	f.Add("2026-12-01T15:00", "Europe/Berlin")
	f.Add("2026-10-25T02:30", "../../etc/passwd")
	f.Fuzz(func(t *testing.T, value, zone string) {
		at, err := ParseDateTime(value, zone)
		if err != nil {
			return
		}
		loc, err := time.LoadLocation(zone)
		if err != nil || at.In(loc).Format(dateTimeLayout) != value {
			t.Errorf("%q in %q became %v", value, zone, at)
		}
	})
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{"/cases?x=1": "/cases?x=1", "": "/", "//host.example": "/", `/\host.example`: "/", "https://host.example": "/", "/a\r\nb": "/", "/\t/host.example": "/"} {
		if got := localPath(in); got != want {
			t.Errorf("localPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestStatOfOne(t *testing.T) {
	s := Stat{N: 1, One: "embargo ends", Label: "embargoes end"}
	if s.Words() != "embargo ends" {
		t.Errorf("one: %q", s.Words())
	}
	if s.N = 2; s.Words() != "embargoes end" {
		t.Errorf("two: %q", s.Words())
	}
	if s = (Stat{N: 1, Label: "opened this week"}); s.Words() != "opened this week" {
		t.Errorf("one without words of its own: %q", s.Words())
	}
}
