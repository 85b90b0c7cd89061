package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of go test -json, as `go doc test2json` describes it.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build-output and build-fail
	Test       string
	Output     string
	Elapsed    float64 // seconds
}

// count reads the events of go test -json, prints what a reader wants to see
// of them and adds up the tests, subtests included.
type count struct {
	out                     io.Writer
	passed, failed, skipped int

	output  map[[2]string][]string // of tests and packages that have not ended
	built   map[string][]string    // what the compiler said
	reasons map[string]int         // why tests were skipped
	red     map[string]int         // failed tests by package
}

func newCount(out io.Writer) *count {
	return &count{out: out, output: map[[2]string][]string{}, built: map[string][]string{}, reasons: map[string]int{}, red: map[string]int{}}
}

// read takes events until r ends. A line that is no event is printed as is.
func (c *count) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Action == "" {
			fmt.Fprintln(c.out, lines.Text())
			continue
		}
		c.take(e)
	}
	return lines.Err()
}

func (c *count) take(e event) {
	key := [2]string{e.Package, e.Test}
	switch e.Action {
	case "output":
		c.output[key] = append(c.output[key], e.Output)
		return
	case "build-output":
		c.built[e.ImportPath] = append(c.built[e.ImportPath], e.Output)
		return
	case "build-fail":
		fmt.Fprint(c.out, strings.Join(c.built[e.ImportPath], ""))
		return
	case "pass", "fail", "skip":
	default:
		return
	}
	said := c.output[key]
	delete(c.output, key)
	if e.Test == "" {
		c.endPackage(e, said)
		return
	}
	switch e.Action {
	case "pass":
		c.passed++
	case "fail":
		c.failed++
		c.red[e.Package]++
		fmt.Fprintf(c.out, "%s %s\n%s", e.Package, e.Test, strings.Join(said, ""))
	case "skip":
		c.skipped++
		c.reasons[reason(said)]++
	}
}

func (c *count) endPackage(e event, said []string) {
	switch {
	case e.Action == "skip": // no test files
	case e.Action == "pass":
		fmt.Fprintf(c.out, "ok    %-50s %6.1f s\n", e.Package, e.Elapsed)
	case c.red[e.Package] > 0:
		fmt.Fprintf(c.out, "%sFAIL  %-50s %6.1f s, %d failed\n", strings.Join(said, ""), e.Package, e.Elapsed, c.red[e.Package])
	default:
		// It did not build, it panicked, or it ran out of time: the tests that
		// never ended are not in the count, so the package stands for them.
		c.failed++
		for key, lines := range c.output {
			if key[0] == e.Package {
				fmt.Fprint(c.out, strings.Join(lines, ""))
				delete(c.output, key)
			}
		}
		fmt.Fprintf(c.out, "%sFAIL  %s\n", strings.Join(said, ""), e.Package)
	}
}

// reason is the text given to t.Skip, without its place in the source.
func reason(said []string) string {
	for _, line := range slices.Backward(said) {
		line = strings.TrimSpace(line)
		if place, text, ok := strings.Cut(line, ": "); ok && strings.Contains(place, ".go:") {
			return text
		}
	}
	return "no reason given"
}

// closing prints why tests were skipped, and the count alone on the last line.
func (c *count) closing() {
	var why []string
	for text, n := range c.reasons {
		why = append(why, fmt.Sprintf("skipped %d: %s", n, text))
	}
	slices.Sort(why)
	for _, line := range why {
		fmt.Fprintln(c.out, line)
	}
	fmt.Fprintf(c.out, "%d passed, %d failed, %d skipped\n", c.passed, c.failed, c.skipped)
}
