package main

import (
	"strings"
	"testing"
)

// TestTable keeps results apart from what else is printed.
func TestTable(t *testing.T) {
	var out strings.Builder
	tab := &table{out: &out}
	in := "goos: linux\nBenchmarkList/sqlite-2  20  2448303 ns/op  0.53 ratio  16 B/op\nBenchmarkBroken\nPASS\n"
	if err := tab.read(strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), in) {
		t.Errorf("what went by was changed:\n%s", out.String())
	}
	out.Reset()
	tab.closing()
	if got := out.String(); !strings.Contains(got, "List/sqlite-2") || !strings.Contains(got, "0.53 ratio") || strings.Contains(got, "B/op") || strings.Contains(got, "Broken") {
		t.Errorf("the summary is\n%s", got)
	}
}
