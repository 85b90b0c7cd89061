package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"tocsin/internal/app"
	"tocsin/spec/text"
)

// adminCommands work on the data directory itself, whether or not a server
// runs on it.
type adminCommands struct {
	settings

	Init      initCommand      `cmd:"" help:"Found the alliance without a browser and print the first person's sign-in link."`
	SetupLink setupLinkCommand `cmd:"" help:"Print the one-time link with which the alliance is set up."`
	Token     tokenCommand     `cmd:"" help:"Print a bearer token for a person, and nothing else."`
	Backup    backupCommand    `cmd:"" help:"Write everything into one sealed file, while the server runs."`
	Restore   restoreCommand   `cmd:"" help:"Bring a backup back into an empty data directory."`
	Verify    verifyCommand    `cmd:"" help:"Check the ledger's tree against the data."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database to this binary's schema."`
	Doctor    doctorCommand    `cmd:"" help:"Look for what is wrong, and say what to do."`
}

// asJSON is the flag of a command that ends in one object.
type asJSON struct {
	JSON bool `name:"json" help:"End in one JSON object."`
}

// print writes what came of a command to standard output: as JSON, or in words.
func (j asJSON) print(v any, words string) error {
	if j.JSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	}
	_, err := fmt.Println(words)
	return err
}

type initCommand struct {
	Name      string `required:"" help:"Name of the alliance."`
	Namespace string `required:"" help:"Its address, the publisher's namespace in CSAF documents." placeholder:"URL"`
	Email     string `required:"" help:"The first person's address, and the alliance's contact."`
	Person    string `help:"The first person's name." default:"Operator"`
	asJSON
}

// Run founds the alliance once.
func (c initCommand) Run(ctx context.Context, s *settings) error {
	link, err := app.Init(ctx, s.config(), app.Founding{Name: c.Name, Namespace: c.Namespace, Email: c.Email, Person: c.Person})
	if err != nil {
		return err
	}
	return c.print(struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		Email     string `json:"email"`
		Person    string `json:"person"`
		Link      string `json:"link"`
	}{c.Name, c.Namespace, c.Email, c.Person, link}, link)
}

type setupLinkCommand struct{ asJSON }

// Run prints a new setup link; an earlier one ends.
func (c setupLinkCommand) Run(ctx context.Context, s *settings) error {
	made, err := app.NewSetupLink(ctx, s.config())
	if err != nil {
		return err
	}
	return c.print(made, made.Link)
}

type tokenCommand struct {
	Person string        `required:"" help:"Mail address of the person." placeholder:"EMAIL"`
	Scope  []string      `help:"What it allows: read, write, coordinate, release, admin; all the person may do when none is named."`
	TTL    time.Duration `name:"ttl" help:"How long it lives, as 24h." default:"720h"`
	asJSON
}

// Run prints one token.
func (c tokenCommand) Run(ctx context.Context, s *settings) error {
	t, err := app.IssueToken(ctx, s.config(), c.Person, c.Scope, c.TTL)
	if err != nil {
		return err
	}
	return c.print(t, t.Secret)
}

type verifyCommand struct {
	JSON bool `name:"json" help:"Print the report as one JSON object."`
}

// Run fails when anything does not hold.
func (c verifyCommand) Run(ctx context.Context, s *settings) error {
	rep, err := app.Verify(ctx, s.config())
	if err != nil {
		return err
	}
	if c.JSON {
		if rep.Problems == nil {
			rep.Problems = []string{}
		}
		if err := json.NewEncoder(os.Stdout).Encode(rep); err != nil {
			return err
		}
	} else {
		fmt.Printf("%s, %s, %s, root %s\n", text.Plural(rep.Events, "event", "events"), text.Plural(rep.Rows, "row", "rows"), text.Plural(rep.Checkpoints, "checkpoint", "checkpoints"), rep.Root)
		for _, p := range rep.Problems {
			fmt.Println("problem:", p)
		}
	}
	if len(rep.Problems) > 0 {
		return fmt.Errorf("the ledger does not hold: %s", text.Plural(len(rep.Problems), "problem", "problems"))
	}
	return nil
}

type migrateCommand struct{ asJSON }

// Run migrates and says from where to where.
func (c migrateCommand) Run(ctx context.Context, s *settings) error {
	from, to, err := app.Migrate(ctx, s.config())
	if err != nil {
		return err
	}
	return c.print(map[string]int64{"from": from, "to": to}, fmt.Sprintf("schema %d, was %d", to, from))
}

type doctorCommand struct {
	JSON bool `name:"json" help:"Print the findings as one JSON object."`
}

// Run fails when something needs a hand.
func (c doctorCommand) Run(ctx context.Context, s *settings) error {
	found := app.Examine(ctx, s.config())
	bad := 0
	for _, f := range found {
		if !f.Good {
			bad++
		}
		if !c.JSON {
			mark := "ok     "
			if !f.Good {
				mark = "look at"
			}
			fmt.Printf("%s  %-14s %s\n", mark, f.What, f.Text)
		}
	}
	if c.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"findings": found}); err != nil {
			return err
		}
	}
	if bad > 0 {
		return fmt.Errorf("%s a hand", text.Plural(bad, "thing needs", "things need"))
	}
	return nil
}
