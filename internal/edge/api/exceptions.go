package api

import (
	"tocsin/internal/alliance/board"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
)

func caseExceptions(c *call, tx *db.Tx, in *OfCase) (casework.Barring, error) {
	return casework.Barred(tx, c.Actor, in.Case)
}

type exceptionInput struct {
	OfCase
	Body struct {
		Org    string `json:"organization_id" required:"true" maxLength:"64"`
		Reason string `json:"reason" required:"true" maxLength:"2000" doc:"Why; the board reads it."`
		Revoke bool   `json:"revoke,omitempty" doc:"End an exception instead of making one."`
	}
}

func askException(c *call, tx *db.Tx, in *exceptionInput) (board.Motion, error) {
	return casework.AskException(tx, c.Actor, in.Case, casework.Passage{Org: in.Body.Org, Revoke: in.Body.Revoke}, in.Body.Reason)
}
