package look

import (
	"strings"
	"time"
)

// Timetable is one horizontal scale from the report to the release.
type Timetable struct {
	Caption   string
	Report    time.Time
	Release   time.Time // the end that stands; zero: none agreed yet
	Now       time.Time
	Limit     time.Time // the latest end the rules allow; zero: not drawn
	Zone      *time.Location
	Proposals []Proposal
	Checks    []Check
}

// Proposal is one proposed end of the embargo.
type Proposal struct {
	Who     string
	At      time.Time // the proposed end
	Made    time.Time // when it was proposed; zero: not said
	State   string    // "accepted", "open", "rejected", "replaced"
	Consent string    // "31 of 40 consent, 2 object"
	Reason  string
	Tone    Tone
	Href    string
	Actions []Button
}

// Check is one line of the T-minus list.
type Check struct {
	Label string // "T-7 days"
	What  string // "Texts frozen"
	At    time.Time
	State StepState
	Note  string // "38 of 40 parties said go"
}

// Mark is a placed label on the scale.
type Mark struct {
	X     float64 // percent of the width
	Y     int     // baseline of the label, pixels
	Text  string
	Title string
	End   bool // the label stands left of its mark
	Tone  Tone
	State string
}

// TimetableDrawing is the geometry of a Timetable.
type TimetableDrawing struct {
	Height, Axis         int
	Now, Release         float64
	HasRelease, HasLimit bool
	Limit                float64
	Marks, Ticks, Minus  []Mark
	Summary              string
}

const (
	chartWidth  = 720 // pixels at which labels must not collide; it scrolls below
	letterWidth = 7.2
	laneHeight  = 20
	minDrawn    = 24 * time.Hour
)

// Draw places everything. Labels that would collide go to a lane of their
// own; the reach of the scale covers the latest of all dates plus a margin.
func (t Timetable) Draw() TimetableDrawing {
	end := t.Now
	for _, at := range []time.Time{t.Release, t.Limit, t.Report.Add(minDrawn)} {
		if at.After(end) {
			end = at
		}
	}
	for _, p := range t.Proposals {
		if p.At.After(end) {
			end = p.At
		}
	}
	end = end.Add(end.Sub(t.Report) / 24)
	x := func(at time.Time) float64 { return share(t.Report, end, at) }

	d := TimetableDrawing{Now: x(t.Now), HasRelease: !t.Release.IsZero(), HasLimit: !t.Limit.IsZero()}
	if d.HasLimit {
		d.Limit = x(t.Limit)
	}
	var lanes laneKeeper
	place := func(m Mark) Mark {
		m.End = m.X > 60
		m.Y = 16 + laneHeight*lanes.take(m.X, m.Text, m.End)
		return m
	}
	if d.HasRelease {
		d.Release = x(t.Release)
		d.Marks = append(d.Marks, place(Mark{X: d.Release, Text: "Release " + UTC(t.Release), Title: t.bothTimes(t.Release), State: "release"}))
		for _, c := range []struct {
			before time.Duration
			name   string
		}{{freezeBefore, "T-7 d"}, {goNoGoBefore, "T-24 h"}} {
			if at := t.Release.Add(-c.before); at.After(t.Report) {
				d.Minus = append(d.Minus, Mark{X: x(at), Text: c.name, Title: c.name + ": " + t.bothTimes(at), End: c.before == freezeBefore})
			}
		}
	}
	for _, p := range t.Proposals {
		if p.At.Equal(t.Release) {
			continue
		}
		title := p.Who + ": " + t.bothTimes(p.At) + ", " + p.State
		if p.Consent != "" {
			title += ", " + p.Consent
		}
		d.Marks = append(d.Marks, place(Mark{X: x(p.At), Text: p.Who + ", " + p.State, Title: title, Tone: p.Tone, State: p.State}))
	}
	d.Axis = 16 + laneHeight*max(1, len(lanes.used)) + 8
	d.Height = d.Axis + 60
	d.Ticks = dateTicks(t.Report, end, x)
	d.Summary = t.summary()
	return d
}

func (t Timetable) bothTimes(at time.Time) string {
	if t.Zone == nil || t.Zone == time.UTC {
		return UTC(at)
	}
	return UTC(at) + " (" + localBeside(at, t.Zone) + ")"
}

// summary is the drawing in one sentence, for those who do not see it.
func (t Timetable) summary() string {
	parts := []string{"Reported " + UTC(t.Report)}
	if t.Release.IsZero() {
		parts = append(parts, "no release agreed")
	} else {
		parts = append(parts, "release "+UTC(t.Release))
	}
	parts = append(parts, Plural(len(t.Proposals), "proposal", "proposals"), "now "+UTC(t.Now))
	return strings.Join(parts, "; ")
}

// dateTicks gives about eight dates on whole days, weeks or months.
func dateTicks(from, to time.Time, x func(time.Time) float64) []Mark {
	days := int(to.Sub(from).Hours() / 24)
	step := 1
	for _, s := range []int{1, 2, 7, 14, 28, 56, 112, 365} {
		step = s
		if days/s <= 8 {
			break
		}
	}
	step = max(step, days/8)
	var ticks []Mark
	at := from.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	for ; at.Before(to) && len(ticks) < 12; at = at.AddDate(0, 0, step) {
		if x(at) > 93 {
			break
		}
		ticks = append(ticks, Mark{X: x(at), Text: at.Format("2 Jan")})
	}
	return ticks
}

// laneKeeper finds the first lane where a label fits.
type laneKeeper struct{ used [][][2]float64 }

func (k *laneKeeper) take(x float64, text string, end bool) int {
	width := 100 * (float64(len([]rune(text)))*letterWidth + 16) / chartWidth
	from, to := x-1, x+width
	if end {
		from, to = x-width, x+1
	}
	for lane := range k.used {
		if fits(k.used[lane], from, to) {
			k.used[lane] = append(k.used[lane], [2]float64{from, to})
			return lane
		}
	}
	k.used = append(k.used, [][2]float64{{from, to}})
	return len(k.used) - 1
}

func fits(taken [][2]float64, from, to float64) bool {
	for _, t := range taken {
		if from < t[1] && to > t[0] {
			return false
		}
	}
	return true
}
