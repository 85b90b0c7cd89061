package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"tocsin/spec/ballot"
	"tocsin/spec/tlp"
)

// Seat is an executive's place on the board.
type Seat struct {
	ID             string    `json:"id"`
	Org            string    `json:"org"`
	OrgName        string    `json:"org_name"`
	Person         string    `json:"person"`
	Name           string    `json:"name"`
	Substitute     string    `json:"substitute,omitempty"`
	SubstituteName string    `json:"substitute_name,omitempty"`
	From           time.Time `json:"from"`
	Until          time.Time `json:"until,omitzero"`
	EndedAt        time.Time `json:"ended_at,omitzero"`
	EndReason      string    `json:"end_reason,omitempty"`
	Version        int64     `json:"version"`
}

// Motion is a question put to the board, with its ballot.
type Motion struct {
	ID        string          `json:"id"`
	Number    string          `json:"number"`
	Kind      string          `json:"kind"`
	Title     string          `json:"title"`
	Text      string          `json:"text"`
	Object    Object          `json:"object"`
	Proposal  json.RawMessage `json:"proposal,omitempty"`
	Proposer  string          `json:"proposer"`
	Sealed    bool            `json:"sealed"`
	Rules     ballot.Rules    `json:"rules"`
	Early     bool            `json:"early"`
	Level     tlp.Level       `json:"tlp"`
	State     ballot.State    `json:"state"`
	CreatedAt time.Time       `json:"created_at"`
	Deadline  time.Time       `json:"deadline"`
	OpenedAt  time.Time       `json:"opened_at,omitzero"`
	ClosedAt  time.Time       `json:"closed_at,omitzero"`
	DecidedAt time.Time       `json:"decided_at,omitzero"`
	Decision  string          `json:"decision,omitempty"`
	Result    *ballot.Result  `json:"result,omitempty"`
	Effect    string          `json:"effect,omitempty"`   // "done", "hindered" or ""
	Obstacle  string          `json:"obstacle,omitempty"` // why it could not be done
	Version   int64           `json:"version"`
}

// Object names a record.
type Object struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// NewMotion is what a motion is written or changed with; nil leaves a field
// as it is, or to its default.
type NewMotion struct {
	Kind       *string          `json:"kind,omitempty"`
	Title      *string          `json:"title,omitempty"`
	Text       *string          `json:"text,omitempty"`
	ObjectKind *string          `json:"object_kind,omitempty"`
	Object     *string          `json:"object_id,omitempty"`
	Proposal   *json.RawMessage `json:"proposal,omitempty"`
	Sealed     *bool            `json:"sealed,omitempty"`
	Quorum     *string          `json:"quorum,omitempty"`   // "1/2"
	Majority   *string          `json:"majority,omitempty"` // "2/3"
	Early      *bool            `json:"early,omitempty"`
	Level      *tlp.Level       `json:"tlp,omitempty"`
	Deadline   *time.Time       `json:"deadline,omitempty"`
}

// BallotReceipt says that a vote was taken.
type BallotReceipt struct {
	Motion string    `json:"motion"`
	Seat   string    `json:"seat"`
	At     time.Time `json:"at"`
}

// BallotVote is a vote of an open ballot.
type BallotVote struct {
	Seat   string        `json:"seat"`
	Voter  string        `json:"voter"`
	Choice ballot.Choice `json:"choice"`
	Reason string        `json:"reason,omitempty"`
	At     time.Time     `json:"at"`
}

// BallotPaper is a seat for which the person may vote.
type BallotPaper struct {
	Seat       Seat      `json:"seat"`
	Substitute bool      `json:"substitute"`
	Voted      time.Time `json:"voted,omitzero"`
	ByMe       bool      `json:"by_me,omitempty"`
	Barred     string    `json:"barred,omitempty"` // why no vote is taken; "" if one is
}

// Elector is a seat of a motion's electorate.
type Elector struct {
	Seat     Seat            `json:"seat"`
	Standing ballot.Standing `json:"standing"`
}

// Recusal says that a seat takes no part.
type Recusal struct {
	Seat   string    `json:"seat"`
	Person string    `json:"person,omitempty"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// Recounted is what a recount came to.
type Recounted struct {
	Same   bool          `json:"same"`
	Result ballot.Result `json:"result"`
}

// MotionQuery narrows a list of motions; "" is all.
type MotionQuery struct {
	State, Kind, Text string
	Paging
}

func motion(ref string) string { return "/board" + at("motions", ref) }

// Seats lists who sits on the board; past adds those that have ended.
func (c *Client) Seats(ctx context.Context, past bool) (Page[Seat], error) {
	q := url.Values{}
	if past {
		q.Set("past", "true")
	}
	return get[Page[Seat]](ctx, c, "/board/seats", q)
}

// Appoint gives an executive a seat. Of in, Org, Person, Substitute, From and
// Until are read.
func (c *Client) Appoint(ctx context.Context, in Seat) (Seat, error) {
	body := object{"org_id": in.Org, "person_id": in.Person}
	if in.Substitute != "" {
		body["substitute_id"] = in.Substitute
	}
	if !in.From.IsZero() {
		body["from"] = in.From
	}
	if !in.Until.IsZero() {
		body["until"] = in.Until
	}
	return post[Seat](ctx, c, "/board/seats", body)
}

// Substitute names a seat's substitute, or none with "".
func (c *Client) Substitute(ctx context.Context, seat, person string) (out Seat, err error) {
	s, err := get[Seat](ctx, c, "/board"+at("seats", seat), nil)
	if err != nil {
		return out, err
	}
	_, err = c.Do(ctx, Request{Method: http.MethodPatch, Path: "/board" + at("seats", seat), Body: object{"substitute_id": person}, Match: ETag(s.Version)}, &out)
	return out, err
}

// EndSeat ends a seat now.
func (c *Client) EndSeat(ctx context.Context, seat, reason string) (Seat, error) {
	return post[Seat](ctx, c, "/board"+at("seats", seat, "end"), object{"reason": reason})
}

// Motions lists motions, newest first.
func (c *Client) Motions(ctx context.Context, in MotionQuery) (Page[Motion], error) {
	q := in.query()
	for name, v := range map[string]string{"state": in.State, "kind": in.Kind, "text": in.Text} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return get[Page[Motion]](ctx, c, "/board/motions", q)
}

// Awaiting lists the open ballots that wait for the person's vote.
func (c *Client) Awaiting(ctx context.Context) (Page[Motion], error) {
	return get[Page[Motion]](ctx, c, "/board/awaiting", nil)
}

// Motion reads a motion by id or number.
func (c *Client) Motion(ctx context.Context, ref string) (Motion, error) {
	return get[Motion](ctx, c, motion(ref), nil)
}

// ProposeMotion writes a draft.
func (c *Client) ProposeMotion(ctx context.Context, in NewMotion) (Motion, error) {
	return post[Motion](ctx, c, "/board/motions", in)
}

// ReviseMotion changes a draft of the version that was read.
func (c *Client) ReviseMotion(ctx context.Context, ref string, version int64, in NewMotion) (out Motion, err error) {
	_, err = c.Do(ctx, Request{Method: http.MethodPatch, Path: motion(ref), Body: in, Match: ETag(version)}, &out)
	return out, err
}

// OpenMotion puts a draft of the version that was read to the vote.
func (c *Client) OpenMotion(ctx context.Context, ref string, version int64) (Motion, error) {
	return post[Motion](ctx, c, motion(ref)+"/open", object{"version": version})
}

// WithdrawMotion ends a motion without a decision.
func (c *Client) WithdrawMotion(ctx context.Context, ref, reason string) (Motion, error) {
	return post[Motion](ctx, c, motion(ref)+"/withdraw", object{"reason": reason})
}

// Vote casts a vote, or changes it. seat may be "" for who acts for one seat.
func (c *Client) Vote(ctx context.Context, ref, seat string, choice ballot.Choice, reason string) (BallotReceipt, error) {
	body := object{"choice": choice, "reason": reason}
	if seat != "" {
		body["seat_id"] = seat
	}
	return post[BallotReceipt](ctx, c, motion(ref)+"/vote", body)
}

// Votes lists the votes of an open ballot; of a sealed one none.
func (c *Client) Votes(ctx context.Context, ref string) (Page[BallotVote], error) {
	return get[Page[BallotVote]](ctx, c, motion(ref)+"/votes", nil)
}

// Papers lists the seats for which the person may vote.
func (c *Client) Papers(ctx context.Context, ref string) (Page[BallotPaper], error) {
	return get[Page[BallotPaper]](ctx, c, motion(ref)+"/papers", nil)
}

// Electorate lists the seats that a ballot opened with.
func (c *Client) Electorate(ctx context.Context, ref string) (Page[Elector], error) {
	return get[Page[Elector]](ctx, c, motion(ref)+"/electorate", nil)
}

// Recusals lists who takes no part, and why.
func (c *Client) Recusals(ctx context.Context, ref string) (Page[Recusal], error) {
	return get[Page[Recusal]](ctx, c, motion(ref)+"/recusals", nil)
}

// Recuse declares that a seat takes no part.
func (c *Client) Recuse(ctx context.Context, ref, seat, reason string) error {
	return c.act(ctx, motion(ref)+"/recuse", object{"seat_id": seat, "reason": reason})
}

// CountMotion counts a closed ballot whose votes could not be opened.
func (c *Client) CountMotion(ctx context.Context, ref string) (Motion, error) {
	return post[Motion](ctx, c, motion(ref)+"/count", nil)
}

// Recount counts the stored votes of a decided motion anew.
func (c *Client) Recount(ctx context.Context, ref string) (Recounted, error) {
	return post[Recounted](ctx, c, motion(ref)+"/recount", nil)
}

// Enact does what was decided, after an obstacle was cleared away.
func (c *Client) Enact(ctx context.Context, ref string) (Motion, error) {
	return post[Motion](ctx, c, motion(ref)+"/enact", nil)
}

// Minutes is a motion as a Markdown document.
func (c *Client) Minutes(ctx context.Context, ref string) (string, error) {
	out, err := get[struct {
		Markdown string `json:"markdown"`
	}](ctx, c, motion(ref)+"/minutes", nil)
	return out.Markdown, err
}
