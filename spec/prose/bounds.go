package prose

import (
	"bytes"

	"github.com/yuin/goldmark"
)

// What a text may hold before the work it causes stops being in proportion
// to its length.
const (
	maxMarkers = 24      // quote and list markers before a line's words
	maxCells   = 60_000  // of all tables, counting the ones that a short row is filled up with
	maxOpen    = 500     // brackets open at once
	maxTargets = 4_000   // "](" of links and images
	maxNames   = 2_000   // "]:" of link references
	maxRuns    = 40_000  // of emphasis marks
	maxTicks   = 8_000   // runs of backticks
	maxIndent  = 2_000   // columns
	maxSpaces  = 400_000 // of indentation
)

// fit chooses how to read a text, from counts that one pass over it gives.
func fit(src []byte) (goldmark.Markdown, bool) {
	c := count(src)
	switch {
	case c.markers > maxMarkers, c.open > maxOpen, c.targets > maxTargets, c.names > maxNames, c.runs > maxRuns, c.ticks > maxTicks, c.indent > maxIndent, c.spaces > maxSpaces:
		return nil, false
	case c.pipes*c.lines > maxCells:
		return simple, true
	}
	return markdown, true
}

type counts struct {
	lines, pipes, markers, indent             int // lines; the rest of the line that has most of it
	open, targets, names, runs, ticks, spaces int // of the whole text
}

func count(src []byte) counts {
	var c counts
	for line := range bytes.Lines(src) {
		c.lines++
		c.pipes = max(c.pipes, bytes.Count(line, []byte{'|'}))
		m, indent := opening(line)
		c.markers, c.indent, c.spaces = max(c.markers, m), max(c.indent, indent), c.spaces+indent
	}
	c.targets = bytes.Count(src, []byte("]("))
	c.names = bytes.Count(src, []byte("]:"))
	var before byte
	depth := 0
	for _, b := range src {
		switch b {
		case '[':
			depth++
			c.open = max(c.open, depth)
		case ']':
			depth = max(0, depth-1)
		case '*', '_', '~':
			if before != b {
				c.runs++
			}
		case '`':
			if before != b {
				c.ticks++
			}
		}
		before = b
	}
	return c
}

// opening counts the markers of quotes and lists that a line begins with, and
// the white space among them.
func opening(line []byte) (markers, indent int) {
	digits := false
	for _, b := range line {
		switch {
		case b == ' ':
			indent++
		case b == '\t':
			indent += 4
		case b == '>' || b == '-' || b == '*' || b == '+':
			markers++
		case b >= '0' && b <= '9':
			digits = true
		case (b == '.' || b == ')') && digits:
			markers++
			digits = false
		default:
			return markers, indent
		}
	}
	// A line of nothing but markers is a rule.
	if m := bytes.Trim(line, " \t\r\n*"); len(m) == 0 {
		return 0, indent
	}
	if m := bytes.Trim(line, " \t\r\n-"); len(m) == 0 {
		return 0, indent
	}
	return markers, indent
}
