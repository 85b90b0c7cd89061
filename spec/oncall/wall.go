// Package oncall says who is on call when, and whom a ladder of escalation
// calls at which instant. It is pure: it knows contacts by opaque ids, takes
// every instant as an argument and does no I/O.
//
// People agree on duty in local wall time, so hand-overs, daily windows and
// quiet hours are kept as wall times with an IANA time zone and become
// instants by one rule (see Wall.In):
//
//   - a wall time that a change of clocks leaves out moves forward by as much
//     as the clocks do: 02:30 in a night that jumps from 02:00 to 03:00 is
//     03:30;
//   - a wall time that happens twice is the first of the two.
//
// All intervals include their beginning and exclude their end.
package oncall

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on machines without a zone database
)

// Wall is a local date and time of day without a zone: minutes since
// 1970-01-01T00:00 on the wall. Its text form is "2006-01-02T15:04".
type Wall int64

const (
	day  Wall = 24 * 60
	week Wall = 7 * day

	wallForm = "2006-01-02T15:04"
	minYear  = 2000
	maxYear  = 2199
)

// ParseWall reads "2006-01-02T15:04" of the years 2000 to 2199.
func ParseWall(s string) (Wall, error) {
	t, err := time.Parse(wallForm, s)
	if err != nil || len(s) != len(wallForm) {
		return 0, fmt.Errorf("%q is not a date and time such as 2026-01-05T09:00", clip(s))
	}
	if t.Year() < minYear || t.Year() > maxYear {
		return 0, fmt.Errorf("the year of %s is not between %d and %d", s, minYear, maxYear)
	}
	return Wall(t.Unix() / 60), nil
}

// WallAt is what the wall shows in a zone at an instant, seconds cut off.
func WallAt(t time.Time, loc *time.Location) Wall {
	_, offset := t.In(loc).Zone()
	return Wall(floorDiv(t.Unix()+int64(offset), 60))
}

// In is the instant at which the wall of a zone shows w. A wall time that is
// left out moves forward by the gap; one that happens twice is the first.
func (w Wall) In(loc *time.Location) time.Time {
	shown := int64(w) * 60
	// No zone is farther than a day from UTC, so the right period of the zone,
	// or the gap between two, lies within a day of either side.
	at := time.Unix(shown-26*3600, 0).In(loc)
	before, first := time.Time{}, true
	for range 50 {
		_, offset := at.Zone()
		begin, end := at.ZoneBounds()
		t := time.Unix(shown-int64(offset), 0)
		if end.IsZero() || t.Before(end) {
			if !first && t.Before(begin) {
				return before.UTC()
			}
			return t.UTC()
		}
		before, first, at = t, false, end
	}
	return before.UTC()
}

// Date is the midnight w's day begins with on the wall.
func (w Wall) Date() Wall { return w.floor(day) }

// Weekday is the day of the week of w.
func (w Wall) Weekday() time.Weekday {
	return time.Weekday((floorDiv(int64(w), int64(day))%7 + 7 + 4) % 7) // 1970 began on a Thursday
}

// monday is the beginning of w's week.
func (w Wall) monday() Wall { return (w + 3*day).floor(week) - 3*day }

func (w Wall) floor(unit Wall) Wall { return Wall(floorDiv(int64(w), int64(unit))) * unit }

func (w Wall) String() string { return time.Unix(int64(w)*60, 0).UTC().Format(wallForm) }

// MarshalText gives the text form.
func (w Wall) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText is ParseWall.
func (w *Wall) UnmarshalText(b []byte) (err error) {
	*w, err = ParseWall(string(b))
	return err
}

// Zone loads an IANA time zone by its full name, such as "Europe/Vienna" or
// "UTC". The empty name and "Local" are refused: they mean another zone on
// each machine.
func Zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil, fmt.Errorf("name an IANA time zone such as Europe/Vienna")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not an IANA time zone such as Europe/Vienna", clip(name))
	}
	return loc, nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// clip keeps a refused text short in an error.
func clip(s string) string {
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return strings.ToValidUTF8(s, "�")
}
