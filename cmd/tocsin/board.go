package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"tocsin/client"
	"tocsin/spec/ballot"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

type boardCommands struct {
	remote
	Preview  boardPreview  `cmd:"" help:"Who would gain and who would lose sight of what by the rules that a motion proposes."`
	Brief    boardBrief    `cmd:"" help:"The executive's figures, which name no case."`
	Awaiting boardAwaiting `cmd:"" help:"Ballots that wait for your vote."`
	Motions  boardMotions  `cmd:"" help:"List motions, newest first."`
	Show     boardShow     `cmd:"" help:"One motion, its electorate and what it came to."`
	Propose  boardPropose  `cmd:"" help:"Write a motion as a draft."`
	Edit     boardEdit     `cmd:"" help:"Change a draft."`
	Open     boardOpen     `cmd:"" help:"Put a draft to the vote."`
	Vote     boardVote     `cmd:"" help:"Vote, or change your vote, until the deadline."`
	Recuse   boardRecuse   `cmd:"" help:"Declare that a seat takes no part."`
	Withdraw boardWithdraw `cmd:"" help:"End a motion without a decision."`
	Count    boardCount    `cmd:"" help:"Count a ballot whose votes could not be opened."`
	Recount  boardRecount  `cmd:"" help:"Count the stored votes anew, and record whether the result is the same."`
	Enact    boardEnact    `cmd:"" help:"Do what was decided, after an obstacle was cleared away."`
	Minutes  boardMinutes  `cmd:"" help:"A motion as a Markdown document."`
	Seats    boardSeats    `cmd:"" help:"Who sits on the board."`
	Seat     seatCommands  `cmd:"" help:"Appoint, give a substitute, end."`
}

type motionArg struct {
	Motion string `arg:"" help:"Number or id of the motion, as B-12."`
}

func wordsOfMotion(w io.Writer, m client.Motion) {
	form := "open ballot"
	if m.Sealed {
		form = "sealed ballot"
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.Number, ballot.Motion.Label(m.State), m.Kind, m.Level, line(m.Title))
	fmt.Fprintf(w, "%s\tquorum %s\tmajority %s\tdeadline %s\tversion %d\n", form, m.Rules.Quorum, m.Rules.Majority, moment(m.Deadline), m.Version)
	if r := m.Result; r != nil {
		fmt.Fprintf(w, "%d for\t%d against\t%d abstaining\tof %s\n", r.Yes, r.No, r.Abstain, text.Plural(r.Electorate, "seat", "seats"))
		for _, s := range r.Reasons {
			fmt.Fprintln(w, s)
		}
	}
	if m.Decision != "" {
		fmt.Fprintln(w, line(m.Decision))
	}
	if m.Obstacle != "" {
		fmt.Fprintf(w, "not done yet\t%s\n", line(m.Obstacle))
	}
}

func wordsOfMotions(w io.Writer, p client.Page[client.Motion]) {
	for _, m := range p.Items {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.Number, ballot.Motion.Label(m.State), moment(m.Deadline), m.Kind, line(m.Title))
	}
}

type boardAwaiting struct{}

// Run lists.
func (boardAwaiting) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Motion], error) {
		return c.Awaiting(ctx)
	}, wordsOfMotions)
}

type boardMotions struct {
	State string `help:"draft, open, closed, carried, failed or void."`
	Kind  string `help:"What it asks for."`
	Text  string `help:"Words in the title, or the number."`
	Most  int    `help:"How many at most." default:"200"`
}

// Run lists.
func (s boardMotions) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Motion], error) {
		return all(s.Most, func(p client.Paging) (client.Page[client.Motion], error) {
			return c.Motions(ctx, client.MotionQuery{State: s.State, Kind: s.Kind, Text: s.Text, Paging: p})
		})
	}, wordsOfMotions)
}

// motionView is all there is of a motion.
type motionView struct {
	client.Motion
	Electorate []client.Elector    `json:"electorate"`
	Recusals   []client.Recusal    `json:"recusals"`
	Votes      []client.BallotVote `json:"votes"`
}

type boardShow struct{ motionArg }

// Run shows a motion.
func (s boardShow) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (v motionView, err error) {
		if v.Motion, err = c.Motion(ctx, s.Motion); err != nil {
			return v, err
		}
		seats, err := c.Electorate(ctx, s.Motion)
		if err != nil {
			return v, err
		}
		out, err := c.Recusals(ctx, s.Motion)
		if err != nil {
			return v, err
		}
		votes, err := c.Votes(ctx, s.Motion)
		v.Electorate, v.Recusals, v.Votes = seats.Items, out.Items, votes.Items
		return v, err
	}, func(w io.Writer, v motionView) {
		wordsOfMotion(w, v.Motion)
		said := map[string]string{}
		for _, x := range v.Votes {
			said[x.Seat] = string(x.Choice)
		}
		for _, e := range v.Electorate {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", line(e.Seat.OrgName), line(e.Seat.Name), e.Standing.Words(), said[e.Seat.ID])
		}
		for _, x := range v.Recusals {
			fmt.Fprintf(w, "recused\t%s\t%s\n", x.Seat, line(x.Reason))
		}
	})
}

// motionWords are the fields of a motion as flags.
type motionWords struct {
	Text       *string  `help:"Markdown; @FILE or - to read it."`
	ObjectKind *string  `help:"What it is about, such as org."`
	Object     *string  `help:"Its id."`
	Proposal   *string  `help:"A JSON object for the effect; @FILE or - to read it."`
	Sealed     *bool    `help:"Nobody learns a choice." negatable:""`
	Quorum     *string  `help:"Part of the electorate that must vote, as 1/2: at least that where the decision is carried out at once."`
	Majority   *string  `help:"Part of the votes for and against that carries it, as 2/3."`
	Early      *bool    `help:"Close once everybody has voted." negatable:""`
	TLP        *string  `name:"tlp" help:"The marking."`
	Deadline   *instant `help:"With zone, as 2027-01-31T14:00:00Z; else in seven days. Where the decision is carried out at once: at least 24 hours from the opening, or a quorum of 1/1."`
}

func (s motionWords) motion() (in client.NewMotion, err error) {
	in = client.NewMotion{Text: s.Text, ObjectKind: s.ObjectKind, Object: s.Object, Sealed: s.Sealed, Quorum: s.Quorum, Majority: s.Majority, Early: s.Early}
	if s.Text != nil {
		text, err := textOf(*s.Text)
		if err != nil {
			return in, err
		}
		in.Text = &text
	}
	if s.Proposal != nil {
		text, err := textOf(*s.Proposal)
		if err != nil {
			return in, err
		}
		raw := json.RawMessage(text)
		if !json.Valid(raw) {
			return in, misused("the proposal is no JSON")
		}
		in.Proposal = &raw
	}
	if s.TLP != nil {
		l, err := tlp.Parse(*s.TLP)
		if err != nil {
			return in, misused("%v", err)
		}
		in.Level = &l
	}
	if s.Deadline != nil {
		in.Deadline = &s.Deadline.Time
	}
	return in, nil
}

type boardPropose struct {
	Kind  string `arg:"" help:"admit, suspend, remove, rules, exception, publish, spend or other."`
	Title string `arg:"" help:"The question in one line."`
	motionWords
}

// Run proposes.
func (s boardPropose) Run(ctx context.Context, r *remote) error {
	in, err := s.motion()
	if err != nil {
		return err
	}
	in.Kind, in.Title = &s.Kind, &s.Title
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Motion, error) { return c.ProposeMotion(ctx, in) }, wordsOfMotion)
}

type boardEdit struct {
	motionArg
	Version int64   `name:"seen" required:"" help:"The version that you read."`
	Kind    *string `help:"What it asks for."`
	Title   *string `help:"The question in one line."`
	motionWords
}

// Run changes a draft.
func (s boardEdit) Run(ctx context.Context, r *remote) error {
	in, err := s.motion()
	if err != nil {
		return err
	}
	in.Kind, in.Title = s.Kind, s.Title
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Motion, error) {
		return c.ReviseMotion(ctx, s.Motion, s.Version, in)
	}, wordsOfMotion)
}

type boardOpen struct {
	motionArg
	Version int64 `name:"seen" required:"" help:"The version that you read: nobody opens a text that they have not seen."`
}

// Run opens.
func (s boardOpen) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Motion, error) {
		return c.OpenMotion(ctx, s.Motion, s.Version)
	}, wordsOfMotion)
}

type boardVote struct {
	motionArg
	Choice string `arg:"" help:"yes, no or abstain." enum:"yes,no,abstain"`
	Seat   string `help:"Id of the seat, for who acts for several."`
	Reason string `help:"Why; nobody reads it in a sealed ballot."`
}

// Run votes.
func (s boardVote) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.BallotReceipt, error) {
		return c.Vote(ctx, s.Motion, s.Seat, ballot.Choice(s.Choice), s.Reason)
	}, func(w io.Writer, x client.BallotReceipt) {
		fmt.Fprintf(w, "Your vote was taken at %s. Until the deadline you can change it.\n", x.At.UTC().Format(time.DateTime+" MST"))
	})
}
