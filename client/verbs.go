package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tocsin/spec/tlp"
)

func get[T any](ctx context.Context, c *Client, path string, query url.Values) (out T, err error) {
	_, err = c.Do(ctx, Request{Method: http.MethodGet, Path: path, Query: query}, &out)
	return out, err
}

func post[T any](ctx context.Context, c *Client, path string, body any) (out T, err error) {
	_, err = c.Do(ctx, Request{Method: http.MethodPost, Path: path, Body: body}, &out)
	return out, err
}

func (c *Client) act(ctx context.Context, path string, body any) error {
	_, err := c.Do(ctx, Request{Method: http.MethodPost, Path: path, Body: body}, nil)
	return err
}

// object is a JSON object that is put together in place.
type object map[string]any

// at names a record in a path.
func at(parts ...string) string {
	path := ""
	for i, p := range parts {
		if i%2 == 1 {
			p = url.PathEscape(p)
		}
		path += "/" + p
	}
	return path
}

// ETag is the entity tag of a version, for Request.Match.
func ETag(version int64) string { return strconv.Quote(strconv.FormatInt(version, 10)) }

func (p Paging) query() url.Values {
	q := url.Values{}
	if p.Limit > 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	if p.Cursor != "" {
		q.Set("cursor", p.Cursor)
	}
	return q
}

// Me is who the token stands for.
func (c *Client) Me(ctx context.Context) (Self, error) { return get[Self](ctx, c, "/me", nil) }

// Owed lists what the person owes, most urgent first.
func (c *Client) Owed(ctx context.Context) (Page[Owed], error) {
	return get[Page[Owed]](ctx, c, "/me/owed", nil)
}

// Search finds what the person may see; kind may be "".
func (c *Client) Search(ctx context.Context, text, kind string, p Paging) (Page[Hit], error) {
	q := p.query()
	q.Set("q", text)
	if kind != "" {
		q.Set("kind", kind)
	}
	return get[Page[Hit]](ctx, c, "/search", q)
}

// Organizations lists organizations whose name begins with prefix.
func (c *Client) Organizations(ctx context.Context, prefix string, p Paging) (Page[Org], error) {
	q := p.query()
	if prefix != "" {
		q.Set("prefix", prefix)
	}
	return get[Page[Org]](ctx, c, "/organizations", q)
}

// CaseFilter narrows a list of cases; zero fields do not.
type CaseFilter struct {
	State   string // open, closed, merged
	Program string // id of the program in which they lie
	Text    string // words in number or title
	Sort    string // updated, number, opened, embargo, title
	Desc    bool
}

// Cases lists the person's cases.
func (c *Client) Cases(ctx context.Context, f CaseFilter, p Paging) (Page[Case], error) {
	q := p.query()
	for name, value := range map[string]string{"state": f.State, "program": f.Program, "text": f.Text, "sort": f.Sort} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Desc {
		q.Set("desc", "true")
	}
	return get[Page[Case]](ctx, c, "/cases", q)
}

// Case opens a case by id or number.
func (c *Client) Case(ctx context.Context, ref string) (Case, error) {
	return get[Case](ctx, c, at("cases", ref), nil)
}

// OpenCase opens a new case.
func (c *Client) OpenCase(ctx context.Context, title, summary string, level tlp.Level) (Case, error) {
	return c.OpenCaseIn(ctx, "", title, summary, level)
}

// OpenCaseIn opens a new case in a program, by its id.
func (c *Client) OpenCaseIn(ctx context.Context, program, title, summary string, level tlp.Level) (Case, error) {
	body := object{"title": title, "summary": summary, "tlp": level}
	if program != "" {
		body["program"] = program
	}
	return post[Case](ctx, c, "/cases", body)
}

// CloseCase ends the work on a case.
func (c *Client) CloseCase(ctx context.Context, ref, reason string) (Case, error) {
	return post[Case](ctx, c, at("cases", ref, "close"), object{"reason": reason})
}

// Participants lists the parties of a case that the person may know of.
func (c *Client) Participants(ctx context.Context, ref string) (Page[Participant], error) {
	return get[Page[Participant]](ctx, c, at("cases", ref, "participants"), nil)
}

// Target is one party to invite: by id, or by a mail address.
type Target struct {
	Kind  string `json:"kind,omitempty"` // org or person
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Role  string `json:"role"`
	Email string `json:"email,omitempty"`
	Hide  string `json:"hide_reason,omitempty"`
}

// Invite includes parties in a case; a zero due is the alliance's default.
func (c *Client) Invite(ctx context.Context, ref string, targets []Target, reason string, due time.Time) (Page[Participant], error) {
	return post[Page[Participant]](ctx, c, at("cases", ref, "participants"), struct {
		Targets []Target  `json:"targets"`
		Reason  string    `json:"reason"`
		Due     time.Time `json:"due_at,omitzero"`
	}{targets, reason, due})
}

// InviteByComponent invites everybody in a program ("" for all members) who
// ships a component.
func (c *Client) InviteByComponent(ctx context.Context, ref, program, component, reason string, due time.Time) (Page[Participant], error) {
	return post[Page[Participant]](ctx, c, at("cases", ref, "participants", "by-component"), struct {
		Program   string    `json:"program_id,omitempty"`
		Component string    `json:"component"`
		Reason    string    `json:"reason"`
		Due       time.Time `json:"due_at,omitzero"`
	}{program, component, reason, due})
}

// Nudge asks a silent party for a word.
func (c *Client) Nudge(ctx context.Context, ref, participant string) (Participant, error) {
	return post[Participant](ctx, c, at("cases", ref, "participants", participant, "nudge"), nil)
}

// Invitations lists the invitations that wait for the person's answer.
func (c *Client) Invitations(ctx context.Context) (Page[Invitation], error) {
	return get[Page[Invitation]](ctx, c, "/me/invitations", nil)
}

// Invitation is one invitation with its terms.
func (c *Client) Invitation(ctx context.Context, id string) (Invitation, error) {
	return get[Invitation](ctx, c, at("invitations", id), nil)
}

// Accept accepts the terms that agreement names.
func (c *Client) Accept(ctx context.Context, invitation, agreement string) (Case, error) {
	return post[Case](ctx, c, at("invitations", invitation, "accept"), object{"agreement": agreement})
}

// Decline declines an invitation.
func (c *Client) Decline(ctx context.Context, invitation, reason string) error {
	return c.act(ctx, at("invitations", invitation, "decline"), object{"reason": reason})
}

// Timeline lists a case's events, newest first.
func (c *Client) Timeline(ctx context.Context, ref string, p Paging) (Page[Event], error) {
	return get[Page[Event]](ctx, c, at("cases", ref, "timeline"), p.query())
}

// WhoKnows lists who may open a case, and why.
func (c *Client) WhoKnows(ctx context.Context, ref string) (json.RawMessage, error) {
	return get[json.RawMessage](ctx, c, at("cases", ref, "who-knows"), nil)
}

// MatrixCSV opens the vendor matrix as CSV.
func (c *Client) MatrixCSV(ctx context.Context, ref string) (*Attachment, error) {
	return c.Attachment(ctx, at("cases", ref, "matrix.csv"))
}

// ExportCase opens the ZIP of all that the person may see of a case. The
// case's coordinators learn that a copy was taken.
func (c *Client) ExportCase(ctx context.Context, ref string) (*Attachment, error) {
	return c.Attachment(ctx, at("cases", ref, "export"))
}
