package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"tocsin/client"
	"tocsin/spec/tlp"
)

type caseCommands struct {
	remote

	List   caseList   `cmd:"" help:"List your cases."`
	Show   caseShow   `cmd:"" help:"Show one case and its parties."`
	Open   caseOpen   `cmd:"" help:"Open a case."`
	Close  caseClose  `cmd:"" help:"End the work on a case."`
	Invite caseInvite `cmd:"" help:"Invite organizations, people or everybody who ships a component."`

	Exceptions caseExceptions `cmd:"" help:"List the classes shut out of a case, and the board's exceptions."`
	Except     caseExcept     `cmd:"" help:"Ask the board to let an organization of such a class in, or no longer."`

	Nudge   caseNudge   `cmd:"" help:"Ask a silent party for a word."`
	Invited caseInvited `cmd:"" help:"List invitations that wait for your answer, with their terms."`
	Accept  caseAccept  `cmd:"" help:"Accept an invitation's terms and take part."`
	Decline caseDecline `cmd:"" help:"Decline an invitation."`

	Matrix        caseMatrix        `cmd:"" help:"Show the vendor matrix."`
	Vulnerability caseVulnerability `cmd:"" help:"Add a vulnerability."`
	Product       caseProduct       `cmd:"" help:"Add a product of a party."`
	Status        caseStatus        `cmd:"" help:"Say where a party stands."`
	Tracker       caseTracker       `cmd:"" help:"Set your own number for the case."`

	Embargo embargoCommands `cmd:"" help:"The embargo: show, propose, answer, decide, terminate."`
	Expose  caseExpose      `cmd:"" help:"The secret is out, or attacks are seen: stop the clock and tell everybody."`
	Move    caseMove        `cmd:"" help:"Move a party's report state, consent or progress."`

	Talk   caseTalk   `cmd:"" help:"List threads, or read one."`
	Say    caseSay    `cmd:"" help:"Say something in a thread."`
	Attach caseAttach `cmd:"" help:"Hand a file over in a thread."`
	Fetch  caseFetch  `cmd:"" help:"Fetch a file."`

	Timeline caseTimeline `cmd:"" help:"What happened, newest first."`
	WhoKnows caseKnows    `cmd:"" help:"Who may open the case, and why."`
	Export   caseExport   `cmd:"" help:"Fetch all you may see of a case as one ZIP, or its vendor matrix as CSV."`
}

type caseArg struct {
	Case string `arg:"" help:"Number or id of the case."`
}

type caseList struct {
	State   string `help:"open, closed or merged." enum:",open,closed,merged" default:""`
	Program string `help:"Only cases in this program." placeholder:"ID"`
	Text    string `help:"Words in number or title."`
	Sort    string `help:"updated, number, opened, embargo or title." enum:"updated,number,opened,embargo,title" default:"updated"`
	Desc    bool   `help:"The other way round."`
	Limit   int    `help:"At most this many." default:"50"`
}

// Run lists cases.
func (s caseList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Case], error) {
		return all(s.Limit, func(p client.Paging) (client.Page[client.Case], error) {
			return c.Cases(ctx, client.CaseFilter{State: s.State, Program: s.Program, Text: s.Text, Sort: s.Sort, Desc: s.Desc}, p)
		})
	}, func(w io.Writer, p client.Page[client.Case]) {
		for _, k := range p.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.TLP, k.Number, k.State, k.Embargo, moment(k.EmbargoEnds), line(k.Title))
		}
		fmt.Fprintf(w, "%d of %d\n", len(p.Items), p.Total)
	})
}

func wordsOfCase(w io.Writer, k client.Case) {
	fmt.Fprintf(w, "%s\t%s\n", k.TLP, k.Number)
	fmt.Fprintf(w, "title\t%s\nid\t%s\nstate\t%s\npublic state\t%s\nembargo\t%s\nends\t%s\nversion\t%d\n", line(k.Title), k.ID, k.State, k.Public, k.Embargo, moment(k.EmbargoEnds), k.Version)
}

// openedCase is a case with its parties.
type openedCase struct {
	client.Case
	Participants []client.Participant `json:"participants"`
}

type caseShow struct{ caseArg }

// Run shows a case.
func (s caseShow) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (openedCase, error) {
		k, err := c.Case(ctx, s.Case)
		if err != nil {
			return openedCase{}, err
		}
		list, err := c.Participants(ctx, k.ID)
		return openedCase{k, list.Items}, err
	}, func(w io.Writer, k openedCase) {
		wordsOfCase(w, k.Case)
		wordsOfParties(w, k.Participants)
	})
}

func wordsOfParties(w io.Writer, list []client.Participant) {
	for _, p := range list {
		state := "invited"
		switch {
		case !p.LeftAt.IsZero():
			state = "left"
		case !p.AcceptedAt.IsZero():
			state = "in"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.Role, line(p.Name), state, p.Report, p.Consent, p.Progress, p.ID)
	}
}

type caseOpen struct {
	Title   string    `arg:"" help:"What it is about, in a few words."`
	Summary string    `help:"Markdown, @FILE, or - for standard input."`
	TLP     tlp.Level `name:"tlp" help:"TLP label." default:"TLP:AMBER+STRICT"`
	Program string    `help:"Id of the program to open it in." placeholder:"ID"`
}

// Run opens a case.
func (s caseOpen) Run(ctx context.Context, r *remote) error {
	summary, err := textOf(s.Summary)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Case, error) {
		return c.OpenCaseIn(ctx, s.Program, s.Title, summary, s.TLP)
	}, wordsOfCase)
}

type caseClose struct {
	caseArg
	Reason string `required:"" help:"Why; kept."`
}

// Run closes a case.
func (s caseClose) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Case, error) {
		return c.CloseCase(ctx, s.Case, s.Reason)
	}, wordsOfCase)
}

type caseTimeline struct {
	caseArg
	Limit int `help:"At most this many." default:"50"`
}

// Run lists events.
func (s caseTimeline) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Event], error) {
		return all(s.Limit, func(p client.Paging) (client.Page[client.Event], error) { return c.Timeline(ctx, s.Case, p) })
	}, wordsOfEvents)
}

func wordsOfEvents(w io.Writer, p client.Page[client.Event]) {
	for _, e := range p.Items {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", e.Seq, moment(e.At), e.Kind, e.ActorID)
	}
}

type caseKnows struct{ caseArg }

// Run lists who knows.
func (s caseKnows) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (json.RawMessage, error) { return c.WhoKnows(ctx, s.Case) },
		func(w io.Writer, raw json.RawMessage) {
			var circle struct {
				Parties []struct {
					Name    string `json:"name"`
					Waiting bool   `json:"waiting"`
				} `json:"parties"`
				Persons []struct {
					Name string   `json:"name"`
					Role string   `json:"role"`
					Why  []string `json:"why"`
				} `json:"persons"`
			}
			if err := json.Unmarshal(raw, &circle); err != nil {
				fmt.Fprintln(w, string(raw))
				return
			}
			for _, p := range circle.Parties {
				knows := "knows the case"
				if p.Waiting {
					knows = "knows of an invitation only"
				}
				fmt.Fprintf(w, "%s\t%s\n", line(p.Name), knows)
			}
			for _, p := range circle.Persons {
				fmt.Fprintf(w, "%s\t%s\t%s\n", line(p.Name), p.Role, line(fmt.Sprint(p.Why)))
			}
		})
}
