package main

import (
	"context"
	"fmt"
	"io"

	"tocsin/client"
)

type boardBrief struct{}

// Run shows the brief.
func (boardBrief) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Brief, error) { return c.Brief(ctx) }, func(w io.Writer, b client.Brief) {
		in, due := b.Incidents, b.Due
		fmt.Fprintf(w, "%s\tas of %s\n", b.Level, moment(b.At))
		fmt.Fprintf(w, "incidents\t%d red\t%d amber\t%d green\t%d opened and %d closed in 30 days\n", in.Red, in.Amber, in.Green, in.Opened, in.Closed)
		fmt.Fprintf(w, "embargoes\t%d on\t%d days at risk so far\n", b.Embargoes.Active, b.Embargoes.Days)
		for _, x := range b.Embargoes.Weeks {
			if x.Ends > 0 {
				fmt.Fprintf(w, "week of %s\t%d end\t%d days at risk\n", x.From.Format("2006-01-02"), x.Ends, x.Days)
			}
		}
		fmt.Fprintf(w, "within 24 h\t%d embargoes\t%d decisions\t%d statuses\t%d invitations\t%d ballots\t%d objection periods\t%d renewals\n", due.Embargoes, due.Decisions, due.Statuses, due.Invitations, due.Ballots, due.Objections, due.Renewals)
		fmt.Fprintf(w, "acknowledgment\tmedian %s\tnine of ten within %s\tof %d\n", b.Answers.Median, b.Answers.Late, b.Answers.N)
		fmt.Fprintf(w, "silent\t%d members\t%d statuses\n", b.Silence.Members, b.Silence.Open)
		fmt.Fprintf(w, "alarms\t%d in 90 days\t%d cases\n", b.Leaks.Alarms, b.Leaks.Cases)
		fmt.Fprintf(w, "membership\t%d applications\t%d renewals within 90 days\t%d sanctions\t%d appeals to decide\n", b.Members.Applications, b.Members.Renewals, b.Members.Sanctions, b.Members.Appeals)
		briefRoadmap(w, b)
		for _, m := range b.Votes {
			fmt.Fprintf(w, "your vote\t%s\tby %s\t%s\n", m.Number, moment(m.Deadline), line(m.Title))
		}
	})
}

// briefRoadmap is what the consortium tells everybody of itself.
func briefRoadmap(w io.Writer, b client.Brief) {
	for _, i := range b.Roadmap.Numbers {
		if i.Figure != nil {
			fmt.Fprintf(w, "number\t%s\t%s %s\tas of %s\n", line(i.Title), i.Figure.Value, i.Figure.Unit, moment(i.Figure.AsOf))
		}
	}
	for _, x := range []struct {
		word string
		list []client.RoadmapItem
	}{{"done", b.Roadmap.Done}, {"benefit", b.Roadmap.Benefits}, {"plan", b.Roadmap.Plans}} {
		for _, i := range x.list {
			fmt.Fprintf(w, "%s\t%s\t%s\n", x.word, line(i.Title), line(i.Moment))
		}
	}
	if b.Roadmap.Waiting > 0 {
		fmt.Fprintf(w, "to clear\t%d\n", b.Roadmap.Waiting)
	}
}
