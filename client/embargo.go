package client

import (
	"context"
	"time"
)

// Timetable is a case's embargo, its proposals and who is ready.
func (c *Client) Timetable(ctx context.Context, ref string) (Timetable, error) {
	return get[Timetable](ctx, c, at("cases", ref, "embargo"), nil)
}

// Offer is an end that somebody proposes. Without a participant it is the
// coordinators', or that of the one party the person sits for.
type Offer struct {
	Participant string    `json:"participant_id,omitempty"`
	Ends        time.Time `json:"ends_at"`
	Reason      string    `json:"reason,omitempty"`
}

// Propose proposes an end; while an embargo holds, a revision.
func (c *Client) Propose(ctx context.Context, ref string, o Offer) (Proposal, error) {
	return post[Proposal](ctx, c, at("cases", ref, "embargo")+"/proposals", o)
}

// ProposeDefault proposes the end that the published policy gives.
func (c *Client) ProposeDefault(ctx context.Context, ref string) (Proposal, error) {
	return post[Proposal](ctx, c, at("cases", ref, "embargo")+"/default", nil)
}

// Counter objects to a proposal and proposes another end.
func (c *Client) Counter(ctx context.Context, ref, proposal string, o Offer) (Proposal, error) {
	return post[Proposal](ctx, c, at("cases", ref, "embargo")+at("proposals", proposal, "counter"), o)
}

// Consent consents to a proposal for a participant, or for the one party the
// person sits for.
func (c *Client) Consent(ctx context.Context, ref, proposal, participant string) (Proposal, error) {
	return post[Proposal](ctx, c, at("cases", ref, "embargo")+at("proposals", proposal, "answer"), object{"answer": "consent", "participant_id": participant})
}

// Object objects to a proposal, with a reason.
func (c *Client) Object(ctx context.Context, ref, proposal, participant, reason string) (Proposal, error) {
	return post[Proposal](ctx, c, at("cases", ref, "embargo")+at("proposals", proposal, "answer"), object{"answer": "object", "participant_id": participant, "reason": reason})
}

// Decide decides a proposal; a coordinator does.
func (c *Client) Decide(ctx context.Context, ref, proposal string, accept bool, reason string) (Proposal, error) {
	return post[Proposal](ctx, c, at("cases", ref, "embargo")+at("proposals", proposal, "decide"), object{"accept": accept, "reason": reason})
}

// WithdrawProposal takes a proposal back.
func (c *Client) WithdrawProposal(ctx context.Context, ref, proposal, reason string) error {
	return c.act(ctx, at("cases", ref, "embargo")+at("proposals", proposal, "withdraw"), object{"reason": reason})
}

// Terminate ends a case's embargo.
func (c *Client) Terminate(ctx context.Context, ref, reason string) (Case, error) {
	return post[Case](ctx, c, at("cases", ref, "embargo")+"/terminate", object{"reason": reason})
}

// Expose reports that the public knows (P), that an exploit is public (X), or
// that attacks are seen (A).
func (c *Client) Expose(ctx context.Context, ref, event, note string) error {
	return c.act(ctx, at("cases", ref, "exposure"), object{"event": event, "note": note})
}

// DecideAttacks says what attacks mean for the embargo: publish or keep.
func (c *Client) DecideAttacks(ctx context.Context, ref, decision, reason string) (Case, error) {
	return post[Case](ctx, c, at("cases", ref, "exposure")+"/decide", object{"decision": decision, "reason": reason})
}

// Ready says go or no-go for a participant.
func (c *Client) Ready(ctx context.Context, ref, participant, answer, reason string) (Timetable, error) {
	return post[Timetable](ctx, c, at("cases", ref, "participants", participant, "readiness"), object{"answer": answer, "reason": reason})
}

// MoveReportState moves a participant's report management by one of the
// machine's verbs, such as "receive".
func (c *Client) MoveReportState(ctx context.Context, ref, participant, move, reason string) (Participant, error) {
	return post[Participant](ctx, c, at("cases", ref, "participants", participant, "report-state"), object{"move": move, "reason": reason})
}

// MoveConsent moves a participant's embargo consent.
func (c *Client) MoveConsent(ctx context.Context, ref, participant, move, reason string) (Participant, error) {
	return post[Participant](ctx, c, at("cases", ref, "participants", participant, "consent"), object{"move": move, "reason": reason})
}

// MoveProgress moves a vendor's own half of the case state: V, F or D.
func (c *Client) MoveProgress(ctx context.Context, ref, participant, move string) (Participant, error) {
	return post[Participant](ctx, c, at("cases", ref, "participants", participant, "progress"), object{"move": move})
}
