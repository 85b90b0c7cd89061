package api

import (
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

type editCase struct {
	OfCase
	Body struct {
		Title   *string    `json:"title"`
		Summary *string    `json:"summary" doc:"Markdown."`
		TLP     *tlp.Level `json:"tlp"`
		Reason  string     `json:"reason" doc:"Needed to lower the marking."`
	}
}

func changeCase(c *call, tx *db.Tx, in *editCase) (casework.Case, error) {
	k, _, err := casework.Load(tx, c.Actor, in.Case)
	if err != nil {
		return k, err
	}
	e := casework.Edit{Title: k.Title, Summary: k.Summary, Level: k.Level, Reason: in.Body.Reason, Version: c.version}
	over(&e.Title, in.Body.Title)
	over(&e.Summary, in.Body.Summary)
	over(&e.Level, in.Body.TLP)
	return casework.EditCase(tx, c.Actor, k.ID, e, followers()...)
}

func closeCase(c *call, tx *db.Tx, in *caseReason) (casework.Case, error) {
	return casework.Close(tx, c.Actor, in.Case, in.Body.Reason)
}

func reopenCase(c *call, tx *db.Tx, in *caseReason) (casework.Case, error) {
	return casework.Reopen(tx, c.Actor, in.Case, in.Body.Reason)
}

type assignCase struct {
	OfCase
	Body struct {
		Person string `json:"person_id" required:"true"`
		Reason string `json:"reason"`
	}
}

func giveCase(c *call, tx *db.Tx, in *assignCase) (casework.Case, error) {
	return casework.Assign(tx, c.Actor, in.Case, in.Body.Person, in.Body.Reason)
}
