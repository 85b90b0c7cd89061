package main

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"strings"

	"tocsin/client"
	"tocsin/spec/text"
)

// ruleFlags are the rules that a command may name; lists are written with
// commas, and "none" is the empty list.
type ruleFlags struct {
	Slug          *string `help:"In the address of its public page."`
	Admits        *string `help:"Classes that may join, with commas; none: every class not shut out." placeholder:"CLASS,…"`
	ShutOut       *string `help:"Classes that nothing under it reaches, below it too." placeholder:"CLASS,…"`
	Evidence      *string `help:"Asked of applicants." placeholder:"KIND,…"`
	Sponsors      *int    `help:"Members that must vouch for an applicant."`
	ObjectionDays *int    `help:"Days in which members may object."`
	RenewDays     *int    `help:"Days a membership lasts; 0: without end."`
	By            *string `help:"Who decides on applicants: board or coordinators." enum:"board,coordinators"`
	Open          *string `help:"Takes applications: yes or no." enum:"yes,no"`
	Directory     *string `help:"Who sees whom: members, names or coordinators." enum:"members,names,coordinators"`
	Agreements    *string `help:"Ids of agreements that members accept." placeholder:"ID,…"`
	Features      *string `help:"What members do in it." placeholder:"FEATURE,…"`
	Page          *string `help:"Public page: Markdown, @FILE, or - for standard input."`
}

func listed(s *string) *[]string {
	if s == nil {
		return nil
	}
	out := []string{}
	for _, part := range strings.Split(*s, ",") {
		if part = strings.TrimSpace(part); part != "" && part != "none" {
			out = append(out, part)
		}
	}
	return &out
}

func (f ruleFlags) change() (client.RuleChange, error) {
	out := client.RuleChange{Slug: f.Slug, Admits: listed(f.Admits), ShutOut: listed(f.ShutOut), Evidence: listed(f.Evidence), Sponsors: f.Sponsors, ObjectionDays: f.ObjectionDays, RenewDays: f.RenewDays,
		Directory: f.Directory, Agreements: listed(f.Agreements), Features: listed(f.Features)}
	if f.By != nil {
		board := *f.By == "board"
		out.ByBoard = &board
	}
	if f.Open != nil {
		open := *f.Open == "yes"
		out.Open = &open
	}
	if f.Page != nil {
		text, err := textOf(*f.Page)
		if err != nil {
			return out, err
		}
		out.Page = &text
	}
	return out, nil
}

type programRules struct {
	programArg
	ruleFlags
	Version int64 `name:"seen" placeholder:"VERSION" help:"The version of the rules you saw; needed to change them."`
}

// Run shows or changes rules.
func (s programRules) Run(ctx context.Context, r *remote) error {
	in, err := s.change()
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.ProgramRules, error) {
		if reflect.ValueOf(in).IsZero() {
			return c.ProgramRules(ctx, s.Program)
		}
		return c.ChangeRules(ctx, s.Program, in, s.Version)
	}, wordsOfRules)
}

type programPreview struct {
	programArg
	ruleFlags
	Under *string `help:"Id of the program above it; empty: at the top." placeholder:"PROGRAM"`
}

// Run shows what a change of rules would do.
func (s programPreview) Run(ctx context.Context, r *remote) error {
	in, err := s.change()
	if err != nil {
		return err
	}
	in.Parent = s.Under
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.RulePreview, error) {
		return c.PreviewRules(ctx, s.Program, in)
	}, wordsOfPreview)
}

func wordsOfPreview(w io.Writer, p client.RulePreview) {
	fmt.Fprintf(w, "shut out now\t%s\nlet in again\t%s\n", strings.Join(p.Closed, ", "), strings.Join(p.Opened, ", "))
	wordsOfAffected(w, "loses", p.Loses)
	wordsOfAffected(w, "gains", p.Gains)
}

type programPropose struct {
	programArg
	ruleFlags
	Under   *string `help:"Id of the program above it; empty: at the top." placeholder:"PROGRAM"`
	Reason  string  `help:"Why; the board reads it."`
	Version int64   `name:"seen" placeholder:"VERSION" required:"" help:"The version of the rules you saw."`
}

// Run puts rules to the board.
func (s programPropose) Run(ctx context.Context, r *remote) error {
	in, err := s.change()
	if err != nil {
		return err
	}
	in.Parent = s.Under
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.RulesMotion, error) {
		return c.ProposeRules(ctx, s.Program, in, s.Reason, s.Version)
	}, func(w io.Writer, m client.RulesMotion) {
		wordsOfMotion(w, m.Motion)
		wordsOfPreview(w, m.Change)
	})
}

func wordsOfAffected(w io.Writer, verb string, list []client.RuleAffected) {
	fmt.Fprintf(w, "%s\t%s\n", text.Plural(len(list), "person", "people"), verb)
	for _, a := range list {
		for _, t := range a.Things {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s %s\t%s\n", verb, line(a.Name), strings.Join(a.Orgs, ", "), t.Kind, line(t.Title), t.Upto)
		}
		if a.Others > 0 {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s more\n", verb, line(a.Name), strings.Join(a.Orgs, ", "), text.Plural(a.Others, "thing", "things"))
		}
	}
}

func wordsOfRules(w io.Writer, r client.ProgramRules) {
	words := func(list []string) string {
		if len(list) == 0 {
			return "none"
		}
		return strings.Join(list, ", ")
	}
	by, open := "coordinators", "no"
	if r.ByBoard {
		by = "board"
	}
	if r.Open {
		open = "yes"
	}
	fmt.Fprintf(w, "under\t%s\npage address\t%s\nadmits\t%s\nshut out\t%s\nevidence\t%s\nsponsors\t%d\nobjection days\t%d\nrenewal days\t%d\ndecided by\t%s\napplications open\t%s\ndirectory\t%s\nagreements\t%s\nfeatures\t%s\nrules version\t%d\n",
		r.Parent, r.Slug, words(r.Admits), words(r.ShutOut), words(r.Evidence), r.Sponsors, r.ObjectionDays, r.RenewDays, by, open, r.Directory, words(r.Agreements), words(r.Features), r.Version)
}

type programHistory struct {
	programArg
	Limit int `help:"At most this many." default:"50"`
}

// Run lists what changed.
func (s programHistory) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Event], error) {
		return all(s.Limit, func(p client.Paging) (client.Page[client.Event], error) { return c.RuleHistory(ctx, s.Program, p) })
	}, wordsOfEvents)
}

type programMove struct {
	programArg
	Under   string `help:"Id of the program above it; without it: at the top." placeholder:"PROGRAM"`
	Version int64  `name:"seen" placeholder:"VERSION" required:"" help:"The version of the rules you saw."`
}

// Run moves a program.
func (s programMove) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.ProgramRules, error) {
		return c.MoveProgram(ctx, s.Program, s.Under, s.Version)
	}, wordsOfRules)
}

type programClose struct {
	programArg
	Version int64 `name:"seen" placeholder:"VERSION" required:"" help:"The version of the program you saw."`
}

// Run closes a program.
func (s programClose) Run(ctx context.Context, r *remote) error {
	closed := "closed"
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Program, error) {
		return c.ChangeProgram(ctx, s.Program, client.ProgramChange{State: &closed}, s.Version)
	}, wordsOfProgram)
}

type programOrg struct {
	programArg
	Org string `arg:"" help:"Id of the organization."`
}

type programJoin struct{ programOrg }

// Run puts an organization in.
func (s programJoin) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "The organization belongs to the program.", func(ctx context.Context, c *client.Client) error { return c.JoinProgram(ctx, s.Program, s.Org) })
}

type programLeave struct{ programOrg }

// Run takes an organization out.
func (s programLeave) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "The organization is out of the program.", func(ctx context.Context, c *client.Client) error { return c.LeaveProgram(ctx, s.Program, s.Org) })
}

type coordinatorCommands struct {
	List    coordinatorList    `cmd:"" help:"List a program's own coordinators."`
	Appoint coordinatorAppoint `cmd:"" help:"Make a person coordinator of the program."`
	Dismiss coordinatorDismiss `cmd:"" help:"Take that away."`
}

type coordinatorList struct{ programArg }

// Run lists coordinators.
func (s coordinatorList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.ProgramCoordinator], error) {
		return c.ProgramCoordinators(ctx, s.Program)
	}, func(w io.Writer, p client.Page[client.ProgramCoordinator]) {
		for _, k := range p.Items {
			fmt.Fprintf(w, "%s\t<%s>\t%s\t%s\n", line(k.Name), k.Email, moment(k.Since), k.Person)
		}
	})
}

type coordinatorArgs struct {
	programArg
	Person string `arg:"" help:"Id of the person."`
}

type coordinatorAppoint struct{ coordinatorArgs }

// Run appoints.
func (s coordinatorAppoint) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "Appointed.", func(ctx context.Context, c *client.Client) error {
		return c.AppointCoordinator(ctx, s.Program, s.Person)
	})
}

type coordinatorDismiss struct{ coordinatorArgs }

// Run dismisses.
func (s coordinatorDismiss) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "Dismissed.", func(ctx context.Context, c *client.Client) error {
		return c.DismissCoordinator(ctx, s.Program, s.Person)
	})
}
