package constituency

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"tocsin/spec/text"
)

// The bounds of a sheet.
const (
	MaxSheet = 1 << 20 // bytes
	MaxLines = 2000
	MaxNote  = 1000 // characters
)

// Line is one claim of a sheet.
type Line struct {
	Number int // of the line in the file, from 1
	Value  Value
	Note   string
}

// Fault is a line that could not be read, and why.
type Fault struct {
	Number int    `json:"line"`
	Reason string `json:"reason"`
}

// ReadSheet reads claims as CSV (RFC 4180): kind, value and, if there is one,
// a note; a first line that names the columns may name others too, which are
// passed over. Lines that say the same are taken once. The error is about the
// file as a whole; faults name lines, of which the others were read.
func ReadSheet(r io.Reader) (lines []Line, faults []Fault, err error) {
	cr := csv.NewReader(io.LimitReader(r, MaxSheet+1))
	cr.FieldsPerRecord, cr.TrimLeadingSpace, cr.ReuseRecord = -1, true, true
	columns := map[string]int{"kind": 0, "value": 1, "note": 2}
	seen := map[Value]bool{}
	for n := 0; ; n++ {
		row, err := cr.Read()
		if errors.Is(err, io.EOF) {
			return lines, faults, nil
		}
		if err != nil || cr.InputOffset() > MaxSheet {
			return nil, nil, sheetError(err)
		}
		at, _ := cr.FieldPos(0)
		if n == 0 {
			row[0] = strings.TrimPrefix(row[0], "\ufeff")
			if named := heads(row); named != nil {
				if columns = named; !has(columns, "kind") || !has(columns, "value") {
					return nil, nil, errors.New("the first line must name the columns kind and value")
				}
				continue
			}
		}
		if len(lines)+len(faults) >= MaxLines {
			return nil, nil, fmt.Errorf("a sheet holds at most %d claims; send the rest in another one", MaxLines)
		}
		l, err := readLine(row, columns)
		if err != nil {
			faults = append(faults, Fault{at, err.Error()})
			continue
		}
		if l.Number = at; !seen[l.Value] {
			seen[l.Value] = true
			lines = append(lines, l)
		}
	}
}

func sheetError(err error) error {
	if err == nil {
		return fmt.Errorf("a sheet has at most %d bytes", MaxSheet)
	}
	return errors.New("this could not be read as CSV: each line holds kind, value and note, parted by commas")
}

// heads are the places of the columns, or nil for a line that is a claim.
func heads(row []string) map[string]int {
	out := map[string]int{}
	for i, c := range row {
		c = strings.ToLower(strings.TrimSpace(c))
		if !has(out, c) {
			out[c] = i
		}
	}
	if has(out, "kind") || has(out, "value") {
		return out
	}
	return nil
}

func has(m map[string]int, k string) bool { _, ok := m[k]; return ok }

func readLine(row []string, columns map[string]int) (Line, error) {
	cell := func(name string) string {
		if i, ok := columns[name]; ok && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	v, err := Parse(Kind(strings.ToLower(cell("kind"))), cell("value"))
	if err != nil {
		return Line{}, err
	}
	note, _, err := text.CleanText(cell("note"), MaxNote)
	return Line{Value: v, Note: note}, err
}
