package app

import (
	"encoding/json"

	"tocsin/internal/alliance/board"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/spec/ballot"
)

// allowException lets a party into a case although a program shuts its class
// out. The motion's number and question are the reason that is kept.
func allowException(tx *db.Tx, m board.Motion) error {
	if m.State != ballot.Carried || len(m.Proposal) == 0 {
		return nil
	}
	var in gate.Passage
	if err := json.Unmarshal(m.Proposal, &in); err != nil || in.ID == "" || in.Kind != audience.Org && in.Kind != audience.Person {
		return errs.New(errs.Invalid, "The proposal does not name the organization or person that is let through.")
	}
	if m.Object.Kind != "case" {
		return errs.New(errs.Conflict, "An exception is for a case, and the motion is not about one.")
	}
	c, err := casework.ByID(tx, m.Object.ID)
	if err != nil {
		return err
	}
	p := audience.Party{Kind: in.Kind, ID: in.ID}
	if in.Revoke {
		return audience.Unexempt(tx, c.Audience, p)
	}
	return audience.Exempt(tx, c.Audience, p, m.Number+": "+m.Title)
}
