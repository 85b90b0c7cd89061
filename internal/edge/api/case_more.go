package api

import (
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/report"
	"tocsin/internal/response/talk"
)

// followers are the packages that keep parts of a case, for verbs that
// change the case itself.
func followers() []casework.Follower {
	return []casework.Follower{embargo.Follow(), talk.Follow(), report.Follower()}
}

type mergeCases struct {
	OfCase
	Body struct {
		Into   string `json:"into" required:"true" doc:"Id or number of the case in which the matter goes on."`
		Reason string `json:"reason" required:"true"`
	}
}

func mergeInto(c *call, tx *db.Tx, in *mergeCases) (casework.Case, error) {
	return embargo.Merge(tx, c.Actor, in.Case, in.Body.Into, in.Body.Reason, followers()...)
}

type splitCase struct {
	OfCase
	Body struct {
		Title           string   `json:"title" required:"true"`
		Summary         string   `json:"summary" doc:"Markdown."`
		Participants    []string `json:"participants" maxItems:"1000" doc:"Those that take part in the new case too."`
		Vulnerabilities []string `json:"vulnerabilities" maxItems:"1000" doc:"Those that move into it."`
		Reason          string   `json:"reason" required:"true"`
	}
}

func splitOff(c *call, tx *db.Tx, in *splitCase) (casework.Case, error) {
	b := in.Body
	return embargo.Split(tx, c.Actor, in.Case, casework.Parting{Title: b.Title, Summary: b.Summary, Participants: b.Participants, Vulnerabilities: b.Vulnerabilities, Reason: b.Reason}, followers()...)
}

func addCoordinator(c *call, tx *db.Tx, in *assignCase) (nothing, error) {
	return nothing{}, casework.AddCoordinator(tx, c.Actor, in.Case, in.Body.Person, in.Body.Reason)
}

func whoKnows(c *call, tx *db.Tx, in *OfCase) (casework.Circle, error) {
	return casework.WhoKnows(tx, c.Actor, in.Case)
}

func listDecisions(c *call, tx *db.Tx, in *OfCase) (page[casework.Choice], error) {
	list, err := casework.Decisions(tx, c.Actor, in.Case)
	return whole(list), err
}

// whatChanged shows what others did since the reader's last look, and is a
// look itself.
func whatChanged(c *call, tx *db.Tx, in *OfCase) (casework.Changes, error) {
	last, err := casework.MarkSeen(tx, c.Actor, in.Case)
	if err != nil {
		return casework.Changes{}, err
	}
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return casework.Changes{}, err
	}
	return casework.ChangedSince(tx, c.Actor, k.ID, last)
}
