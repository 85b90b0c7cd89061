package text

import (
	"strings"
	"time"
)

// Cell is s as a cell of a table that a spreadsheet may open: what it would
// take for a formula is quoted, and shown as it is.
func Cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Cells is every cell of a row, as Cell.
func Cells(row ...string) []string {
	out := make([]string, len(row))
	for i, s := range row {
		out[i] = Cell(s)
	}
	return out
}

// Instant is t in a cell, as RFC 3339 in UTC; empty for the zero time.
func Instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
