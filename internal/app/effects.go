package app

import (
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
)

// effects are what follows from the board's decisions: a motion of the kind,
// once it is carried, failed or void, runs the effect in the transaction that
// decides it. See board.Effect for what it is given and what an error does.
// A kind that stands in no row is decided and nothing more.
func effects(h *gate.House) map[board.Kind]board.Effect {
	return map[board.Kind]board.Effect{
		board.Rules:     board.DecidedRules,
		board.Exception: casework.Excepted,
		board.Admit:     func(tx *db.Tx, m board.Motion) error { return h.Applications().Decided(tx, m) },
		board.Suspend:   membership.Sanctioned,
		board.Remove:    membership.Sanctioned,
		board.Other:     membership.Sanctioned,
	}
}
