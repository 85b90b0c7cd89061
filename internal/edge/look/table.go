package look

import (
	"strings"
	"time"
)

// Table is a data table: sticky head, sort by link, filter by typing, pages
// by cursor, exports at the foot.
type Table struct {
	ID      string // unique on the page
	Caption string
	Hidden  bool // the caption is for screen readers only
	Columns []Column
	Rows    []Row
	Filter  bool // offer a filter box; it works on the rows of this page
	Whole   bool // all rows are on this page, so the browser may sort
	Pager   *Pager
	Exports []Link
	Empty   *Empty
}

// Column is one head.
type Column struct {
	Label string
	Unit  string // "days"; numbers carry their unit in the head
	Num   bool   // numbers, right-aligned
	Sort  string // address that sorts by this column; empty: not sortable
	Order string // "ascending", "descending" or empty
	Wide  bool   // takes the room that is left
}

// Row is one line.
type Row struct {
	Cells []Cell
	New   bool // changed since the reader looked
}

// Cell is one value. The first cell of a row is its head. Exactly one of
// Text, Time, Marking, Chip and Button is usual; Sub goes beneath.
type Cell struct {
	Text    string
	Href    string
	Sub     string
	Time    time.Time
	Marking string
	Chip    *Chip
	Button  *Button
	Sort    string // value to sort by where the text does not do
	Code    bool   // hash, purl, identifier
}

// Name reports whether the text is a name such as CVE-2026-10001, which reads
// badly when it is broken at its hyphens.
func (c Cell) Name() bool {
	return len(c.Text) <= 20 && strings.Contains(c.Text, "-") && !strings.Contains(c.Text, " ")
}

// Pager leads through pages by cursor.
type Pager struct {
	Shown      string // "1–60"
	Total      int    // 0: not said
	Prev, Next string // addresses; empty: none
}

// Stat is one count, usually a filter link.
type Stat struct {
	N       int
	Label   string
	One     string // the label of one, where that reads otherwise
	Href    string
	Tone    Tone
	Current bool
}

// Words is what stands behind the number.
func (s Stat) Words() string {
	if s.N == 1 && s.One != "" {
		return s.One
	}
	return s.Label
}

// Chip is a small word with a tone: a state, a role, a class.
type Chip struct {
	Label string
	Tone  Tone
	Href  string
}

// Facts is a definition list, the usual content of the side column.
type Facts struct {
	Title string
	Items []Fact
}

// Fact is one term with its values.
type Fact struct {
	Term  string
	Text  string
	Href  string
	Time  time.Time
	Chips []Chip
	Links []Link
	Code  bool
}

// Listing is one list of the desk: owed, changed, running.
type Listing struct {
	Title string
	Now   time.Time
	Items []Item
	Empty string // "Nothing is waiting for you."
	More  *Link
}

// Item is one line of a Listing.
type Item struct {
	Marking string
	Kind    string // "case"
	Number  string
	Title   string
	Href    string
	What    string    // "Set a status for 2 products"
	Due     time.Time // deadline; zero: none
	At      time.Time // when it changed; zero: not said
	Clock   *Countdown
	Button  *Button
	Tone    Tone
}

// Late says whether the deadline has passed.
func (i Item) Late(now time.Time) bool { return !i.Due.IsZero() && now.After(i.Due) }
