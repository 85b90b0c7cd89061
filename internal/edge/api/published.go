package api

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/response/advisory"
	"tocsin/spec/tlp"
)

// document is a published advisory, the alliance's own or another
// publisher's.
type document struct {
	Slug       string    `json:"slug"`
	Publisher  string    `json:"publisher"`
	Namespace  string    `json:"namespace"`
	TrackingID string    `json:"tracking_id"`
	Title      string    `json:"title"`
	Category   string    `json:"category"`
	TLP        tlp.Level `json:"tlp"`
	Release    time.Time `json:"released_at"`
	Current    time.Time `json:"updated_at"`
	Revision   string    `json:"revision"`
	Summary    string    `json:"summary"`
	SHA256     string    `json:"sha256"`
	SHA512     string    `json:"sha512"`
	Size       int64     `json:"size"`
	Signature  string    `json:"signature,omitempty" doc:"Armored, detached OpenPGP signature of the CSAF document."`
	SignedBy   string    `json:"signed_by,omitempty" doc:"Fingerprint."`
	Page       string    `json:"page" doc:"For people."`
	CSAF       string    `json:"csaf" doc:"The CSAF document, byte for byte as signed."`
}

func (c *call) document(d advisory.Document) document {
	return document{Slug: d.Slug, Publisher: d.Publisher, Namespace: d.Namespace, TrackingID: d.TrackingID, Title: d.Title, Category: d.Category, TLP: d.Level, Release: d.Release,
		Current: d.CurrentAt, Revision: d.Revision, Summary: d.Summary, SHA256: d.SHA256, SHA512: d.SHA512, Size: d.Size, Signature: d.Signature, SignedBy: d.SignedBy,
		Page: c.URL + d.PageURL(), CSAF: c.URL + v1 + "/advisories/" + d.Slug + "/csaf"}
}

type publishedQuery struct {
	Listing
	Text      string `query:"text" maxLength:"200" doc:"Words in title, tracking id or publisher."`
	Publisher string `query:"publisher" maxLength:"500" doc:"Exact namespace."`
	Own       bool   `query:"own" doc:"The alliance's own only."`
}

func listPublished(c *call, tx *db.Tx, in *publishedQuery) (page[document], error) {
	l, err := advisory.Published(tx, c.Actor, advisory.Filter{Text: in.Text, Publisher: in.Publisher, Own: in.Own, Limit: in.Limit, Cursor: in.Cursor})
	var out []document
	for _, d := range l.Documents {
		out = append(out, c.document(d))
	}
	return pageOf(out, l.Next, l.Total), err
}

// OfSlug names a published advisory.
type OfSlug struct {
	Slug string `path:"slug" maxLength:"300" doc:"Slug or number."`
}

func showPublished(c *call, tx *db.Tx, in *OfSlug) (document, error) {
	p, err := advisory.Page(tx, c.Actor, in.Slug)
	if err != nil {
		return document{}, err
	}
	return c.document(p.Document), nil
}

func fetchCSAF(c *call, tx *db.Tx, in *OfSlug) (download, error) {
	p, err := advisory.Page(tx, c.Actor, in.Slug)
	if err != nil {
		return download{}, err
	}
	body, err := advisory.Bytes(tx, p.Document)
	return download{name: p.File, text: body}, err
}

type ofPublicCase struct {
	Number string `path:"number" maxLength:"64"`
}

func showPublicCase(_ *call, tx *db.Tx, in *ofPublicCase) (advisory.CaseFacts, error) {
	return advisory.PublicCase(tx, in.Number)
}
