package oncall

import (
	"testing"
	"time"
)

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func wall(t testing.TB, s string) Wall {
	t.Helper()
	w, err := ParseWall(s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func weekly(t testing.TB, list ...string) (out []Weekly) {
	t.Helper()
	for _, s := range list {
		w, err := ParseWeekly(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, w)
	}
	return out
}

func hours(t testing.TB, from, to string, days ...Day) *Hours {
	t.Helper()
	f, err := ParseClock(from)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ParseClock(to)
	if err != nil {
		t.Fatal(err)
	}
	return &Hours{From: f, To: e, Days: days}
}

func compile(t testing.TB, s Schedule) *Roster {
	t.Helper()
	r, err := Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// schedules are what the table below asks. 5 January 2026 is a Monday.
func schedules(t testing.TB) map[string]Schedule {
	abc := []string{"ann", "bob", "cem"}
	rot := func(name, zone, start string, every Every, h *Hours, members ...string) Rotation {
		if len(members) == 0 {
			members = abc
		}
		return Rotation{Name: name, Zone: zone, Start: wall(t, start), Every: every, Members: members, Hours: h}
	}
	one := func(r Rotation) Schedule { return Schedule{Layers: []Rotation{r}} }
	over := func(layer, who, from, to string) Override {
		return Override{Layer: layer, Person: who, From: instant(t, from), To: instant(t, to)}
	}
	office := hours(t, "08:00", "18:00", 1, 2, 3, 4, 5)
	return map[string]Schedule{
		"vienna":    one(rot("v", "Europe/Vienna", "2026-01-05T09:00", Every{Weeks: 1}, nil)),
		"york":      one(rot("n", "America/New_York", "2026-01-05T02:30", Every{Days: 1}, nil)),
		"fold":      one(rot("f", "America/New_York", "2026-01-05T01:30", Every{Days: 1}, nil)),
		"sydney":    one(rot("s", "Australia/Sydney", "2026-01-05T02:30", Every{Days: 1}, nil)),
		"lordhowe":  one(rot("l", "Australia/Lord_Howe", "2026-01-05T02:15", Every{Days: 1}, nil)),
		"howefold":  one(rot("h", "Australia/Lord_Howe", "2026-01-05T01:45", Every{Days: 1}, nil)),
		"kolkata":   one(rot("k", "Asia/Kolkata", "2026-01-05T09:00", Every{Days: 1}, nil)),
		"kathmandu": one(rot("k", "Asia/Kathmandu", "2026-01-05T09:00", Every{Days: 2}, nil)),
		"apia":      one(rot("a", "Pacific/Apia", "2011-12-28T10:00", Every{Days: 1}, nil)),
		"same":      one(rot("g", "Europe/Vienna", "2026-01-05T00:00", Every{At: weekly(t, "Sun 02:30", "Sun 03:00")}, nil)),
		"weekly":    one(rot("w", "Europe/London", "2026-01-07T12:00", Every{At: weekly(t, "Fri 17:00", "Mon 09:00")}, nil)),
		"office":    one(rot("o", "Europe/Vienna", "2026-01-05T08:00", Every{Weeks: 1}, office)),
		"night": {Layers: []Rotation{
			rot("days", "Europe/Vienna", "2026-01-05T08:00", Every{Weeks: 1}, office),
			rot("nights", "Europe/Vienna", "2026-01-05T08:00", Every{Days: 1}, hours(t, "18:00", "08:00"), "dot", "eve"),
		}},
		"overrides": {Layers: []Rotation{rot("v", "Europe/Vienna", "2026-01-05T09:00", Every{Weeks: 1}, nil)}, Overrides: []Override{
			over("", "zoe", "2026-01-06T00:00:00Z", "2026-01-08T00:00:00Z"),
			over("", "yan", "2026-01-07T00:00:00Z", "2026-01-09T00:00:00Z"),
			over("", "", "2026-01-07T12:00:00Z", "2026-01-07T13:00:00Z"),
			over("v", "", "2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z"),
			over("v", "xia", "2026-01-04T00:00:00Z", "2026-01-04T06:00:00Z"),
		}},
		"layered": {Layers: []Rotation{
			rot("first", "UTC", "2026-01-05T00:00", Every{Days: 1}, nil),
			rot("second", "UTC", "2026-01-05T00:00", Every{Days: 1}, nil, "dot", "eve"),
		}, Overrides: []Override{
			over("first", "", "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z"),
			over("second", "zoe", "2026-01-06T06:00:00Z", "2026-01-06T12:00:00Z"),
			over("second", "", "2026-01-06T12:00:00Z", "2026-01-06T18:00:00Z"),
			over("second", "yan", "2026-01-08T00:00:00Z", "2026-01-09T00:00:00Z"),
		}},
	}
}

func TestWhoIsOnCallWhen(t *testing.T) {
	rosters := map[string]*Roster{}
	for name, s := range schedules(t) {
		rosters[name] = compile(t, s)
	}
	for _, c := range []struct {
		schedule, at, who string
		why               Reason
	}{
		// Turns and their borders.
		{"vienna", "2026-01-05T07:59:59Z", "", NotBegun},
		{"vienna", "2026-01-05T08:00:00Z", "ann", Shift},
		{"vienna", "2026-01-12T07:59:59Z", "ann", Shift},
		{"vienna", "2026-01-12T08:00:00Z", "bob", Shift},
		{"vienna", "2026-01-26T08:00:00Z", "ann", Shift},
		{"vienna", "1999-01-01T00:00:00Z", "", NotBegun},
		{"vienna", "2150-01-01T00:00:00Z", "bob", Shift},
		// Wall time stays when the clocks change: 29 March and 25 October.
		{"vienna", "2026-03-30T06:59:59Z", "cem", Shift},
		{"vienna", "2026-03-30T07:00:00Z", "ann", Shift},
		{"vienna", "2026-10-26T07:59:59Z", "cem", Shift},
		{"vienna", "2026-10-26T08:00:00Z", "ann", Shift},
		// 8 March: New York leaves 02:00 to 03:00 out; 02:30 is 03:30 there.
		{"york", "2026-03-07T07:30:00Z", "bob", Shift},
		{"york", "2026-03-08T07:29:59Z", "bob", Shift},
		{"york", "2026-03-08T07:30:00Z", "cem", Shift},
		{"york", "2026-03-09T06:29:59Z", "cem", Shift},
		{"york", "2026-03-09T06:30:00Z", "ann", Shift},
		// 1 November: New York has 01:00 to 02:00 twice; the first counts.
		{"fold", "2026-11-01T05:29:59Z", "cem", Shift},
		{"fold", "2026-11-01T05:30:00Z", "ann", Shift},
		{"fold", "2026-11-01T06:10:00Z", "ann", Shift}, // 01:10 once more
		{"fold", "2026-11-02T06:30:00Z", "bob", Shift},
		// The south: Sydney goes back on 5 April and forward on 4 October.
		{"sydney", "2026-04-04T15:29:59Z", "cem", Shift},
		{"sydney", "2026-04-04T15:30:00Z", "ann", Shift},
		{"sydney", "2026-04-04T16:15:00Z", "ann", Shift}, // 02:15 once more
		{"sydney", "2026-10-03T16:29:59Z", "bob", Shift},
		{"sydney", "2026-10-03T16:30:00Z", "cem", Shift}, // 03:30 instead of 02:30
		// Lord Howe changes by half an hour: 02:15 is 02:45 on 4 October, and
		// 01:45 comes twice on 5 April.
		{"lordhowe", "2026-10-03T15:44:59Z", "bob", Shift},
		{"lordhowe", "2026-10-03T15:45:00Z", "cem", Shift},
		{"howefold", "2026-04-04T14:44:59Z", "cem", Shift},
		{"howefold", "2026-04-04T14:45:00Z", "ann", Shift},
		{"howefold", "2026-04-04T15:10:00Z", "ann", Shift}, // 01:40 once more
		// Zones with half and quarter hours.
		{"kolkata", "2026-01-06T03:29:59Z", "ann", Shift},
		{"kolkata", "2026-01-06T03:30:00Z", "bob", Shift},
		{"kathmandu", "2026-01-07T03:14:59Z", "ann", Shift},
		{"kathmandu", "2026-01-07T03:15:00Z", "bob", Shift},
		// Samoa had no 30 December 2011: its hand-over falls on the next one's.
		{"apia", "2011-12-30T19:59:59Z", "bob", Shift},
		{"apia", "2011-12-30T20:00:00Z", "ann", Shift},
		// Two hand-overs around a gap: 02:30 would be 03:30, 03:00 is later on the wall.
		{"same", "2026-03-29T00:59:59Z", "bob", Shift},
		{"same", "2026-03-29T01:00:00Z", "ann", Shift},
		{"same", "2026-03-29T01:30:00Z", "ann", Shift},
		// Listed times of the week; the first shift begins where it is said.
		{"weekly", "2026-01-07T11:59:00Z", "", NotBegun},
		{"weekly", "2026-01-07T12:00:00Z", "ann", Shift},
		{"weekly", "2026-01-09T17:00:00Z", "bob", Shift},
		{"weekly", "2026-01-12T08:59:59Z", "bob", Shift},
		{"weekly", "2026-01-12T09:00:00Z", "cem", Shift},
		{"weekly", "2026-03-30T08:00:00Z", "ann", Shift},
		// Holes: nights and the weekend; another layer fills them.
		{"office", "2026-01-05T07:00:00Z", "ann", Shift},
		{"office", "2026-01-05T16:59:59Z", "ann", Shift},
		{"office", "2026-01-05T17:00:00Z", "", OutsideHours},
		{"office", "2026-01-10T10:00:00Z", "", OutsideHours},
		{"night", "2026-01-05T17:00:00Z", "dot", Shift},
		{"night", "2026-01-06T06:59:59Z", "dot", Shift},
		{"night", "2026-01-06T07:00:00Z", "ann", Shift},
		{"night", "2026-01-10T10:00:00Z", "", OutsideHours},
		{"night", "2026-01-10T17:00:00Z", "eve", Shift},
		// Overrides; the later one in the list wins.
		{"overrides", "2026-01-05T23:59:59Z", "ann", Shift},
		{"overrides", "2026-01-06T00:00:00Z", "zoe", Overridden},
		{"overrides", "2026-01-07T00:00:00Z", "yan", Overridden},
		{"overrides", "2026-01-07T12:00:00Z", "", Absent},
		{"overrides", "2026-01-07T13:00:00Z", "yan", Overridden},
		{"overrides", "2026-01-09T00:00:00Z", "ann", Shift},
		{"overrides", "2026-01-10T23:59:59Z", "", Absent},
		{"overrides", "2026-01-04T05:59:59Z", "xia", Overridden},
		{"overrides", "2026-01-04T06:00:00Z", "", NotBegun},
		// An absence in one layer leaves the answer to the next.
		{"layered", "2026-01-05T12:00:00Z", "ann", Shift},
		{"layered", "2026-01-06T00:00:00Z", "eve", Shift},
		{"layered", "2026-01-06T06:00:00Z", "zoe", Overridden},
		{"layered", "2026-01-06T12:00:00Z", "", Absent},
		{"layered", "2026-01-08T12:00:00Z", "ann", Shift}, // the first layer has somebody
	} {
		who, why, ok := rosters[c.schedule].At(instant(t, c.at))
		if who != c.who || why.Reason != c.why || ok != (c.who != "") {
			t.Errorf("%s at %s: %q %s %v, want %q %s", c.schedule, c.at, who, why.Reason, ok, c.who, c.why)
		}
	}
}

func TestQuietHours(t *testing.T) {
	night := *hours(t, "22:00", "07:00")
	for _, c := range []struct{ zone, at, until string }{
		{"Europe/Vienna", "2026-01-05T20:59:59Z", ""},
		{"Europe/Vienna", "2026-01-05T21:00:00Z", "2026-01-06T06:00:00Z"},
		{"Europe/Vienna", "2026-01-05T23:30:00Z", "2026-01-06T06:00:00Z"}, // across midnight
		{"Europe/Vienna", "2026-01-06T05:59:59Z", "2026-01-06T06:00:00Z"},
		{"Europe/Vienna", "2026-01-06T06:00:00Z", ""},
		{"Europe/Vienna", "2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"}, // the short night
		{"Europe/Vienna", "2026-10-24T22:00:00Z", "2026-10-25T06:00:00Z"}, // the long one
		{"Asia/Kolkata", "2026-01-05T16:29:59Z", ""},
		{"Asia/Kolkata", "2026-01-05T16:30:00Z", "2026-01-06T01:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-03T12:00:00Z", "2026-10-03T20:00:00Z"},
		{"America/New_York", "2026-01-06T02:59:59Z", ""},
		{"America/New_York", "2026-01-06T03:00:00Z", "2026-01-06T12:00:00Z"},
	} {
		until, quiet := Quiet{Zone: c.zone, Hours: night}.Until(instant(t, c.at))
		if quiet != (c.until != "") || quiet && !until.Equal(instant(t, c.until)) {
			t.Errorf("%s at %s: %s %v, want %q", c.zone, c.at, until, quiet, c.until)
		}
	}
}

func TestGapsAndHandOvers(t *testing.T) {
	r := compile(t, schedules(t)["office"])
	gaps, err := r.Gaps(instant(t, "2026-01-05T00:00:00Z"), instant(t, "2026-01-13T00:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	// Before the start, four nights, the weekend, and Monday's night.
	if len(gaps) != 7 || gaps[0].Why.Reason != NotBegun || !gaps[0].To.Equal(instant(t, "2026-01-05T07:00:00Z")) ||
		gaps[5].To.Sub(gaps[5].From) != 62*time.Hour {
		t.Errorf("gaps: %+v", gaps)
	}
	v := compile(t, schedules(t)["vienna"])
	list, err := v.HandOvers(instant(t, "2026-03-20T00:00:00Z"), instant(t, "2026-04-10T00:00:00Z"))
	if err != nil || len(list) != 3 || !list[0].At.Equal(instant(t, "2026-03-23T08:00:00Z")) ||
		!list[1].At.Equal(instant(t, "2026-03-30T07:00:00Z")) || list[1].From != "cem" || list[1].To != "ann" {
		t.Errorf("hand-overs: %+v %v", list, err)
	}
	for _, bad := range [][2]string{{"2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"}, {"2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"}, {"2500-01-01T00:00:00Z", "2500-01-02T00:00:00Z"}} {
		if _, err := v.Stretches(instant(t, bad[0]), instant(t, bad[1])); err == nil {
			t.Errorf("the range %v is taken", bad)
		}
	}
}
