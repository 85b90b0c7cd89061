package mpcvd

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"strings"
	"text/tabwriter"
)

// The drawing: states stand under one another; every move down leaves on the
// right, every move up on the left, each from its own port with its verb
// beside it. Moves into the same state share a lane and one arrow head; a dot
// tells a join from a crossing. This
// stays legible in a phone's width whatever the machine, and needs no ids, no
// style and no script, so that it may stand in any page more than once.
const (
	portStep  = 15
	laneStep  = 9
	boxWidth  = 128
	boxGap    = 12
	margin    = 6
	charWidth = 5.8
)

type port struct {
	verb string
	to   int
	y    int
}

type drawnState struct {
	code, label string
	y, h        int
	out         [2][]port // right (down) and left (up, or staying)
	in          [2]int    // y of the shared arrow head, 0 for none
}

type lane struct{ to, column, top, bottom int }

// Draw writes m as an SVG image that is at most 360 units wide and drawn in
// currentColor. It marks the state current with a heavy frame and the word
// "now"; "" marks none. CSS may address the classes mpcvd, mpcvd-state,
// mpcvd-now, mpcvd-move and mpcvd-verb.
func Draw[S ~string, V ~string](w io.Writer, m Machine[S, V], current S) error {
	states := layout(m)
	var lanes [2][]lane
	var columns [2]int
	for side := range 2 {
		lanes[side], columns[side] = assignLanes(states, side)
	}
	var room [2]int
	for side := range 2 {
		longest := 0
		for i, s := range states {
			for _, p := range s.out[side] {
				longest = max(longest, len(p.verb))
				if p.to == i {
					longest = max(longest, len(p.verb)+3)
				}
			}
		}
		room[side] = margin
		if longest > 0 {
			room[side] += int(float64(longest)*charWidth) + 8 + columns[side]*laneStep
		}
	}
	left := room[1]
	width := left + boxWidth + room[0]
	last := states[len(states)-1]
	height := last.y + last.h + margin

	var b bytes.Buffer
	title := m.Name + " states"
	if i, ok := m.Describe(current); ok {
		title += "; now: " + i.Label
	}
	fmt.Fprintf(&b, `<svg class="mpcvd" role="img" aria-label="%s" viewBox="0 0 %d %d" width="%d" height="%d" fill="none" stroke="currentColor" font-family="inherit">`,
		html.EscapeString(title), width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title><desc>%s</desc>\n", html.EscapeString(title), html.EscapeString(describe(m)))
	for side := range 2 {
		drawMoves(&b, states, side, lanes[side], left, room[side])
	}
	for i, s := range states {
		drawState(&b, s, left, m.Info[i].ID == current)
	}
	b.WriteString("</svg>\n")
	_, err := w.Write(b.Bytes())
	return err
}

func layout[S ~string, V ~string](m Machine[S, V]) []drawnState {
	index := map[S]int{}
	states := make([]drawnState, len(m.Info))
	for i, s := range m.Info {
		index[s.ID] = i
		states[i] = drawnState{code: s.Code, label: s.Label}
	}
	entered := make([][2]bool, len(states))
	for _, r := range m.Rows {
		from, to := index[r.From], index[r.To]
		side := 0
		if to <= from {
			side = 1
		}
		states[from].out[side] = append(states[from].out[side], port{verb: verbWord(string(r.Verb)), to: to})
		if to != from {
			entered[to][side] = true
		}
	}
	y := margin
	for i := range states {
		s := &states[i]
		s.y, s.h = y, 34
		for side := range 2 {
			at := y + portStep/2 + 2
			if entered[i][side] {
				s.in[side] = at
				at += portStep
			}
			for p := range s.out[side] {
				s.out[side][p].y = at
				at += portStep
			}
			s.h = max(s.h, at-portStep/2-y)
		}
		y += s.h + boxGap
	}
	return states
}

// assignLanes gives every target its lane on one side, the nearest free one.
func assignLanes(states []drawnState, side int) ([]lane, int) {
	var lanes []lane
	columns := 0
	for to, target := range states {
		if target.in[side] == 0 {
			continue
		}
		l := lane{to: to, top: target.in[side], bottom: target.in[side]}
		for _, s := range states {
			for _, p := range s.out[side] {
				if p.to == to && s.y != target.y {
					l.top, l.bottom = min(l.top, p.y), max(l.bottom, p.y)
				}
			}
		}
		for taken := true; taken; {
			taken = false
			for _, o := range lanes {
				if o.column == l.column && l.top <= o.bottom && o.top <= l.bottom {
					l.column++
					taken = true
					break
				}
			}
		}
		columns = max(columns, l.column+1)
		lanes = append(lanes, l)
	}
	return lanes, columns
}

// drawMoves draws the moves of one side: a stub with the verb on it from each
// port to the lane of its target, the lane, and the arrow into the target.
func drawMoves(b *bytes.Buffer, states []drawnState, side int, lanes []lane, left, room int) {
	edge, dir := left+boxWidth, 1
	if side == 1 {
		edge, dir = left, -1
	}
	laneAt := map[int]int{}
	columns := 0
	for _, l := range lanes {
		columns = max(columns, l.column+1)
	}
	for _, l := range lanes {
		x := edge + dir*(room-margin-(columns-1-l.column)*laneStep)
		laneAt[l.to] = x
		y := states[l.to].in[side]
		fmt.Fprintf(b, `<path class="mpcvd-move" d="M%d %dV%dM%d %dH%dm%d -3l%d 3l%d 3"/>`, x, l.top, l.bottom, x, y, edge+dir, dir*4, -dir*4, dir*4)
	}
	anchor := "start"
	if side == 1 {
		anchor = "end"
	}
	for i, s := range states {
		for _, p := range s.out[side] {
			verb := p.verb
			if p.to == i {
				verb += " ↺"
			} else {
				from := edge + dir*(int(float64(len(verb))*charWidth)+7)
				if x := laneAt[p.to]; (x-from)*dir > 0 {
					fmt.Fprintf(b, `<path class="mpcvd-move" d="M%d %dH%d"/><circle cx="%d" cy="%d" r="1.6" fill="currentColor" stroke="none"/>`, from, p.y, x, x, p.y)
				}
			}
			fmt.Fprintf(b, `<text class="mpcvd-verb" x="%d" y="%d" font-size="10" text-anchor="%s" fill="currentColor" stroke="none">%s</text>`,
				edge+dir*5, p.y+3, anchor, html.EscapeString(verb))
		}
	}
	b.WriteByte('\n')
}

func drawState(b *bytes.Buffer, s drawnState, left int, now bool) {
	class, stroke, code := "mpcvd-state", 1, s.code
	if now {
		class, stroke, code = "mpcvd-state mpcvd-now", 3, s.code+" · now"
	}
	mid := s.y + s.h/2
	fmt.Fprintf(b, `<g class="%s"><rect x="%d" y="%d" width="%d" height="%d" rx="4" stroke-width="%d"/>`, class, left, s.y, boxWidth, s.h, stroke)
	size := 12
	if len(s.label) > 18 {
		size = 10
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" font-size="%d" text-anchor="middle" fill="currentColor" stroke="none">%s</text>`, left+boxWidth/2, mid-1, size, html.EscapeString(s.label))
	fmt.Fprintf(b, `<text x="%d" y="%d" font-size="10" text-anchor="middle" fill="currentColor" stroke="none">%s</text></g>`+"\n", left+boxWidth/2, mid+12, html.EscapeString(code))
}

// describe says the whole table in words, for who cannot see the drawing.
func describe[S ~string, V ~string](m Machine[S, V]) string {
	var b strings.Builder
	for i, r := range m.Rows {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s, %s: %s", m.Label(r.From), verbWord(string(r.Verb)), m.Label(r.To))
	}
	b.WriteString(".")
	return b.String()
}

// verbWords are plain words for the letters of the case state's events.
var verbWords = map[string]string{
	string(EventAware): "aware", string(EventFixReady): "fix ready", string(EventFixDeployed): "deployed",
	string(EventPublic): "public", string(EventExploit): "exploit", string(EventAttacks): "attacks",
}

func verbWord(v string) string {
	if w, ok := verbWords[v]; ok {
		return w
	}
	return v
}

// WriteTable writes the machine as an aligned plain-text table: one line for
// every state, and in it what each verb leads to, by letter code; a dot is a
// refused move.
func WriteTable[S ~string, V ~string](w io.Writer, m Machine[S, V]) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	verbs := m.AllVerbs()
	fmt.Fprintf(tw, "%s, %s", m.Name, m.Scope)
	for _, v := range verbs {
		fmt.Fprintf(tw, "\t%s", verbWord(string(v)))
	}
	fmt.Fprintln(tw)
	for _, s := range m.Info {
		fmt.Fprintf(tw, "%s  %s", s.Code, s.Label)
		for _, v := range verbs {
			cell := "·"
			if to, ok := m.Next(s.ID, v); ok {
				i, _ := m.Describe(to)
				cell = i.Code
			}
			fmt.Fprintf(tw, "\t%s", cell)
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}
