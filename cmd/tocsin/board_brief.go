package main

import (
	"context"
	"fmt"
	"io"

	"tocsin/client"
	"tocsin/spec/text"
)

type boardBrief struct{}

// Run shows the brief.
func (boardBrief) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Brief, error) { return c.Brief(ctx) }, func(w io.Writer, b client.Brief) {
		in, due := b.Incidents, b.Due
		fmt.Fprintf(w, "%s\tas of %s\n", b.Level, moment(b.At))
		fmt.Fprintf(w, "incidents\t%d red\t%d amber\t%d green\t%d opened and %d closed in 30 days\n", in.Red, in.Amber, in.Green, in.Opened, in.Closed)
		fmt.Fprintf(w, "embargoes\t%d on\t%s at risk so far\n", b.Embargoes.Active, text.Plural(b.Embargoes.Days, "day", "days"))
		for _, x := range b.Embargoes.Weeks {
			if x.Ends > 0 {
				fmt.Fprintf(w, "week of %s\t%d end\t%s at risk\n", x.From.Format("2006-01-02"), x.Ends, text.Plural(x.Days, "day", "days"))
			}
		}
		fmt.Fprintf(w, "within 24 h\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", text.Plural(due.Embargoes, "embargo", "embargoes"), text.Plural(due.Decisions, "decision", "decisions"), text.Plural(due.Statuses, "status", "statuses"), text.Plural(due.Invitations, "invitation", "invitations"), text.Plural(due.Ballots, "ballot", "ballots"), text.Plural(due.Objections, "objection period", "objection periods"), text.Plural(due.Renewals, "renewal", "renewals"))
		fmt.Fprintf(w, "acknowledgment\tmedian %s\tnine of ten within %s\tof %d\n", b.Answers.Median, b.Answers.Late, b.Answers.N)
		fmt.Fprintf(w, "silent\t%s\t%s\n", text.Plural(b.Silence.Members, "member", "members"), text.Plural(b.Silence.Open, "status", "statuses"))
		fmt.Fprintf(w, "alarms\t%d in 90 days\t%s\n", b.Leaks.Alarms, text.Plural(b.Leaks.Cases, "case", "cases"))
		fmt.Fprintf(w, "membership\t%s\t%s within 90 days\t%s\t%s to decide\n", text.Plural(b.Members.Applications, "application", "applications"), text.Plural(b.Members.Renewals, "renewal", "renewals"), text.Plural(b.Members.Sanctions, "sanction", "sanctions"), text.Plural(b.Members.Appeals, "appeal", "appeals"))
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
