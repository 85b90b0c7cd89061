package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tocsin/internal/app"
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

type initCommand struct {
	Name      string `required:"" help:"Name of the alliance."`
	Namespace string `required:"" help:"Its address, the publisher's namespace in CSAF documents." placeholder:"URL"`
	Email     string `required:"" help:"The first person's address, and the alliance's contact."`
	Person    string `help:"The first person's name." default:"Operator"`
}

// Run founds the alliance once.
func (c initCommand) Run(ctx context.Context, s *settings) error {
	link, err := app.Init(ctx, s.config(), app.Founding{Name: c.Name, Namespace: c.Namespace, Email: c.Email, Person: c.Person})
	if err == nil {
		fmt.Println(link)
	}
	return err
}

type setupLinkCommand struct{}

// Run prints a new setup link; an earlier one ends.
func (setupLinkCommand) Run(ctx context.Context, s *settings) error {
	link, err := app.NewSetupLink(ctx, s.config())
	if err == nil {
		fmt.Println(link)
	}
	return err
}

type tokenCommand struct {
	Person string        `required:"" help:"Mail address of the person." placeholder:"EMAIL"`
	Scope  []string      `help:"What it allows: read, write, coordinate, release, admin; all the person may do when none is named."`
	TTL    time.Duration `name:"ttl" help:"How long it lives, as 24h." default:"720h"`
}

// Run prints one token.
func (c tokenCommand) Run(ctx context.Context, s *settings) error {
	token, err := app.IssueToken(ctx, s.config(), c.Person, c.Scope, c.TTL)
	if err == nil {
		fmt.Println(token)
	}
	return err
}

// sealing is how a backup is sealed: to an age recipient, or with a
// passphrase from a file or the environment, never from the command line.
type sealing struct {
	PassphraseFile string `help:"File whose first line is the passphrase." type:"path" placeholder:"FILE"`
	Passphrase     string `env:"TOCSIN_BACKUP_PASSPHRASE" hidden:""`
}

func (s sealing) passphrase() (string, error) {
	if s.PassphraseFile == "" {
		if s.Passphrase == "" {
			return "", errors.New("a backup holds the keys and is sealed: name a passphrase with --passphrase-file or TOCSIN_BACKUP_PASSPHRASE")
		}
		return s.Passphrase, nil
	}
	b, err := os.ReadFile(s.PassphraseFile)
	if err != nil {
		return "", err
	}
	for i, c := range b {
		if c == '\n' || c == '\r' {
			b = b[:i]
			break
		}
	}
	return string(b), nil
}

type backupCommand struct {
	File string `arg:"" help:"File to write; it must not exist." type:"path"`
	sealing
}

// Run writes the file under another name first, so that a file of that name
// is always whole.
func (c backupCommand) Run(ctx context.Context, s *settings) error {
	pass, err := c.passphrase()
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.File); err == nil {
		return fmt.Errorf("%s exists; name another file", c.File)
	}
	tmp, err := os.CreateTemp(filepath.Dir(c.File), ".tocsin-backup-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	said, err := app.Backup(ctx, s.config(), tmp, pass)
	if err == nil {
		err = errors.Join(tmp.Sync(), tmp.Close(), os.Rename(tmp.Name(), c.File))
	}
	if err != nil {
		return err
	}
	fmt.Println(said)
	return nil
}

type restoreCommand struct {
	File       string `arg:"" help:"The backup." type:"existingfile"`
	Checkpoint string `help:"A newer signed checkpoint, to learn what is missing." type:"existingfile" placeholder:"FILE"`
	sealing
}

// Run restores into an empty data directory and database.
func (c restoreCommand) Run(ctx context.Context, s *settings) error {
	pass, err := c.passphrase()
	if err != nil {
		return err
	}
	newest := ""
	if c.Checkpoint != "" {
		b, err := os.ReadFile(c.Checkpoint)
		if err != nil {
			return err
		}
		newest = string(b)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	said, err := app.Restore(ctx, s.config(), f, pass, newest)
	if err == nil {
		fmt.Println(said)
	}
	return err
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
		fmt.Printf("%d events, %d rows, %d checkpoints, root %s\n", rep.Events, rep.Rows, rep.Checkpoints, rep.Root)
		for _, p := range rep.Problems {
			fmt.Println("problem:", p)
		}
	}
	if len(rep.Problems) > 0 {
		return fmt.Errorf("the ledger does not hold: %d problems", len(rep.Problems))
	}
	return nil
}

type migrateCommand struct{}

// Run migrates and says from where to where.
func (migrateCommand) Run(ctx context.Context, s *settings) error {
	from, to, err := app.Migrate(ctx, s.config())
	if err == nil {
		fmt.Printf("schema %d, was %d\n", to, from)
	}
	return err
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
		return fmt.Errorf("%d things need a hand", bad)
	}
	return nil
}
