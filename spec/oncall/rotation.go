package oncall

import (
	"fmt"
	"slices"
	"time"
)

// The bounds of a rotation.
const (
	MaxMembers   = 100
	MaxHandOvers = 28 // a week
)

// Every is how long a shift lasts; exactly one of the fields is set.
type Every struct {
	Days  int      `json:"days,omitempty"`  // 1 to 366
	Weeks int      `json:"weeks,omitempty"` // 1 to 52
	At    []Weekly `json:"at,omitempty"`    // hand-overs at these times of each week
}

// Rotation is people who take turns. The first member's shift begins at
// Start, and each hand-over goes to the next one, in circles. Before Start
// nobody is on call, nor outside Hours where they are set.
//
// Shift lengths are counted on the wall: a daily hand-over at 09:00 stays at
// 09:00 when the clocks change, and the shift is an hour shorter or longer.
// Of two hand-overs that a change of clocks makes one instant, or puts in the
// wrong order, the one that is later on the wall holds.
type Rotation struct {
	Name    string   `json:"name"`
	Zone    string   `json:"zone"` // IANA name
	Start   Wall     `json:"start"`
	Every   Every    `json:"every"`
	Members []string `json:"members"` // ids; one may stand several times
	Hours   *Hours   `json:"hours,omitempty"`
}

// layer is a rotation made ready to ask.
type layer struct {
	Rotation
	loc    *time.Location
	step   Wall   // length of a shift; 0: weekly times
	weekly []Wall // times of the week, in order
	monday Wall   // beginning of the week of Start
	passed int    // how many weekly times are not after Start in its week
}

func (r Rotation) compile() (*layer, error) {
	bad := func(format string, args ...any) error {
		name := r.Name
		if name == "" {
			name = "the rotation"
		}
		return fmt.Errorf("%s: %w", clip(name), fmt.Errorf(format, args...))
	}
	l := &layer{Rotation: r}
	var err error
	if l.loc, err = Zone(r.Zone); err != nil {
		return nil, bad("%w", err)
	}
	if len(r.Name) > 400 {
		return nil, bad("the name is too long")
	}
	if y := time.Unix(int64(r.Start)*60, 0).UTC().Year(); y < minYear || y > maxYear {
		return nil, bad("say when the first shift begins, between %d and %d", minYear, maxYear)
	}
	if len(r.Members) == 0 || len(r.Members) > MaxMembers {
		return nil, bad("a rotation has between 1 and %d members", MaxMembers)
	}
	if slices.Contains(r.Members, "") {
		return nil, bad("a member of a rotation is somebody; declare an absence for a time without anybody")
	}
	if r.Hours != nil {
		if err := r.Hours.Validate(); err != nil {
			return nil, bad("%w", err)
		}
	}
	if err := l.paced(); err != nil {
		return nil, bad("%w", err)
	}
	return l, nil
}

// paced takes over the shift length.
func (l *layer) paced() error {
	e := l.Every
	set := 0
	for _, on := range []bool{e.Days != 0, e.Weeks != 0, len(e.At) > 0} {
		if on {
			set++
		}
	}
	switch {
	case set != 1:
		return fmt.Errorf("give the length of a shift in days, in weeks, or by the times of the week it changes at")
	case e.Days < 0 || e.Days > 366:
		return fmt.Errorf("a shift lasts 1 to 366 days")
	case e.Weeks < 0 || e.Weeks > 52:
		return fmt.Errorf("a shift lasts 1 to 52 weeks")
	case len(e.At) > MaxHandOvers:
		return fmt.Errorf("a week has at most %d hand-overs", MaxHandOvers)
	}
	l.step = Wall(e.Days)*day + Wall(e.Weeks)*week
	l.monday = l.Start.monday()
	for _, w := range e.At {
		m := w.minutes()
		if !w.Day.valid() || w.At < 0 || w.At >= 24*60 || slices.Contains(l.weekly, m) {
			return fmt.Errorf("each hand-over of the week is a different day and time")
		}
		l.weekly = append(l.weekly, m)
		if m <= l.Start-l.monday {
			l.passed++
		}
	}
	slices.Sort(l.weekly)
	return nil
}

// wall is the wall time of hand-over n, counted from 0 at Start.
func (l *layer) wall(n int) Wall {
	if l.step > 0 || n == 0 {
		return l.Start + Wall(n)*l.step
	}
	i := l.passed + n - 1
	return l.monday + Wall(i/len(l.weekly))*week + l.weekly[i%len(l.weekly)]
}

func (l *layer) handOver(n int) time.Time { return l.wall(n).In(l.loc) }

// shift is the number of the last hand-over that is not after t; -1 before
// the first one.
func (l *layer) shift(t time.Time) int {
	n := l.shownBy(WallAt(t, l.loc))
	if n < -1 {
		return -1
	}
	// Where the wall shows an hour twice, hand-overs of the first pass have
	// happened though the wall does not show them; where it leaves one out,
	// the other way round. Both are at most a day's worth of hand-overs.
	for range MaxHandOvers + 2 {
		if n >= 0 && l.handOver(n).After(t) {
			n--
			continue
		}
		if l.handOver(n + 1).After(t) {
			return n
		}
		n++
	}
	return n
}

// shownBy is the last hand-over whose wall time is not after w.
func (l *layer) shownBy(w Wall) int {
	if w < l.Start {
		return -1
	}
	if l.step > 0 {
		return int((w - l.Start) / l.step)
	}
	weeks := int((w - l.monday) / week)
	within := w.monday()
	i := 0
	for _, m := range l.weekly {
		if within+m <= w {
			i++
		}
	}
	return weeks*len(l.weekly) + i - l.passed
}

// at is the member on call by the rotation alone.
func (l *layer) at(t time.Time) (who string, why Reason, ok bool) {
	n := l.shift(t)
	if n < 0 {
		return "", NotBegun, false
	}
	if l.Hours != nil {
		if _, _, on := l.Hours.At(t, l.loc); !on {
			return "", OutsideHours, false
		}
	}
	return l.Members[n%len(l.Members)], Shift, true
}
