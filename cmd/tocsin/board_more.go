package main

import (
	"context"
	"fmt"
	"io"

	"tocsin/client"
)

type boardRecuse struct {
	motionArg
	Seat   string `arg:"" help:"Id of the seat."`
	Reason string `required:"" help:"Why; the board reads it."`
}

// Run recuses.
func (s boardRecuse) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "The seat takes no part.", func(ctx context.Context, c *client.Client) error { return c.Recuse(ctx, s.Motion, s.Seat, s.Reason) })
}

type boardPreview struct{ motionArg }

// Run shows what the proposed rules would do.
func (s boardPreview) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.RulePreview, error) {
		return c.PreviewMotion(ctx, s.Motion)
	}, wordsOfPreview)
}

type boardWithdraw struct {
	motionArg
	Reason string `required:"" help:"Why."`
}

// Run withdraws.
func (s boardWithdraw) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Motion, error) {
		return c.WithdrawMotion(ctx, s.Motion, s.Reason)
	}, wordsOfMotion)
}

type boardCount struct{ motionArg }

// Run counts.
func (s boardCount) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Motion, error) {
		return c.CountMotion(ctx, s.Motion)
	}, wordsOfMotion)
}

type boardRecount struct{ motionArg }

// Run counts anew.
func (s boardRecount) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Recounted, error) { return c.Recount(ctx, s.Motion) }, func(w io.Writer, x client.Recounted) {
		said := "The result is the same."
		if !x.Same {
			said = "THE RESULT IS NOT THE SAME: the stored votes were changed after the close. Run: tocsin admin verify"
		}
		fmt.Fprintf(w, "%s\n%d for\t%d against\t%d abstaining\n", said, x.Result.Yes, x.Result.No, x.Result.Abstain)
	})
}

type boardEnact struct{ motionArg }

// Run has it done.
func (s boardEnact) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Motion, error) { return c.Enact(ctx, s.Motion) }, wordsOfMotion)
}

type boardMinutes struct{ motionArg }

// Run prints the minutes.
func (s boardMinutes) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (map[string]string, error) {
		text, err := c.Minutes(ctx, s.Motion)
		return map[string]string{"markdown": text}, err
	}, func(w io.Writer, v map[string]string) { fmt.Fprint(w, lines(v["markdown"])) })
}

func wordsOfSeat(w io.Writer, s client.Seat) {
	fmt.Fprintf(w, "%s\t%s\t%s\tsubstitute %s\tfrom %s\tuntil %s", s.ID, line(s.OrgName), line(s.Name), line(s.SubstituteName), moment(s.From), moment(s.Until))
	if !s.EndedAt.IsZero() {
		fmt.Fprintf(w, "\tended %s: %s", moment(s.EndedAt), line(s.EndReason))
	}
	fmt.Fprintln(w)
}

type boardSeats struct {
	Past bool `help:"Those that have ended too."`
}

// Run lists.
func (s boardSeats) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Seat], error) {
		return c.Seats(ctx, s.Past)
	},
		func(w io.Writer, p client.Page[client.Seat]) {
			for _, x := range p.Items {
				wordsOfSeat(w, x)
			}
		})
}

type seatCommands struct {
	Appoint    seatAppoint    `cmd:"" help:"Give an organization's executive a seat."`
	Substitute seatSubstitute `cmd:"" help:"Name a seat's substitute; without a person none."`
	End        seatEnd        `cmd:"" help:"End a seat now."`
}

type seatAppoint struct {
	Org        string  `arg:"" help:"Id of the organization."`
	Person     string  `arg:"" help:"Id of the executive."`
	Substitute string  `help:"Id of the substitute."`
	From       instant `help:"Begin of the term, with zone; else now."`
	Until      instant `help:"End of the term, with zone; else none."`
}

// Run appoints.
func (s seatAppoint) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Seat, error) {
		return c.Appoint(ctx, client.Seat{Org: s.Org, Person: s.Person, Substitute: s.Substitute, From: s.From.Time, Until: s.Until.Time})
	}, wordsOfSeat)
}

type seatSubstitute struct {
	Seat   string `arg:"" help:"Id of the seat."`
	Person string `arg:"" optional:"" help:"Id of the substitute."`
}

// Run names the substitute.
func (s seatSubstitute) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Seat, error) {
		return c.Substitute(ctx, s.Seat, s.Person)
	}, wordsOfSeat)
}

type seatEnd struct {
	Seat   string `arg:"" help:"Id of the seat."`
	Reason string `required:"" help:"Why."`
}

// Run ends the seat.
func (s seatEnd) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Seat, error) {
		return c.EndSeat(ctx, s.Seat, s.Reason)
	}, wordsOfSeat)
}
