package app

import (
	"regexp"
	"time"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
)

var mailedApplication = regexp.MustCompile(`/applying/([A-Za-z0-9_-]{43})`)

// applying leaves an application to the consortium on which its members may
// still object, and memberships whose renewal is asked for.
func (s *script) applying() error {
	desk := s.house.Applications()
	var p membership.Application
	s.at(20 * day)
	err := s.do(func(tx *db.Tx) error {
		got, err := desk.Begin(tx, audience.Actor{}, s.tree["vendor-consortium"], "", membership.Form{Name: "Larkspur Devices", Class: orgs.Vendor, Website: "https://larkspur.example",
			Statement: "We build controllers for heating and ventilation, and patch what we sell for ten years.", Sponsors: []string{"Vexel Systems, Viktor Anand", "Kestrel Linux"},
			Contact: "psirt@larkspur.example", ContactName: "Nadia Brandl", Evidence: membership.Evidence{Policy: "https://larkspur.example/security/policy", SecurityTxt: "https://larkspur.example/.well-known/security.txt",
				Team: "https://larkspur.example/security/rfc2350", SIM3: "https://larkspur.example/security/sim3", Constituency: "Our own products, in 14 countries.", Handling: "Four people of the PSIRT read it; it stays on their own server."}})
		if err != nil {
			return err
		}
		secret, err := s.mailedTo(tx, "psirt@larkspur.example")
		if err != nil {
			return err
		}
		if p, err = desk.Confirm(tx, secret); err != nil {
			return err
		}
		p, err = desk.Submit(tx, audience.ForLink(got.ID), got.ID, p.Version)
		return err
	})
	if err != nil {
		return err
	}
	s.at(18 * day)
	if err := s.do(func(tx *db.Tx) error {
		if _, err := desk.Check(tx, s.cast["cora"], p.ID); err != nil {
			return err
		}
		for _, sponsor := range []string{"Vexel Systems", "Kestrel Linux"} {
			if _, err := desk.AskSponsor(tx, s.cast["cora"], p.ID, s.orgs[sponsor]); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for i, x := range []struct{ who, org, text string }{
		{"viktor", "Vexel Systems", "We handled three reports with them. They answer within a day."},
		{"ines", "Kestrel Linux", "Their fixes come with tests. We can recommend them."},
	} {
		s.at(time.Duration(15-3*i) * day)
		if err := s.do(func(tx *db.Tx) error {
			_, err := desk.Speak(tx, s.cast[x.who], p.ID, membership.Speech{Org: s.orgs[x.org], Answer: membership.Supports, Text: x.text})
			return err
		}); err != nil {
			return err
		}
	}
	s.at(9 * day)
	if err := s.do(func(tx *db.Tx) error {
		_, err := desk.Announce(tx, s.cast["cora"], p.ID)
		return err
	}); err != nil {
		return err
	}
	if err := s.do(s.renewing); err != nil {
		return err
	}
	return catchUp(s.ctx, s.house, membership.StandingNext, membership.StandingTick)
}

// mailedTo is the secret of the link that waits in the outbox for an address.
func (s *script) mailedTo(tx *db.Tx, address string) (string, error) {
	list, err := s.house.Box.List(tx, outbox.Filter{State: outbox.Pending, Limit: 200})
	for _, it := range list {
		if m := mailedApplication.FindSubmatch(it.Content); m != nil && it.Address == address {
			return string(m[1]), nil
		}
	}
	if err == nil {
		err = errs.New(errs.Internal, "No link was mailed to the applicant.")
	}
	return "", err
}

// renewing gives the banks' memberships terms of four months, so that their
// first renewal is being asked for.
func (s *script) renewing(tx *db.Tx) error {
	r, err := programs.RulesOf(tx, s.tree["financial-alliance"])
	if err != nil {
		return err
	}
	r.RenewDays = 120
	_, err = programs.ChangeRules(tx, s.cast["cora"], r)
	return err
}
