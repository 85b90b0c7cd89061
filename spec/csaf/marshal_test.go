package csaf

import (
	"bytes"
	"reflect"
	"testing"
)

// roundTrip: what Marshal writes reads back as the same document, and writing
// that again gives the same bytes.
func roundTrip(t testing.TB, doc *Document) {
	t.Helper()
	data, err := Marshal(doc)
	if err != nil {
		t.Fatalf("Marshal: %v", err)
	}
	again, err := Parse(data)
	if err != nil {
		t.Fatalf("Parse of what Marshal wrote: %v", err)
	}
	if len(again.source.additional)+len(again.source.unsorted) > 0 {
		t.Errorf("written with unknown or unsorted properties: %v %v", again.source.additional, again.source.unsorted)
	}
	if bytes.Contains(data, []byte(`\u003c`)) || bytes.Contains(data, []byte(`\u0026`)) {
		t.Error("written with HTML escapes")
	}
	left, right := *doc, *again
	left.source, right.source = nil, nil
	if !reflect.DeepEqual(left, right) {
		t.Errorf("reads back differently:\n%+v\n%+v", left, right)
	}
	twice, err := Marshal(again)
	if err != nil || !bytes.Equal(data, twice) {
		t.Errorf("the second writing differs (%v)", err)
	}
}
