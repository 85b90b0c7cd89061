package oncall

import (
	"testing"
	"time"
)

// walker is the reference: it lives through time minute by minute, looks at
// the wall only, and knows no rule but that a minute the wall leaves out
// comes later by as much as was left out, and one it shows again is no news.
type walker struct {
	loc     *time.Location
	newest  Wall // the latest the wall has shown
	delayed map[Wall][]Wall
}

// minute gives the wall's minutes that happen at t, in the order of the wall.
func (w *walker) minute(t time.Time) []Wall {
	y, mo, d := t.In(w.loc).Date()
	h, mi, _ := t.In(w.loc).Clock()
	shown := Wall(time.Date(y, mo, d, h, mi, 0, 0, time.UTC).Unix() / 60)
	if w.delayed == nil {
		w.newest, w.delayed = shown-1, map[Wall][]Wall{}
	}
	if shown <= w.newest {
		return nil
	}
	left := shown - w.newest - 1
	for x := w.newest + 1; x < shown; x++ {
		w.delayed[x+left] = append(w.delayed[x+left], x)
	}
	w.newest = shown
	return append(w.delayed[shown], shown)
}

// simple is a rotation lived through by a walker.
type simple struct {
	Rotation
	walker
	turns map[Wall]int // hand-overs by wall time, for as long as the test lives
	turn  int
	open  bool
}

func newSimple(t testing.TB, r Rotation, until Wall) *simple {
	loc, err := time.LoadLocation(r.Zone)
	if err != nil {
		t.Fatal(err)
	}
	s := &simple{Rotation: r, walker: walker{loc: loc}, turns: map[Wall]int{}, turn: -1, open: r.Hours == nil}
	n := 0
	for w := r.Start; w < until; w++ {
		due := w == r.Start
		since := int(w - r.Start)
		if r.Every.Days > 0 {
			due = since%(r.Every.Days*24*60) == 0
		}
		if r.Every.Weeks > 0 {
			due = since%(r.Every.Weeks*7*24*60) == 0
		}
		at := time.Unix(int64(w)*60, 0).UTC()
		for _, x := range r.Every.At {
			due = due || time.Weekday(x.Day) == at.Weekday() && int(x.At) == at.Hour()*60+at.Minute()
		}
		if due {
			s.turns[w] = n
			n++
		}
	}
	return s
}

func (s *simple) at(t time.Time) string {
	for _, w := range s.minute(t) {
		if n, due := s.turns[w]; due {
			s.turn = max(s.turn, n)
		}
		if s.Hours == nil {
			continue
		}
		at := time.Unix(int64(w)*60, 0).UTC()
		clock := Clock(at.Hour()*60 + at.Minute())
		if clock == s.Hours.To%(24*60) {
			s.open = false
		}
		today := len(s.Hours.Days) == 0
		for _, d := range s.Hours.Days {
			today = today || time.Weekday(d) == at.Weekday()
		}
		if clock == s.Hours.From && today {
			s.open = true
		}
	}
	if s.turn < 0 || !s.open {
		return ""
	}
	return s.Members[s.turn%len(s.Members)]
}

// TestAYearMinuteByMinute holds At against the walker at every minute of a
// year and some days before it.
func TestAYearMinuteByMinute(t *testing.T) {
	abc := []string{"ann", "bob", "cem"}
	rot := func(zone, start string, every Every, h *Hours) Rotation {
		return Rotation{Name: zone, Zone: zone, Start: wall(t, start), Every: every, Members: abc, Hours: h}
	}
	list := []Schedule{
		{Layers: []Rotation{rot("Europe/Vienna", "2026-01-05T09:00", Every{Weeks: 1}, nil)}},
		{Layers: []Rotation{rot("America/New_York", "2026-01-03T02:30", Every{Days: 1}, nil)}},
		{Layers: []Rotation{rot("America/St_Johns", "2026-01-03T01:15", Every{Days: 1}, hours(t, "22:00", "02:30"))}},
		{Layers: []Rotation{rot("Australia/Lord_Howe", "2026-01-05T01:45", Every{At: weekly(t, "Sun 01:45", "Sun 02:10", "Sun 02:20", "Wed 17:30")}, nil)}},
		{Layers: []Rotation{rot("Asia/Kolkata", "2026-01-05T08:00", Every{Weeks: 2}, hours(t, "08:00", "18:00", 1, 2, 3, 4, 5))}},
		{Layers: []Rotation{rot("Pacific/Auckland", "2026-01-05T00:00", Every{Days: 3}, hours(t, "00:00", "24:00", 0, 6))}},
		{Layers: []Rotation{rot("America/Santiago", "2026-01-05T00:00", Every{Days: 1}, hours(t, "23:30", "00:30"))}}, // changes at midnight
		{Layers: []Rotation{rot("Africa/Casablanca", "2026-01-05T02:30", Every{Days: 1}, nil)}},                       // back for Ramadan
		{Layers: []Rotation{rot("Pacific/Apia", "2011-01-05T10:00", Every{Days: 1}, hours(t, "09:00", "17:00"))}},     // a day left out
		{Layers: []Rotation{
			{Name: "days", Zone: "Europe/Berlin", Start: wall(t, "2026-01-05T08:00"), Every: Every{Weeks: 1}, Members: abc, Hours: hours(t, "08:00", "18:00", 1, 2, 3, 4, 5)},
			{Name: "nights", Zone: "America/Los_Angeles", Start: wall(t, "2026-01-05T08:00"), Every: Every{At: weekly(t, "Mon 09:00", "Thu 09:00")}, Members: []string{"dot", "eve"}, Hours: hours(t, "08:00", "18:00")},
		}, Overrides: []Override{
			{Person: "zoe", From: instant(t, "2026-03-28T23:10:00Z"), To: instant(t, "2026-03-30T01:00:00Z")},
			{Person: "", From: instant(t, "2026-03-29T12:00:00Z"), To: instant(t, "2026-03-29T18:00:00Z")},
			{Layer: "days", Person: "", From: instant(t, "2026-07-01T00:00:00Z"), To: instant(t, "2026-07-15T00:00:00Z")},
			{Layer: "nights", Person: "yan", From: instant(t, "2026-07-05T00:00:00Z"), To: instant(t, "2026-07-06T12:00:00Z")},
			{Layer: "days", Person: "xia", From: instant(t, "2026-07-10T00:00:00Z"), To: instant(t, "2026-07-11T00:00:00Z")},
		}},
	}
	for _, s := range list {
		t.Run(s.Layers[0].Name, func(t *testing.T) {
			t.Parallel()
			liveThrough(t, s)
		})
	}
}

func liveThrough(t *testing.T, s Schedule) {
	r := compile(t, s)
	year := time.Unix(int64(s.Layers[0].Start)*60, 0).UTC().Year()
	begin, end := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(year+1, 1, 4, 0, 0, 0, 0, time.UTC)
	var layers []*simple
	for _, l := range s.Layers {
		layers = append(layers, newSimple(t, l, Wall(end.Unix()/60)+2*24*60))
	}
	stretches, err := r.Stretches(begin, end)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for at := begin; at.Before(end); at = at.Add(time.Minute) {
		want := lookUp(s, layers, at)
		who, _, ok := r.At(at)
		for !at.Before(stretches[0].To) {
			stretches = stretches[1:]
		}
		if who != want || ok != (want != "") || stretches[0].Who != want || at.Before(stretches[0].From) {
			if wrong++; wrong < 10 {
				t.Errorf("%s (%s there): %q, listed %q, want %q", at, at.In(layers[0].loc), who, stretches[0].Who, want)
			}
		}
	}
}

// lookUp asks the overrides and then the layers, as the rule reads.
func lookUp(s Schedule, layers []*simple, at time.Time) string {
	turns := make([]string, len(layers))
	for i, l := range layers {
		turns[i] = l.at(at)
	}
	last := func(name string) *Override {
		var found *Override
		for i, o := range s.Overrides {
			if o.Layer == name && !o.From.After(at) && o.To.After(at) {
				found = &s.Overrides[i]
			}
		}
		return found
	}
	if o := last(""); o != nil {
		return o.Person
	}
	for i, l := range s.Layers {
		if o := last(l.Name); o != nil {
			turns[i] = o.Person
		}
		if turns[i] != "" {
			return turns[i]
		}
	}
	return ""
}
