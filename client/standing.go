package client

import (
	"context"
	"net/url"
	"time"

	"tocsin/spec/membership"
)

// MemberStanding is how an organization stands in a program, or with an empty
// Program in the whole alliance.
type MemberStanding struct {
	ID          string                   `json:"id,omitempty"`
	Program     string                   `json:"program"`
	ProgramName string                   `json:"program_name"`
	Org         string                   `json:"org"`
	OrgName     string                   `json:"org_name"`
	Standing    membership.Standing      `json:"standing"`
	Own         membership.Standing      `json:"own"`
	Because     string                   `json:"because,omitempty"`
	Renewal     membership.RenewalState  `json:"renewal"`
	Sanction    membership.SanctionState `json:"sanction"`
	Since       time.Time                `json:"since,omitzero"`
	Term        time.Time                `json:"term,omitzero"`
	Due         time.Time                `json:"due,omitzero"`
	Reminded    int                      `json:"reminded"`
	Version     int64                    `json:"version"`
	Missing     []RenewalStep            `json:"missing,omitempty"`   // in lists
	Steps       []RenewalStep            `json:"steps,omitempty"`     // of one
	Sanctions   []Sanction               `json:"sanctions,omitempty"` // of one
}

// Ref names the membership in addresses.
func (m MemberStanding) Ref() string {
	if m.Program == "" {
		return "alliance." + m.Org
	}
	return m.Program + "." + m.Org
}

// RenewalStep is one line of a renewal's checklist.
type RenewalStep struct {
	Kind string    `json:"kind"`
	Done bool      `json:"done"`
	What string    `json:"what"`
	Note string    `json:"note,omitempty"`
	By   string    `json:"by,omitempty"`
	At   time.Time `json:"at,omitzero"`
}

// Sanction is a sanction against a member, with its appeal.
type Sanction struct {
	ID          string                  `json:"id"`
	Member      string                  `json:"member"`
	Kind        membership.SanctionVerb `json:"kind"`
	Reason      string                  `json:"reason"`
	Motion      string                  `json:"motion,omitempty"`
	By          string                  `json:"by,omitempty"`
	At          time.Time               `json:"at"`
	FollowedBy  string                  `json:"followed_by,omitempty"`
	EndedAt     time.Time               `json:"ended_at,omitzero"`
	EndReason   string                  `json:"end_reason,omitempty"`
	Appeal      membership.AppealState  `json:"appeal"`
	AppealUntil time.Time               `json:"appeal_until"`
	Plea        string                  `json:"plea,omitempty"`
	AppealedAt  time.Time               `json:"appealed_at,omitzero"`
	Decision    string                  `json:"decision,omitempty"`
	DecidedAt   time.Time               `json:"decided_at,omitzero"`
	Version     int64                   `json:"version"`
	Of          *MemberStanding         `json:"of,omitempty"` // in lists
}

// Consequence is what a sanction would do.
type Consequence struct {
	Standing membership.Standing `json:"standing"`
	People   int                 `json:"people"`
	Blind    int                 `json:"blind"`
	Records  int                 `json:"records"`
	Mute     int                 `json:"mute"`
	Programs []string            `json:"programs"`
	More     bool                `json:"more"`
}

// OwedStanding is what a person owes, or may do in time, about memberships.
type OwedStanding struct {
	Renewals []MemberStanding `json:"renewals"`
	Decide   []Sanction       `json:"decide"`
	Appeal   []Sanction       `json:"appeal"`
}

// MembershipQuery narrows a list of memberships; "" is all.
type MembershipQuery struct {
	Program, Org, Standing, Prefix, Sort string
	Renewing, Appealed, Desc             bool
	Paging
}

func (m MembershipQuery) values() url.Values {
	q := m.query()
	for name, v := range map[string]string{"program": m.Program, "organization": m.Org, "standing": m.Standing, "q": m.Prefix, "sort": m.Sort} {
		if v != "" {
			q.Set(name, v)
		}
	}
	for name, on := range map[string]bool{"renewing": m.Renewing, "appealed": m.Appealed, "desc": m.Desc} {
		if on {
			q.Set(name, "true")
		}
	}
	return q
}

// Memberships lists how members stand.
func (c *Client) Memberships(ctx context.Context, in MembershipQuery) (Page[MemberStanding], error) {
	return get[Page[MemberStanding]](ctx, c, "/memberships", in.values())
}

// MembershipsCSV opens the same as CSV.
func (c *Client) MembershipsCSV(ctx context.Context, in MembershipQuery) (*Attachment, error) {
	return c.Attachment(ctx, "/memberships.csv?"+in.values().Encode())
}

// MembershipsOwed lists the renewals that wait for the person, and the appeals
// that they may decide or file.
func (c *Client) MembershipsOwed(ctx context.Context) (OwedStanding, error) {
	return get[OwedStanding](ctx, c, "/memberships/owed", nil)
}

// Membership is one membership; ref is its id, or Ref.
func (c *Client) Membership(ctx context.Context, ref string) (MemberStanding, error) {
	return get[MemberStanding](ctx, c, at("memberships", ref), nil)
}

// Foresee says what a sanction would do: "warn", "reduce", "suspend" or
// "remove".
func (c *Client) Foresee(ctx context.Context, ref string, kind membership.SanctionVerb) (Consequence, error) {
	return get[Consequence](ctx, c, at("memberships", ref)+"/consequence", url.Values{"kind": {string(kind)}})
}

// NoteStep notes the "fee" or the "evidence" of a renewal.
func (c *Client) NoteStep(ctx context.Context, ref, step, note string) (MemberStanding, error) {
	return post[MemberStanding](ctx, c, at("memberships", ref)+"/steps", object{"step": step, "note": note})
}

// RenewMembership begins the next term.
func (c *Client) RenewMembership(ctx context.Context, ref string) (MemberStanding, error) {
	return post[MemberStanding](ctx, c, at("memberships", ref)+"/renew", nil)
}

// WarnMember warns.
func (c *Client) WarnMember(ctx context.Context, ref, reason string) (MemberStanding, error) {
	return post[MemberStanding](ctx, c, at("memberships", ref)+"/warn", object{"reason": reason})
}

// ReduceMember leaves a member reading.
func (c *Client) ReduceMember(ctx context.Context, ref, reason string) (MemberStanding, error) {
	return post[MemberStanding](ctx, c, at("memberships", ref)+"/reduce", object{"reason": reason})
}

// ProposeSanction drafts a motion that the board "suspend" or "remove" a
// member.
func (c *Client) ProposeSanction(ctx context.Context, ref string, kind membership.SanctionVerb, reason string) (Motion, error) {
	return post[Motion](ctx, c, at("memberships", ref)+"/motions", object{"kind": kind, "reason": reason})
}

// LiftSanction lifts a warning or a reduction.
func (c *Client) LiftSanction(ctx context.Context, sanction, reason string) (MemberStanding, error) {
	return post[MemberStanding](ctx, c, at("sanctions", sanction)+"/lift", object{"reason": reason})
}

// AppealSanction appeals.
func (c *Client) AppealSanction(ctx context.Context, sanction, plea string) (Sanction, error) {
	return post[Sanction](ctx, c, at("sanctions", sanction)+"/appeal", object{"plea": plea})
}

// DecideAppeal decides on an appeal against a warning or a reduction.
func (c *Client) DecideAppeal(ctx context.Context, sanction string, overturn bool, reason string) (MemberStanding, error) {
	return post[MemberStanding](ctx, c, at("sanctions", sanction)+"/decide", object{"overturn": overturn, "reason": reason})
}

// PutToBoard drafts a motion that the board lift what it decided.
func (c *Client) PutToBoard(ctx context.Context, sanction, note string) (Motion, error) {
	return post[Motion](ctx, c, at("sanctions", sanction)+"/motions", object{"note": note})
}
