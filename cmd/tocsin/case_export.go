package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

type caseExport struct {
	caseArg
	Out   string `short:"o" help:"File to write, or - for standard output; absent: named by the server, in this folder." placeholder:"FILE"`
	Force bool   `help:"Replace a file that exists."`
	CSV   bool   `name:"csv" help:"The vendor matrix as CSV instead; absent --out: to standard output."`
}

// exportedFile is what became of an export.
type exportedFile struct {
	File   string `json:"file"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Run fetches the export. A file of that name is whole or not there.
func (s caseExport) Run(ctx context.Context, r *remote) error {
	if s.CSV && s.Out == "" {
		s.Out = "-"
	}
	if s.Out == "-" && r.JSON {
		return misused("--json needs standard output for itself; name a file with --out")
	}
	if s.Out == "-" && !s.CSV && term.IsTerminal(int(os.Stdout.Fd())) {
		return misused("a ZIP makes no sense on a terminal; name a file with --out")
	}
	if s.Out != "" && s.Out != "-" {
		if err := vacant(s.Out, s.Force); err != nil { // before the server counts a copy
			return err
		}
	}
	c, err := r.client()
	if err != nil {
		return err
	}
	open := c.ExportCase
	if s.CSV {
		open = c.MatrixCSV
	}
	sent, err := open(ctx, s.Case)
	if err != nil {
		return err
	}
	defer sent.Body.Close()
	sum := sha256.New()
	got := &counted{size: sent.Size}
	body := io.TeeReader(sent.Body, io.MultiWriter(sum, got))
	if s.Out == "-" {
		_, err := io.Copy(os.Stdout, body)
		got.end()
		return err
	}
	name := cmp.Or(s.Out, sent.Name, "case-export.zip")
	err = writeWhole(name, s.Force, func(w io.Writer) error {
		_, err := io.Copy(w, body)
		return err
	})
	got.end()
	if err != nil {
		return err
	}
	done := exportedFile{File: name, Bytes: got.n, SHA256: hex.EncodeToString(sum.Sum(nil))}
	return r.print(done, func(w io.Writer) {
		fmt.Fprintf(w, "file\t%s\nbytes\t%d\nsha256\t%s\n", line(done.File), done.Bytes, done.SHA256)
	})
}

// counted counts bytes and shows them on a terminal, a few times a second.
type counted struct {
	n, size int64
	shown   time.Time
}

func (c *counted) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	if now := time.Now(); now.Sub(c.shown) > 200*time.Millisecond {
		c.shown = now
		c.show()
	}
	return len(b), nil
}

func (c *counted) show() {
	if c.size > 0 {
		progress("%.1f of %.1f MB", float64(c.n)/1e6, float64(c.size)/1e6)
		return
	}
	progress("%.1f MB", float64(c.n)/1e6)
}

func (c *counted) end() {
	c.show()
	endProgress()
}
