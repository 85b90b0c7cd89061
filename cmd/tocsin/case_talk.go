package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tocsin/client"
)

type caseTalk struct {
	Case   string `arg:"" help:"Number or id of the case."`
	Thread string `arg:"" optional:"" help:"Id of a thread, to read it."`
	Before string `help:"Message id: what lies before it."`
	After  string `help:"Message id: what lies behind it."`
	Limit  int    `help:"At most this many." default:"50"`
}

// Run lists threads or reads one.
func (s caseTalk) Run(ctx context.Context, r *remote) error {
	if s.Thread != "" {
		return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Messages, error) {
			return c.Messages(ctx, s.Thread, s.Before, s.After, s.Limit)
		}, func(w io.Writer, p client.Messages) {
			for _, m := range p.Messages {
				wordsOfMessage(w, m)
			}
		})
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Thread], error) {
		return c.Threads(ctx, s.Case)
	},
		func(w io.Writer, p client.Page[client.Thread]) {
			for _, t := range p.Items {
				fmt.Fprintf(w, "%s\t%s\t%s\t%d new\t%s\n", t.TLP, t.Kind, line(t.Title), t.Unread, t.ID)
			}
		})
}

func wordsOfMessage(w io.Writer, m client.Message) {
	fmt.Fprintf(w, "%s  %s  %s  %s\n%s\n", m.TLP, moment(m.PostedAt), line(m.Author.Name), m.ID, lines(m.Body))
	for _, f := range m.Files {
		wordsOfFile(w, f)
	}
	fmt.Fprintln(w)
}

func wordsOfFile(w io.Writer, f client.File) {
	fmt.Fprintf(w, "%s\t%s\t%d bytes\tsha256 %s\n", f.ID, line(f.Name), f.Size, f.SHA256)
}

type caseSay struct {
	Thread string `arg:"" help:"Id of the thread."`
	Text   string `arg:"" help:"Markdown, @FILE, or - for standard input."`
}

// Run posts a message.
func (s caseSay) Run(ctx context.Context, r *remote) error {
	text, err := textOf(s.Text)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Message, error) { return c.Say(ctx, s.Thread, text) }, wordsOfMessage)
}

type caseAttach struct {
	Thread string `arg:"" help:"Id of the thread."`
	File   string `arg:"" help:"The file." type:"existingfile"`
}

// Run uploads a file, with its digest so that half a file is refused.
func (s caseAttach) Run(ctx context.Context, r *remote) error {
	f, err := os.Open(s.File)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.File, error) {
		return c.Attach(ctx, s.Thread, filepath.Base(s.File), f, hex.EncodeToString(h.Sum(nil)))
	}, wordsOfFile)
}

type caseFetch struct {
	File string `arg:"" help:"Id of the file."`
	Out  string `short:"o" required:"" help:"Where to write it; it must not exist." type:"path"`
}

// Run fetches a file.
func (s caseFetch) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "Written to "+s.Out+".", func(ctx context.Context, c *client.Client) error {
		f, err := os.OpenFile(s.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = c.File(ctx, s.File, f)
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			os.Remove(s.Out)
		}
		return err
	})
}
