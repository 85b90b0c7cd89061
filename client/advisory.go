package client

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"tocsin/spec/tlp"
)

// Advisory is an advisory in work.
type Advisory struct {
	ID         string          `json:"id"`
	Number     string          `json:"number"`
	Case       string          `json:"case_id"`
	State      string          `json:"state"`
	TLP        tlp.Level       `json:"tlp"`
	Title      string          `json:"title"`
	Version    int64           `json:"version"` // of the text
	Approved   int64           `json:"approved_version"`
	Released   int64           `json:"released_version"`
	ReleaseTLP tlp.Level       `json:"release_tlp"`
	ReleaseAt  time.Time       `json:"release_at,omitzero"`
	ReleasedAt time.Time       `json:"released_at,omitzero"`
	Revision   int64           `json:"revision"`
	UpdatedAt  time.Time       `json:"updated_at"`
	Content    json.RawMessage `json:"content,omitempty"` // the text, when it was asked for
}

// Published is an advisory that is out.
type Published struct {
	Slug       string    `json:"slug"`
	Publisher  string    `json:"publisher"`
	TrackingID string    `json:"tracking_id"`
	Title      string    `json:"title"`
	Category   string    `json:"category"`
	TLP        tlp.Level `json:"tlp"`
	ReleasedAt time.Time `json:"released_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	Revision   string    `json:"revision"`
	Summary    string    `json:"summary"`
	SHA256     string    `json:"sha256"`
	Page       string    `json:"page"`
	CSAF       string    `json:"csaf"`
}

// Advisories lists published advisories; text narrows, own shows the
// alliance's only.
func (c *Client) Advisories(ctx context.Context, text string, own bool, p Paging) (Page[Published], error) {
	q := p.query()
	if text != "" {
		q.Set("text", text)
	}
	if own {
		q.Set("own", "true")
	}
	return get[Page[Published]](ctx, c, "/advisories", q)
}

// Advisory is one published advisory.
func (c *Client) Advisory(ctx context.Context, slug string) (Published, error) {
	return get[Published](ctx, c, at("advisories", slug), nil)
}

// CSAF copies an advisory's CSAF document as it was signed.
func (c *Client) CSAF(ctx context.Context, slug string, w io.Writer) error {
	_, err := c.Download(ctx, at("advisories", slug, "csaf"), w)
	return err
}

// Drafts lists advisories in work.
func (c *Client) Drafts(ctx context.Context) (Page[Advisory], error) {
	return get[Page[Advisory]](ctx, c, "/me/drafts", nil)
}

// Draft opens an advisory in work, with its text.
func (c *Client) Draft(ctx context.Context, ref string) (Advisory, error) {
	return get[Advisory](ctx, c, at("drafts", ref), nil)
}

// DraftFrom drafts an advisory from what a case knows.
func (c *Client) DraftFrom(ctx context.Context, caseRef string) (Advisory, error) {
	return post[Advisory](ctx, c, at("cases", caseRef, "advisories"), nil)
}

// WriteDraft makes a new version of the text; version is the one it was made
// from.
func (c *Client) WriteDraft(ctx context.Context, ref string, content json.RawMessage, note string, version int64) (out Advisory, err error) {
	_, err = c.Do(ctx, Request{Method: http.MethodPut, Path: at("drafts", ref), Body: object{"content": content, "note": note}, Match: ETag(version)}, &out)
	return out, err
}

// Submit asks for a second pair of eyes on a version of the text.
func (c *Client) Submit(ctx context.Context, ref string, version int64) (Advisory, error) {
	return post[Advisory](ctx, c, at("drafts", ref, "submit"), object{"version": version})
}

// Approve approves a version of the text that somebody else wrote.
func (c *Client) Approve(ctx context.Context, ref string, version int64) (Advisory, error) {
	return post[Advisory](ctx, c, at("drafts", ref, "approve"), object{"version": version})
}

// ReturnDraft sends the text back to its writers.
func (c *Client) ReturnDraft(ctx context.Context, ref, reason string, version int64) (Advisory, error) {
	return post[Advisory](ctx, c, at("drafts", ref, "return"), object{"version": version, "reason": reason})
}

// Plan is a release: what, when, for whom.
type Plan struct {
	Version int64     `json:"version"`
	At      time.Time `json:"at,omitzero"` // zero: at the embargo's end
	TLP     tlp.Level `json:"tlp"`
	Program string    `json:"program_id,omitempty"`
	Note    string    `json:"note,omitempty"`
}

// Schedule sets the release instant and prepares everything for it.
func (c *Client) Schedule(ctx context.Context, ref string, p Plan) (Advisory, error) {
	return post[Advisory](ctx, c, at("drafts", ref, "schedule"), p)
}

// Release releases at once; p.At is not used.
func (c *Client) Release(ctx context.Context, ref string, p Plan) (Advisory, error) {
	p.At = time.Time{}
	return post[Advisory](ctx, c, at("drafts", ref, "release"), p)
}
