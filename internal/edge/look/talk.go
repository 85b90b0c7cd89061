package look

import (
	"html/template"
	"time"
)

// Talk is threads at the left, one thread open, a composer at its end.
type Talk struct {
	Threads  []ThreadLink
	Thread   Thread
	Composer *Composer // nil: the reader may not write here
}

// ThreadLink is one thread in the list.
type ThreadLink struct {
	Title, Href string
	Sub         string // last words or who wrote last
	Unread      int
	Private     bool
	Current     bool
	At          time.Time
}

// Thread is the open thread. A private one is tinted, locked and names all
// who read it.
type Thread struct {
	Title    string
	Private  bool
	Names    []string // who reads a private thread
	Messages []Message
	Older    string // address of older messages; empty: these are all
	Newer    string // address of newer messages; empty: these are the last
	Empty    string
}

// Message is one contribution. Body is sanitized HTML: the renderer trusts
// it, so only the output of the Markdown sanitizer may be put there.
type Message struct {
	ID         string // anchor
	Who, Org   string
	At         time.Time
	Marking    string
	Body       template.HTML
	Edited     time.Time // zero: never
	History    string    // address of earlier wordings
	Files      []File
	Own        bool
	FirstNew   bool // "new since you last looked" is drawn above
	Removed    string
	Reply      *Link // what it answers
	Notes      []Chip
	Whole      string // address of the whole message where Body is its beginning
	Actions    []Button
	Coordinate bool // written by a coordinator
}

// File is one attachment.
type File struct {
	Name, Href string
	Size       int64
	SHA256     string
	Warning    string // what is wrong with the file, such as a name that lies
}

// Composer writes a message.
type Composer struct {
	Action   string
	Name     string // field name of the text; empty: "body"
	Label    string // "Message"
	Value    string // what was typed before an error
	Error    string
	Markings []Option // TLP labels the writer may use
	Reach    Reach
	Reaches  []Reach  // instead of Reach: for each of Markings, in their order
	Files    bool     // attachments are allowed
	Hint     string   // "Markdown. 64 kB at most."
	Reply    *Link    // the message that is answered
	Kept     []string // names of the files that came with a refused attempt
	More     string   // label of the further fields
	Fields   []Field  // further fields, folded away unless Open
	Open     bool
	Send     string // the verb: "Send to 12 people"
	Draft    string // key under which the browser keeps what is typed
	Hidden   []Hidden
	Private  bool
}

// FieldName is the name of the text field.
func (c Composer) FieldName() string {
	if c.Name == "" {
		return "body"
	}
	return c.Name
}

// Reach is the "who sees this" line. The numbers come from the audience rule
// itself, never from a guess.
type Reach struct {
	People, Orgs int
	Href         string   // the list
	Names        []string // given when few enough to be named
	Private      bool
	Public       bool   // everybody, once published
	Named        bool   // the writer and whom they name
	Marking      string // of Reaches: for what is marked so
}
