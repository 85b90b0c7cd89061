package app

import "tocsin/internal/alliance/board"

// effects are what follows from the board's decisions: a motion of the kind,
// once it is carried, failed or void, runs the effect in the transaction that
// decides it. See board.Effect for what it is given and what an error does.
// A kind that stands in no row is decided and nothing more.
func effects() map[board.Kind]board.Effect {
	return map[board.Kind]board.Effect{}
}
