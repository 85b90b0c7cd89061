package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"tocsin/client"
	"tocsin/spec/tlp"
)

type advisoryCommands struct {
	remote

	List     advisoryList     `cmd:"" help:"List published advisories, or those in work."`
	Show     advisoryShow     `cmd:"" help:"Show a published advisory, or fetch its CSAF document."`
	Draft    advisoryDraft    `cmd:"" help:"Draft an advisory from what a case knows."`
	Read     advisoryRead     `cmd:"" help:"Read an advisory in work; with --json its text, for write."`
	Write    advisoryWrite    `cmd:"" help:"Make a new version of the text from a JSON file."`
	Submit   advisorySubmit   `cmd:"" help:"Ask for a second pair of eyes."`
	Approve  advisoryApprove  `cmd:"" help:"Approve the text you have read."`
	Return   advisoryReturn   `cmd:"" help:"Send the text back to its writers."`
	Schedule advisorySchedule `cmd:"" help:"Set the release instant and prepare everything."`
	Release  advisoryRelease  `cmd:"" help:"Release now."`
}

type advisoryList struct {
	Text   string `help:"Words in title, tracking id or publisher."`
	Own    bool   `help:"The alliance's own only."`
	Drafts bool   `help:"Those in work in your cases, instead."`
	Limit  int    `help:"At most this many." default:"50"`
}

// Run lists advisories; published ones need no token.
func (s advisoryList) Run(ctx context.Context, r *remote) error {
	if s.Drafts {
		return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Advisory], error) {
			return c.Drafts(ctx)
		},
			func(w io.Writer, p client.Page[client.Advisory]) {
				for _, v := range p.Items {
					wordsOfAdvisory(w, v)
				}
			})
	}
	c, err := r.connect(r.Token)
	if err != nil {
		return err
	}
	list, err := all(s.Limit, func(p client.Paging) (client.Page[client.Published], error) {
		return c.Advisories(ctx, s.Text, s.Own, p)
	})
	if err != nil {
		return err
	}
	return r.print(list, func(w io.Writer) {
		for _, d := range list.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", d.TLP, d.TrackingID, moment(d.UpdatedAt), line(d.Publisher), line(d.Title))
		}
		fmt.Fprintf(w, "%d of %d\n", len(list.Items), list.Total)
	})
}

func wordsOfAdvisory(w io.Writer, v client.Advisory) {
	fmt.Fprintf(w, "%s\t%s\t%s\tversion %d\trelease %s\t%s\n", v.TLP, v.Number, v.State, v.Version, moment(v.ReleaseAt), line(v.Title))
}

type advisoryShow struct {
	Advisory string `arg:"" help:"Its slug or number."`
	CSAF     bool   `name:"csaf" help:"Print the CSAF document as it was signed."`
}

// Run shows a published advisory.
func (s advisoryShow) Run(ctx context.Context, r *remote) error {
	c, err := r.connect(r.Token)
	if err != nil {
		return err
	}
	if s.CSAF {
		return c.CSAF(ctx, s.Advisory, os.Stdout)
	}
	d, err := c.Advisory(ctx, s.Advisory)
	if err != nil {
		return err
	}
	return r.print(d, func(w io.Writer) {
		fmt.Fprintf(w, "%s\t%s\ntitle\t%s\npublisher\t%s\nreleased\t%s\nupdated\t%s\nrevision\t%s\nsha256\t%s\npage\t%s\n\n%s\n", d.TLP, d.TrackingID, line(d.Title), line(d.Publisher),
			moment(d.ReleasedAt), moment(d.UpdatedAt), d.Revision, d.SHA256, d.Page, lines(d.Summary))
	})
}

type advisoryDraft struct{ caseArg }

// Run drafts.
func (s advisoryDraft) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Advisory, error) { return c.DraftFrom(ctx, s.Case) }, wordsOfAdvisory)
}

type draftArg struct {
	Draft string `arg:"" help:"Number or id of the advisory."`
}

type advisoryRead struct{ draftArg }

// Run reads a draft.
func (s advisoryRead) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Advisory, error) { return c.Draft(ctx, s.Draft) },
		func(w io.Writer, v client.Advisory) {
			wordsOfAdvisory(w, v)
			var text any
			if json.Unmarshal(v.Content, &text) == nil {
				enc := json.NewEncoder(w)
				enc.SetIndent("", "  ")
				enc.Encode(text) // standard output takes it or the flush fails
			}
		})
}

type advisoryWrite struct {
	draftArg
	File    string `arg:"" help:"The whole text as JSON, as read gives it under content; - for standard input."`
	Version int64  `name:"seen" required:"" help:"The version it was made from."`
	Note    string `help:"What you changed."`
}

// Run writes a version.
func (s advisoryWrite) Run(ctx context.Context, r *remote) error {
	name := "@" + s.File
	if s.File == "-" {
		name = "-"
	}
	text, err := textOf(name)
	if err != nil {
		return err
	}
	if !json.Valid([]byte(text)) {
		return misused("%s is not JSON", s.File)
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Advisory, error) {
		return c.WriteDraft(ctx, s.Draft, json.RawMessage(text), s.Note, s.Version)
	}, wordsOfAdvisory)
}

// seenArg names a version, so that nobody approves what they did not read.
type seenArg struct {
	draftArg
	Version int64 `name:"seen" required:"" placeholder:"VERSION" help:"The version of the text that you read."`
}

type advisorySubmit struct{ seenArg }

// Run submits.
func (s advisorySubmit) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Advisory, error) {
		return c.Submit(ctx, s.Draft, s.Version)
	}, wordsOfAdvisory)
}

type advisoryApprove struct{ seenArg }

// Run approves.
func (s advisoryApprove) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Advisory, error) {
		return c.Approve(ctx, s.Draft, s.Version)
	}, wordsOfAdvisory)
}

type advisoryReturn struct {
	seenArg
	Reason string `required:"" help:"What is wrong; kept."`
}

// Run sends back.
func (s advisoryReturn) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Advisory, error) {
		return c.ReturnDraft(ctx, s.Draft, s.Reason, s.Version)
	}, wordsOfAdvisory)
}

type advisorySchedule struct {
	seenArg
	At      instant   `help:"The release instant, with zone; absent: the embargo's end."`
	TLP     tlp.Level `name:"tlp" help:"TLP:CLEAR is public." default:"TLP:CLEAR"`
	Program string    `help:"For TLP:GREEN: the program that gets it."`
	Note    string    `help:"What this revision changes."`
}

// Run schedules.
func (s advisorySchedule) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Advisory, error) {
		return c.Schedule(ctx, s.Draft, client.Plan{Version: s.Version, At: s.At.Time, TLP: s.TLP, Program: s.Program, Note: s.Note})
	}, wordsOfAdvisory)
}

type advisoryRelease struct {
	seenArg
	TLP     tlp.Level `name:"tlp" help:"TLP:CLEAR is public." default:"TLP:CLEAR"`
	Program string    `help:"For TLP:GREEN: the program that gets it."`
	Note    string    `help:"What this revision changes."`
	Yes     bool      `help:"Release it to everybody whom the label reaches; this cannot be taken back."`
}

// Run releases at once.
func (s advisoryRelease) Run(ctx context.Context, r *remote) error {
	if !s.Yes {
		return misused("a release cannot be taken back; say --yes")
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Advisory, error) {
		return c.Release(ctx, s.Draft, client.Plan{Version: s.Version, TLP: s.TLP, Program: s.Program, Note: s.Note})
	}, wordsOfAdvisory)
}
