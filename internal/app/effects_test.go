package app

import (
	"slices"
	"testing"

	"tocsin/internal/alliance/board"
	"tocsin/internal/edge/gate"
)

// Every kind of motion that can be put, and whose name says that something is
// done, has an effect; none is done that cannot be put.
func TestEveryKindOfferedDoesWhatItSays(t *testing.T) {
	done := effects(&gate.House{})
	for _, k := range board.Kinds {
		minutes := k == board.Publish || k == board.Spend
		if (done[k] == nil) != minutes {
			t.Errorf("%s has an effect: %t", k, done[k] != nil)
		}
	}
	for k := range done {
		if !slices.Contains(board.Kinds, k) {
			t.Errorf("nobody can put %s", k)
		}
	}
}
