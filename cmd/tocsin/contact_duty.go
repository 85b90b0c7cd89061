package main

import (
	"context"
	"fmt"
	"io"

	"tocsin/client"
	"tocsin/spec/oncall"
	"tocsin/spec/text"
)

type orgArg struct {
	Org string `arg:"" help:"Id of the organization."`
}

type rotationCommands struct {
	List     rotationList     `cmd:"" help:"List an organization's rotations."`
	Add      rotationAdd      `cmd:"" help:"Keep a rotation, from JSON."`
	Calendar rotationCalendar `cmd:"" help:"Who is on call in the next four weeks; gaps are named."`
	HandOver rotationHandOver `cmd:"" help:"Let a contact take over for a time, or nobody."`
	TakeBack rotationTakeBack `cmd:"" help:"Let the rotation hold again."`
	Remove   rotationRemove   `cmd:"" help:"Take a rotation away."`
}

type rotationArg struct {
	Rotation string `arg:"" help:"Id of the rotation."`
}

type rotationList struct{ orgArg }

// Run lists rotations.
func (l rotationList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Rotation], error) {
		return c.Rotations(ctx, l.Org)
	},
		func(w io.Writer, p client.Page[client.Rotation]) {
			for _, x := range p.Items {
				fmt.Fprintf(w, "%s\t%s\t%s\tversion %d\t%s\n", line(x.Name), line(x.About), text.Plural(len(x.Layers), "layer", "layers"), x.Version, x.ID)
			}
		})
}

type rotationAdd struct {
	orgArg
	File string `arg:"" help:"JSON with name, about, layers and shared, as the API takes it; - for standard input."`
}

// Run keeps a rotation.
func (a rotationAdd) Run(ctx context.Context, r *remote) error {
	var in client.Rotation
	if err := readJSON(a.File, &in); err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Rotation, error) {
		return c.AddRotation(ctx, a.Org, in)
	},
		func(w io.Writer, x client.Rotation) { fmt.Fprintln(w, x.ID) })
}

type rotationCalendar struct{ rotationArg }

// Run shows the calendar.
func (k rotationCalendar) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.DutyCalendar, error) {
		return c.DutyCalendar(ctx, k.Rotation)
	},
		func(w io.Writer, d client.DutyCalendar) {
			for _, s := range d.Stretches {
				who := s.Who
				if who == "" {
					who = "NOBODY"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", moment(s.From), moment(s.To), who, s.Why)
			}
		})
}

type rotationHandOver struct {
	rotationArg
	Contact string  `help:"Id of who takes over; nobody otherwise."`
	From    instant `help:"Instant; at once otherwise."`
	To      instant `help:"Instant." required:""`
	Layer   string  `help:"Name of a layer; the whole rotation otherwise."`
	Reason  string  `help:"Why."`
}

// Run hands over.
func (h rotationHandOver) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Override, error) {
		return c.HandDutyOver(ctx, h.Rotation, client.Override{Contact: h.Contact, From: h.From.Time, To: h.To.Time, Layer: h.Layer, Reason: h.Reason})
	}, func(w io.Writer, o client.Override) {
		fmt.Fprintf(w, "%s\t%s\t%s\n", moment(o.From), moment(o.To), o.ID)
	})
}

type rotationTakeBack struct {
	rotationArg
	Override string `arg:"" help:"Id of what was agreed."`
}

// Run takes an override back.
func (t rotationTakeBack) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "taken back", func(ctx context.Context, c *client.Client) error { return c.TakeBack(ctx, t.Rotation, t.Override) })
}

type rotationRemove struct {
	rotationArg
	Version int64 `name:"seen" help:"The version seen, as list shows it." required:""`
}

// Run removes a rotation.
func (d rotationRemove) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "removed", func(ctx context.Context, c *client.Client) error {
		return c.RemoveRotation(ctx, d.Rotation, d.Version)
	})
}

type ladderCommands struct {
	List   ladderList   `cmd:"" help:"List an organization's ladders."`
	Add    ladderAdd    `cmd:"" help:"Keep a ladder, from JSON."`
	Plan   ladderPlan   `cmd:"" help:"Whom a ladder would call when, begun now."`
	Remove ladderRemove `cmd:"" help:"Take a ladder away."`
}

type ladderArg struct {
	Ladder string `arg:"" help:"Id of the ladder."`
}

type ladderList struct{ orgArg }

// Run lists ladders.
func (l ladderList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Ladder], error) {
		return c.Ladders(ctx, l.Org)
	},
		func(w io.Writer, p client.Page[client.Ladder]) {
			for _, x := range p.Items {
				fmt.Fprintf(w, "%s\t%s\t%s\tversion %d\t%s\n", line(x.Name), line(x.About), text.Plural(len(x.Ladder.Steps), "step", "steps"), x.Version, x.ID)
			}
		})
}

type ladderAdd struct {
	orgArg
	File string `arg:"" help:"JSON with name, about, ladder and shared, as the API takes it; - for standard input."`
}

// Run keeps a ladder.
func (a ladderAdd) Run(ctx context.Context, r *remote) error {
	var in client.Ladder
	if err := readJSON(a.File, &in); err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Ladder, error) { return c.AddLadder(ctx, a.Org, in) },
		func(w io.Writer, x client.Ladder) { fmt.Fprintln(w, x.ID) })
}

type ladderPlan struct {
	ladderArg
	Emergency bool `help:"Quiet hours do not count."`
}

// Run plans a ladder.
func (p ladderPlan) Run(ctx context.Context, r *remote) error {
	urgency := string(oncall.Routine)
	if p.Emergency {
		urgency = string(oncall.Emergency)
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (oncall.Calls, error) {
		return c.PlanLadder(ctx, p.Ladder, urgency)
	},
		func(w io.Writer, k oncall.Calls) {
			for _, x := range k.Calls {
				fmt.Fprintf(w, "%s\tstep %d\t%s\t%s\n", moment(x.At), x.Step, x.Channel, x.Whom)
			}
			for _, x := range k.Skipped {
				fmt.Fprintf(w, "%s\tstep %d\tskipped\t%s\n", moment(x.At), x.Step, line(x.Reason))
			}
		})
}

type ladderRemove struct {
	ladderArg
	Version int64 `name:"seen" help:"The version seen, as list shows it." required:""`
}

// Run removes a ladder.
func (d ladderRemove) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "removed", func(ctx context.Context, c *client.Client) error { return c.RemoveLadder(ctx, d.Ladder, d.Version) })
}

type callCommands struct {
	Start callStart `cmd:"" help:"Call an organization until somebody answers."`
	Test  callTest  `cmd:"" help:"Test an organization's contacts, unannounced."`
	List  callList  `cmd:"" help:"List calls, or tests with --test."`
	Show  callShow  `cmd:"" help:"Show a call with its pages."`
	Take  callTake  `cmd:"" help:"Answer a call to your organization."`
	Note  callNote  `cmd:"" help:"Say what came of dialing."`
	Stop  callStop  `cmd:"" help:"End a call that is no longer needed."`
}

type callFlags struct {
	orgArg
	Ladder    string `help:"Id; the organization's own for the matter otherwise."`
	Contact   string `help:"Id of a single contact instead."`
	About     string `help:"The matter."`
	Emergency bool   `help:"Quiet hours do not count."`
}

func (f callFlags) ask() client.CallAsk {
	in := client.CallAsk{Ladder: f.Ladder, Contact: f.Contact, About: f.About}
	if f.Emergency {
		in.Urgency = string(oncall.Emergency)
	}
	return in
}

type callStart struct{ callFlags }

// Run starts a call.
func (s callStart) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Call, error) {
		return c.CallOrg(ctx, s.Org, s.ask())
	}, sayCall)
}

type callTest struct {
	callFlags
	Minutes int `help:"How long it may take to answer." default:"60"`
}

// Run starts a test.
func (s callTest) Run(ctx context.Context, r *remote) error {
	in := s.ask()
	in.Minutes = s.Minutes
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Call, error) { return c.TestOrg(ctx, s.Org, in) }, sayCall)
}

func sayCall(w io.Writer, k client.Call) {
	fmt.Fprintf(w, "%s\t%s\t%s\tuntil %s\n", k.ID, k.State, k.Urgency, moment(k.Until))
	for _, p := range k.Pages {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\n", moment(p.Due), p.Channel, line(p.Name), p.State, line(p.Note), p.ID)
	}
}

type callList struct {
	Test bool   `help:"Tests instead of calls."`
	Org  string `help:"Id of one organization."`
}

// Run lists calls.
func (l callList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Call], error) {
		return all(1000, func(p client.Paging) (client.Page[client.Call], error) { return c.Calls(ctx, l.Test, l.Org, p) })
	}, func(w io.Writer, p client.Page[client.Call]) {
		for _, k := range p.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", moment(k.Started), k.State, k.Urgency, line(k.About), k.ID)
		}
	})
}

type callArg struct {
	Call string `arg:"" help:"Id of the call."`
}

type callShow struct{ callArg }

// Run shows a call.
func (a callShow) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Call, error) { return c.Call(ctx, a.Call) }, sayCall)
}

type callTake struct{ callArg }

// Run answers a call.
func (a callTake) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Call, error) { return c.TakeCall(ctx, a.Call) }, sayCall)
}

type callStop struct {
	callArg
	Note string `help:"Why."`
}

// Run stops a call.
func (a callStop) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Call, error) {
		return c.StopCall(ctx, a.Call, a.Note)
	}, sayCall)
}

type callNote struct {
	callArg
	Page     string `arg:"" help:"Id of the page."`
	Answered bool   `help:"Somebody answered; nobody did otherwise."`
	Note     string `help:"What was said."`
}

// Run notes what came of dialing.
func (a callNote) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Call, error) {
		return c.NotePage(ctx, a.Call, a.Page, a.Answered, a.Note)
	}, sayCall)
}
