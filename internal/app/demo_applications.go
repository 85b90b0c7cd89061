package app

import (
	"encoding/json"
	"regexp"
	"time"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
)

// apply leaves two applications to the vendor consortium: one that the
// members may object to, and one that waits to be checked.
func (s *script) apply() error {
	desk := s.house.Applications()
	s.at(20 * day)
	first, err := s.applicant(desk, membership.Form{Name: "Ferrostack Controls", Website: "https://www.ferrostack.example", ContactName: "Mira Osei", Contact: "psirt@ferrostack.example",
		Statement: "We make controllers for water works, and have run a response team of four since 2019.", Sponsors: []string{"Kestrel Linux, Ines Duarte", "Halden Industrial, Jorun Dahl"}})
	if err != nil {
		return err
	}
	s.at(19 * day)
	if err := s.do(func(tx *db.Tx) error {
		_, err := desk.Check(tx, s.cast["cora"], first)
		for _, org := range []string{"Kestrel Linux", "Halden Industrial"} {
			if err == nil {
				_, err = desk.AskSponsor(tx, s.cast["cora"], first, s.orgs[org])
			}
		}
		return err
	}); err != nil {
		return err
	}
	for i, say := range []struct{ who, org, text string }{
		{"ines", "Kestrel Linux", "They found two flaws in our network stack, reported both well, and kept every date."},
		{"jorun", "Halden Industrial", "We share customers, and have worked through one incident together at three in the morning."},
	} {
		s.at(17*day - time.Duration(i)*9*time.Hour)
		if err := s.do(func(tx *db.Tx) error {
			_, err := desk.Speak(tx, s.cast[say.who], first, membership.Speech{Org: s.orgs[say.org], Answer: membership.Supports, Text: say.text})
			return err
		}); err != nil {
			return err
		}
	}
	s.at(6 * day)
	if err := s.do(func(tx *db.Tx) error { _, err := desk.Announce(tx, s.cast["cora"], first); return err }); err != nil {
		return err
	}
	s.at(2 * day)
	_, err = s.applicant(desk, membership.Form{Name: "Nimbus Appliance Company", Website: "https://nimbus-appliance.example", ContactName: "Theo Lund", Contact: "security@nimbus-appliance.example",
		Statement: "Storage appliances for small offices. Our product security team answers around the clock.", Sponsors: []string{"Brightmoor Cloud", "Pinefield Storage"}})
	return err
}

var mailedLink = regexp.MustCompile(`/applying/([\w-]{43})`)

// applicant begins an application, proves its address by the link that was
// mailed, and submits it.
func (s *script) applicant(desk membership.Desk, in membership.Form) (id string, err error) {
	in.Class = orgs.Vendor
	in.Evidence = membership.Evidence{Policy: in.Website + "/psirt", SecurityTxt: in.Website + "/.well-known/security.txt", Team: in.Website + "/rfc2350", SIM3: "Organization 2.4, human 2.1, tools 1.9, processes 2.2 of 4."}
	var rec membership.Receipt
	if err := s.do(func(tx *db.Tx) (err error) {
		rec, err = desk.Begin(tx, audience.Actor{}, s.tree["vendor-consortium"], "", in)
		return err
	}); err != nil {
		return "", err
	}
	return rec.ID, s.do(func(tx *db.Tx) error {
		list, err := s.house.Box.List(tx, outbox.Filter{})
		if err != nil {
			return err
		}
		for _, it := range list {
			var m outbox.Mail
			if it.Address != in.Contact || json.Unmarshal(it.Content, &m) != nil {
				continue
			}
			if f := mailedLink.FindStringSubmatch(m.Text); f != nil {
				p, err := desk.Confirm(tx, f[1])
				if err == nil {
					_, err = desk.Submit(tx, audience.ForLink(p.ID), p.ID, p.Version)
				}
				return err
			}
		}
		return errs.New(errs.Internal, "No link was mailed to %s.", in.Contact)
	})
}
