package main

import (
	"context"
	"fmt"
	"io"

	"tocsin/client"
)

type appPrepare struct {
	appArg
	Email string `help:"Of the first admin; without it, the application's contact."`
	Name  string `help:"What the first admin is called."`
}

// Run prepares.
func (s appPrepare) Run(ctx context.Context, r *remote) error {
	return askApplication(ctx, r, func(ctx context.Context, c *client.Client) (client.Application, error) {
		return c.PrepareApplication(ctx, s.Application, s.Email, s.Name)
	})
}

type appLink struct{ appArg }

// Run mails a new link.
func (s appLink) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "mailed", func(ctx context.Context, c *client.Client) error {
		_, err := c.RelinkApplication(ctx, s.Application)
		return err
	})
}

type appAffiliation struct {
	List    affiliationList    `cmd:"" help:"Who belongs to whom."`
	Declare affiliationDeclare `cmd:"" help:"Record that a party belongs to an organization."`
	Remove  affiliationRemove  `cmd:"" help:"Remove that record."`
}

type affiliationList struct {
	Party string `help:"Id of an organization or application."`
}

// Run lists.
func (s affiliationList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Affiliation], error) {
		return c.Affiliations(ctx, s.Party)
	}, func(w io.Writer, p client.Page[client.Affiliation]) {
		for _, a := range p.Items {
			fmt.Fprintf(w, "%s\t%s\tbelongs to %s\t%s\n", a.ID, line(a.PartyName), line(a.ParentName), line(a.Note))
		}
	})
}

type affiliationDeclare struct {
	Party  string `arg:"" help:"Id of an organization or application."`
	Parent string `arg:"" help:"Id of the organization that owns or controls it."`
	Note   string `help:"Where this is known from."`
}

// Run declares.
func (s affiliationDeclare) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "declared", func(ctx context.Context, c *client.Client) error {
		_, err := c.Affiliate(ctx, s.Party, s.Parent, s.Note)
		return err
	})
}

type affiliationRemove struct {
	Affiliation string `arg:"" help:"Id of the record."`
}

// Run removes.
func (s affiliationRemove) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "removed", func(ctx context.Context, c *client.Client) error { return c.Disaffiliate(ctx, s.Affiliation) })
}

type appFreeze struct {
	Case    string `arg:"" help:"Number of the case."`
	Program string `arg:"" help:"Id of the program."`
}

// Run freezes.
func (s appFreeze) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "frozen", func(ctx context.Context, c *client.Client) error {
		return c.FreezeApplications(ctx, s.Case, s.Program)
	})
}

type appThaw struct {
	Case    string `arg:"" help:"Number of the case."`
	Program string `arg:"" help:"Id of the program."`
}

// Run thaws.
func (s appThaw) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "thawed", func(ctx context.Context, c *client.Client) error {
		return c.ThawApplications(ctx, s.Case, s.Program)
	})
}
