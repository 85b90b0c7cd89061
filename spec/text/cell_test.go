package text

import (
	"slices"
	"testing"
	"time"
)

func TestCells(t *testing.T) {
	got := Cells("=SUM(A1)", "+1", "-1", "@x", "\tx", "a=b", "")
	if want := []string{"'=SUM(A1)", "'+1", "'-1", "'@x", "'\tx", "a=b", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Instant(time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))); got != "2026-03-01T11:00:00Z" {
		t.Errorf("got %s", got)
	}
	if got := Instant(time.Time{}); got != "" {
		t.Errorf("got %q for no time", got)
	}
}
