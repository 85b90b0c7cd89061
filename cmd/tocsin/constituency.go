package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"tocsin/client"
)

type constituencyCommands struct {
	remote

	Who       constituencyWho       `cmd:"" help:"Who answers for an address, a domain, a country …"`
	List      constituencyList      `cmd:"" help:"What organizations say they answer for."`
	Show      constituencyShow      `cmd:"" help:"Show one claim."`
	Export    constituencyExport    `cmd:"" help:"Write the claims as CSV."`
	Declare   constituencyDeclare   `cmd:"" help:"Say that an organization answers for something."`
	Import    constituencyImport    `cmd:"" help:"Declare a sheet of claims, all or none."`
	Challenge constituencyChallenge `cmd:"" help:"Ask for a proof: a record in the domain, or a link by mail."`
	Check     constituencyCheck     `cmd:"" help:"Look the record of a challenge up."`
	Confirm   constituencyConfirm   `cmd:"" help:"Confirm a claim with a note (coordinators)."`
	Refuse    constituencyRefuse    `cmd:"" help:"Refuse an unproven claim (coordinators)."`
	Withdraw  constituencyWithdraw  `cmd:"" help:"Take a claim back."`
	Registry  constituencyRegistry  `cmd:"" help:"Note the contact that a registry names (coordinators)."`
	Overlaps  constituencyOverlaps  `cmd:"" help:"Where two organizations claim the same."`
	Dispute   constituencyDispute   `cmd:"" help:"Put an overlap into dispute."`
	Settle    constituencySettle    `cmd:"" help:"Settle an overlap (coordinators)."`
}

type claimArg struct {
	Claim string `arg:"" help:"Id of the claim."`
}

func wordsOfClaim(w io.Writer, c client.Claim) {
	fmt.Fprintf(w, "%s\t%s %s\nid\t%s\norganization\t%s\nstate\t%s\n", c.TLP, c.Kind, line(c.Value), c.ID, line(c.OrgName), c.State)
	for _, f := range [][2]string{{"reason", c.Reason}, {"note", c.Note}, {"proven by", c.Method}, {"evidence", c.Evidence}} {
		if f[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", f[0], line(f[1]))
		}
	}
	if !c.Until.IsZero() {
		fmt.Fprintf(w, "until\t%s\n", moment(c.Until))
	}
	if c.Inside == nil {
		return
	}
	if c.Inside.Registry != "" {
		fmt.Fprintf(w, "registry contact\t%s (%s)\n", line(c.Inside.Registry), line(c.Inside.RegistrySource))
	}
	if ch := c.Inside.Challenge; ch != nil && ch.Method == "dns" {
		fmt.Fprintf(w, "set this record\t%s TXT \"%s\"\nby\t%s\n", ch.Record, ch.Text, moment(ch.Until))
	} else if ch != nil {
		fmt.Fprintf(w, "asked by mail\t%s\nuntil\t%s\n", line(ch.To), moment(ch.Until))
	}
	if c.Inside.CheckNote != "" {
		fmt.Fprintf(w, "last check\t%s\n", line(c.Inside.CheckNote))
	}
}

// claim runs an operation that answers with a claim.
func claim(ctx context.Context, r *remote, f func(context.Context, *client.Client) (client.Claim, error)) error {
	return ask(ctx, r, f, wordsOfClaim)
}

type constituencyWho struct {
	Question string `arg:"" help:"An address, a block, AS and a number, a domain, a mail or web address, a country's two letters, a sector or a package URL."`
}

// Run asks who answers.
func (s constituencyWho) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.ClaimAnswer, error) {
		return c.WhoAnswersFor(ctx, s.Question)
	}, func(w io.Writer, a client.ClaimAnswer) {
		for _, c := range a.Claims {
			fmt.Fprintf(w, "%s\t%s\t%s %s\t%s\t%s\n", c.TLP, line(c.OrgName), c.Kind, line(c.Value), c.State, c.Org)
		}
		if len(a.Claims) == 0 {
			fmt.Fprintln(w, strings.TrimSpace("Nobody you may know of answers for "+line(a.Value)+". "+line(a.Note)))
		}
	})
}

type claimFilter struct {
	Org   string `help:"Id of the organization."`
	Kind  string `help:"asn, prefix, domain, country, sector or product."`
	State string `help:"claimed, proving, proven, disputed, expired, refused or withdrawn."`
	Text  string `help:"A part of the value."`
	All   bool   `help:"Refused and withdrawn ones too."`
}

func (f claimFilter) query() client.ClaimQuery {
	return client.ClaimQuery{Org: f.Org, Kind: f.Kind, State: f.State, Text: f.Text, All: f.All}
}

type constituencyList struct {
	claimFilter
	Limit int `help:"At most this many." default:"500"`
}

// Run lists claims.
func (s constituencyList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Claim], error) {
		return all(s.Limit, func(p client.Paging) (client.Page[client.Claim], error) { return c.Claims(ctx, s.query(), p) })
	}, func(w io.Writer, p client.Page[client.Claim]) {
		for _, c := range p.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", c.TLP, c.Kind, line(c.Value), c.State, line(c.OrgName), c.ID)
		}
	})
}

type constituencyShow struct{ claimArg }

// Run shows a claim.
func (s constituencyShow) Run(ctx context.Context, r *remote) error {
	return claim(ctx, r, func(ctx context.Context, c *client.Client) (client.Claim, error) { return c.Claim(ctx, s.Claim) })
}

type constituencyExport struct{ claimFilter }

// Run writes CSV to standard output.
func (s constituencyExport) Run(ctx context.Context, r *remote) error {
	c, err := r.client()
	if err != nil {
		return err
	}
	a, err := c.ClaimsCSV(ctx, s.query())
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if r.JSON {
		b, err := io.ReadAll(a.Body)
		if err != nil {
			return err
		}
		return r.print(map[string]string{"csv": string(b)}, nil)
	}
	_, err = io.Copy(os.Stdout, a.Body)
	return err
}

type constituencyDeclare struct {
	Org   string `arg:"" help:"Id of the organization."`
	Kind  string `arg:"" help:"asn, prefix, domain, country, sector or product."`
	Value string `arg:"" help:"Such as AS3333, 193.0.0.0/21, vendor.com, CH, energy or pkg:npm/name."`
	Note  string `help:"A note for coordinators."`
}

// Run declares a claim.
func (s constituencyDeclare) Run(ctx context.Context, r *remote) error {
	return claim(ctx, r, func(ctx context.Context, c *client.Client) (client.Claim, error) {
		return c.DeclareClaim(ctx, s.Org, s.Kind, s.Value, s.Note)
	})
}

type constituencyImport struct {
	Org   string `arg:"" help:"Id of the organization."`
	Sheet string `arg:"" help:"CSV with the columns kind, value and note, as @FILE, or - for standard input."`
}

// Run imports a sheet.
func (s constituencyImport) Run(ctx context.Context, r *remote) error {
	sheet, err := textOf(s.Sheet)
	if err != nil {
		return err
	}
	type counts struct {
		Declared int `json:"declared"`
		Same     int `json:"same"`
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (n counts, err error) {
		n.Declared, n.Same, err = c.ImportClaims(ctx, s.Org, sheet)
		return n, err
	}, func(w io.Writer, n counts) {
		fmt.Fprintf(w, "declared\t%d\nclaimed already\t%d\n", n.Declared, n.Same)
	})
}

type constituencyChallenge struct {
	claimArg
	Mail string `help:"Send a link to this address instead of asking for a record." placeholder:"ADDRESS"`
}

// Run asks for a proof.
func (s constituencyChallenge) Run(ctx context.Context, r *remote) error {
	method := "dns"
	if s.Mail != "" {
		method = "mail"
	}
	return claim(ctx, r, func(ctx context.Context, c *client.Client) (client.Claim, error) {
		return c.ChallengeClaim(ctx, s.Claim, method, s.Mail)
	})
}

type constituencyCheck struct{ claimArg }

// Run looks the record up.
func (s constituencyCheck) Run(ctx context.Context, r *remote) error {
	return claim(ctx, r, func(ctx context.Context, c *client.Client) (client.Claim, error) { return c.CheckClaim(ctx, s.Claim) })
}

type constituencyConfirm struct {
	claimArg
	Note string `required:"" help:"What the confirmation rests on."`
}

// Run confirms.
func (s constituencyConfirm) Run(ctx context.Context, r *remote) error {
	return claim(ctx, r, func(ctx context.Context, c *client.Client) (client.Claim, error) {
		return c.ConfirmClaim(ctx, s.Claim, s.Note)
	})
}

type constituencyRefuse struct {
	claimArg
	Reason string `required:"" help:"Why; the organization reads it."`
}

// Run refuses.
func (s constituencyRefuse) Run(ctx context.Context, r *remote) error {
	return claim(ctx, r, func(ctx context.Context, c *client.Client) (client.Claim, error) {
		return c.RefuseClaim(ctx, s.Claim, s.Reason)
	})
}

type constituencyWithdraw struct{ claimArg }

// Run withdraws.
func (s constituencyWithdraw) Run(ctx context.Context, r *remote) error {
	return claim(ctx, r, func(ctx context.Context, c *client.Client) (client.Claim, error) {
		return c.WithdrawClaim(ctx, s.Claim)
	})
}

type constituencyRegistry struct {
	claimArg
	Address string `arg:"" help:"Mail address that the registry names."`
	Source  string `required:"" help:"Where it was read, such as an RDAP address."`
}

// Run notes the contact.
func (s constituencyRegistry) Run(ctx context.Context, r *remote) error {
	return claim(ctx, r, func(ctx context.Context, c *client.Client) (client.Claim, error) {
		return c.NoteRegistry(ctx, s.Claim, s.Address, s.Source)
	})
}

type constituencyOverlaps struct {
	Org   string `help:"Id of one of the organizations."`
	All   bool   `help:"Settled ones too."`
	Limit int    `help:"At most this many." default:"200"`
}

// Run lists overlaps.
func (s constituencyOverlaps) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.Overlap], error) {
		return all(s.Limit, func(p client.Paging) (client.Page[client.Overlap], error) { return c.Overlaps(ctx, s.Org, s.All, p) })
	}, func(w io.Writer, p client.Page[client.Overlap]) {
		for _, o := range p.Items {
			wordsOfOverlap(w, o)
		}
	})
}

func wordsOfOverlap(w io.Writer, o client.Overlap) {
	fmt.Fprintf(w, "%s\t%s %s (%s)\t%s\t%s (%s)\t%s %s\tversion %d\n", o.ID, o.First.Kind, line(o.First.Value), line(o.First.OrgName), o.Relation, line(o.Second.Value), line(o.Second.OrgName), o.State, o.Decision, o.Version)
}

type overlapArg struct {
	Overlap string `arg:"" help:"Id of the overlap."`
	Reason  string `required:"" help:"Why."`
}

type constituencyDispute struct{ overlapArg }

// Run disputes.
func (s constituencyDispute) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Overlap, error) {
		return c.DisputeOverlap(ctx, s.Overlap, s.Reason)
	}, wordsOfOverlap)
}

type constituencySettle struct {
	overlapArg
	Decision string `required:"" enum:"shared,one,split" help:"shared: both answer; one: it belongs to --owner; split: the more particular claim answers for its part."`
	Owner    string `help:"Of one: id of the claim it belongs to; the other is refused." placeholder:"CLAIM"`
	Version  int64  `name:"seen" placeholder:"VERSION" required:"" help:"The version of the overlap that you saw."`
}

// Run settles.
func (s constituencySettle) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Overlap, error) {
		return c.SettleOverlap(ctx, s.Overlap, s.Decision, s.Owner, s.Reason, s.Version)
	}, wordsOfOverlap)
}
