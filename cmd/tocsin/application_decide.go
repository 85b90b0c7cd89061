package main

import (
	"context"
	"time"

	"tocsin/client"
)

type appAsk struct {
	appArg
	Org string `arg:"" help:"Id of the member."`
}

// Run asks.
func (s appAsk) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "asked", func(ctx context.Context, c *client.Client) error {
		_, err := c.AskSponsor(ctx, s.Application, s.Org)
		return err
	})
}

type appSpeak struct {
	appArg
	Org      string `required:"" help:"Id of the organization for which you speak."`
	Decline  bool   `help:"Decline to speak for the applicant."`
	Text     string `help:"The statement, @FILE, or - for standard input."`
	Conflict string `help:"What ties your organization to the applicant."`
}

// Run answers.
func (s appSpeak) Run(ctx context.Context, r *remote) error {
	text, err := textOf(s.Text)
	if err != nil {
		return err
	}
	answer := "supports"
	if s.Decline {
		answer = "declines"
	}
	return do(ctx, r, "answered", func(ctx context.Context, c *client.Client) error {
		_, err := c.SpeakOnApplication(ctx, s.Application, client.Speech{Org: s.Org, Answer: answer, Text: text, Conflict: s.Conflict})
		return err
	})
}

type appObject struct {
	appArg
	Org      string `required:"" help:"Id of the organization for which you object."`
	Reason   string `required:"" help:"The reason, @FILE, or - for standard input."`
	Conflict string `help:"What sets it against the applicant, such as competition."`
}

// Run objects.
func (s appObject) Run(ctx context.Context, r *remote) error {
	text, err := textOf(s.Reason)
	if err != nil {
		return err
	}
	return do(ctx, r, "objected", func(ctx context.Context, c *client.Client) error {
		_, err := c.ObjectToApplication(ctx, s.Application, client.Speech{Org: s.Org, Text: text, Conflict: s.Conflict})
		return err
	})
}

type appAnswer struct {
	appArg
	Objection string `arg:"" help:"Id of the objection."`
	Answer    string `arg:"" enum:"stands,set-aside" help:"stands or set-aside."`
	Why       string `required:"" help:"Why; those who decide read it."`
}

// Run answers.
func (s appAnswer) Run(ctx context.Context, r *remote) error {
	return askApplication(ctx, r, func(ctx context.Context, c *client.Client) (client.Application, error) {
		return c.AnswerObjection(ctx, s.Application, s.Objection, s.Answer, s.Why)
	})
}

type appConflict struct {
	appArg
	Org    string `help:"Id of an organization in conflict; without it, you yourself."`
	Reason string `required:"" help:"What the conflict is."`
}

// Run notes it.
func (s appConflict) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "noted", func(ctx context.Context, c *client.Client) error {
		return c.DeclareConflict(ctx, s.Application, s.Org, s.Reason)
	})
}

type appBallot struct {
	appArg
	Open     bool      `help:"The board reads each vote at once; else the ballot is sealed."`
	Early    bool      `help:"Close once everybody who may has voted."`
	Deadline time.Time `help:"An instant with its zone; without it, in seven days." format:"2006-01-02T15:04:05Z07:00"`
}

// Run puts it to the vote.
func (s appBallot) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Motion, error) {
		return c.PutApplication(ctx, s.Application, client.BoardVote{Open: s.Open, Early: s.Early, Deadline: s.Deadline})
	}, wordsOfMotion)
}

type appAccept struct {
	appArg
	Why string `required:"" help:"For the dossier."`
}

// Run accepts.
func (s appAccept) Run(ctx context.Context, r *remote) error {
	return askApplication(ctx, r, func(ctx context.Context, c *client.Client) (client.Application, error) {
		return c.DecideApplication(ctx, s.Application, client.Verdict{Accept: true, Why: s.Why})
	})
}

type appReason struct {
	Reason  string    `required:"" help:"The applicant reads it."`
	Reapply time.Time `help:"Not to apply again before this instant." format:"2006-01-02T15:04:05Z07:00"`
}

type appRefuse struct {
	appArg
	Why string `required:"" help:"For the dossier."`
	appReason
}

// Run refuses.
func (s appRefuse) Run(ctx context.Context, r *remote) error {
	return askApplication(ctx, r, func(ctx context.Context, c *client.Client) (client.Application, error) {
		return c.DecideApplication(ctx, s.Application, client.Verdict{Why: s.Why, Reason: s.Reason, ReapplyAt: s.Reapply})
	})
}

type appExplain struct {
	appArg
	appReason
}

// Run explains.
func (s appExplain) Run(ctx context.Context, r *remote) error {
	return askApplication(ctx, r, func(ctx context.Context, c *client.Client) (client.Application, error) {
		return c.ExplainApplication(ctx, s.Application, client.Verdict{Reason: s.Reason, ReapplyAt: s.Reapply})
	})
}
