package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"tocsin/client"
)

type roadmapCommands struct {
	remote

	Show     roadmapShow     `cmd:"" help:"What everybody may read."`
	List     roadmapList     `cmd:"" help:"All lines with their clearances."`
	Figures  roadmapFigures  `cmd:"" help:"The numbers that can be drawn now."`
	Write    roadmapWrite    `cmd:"" help:"Write a line; two others clear it."`
	Edit     roadmapEdit     `cmd:"" help:"Change a line, which loses its clearances."`
	Draw     roadmapDraw     `cmd:"" help:"Draw a number anew."`
	Clear    roadmapClear    `cmd:"" help:"Find a line fit to be published."`
	Withdraw roadmapWithdraw `cmd:"" help:"Take a line back at once."`
}

func wordsOfItem(w io.Writer, i client.RoadmapItem) {
	said := line(i.Title)
	if i.Figure != nil {
		said = fmt.Sprintf("%s %s %s (as of %s)", said, i.Figure.Value, i.Figure.Unit, moment(i.Figure.AsOf))
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d cleared\t%s\tversion %d\t%s\n", i.TLP, i.Kind, i.State, said, len(i.Clearances), moment(i.Release), i.Version, i.ID)
}

func wordsOfItems(w io.Writer, p client.Page[client.RoadmapItem]) {
	for _, i := range p.Items {
		wordsOfItem(w, i)
	}
	if len(p.Items) == 0 {
		fmt.Fprintln(w, "Nothing yet.")
	}
}

type roadmapShow struct{}

// Run shows the public roadmap.
func (roadmapShow) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.RoadmapItem], error) {
		return c.Roadmap(ctx)
	}, wordsOfItems)
}

type roadmapList struct{}

// Run lists all lines.
func (roadmapList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.RoadmapItem], error) {
		return c.RoadmapItems(ctx)
	}, wordsOfItems)
}

type roadmapFigures struct{}

// Run lists figures.
func (roadmapFigures) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.RoadmapFigure], error) {
		return c.RoadmapFigures(ctx)
	}, func(w io.Writer, p client.Page[client.RoadmapFigure]) {
		for _, f := range p.Items {
			fmt.Fprintf(w, "%s\t%s\t%s %s\t%s\n", f.Key, line(f.Name), f.Value, f.Unit, line(f.Counted))
		}
	})
}

type itemText struct {
	Title     *string  `help:"In one line; a number takes its own name."`
	Body      *string  `help:"Markdown, @FILE, or - for standard input."`
	Moment    *string  `help:"When, as people say it." placeholder:"WHEN"`
	NotBefore *instant `help:"Published at this instant at the earliest." placeholder:"TIME"`
	Place     *int     `help:"Order within its kind; 0 first."`
}

func (t itemText) read() (client.RoadmapText, error) {
	out := client.RoadmapText{Title: t.Title, Moment: t.Moment, Place: t.Place}
	if t.NotBefore != nil {
		at := t.NotBefore.Time.In(time.UTC)
		out.NotBefore = &at
	}
	if t.Body == nil {
		return out, nil
	}
	body, err := textOf(*t.Body)
	out.Body = &body
	return out, err
}

func item(ctx context.Context, r *remote, f func(context.Context, *client.Client) (client.RoadmapItem, error)) error {
	return ask(ctx, r, f, wordsOfItem)
}

type roadmapWrite struct {
	Kind   string `arg:"" enum:"number,done,benefit,plan" help:"number, done, benefit or plan."`
	Figure string `help:"Of a number: one of: tocsin roadmap figures." placeholder:"KEY"`
	itemText
}

// Run writes a line.
func (s roadmapWrite) Run(ctx context.Context, r *remote) error {
	text, err := s.read()
	if err != nil {
		return err
	}
	return item(ctx, r, func(ctx context.Context, c *client.Client) (client.RoadmapItem, error) {
		return c.WriteRoadmap(ctx, s.Kind, s.Figure, text)
	})
}

type itemSeen struct {
	Item    string `arg:"" help:"Id of the line."`
	Version int64  `name:"seen" placeholder:"VERSION" required:"" help:"The version you saw."`
}

type roadmapEdit struct {
	itemSeen
	itemText
}

// Run changes a line.
func (s roadmapEdit) Run(ctx context.Context, r *remote) error {
	text, err := s.read()
	if err != nil {
		return err
	}
	return item(ctx, r, func(ctx context.Context, c *client.Client) (client.RoadmapItem, error) {
		return c.ChangeRoadmap(ctx, s.Item, text, s.Version)
	})
}

type roadmapDraw struct{ itemSeen }

// Run draws a number anew.
func (s roadmapDraw) Run(ctx context.Context, r *remote) error {
	return item(ctx, r, func(ctx context.Context, c *client.Client) (client.RoadmapItem, error) {
		return c.DrawRoadmap(ctx, s.Item, s.Version)
	})
}

type roadmapClear struct{ itemSeen }

// Run clears a line.
func (s roadmapClear) Run(ctx context.Context, r *remote) error {
	return item(ctx, r, func(ctx context.Context, c *client.Client) (client.RoadmapItem, error) {
		return c.ClearRoadmap(ctx, s.Item, s.Version)
	})
}

type roadmapWithdraw struct {
	Item   string `arg:"" help:"Id of the line."`
	Reason string `required:"" help:"Why."`
}

// Run withdraws a line.
func (s roadmapWithdraw) Run(ctx context.Context, r *remote) error {
	return item(ctx, r, func(ctx context.Context, c *client.Client) (client.RoadmapItem, error) {
		return c.WithdrawRoadmap(ctx, s.Item, s.Reason)
	})
}
