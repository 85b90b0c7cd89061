package main

import (
	"context"
	"fmt"
	"io"

	"tocsin/client"
)

type embargoCommands struct {
	Show      embargoShow      `cmd:"" help:"The embargo, its proposals and who is ready."`
	Propose   embargoPropose   `cmd:"" help:"Propose an end; while one holds, another end."`
	Consent   embargoConsent   `cmd:"" help:"Consent to a proposal."`
	Object    embargoObject    `cmd:"" help:"Object to a proposal, or counter it with another end."`
	Decide    embargoDecide    `cmd:"" help:"Decide a proposal; coordinators."`
	Withdraw  embargoWithdraw  `cmd:"" help:"Take your proposal back."`
	Terminate embargoTerminate `cmd:"" help:"End the embargo now."`
	Ready     embargoReady     `cmd:"" help:"Go or no-go for the release."`
	Attacks   embargoAttacks   `cmd:"" help:"Decide what attacks mean: publish or keep."`
}

type embargoShow struct{ caseArg }

// Run shows the timetable.
func (s embargoShow) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Timetable, error) { return c.Timetable(ctx, s.Case) }, wordsOfTimetable)
}

func wordsOfTimetable(w io.Writer, t client.Timetable) {
	fmt.Fprintf(w, "%s\tembargo %s\tpublic state %s\tends %s\n", t.Number, t.State, t.Public, moment(t.Ends))
	if !t.DecisionDue.IsZero() {
		fmt.Fprintf(w, "attacks are seen\tdecide by %s\n", moment(t.DecisionDue))
	}
	for _, p := range t.Proposals {
		fmt.Fprintf(w, "%s\t%s\tends %s\tby %s\t%d consent, %d object, %d asked\t%s\n", p.ID, p.State, moment(p.Ends), line(p.By), p.Consents, p.Objections, p.Asked, line(p.Reason))
	}
	for _, x := range t.Readiness {
		if x.Answer != "" {
			fmt.Fprintf(w, "%s\t%s\t%s\n", line(x.Name), x.Answer, line(x.Reason))
		}
	}
}

func wordsOfProposal(w io.Writer, p client.Proposal) {
	fmt.Fprintf(w, "%s\t%s\tends %s\tpasses unopposed %s\n", p.ID, p.State, moment(p.Ends), moment(p.PassesAt))
}

type embargoPropose struct {
	caseArg
	Ends    instant `help:"The end, with zone, as 2027-01-31T14:00:00Z."`
	Default bool    `help:"The end that the published policy gives."`
	For     string  `help:"Participant in whose name."`
	Reason  string  `help:"Why."`
}

// Run proposes.
func (s embargoPropose) Run(ctx context.Context, r *remote) error {
	if s.Default == !s.Ends.IsZero() {
		return misused("give the end with --ends, or take the policy's with --default")
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Proposal, error) {
		if s.Default {
			return c.ProposeDefault(ctx, s.Case)
		}
		return c.Propose(ctx, s.Case, client.Offer{Participant: s.For, Ends: s.Ends.Time, Reason: s.Reason})
	}, wordsOfProposal)
}

type proposalArg struct {
	caseArg
	Proposal string `arg:"" help:"Id of the proposal."`
	For      string `help:"Participant in whose name."`
}

type embargoConsent struct{ proposalArg }

// Run consents.
func (s embargoConsent) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Proposal, error) {
		return c.Consent(ctx, s.Case, s.Proposal, s.For)
	}, wordsOfProposal)
}

type embargoObject struct {
	proposalArg
	Ends   instant `help:"Propose this end instead."`
	Reason string  `required:"" help:"Why."`
}

// Run objects.
func (s embargoObject) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Proposal, error) {
		if !s.Ends.IsZero() {
			return c.Counter(ctx, s.Case, s.Proposal, client.Offer{Participant: s.For, Ends: s.Ends.Time, Reason: s.Reason})
		}
		return c.Object(ctx, s.Case, s.Proposal, s.For, s.Reason)
	}, wordsOfProposal)
}

type embargoDecide struct {
	caseArg
	Proposal string `arg:"" help:"Id of the proposal."`
	Decision string `arg:"" help:"accept or reject." enum:"accept,reject"`
	Reason   string `help:"Why."`
}

// Run decides.
func (s embargoDecide) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Proposal, error) {
		return c.Decide(ctx, s.Case, s.Proposal, s.Decision == "accept", s.Reason)
	}, wordsOfProposal)
}

type embargoWithdraw struct {
	caseArg
	Proposal string `arg:"" help:"Id of the proposal."`
	Reason   string `help:"Why."`
}

// Run withdraws.
func (s embargoWithdraw) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "Withdrawn.", func(ctx context.Context, c *client.Client) error {
		return c.WithdrawProposal(ctx, s.Case, s.Proposal, s.Reason)
	})
}

type embargoTerminate struct {
	caseArg
	Reason string `required:"" help:"Why; everybody is told."`
}

// Run terminates.
func (s embargoTerminate) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Case, error) {
		return c.Terminate(ctx, s.Case, s.Reason)
	}, wordsOfCase)
}

type embargoReady struct {
	partyArg
	Answer string `arg:"" help:"go or no-go." enum:"go,no-go"`
	Reason string `help:"Why not."`
}

// Run says go or no-go.
func (s embargoReady) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Timetable, error) {
		p, err := s.find(ctx, c)
		if err != nil {
			return client.Timetable{}, err
		}
		return c.Ready(ctx, s.Case, p.ID, s.Answer, s.Reason)
	}, wordsOfTimetable)
}

type embargoAttacks struct {
	caseArg
	Decision string `arg:"" help:"publish or keep." enum:"publish,keep"`
	Reason   string `help:"Why."`
}

// Run decides.
func (s embargoAttacks) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Case, error) {
		return c.DecideAttacks(ctx, s.Case, s.Decision, s.Reason)
	}, wordsOfCase)
}

type caseExpose struct {
	caseArg
	What string `arg:"" help:"public, exploit or attacks." enum:"public,exploit,attacks"`
	Note string `help:"Where it was seen."`
}

// Run tells everybody.
func (s caseExpose) Run(ctx context.Context, r *remote) error {
	event := map[string]string{"public": "P", "exploit": "X", "attacks": "A"}[s.What]
	return do(ctx, r, "Every party is told.", func(ctx context.Context, c *client.Client) error { return c.Expose(ctx, s.Case, event, s.Note) })
}
