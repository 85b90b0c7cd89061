package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Agreement is something that members have to agree to, with its present
// version.
type Agreement struct {
	ID        string        `json:"id"`
	Kind      string        `json:"kind"` // nda, memorandum, program, antitrust, case
	Title     string        `json:"title"`
	Sight     string        `json:"sight"` // who may read it: public, members, concerned
	Program   string        `json:"program_id"`
	Also      []string      `json:"also"`  // ids of agreements that satisfy this one too
	State     string        `json:"state"` // active, withdrawn
	CreatedAt time.Time     `json:"created_at"`
	Version   int64         `json:"version"`
	Current   AgreementText `json:"current"`
}

// AgreementText is one version of an agreement.
type AgreementText struct {
	ID         string    `json:"id"`
	Agreement  string    `json:"agreement_id"`
	Number     int       `json:"number"`
	Body       string    `json:"body"` // Markdown
	Note       string    `json:"note"`
	Demands    bool      `json:"demands"`
	Generation string    `json:"generation_id"`
	Author     string    `json:"author"`
	At         time.Time `json:"at"`
	Title      string    `json:"title"`
	Kind       string    `json:"kind"`
}

// Acceptance is that somebody agreed to a version.
type Acceptance struct {
	ID        string `json:"id"`
	Agreement string `json:"agreement_id"`
	Title     string `json:"title"`
	Text      string `json:"version_id"`
	Number    int    `json:"number"`
	Party     struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	} `json:"party"`
	Name      string    `json:"party_name"`
	Person    string    `json:"person"`
	By        string    `json:"person_name"`
	Signer    string    `json:"signer"`
	Paper     string    `json:"paper"`
	Address   string    `json:"address"` // empty for who may not know
	At        time.Time `json:"at"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	EndReason string    `json:"end_reason,omitempty"`
	Valid     bool      `json:"valid"`
}

// OwedAgreement waits for acceptance by somebody whom the person speaks for.
type OwedAgreement struct {
	Text  AgreementText `json:"version"`
	Org   string        `json:"org_id"` // empty: in one's own name
	Name  string        `json:"org_name"`
	Since time.Time     `json:"since"`
}

// AgreementFields are an agreement's facts; what is nil stays as it is.
type AgreementFields struct {
	Title   *string   `json:"title,omitempty"`
	Kind    *string   `json:"kind,omitempty"`
	Sight   *string   `json:"sight,omitempty"`
	Program *string   `json:"program_id,omitempty"`
	Also    *[]string `json:"also,omitempty"`
}

// AgreementEffects is whom a version blocks that demands acceptance anew.
type AgreementEffects struct {
	Blocked  []Affected `json:"blocked"`
	Waiting  []Affected `json:"waiting"`
	Kept     []Affected `json:"kept"`
	Programs []Affected `json:"programs"`
	Records  int        `json:"records"`
	Unnamed  struct {
		Blocked  int `json:"blocked"`
		Waiting  int `json:"waiting"`
		Kept     int `json:"kept"`
		Programs int `json:"programs"`
	} `json:"unnamed"` // whom the person may not know to be concerned
}

// Affected is an organization, a person or a program.
type Affected struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// AgreementDiff is two versions, line by line.
type AgreementDiff struct {
	From  int `json:"from"`
	To    int `json:"to"`
	Lines []struct {
		Op    string `json:"op"` // same, add, del, fold
		Parts []struct {
			Text    string `json:"text"`
			Changed bool   `json:"changed"`
		} `json:"parts"`
	} `json:"lines"`
}

// Agreements lists agreements of a kind ("": all), those withdrawn too.
func (c *Client) Agreements(ctx context.Context, kind string, withdrawn bool) (Page[Agreement], error) {
	return get[Page[Agreement]](ctx, c, "/agreements", url.Values{"kind": {kind}, "withdrawn": {strconv.FormatBool(withdrawn)}})
}

// Agreement is one agreement; "case-terms" are the case terms.
func (c *Client) Agreement(ctx context.Context, id string) (Agreement, error) {
	return get[Agreement](ctx, c, at("agreements", id), nil)
}

// MakeAgreement writes an agreement with its first version.
func (c *Client) MakeAgreement(ctx context.Context, in AgreementFields, body string) (Agreement, error) {
	return post[Agreement](ctx, c, "/agreements", struct {
		AgreementFields
		Body string `json:"body"`
	}{in, body})
}

// ChangeAgreement changes an agreement's facts; version is the one seen.
func (c *Client) ChangeAgreement(ctx context.Context, id string, in AgreementFields, version int64) (Agreement, error) {
	return change[Agreement](ctx, c, http.MethodPatch, at("agreements", id), in, version)
}

// ReviseAgreement writes a new version; demands: everybody accepts anew.
func (c *Client) ReviseAgreement(ctx context.Context, id, body, note string, demands bool, version int64) (Agreement, error) {
	return change[Agreement](ctx, c, http.MethodPut, at("agreements", id, "text"), object{"body": body, "note": note, "demands": demands}, version)
}

// TurnAgreement makes an agreement "withdrawn", or "active" again.
func (c *Client) TurnAgreement(ctx context.Context, id, state string, version int64) (Agreement, error) {
	return change[Agreement](ctx, c, http.MethodPut, at("agreements", id, "state"), object{"state": state}, version)
}

// AgreementTexts lists an agreement's versions, newest first.
func (c *Client) AgreementTexts(ctx context.Context, id string) (Page[AgreementText], error) {
	return get[Page[AgreementText]](ctx, c, at("agreements", id, "versions"), nil)
}

// CompareAgreement compares two versions; 0 stands for the present one, and
// for the one before it.
func (c *Client) CompareAgreement(ctx context.Context, id string, from, to int) (AgreementDiff, error) {
	return get[AgreementDiff](ctx, c, at("agreements", id, "diff"), url.Values{"from": {strconv.Itoa(from)}, "to": {strconv.Itoa(to)}})
}

// AgreementEffects previews whom a version blocks that demands acceptance
// anew.
func (c *Client) AgreementEffects(ctx context.Context, id string) (AgreementEffects, error) {
	return get[AgreementEffects](ctx, c, at("agreements", id, "effects"), nil)
}

// OwedAgreements lists what the person has still to accept, for whom.
func (c *Client) OwedAgreements(ctx context.Context) (Page[OwedAgreement], error) {
	return get[Page[OwedAgreement]](ctx, c, "/agreements/owed", nil)
}

// AcceptAgreement accepts the version with the id text, which must be the
// present one, for an organization or ("") in one's own name.
func (c *Client) AcceptAgreement(ctx context.Context, id, text, org string) (Acceptance, error) {
	return post[Acceptance](ctx, c, at("agreements", id, "acceptances"), object{"version_id": text, "org_id": org})
}

// RecordPaper records that an organization signed the present version on
// paper; a zero time is now.
func (c *Client) RecordPaper(ctx context.Context, id, text, org, signer, where string, signed time.Time) (Acceptance, error) {
	in := object{"version_id": text, "org_id": org, "signer": signer, "paper": where}
	if !signed.IsZero() {
		in["signed_at"] = signed
	}
	return post[Acceptance](ctx, c, at("agreements", id, "papers"), in)
}

// Acceptances lists acceptances, newest first: of one agreement or ("") all.
func (c *Client) Acceptances(ctx context.Context, agreement string, p Paging) (Page[Acceptance], error) {
	q := p.query()
	q.Set("agreement", agreement)
	return get[Page[Acceptance]](ctx, c, "/agreements/acceptances", q)
}

// EndAcceptance ends an acceptance.
func (c *Client) EndAcceptance(ctx context.Context, id, reason string) (Acceptance, error) {
	return post[Acceptance](ctx, c, at("agreements", "acceptances", id, "end"), object{"reason": reason})
}

// ExportAcceptances writes the acceptances of one agreement or ("") all as
// CSV.
func (c *Client) ExportAcceptances(ctx context.Context, agreement string, w io.Writer) (int64, error) {
	return c.Download(ctx, "/agreements/acceptances.csv?"+url.Values{"agreement": {agreement}}.Encode(), w)
}
