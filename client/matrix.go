package client

import (
	"context"
	"net/http"
	"net/url"
)

// Matrix is a case's vendors by its vulnerabilities.
func (c *Client) Matrix(ctx context.Context, ref string) (Board, error) {
	return get[Board](ctx, c, at("cases", ref, "matrix"), nil)
}

// Vulnerabilities lists a case's vulnerabilities.
func (c *Client) Vulnerabilities(ctx context.Context, ref string) (Page[Vulnerability], error) {
	return get[Page[Vulnerability]](ctx, c, at("cases", ref, "vulnerabilities"), nil)
}

// AddVulnerability adds one; empty fields stay empty.
func (c *Client) AddVulnerability(ctx context.Context, ref string, v Vulnerability) (Vulnerability, error) {
	body := object{"title": v.Title, "description": v.Description, "cve": v.CVE, "cwe": v.CWE, "cvss31": v.CVSS31, "cvss40": v.CVSS40}
	if v.References != nil {
		body["references"] = v.References
	}
	if v.Credits != nil {
		body["credits"] = v.Credits
	}
	return post[Vulnerability](ctx, c, at("cases", ref, "vulnerabilities"), body)
}

// AddProduct adds a product of a participant.
func (c *Client) AddProduct(ctx context.Context, ref string, p Product) (Product, error) {
	return post[Product](ctx, c, at("cases", ref, "products"), object{"participant_id": p.Participant, "name": p.Name, "purl": p.PURL, "cpe": p.CPE})
}

func cellOf(ref string, s Status) (path string, query url.Values) {
	query = url.Values{}
	if s.Product != "" {
		query.Set("product", s.Product)
	}
	return at("cases", ref, "statuses", s.Participant) + "/" + url.PathEscape(s.Vulnerability), query
}

// Status is one cell of the matrix; Version 0 while nothing was said.
func (c *Client) Status(ctx context.Context, ref, participant, vulnerability, product string) (Status, error) {
	path, q := cellOf(ref, Status{Participant: participant, Vulnerability: vulnerability, Product: product})
	return get[Status](ctx, c, path, q)
}

// SetStatus says where a party stands; s.Version is the version seen.
func (c *Client) SetStatus(ctx context.Context, ref string, s Status) (out Status, err error) {
	path, q := cellOf(ref, s)
	body := object{"status": s.Status, "justification": s.Justification, "statement": s.Statement}
	if s.Affected != nil {
		body["affected_versions"] = s.Affected
	}
	if s.Fixed != nil {
		body["fixed_versions"] = s.Fixed
	}
	_, err = c.Do(ctx, Request{Method: http.MethodPut, Path: path, Query: q, Body: body, Match: ETag(s.Version)}, &out)
	return out, err
}

// SetTracker sets the party's own number for the case.
func (c *Client) SetTracker(ctx context.Context, ref, participant, number string) error {
	return c.act(ctx, at("cases", ref, "participants", participant, "tracker"), object{"number": number})
}
