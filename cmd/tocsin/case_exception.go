package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tocsin/client"
)

type caseExceptions struct {
	caseArg
}

// Run lists exceptions.
func (s caseExceptions) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Exceptions, error) {
		return c.Exceptions(ctx, s.Case)
	},
		func(w io.Writer, x client.Exceptions) {
			if len(x.Classes) == 0 {
				fmt.Fprintln(w, "no class is shut out of this case")
				return
			}
			fmt.Fprintf(w, "shut out: %s\n", strings.Join(x.Classes, ", "))
			for _, e := range x.Made {
				wordsOfException(w, e)
			}
		})
}

type caseExcept struct {
	caseArg
	Org    string `arg:"" help:"The organization, by id or exact name."`
	Reason string `required:"" help:"Why; the board reads it."`
	Revoke bool   `help:"End the exception instead."`
}

// Run drafts the motion.
func (s caseExcept) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Motion, error) {
		o, err := organization(ctx, c, s.Org)
		if err != nil {
			return client.Motion{}, err
		}
		return c.AskException(ctx, s.Case, o.ID, s.Reason, s.Revoke)
	}, wordsOfMotion)
}
