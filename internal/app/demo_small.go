package app

import (
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
)

// small are cases that live in the other programs, each with a word from one
// of its members.
var small = []struct {
	template, title, summary string
	level                    tlp.Level
	before                   time.Duration
	members                  []string // the first one speaks
	says                     string
}{
	{"av-alliance", "Loader that hides in signed installers", "A loader travels in installers whose signature is valid. Two laboratories hold samples; detections by file name miss most of it.", tlp.Amber, 13 * day, []string{"Corvid Labs", "Magpie Antivirus", "Rookery Security"},
		"The loader checks for a debugger first and then waits ten minutes. We detect it by its mutex."},
	{"technology-partners", "Filter rules for crafted ASN.1 before the fix is out", "What partners need in order to recognize a crafted certificate on the wire, and nothing about who is affected.", tlp.Amber, 11 * day, []string{"Corvid Labs", "Fernhill University"},
		"A rule on the inner length works on our traffic without a false alarm in three days."},
	{"infrastructure-alliance", "Reflection from home routers with an open resolver", "Some 90,000 home routers answer anybody. Filters at the edge help at once; a list by provider is attached to each private side.", tlp.Amber, 9 * day, []string{"Ridgeline Broadband", "Outer Ring Telecom", "Harbor Exchange Point"},
		"We filter inbound port 53 to customers since this morning; 41,000 of them are ours."},
	{"security-cooperation-certs", "Mail servers in two constituencies leak their address books", "A default setting publishes the address book. Both teams notify their operators.", tlp.Amber, 7 * day, []string{"Estuary Regional CERT", "Northgate CERT"},
		"112 operators notified, 37 have answered so far."},
	{"financial-alliance", "Phishing kit that relays one-time codes", "The kit asks for the code and uses it within seconds. Three brands are imitated.", tlp.AmberStrict, 4 * day, []string{"Copperline Payments", "First Harbor Bank"},
		"It always comes from the same two hosting networks. We delay payments that follow such a sign-in."},
}

// smallCases opens them, lets the members accept, and one of them speak.
func (s *script) smallCases() error {
	for _, k := range small {
		s.at(k.before)
		var c casework.Case
		err := s.do(func(tx *db.Tx) (err error) {
			if c, err = casework.OpenCase(tx, s.cast["colin"], casework.NewCase{Title: k.title, Summary: k.summary, Level: k.level, Program: s.tree[k.template]}); err != nil {
				return err
			}
			in := casework.Inclusion{Reason: "Belongs to the program."}
			for _, name := range k.members {
				in.Targets = append(in.Targets, casework.Target{Kind: audience.Org, ID: s.orgs[name], Name: name, Role: casework.Other})
			}
			_, err = casework.Invite(tx, s.cast["colin"], c.ID, in)
			return err
		})
		if err != nil {
			return err
		}
		speaker := voiceOf(k.members[0])
		s.at(k.before - 5*time.Hour)
		if err := s.accept(speaker); err != nil {
			return err
		}
		if err := s.do(func(tx *db.Tx) error {
			general := talk.GeneralID(c.ID)
			if _, err := talk.Ensure(tx, s.cast[speaker], general); err != nil {
				return err
			}
			_, err := talk.Post(tx, s.cast[speaker], general, talk.Draft{Body: k.says})
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// voiceOf is the name in the cast of an organization's first person.
func voiceOf(org string) string {
	for _, m := range members {
		if m.name == org {
			name, _, _ := strings.Cut(m.people[0].email, "@")
			return name
		}
	}
	return ""
}
