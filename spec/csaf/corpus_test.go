package csaf

import (
	"fmt"
	"path/filepath"
	"sort"
	"testing"
)

// corpus lists the real documents: CISA's advisories and the official examples.
func corpus(t testing.TB) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"csaf/cisa/*.json", "csaf/oasis-2.0/examples/csaf/*.json", "csaf/oasis-2.0/examples/csaf/csaf_vex/*.json"} {
		found, err := filepath.Glob(filepath.Join(sharedData(t, "csaf"), "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// TestCorpus: every real document parses, agrees with the official schema, and
// what the tests of section 6 find in it is reported by sort.
func TestCorpus(t *testing.T) {
	byRule, documents := map[string]int{}, map[string]int{}
	files := corpus(t)
	for _, file := range files {
		data := mustRead(t, file)
		if err := accepts(t, "csaf_json_schema.json", data); err != nil {
			t.Errorf("%s: the official schema refuses it: %v", filepath.Base(file), err)
		}
		doc, err := Parse(data)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		seen := map[string]bool{}
		for _, f := range Check(doc) {
			byRule[f.Rule]++
			if !seen[f.Rule] {
				seen[f.Rule] = true
				documents[f.Rule]++
			}
			if f.Severity == Error {
				t.Logf("%s: %s", filepath.Base(file), f)
			}
		}
		roundTrip(t, doc)
	}
	if len(files) < 304 {
		t.Errorf("%d documents, want at least the 304 of CISA", len(files))
	}
	var lines []string
	for _, test := range Tests {
		if n := byRule[test.ID]; n > 0 {
			lines = append(lines, fmt.Sprintf("%-8s %-7s %5d findings in %3d documents: %s", test.ID, test.Severity, n, documents[test.ID], test.Title))
		}
	}
	sort.Strings(lines)
	for _, l := range lines {
		t.Log(l)
	}
}
