package csaf

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestTracking: which of the tests on versions speak up for a document of a
// status and version with a history of numbers, one a day.
func TestTracking(t *testing.T) {
	for _, c := range []struct{ status, version, history, want string }{
		{"final", "1", "1", ""},
		{"final", "3", "1 2 3", ""},
		{"final", "1.1.0", "1.0.0 1.1.0", ""},
		{"final", "2.0.0+build.1", "1.0.0 2.0.0", ""},
		{"draft", "0", "0", ""},
		{"draft", "1.0.0-alpha", "1.0.0", ""},
		{"draft", "1.0.0-alpha", "0.9.0 1.0.0", ""},
		{"draft", "0.2.0", "0.1.0 0.2.0", ""},
		{"interim", "10", "1 2 3 4 5 6 7 8 9 10", ""},
		{"final", "2", "2 1", "6.1.14 6.1.16 6.1.21"},
		{"final", "2", "1", "6.1.16"},
		{"final", "1.0.0-rc.1", "1.0.0", "6.1.16 6.1.17 6.1.20"},
		{"final", "0", "0", "6.1.17 6.1.18"},
		{"interim", "1.0.0", "0.1.0 1.0.0", "6.1.18"},
		{"draft", "1.0.0-rc.1", "1.0.0-rc.1", "6.1.19"},
		{"final", "3", "1 3", "6.1.21"},
		{"final", "2", "2", "6.1.21"},
		{"final", "2", "1 2 2", "6.1.22"},
		{"final", "2", "1.0.0 2.0.0", "6.1.16 6.1.30"},
	} {
		doc := &Document{}
		tr := &doc.Document.Tracking
		tr.Status, tr.Version = c.status, c.version
		for i, number := range strings.Fields(c.history) {
			tr.RevisionHistory = append(tr.RevisionHistory, Revision{Date: "2024-01-" + strconv.Itoa(10+i) + "T00:00:00Z", Number: number})
		}
		var got []string
		for _, test := range Tests {
			number, ok := strings.CutPrefix(test.ID, "6.1.")
			if ok && slices.Contains(strings.Fields("14 16 17 18 19 20 21 22 30"), number) && len(test.Run(doc)) > 0 {
				got = append(got, test.ID)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %s with history %s: %v, want %s", c.status, c.version, c.history, got, c.want)
		}
	}
}

// TestZonesCount: entries are in the order of instants, not of their text.
func TestZonesCount(t *testing.T) {
	doc := &Document{}
	doc.Document.Tracking = Tracking{Status: "final", Version: "2", RevisionHistory: []Revision{
		{Date: "2024-01-01T10:00:00+02:00", Number: "1"}, {Date: "2024-01-01T09:00:00Z", Number: "2"}}}
	for _, f := range append(Tests[13].Run(doc), Tests[15].Run(doc)...) {
		t.Error(f)
	}
}
