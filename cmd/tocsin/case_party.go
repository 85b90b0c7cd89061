package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"tocsin/client"
)

type caseInvite struct {
	caseArg
	Org       []string `help:"Organization, by id or exact name; more than once for many." placeholder:"ORG"`
	Person    []string `help:"Person, by id." placeholder:"ID"`
	Email     []string `help:"Somebody who is not on the platform, by mail." placeholder:"ADDRESS"`
	Component string   `help:"Everybody who ships this component: a name or a package URL."`
	Program   string   `help:"With --component: only organizations of this program."`
	Role      string   `help:"vendor, finder, coordinator, deployer or other." enum:"vendor,finder,coordinator,deployer,other" default:"vendor"`
	Reason    string   `required:"" help:"Why they are included; kept."`
	Due       instant  `help:"Answer asked for by, with zone."`
}

// Run invites.
func (s caseInvite) Run(ctx context.Context, r *remote) error {
	named := len(s.Org) + len(s.Person) + len(s.Email)
	if (named > 0) == (s.Component != "") {
		return misused("name whom to invite with --org, --person or --email, or everybody with --component")
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Participant], error) {
		if s.Component != "" {
			return c.InviteByComponent(ctx, s.Case, s.Program, s.Component, s.Reason, s.Due.Time)
		}
		var targets []client.Target
		for _, ref := range s.Org {
			o, err := organization(ctx, c, ref)
			if err != nil {
				return client.Page[client.Participant]{}, err
			}
			targets = append(targets, client.Target{Kind: "org", ID: o.ID, Name: o.Name, Role: s.Role})
		}
		for _, id := range s.Person {
			targets = append(targets, client.Target{Kind: "person", ID: id, Role: s.Role})
		}
		for _, email := range s.Email {
			kind := "person"
			if s.Role == "vendor" {
				kind = "org"
			}
			targets = append(targets, client.Target{Kind: kind, Email: email, Name: email, Role: s.Role})
		}
		return c.Invite(ctx, s.Case, targets, s.Reason, s.Due.Time)
	}, func(w io.Writer, p client.Page[client.Participant]) {
		wordsOfParties(w, p.Items)
		fmt.Fprintf(w, "%d invited\n", len(p.Items))
	})
}

// organization finds an organization by id or by its whole name.
func organization(ctx context.Context, c *client.Client, ref string) (client.Org, error) {
	list, err := c.Organizations(ctx, ref, client.Paging{Limit: 200})
	if err != nil {
		return client.Org{}, err
	}
	for _, o := range list.Items {
		if strings.EqualFold(o.Name, ref) {
			return o, nil
		}
	}
	if strings.HasPrefix(ref, "org_") {
		return client.Org{ID: ref}, nil
	}
	return client.Org{}, errors.New("there is no organization of that name; search for it, or give its id")
}

type partyArg struct {
	caseArg
	Party string `arg:"" help:"The party: its id in the case, or its name."`
}

// find resolves the party by id or name.
func (s partyArg) find(ctx context.Context, c *client.Client) (client.Participant, error) {
	list, err := c.Participants(ctx, s.Case)
	if err != nil {
		return client.Participant{}, err
	}
	for _, p := range list.Items {
		if p.ID == s.Party || strings.EqualFold(p.Name, s.Party) {
			return p, nil
		}
	}
	return client.Participant{}, errors.New("no party of that id or name takes part, as far as you may know")
}

type caseNudge struct{ partyArg }

// Run nudges.
func (s caseNudge) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Participant, error) {
		p, err := s.find(ctx, c)
		if err != nil {
			return p, err
		}
		return c.Nudge(ctx, s.Case, p.ID)
	}, wordsOfParty)
}

func wordsOfParty(w io.Writer, p client.Participant) { wordsOfParties(w, []client.Participant{p}) }

type caseInvited struct{}

// Run lists invitations.
func (caseInvited) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Invitation], error) {
		return c.Invitations(ctx)
	},
		func(w io.Writer, p client.Page[client.Invitation]) {
			for _, i := range p.Items {
				fmt.Fprintf(w, "%s\t%s\tanswer by %s\n\n%s\n\n", i.TLP, i.ID, moment(i.DueAt), lines(i.Terms))
			}
			if len(p.Items) == 0 {
				fmt.Fprintln(w, "No invitation waits for your answer.")
			}
		})
}

type caseAccept struct {
	Invitation string `arg:"" help:"Id of the invitation."`
	Agreement  string `help:"What the invitation gave as agreement; accepts exactly the terms you read." placeholder:"AGREEMENT"`
	Yes        bool   `help:"Accept the terms as they stand now."`
}

// Run accepts, after the terms were read.
func (s caseAccept) Run(ctx context.Context, r *remote) error {
	if s.Agreement == "" && !s.Yes {
		return misused("read the terms (tocsin case invited), then accept them with --agreement or --yes")
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Case, error) {
		if s.Agreement == "" {
			i, err := c.Invitation(ctx, s.Invitation)
			if err != nil {
				return client.Case{}, err
			}
			s.Agreement = i.Agreement
		}
		return c.Accept(ctx, s.Invitation, s.Agreement)
	}, wordsOfCase)
}

type caseDecline struct {
	Invitation string `arg:"" help:"Id of the invitation."`
	Reason     string `help:"Why, if you want to say."`
}

// Run declines.
func (s caseDecline) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "Declined.", func(ctx context.Context, c *client.Client) error { return c.Decline(ctx, s.Invitation, s.Reason) })
}

type caseMove struct {
	partyArg
	Machine string `arg:"" help:"report-state, consent or progress." enum:"report-state,consent,progress"`
	Move    string `arg:"" help:"The machine's verb: receive, validate, …; invite, accept, …; V, F, D."`
	Reason  string `help:"Why, where the machine asks."`
}

// Run moves one machine of one party.
func (s caseMove) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Participant, error) {
		p, err := s.find(ctx, c)
		if err != nil {
			return p, err
		}
		switch s.Machine {
		case "consent":
			return c.MoveConsent(ctx, s.Case, p.ID, s.Move, s.Reason)
		case "progress":
			return c.MoveProgress(ctx, s.Case, p.ID, s.Move)
		}
		return c.MoveReportState(ctx, s.Case, p.ID, s.Move, s.Reason)
	}, wordsOfParty)
}
