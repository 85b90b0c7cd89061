package look

import "time"

// Countdown is a clock that runs from Start to End: an embargo, a term.
type Countdown struct {
	Label      string // what runs: "embargo"
	Start, End time.Time
	Now        time.Time
	Zone       *time.Location
	Broken     string // why it stopped before its end: "leaked"; empty: it runs
}

const (
	freezeBefore = 7 * 24 * time.Hour
	goNoGoBefore = 24 * time.Hour
)

// Over says whether the end has come.
func (c Countdown) Over() bool { return !c.Now.Before(c.End) }

// Left is the time to the end in words: "6 d 03:22".
func (c Countdown) Left() string { return Span(c.End.Sub(c.Now)) }

// Tone turns to Waiting in the last seven days and to Bad on the last one.
func (c Countdown) Tone() Tone {
	left := c.End.Sub(c.Now)
	switch {
	case c.Broken != "":
		return Bad
	case left <= 0:
		return Good
	case left <= goNoGoBefore:
		return Bad
	case left <= freezeBefore:
		return Waiting
	}
	return Plain
}

// Elapsed is the share of the time that has passed, in percent.
func (c Countdown) Elapsed() float64 { return c.at(c.Now) }

// Ticks are the places of T-7 days and T-24 hours, where they lie inside.
func (c Countdown) Ticks() []float64 {
	var ticks []float64
	for _, before := range []time.Duration{freezeBefore, goNoGoBefore} {
		if t := c.End.Add(-before); t.After(c.Start) {
			ticks = append(ticks, c.at(t))
		}
	}
	return ticks
}

func (c Countdown) at(t time.Time) float64 {
	return share(c.Start, c.End, t)
}

// share is where t lies between from and to, in percent, kept within them.
func share(from, to, t time.Time) float64 {
	whole := to.Sub(from)
	if whole <= 0 {
		return 100
	}
	return min(100, max(0, 100*float64(t.Sub(from))/float64(whole)))
}
