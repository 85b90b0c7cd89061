package look

import (
	"strings"
	"unicode"
)

// Diff is two versions of a text, line by line, changed words marked.
type Diff struct {
	From, To string // what is compared: "Version 3, 2026-11-20 10:00 UTC"
	Lines    []DiffLine
	Same     bool
}

// DiffLine is one line of a Diff: kept, added or removed, or a fold that says
// how many unchanged lines were left out.
type DiffLine struct {
	Op    string // "same", "add", "del", "fold"
	Parts []DiffPart
}

// DiffPart is a piece of a line. Changed pieces are what differs within it.
type DiffPart struct {
	Text    string
	Changed bool
}

const (
	diffCells   = 1 << 20 // most cells of one comparison table
	diffContext = 3       // unchanged lines kept round a change
)

// NewDiff compares two texts. The work is bounded: beyond a million cells the
// differing middle is shown as removed and added whole.
func NewDiff(from, to, before, after string) Diff {
	a, b := splitLines(before), splitLines(after)
	d := Diff{From: from, To: to, Same: before == after}
	var del, add []string
	flush := func() {
		d.Lines = append(d.Lines, pairLines(del, add)...)
		del, add = nil, nil
	}
	for _, e := range edits(a, b) {
		switch e.op {
		case '-':
			del = append(del, e.text)
		case '+':
			add = append(add, e.text)
		default:
			flush()
			d.Lines = append(d.Lines, DiffLine{"same", []DiffPart{{Text: e.text}}})
		}
	}
	flush()
	d.Lines = fold(d.Lines)
	return d
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n")
}

type edit struct {
	op   byte
	text string
}

// edits is the longest common subsequence of a and b as a list of steps.
func edits(a, b []string) []edit {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out []edit
	for _, s := range a[:head] {
		out = append(out, edit{'=', s})
	}
	out = append(out, middleEdits(a[head:len(a)-tail], b[head:len(b)-tail])...)
	for _, s := range a[len(a)-tail:] {
		out = append(out, edit{'=', s})
	}
	return out
}

func middleEdits(a, b []string) []edit {
	var out []edit
	if len(a)*len(b) > diffCells || len(a) == 0 || len(b) == 0 {
		for _, s := range a {
			out = append(out, edit{'-', s})
		}
		for _, s := range b {
			out = append(out, edit{'+', s})
		}
		return out
	}
	w := len(b) + 1
	best := make([]int32, (len(a)+1)*w)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				best[i*w+j] = best[(i+1)*w+j+1] + 1
			} else {
				best[i*w+j] = max(best[(i+1)*w+j], best[i*w+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, edit{'=', a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && best[(i+1)*w+j] >= best[i*w+j+1]:
			out = append(out, edit{'-', a[i]})
			i++
		default:
			out = append(out, edit{'+', b[j]})
			j++
		}
	}
	return out
}

// pairLines marks the changed words of lines that replace one another.
func pairLines(del, add []string) []DiffLine {
	var dels, adds []DiffLine
	for i := range max(len(del), len(add)) {
		switch {
		case i >= len(add):
			dels = append(dels, DiffLine{"del", []DiffPart{{Text: del[i]}}})
		case i >= len(del):
			adds = append(adds, DiffLine{"add", []DiffPart{{Text: add[i]}}})
		default:
			from, to := wordParts(del[i], add[i])
			dels = append(dels, DiffLine{"del", from})
			adds = append(adds, DiffLine{"add", to})
		}
	}
	return append(dels, adds...)
}

func wordParts(a, b string) (from, to []DiffPart) {
	for _, e := range edits(words(a), words(b)) {
		if e.op != '+' {
			from = appendPart(from, e.text, e.op == '-')
		}
		if e.op != '-' {
			to = appendPart(to, e.text, e.op == '+')
		}
	}
	return from, to
}

func appendPart(parts []DiffPart, text string, changed bool) []DiffPart {
	if n := len(parts); n > 0 && parts[n-1].Changed == changed {
		parts[n-1].Text += text
		return parts
	}
	return append(parts, DiffPart{text, changed})
}

// words splits a line into words with the space behind them.
func words(s string) []string {
	var out []string
	start, inSpace := 0, false
	for i, r := range s {
		space := unicode.IsSpace(r)
		if inSpace && !space {
			out = append(out, s[start:i])
			start = i
		}
		inSpace = space
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

// fold replaces long unchanged runs by one line that says their length.
func fold(lines []DiffLine) []DiffLine {
	keep := make([]bool, len(lines))
	for i, l := range lines {
		if l.Op == "same" {
			continue
		}
		for k := max(0, i-diffContext); k <= min(len(lines)-1, i+diffContext); k++ {
			keep[k] = true
		}
	}
	var out []DiffLine
	for i := 0; i < len(lines); {
		if keep[i] {
			out = append(out, lines[i])
			i++
			continue
		}
		start := i
		for i < len(lines) && !keep[i] {
			i++
		}
		n := i - start
		if n <= diffContext {
			out = append(out, lines[start:i]...)
			continue
		}
		out = append(out, DiffLine{"fold", []DiffPart{{Text: Plural(n, "unchanged line", "unchanged lines")}}})
	}
	return out
}
