package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tocsin/client"
)

type searchCommand struct {
	remote
	Words []string `arg:"" help:"What to look for."`
	Kind  string   `help:"Only this kind: case, advisory, message, …"`
	Limit int      `help:"At most this many." default:"20"`
}

// Run searches.
func (s searchCommand) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Hit], error) {
		return c.Search(ctx, strings.Join(s.Words, " "), s.Kind, client.Paging{Limit: min(s.Limit, 100)})
	}, func(w io.Writer, p client.Page[client.Hit]) {
		for _, h := range p.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", h.TLP, h.Kind, line(h.Title), h.URL)
		}
		fmt.Fprintf(w, "%d found\n", p.Total)
	})
}

type owedCommand struct{ remote }

// Run lists what the person owes.
func (owedCommand) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Owed], error) { return c.Owed(ctx) },
		func(w io.Writer, p client.Page[client.Owed]) {
			for _, o := range p.Items {
				fmt.Fprintf(w, "%s\t%s\t%s\n", moment(o.Due), o.Number, line(o.What))
			}
			if len(p.Items) == 0 {
				fmt.Fprintln(w, "Nothing is waiting for you.")
			}
		})
}

type whoamiCommand struct{ remote }

// Run shows the person behind the token.
func (whoamiCommand) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Self, error) { return c.Me(ctx) },
		func(w io.Writer, s client.Self) {
			fmt.Fprintf(w, "%s <%s>\n", line(s.Name), s.Email)
			if len(s.Roles) > 0 {
				fmt.Fprintf(w, "roles\t%s\n", strings.Join(s.Roles, ", "))
			}
			for _, m := range s.Organizations {
				fmt.Fprintf(w, "%s\t%s\n", m.Role, line(m.OrgName))
			}
			fmt.Fprintf(w, "scopes\t%s\n", strings.Join(s.Scopes, ", "))
		})
}
