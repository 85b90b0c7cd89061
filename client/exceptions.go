package client

import (
	"context"
	"time"
)

// Exceptions are the classes shut out of a case, and the organizations that
// the board let in all the same.
type Exceptions struct {
	Classes []string    `json:"classes"`
	Made    []Exception `json:"exceptions"`
}

// Exception is that the board let an organization into a case although its
// class is shut out there; of the case and the motion it names what the person
// may see.
type Exception struct {
	Ref    string    `json:"ref"`
	OrgID  string    `json:"organization_id"`
	Org    string    `json:"organization"`
	Since  time.Time `json:"since"`
	Case   string    `json:"case,omitempty"`
	Title  string    `json:"title,omitempty"`
	Motion string    `json:"motion,omitempty"`
	Reason string    `json:"reason,omitempty"`
}

// Exceptions lists them; for the case's coordinators.
func (c *Client) Exceptions(ctx context.Context, caseRef string) (Exceptions, error) {
	return get[Exceptions](ctx, c, at("cases", caseRef, "exceptions"), nil)
}

// AskException drafts a motion to the board that lets an organization of a
// class that is shut out into a case, or with revoke no longer.
func (c *Client) AskException(ctx context.Context, caseRef, org, reason string, revoke bool) (Motion, error) {
	return post[Motion](ctx, c, at("cases", caseRef, "exceptions"), object{"organization_id": org, "reason": reason, "revoke": revoke})
}
