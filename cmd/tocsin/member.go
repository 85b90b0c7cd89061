package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"tocsin/client"
	"tocsin/spec/membership"
)

type memberCommands struct {
	remote
	List    memberList    `cmd:"" help:"List how members stand."`
	Export  memberExport  `cmd:"" help:"Write the same as CSV."`
	Owed    memberOwed    `cmd:"" help:"Renewals that wait for you, appeals that you may decide or file."`
	Show    memberShow    `cmd:"" help:"One membership, its renewal's checklist and its sanctions."`
	Note    memberNote    `cmd:"" help:"Note the fee or the evidence of a renewal."`
	Renew   memberRenew   `cmd:"" help:"Begin the next term, once nothing is missing."`
	Foresee memberForesee `cmd:"" help:"Say what a sanction would do, and to how many people."`
	Warn    memberWarn    `cmd:"" help:"Warn a member (coordinators)."`
	Reduce  memberReduce  `cmd:"" help:"Leave a member reading, and nothing more (coordinators)."`
	Propose memberPropose `cmd:"" help:"Draft a motion that the board suspend or remove a member."`
	Lift    memberLift    `cmd:"" help:"Lift a warning or a reduction (coordinators)."`
	Appeal  memberAppeal  `cmd:"" help:"Appeal against a sanction (the member's admins)."`
	Decide  memberDecide  `cmd:"" help:"Decide on an appeal against a warning or a reduction (coordinators)."`
	Board   memberBoard   `cmd:"" help:"Draft a motion that the board lift what it decided."`
}

type memberArg struct {
	Member string `arg:"" help:"Program and organization with a dot between, as prg_….org_… or alliance.org_…; or the membership's id."`
}

type sanctionArg struct {
	Sanction string `arg:"" help:"Id of the sanction."`
}

type memberFilter struct {
	Program  string `help:"Id of a program; alliance: the whole alliance."`
	Org      string `help:"Id of an organization."`
	Standing string `help:"good, warned, reduced, lapsed, suspended or removed."`
	Renewing bool   `help:"Only those whose renewal is asked for."`
	Appealed bool   `help:"Only those with an appeal to be decided."`
	Name     string `help:"Beginning of the organization's name."`
	Due      bool   `help:"Whose term ends first, first."`
}

func (f memberFilter) query() client.MembershipQuery {
	q := client.MembershipQuery{Program: f.Program, Org: f.Org, Standing: f.Standing, Renewing: f.Renewing, Appealed: f.Appealed, Prefix: f.Name}
	if f.Due {
		q.Sort = "due"
	}
	return q
}

func lineOfMember(w io.Writer, m client.MemberStanding) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s", line(m.OrgName), line(m.ProgramName), m.Standing.Label(), moment(m.Due), m.Ref())
	for _, s := range m.Missing {
		fmt.Fprintf(w, "\t%s", s.Kind)
	}
	fmt.Fprintln(w)
}

func wordsOfMember(w io.Writer, m client.MemberStanding) {
	fmt.Fprintf(w, "%s\t%s\nstanding\t%s\n", line(m.OrgName), line(m.ProgramName), m.Standing.Label())
	if m.Because != "" {
		fmt.Fprintf(w, "because of\t%s\n", line(m.Because))
	}
	if !m.Due.IsZero() {
		fmt.Fprintf(w, "term ends\t%s\n", moment(m.Due))
	}
	fmt.Fprintf(w, "renewal\t%s\n", membership.Renewal.Label(m.Renewal))
	for _, s := range m.Steps {
		done := "open"
		if s.Done {
			done = "done"
		}
		fmt.Fprintf(w, "%s\t%s\t%s %s\n", s.Kind, done, line(s.What), line(s.Note))
	}
	for _, s := range m.Sanctions {
		wordsOfSanction(w, s)
	}
}

func wordsOfSanction(w io.Writer, s client.Sanction) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.ID, s.Kind, moment(s.At), line(s.Reason))
	if s.Of != nil {
		fmt.Fprintf(w, "against\t%s\t%s\n", line(s.Of.OrgName), line(s.Of.ProgramName))
	}
	fmt.Fprintf(w, "appeal\t%s\tuntil %s\n", membership.Appeal.Label(s.Appeal), moment(s.AppealUntil))
	if s.Plea != "" {
		fmt.Fprintf(w, "plea\t%s\n", line(s.Plea))
	}
	if s.Decision != "" {
		fmt.Fprintf(w, "decision\t%s\n", line(s.Decision))
	}
	if !s.EndedAt.IsZero() {
		fmt.Fprintf(w, "over since\t%s\t%s\n", moment(s.EndedAt), line(s.EndReason))
	}
}

type memberList struct {
	memberFilter
	Most int `help:"How many at most." default:"500"`
}

// Run lists.
func (s memberList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.MemberStanding], error) {
		return all(s.Most, func(p client.Paging) (client.Page[client.MemberStanding], error) {
			q := s.query()
			q.Paging = p
			return c.Memberships(ctx, q)
		})
	}, func(w io.Writer, p client.Page[client.MemberStanding]) {
		for _, m := range p.Items {
			lineOfMember(w, m)
		}
	})
}

type memberExport struct{ memberFilter }

// Run writes CSV to standard output.
func (s memberExport) Run(ctx context.Context, r *remote) error {
	c, err := r.client()
	if err != nil {
		return err
	}
	a, err := c.MembershipsCSV(ctx, s.query())
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if !r.JSON {
		_, err = io.Copy(os.Stdout, a.Body)
		return err
	}
	b, err := io.ReadAll(a.Body)
	if err != nil {
		return err
	}
	return r.print(map[string]string{"csv": string(b)}, nil)
}

type memberOwed struct{}

// Run lists.
func (memberOwed) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.OwedStanding, error) {
		return c.MembershipsOwed(ctx)
	}, func(w io.Writer, o client.OwedStanding) {
		for _, m := range o.Renewals {
			fmt.Fprint(w, "renew\t")
			lineOfMember(w, m)
		}
		for _, s := range o.Decide {
			fmt.Fprint(w, "decide\t")
			wordsOfSanction(w, s)
		}
		for _, s := range o.Appeal {
			fmt.Fprint(w, "may appeal\t")
			wordsOfSanction(w, s)
		}
	})
}

type memberShow struct{ memberArg }

// Run shows.
func (s memberShow) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.MemberStanding, error) {
		return c.Membership(ctx, s.Member)
	}, wordsOfMember)
}

type memberNote struct {
	memberArg
	Step string `arg:"" enum:"fee,evidence" help:"fee or evidence."`
	Note string `arg:"" help:"What is noted; @FILE or - reads it."`
}

// Run notes.
func (s memberNote) Run(ctx context.Context, r *remote) error {
	note, err := textOf(s.Note)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.MemberStanding, error) {
		return c.NoteStep(ctx, s.Member, s.Step, note)
	}, wordsOfMember)
}

type memberRenew struct{ memberArg }

// Run renews.
func (s memberRenew) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.MemberStanding, error) {
		return c.RenewMembership(ctx, s.Member)
	}, wordsOfMember)
}

type memberForesee struct {
	memberArg
	Kind membership.SanctionVerb `arg:"" enum:"warn,reduce,suspend,remove" help:"warn, reduce, suspend or remove."`
}

// Run foresees.
func (s memberForesee) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Consequence, error) {
		return c.Foresee(ctx, s.Member, s.Kind)
	}, func(w io.Writer, x client.Consequence) {
		fmt.Fprintf(w, "standing\t%s\npeople whose access changes\t%d\npeople who lose sight\t%d\nrecords out of sight\t%d\npeople who may only read\t%d\n", x.Standing.Label(), x.People, x.Blind, x.Records, x.Mute)
		for _, p := range x.Programs {
			fmt.Fprintf(w, "in\t%s\n", line(p))
		}
	})
}

type memberReason struct {
	Reason string `required:"" help:"Why; the member reads it. @FILE or - reads it."`
}

type memberWarn struct {
	memberArg
	memberReason
}

// Run warns.
func (s memberWarn) Run(ctx context.Context, r *remote) error {
	reason, err := textOf(s.Reason)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.MemberStanding, error) {
		return c.WarnMember(ctx, s.Member, reason)
	}, wordsOfMember)
}

type memberReduce struct {
	memberArg
	memberReason
}

// Run reduces.
func (s memberReduce) Run(ctx context.Context, r *remote) error {
	reason, err := textOf(s.Reason)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.MemberStanding, error) {
		return c.ReduceMember(ctx, s.Member, reason)
	}, wordsOfMember)
}

type memberPropose struct {
	memberArg
	Kind membership.SanctionVerb `arg:"" enum:"suspend,remove" help:"suspend or remove."`
	memberReason
}

// Run drafts a motion.
func (s memberPropose) Run(ctx context.Context, r *remote) error {
	reason, err := textOf(s.Reason)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Motion, error) {
		return c.ProposeSanction(ctx, s.Member, s.Kind, reason)
	}, wordsOfMotion)
}

type memberLift struct {
	sanctionArg
	memberReason
}

// Run lifts.
func (s memberLift) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.MemberStanding, error) {
		return c.LiftSanction(ctx, s.Sanction, s.Reason)
	}, wordsOfMember)
}

type memberAppeal struct {
	sanctionArg
	Plea string `required:"" help:"Why the sanction is wrong, or too hard. @FILE or - reads it."`
}

// Run appeals.
func (s memberAppeal) Run(ctx context.Context, r *remote) error {
	plea, err := textOf(s.Plea)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Sanction, error) {
		return c.AppealSanction(ctx, s.Sanction, plea)
	}, wordsOfSanction)
}

type memberDecide struct {
	sanctionArg
	Decision string `arg:"" enum:"uphold,overturn" help:"uphold or overturn."`
	memberReason
}

// Run decides.
func (s memberDecide) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.MemberStanding, error) {
		return c.DecideAppeal(ctx, s.Sanction, s.Decision == "overturn", s.Reason)
	}, wordsOfMember)
}

type memberBoard struct {
	sanctionArg
	Note string `help:"Stands in the motion, after the member's plea."`
}

// Run drafts a motion.
func (s memberBoard) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Motion, error) {
		return c.PutToBoard(ctx, s.Sanction, s.Note)
	}, wordsOfMotion)
}
