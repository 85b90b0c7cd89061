package portal

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/edge/look"
	"tocsin/spec/oncall"
)

// The picture of a rotation: a row a week, a bar for who is on call.
const (
	dutyLeft   = 92
	dutyDay    = 88
	dutyRow    = 34
	dutyHead   = 22
	dutyMember = 4 // fills told apart before they repeat
)

// drawDuty draws the next weeks, in UTC. A gap is drawn strongest: filled, and
// named. Members are told apart by their names; fills only help.
func drawDuty(c contacts.Calendar, names map[string]string, now time.Time, title string) template.HTML {
	begin := now.UTC().Truncate(24 * time.Hour)
	width, height := dutyLeft+7*dutyDay+8, dutyHead+weeksAhead*dutyRow+4
	var b strings.Builder
	fmt.Fprintf(&b, `<div class="scroll" tabindex="0"><svg class="machine duty" role="img" width="%d" height="%d" viewBox="0 0 %d %d"><title>%s</title>`, width, height, width, height, template.HTMLEscapeString("Who is on call: "+title+", the next four weeks, UTC"))
	for d := range 7 {
		fmt.Fprintf(&b, `<text class="q" x="%d" y="14">%s</text>`, dutyLeft+d*dutyDay+4, begin.AddDate(0, 0, d).Format("Mon"))
	}
	known := map[string]int{}
	for w := range weeksAhead {
		from := begin.AddDate(0, 0, 7*w)
		to := from.AddDate(0, 0, 7)
		y := dutyHead + w*dutyRow
		fmt.Fprintf(&b, `<text class="q" x="0" y="%d">%s</text>`, y+20, from.Format("2006-01-02"))
		for _, s := range c.Stretches {
			lo, hi := maxTime(s.From, from), minTime(s.To, to)
			if !lo.Before(hi) {
				continue
			}
			x := dutyLeft + int(lo.Sub(from).Hours()*dutyDay/24)
			wide := max(int(hi.Sub(lo).Hours()*dutyDay/24), 2)
			drawStretch(&b, s, names, known, x, y, wide)
		}
	}
	b.WriteString(`</svg></div>`)
	return template.HTML(b.String())
}

func drawStretch(b *strings.Builder, s oncall.Stretch, names map[string]string, known map[string]int, x, y, wide int) {
	word, class := "nobody", "gap"
	if s.Who != "" {
		n, ok := known[s.Who]
		if !ok {
			n = len(known)
			known[s.Who] = n
		}
		if word = names[s.Who]; word == "" {
			word = "somebody not shown to you"
		}
		class = fmt.Sprintf("st m%d", n%dutyMember)
	}
	whole := word + ", " + s.From.UTC().Format("2006-01-02 15:04") + " to " + s.To.UTC().Format("2006-01-02 15:04") + " UTC, " + s.Why.String()
	fmt.Fprintf(b, `<g><title>%s</title><rect class="%s" x="%d" y="%d" width="%d" height="28" rx="2"/>`, template.HTMLEscapeString(whole), class, x, y, wide)
	if fit := (wide - 10) / 7; fit >= 3 {
		fmt.Fprintf(b, `<text class="%s" x="%d" y="%d">%s</text>`, class, x+6, y+19, template.HTMLEscapeString(short(word, fit)))
	}
	b.WriteString(`</g>`)
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// drawLadder draws a ladder as rungs from its foot: whom, by what, and how
// long it waits.
func drawLadder(l contacts.Ladder, names, rotations map[string]string) template.HTML {
	const width, rung = 360, 46
	height := len(l.Ladder.Steps)*rung + 24
	var b strings.Builder
	fmt.Fprintf(&b, `<div class="scroll" tabindex="0"><svg class="machine" role="img" width="%d" height="%d" viewBox="0 0 %d %d"><title>%s</title>`, width, height, width, height, template.HTMLEscapeString("Ladder "+l.Name))
	fmt.Fprintf(&b, `<path class="mv" d="M14 4V%d"/>`, len(l.Ladder.Steps)*rung-12)
	for i, s := range l.Ladder.Steps {
		y := i * rung
		fmt.Fprintf(&b, `<rect class="st" x="2" y="%d" width="24" height="24" rx="12"/><text x="10" y="%d">%d</text>`, y+4, y+21, i+1)
		fmt.Fprintf(&b, `<text x="38" y="%d">%s</text><text class="q" x="38" y="%d">%s</text>`, y+16, template.HTMLEscapeString(short(whomWords(s.Whom, names, rotations), 44)), y+33, template.HTMLEscapeString(stepWords(s)))
	}
	if l.Ladder.Rounds > 1 {
		fmt.Fprintf(&b, `<text class="q" x="38" y="%d">then from the first again, %s in all</text>`, len(l.Ladder.Steps)*rung+14, look.Plural(l.Ladder.Rounds, "time", "times"))
	}
	b.WriteString(`</svg></div>`)
	return template.HTML(b.String())
}

func whomWords(w oncall.Whom, names, rotations map[string]string) string {
	name := names[w.ID]
	switch w.Kind {
	case oncall.ByRotation:
		if name = rotations[w.ID]; name != "" {
			return "whoever is on call in " + name
		}
		return "whoever is on call"
	case oncall.ByRole:
		return "everybody of the " + w.ID
	}
	if name == "" {
		return "a contact not shown to you"
	}
	return name
}

func stepWords(s oncall.Step) string {
	by := string(s.Channel)
	if by == "" {
		by = "their own first way"
	}
	out := "by " + by
	if s.Tries > 1 {
		out += ", " + look.Plural(s.Tries, "try", "tries")
	}
	if s.Wait > 0 {
		out += fmt.Sprintf(", then wait %d min", s.Wait)
	}
	return out
}
