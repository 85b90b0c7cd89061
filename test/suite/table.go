package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// table gathers what benchmarks print while it goes by, for a summary at the
// end: one line for each, one column for each measure it names.
type table struct {
	out  io.Writer
	rows [][2]string // name, measures
}

// read passes lines on until there are no more.
func (t *table) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fmt.Fprintln(t.out, lines.Text())
		t.note(lines.Text())
	}
	return lines.Err()
}

// note keeps a result line: name, iterations, then pairs of value and unit.
func (t *table) note(line string) {
	words := strings.Fields(line)
	if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
		return
	}
	var measures []string
	for i := 2; i+1 < len(words); i += 2 {
		if words[i+1] != "B/op" && words[i+1] != "allocs/op" {
			measures = append(measures, words[i]+" "+words[i+1])
		}
	}
	t.rows = append(t.rows, [2]string{strings.TrimPrefix(words[0], "Benchmark"), strings.Join(measures, "\t")})
}

// closing prints the summary.
func (t *table) closing() {
	fmt.Fprintf(t.out, "\n%d measures, each a ratio or a time within this run:\n", len(t.rows))
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, r := range t.rows {
		fmt.Fprintf(w, "%s\t%s\n", r[0], r[1])
	}
	w.Flush()
}
