package main

import (
	"context"
	"fmt"
	"io"

	"tocsin/client"
)

type exceptionCommands struct {
	List exceptionList `cmd:"" help:"List the exceptions for cases in a program."`
	End  exceptionEnd  `cmd:"" help:"Put to the board that one ends, as a draft of a motion."`
}

type exceptionList struct{ programArg }

// Run lists exceptions.
func (s exceptionList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Exception], error) {
		return c.ProgramExceptions(ctx, s.Program)
	}, func(w io.Writer, p client.Page[client.Exception]) {
		for _, x := range p.Items {
			wordsOfException(w, x)
		}
	})
}

func wordsOfException(w io.Writer, x client.Exception) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", line(x.Org), x.Case, x.Motion, line(x.Reason), moment(x.Since), x.Ref)
}

type exceptionEnd struct {
	programArg
	Ref    string `arg:"" help:"The exception, as the list names it."`
	Reason string `required:"" help:"Why; the board reads it."`
}

// Run proposes.
func (s exceptionEnd) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Motion, error) {
		return c.ProposeExceptionEnd(ctx, s.Program, s.Ref, s.Reason)
	}, wordsOfMotion)
}
