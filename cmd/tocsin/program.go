package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tocsin/client"
	"tocsin/spec/tlp"
)

type programCommands struct {
	remote

	List      programList       `cmd:"" help:"List the programs you may see."`
	Tree      programTree       `cmd:"" help:"Draw the programs, each under the one above it."`
	Show      programShow       `cmd:"" help:"Show one program, its rules, coordinators and members."`
	Templates programTemplates  `cmd:"" help:"List the ready-made programs."`
	Create    programCreate     `cmd:"" help:"Start a program, from a template or empty."`
	Edit      programEdit       `cmd:"" help:"Change what a program is called, is for and is marked."`
	Rules     programRules      `cmd:"" help:"Show a program's rules, or change those given."`
	Propose   programPropose    `cmd:"" help:"Put other rules to the board, as a draft of a motion."`
	Exception exceptionCommands `cmd:"" help:"Whom the board let in although the program shuts their class out."`
	Preview   programPreview    `cmd:"" help:"Who would gain and who would lose sight of what by other rules; changes nothing."`
	History   programHistory    `cmd:"" help:"What changed in a program, newest first."`
	Move      programMove       `cmd:"" help:"Put a program under another one, or at the top."`
	Close     programClose      `cmd:"" help:"Close a program; nobody has access through it any more."`
	Join      programJoin       `cmd:"" help:"Put an organization into a program."`
	Leave     programLeave      `cmd:"" help:"Take an organization out of a program."`

	Coordinator coordinatorCommands `cmd:"" help:"A program's own coordinators: list, appoint, dismiss."`
}

type programArg struct {
	Program string `arg:"" help:"Id of the program."`
}

type programList struct{}

// Run lists programs.
func (programList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.ProgramNode], error) {
		return c.ProgramTree(ctx)
	}, func(w io.Writer, p client.Page[client.ProgramNode]) {
		for _, n := range p.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", n.TLP, n.State, line(n.Name), n.Members, n.ID)
		}
	})
}

type programTree struct{}

// Run draws the tree.
func (programTree) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.ProgramNode], error) {
		return c.ProgramTree(ctx)
	}, func(w io.Writer, p client.Page[client.ProgramNode]) {
		for i, n := range p.Items {
			fmt.Fprintf(w, "%s%s\t%d\t%s\t%s\n", branch(p.Items, i), line(n.Name), n.Members, n.TLP, strings.TrimSpace(n.State+" "+shutWords(n.Rules)))
		}
	})
}

// branch draws the lines that lead to the i-th program.
func branch(list []client.ProgramNode, i int) string {
	// last reports whether nobody on this depth follows below the same one.
	last := func(depth int) bool {
		for _, n := range list[i+1:] {
			if n.Depth <= depth {
				return n.Depth < depth
			}
		}
		return true
	}
	out := ""
	for d := 1; d <= list[i].Depth; d++ {
		switch own := d == list[i].Depth; {
		case own && last(d):
			out += "└─ "
		case own:
			out += "├─ "
		case last(d):
			out += "   "
		default:
			out += "│  "
		}
	}
	return out
}

func shutWords(r client.ProgramRules) string {
	if len(r.ShutOut) == 0 {
		return ""
	}
	return "shuts out " + strings.Join(r.ShutOut, ", ")
}

// shownProgram is a program with what belongs to it.
type shownProgram struct {
	client.Program
	Rules        client.ProgramRules         `json:"rules"`
	Coordinators []client.ProgramCoordinator `json:"coordinators"`
	Members      []client.Org                `json:"organizations"`
}

type programShow struct{ programArg }

// Run shows a program.
func (s programShow) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (out shownProgram, err error) {
		if out.Program, err = c.Program(ctx, s.Program); err != nil {
			return out, err
		}
		if out.Rules, err = c.ProgramRules(ctx, s.Program); err != nil {
			return out, err
		}
		coordinators, err := c.ProgramCoordinators(ctx, s.Program)
		if err != nil {
			return out, err
		}
		members, err := all(1000, func(p client.Paging) (client.Page[client.Org], error) { return c.ProgramOrgs(ctx, s.Program, p) })
		out.Coordinators, out.Members = coordinators.Items, members.Items
		return out, err
	}, func(w io.Writer, p shownProgram) {
		wordsOfProgram(w, p.Program)
		wordsOfRules(w, p.Rules)
		for _, c := range p.Coordinators {
			fmt.Fprintf(w, "coordinator\t%s <%s>\t%s\n", line(c.Name), c.Email, c.Person)
		}
		for _, o := range p.Members {
			fmt.Fprintf(w, "member\t%s\t%s\t%s\n", line(o.Name), o.Class, o.ID)
		}
	})
}

func wordsOfProgram(w io.Writer, p client.Program) {
	fmt.Fprintf(w, "%s\t%s\nid\t%s\npurpose\t%s\nstate\t%s\nversion\t%d\n", p.TLP, line(p.Name), p.ID, line(p.Purpose), p.State, p.Version)
}

type programTemplates struct{}

// Run lists templates.
func (programTemplates) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.ProgramTemplate], error) {
		return c.ProgramTemplates(ctx)
	}, func(w io.Writer, p client.Page[client.ProgramTemplate]) {
		for _, t := range p.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\n", t.Name, line(t.Title), strings.Join(t.Rules.Admits, ", "))
			for _, s := range t.Sub {
				fmt.Fprintf(w, "  with it\t%s\t%s\n", line(s.Title), strings.Join(s.Rules.Admits, ", "))
			}
		}
	})
}

type programCreate struct {
	Name     string    `arg:"" optional:"" help:"What it is called; with a template, its title unless given."`
	Template string    `help:"One of: tocsin program templates."`
	Under    string    `help:"Id of the program above it." placeholder:"PROGRAM"`
	Purpose  string    `help:"Without a template: Markdown, @FILE, or - for standard input."`
	TLP      tlp.Level `name:"tlp" help:"Without a template: TLP label of what is shared in it." default:"TLP:AMBER"`
}

// Run starts a program.
func (s programCreate) Run(ctx context.Context, r *remote) error {
	purpose, err := textOf(s.Purpose)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Program], error) {
		if s.Template != "" {
			return c.CreateFromTemplate(ctx, s.Template, s.Name, s.Under)
		}
		p, err := c.CreateProgram(ctx, s.Name, purpose, s.TLP)
		if err == nil && s.Under != "" {
			var rules client.ProgramRules
			if rules, err = c.ProgramRules(ctx, p.ID); err == nil {
				_, err = c.MoveProgram(ctx, p.ID, s.Under, rules.Version)
			}
		}
		return client.Page[client.Program]{Items: []client.Program{p}, Total: 1}, err
	}, func(w io.Writer, p client.Page[client.Program]) {
		for _, made := range p.Items {
			wordsOfProgram(w, made)
		}
	})
}

type programEdit struct {
	programArg
	Name    *string    `help:"What it is called."`
	Purpose *string    `help:"Markdown, @FILE, or - for standard input."`
	TLP     *tlp.Level `name:"tlp" help:"TLP label of what is shared in it."`
	Version int64      `name:"seen" placeholder:"VERSION" required:"" help:"The version you saw."`
}

// Run edits a program.
func (s programEdit) Run(ctx context.Context, r *remote) error {
	if s.Purpose != nil {
		text, err := textOf(*s.Purpose)
		if err != nil {
			return err
		}
		s.Purpose = &text
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Program, error) {
		return c.ChangeProgram(ctx, s.Program, client.ProgramChange{Name: s.Name, Purpose: s.Purpose, TLP: s.TLP}, s.Version)
	}, wordsOfProgram)
}
