package look

import "fmt"

// Machine draws one state machine small: states in a row, moves as arcs,
// forward ones above and backward ones below.
type Machine struct {
	Title  string
	States []MachineState
	Moves  []MachineMove
}

// MachineState is one state. Name is the table's letter or word.
type MachineState struct {
	Name, Label string
	Current     bool
	Visited     bool
}

// MachineMove leads from one state to another.
type MachineMove struct {
	From, To string
	Verb     string
	Open     bool // this reader may do it now
}

const (
	stateStep = 108
	stateWide = 84
	stateHigh = 32
	arcRoom   = 16
)

// MachineDrawing is the geometry of a Machine.
type MachineDrawing struct {
	Width, Height int
	States        []MachineBox
	Moves         []MachineArc
}

// MachineBox is a placed state.
type MachineBox struct {
	MachineState
	X, Y, MidX, MidY int
}

// MachineArc is the path of a move.
type MachineArc struct {
	MachineMove
	Path string
	Head string // the arrow's point
}

// OpenMoves are the moves that this reader may make now.
func (m Machine) OpenMoves() []MachineMove {
	var open []MachineMove
	for _, mv := range m.Moves {
		if mv.Open {
			open = append(open, mv)
		}
	}
	return open
}

// Label is the word for a state's name.
func (m Machine) Label(name string) string {
	for _, s := range m.States {
		if s.Name == name && s.Label != "" {
			return s.Label
		}
	}
	return name
}

// Draw places states and moves. Moves that name an unknown state are left out
// of the drawing; the list beneath still says them.
func (m Machine) Draw() MachineDrawing {
	at := map[string]int{}
	reach := 1
	for i, s := range m.States {
		at[s.Name] = i
	}
	for _, mv := range m.Moves {
		from, ok1 := at[mv.From]
		to, ok2 := at[mv.To]
		if ok1 && ok2 {
			reach = max(reach, to-from, from-to)
		}
	}
	top := 12 + arcRoom*reach
	d := MachineDrawing{Width: stateStep*len(m.States) - (stateStep - stateWide) + 8, Height: 2*top + stateHigh}
	for i, s := range m.States {
		x := 4 + i*stateStep
		d.States = append(d.States, MachineBox{s, x, top, x + stateWide/2, top + stateHigh/2 + 5})
	}
	for _, mv := range m.Moves {
		from, ok1 := at[mv.From]
		to, ok2 := at[mv.To]
		if ok1 && ok2 {
			d.Moves = append(d.Moves, MachineArc{mv, arc(from, to, top), head(from, to, top)})
		}
	}
	return d
}

func arc(from, to, top int) string {
	mid := func(i int) int { return 4 + i*stateStep + stateWide/2 }
	switch {
	case from == to:
		x := mid(from)
		return fmt.Sprintf("M%d %d C%d %d %d %d %d %d", x-10, top, x-16, top-20, x+16, top-20, x+10, top)
	case to > from && to-from == 1:
		y := top + stateHigh/2
		return fmt.Sprintf("M%d %d L%d %d", mid(from)+stateWide/2, y, mid(to)-stateWide/2-2, y)
	case to > from:
		y := top - arcRoom*(to-from)
		return fmt.Sprintf("M%d %d C%d %d %d %d %d %d", mid(from)+20, top, mid(from)+30, y, mid(to)-30, y, mid(to)-20, top-1)
	}
	base := top + stateHigh
	y := base + arcRoom*(from-to)
	return fmt.Sprintf("M%d %d C%d %d %d %d %d %d", mid(from)-20, base, mid(from)-30, y, mid(to)+30, y, mid(to)+20, base+1)
}

// head is the point of the arrow that arc draws.
func head(from, to, top int) string {
	mid := 4 + to*stateStep + stateWide/2
	switch {
	case from == to:
		return fmt.Sprintf("M%d %d l-3 -7 l7 2z", mid+10, top)
	case to-from == 1:
		return fmt.Sprintf("M%d %d l-7 -4 v8z", mid-stateWide/2, top+stateHigh/2)
	case to > from:
		return fmt.Sprintf("M%d %d l-5 -6 l7 -2z", mid-20, top)
	}
	return fmt.Sprintf("M%d %d l5 6 l-7 2z", mid+20, top+stateHigh)
}
