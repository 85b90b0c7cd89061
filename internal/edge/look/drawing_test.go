package look

import (
	"strings"
	"testing"
	"time"
)

func TestCountdownTone(t *testing.T) {
	end := time.Date(2026, 12, 1, 14, 0, 0, 0, time.UTC)
	c := Countdown{Start: end.AddDate(0, 0, -45), End: end}
	for left, want := range map[time.Duration]Tone{8 * 24 * time.Hour: Plain, 7 * 24 * time.Hour: Waiting, 25 * time.Hour: Waiting, 24 * time.Hour: Bad, time.Microsecond: Bad, 0: Good, -time.Hour: Good} {
		c.Now = end.Add(-left)
		if got := c.Tone(); got != want {
			t.Errorf("%v left: tone %q, want %q", left, got, want)
		}
		if c.Over() != (left <= 0) {
			t.Errorf("%v left: over is %v", left, c.Over())
		}
	}
	if n := len(c.Ticks()); n != 2 {
		t.Errorf("%d ticks, want T-7 days and T-24 hours", n)
	}
	c.Start = end.Add(-48 * time.Hour)
	if n := len(c.Ticks()); n != 1 {
		t.Errorf("a two-day clock has %d ticks, want 1", n)
	}
}

func TestTimetableStaysInsideAndApart(t *testing.T) {
	report := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	table := Timetable{Report: report, Release: report.AddDate(0, 0, 45), Now: report.AddDate(0, 0, 3), Limit: report.AddDate(0, 0, 90)}
	for i := range 12 {
		table.Proposals = append(table.Proposals, Proposal{Who: strings.Repeat("Vendor ", 3), At: report.AddDate(0, 0, 40+i), State: "open"})
	}
	d := table.Draw()
	taken := map[int][][2]float64{}
	for _, m := range d.Marks {
		if m.X < 0 || m.X > 100 {
			t.Errorf("%q stands at %v percent", m.Text, m.X)
		}
		width := 100 * float64(len(m.Text)) * letterWidth / chartWidth
		span := [2]float64{m.X, m.X + width}
		if m.End {
			span = [2]float64{m.X - width, m.X}
		}
		if !fits(taken[m.Y], span[0], span[1]) {
			t.Errorf("%q at %v collides in its line", m.Text, m.X)
		}
		taken[m.Y] = append(taken[m.Y], span)
	}
	// One of the twelve proposals is the release itself and is drawn once.
	if len(d.Marks) != 12 || len(d.Minus) != 2 || len(d.Ticks) == 0 || len(d.Ticks) > 12 {
		t.Errorf("%d marks, %d T-minus marks, %d dates", len(d.Marks), len(d.Minus), len(d.Ticks))
	}
	none := Timetable{Report: report, Now: report}.Draw()
	if none.HasRelease || !strings.Contains(none.Summary, "no release agreed") {
		t.Errorf("a case without a date: %+v", none)
	}
}

func TestTimelineSaysItsGaps(t *testing.T) {
	at := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	line := NewTimeline("", []string{"A", "B"}, []Event{{At: at.AddDate(0, 0, 9), Lane: 1}, {At: at, Lane: 0}, {At: at.Add(time.Hour), Lane: 7}}, 24*time.Hour)
	if len(line.Rows) != 4 || line.Rows[2].Gap != "8 days without an event" {
		t.Fatalf("rows: %+v", line.Rows)
	}
	if line.Who(line.Rows[0]) != "A" || line.Who(line.Rows[1]) != "All" || line.Who(line.Rows[3]) != "B" {
		t.Error("events stand in the wrong lanes or order")
	}
}

func rebuilt(d Diff, without string) string {
	var out []string
	for _, l := range d.Lines {
		if l.Op == without {
			continue
		}
		text := ""
		for _, p := range l.Parts {
			text += p.Text
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n")
}

func FuzzDiff(f *testing.F) {
	f.Add("a b c\nd", "a x c\nd\ne")
	f.Add("", "\n\n")
	f.Add("one two", "two one")
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.Count(a, "\n") > 6 || strings.Count(b, "\n") > 6 {
			t.Skip("longer texts are folded")
		}
		d := NewDiff("", "", a, b)
		for _, l := range d.Lines {
			if l.Op == "fold" {
				t.Skip("folded")
			}
		}
		if got, want := rebuilt(d, "add"), strings.Join(splitLines(a), "\n"); got != want {
			t.Errorf("old text became %q, want %q", got, want)
		}
		if got, want := rebuilt(d, "del"), strings.Join(splitLines(b), "\n"); got != want {
			t.Errorf("new text became %q, want %q", got, want)
		}
	})
}

func TestDiffOfLongTextsIsBounded(t *testing.T) {
	a, b := strings.Repeat("x\ny\n", 5000), strings.Repeat("z\nw\n", 5000)
	started := time.Now()
	d := NewDiff("", "", a, b)
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if len(d.Lines) != 20000 {
		t.Errorf("%d lines, want every line removed and added", len(d.Lines))
	}
}

func TestMachineDrawsEveryKnownMove(t *testing.T) {
	m := Machine{States: []MachineState{{Name: "A"}, {Name: "B"}, {Name: "C"}}, Moves: []MachineMove{{From: "A", To: "B"}, {From: "A", To: "C"}, {From: "C", To: "A"}, {From: "B", To: "B"}, {From: "A", To: "Z"}}}
	d := m.Draw()
	if len(d.Moves) != 4 || len(d.States) != 3 {
		t.Fatalf("%d moves, %d states", len(d.Moves), len(d.States))
	}
	seen := map[string]bool{}
	for _, mv := range d.Moves {
		if seen[mv.Path] {
			t.Errorf("two moves share the path %s", mv.Path)
		}
		seen[mv.Path] = true
	}
}
