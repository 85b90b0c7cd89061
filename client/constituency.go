package client

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"tocsin/spec/tlp"
)

// Claim is that an organization answers for something.
type Claim struct {
	ID        string    `json:"id"`
	Org       string    `json:"org"`
	OrgName   string    `json:"org_name"`
	OrgClass  string    `json:"org_class"`
	Kind      string    `json:"kind"` // asn, prefix, domain, country, sector, product
	Value     string    `json:"value"`
	Note      string    `json:"note,omitempty"`
	State     string    `json:"state"` // claimed, proving, proven, disputed, expired, refused, withdrawn
	Reason    string    `json:"reason,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	Version   int64     `json:"version"`
	TLP       tlp.Level `json:"tlp"`
	Method    string    `json:"method,omitempty"` // dns, mail, note
	Evidence  string    `json:"evidence,omitempty"`
	ProvenAt  time.Time `json:"proven_at,omitzero"`
	Until     time.Time `json:"until,omitzero"`
	// Inside is for the organization and the coordinators; nil for others.
	Inside *ClaimInside `json:"inside,omitempty"`
}

// ClaimInside is what only the organization and the coordinators see.
type ClaimInside struct {
	Registry       string          `json:"registry,omitempty"`
	RegistrySource string          `json:"registry_source,omitempty"`
	Challenge      *ClaimChallenge `json:"challenge,omitempty"`
	CheckedAt      time.Time       `json:"checked_at,omitzero"`
	CheckNote      string          `json:"check_note,omitempty"`
}

// ClaimChallenge is what has to be answered to prove a claim.
type ClaimChallenge struct {
	Method string    `json:"method"`
	Record string    `json:"record"` // of dns: name of the TXT record
	Text   string    `json:"text,omitempty"`
	To     string    `json:"to,omitempty"` // of mail
	Until  time.Time `json:"until"`
}

// ClaimAnswer says who answers for what was asked.
type ClaimAnswer struct {
	Kind   string  `json:"kind"`
	Value  string  `json:"value"`
	Claims []Claim `json:"claims"` // the most particular first
	First  int     `json:"first"`  // how many are equally particular
	Note   string  `json:"note,omitempty"`
}

// Overlap is that two organizations claim the same, or one a part of what the
// other claims.
type Overlap struct {
	ID        string    `json:"id"`
	Relation  string    `json:"relation"` // of First to Second: equal, contains
	First     Claim     `json:"first"`
	Second    Claim     `json:"second"`
	State     string    `json:"state"` // open, disputed, settled
	Decision  string    `json:"decision,omitempty"`
	Owner     string    `json:"owner,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	MadeAt    time.Time `json:"made_at"`
	DecidedAt time.Time `json:"decided_at,omitzero"`
	Version   int64     `json:"version"`
}

// ClaimQuery narrows a list of claims.
type ClaimQuery struct {
	Org, Kind, State, Text, Sort string
	All, Desc                    bool
}

func (f ClaimQuery) query(p Paging) url.Values {
	q := p.query()
	for k, v := range map[string]string{"org": f.Org, "kind": f.Kind, "state": f.State, "text": f.Text, "sort": f.Sort} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if f.All {
		q.Set("all", "true")
	}
	if f.Desc {
		q.Set("desc", "true")
	}
	return q
}

// WhoAnswersFor says who answers for an address, a domain, a country …
func (c *Client) WhoAnswersFor(ctx context.Context, question string) (ClaimAnswer, error) {
	return get[ClaimAnswer](ctx, c, "/constituency/answers", url.Values{"question": {question}})
}

// Claims lists what organizations say they answer for.
func (c *Client) Claims(ctx context.Context, f ClaimQuery, p Paging) (Page[Claim], error) {
	return get[Page[Claim]](ctx, c, "/constituency/claims", f.query(p))
}

// ClaimsCSV opens the same as CSV.
func (c *Client) ClaimsCSV(ctx context.Context, f ClaimQuery) (*Attachment, error) {
	return c.Attachment(ctx, "/constituency/claims.csv?"+f.query(Paging{}).Encode())
}

// Claim is one claim.
func (c *Client) Claim(ctx context.Context, id string) (Claim, error) {
	return get[Claim](ctx, c, at("constituency", "claims", id), nil)
}

// DeclareClaim says that an organization answers for something.
func (c *Client) DeclareClaim(ctx context.Context, org, kind, value, note string) (Claim, error) {
	return post[Claim](ctx, c, at("organizations", org, "claims"), object{"kind": kind, "value": value, "note": note})
}

// ImportClaims declares a sheet of claims, all or none, and tells how many
// were new and how many were there.
func (c *Client) ImportClaims(ctx context.Context, org, sheet string) (declared, same int, err error) {
	out, err := post[struct{ Declared, Same int }](ctx, c, at("organizations", org, "claims", "import"), object{"sheet": sheet})
	return out.Declared, out.Same, err
}

// ChallengeClaim asks for a proof: "dns", or "mail" to an address.
func (c *Client) ChallengeClaim(ctx context.Context, id, method, address string) (Claim, error) {
	return post[Claim](ctx, c, at("constituency", "claims", id, "challenge"), object{"method": method, "address": address})
}

// CheckClaim looks the record of a challenge up.
func (c *Client) CheckClaim(ctx context.Context, id string) (Claim, error) {
	return post[Claim](ctx, c, at("constituency", "claims", id, "check"), nil)
}

// ConfirmClaim confirms a claim with a note.
func (c *Client) ConfirmClaim(ctx context.Context, id, note string) (Claim, error) {
	return post[Claim](ctx, c, at("constituency", "claims", id, "confirm"), object{"note": note})
}

// RefuseClaim refuses an unproven claim.
func (c *Client) RefuseClaim(ctx context.Context, id, reason string) (Claim, error) {
	return post[Claim](ctx, c, at("constituency", "claims", id, "refuse"), object{"reason": reason})
}

// WithdrawClaim takes a claim back.
func (c *Client) WithdrawClaim(ctx context.Context, id string) (Claim, error) {
	return post[Claim](ctx, c, at("constituency", "claims", id, "withdraw"), nil)
}

// NoteRegistry notes the contact that a registry names, and where.
func (c *Client) NoteRegistry(ctx context.Context, id, address, source string) (Claim, error) {
	return post[Claim](ctx, c, at("constituency", "claims", id, "registry"), object{"address": address, "source": source})
}

// Overlaps lists where two organizations claim the same; settled says that
// settled ones are wanted too.
func (c *Client) Overlaps(ctx context.Context, org string, settled bool, p Paging) (Page[Overlap], error) {
	q := p.query()
	if org != "" {
		q.Set("org", org)
	}
	q.Set("all", strconv.FormatBool(settled))
	return get[Page[Overlap]](ctx, c, "/constituency/overlaps", q)
}

// Overlap is one overlap.
func (c *Client) Overlap(ctx context.Context, id string) (Overlap, error) {
	return get[Overlap](ctx, c, at("constituency", "overlaps", id), nil)
}

// DisputeOverlap puts an overlap into dispute.
func (c *Client) DisputeOverlap(ctx context.Context, id, reason string) (Overlap, error) {
	return post[Overlap](ctx, c, at("constituency", "overlaps", id, "dispute"), object{"reason": reason})
}

// SettleOverlap settles an overlap: "shared", "one" (owner is the claim it
// belongs to) or "split"; version is the one seen.
func (c *Client) SettleOverlap(ctx context.Context, id, decision, owner, reason string, version int64) (Overlap, error) {
	return post[Overlap](ctx, c, at("constituency", "overlaps", id, "settle"), object{"decision": decision, "owner": owner, "reason": reason, "version": version})
}

// AnswerClaimLink answers the question of a mailed link, once.
func (c *Client) AnswerClaimLink(ctx context.Context, secret string, yes bool) error {
	answer := "no"
	if yes {
		answer = "yes"
	}
	return c.act(ctx, at("constituency", "links", secret), object{"answer": answer})
}
