package look

import "time"

// Status is where a vendor stands on one vulnerability. Silence is a status
// of its own.
type Status string

// The six statuses; their values are class names of the style sheet.
const (
	NoReply       Status = "silent"
	Seen          Status = "seen"
	Investigating Status = "looking"
	Affected      Status = "hit"
	NotAffected   Status = "clean"
	Fixed         Status = "fixed"
)

var statusWords = map[Status]string{NoReply: "no reply", Seen: "seen", Investigating: "investigating",
	Affected: "affected", NotAffected: "not affected", Fixed: "fixed"}

var statusGlyphs = map[Status]string{NoReply: "–", Seen: "…", Investigating: "◔", Affected: "●", NotAffected: "○", Fixed: "✓"}

// Word is the status in plain words. Empty counts as silence.
func (s Status) Word() string {
	if w, ok := statusWords[s]; ok {
		return w
	}
	return statusWords[NoReply]
}

// Glyph is the shape beside the word. The style sheet draws it on screen.
func (s Status) Glyph() string {
	if g, ok := statusGlyphs[s]; ok {
		return g
	}
	return statusGlyphs[NoReply]
}

// Class is the style sheet's class.
func (s Status) Class() Status {
	if _, ok := statusWords[s]; ok {
		return s
	}
	return NoReply
}

// Matrix is vendors × vulnerabilities. Sixty rows of three columns fit a page
// of 100 KB; beyond that the caller pages.
type Matrix struct {
	ID      string // unique on the page; the filter box points to it
	Caption string
	Counts  []Stat // above the matrix; each links to a filtered list
	Vulns   []MatrixHead
	Rows    []MatrixRow
	Pager   *Pager
	Exports []Link
	Empty   string // what to say without rows
}

// Columns is the matrix's width, for rows that span it.
func (m Matrix) Columns() int { return len(m.Vulns) + 2 }

// MatrixHead is one vulnerability.
type MatrixHead struct{ Label, Sub, Href string }

// MatrixRow is one vendor. What opens in place is Statement, Products,
// Tracker and Actions.
type MatrixRow struct {
	Vendor    string
	Href      string
	Note      string // beside the name: "you", "hidden from other vendors"
	Own       bool   // the reader's own row
	Cells     []MatrixCell
	Changed   time.Time
	Act       *Button // one click: nudge, set status
	Statement string
	Products  []MatrixProduct
	Tracker   string // the vendor's own tracker number
	Actions   []Button
}

// Opens says whether the row has anything to open.
func (r MatrixRow) Opens() bool {
	return r.Statement != "" || len(r.Products) > 0 || r.Tracker != "" || len(r.Actions) > 0
}

// MatrixCell is one vendor's status on one vulnerability.
type MatrixCell struct {
	Status   Status
	Note     string // "2.4.1" behind fixed, "9 d" behind no reply
	OnBehalf bool   // set by the coordinator, and marked so
}

// MatrixProduct is one product's own status.
type MatrixProduct struct {
	Name   string
	Status Status
	Note   string
}
