package look

import (
	"strings"
	"time"
)

// Frame is everything round a page's own content. A page's data embeds it.
type Frame struct {
	Alliance  string         // the alliance's name, shown at the top left
	Title     string         // browser title; empty: Head.Title
	Head      RecordHead     // the header of the record or page
	Person    *Person        // who is signed in; nil for nobody
	Doors     []Door         // the rail: only what this reader may enter, most used first
	Owed      int            // how many things the reader owes
	OwedHref  string         // where they are listed; empty: "/"
	Alarm     *Alarm         // a running alarm; nil when all is calm
	Now       time.Time      // the server's clock, UTC
	Zone      *time.Location // the reader's zone; nil: the browser adds its own
	Flash     *Flash         // outcome of the last action
	Live      string         // address of the server-sent events about this page; empty: none
	Scripts   []string       // further modules by asset name: "passkey.js", "cvss.js"
	Public    bool           // the frame for visitors without an account
	SignIn    string         // public frame: where to sign in
	SignOut   string         // where the person's sign-out form posts
	Find      string         // address of the search page; empty: no search box
	FindQuery string         // what was searched for
	Foot      []Link         // links at the foot of public pages
	Narrow    bool           // keep the main column to reading width (forms, sign-in)
}

// LookFrame makes every struct that embeds Frame a Framed.
func (f Frame) LookFrame() Frame { return f }

// PageTitle is what the browser's tab shows. The marking leads, so that a
// tab or a screenshot of it is never without.
func (f Frame) PageTitle() string {
	title := f.Title
	if title == "" {
		title = f.Head.Title
	}
	if f.Head.Number != "" {
		title = f.Head.Number + " " + title
	}
	if f.Head.Marking != "" {
		title = "[" + f.Head.Marking + "] " + title
	}
	return title + " · " + f.Alliance
}

// phoneDoors is how many doors stand in the phone's bottom bar; the fifth
// place holds "More".
const phoneDoors = 4

// FirstDoors are the doors that a phone shows in its bottom bar.
func (f Frame) FirstDoors() []Door { return f.Doors[:min(phoneDoors, len(f.Doors))] }

// MoreDoors are those that a phone shows behind "More".
func (f Frame) MoreDoors() []Door { return f.Doors[min(phoneDoors, len(f.Doors)):] }

// InMore says whether the current door is one of MoreDoors.
func (f Frame) InMore() bool {
	for _, d := range f.MoreDoors() {
		if d.Current {
			return true
		}
	}
	return false
}

// LocalClock is the reader's own time, "15:05 CET", empty if unknown or UTC.
func (f Frame) LocalClock() string {
	if f.Zone == nil || f.Zone == time.UTC {
		return ""
	}
	return f.Now.In(f.Zone).Format("15:04 MST")
}

// ZoneName is the reader's zone for the scripts, empty to use the browser's.
func (f Frame) ZoneName() string {
	if f.Zone == nil || f.Zone == time.Local {
		return ""
	}
	return f.Zone.String()
}

// OwedLink is where the owed count leads.
func (f Frame) OwedLink() string {
	if f.OwedHref == "" {
		return "/"
	}
	return f.OwedHref
}

// Person is the signed-in reader.
type Person struct {
	Initials string
	Name     string
	Org      string
	Href     string // the person's own settings
}

// Door is one entry of the rail. Key is the letter after "g"; Icon names a
// symbol of assets/icons.svg.
type Door struct {
	Name, Href, Key, Icon string
	Current               bool
	Badge                 string // "12 new"; empty: none
}

// PhoneName is the door's name without what a narrow bar cannot hold.
func (d Door) PhoneName() string {
	name, _, _ := strings.Cut(d.Name, " ")
	return name
}

// Alarm is what stands at the top while something burns.
type Alarm struct{ Text, Href string }

// Flash is the outcome of the action before. A Good flash also tells the
// browser that the draft it kept has arrived and may be forgotten.
type Flash struct {
	Tone Tone
	Text string
	Link *Link
}

// Link is a word that leads somewhere.
type Link struct{ Label, Href string }

// Tab is one section of a record. Count is shown behind the name ("40",
// "12 new").
type Tab struct {
	Label, Href, Count string
	Current            bool
}

// Owe is what the reader owes next, with the button that does it. Action
// makes a POST button; otherwise Href makes a link.
type Owe struct {
	Text   string // "a status for 2 products"
	Due    time.Time
	Now    time.Time
	Label  string // the verb: "Set status"
	Action string
	Href   string
}

// Late says whether the deadline has passed.
func (o Owe) Late() bool { return !o.Due.IsZero() && o.Now.After(o.Due) }

// RecordHead is the header of every page: marking, kind and number, title,
// state, clock, what is owed, tabs. Only Title is required.
type RecordHead struct {
	Crumbs  []Link
	Marking string // exact TLP label, "TLP:AMBER+STRICT"; empty: unmarked
	Kind    string // "case", "advisory", "report"
	Number  string // "TA-2026-0117"
	Title   string
	Lede    string // one sentence under the title
	State   []Chip
	Clock   *Countdown
	Owe     *Owe
	Actions []Button
	Tabs    []Tab
}

// ErrorPage is the data of the built-in page "error": what happened and what
// to do, in the words of Head.Title and Do.
type ErrorPage struct {
	Frame
	What string
	Do   string
	Link *Link
	Ref  string // request number to quote to the operator; empty: none
}
