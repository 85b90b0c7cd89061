package oncall

import (
	"fmt"
	"slices"
	"time"
)

// MaxRange is the longest range that is listed at once.
const MaxRange = 800 * 24 * time.Hour

// Stretch is a time during which At gives one answer.
type Stretch struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Who  string    `json:"who"` // "" in a gap
	Why  Why       `json:"why"`
}

// HandOver is an instant at which another person is on call than before;
// From or To is "" where there is nobody.
type HandOver struct {
	At   time.Time `json:"at"`
	From string    `json:"from"`
	To   string    `json:"to"`
	Why  Why       `json:"why"` // of To
}

// Stretches parts a range into times of one answer each, in order and without
// holes between them: a gap is a stretch without anybody.
func (r *Roster) Stretches(from, to time.Time) ([]Stretch, error) {
	if !from.Before(to) || to.Sub(from) > MaxRange {
		return nil, fmt.Errorf("ask for a range of at most %d days that ends after it begins", int(MaxRange.Hours()/24))
	}
	if y := from.Year(); y < minYear-1 || to.Year() > maxYear+1 {
		return nil, fmt.Errorf("ask for a range between the years %d and %d", minYear, maxYear)
	}
	var out []Stretch
	cuts := r.cuts(from, to)
	for i, at := range cuts {
		end := to
		if i+1 < len(cuts) {
			end = cuts[i+1]
		}
		who, why, _ := r.At(at)
		if n := len(out); n > 0 && out[n-1].Who == who && out[n-1].Why == why {
			out[n-1].To = end
			continue
		}
		out = append(out, Stretch{From: at, To: end, Who: who, Why: why})
	}
	return out, nil
}

// cuts are from and every instant before to at which the answer may change.
func (r *Roster) cuts(from, to time.Time) []time.Time {
	cuts := []time.Time{from.UTC()}
	add := func(t time.Time) {
		if t.After(from) && t.Before(to) {
			cuts = append(cuts, t.UTC())
		}
	}
	for _, o := range r.overrides {
		add(o.From)
		add(o.To)
	}
	for _, l := range r.layers {
		// A hand-over is at most a day from where the wall shows it.
		last := WallAt(to, l.loc) + day
		for n := max(l.shift(from), 0); l.wall(n) <= last; n++ {
			add(l.handOver(n))
		}
		if l.Hours == nil {
			continue
		}
		for date := WallAt(from, l.loc).Date() - 2*day; date <= last; date += day {
			if begin, end, ok := l.Hours.on(date, l.loc); ok {
				add(begin)
				add(end)
			}
		}
	}
	slices.SortFunc(cuts, time.Time.Compare)
	return slices.CompactFunc(cuts, time.Time.Equal)
}

// Gaps lists the times of a range in which nobody is on call. Gaps of
// different reasons that touch are listed apart.
func (r *Roster) Gaps(from, to time.Time) ([]Stretch, error) {
	list, err := r.Stretches(from, to)
	return slices.DeleteFunc(list, func(s Stretch) bool { return s.Who != "" }), err
}

// HandOvers lists when somebody else comes on call in a range, in order.
func (r *Roster) HandOvers(from, to time.Time) ([]HandOver, error) {
	list, err := r.Stretches(from, to)
	var out []HandOver
	for i := 1; i < len(list); i++ {
		if list[i].Who != list[i-1].Who {
			out = append(out, HandOver{At: list[i].From, From: list[i-1].Who, To: list[i].Who, Why: list[i].Why})
		}
	}
	return out, err
}
