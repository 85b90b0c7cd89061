package app

import (
	"encoding/json"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/ballot"
)

// effects are what follows from the board's decisions: a motion of the kind,
// once it is carried, failed or void, runs the effect in the transaction that
// decides it. See board.Effect for what it is given and what an error does.
// A kind that stands in no row is decided and nothing more.
func effects(h *gate.House) map[board.Kind]board.Effect {
	return map[board.Kind]board.Effect{
		board.Rules:     changeRules,
		board.Exception: allowException,
		board.Admit:     func(tx *db.Tx, m board.Motion) error { return h.Applications().Decided(tx, m) },
		board.Suspend:   membership.Sanctioned,
		board.Remove:    membership.Sanctioned,
		board.Other:     membership.Sanctioned,
	}
}

// changeRules gives a program the rules that the proposal holds (a
// programs.Rules), unless they changed since the motion was written.
func changeRules(tx *db.Tx, m board.Motion) error {
	if m.State != ballot.Carried || len(m.Proposal) == 0 {
		return nil
	}
	var in programs.Rules
	if err := json.Unmarshal(m.Proposal, &in); err != nil {
		return errs.Wrap(errs.Invalid, err, "The proposal holds no rules of a program.")
	}
	if m.Object.Kind != "program" || m.Object.ID != in.Program {
		return errs.New(errs.Conflict, "The proposal is about another program than the motion.")
	}
	_, err := programs.Decided(tx, in)
	if errs.Is(err, errs.Stale) {
		return errs.New(errs.Conflict, "The program's rules were changed after the motion was written. Put it again on the rules as they are now.")
	}
	return err
}
