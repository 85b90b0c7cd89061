package look

import (
	"slices"
	"time"
)

// ButtonKind says how much a button weighs. One primary a page.
type ButtonKind string

// The kinds of buttons.
const (
	Primary ButtonKind = "primary"
	Quiet   ButtonKind = "quiet"
	Danger  ButtonKind = "danger"
)

// Button is a verb. With Action it is a form of its own that POSTs; with Href
// a link; with neither it submits the form it stands in.
type Button struct {
	Label       string
	Kind        ButtonKind
	Action      string
	Href        string
	Name, Value string
	Hidden      []Hidden
	Icon        string
	Disabled    string // why it cannot be used now; empty: it can
}

// Notice is a message in the page.
type Notice struct {
	Tone  Tone
	Title string
	Text  string
	Link  *Link
}

// Empty is what stands where a list has nothing.
type Empty struct {
	Text   string
	Button *Button
}

// Confirm asks before a verb that matters: what happens, to whom, how to undo
// it. With Type the reader must type that text (the case number).
type Confirm struct {
	Title  string
	What   string
	Whom   string
	Undo   string
	Type   string
	Error  string
	Action string
	Hidden []Hidden
	Fields []Field
	Button Button
	Cancel string // where "Keep everything as it is" leads
	ID     string // unique where there are several on one page
}

// TypeName is the field in which the text of Type is sent.
func (c Confirm) TypeName() string { return "confirm" }

// Popup is a Confirm behind a button, in place. It needs no script.
type Popup struct {
	ID      string
	Open    Button
	Confirm Confirm
}

// Within is the Confirm with ids of its own: a page has many popups whose
// fields are named alike, and shows one that was refused again, outside.
func (p Popup) Within() Confirm {
	c := p.Confirm
	c.ID = "-in-" + p.ID
	c.Fields = slices.Clone(c.Fields)
	for i := range c.Fields {
		c.Fields[i].Key = c.ID
	}
	return c
}

// StepState says how far a step is.
type StepState string

// The states of a step.
const (
	Todo   StepState = "todo"
	Doing  StepState = "doing"
	Done   StepState = "done"
	Failed StepState = "failed"
)

// Word is the state in a word.
func (s StepState) Word() string {
	switch s {
	case Doing:
		return "now"
	case Done:
		return "done"
	case Failed:
		return "failed"
	}
	return "to do"
}

// Steps is a progress list.
type Steps struct {
	Title string
	Items []Step
}

// Step is one line of it.
type Step struct {
	Label string
	Sub   string
	At    time.Time
	State StepState
	Href  string
}

// Choices is one question with big buttons, answered by one thumb.
type Choices struct {
	Legend  string
	Hint    string
	Action  string
	Name    string
	Hidden  []Hidden
	Options []Choice
	Closed  string // why nothing can be chosen any more
}

// Choice is one answer.
type Choice struct {
	Value, Label, Hint string
	Tone               Tone
	Chosen             bool
	Votes              string // "31 of 40"
}

// Secret is shown once: a token, a recovery code, a finder's link.
type Secret struct {
	Label   string
	Values  []string
	Warning string // "It is shown once. Keep it where nobody else reads."
}

// Code is machine text shown as it is.
type Code struct {
	Label string
	Text  string
}
