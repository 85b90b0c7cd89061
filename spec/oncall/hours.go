package oncall

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Clock is a time of day: minutes since midnight, 0 to 1440. Its text form is
// "15:04"; "24:00" is the midnight that ends a day.
type Clock int

// ParseClock reads "00:00" to "24:00".
func ParseClock(s string) (Clock, error) {
	if s == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return 0, fmt.Errorf("%q is not a time of day such as 09:00", clip(s))
	}
	return Clock(t.Hour()*60 + t.Minute()), nil
}

func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText gives the text form.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText is ParseClock.
func (c *Clock) UnmarshalText(b []byte) (err error) {
	*c, err = ParseClock(string(b))
	return err
}

// Day is a day of the week; its text form is "Mon" to "Sun".
type Day time.Weekday

var dayNames = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

// ParseDay reads "Mon" to "Sun", in any case.
func ParseDay(s string) (Day, error) {
	for i, name := range dayNames {
		if strings.EqualFold(s, name) {
			return Day(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not a day of the week; write Mon, Tue, Wed, Thu, Fri, Sat or Sun", clip(s))
}

func (d Day) valid() bool { return d >= 0 && d <= 6 }

func (d Day) String() string {
	if !d.valid() {
		return "?"
	}
	return dayNames[d]
}

// MarshalText gives the text form.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDay.
func (d *Day) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDay(string(b))
	return err
}

// Weekly is a time that comes once a week; its text form is "Mon 09:00".
type Weekly struct {
	Day Day
	At  Clock // before 24:00
}

// ParseWeekly reads "Mon 09:00".
func ParseWeekly(s string) (Weekly, error) {
	name, at, ok := strings.Cut(s, " ")
	if !ok {
		return Weekly{}, fmt.Errorf("%q is not a day and time such as Mon 09:00", clip(s))
	}
	d, err := ParseDay(name)
	if err != nil {
		return Weekly{}, err
	}
	c, err := ParseClock(at)
	if err == nil && c >= 24*60 {
		err = fmt.Errorf("write 24:00 as 00:00 of the next day")
	}
	return Weekly{d, c}, err
}

func (w Weekly) String() string { return w.Day.String() + " " + w.At.String() }

// MarshalText gives the text form.
func (w Weekly) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText is ParseWeekly.
func (w *Weekly) UnmarshalText(b []byte) (err error) {
	*w, err = ParseWeekly(string(b))
	return err
}

// minutes is how far into the week, which begins on Monday, w comes.
func (w Weekly) minutes() Wall { return Wall((int(w.Day)+6)%7)*day + Wall(w.At) }

// Hours is a window that recurs daily in local wall time. Where To is not
// after From it ends on the next day, and counts for the day it begins on.
type Hours struct {
	From Clock `json:"from"`
	To   Clock `json:"to"`
	Days []Day `json:"days,omitempty"` // days on which it begins; none: every day
}

// Validate refuses a window that is empty, endless or outside the day.
func (h Hours) Validate() error {
	switch {
	case h.From < 0 || h.From >= 24*60 || h.To < 0 || h.To > 24*60:
		return fmt.Errorf("daily hours begin between 00:00 and 23:59 and end between 00:00 and 24:00")
	case h.From == h.To:
		return fmt.Errorf("daily hours from %s to %s are empty; for the whole day write 00:00 to 24:00", h.From, h.To)
	case len(h.Days) > 7:
		return fmt.Errorf("daily hours name each day of the week at most once")
	}
	for i, d := range h.Days {
		if !d.valid() || slices.Contains(h.Days[:i], d) {
			return fmt.Errorf("daily hours name each day of the week at most once")
		}
	}
	return nil
}

// At is the window that covers an instant in a zone, if one does.
func (h Hours) At(t time.Time, loc *time.Location) (begin, end time.Time, ok bool) {
	today := WallAt(t, loc).Date()
	for date := today + day; date >= today-2*day; date -= day {
		begin, end, on := h.on(date, loc)
		if on && !t.Before(begin) && t.Before(end) {
			return begin, end, true
		}
	}
	return time.Time{}, time.Time{}, false
}

// on is the window that begins on a date; a change of clocks can leave it
// without length.
func (h Hours) on(date Wall, loc *time.Location) (begin, end time.Time, ok bool) {
	if len(h.Days) > 0 && !slices.Contains(h.Days, Day(date.Weekday())) {
		return begin, end, false
	}
	to := date + Wall(h.To)
	if h.To <= h.From {
		to += day
	}
	return (date + Wall(h.From)).In(loc), to.In(loc), true
}

func (h Hours) String() string {
	s := h.From.String() + "–" + h.To.String()
	for _, d := range h.Days {
		s += " " + d.String()
	}
	return s
}
