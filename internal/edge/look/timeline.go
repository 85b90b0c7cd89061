package look

import (
	"slices"
	"time"
)

// Timeline is a swimlane drawing: a lane a party, time downwards, one line
// an event. Make it with NewTimeline.
type Timeline struct {
	Caption string
	Lanes   []string
	Rows    []TimelineRow
	Pager   *Pager
}

// AllLanes marks an event that touches every party, such as a release.
const AllLanes = -1

// Event is one thing that happened.
type Event struct {
	At   time.Time
	Lane int // index into Lanes, or AllLanes
	Text string
	Href string
	Tone Tone
}

// TimelineRow is either an event or a said gap.
type TimelineRow struct {
	Event
	Gap string // "9 days without an event"
}

// NewTimeline sorts events by time and says every pause longer than gap in
// one row instead of drawing it. Events with a lane that is not there are
// drawn across all.
func NewTimeline(caption string, lanes []string, events []Event, gap time.Duration) Timeline {
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b Event) int { return a.At.Compare(b.At) })
	line := Timeline{Caption: caption, Lanes: lanes}
	for i, e := range sorted {
		if e.Lane < 0 || e.Lane >= len(lanes) {
			e.Lane = AllLanes
		}
		if i > 0 {
			if pause := e.At.Sub(sorted[i-1].At); gap > 0 && pause > gap {
				line.Rows = append(line.Rows, TimelineRow{Gap: pauseWords(pause) + " without an event"})
			}
		}
		line.Rows = append(line.Rows, TimelineRow{Event: e})
	}
	return line
}

func pauseWords(d time.Duration) string {
	if d >= 48*time.Hour {
		return Plural(int(d.Hours()/24), "day", "days")
	}
	return Plural(int(d.Hours()), "hour", "hours")
}

// Who is the lane's name for the reader who does not see lanes.
func (l Timeline) Who(row TimelineRow) string {
	if row.Lane == AllLanes {
		return "All"
	}
	return l.Lanes[row.Lane]
}
