package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"tocsin/client"
	"tocsin/spec/vex"
)

type caseMatrix struct{ caseArg }

// Run shows the matrix.
func (s caseMatrix) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Board, error) { return c.Matrix(ctx, s.Case) },
		func(w io.Writer, b client.Board) {
			fmt.Fprint(w, "party")
			for _, v := range b.Vulnerabilities {
				fmt.Fprintf(w, "\t%s %s", line(v.Label), v.CVE)
			}
			fmt.Fprintln(w, "\tchanged\ttracker")
			for _, row := range b.Rows {
				fmt.Fprint(w, line(row.Party.Name))
				for _, cell := range row.Cells {
					fmt.Fprintf(w, "\t%s", cell.Status)
				}
				fmt.Fprintf(w, "\t%s\t%s\n", moment(row.Changed), line(row.Tracker))
			}
		})
}

type caseVulnerability struct {
	caseArg
	Title       string   `arg:"" help:"What the flaw is, in a few words."`
	Description string   `help:"Markdown, @FILE, or - for standard input."`
	CVE         string   `name:"cve" help:"CVE id, given or reserved elsewhere."`
	CWE         string   `name:"cwe" help:"As CWE-787."`
	CVSS31      string   `name:"cvss31" help:"CVSS 3.1 vector."`
	CVSS40      string   `name:"cvss40" help:"CVSS 4.0 vector."`
	Reference   []string `help:"Address of a reference." placeholder:"URL"`
	Credit      []string `help:"Who is to be thanked." placeholder:"NAME"`
}

// Run adds a vulnerability.
func (s caseVulnerability) Run(ctx context.Context, r *remote) error {
	text, err := textOf(s.Description)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Vulnerability, error) {
		return c.AddVulnerability(ctx, s.Case, client.Vulnerability{Title: s.Title, Description: text, CVE: s.CVE, CWE: s.CWE, CVSS31: s.CVSS31, CVSS40: s.CVSS40, References: s.Reference, Credits: s.Credit})
	}, func(w io.Writer, v client.Vulnerability) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", v.Label, v.CVE, line(v.Title), v.ID)
	})
}

type caseProduct struct {
	partyArg
	Name string `arg:"" help:"Name of the product."`
	PURL string `name:"purl" help:"Package URL."`
	CPE  string `name:"cpe" help:"CPE 2.3 name."`
}

// Run adds a product.
func (s caseProduct) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Product, error) {
		p, err := s.find(ctx, c)
		if err != nil {
			return client.Product{}, err
		}
		return c.AddProduct(ctx, s.Case, client.Product{Participant: p.ID, Name: s.Name, PURL: s.PURL, CPE: s.CPE})
	}, func(w io.Writer, p client.Product) { fmt.Fprintf(w, "%s\t%s\n", line(p.Name), p.ID) })
}

type caseStatus struct {
	partyArg
	Status        string   `arg:"" help:"investigating, affected, not_affected or fixed." enum:"investigating,affected,not_affected,fixed"`
	Vulnerability string   `help:"Label, CVE id or id; not needed where the case has one." short:"v"`
	Product       string   `help:"Product id; absent: all products."`
	Justification string   `help:"Why not affected, as VEX spells it."`
	Statement     string   `help:"Markdown, @FILE, or - for standard input."`
	Affected      []string `help:"Affected version."`
	Fixed         []string `help:"Fixed version."`
}

// Run says where a party stands. The version that it replaces is the one
// that stood a moment before.
func (s caseStatus) Run(ctx context.Context, r *remote) error {
	statement, err := textOf(s.Statement)
	if err != nil {
		return err
	}
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Status, error) {
		p, err := s.find(ctx, c)
		if err != nil {
			return client.Status{}, err
		}
		v, err := s.vulnerability(ctx, c)
		if err != nil {
			return client.Status{}, err
		}
		old, err := c.Status(ctx, s.Case, p.ID, v, s.Product)
		if err != nil {
			return client.Status{}, err
		}
		return c.SetStatus(ctx, s.Case, client.Status{Participant: p.ID, Vulnerability: v, Product: s.Product, Status: vex.Status(s.Status),
			Justification: vex.Justification(s.Justification), Statement: statement, Affected: s.Affected, Fixed: s.Fixed, Version: old.Version})
	}, func(w io.Writer, v client.Status) { fmt.Fprintf(w, "%s\tversion %d\n", v.Status, v.Version) })
}

func (s caseStatus) vulnerability(ctx context.Context, c *client.Client) (string, error) {
	list, err := c.Vulnerabilities(ctx, s.Case)
	if err != nil {
		return "", err
	}
	if s.Vulnerability == "" && len(list.Items) == 1 {
		return list.Items[0].ID, nil
	}
	for _, v := range list.Items {
		if s.Vulnerability != "" && (v.ID == s.Vulnerability || strings.EqualFold(v.Label, s.Vulnerability) || strings.EqualFold(v.CVE, s.Vulnerability)) {
			return v.ID, nil
		}
	}
	return "", errors.New("name the vulnerability with --vulnerability; tocsin case matrix lists them")
}

type caseTracker struct {
	partyArg
	Number string `arg:"" help:"Your own number."`
}

// Run sets the party's own number.
func (s caseTracker) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "Kept.", func(ctx context.Context, c *client.Client) error {
		p, err := s.find(ctx, c)
		if err != nil {
			return err
		}
		return c.SetTracker(ctx, s.Case, p.ID, s.Number)
	})
}
