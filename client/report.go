package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
)

// SubmitReport reports a flaw; no account is needed. The same key (at least
// 16 characters) makes the same report; "" makes a new one.
func (c *Client) SubmitReport(ctx context.Context, r NewReport, key string) (out Receipt, err error) {
	_, err = c.Do(ctx, Request{Method: http.MethodPost, Path: "/reports", Body: r, Key: key}, &out)
	return out, err
}

// Follow shows a finder where their report stands; see AsFinder.
func (c *Client) Follow(ctx context.Context) (FinderStatus, error) {
	return get[FinderStatus](ctx, c, "/report", nil)
}

// AddToReport is a finder's addition; toReport makes it part of the report.
func (c *Client) AddToReport(ctx context.Context, text string, toReport bool) (ReportMessage, error) {
	return post[ReportMessage](ctx, c, "/report/messages", object{"text": text, "to_report": toReport})
}

// ReplyToQuestion is a finder's answer.
func (c *Client) ReplyToQuestion(ctx context.Context, question, text string) (ReportMessage, error) {
	return post[ReportMessage](ctx, c, at("report/questions", question, "reply"), object{"text": text})
}

// AttachToReport is a finder's file.
func (c *Client) AttachToReport(ctx context.Context, name string, content io.ReadSeeker, toReport bool) error {
	q := upload(name, "")
	if toReport {
		q.Set("to_report", "true")
	}
	_, err := c.Do(ctx, Request{Method: http.MethodPost, Path: "/report/files", Query: q, Raw: content}, nil)
	return err
}

// Reports is the coordinators' queue; all includes those with an outcome.
func (c *Client) Reports(ctx context.Context, all bool, p Paging) (Page[Report], error) {
	q := p.query()
	if all {
		q.Set("all", "true")
	}
	return get[Page[Report]](ctx, c, "/reports", q)
}

// OwnReports lists reports the person sent or was handed.
func (c *Client) OwnReports(ctx context.Context) (Page[Report], error) {
	return get[Page[Report]](ctx, c, "/me/reports", nil)
}

// Report opens a report by id or number.
func (c *Client) Report(ctx context.Context, ref string) (OpenedReport, error) {
	return get[OpenedReport](ctx, c, at("reports", ref), nil)
}

// Triage moves a report: validate, invalidate, accept, defer or close.
func (c *Client) Triage(ctx context.Context, ref, move, reason, note string, version int64) (Report, error) {
	return post[Report](ctx, c, at("reports", ref, "move"), object{"move": move, "reason": reason, "note": note, "version": version})
}

// ScopeReport decides whether a report is the alliance's business.
func (c *Client) ScopeReport(ctx context.Context, ref string, in bool, reason string, version int64) (Report, error) {
	return post[Report](ctx, c, at("reports", ref, "scope"), object{"in_scope": in, "reason": reason, "version": version})
}

// TakeReport makes the person its owner.
func (c *Client) TakeReport(ctx context.Context, ref string, version int64) (Report, error) {
	return post[Report](ctx, c, at("reports", ref, "take"), object{"version": version})
}

// HandOver gives a report to the one vendor it concerns.
func (c *Client) HandOver(ctx context.Context, ref, org, reason, note string, version int64) (Report, error) {
	return post[Report](ctx, c, at("reports", ref, "hand-over"), object{"org_id": org, "reason": reason, "note": note, "version": version})
}

// CaseFromReport is what a case is made with out of a report.
type CaseFromReport struct {
	Title   string `json:"title,omitempty"`
	Summary string `json:"summary,omitempty"`
	TLP     string `json:"tlp"`
	Reason  string `json:"reason,omitempty"`
	Note    string `json:"note,omitempty"`
	Version int64  `json:"version"`
}

// MakeCase makes a case of a report.
func (c *Client) MakeCase(ctx context.Context, ref string, in CaseFromReport) (Case, error) {
	return post[Case](ctx, c, at("reports", ref, "case"), in)
}

// MergeReport joins a report to a running case.
func (c *Client) MergeReport(ctx context.Context, ref, caseRef, reason string, version int64) (Report, error) {
	return post[Report](ctx, c, at("reports", ref, "merge"), object{"case": caseRef, "reason": reason, "version": version})
}

// AskFinder asks the finder of a report.
func (c *Client) AskFinder(ctx context.Context, ref, text string) (ReportMessage, error) {
	return post[ReportMessage](ctx, c, at("reports", ref, "questions"), object{"text": text})
}

// SecretOf is the secret in a finder's link.
func SecretOf(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Path == "" {
		return link
	}
	for i := len(u.Path) - 1; i >= 0; i-- {
		if u.Path[i] == '/' {
			return u.Path[i+1:]
		}
	}
	return link
}
