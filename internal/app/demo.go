package app

import (
	"context"
	"fmt"
	"io"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/seal"
)

// guest is one of the people whose sign-in links a demo prints.
type guest struct{ email, name, what string }

var guests = []guest{
	{"cora@tocsin.example", "Cora Lindqvist", "coordinator and operator"},
	{"viktor@vexel.example", "Viktor Anand", "PSIRT lead of Vexel Systems"},
	{"wanda@wharf.example", "Wanda Okafor", "PSIRT lead of Wharf Networks, a competitor"},
	{"remy@finders.example", "Remy Castellan", "researcher"},
	{"otto@outer.example", "Otto Brandt", "member without access to the case"},
}

// greetDemo makes the demo alliance at the first start and prints a sign-in
// link for each guest.
func greetDemo(ctx context.Context, h *gate.House, out io.Writer) error {
	links := map[string]string{}
	err := h.Write(ctx, func(tx *db.Tx) error {
		founded, err := charter.Founded(tx)
		if err != nil {
			return err
		}
		if !founded {
			if err := furnishDemo(tx, h.Sealer, h.URL); err != nil {
				return err
			}
		}
		for _, g := range guests {
			p, err := people.ByEmail(tx, g.email)
			if err != nil {
				return err
			}
			if links[g.email], err = people.IssueLink(tx, audience.Actor{}, p.ID, people.LinkDemo); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	h.Guests = nil
	for _, g := range guests {
		h.Guests = append(h.Guests, gate.Guest{Name: g.name, Role: g.what, Path: people.SignInPath(links[g.email])})
	}
	fmt.Fprintf(out, "Demo alliance. Sign in with one click as:\n")
	for _, g := range guests {
		fmt.Fprintf(out, "  %-44s %s%s\n", g.name+", "+g.what, h.URL, people.SignInPath(links[g.email]))
	}
	return nil
}

// furnishDemo invents the alliance, all names on reserved domains.
func furnishDemo(tx *db.Tx, s *seal.Sealer, url string) error {
	if _, err := charter.Found(tx, s, charter.Charter{Name: "Meridian Response Alliance", Namespace: "https://meridian.example", Email: "psirt@meridian.example", URL: url}); err != nil {
		return err
	}
	if _, err := people.First(tx, guests[0].email, guests[0].name); err != nil {
		return err
	}
	for _, g := range guests[1:] {
		if _, err := people.Add(tx, audience.Actor{}, g.email, g.name); err != nil {
			return err
		}
	}
	return nil
}
