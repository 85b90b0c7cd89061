// Command tocsin is the whole of Tocsin: server, administration and client.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"tocsin/internal/app"

	"github.com/alecthomas/kong"
)

type commands struct {
	Version kong.VersionFlag `help:"Print the version."`

	Serve  serveCommand   `cmd:"" group:"Server:" help:"Serve the portal, the API and the feeds."`
	Admin  adminCommands  `cmd:"" group:"Server:" help:"Look after a server: found, token, backup, restore, verify."`
	Import importCommands `cmd:"" group:"Server:" help:"Bring in cases and advisories from elsewhere."`

	Case         caseCommands         `cmd:"" group:"Client:" help:"Work on cases."`
	Program      programCommands      `cmd:"" group:"Client:" help:"Programs: their tree, rules, members and coordinators."`
	Member       memberCommands       `cmd:"" group:"Client:" help:"How members stand: renewals, sanctions, appeals."`
	Constituency constituencyCommands `cmd:"" group:"Client:" help:"What organizations answer for: declare, prove, settle, ask."`
	Roadmap      roadmapCommands      `cmd:"" group:"Client:" help:"The public roadmap: plans, accomplishments, numbers."`
	Contact      contactCommands      `cmd:"" group:"Client:" help:"Contacts: whom to call, who is on call, ladders, calls and tests."`
	Report       reportCommands       `cmd:"" group:"Client:" help:"Report a flaw; triage what was reported."`
	Advisory     advisoryCommands     `cmd:"" group:"Client:" help:"Write, release and read advisories."`
	Agreement    agreementCommands    `cmd:"" group:"Client:" help:"Agreements: read, compare, accept, revise."`
	Board        boardCommands        `cmd:"" group:"Client:" help:"Sit on the board: motions, votes, minutes."`
	Search       searchCommand        `cmd:"" group:"Client:" help:"Search all you may see."`
	Owed         owedCommand          `cmd:"" group:"Client:" help:"What you owe, most urgent first."`
	Whoami       whoamiCommand        `cmd:"" group:"Client:" help:"Who the token stands for."`
}

type serveCommand struct {
	settings
	Demo bool `help:"Serve a demo alliance with one-click sign-in links."`
}

// Run serves until the process is told to stop.
func (c serveCommand) Run(ctx context.Context) error {
	cfg := c.config()
	cfg.Demo = c.Demo
	return app.Serve(ctx, cfg, os.Stdout)
}

// The exit codes.
const (
	done        = 0
	failed      = 1
	usage       = 2
	interrupted = 130 // as shells count an end by SIGINT
)

func main() { os.Exit(run(os.Args[1:])) }

// run parses and runs one command line and gives its exit code. What was
// asked for goes to standard output, everything else to standard error.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	parser, err := kong.New(&c, kong.Name("tocsin"), kong.Description("Coordinated response of competing vendors, CERTs, providers and researchers."),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Vars{"version": version()}, kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(os.Stderr, "tocsin:", err)
		return failed
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "tocsin: %v\nRun tocsin --help to see how it is used.\n", err)
		return usage
	}
	err = k.Run()
	switch {
	case err == nil:
		return done
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "tocsin: interrupted")
		return interrupted
	}
	fmt.Fprintln(os.Stderr, "tocsin:", err)
	if _, ok := errors.AsType[usageError](err); ok {
		return usage
	}
	return failed
}

// usageError is a command line that could be parsed and makes no sense.
type usageError struct{ error }

func misused(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "tocsin"
	}
	v := "tocsin " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += " " + s.Value[:12]
		}
	}
	return v
}
