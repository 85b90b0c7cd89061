package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"tocsin/internal/app"
	"tocsin/spec/certcc"
	"tocsin/spec/text"

	"golang.org/x/term"
)

// importCommands bring in what others hold. They work on the data directory,
// whether or not a server runs on it, and can be interrupted and run again.
type importCommands struct {
	settings

	CertCC importCertCC `cmd:"" name:"certcc" help:"Historical cases of the CERT/CC Vulnerability Data Archive, JSON Lines, gzip or plain."`
	CSAF   importCSAF   `cmd:"" name:"csaf" help:"CSAF documents of other publishers, published under their own names."`
}

// progress writes one line that replaces itself, on a terminal only.
func progress(format string, args ...any) {
	if term.IsTerminal(int(os.Stderr.Fd())) {
		fmt.Fprintf(os.Stderr, "\r\x1b[K"+format, args...)
	}
}

func endProgress() {
	if term.IsTerminal(int(os.Stderr.Fd())) {
		fmt.Fprintln(os.Stderr)
	}
}

type importCertCC struct {
	File string `arg:"" help:"The archive." type:"existingfile"`
	JSON bool   `name:"json" help:"Print the report as one JSON object."`
}

// Run imports the archive.
func (c importCertCC) Run(ctx context.Context, s *settings) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	rep, err := app.ImportCERTCC(ctx, s.config(), f, func(cases, vendors int) {
		progress("%s, %s", text.Plural(cases, "case", "cases"), text.Plural(vendors, "vendor", "vendors"))
	})
	endProgress()
	if c.JSON {
		return errors.Join(err, json.NewEncoder(os.Stdout).Encode(rep))
	}
	fmt.Printf("%s with %s: %d created, %d updated, %d unchanged\n", text.Plural(rep.Cases, "case", "cases"), text.Plural(rep.Vendors, "vendor record", "vendor records"), rep.Created, rep.Updated, rep.Unchanged)
	sayDirt(rep.Dirty)
	return err
}

// sayDirt names each dirty value and what was made of it.
func sayDirt(list []certcc.Dirty) {
	if len(list) > 0 {
		fmt.Printf("%s:\n", text.Plural(len(list), "dirty value", "dirty values"))
	}
	for _, d := range list {
		fmt.Printf("  line %d, %s, %s: %q: %s\n", d.Line, d.At, d.Field, d.Value, d.Made)
	}
}

type importCSAF struct {
	Dir  string `arg:"" help:"A folder of documents, or one document." type:"path"`
	JSON bool   `name:"json" help:"Print the report as one JSON object."`
}

// Run imports the documents.
func (c importCSAF) Run(ctx context.Context, s *settings) error {
	rep, err := app.ImportCSAF(ctx, s.config(), c.Dir, func(done, total int) { progress("%d of %s", done, text.Plural(total, "document", "documents")) })
	endProgress()
	if c.JSON {
		return errors.Join(err, json.NewEncoder(os.Stdout).Encode(rep))
	}
	fmt.Printf("%s: %d created, %d updated, %d unchanged\n", text.Plural(rep.Documents, "document", "documents"), rep.Created, rep.Updated, rep.Unchanged)
	for _, d := range rep.Dirty {
		fmt.Printf("  %s %s, %s: %q: %s\n", d.File, d.Position, d.Field, d.Value, d.Made)
	}
	return err
}
