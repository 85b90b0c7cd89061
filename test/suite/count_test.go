package main

import (
	"slices"
	"strings"
	"testing"
)

func counted(t *testing.T, lines string) (*count, string) {
	t.Helper()
	var out strings.Builder
	c := newCount(&out)
	if err := c.read(strings.NewReader(lines)); err != nil {
		t.Fatal(err)
	}
	c.closing()
	return c, out.String()
}

func TestCount(t *testing.T) {
	c, out := counted(t, `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"quiet\n"}
{"Action":"pass","Package":"p","Test":"TestA/sqlite"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:3: real input is not here: none\n"}
{"Action":"output","Package":"p","Test":"TestC","Output":"--- SKIP: TestC (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p","Elapsed":1.5}
{"Action":"skip","Package":"empty"}
`)
	if c.passed != 2 || c.failed != 1 || c.skipped != 1 {
		t.Errorf("counted %d, %d, %d", c.passed, c.failed, c.skipped)
	}
	for _, want := range []string{"b_test.go:7: got 1, want 2", "skipped 1: real input is not here: none"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "quiet") {
		t.Errorf("a passing test's output is shown:\n%s", out)
	}
	if !strings.HasSuffix(out, "\n2 passed, 1 failed, 1 skipped\n") {
		t.Errorf("the last line is not the count:\n%s", out)
	}
}

func TestCountPackagesThatFailAsAWhole(t *testing.T) {
	c, out := counted(t, `{"ImportPath":"p","Action":"build-output","Output":"p/x.go:1:1: syntax error\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"fail","Package":"p","Elapsed":0,"FailedBuild":"p"}
{"Action":"run","Package":"q","Test":"TestHangs"}
{"Action":"output","Package":"q","Test":"TestHangs","Output":"panic: test timed out\n"}
{"Action":"output","Package":"q","Output":"FAIL q 600s\n"}
{"Action":"fail","Package":"q","Elapsed":600}
not an event
`)
	if c.failed != 2 {
		t.Errorf("%d failed, want one for each package", c.failed)
	}
	for _, want := range []string{"syntax error", "timed out", "not an event"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
}

func TestParseList(t *testing.T) {
	got := parseList("FuzzA\nFuzzB\nok  \ttocsin/spec/csaf\t0.01s\n?   \ttocsin/x\t[no test files]\nFuzzC\nok  \ttocsin/spec/tlp\t0.01s\n")
	want := []target{{"tocsin/spec/csaf", "FuzzA"}, {"tocsin/spec/csaf", "FuzzB"}, {"tocsin/spec/tlp", "FuzzC"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
