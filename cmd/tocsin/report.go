package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tocsin/client"
	"tocsin/spec/tlp"
)

type reportCommands struct {
	remote

	Submit   reportSubmit   `cmd:"" help:"Report a flaw; no account is needed."`
	Follow   reportFollow   `cmd:"" help:"Where your report stands, by the link you were given."`
	Add      reportAdd      `cmd:"" help:"Add to your report, by its link."`
	Attach   reportAttach   `cmd:"" help:"Attach a file to your report, by its link."`
	List     reportList     `cmd:"" help:"Reports that wait for the coordinators."`
	Show     reportShow     `cmd:"" help:"One report with its text."`
	Take     reportTake     `cmd:"" help:"Take charge of a report."`
	Scope    reportScope    `cmd:"" help:"Decide whether it is the alliance's business."`
	Move     reportMove     `cmd:"" help:"Validate, invalidate, accept, defer or close."`
	Ask      reportAsk      `cmd:"" help:"Ask the finder."`
	HandOver reportHandOver `cmd:"" help:"Hand it to the one vendor it concerns."`
	Case     reportCase     `cmd:"" help:"Make a case of it."`
	Merge    reportMerge    `cmd:"" help:"Join it to a running case."`
}

type reportSubmit struct {
	Description  string   `arg:"" help:"Markdown or an armored OpenPGP message, @FILE, or - for standard input."`
	Title        string   `help:"A few words."`
	Product      string   `help:"Product."`
	Component    string   `help:"Component."`
	PURL         string   `name:"purl" help:"Package URL."`
	Versions     string   `help:"Affected versions."`
	HowFound     string   `help:"How it was found."`
	Exploitation string   `help:"What is known of attacks."`
	Reference    []string `help:"Address of a reference." placeholder:"URL"`
	Credit       string   `help:"Name to be thanked by."`
	Anonymous    bool     `help:"Stay unnamed."`
	Contact      string   `help:"Mail address."`
	Planned      instant  `help:"When you mean to publish, with zone."`
	Key          string   `help:"At least 16 characters: the same key makes the same report."`
}

// Run reports.
func (s reportSubmit) Run(ctx context.Context, r *remote) error {
	text, err := textOf(s.Description)
	if err != nil {
		return err
	}
	c, err := r.connect(r.Token)
	if err != nil {
		return err
	}
	got, err := c.SubmitReport(ctx, client.NewReport{Title: s.Title, Description: text, Product: s.Product, Component: s.Component, PURL: s.PURL, Versions: s.Versions, HowFound: s.HowFound,
		Exploitation: s.Exploitation, References: s.Reference, Credit: s.Credit, Anonymous: s.Anonymous, Contact: s.Contact, PlannedAt: s.Planned.Time}, s.Key)
	if err != nil {
		return err
	}
	return r.print(got, func(w io.Writer) {
		fmt.Fprintf(w, "%s\nKeep this link; with it you follow the report: %s\n", got.Number, got.Link)
	})
}

// linked are the commands of a finder, who shows the link.
type linked struct {
	Link string `arg:"" help:"The link you were given, or its secret; or @FILE."`
}

func (s linked) client(r *remote) (*client.Client, error) {
	link, err := textOf(s.Link)
	if err != nil {
		return nil, err
	}
	c, err := r.connect("")
	if err != nil {
		return nil, err
	}
	return c.AsFinder(client.SecretOf(line(link))), nil
}

type reportFollow struct{ linked }

// Run shows where the report stands.
func (s reportFollow) Run(ctx context.Context, r *remote) error {
	c, err := s.client(r)
	if err != nil {
		return err
	}
	st, err := c.Follow(ctx)
	if err != nil {
		return err
	}
	return r.print(st, func(w io.Writer) {
		fmt.Fprintf(w, "%s\t%s\n%s\nagreed publication\t%s\n", st.Report.Number, line(st.Report.Title), st.Standing.Text, moment(st.AgreedAt))
		for _, m := range st.Messages {
			fmt.Fprintf(w, "\n%s  %s  %s\n%s\n", moment(m.At), m.Side, m.ID, lines(m.Text))
		}
	})
}

type reportAdd struct {
	linked
	Text     string `arg:"" help:"Markdown, @FILE, or - for standard input."`
	ToReport bool   `help:"Part of the report, for whomever it is passed to."`
	Answers  string `help:"Id of the question that this answers."`
}

// Run adds to a report.
func (s reportAdd) Run(ctx context.Context, r *remote) error {
	c, err := s.linked.client(r)
	if err != nil {
		return err
	}
	text, err := textOf(s.Text)
	if err != nil {
		return err
	}
	var m client.ReportMessage
	if s.Answers != "" {
		m, err = c.ReplyToQuestion(ctx, s.Answers, text)
	} else {
		m, err = c.AddToReport(ctx, text, s.ToReport)
	}
	if err != nil {
		return err
	}
	return r.print(m, func(w io.Writer) { fmt.Fprintln(w, "Added.") })
}

type reportAttach struct {
	linked
	File     string `arg:"" help:"The file." type:"existingfile"`
	ToReport bool   `help:"Part of the report, for whomever it is passed to."`
}

// Run attaches a file.
func (s reportAttach) Run(ctx context.Context, r *remote) error {
	c, err := s.linked.client(r)
	if err != nil {
		return err
	}
	f, err := os.Open(s.File)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := c.AttachToReport(ctx, filepath.Base(s.File), f, s.ToReport); err != nil {
		return err
	}
	return r.print(map[string]bool{"done": true}, func(w io.Writer) { fmt.Fprintln(w, "Attached.") })
}

type reportList struct {
	All   bool `help:"With those that have their outcome."`
	Own   bool `help:"Those you sent or were handed, instead."`
	Limit int  `help:"At most this many." default:"50"`
}

// Run lists reports.
func (s reportList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Report], error) {
		if s.Own {
			return c.OwnReports(ctx)
		}
		return all(s.Limit, func(p client.Paging) (client.Page[client.Report], error) { return c.Reports(ctx, s.All, p) })
	}, func(w io.Writer, p client.Page[client.Report]) {
		for _, x := range p.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", x.TLP, x.Number, x.State, moment(x.ReceivedAt), line(x.Title))
		}
	})
}

type reportArg struct {
	Report string `arg:"" help:"Number or id of the report."`
}

type reportShow struct{ reportArg }

// Run opens a report.
func (s reportShow) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.OpenedReport, error) {
		return c.Report(ctx, s.Report)
	},
		func(w io.Writer, x client.OpenedReport) {
			wordsOfReport(w, x.Report)
			fmt.Fprintf(w, "\n%s\n", lines(x.Text.Description))
			for _, f := range x.Files {
				wordsOfFile(w, f)
			}
		})
}

func wordsOfReport(w io.Writer, x client.Report) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\tversion %d\n", x.TLP, x.Number, x.State, line(x.Title), x.Version)
}

// onReport runs a verb on a report as it stands now.
func (s reportArg) onReport(ctx context.Context, r *remote, f func(context.Context, *client.Client, client.Report) (client.Report, error)) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Report, error) {
		x, err := c.Report(ctx, s.Report)
		if err != nil {
			return client.Report{}, err
		}
		return f(ctx, c, x.Report)
	}, wordsOfReport)
}

type reportTake struct{ reportArg }

// Run takes charge.
func (s reportTake) Run(ctx context.Context, r *remote) error {
	return s.onReport(ctx, r, func(ctx context.Context, c *client.Client, x client.Report) (client.Report, error) {
		return c.TakeReport(ctx, x.ID, x.Version)
	})
}

type reportScope struct {
	reportArg
	Decision string `arg:"" help:"in or out." enum:"in,out"`
	Reason   string `help:"Why; needed for out."`
}

// Run decides the scope.
func (s reportScope) Run(ctx context.Context, r *remote) error {
	return s.onReport(ctx, r, func(ctx context.Context, c *client.Client, x client.Report) (client.Report, error) {
		return c.ScopeReport(ctx, x.ID, s.Decision == "in", s.Reason, x.Version)
	})
}

type reportMove struct {
	reportArg
	Move   string `arg:"" help:"validate, invalidate, accept, defer or close." enum:"validate,invalidate,accept,defer,close"`
	Reason string `help:"For the coordinators; needed to say no."`
	Note   string `help:"For the finder."`
}

// Run moves a report.
func (s reportMove) Run(ctx context.Context, r *remote) error {
	return s.onReport(ctx, r, func(ctx context.Context, c *client.Client, x client.Report) (client.Report, error) {
		return c.Triage(ctx, x.ID, s.Move, s.Reason, s.Note, x.Version)
	})
}

type reportAsk struct {
	reportArg
	Text string `arg:"" help:"Markdown, @FILE, or - for standard input."`
}

// Run asks the finder.
func (s reportAsk) Run(ctx context.Context, r *remote) error {
	text, err := textOf(s.Text)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.ReportMessage, error) {
		return c.AskFinder(ctx, s.Report, text)
	},
		func(w io.Writer, m client.ReportMessage) { fmt.Fprintln(w, "Asked.") })
}

type reportHandOver struct {
	reportArg
	Org    string `arg:"" help:"The vendor, by id or name."`
	Reason string `help:"For the coordinators."`
	Note   string `help:"For the finder."`
}

// Run hands over.
func (s reportHandOver) Run(ctx context.Context, r *remote) error {
	return s.onReport(ctx, r, func(ctx context.Context, c *client.Client, x client.Report) (client.Report, error) {
		o, err := organization(ctx, c, s.Org)
		if err != nil {
			return client.Report{}, err
		}
		return c.HandOver(ctx, x.ID, o.ID, s.Reason, s.Note, x.Version)
	})
}

type reportCase struct {
	reportArg
	TLP     tlp.Level `name:"tlp" help:"TLP label of the case." default:"TLP:AMBER+STRICT"`
	Title   string    `help:"Empty: the report's."`
	Summary string    `help:"For everybody in the case."`
	Reason  string    `help:"Why."`
	Note    string    `help:"For the finder."`
}

// Run makes a case.
func (s reportCase) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Case, error) {
		x, err := c.Report(ctx, s.Report)
		if err != nil {
			return client.Case{}, err
		}
		return c.MakeCase(ctx, x.ID, client.CaseFromReport{Title: s.Title, Summary: s.Summary, TLP: s.TLP.String(), Reason: s.Reason, Note: s.Note, Version: x.Version})
	}, wordsOfCase)
}

type reportMerge struct {
	reportArg
	Case   string `arg:"" help:"Number or id of the case."`
	Reason string `help:"Why."`
}

// Run merges.
func (s reportMerge) Run(ctx context.Context, r *remote) error {
	if s.Case == s.Report {
		return errors.New("a report is joined to a case")
	}
	return s.onReport(ctx, r, func(ctx context.Context, c *client.Client, x client.Report) (client.Report, error) {
		return c.MergeReport(ctx, x.ID, s.Case, s.Reason, x.Version)
	})
}
