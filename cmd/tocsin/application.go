package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"tocsin/client"
	"tocsin/spec/membership"
)

type applicationCommands struct {
	remote
	List        appList        `cmd:"" help:"List the applications that you may see."`
	Show        appShow        `cmd:"" help:"One application, as your side reads it."`
	Begin       appBegin       `cmd:"" help:"Begin an application of your organization."`
	Save        appSave        `cmd:"" help:"Save a draft."`
	Submit      appSubmit      `cmd:"" help:"Hand a draft in."`
	Step        appStep        `cmd:"" help:"Take a plain step: withdraw, check, announce, sign, test or activate."`
	Return      appReturn      `cmd:"" help:"Send it back to be completed."`
	Ask         appAsk         `cmd:"" help:"Ask a member to speak for the applicant."`
	Speak       appSpeak       `cmd:"" help:"Answer as a sponsor."`
	Object      appObject      `cmd:"" help:"Object as a member."`
	Answer      appAnswer      `cmd:"" help:"Say whether an objection stands or is set aside."`
	Conflict    appConflict    `cmd:"" help:"Take no part, or note an organization in conflict."`
	Ballot      appBallot      `cmd:"" help:"Put it to the board's vote."`
	Accept      appAccept      `cmd:"" help:"Accept it, where no board decides."`
	Refuse      appRefuse      `cmd:"" help:"Refuse it, where no board decides."`
	Explain     appExplain     `cmd:"" help:"Give a refused applicant the reason."`
	Prepare     appPrepare     `cmd:"" help:"Make the organization and invite its first admin."`
	Link        appLink        `cmd:"" help:"Mail the applicant a new link."`
	Affiliation appAffiliation `cmd:"" help:"Who belongs to whom."`
	Freeze      appFreeze      `cmd:"" help:"Let applications to a program rest while a case's embargo holds."`
	Thaw        appThaw        `cmd:"" help:"Let them go on."`
}

type appArg struct {
	Application string `arg:"" help:"Number or id, as AP-2026-0001."`
}

func wordsOfApplication(w io.Writer, a client.Application) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.Number, membership.Application.Label(a.State), a.ProgramName, a.Class, line(a.Name))
	if !a.ObjectionsEnd.IsZero() {
		fmt.Fprintf(w, "objections until\t%s\n", moment(a.ObjectionsEnd))
	}
	for _, s := range a.Asked {
		fmt.Fprintf(w, "sponsor\t%s\t%s\t%s\n", line(s.OrgName), s.Answer, line(s.Statement))
	}
	for _, x := range a.Objections {
		fmt.Fprintf(w, "objection\t%s\t%s\t%s\t%s\n", x.ID, line(x.OrgName), x.Answer, line(x.Reason))
	}
	if len(a.Unsigned) > 0 {
		fmt.Fprintf(w, "not accepted yet\t%s\n", line(strings.Join(a.Unsigned, ", ")))
	}
	if a.Note != "" {
		fmt.Fprintf(w, "missing\t%s\n", line(a.Note))
	}
	if a.Reason != "" {
		fmt.Fprintf(w, "reason\t%s\n", line(a.Reason))
	}
	if a.Frozen {
		fmt.Fprintln(w, "applications to this program rest at present")
	}
	if len(a.May) > 0 {
		fmt.Fprintf(w, "you may\t%s\tversion %d\n", strings.Join(a.May, ", "), a.Version)
	}
}

type appList struct {
	Program string `help:"Id of a program."`
	State   string `help:"A state, such as submitted."`
	Class   string `help:"A class of organization."`
	Prefix  string `help:"Beginning of the name."`
	Sort    string `help:"begun, name, state or lapses."`
	Desc    bool   `help:"The other way round."`
	Most    int    `help:"How many at most." default:"200"`
}

// Run lists.
func (s appList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Application], error) {
		return all(s.Most, func(p client.Paging) (client.Page[client.Application], error) {
			return c.Applications(ctx, client.ApplicationQuery{Program: s.Program, State: s.State, Class: s.Class, Prefix: s.Prefix, Sort: s.Sort, Desc: s.Desc, Paging: p})
		})
	}, func(w io.Writer, p client.Page[client.Application]) {
		for _, a := range p.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.Number, membership.Application.Label(a.State), a.ProgramName, a.Class, line(a.Name))
		}
	})
}

func askApplication(ctx context.Context, r *remote, f func(context.Context, *client.Client) (client.Application, error)) error {
	return ask(ctx, r, f, wordsOfApplication)
}

type appShow struct{ appArg }

// Run shows.
func (s appShow) Run(ctx context.Context, r *remote) error {
	return askApplication(ctx, r, func(ctx context.Context, c *client.Client) (client.Application, error) {
		return c.Application(ctx, s.Application)
	})
}

// formOf reads a form as JSON from a text, @FILE or standard input.
func formOf(s string) (in client.ApplicationForm, err error) {
	text, err := textOf(s)
	if err != nil || text == "" {
		return in, err
	}
	if err = json.Unmarshal([]byte(text), &in); err != nil {
		err = misused("the form is no JSON object of an application: %v", err)
	}
	return in, err
}

type appBegin struct {
	Program string `arg:"" help:"Id of the program, or the address of its page."`
	Org     string `required:"" help:"Id of your organization."`
	Form    string `help:"The form as JSON, @FILE, or - for standard input."`
}

// Run begins.
func (s appBegin) Run(ctx context.Context, r *remote) error {
	in, err := formOf(s.Form)
	if err != nil {
		return err
	}
	in.Program, in.Org = s.Program, s.Org
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.ApplicationReceipt, error) {
		return c.BeginApplication(ctx, in)
	}, func(w io.Writer, rec client.ApplicationReceipt) { fmt.Fprintln(w, rec.Number) })
}

type appSave struct {
	appArg
	Form    string `required:"" help:"The form as JSON, @FILE, or - for standard input."`
	Version int64  `name:"seen" required:"" placeholder:"VERSION" help:"The version you saw."`
}

// Run saves.
func (s appSave) Run(ctx context.Context, r *remote) error {
	in, err := formOf(s.Form)
	if err != nil {
		return err
	}
	return askApplication(ctx, r, func(ctx context.Context, c *client.Client) (client.Application, error) {
		return c.SaveApplication(ctx, s.Application, s.Version, in)
	})
}

type appSubmit struct {
	appArg
	Version int64 `name:"seen" required:"" placeholder:"VERSION" help:"The version you saw."`
}

// Run submits.
func (s appSubmit) Run(ctx context.Context, r *remote) error {
	return askApplication(ctx, r, func(ctx context.Context, c *client.Client) (client.Application, error) {
		return c.SubmitApplication(ctx, s.Application, s.Version)
	})
}

type appStep struct {
	Step string `arg:"" enum:"withdraw,check,announce,sign,test,activate" help:"withdraw, check, announce, sign, test or activate."`
	appArg
}

// Run takes a step.
func (s appStep) Run(ctx context.Context, r *remote) error {
	return askApplication(ctx, r, func(ctx context.Context, c *client.Client) (client.Application, error) {
		return c.StepApplication(ctx, s.Application, s.Step)
	})
}

type appReturn struct {
	appArg
	Note string `required:"" help:"What is missing; the applicant reads it."`
}

// Run sends it back.
func (s appReturn) Run(ctx context.Context, r *remote) error {
	return askApplication(ctx, r, func(ctx context.Context, c *client.Client) (client.Application, error) {
		return c.ReturnApplication(ctx, s.Application, s.Note)
	})
}
