package oncall

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var zones = []string{"UTC", "Europe/Vienna", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Auckland", "Asia/Kathmandu", "America/Santiago", "Africa/Casablanca", "Pacific/Apia", "Asia/Beirut"}

func drawHours(t *rapid.T) *Hours {
	h := &Hours{From: Clock(rapid.IntRange(0, 1439).Draw(t, "from")), To: Clock(rapid.IntRange(0, 1440).Draw(t, "to"))}
	if h.From == h.To {
		h.To++
	}
	for _, d := range rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 7, rapid.ID[int]).Draw(t, "days") {
		h.Days = append(h.Days, Day(d))
	}
	return h
}

func drawRotation(t *rapid.T, name string, begin time.Time) Rotation {
	r := Rotation{Name: name, Zone: rapid.SampledFrom(zones).Draw(t, "zone"),
		Start:   Wall(begin.Unix()/60) + Wall(rapid.IntRange(-40*1440, 5*1440).Draw(t, "start")),
		Members: rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 5).Draw(t, "members")}
	switch rapid.IntRange(0, 2).Draw(t, "pace") {
	case 0:
		r.Every.Days = rapid.IntRange(1, 5).Draw(t, "every")
	case 1:
		r.Every.Weeks = rapid.IntRange(1, 3).Draw(t, "every")
	default:
		for _, m := range rapid.SliceOfNDistinct(rapid.IntRange(0, 7*1440-1), 1, 6, rapid.ID[int]).Draw(t, "at") {
			r.Every.At = append(r.Every.At, Weekly{Day(m / 1440), Clock(m % 1440)})
		}
	}
	if rapid.Bool().Draw(t, "windowed") {
		r.Hours = drawHours(t)
	}
	return r
}

// begins are some days before changes of clocks, in both hemispheres.
var begins = []string{"2026-03-06T00:00:00Z", "2026-03-27T00:00:00Z", "2026-04-03T00:00:00Z", "2026-09-05T00:00:00Z", "2026-09-26T00:00:00Z", "2026-10-02T00:00:00Z", "2026-10-23T00:00:00Z", "2026-10-30T00:00:00Z", "2026-02-13T00:00:00Z"}

// TestOneAnswerOrAGap: at each instant there is one answer or a gap, the
// stretches fill the range without holes and say what At says, and the gaps
// are exactly the instants without an answer.
func TestOneAnswerOrAGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begin, _ := time.Parse(time.RFC3339, rapid.SampledFrom(begins).Draw(t, "begin"))
		end := begin.Add(4 * 24 * time.Hour)
		var s Schedule
		for i := range rapid.IntRange(1, 3).Draw(t, "layers") {
			s.Layers = append(s.Layers, drawRotation(t, fmt.Sprint("l", i), begin))
		}
		for range rapid.IntRange(0, 5).Draw(t, "overrides") {
			from := begin.Add(time.Duration(rapid.IntRange(-1440, 4*1440).Draw(t, "o from")) * time.Minute)
			s.Overrides = append(s.Overrides, Override{From: from, To: from.Add(time.Duration(rapid.IntRange(1, 2000).Draw(t, "o length")) * time.Minute),
				Layer: rapid.SampledFrom([]string{"", "l0"}).Draw(t, "o layer"), Person: rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "o who")})
		}
		r, err := Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		list, err := r.Stretches(begin, end)
		if err != nil {
			t.Fatal(err)
		}
		gaps, _ := r.Gaps(begin, end)
		hand, _ := r.HandOvers(begin, end)
		if !list[0].From.Equal(begin) || !list[len(list)-1].To.Equal(end) {
			t.Fatalf("the stretches do not fill the range: %+v", list)
		}
		for i := 1; i < len(list); i++ {
			if !list[i].From.Equal(list[i-1].To) {
				t.Fatalf("a hole between %+v and %+v", list[i-1], list[i])
			}
		}
		i, before := 0, list[0].Who
		for at := begin; at.Before(end); at = at.Add(time.Minute) {
			for !at.Before(list[i].To) {
				i++
			}
			who, why, ok := r.At(at)
			if ok == (who == "") || list[i].Who != who || list[i].Why != why {
				t.Fatalf("%s: %q %+v %v, listed %+v", at, who, why, ok, list[i])
			}
			if in := slices.ContainsFunc(gaps, func(g Stretch) bool { return !at.Before(g.From) && at.Before(g.To) }); in == ok {
				t.Fatalf("%s: %q, but gap %v", at, who, in)
			}
			changed := slices.ContainsFunc(hand, func(h HandOver) bool { return h.At.Equal(at) })
			if changed != (who != before) {
				t.Fatalf("%s: from %q to %q, but listed %v", at, before, who, changed)
			}
			before = who
		}
	})
}

// TestWallAndBack: the wall shows what was asked for at the instant it
// becomes, or as much later as the clocks were moved; never earlier.
func TestWallAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, err := Zone(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		w := Wall(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()/60) + Wall(rapid.IntRange(0, 60*365*1440).Draw(t, "minute"))
		at := w.In(loc)
		shown := WallAt(at, loc)
		if shown != w {
			_, before := at.Add(-25 * time.Hour).In(loc).Zone()
			_, after := at.In(loc).Zone()
			if shown-w != Wall((after-before)/60) {
				t.Fatalf("%s is %s, which the wall shows as %s", w, at, shown)
			}
			return
		}
		for back := time.Minute; back <= 2*time.Hour; back += time.Minute {
			if WallAt(at.Add(-back), loc) == w {
				t.Fatalf("%s is shown already %s earlier", w, back)
			}
		}
		if got := w.Weekday(); got != time.Unix(int64(w)*60, 0).UTC().Weekday() {
			t.Fatalf("%s is a %s", w, got)
		}
	})
}

// FuzzTexts: what a parser takes, it writes and reads again as the same.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"2026-01-05T09:00", "24:00", "09:30", "Mon 09:00", "sun 23:59", "Tue", "2026-13-01T00:00", "", "Mon 24:00", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if w, err := ParseWall(s); err == nil && w.String() != s {
			t.Errorf("wall %q is written %q", s, w)
		}
		if c, err := ParseClock(s); err == nil && c.String() != s {
			t.Errorf("clock %q is written %q", s, c)
		}
		if d, err := ParseDay(s); err == nil {
			if again, err := ParseDay(d.String()); err != nil || again != d {
				t.Errorf("day %q is written %q", s, d)
			}
		}
		if w, err := ParseWeekly(s); err == nil {
			if again, err := ParseWeekly(w.String()); err != nil || again != w {
				t.Errorf("weekly %q is written %q", s, w)
			}
		}
		_, _ = Zone(s)
	})
}

// FuzzSchedule: whatever JSON describes a schedule, it is refused or answers.
func FuzzSchedule(f *testing.F) {
	for _, s := range schedules(f) {
		b, err := json.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Schedule
		if len(b) > 20000 || json.Unmarshal(b, &s) != nil {
			return
		}
		r, err := Compile(s)
		if err != nil {
			return
		}
		from := time.Date(2026, 3, 25, 0, 0, 0, 0, time.UTC)
		if _, err := r.Stretches(from, from.AddDate(0, 0, 10)); err != nil {
			t.Error(err)
		}
		again, err := json.Marshal(s)
		var same Schedule
		if err != nil || json.Unmarshal(again, &same) != nil {
			t.Fatalf("%s is not read again: %v", again, err)
		}
		if third, _ := json.Marshal(same); !reflect.DeepEqual(again, third) {
			t.Errorf("%s is read as %s", again, third)
		}
	})
}
