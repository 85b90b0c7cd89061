package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"tocsin/client"
)

type agreementCommands struct {
	remote

	List     agreementList     `cmd:"" help:"List the agreements you may read."`
	Show     agreementShow     `cmd:"" help:"Show an agreement with its present text."`
	Versions agreementVersions `cmd:"" help:"List an agreement's versions."`
	Diff     agreementDiff     `cmd:"" help:"Compare two versions line by line."`
	Owed     agreementOwed     `cmd:"" help:"What you have still to accept, and for whom."`
	Accept   agreementAccept   `cmd:"" help:"Accept the present version for an organization."`
	Accepted agreementAccepted `cmd:"" help:"Who accepted which version, when, from where."`
	End      agreementEnd      `cmd:"" help:"End an acceptance."`
	Create   agreementCreate   `cmd:"" help:"Write an agreement with its first version."`
	Edit     agreementEdit     `cmd:"" help:"Change title, kind, readers or what satisfies it too."`
	Revise   agreementRevise   `cmd:"" help:"Write a new version."`
	Effects  agreementEffects  `cmd:"" help:"Whom a version blocks that demands acceptance anew."`
	Paper    agreementPaper    `cmd:"" help:"Record that an organization signed on paper."`
	Withdraw agreementWithdraw `cmd:"" help:"Withdraw an agreement that nothing requires."`
	Restore  agreementRestore  `cmd:"" help:"Put a withdrawn agreement into use again."`
}

type agreementArg struct {
	Agreement string `arg:"" help:"Id of the agreement; case-terms are the case terms."`
}

type agreementSeen struct {
	Version int64 `name:"seen" placeholder:"VERSION" required:"" help:"The version of the record you saw, as show prints it."`
}

type agreementList struct {
	Kind      string `help:"Only this kind." enum:",nda,memorandum,program,antitrust,case" default:""`
	Withdrawn bool   `help:"With those that were withdrawn."`
}

// Run lists agreements.
func (s agreementList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Agreement], error) {
		return c.Agreements(ctx, s.Kind, s.Withdrawn)
	}, func(w io.Writer, p client.Page[client.Agreement]) {
		for _, g := range p.Items {
			fmt.Fprintf(w, "%s\t%s\tversion %d\t%s\t%s\t%s\n", g.Kind, g.State, g.Current.Number, moment(g.Current.At), line(g.Title), g.ID)
		}
	})
}

type agreementShow struct{ agreementArg }

// Run shows an agreement.
func (s agreementShow) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Agreement, error) {
		return c.Agreement(ctx, s.Agreement)
	}, wordsOfAgreement)
}

func wordsOfAgreement(w io.Writer, g client.Agreement) {
	fmt.Fprintf(w, "%s\t%s\nkind\t%s\nstate\t%s\nreaders\t%s\nalso satisfied by\t%s\nversion\t%d, %s, %s\nrecord version\t%d\n\n%s\n", line(g.Title), g.ID, g.Kind, g.State, g.Sight, strings.Join(g.Also, ", "), g.Current.Number, g.Current.ID, moment(g.Current.At), g.Version, lines(g.Current.Body))
}

type agreementVersions struct{ agreementArg }

// Run lists versions.
func (s agreementVersions) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.AgreementText], error) {
		return c.AgreementTexts(ctx, s.Agreement)
	}, func(w io.Writer, p client.Page[client.AgreementText]) {
		for _, t := range p.Items {
			demands := ""
			if t.Demands {
				demands = "demanded acceptance anew"
			}
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", t.Number, moment(t.At), line(t.Note), demands, t.ID)
		}
	})
}

type agreementDiff struct {
	agreementArg
	From int `help:"Number of a version; without it: the one before."`
	To   int `help:"Number of a version; without it: the present one."`
}

// Run compares versions.
func (s agreementDiff) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.AgreementDiff, error) {
		return c.CompareAgreement(ctx, s.Agreement, s.From, s.To)
	}, func(w io.Writer, d client.AgreementDiff) {
		fmt.Fprintf(w, "version %d against version %d\n", d.To, d.From)
		signs := map[string]string{"add": "+", "del": "-", "same": " ", "fold": "…"}
		for _, l := range d.Lines {
			text := ""
			for _, p := range l.Parts {
				text += p.Text
			}
			fmt.Fprintf(w, "%s %s\n", signs[l.Op], strings.ReplaceAll(lines(text), "\t", " "))
		}
	})
}

type agreementOwed struct{}

// Run lists what is owed.
func (agreementOwed) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.OwedAgreement], error) {
		return c.OwedAgreements(ctx)
	}, func(w io.Writer, p client.Page[client.OwedAgreement]) {
		for _, o := range p.Items {
			fmt.Fprintf(w, "%s\tversion %d\tfor %s %s\tsince %s\t%s\n", line(o.Text.Title), o.Text.Number, line(o.Name), o.Org, moment(o.Since), o.Text.Agreement)
		}
	})
}

type agreementAccept struct {
	agreementArg
	Text string `name:"text" required:"" placeholder:"ID" help:"Id of the version that you read, as show prints it."`
	For  string `placeholder:"ORGANIZATION" help:"Id of the organization; without it: in your own name."`
}

// Run accepts.
func (s agreementAccept) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Acceptance, error) {
		return c.AcceptAgreement(ctx, s.Agreement, s.Text, s.For)
	}, wordsOfAcceptance)
}

func wordsOfAcceptance(w io.Writer, x client.Acceptance) {
	standing := "valid"
	switch {
	case !x.EndedAt.IsZero():
		standing = "ended " + moment(x.EndedAt)
	case !x.Valid:
		standing = "superseded"
	}
	from := x.Address
	if x.Paper != "" {
		from = "paper: " + x.Paper + ", signed by " + x.Signer
	}
	fmt.Fprintf(w, "%s\t%s\tversion %d\t%s\t%s\t%s\t%s\t%s\n", line(x.Name), line(x.Title), x.Number, moment(x.At), line(x.By), line(from), standing, x.ID)
}

type agreementAccepted struct {
	Agreement string `arg:"" optional:"" help:"Id of the agreement; without it: all."`
	Limit     int    `help:"At most this many." default:"50"`
	CSV       bool   `name:"csv" help:"All of them, as CSV."`
}

// Run lists acceptances.
func (s agreementAccepted) Run(ctx context.Context, r *remote) error {
	if s.CSV {
		c, err := r.client()
		if err != nil {
			return err
		}
		_, err = c.ExportAcceptances(ctx, s.Agreement, os.Stdout)
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Acceptance], error) {
		return all(s.Limit, func(p client.Paging) (client.Page[client.Acceptance], error) {
			return c.Acceptances(ctx, s.Agreement, p)
		})
	}, func(w io.Writer, p client.Page[client.Acceptance]) {
		for _, x := range p.Items {
			wordsOfAcceptance(w, x)
		}
	})
}

type agreementEnd struct {
	Acceptance string `arg:"" help:"Id of the acceptance."`
	Reason     string `required:"" help:"Why; it is kept."`
}

// Run ends an acceptance.
func (s agreementEnd) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Acceptance, error) {
		return c.EndAcceptance(ctx, s.Acceptance, s.Reason)
	}, wordsOfAcceptance)
}

type agreementFlags struct {
	Title   *string `help:"Title."`
	Kind    *string `help:"nda, memorandum, program or antitrust."`
	Sight   *string `help:"Who may read it: public, members or concerned."`
	Program *string `help:"Id of the program whose own coordinators may edit it too; empty: none." placeholder:"PROGRAM"`
	Also    *string `help:"Ids of agreements that satisfy this one too, with commas; none: none." placeholder:"ID,…"`
}

func (f agreementFlags) fields() client.AgreementFields {
	return client.AgreementFields{Title: f.Title, Kind: f.Kind, Sight: f.Sight, Program: f.Program, Also: listed(f.Also)}
}

type agreementCreate struct {
	agreementFlags
	Body string `required:"" help:"Text: Markdown, @FILE, or - for standard input."`
}

// Run writes an agreement.
func (s agreementCreate) Run(ctx context.Context, r *remote) error {
	body, err := textOf(s.Body)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Agreement, error) {
		return c.MakeAgreement(ctx, s.fields(), body)
	}, wordsOfAgreement)
}

type agreementEdit struct {
	agreementArg
	agreementFlags
	agreementSeen
}

// Run changes an agreement's facts.
func (s agreementEdit) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Agreement, error) {
		return c.ChangeAgreement(ctx, s.Agreement, s.fields(), s.Version)
	}, wordsOfAgreement)
}

type agreementRevise struct {
	agreementArg
	Body   string `required:"" help:"Text: Markdown, @FILE, or - for standard input."`
	Note   string `help:"What changed."`
	Demand bool   `help:"Everybody accepts anew; until then what requires the agreement is closed to them. See effects."`
	agreementSeen
}

// Run writes a new version.
func (s agreementRevise) Run(ctx context.Context, r *remote) error {
	body, err := textOf(s.Body)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Agreement, error) {
		return c.ReviseAgreement(ctx, s.Agreement, body, s.Note, s.Demand, s.Version)
	}, wordsOfAgreement)
}

type agreementEffects struct{ agreementArg }

// Run previews a demand.
func (s agreementEffects) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.AgreementEffects, error) {
		return c.AgreementEffects(ctx, s.Agreement)
	}, func(w io.Writer, e client.AgreementEffects) {
		for _, x := range []struct {
			what string
			list []client.Affected
			more int
		}{{"blocked", e.Blocked, e.Unnamed.Blocked}, {"waiting already", e.Waiting, e.Unnamed.Waiting}, {"bound otherwise", e.Kept, e.Unnamed.Kept}, {"program", e.Programs, e.Unnamed.Programs}} {
			for _, a := range x.list {
				fmt.Fprintf(w, "%s\t%s\t%s\n", x.what, line(a.Name), a.ID)
			}
			if x.more > 0 {
				fmt.Fprintf(w, "%s, not named\t%d\t\n", x.what, x.more)
			}
		}
		fmt.Fprintf(w, "audiences that require it\t%d\t\n", e.Records)
	})
}

type agreementPaper struct {
	agreementArg
	Text   string  `name:"text" required:"" placeholder:"ID" help:"Id of the version that was signed: the present one."`
	For    string  `required:"" placeholder:"ORGANIZATION" help:"Id of the organization."`
	Signer string  `required:"" help:"Who signed."`
	Where  string  `required:"" help:"Where the paper is kept."`
	Signed instant `name:"signed-at" help:"When it was signed, as 2027-01-31T14:00:00Z; without it: now."`
}

// Run records a paper.
func (s agreementPaper) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Acceptance, error) {
		return c.RecordPaper(ctx, s.Agreement, s.Text, s.For, s.Signer, s.Where, s.Signed.Time)
	}, wordsOfAcceptance)
}

type agreementWithdraw struct {
	agreementArg
	agreementSeen
}

// Run withdraws an agreement.
func (s agreementWithdraw) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Agreement, error) {
		return c.TurnAgreement(ctx, s.Agreement, "withdrawn", s.Version)
	}, wordsOfAgreement)
}

type agreementRestore struct {
	agreementArg
	agreementSeen
}

// Run restores an agreement.
func (s agreementRestore) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Agreement, error) {
		return c.TurnAgreement(ctx, s.Agreement, "active", s.Version)
	}, wordsOfAgreement)
}
