package app

import (
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/talk"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
)

// others are vendors outside the alliance whose products ship the flaw.
var others = []string{"Alder Devices", "Basalt Compute", "Birchway Meters", "Calder Imaging", "Cinder Robotics", "Cobalt Harbor", "Dunmore Phones", "Eastlake Cameras", "Ember Routers", "Fenwick Lighting", "Garnet Printing",
	"Glasswing Drones", "Hollow Oak Software", "Ironbridge Controls", "Juniper Hollow Toys", "Kilnwood Audio", "Larch Medical", "Mistral Thermostats", "Nettle Games", "Oakum Marine", "Pebble Point Sensors", "Quarrystone ERP",
	"Redfern Vehicles", "Saltmarsh Energy", "Tamarack Displays", "Umber Payments", "Vantage Locks", "Willowbrook Elevators", "Yarrow Farming", "Zephyr Appliances", "Ashgrove Telemetry", "Bramble Networks", "Clearwater Pumps", "Driftwood VPN"}

// liveCase is a case of forty vendors in the middle of its embargo.
func (s *script) liveCase() error {
	cora := s.cast["cora"]
	var c casework.Case
	var vulns []matrix.Vulnerability
	s.at(24 * day)
	err := s.do(func(tx *db.Tx) (err error) {
		c, err = casework.OpenCase(tx, cora, casework.NewCase{Title: "Heap overflow in libexample's ASN.1 reader", Level: tlp.AmberStrict, Program: s.tree["vendor-consortium"],
			Summary: "The length of a nested sequence is trusted before it is checked. A crafted certificate writes past the end of a heap buffer in **every** program that parses untrusted certificates with libexample before 4.2.1.\n\nA proof of concept crashes two products; code execution looks likely."})
		if err != nil {
			return err
		}
		for _, v := range []matrix.Vulnerability{
			{Title: "Heap overflow when reading a nested sequence", CVE: "CVE-2026-41710", CWE: "CWE-787", CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", CVSS40: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
				Description: "A sequence whose inner length exceeds the outer one is copied into a buffer of the outer length.", References: []string{"https://libexample.example/advisories/2026-3"}, Credits: []string{"Remy Castellan"}},
			{Title: "Endless loop on an indefinite length", CVE: "CVE-2026-41711", CWE: "CWE-835", CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", Description: "An indefinite length without an end marker is read forever.", Credits: []string{"Remy Castellan"}},
		} {
			made, err := matrix.AddVulnerability(tx, cora, c.ID, v)
			if err != nil {
				return err
			}
			vulns = append(vulns, made)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.live = c.ID
	for _, step := range []func(casework.Case, []matrix.Vulnerability) error{s.waves, s.agree, s.speak, s.hearsay, s.talk} {
		if err := step(c, vulns); err != nil {
			return err
		}
	}
	return nil
}

// waves invites the members first and everybody else three days later.
func (s *script) waves(c casework.Case, _ []matrix.Vulnerability) error {
	cora := s.cast["cora"]
	s.at(23 * day)
	err := s.do(func(tx *db.Tx) error {
		_, err := casework.InviteByComponent(tx, cora, c.ID, "", "libexample", casework.Inclusion{Reason: "Ships libexample."})
		return err
	})
	if err != nil {
		return err
	}
	for i, name := range []string{"viktor", "wanda", "ines", "jorun", "dara"} {
		s.at(22*day - time.Duration(i)*5*time.Hour)
		if err := s.accept(name); err != nil {
			return err
		}
	}
	s.at(20 * day)
	return s.do(func(tx *db.Tx) error {
		in := casework.Inclusion{Reason: "Found with libexample in its firmware."}
		for _, name := range others {
			o, _, err := orgs.Ensure(tx, name)
			if err != nil {
				return err
			}
			in.Targets = append(in.Targets, casework.Target{Kind: audience.Org, ID: o.ID, Name: name, Role: casework.Vendor})
		}
		_, err := casework.Invite(tx, cora, c.ID, in)
		return err
	})
}

// accept lets somebody accept every invitation that waits for them.
func (s *script) accept(name string) error {
	return s.do(func(tx *db.Tx) error {
		open, err := casework.OpenInvitations(tx, s.cast[name])
		if err != nil {
			return err
		}
		for _, i := range open {
			c, err := casework.Accept(tx, s.cast[name], i.ID, i.Terms)
			if err != nil {
				return err
			}
			if _, err := casework.MarkSeen(tx, s.cast[name], c.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// party is the place of a member in the case.
func (s *script) party(tx *db.Tx, c casework.Case, name string) (casework.Participant, error) {
	list, err := casework.MyParticipants(tx, s.cast[name], c.ID)
	if err != nil || len(list) == 0 {
		return casework.Participant{}, err
	}
	return list[0], nil
}

// agree lets the parties find an end, and then ask for a little more time.
func (s *script) agree(c casework.Case, _ []matrix.Vulnerability) error {
	release := s.now.Add(12 * day).Truncate(24 * time.Hour).Add(14 * time.Hour)
	s.at(19 * day)
	var first embargo.Proposal
	err := s.do(func(tx *db.Tx) (err error) {
		first, err = embargo.Propose(tx, s.cast["cora"], c.ID, embargo.Offer{Ends: release, Reason: "Time for two release trains."})
		return err
	})
	if err != nil {
		return err
	}
	for i, name := range []string{"viktor", "wanda", "ines"} {
		s.at(18*day - time.Duration(i)*7*time.Hour)
		err := s.do(func(tx *db.Tx) error {
			p, err := s.party(tx, c, name)
			if err != nil {
				return err
			}
			_, err = embargo.Respond(tx, s.cast[name], first.ID, p.ID, embargo.Consent, "")
			return err
		})
		if err != nil {
			return err
		}
	}
	s.at(16 * day)
	if err := s.do(func(tx *db.Tx) error {
		_, err := embargo.Decide(tx, s.cast["cora"], first.ID, true, "Nobody objects.")
		return err
	}); err != nil {
		return err
	}
	s.at(2 * day)
	return s.do(func(tx *db.Tx) error {
		p, err := s.party(tx, c, "jorun")
		if err != nil {
			return err
		}
		_, err = embargo.Propose(tx, s.cast["jorun"], c.ID, embargo.Offer{Participant: p.ID, Ends: release.Add(7 * day), Reason: "Plants stop for maintenance only the week after."})
		return err
	})
}

// speak gives the matrix its first words.
func (s *script) speak(c casework.Case, vulns []matrix.Vulnerability) error {
	words := []struct {
		who    string
		before time.Duration
		vuln   int
		in     matrix.Status
	}{
		{"viktor", 17 * day, 0, matrix.Status{Status: vex.Affected, Statement: "All routers with firmware 2.x parse certificates with the flawed reader.", Affected: []string{"2.0 to 2.4"}}},
		{"viktor", 17 * day, 1, matrix.Status{Status: vex.NotAffected, Justification: vex.CodeNotExecuted, Statement: "Indefinite lengths are refused before the reader is called."}},
		{"wanda", 15 * day, 0, matrix.Status{Status: vex.Investigating, Statement: "Two product lines are being checked."}},
		{"ines", 14 * day, 0, matrix.Status{Status: vex.Fixed, Statement: "Packages are built and wait for the release.", Fixed: []string{"libexample 4.2.1-1"}}},
		{"ines", 14 * day, 1, matrix.Status{Status: vex.Fixed, Fixed: []string{"libexample 4.2.1-1"}}},
		{"dara", 9 * day, 0, matrix.Status{Status: vex.NotAffected, Justification: vex.ComponentNotPresent}},
		{"viktor", 4 * day, 0, matrix.Status{Status: vex.Fixed, Statement: "Fixed in 2.4.1. Update before you expose the management port again.", Affected: []string{"2.0 to 2.4"}, Fixed: []string{"2.4.1"}, Version: 1}},
	}
	for _, w := range words {
		s.at(w.before)
		err := s.do(func(tx *db.Tx) error {
			p, err := s.party(tx, c, w.who)
			if err != nil {
				return err
			}
			w.in.Participant, w.in.Vulnerability = p.ID, vulns[w.vuln].ID
			_, err = matrix.SetStatus(tx, s.cast[w.who], c.ID, w.in)
			return err
		})
		if err != nil {
			return err
		}
	}
	s.at(4 * day)
	return s.do(func(tx *db.Tx) error {
		p, err := s.party(tx, c, "viktor")
		if err != nil {
			return err
		}
		if _, err := matrix.SetTracker(tx, s.cast["viktor"], c.ID, p.ID, "VEX-20481"); err != nil {
			return err
		}
		_, err = embargo.MoveProgress(tx, s.cast["viktor"], c.ID, p.ID, mpcvd.EventFixReady)
		return err
	})
}

// hearsay is what vendors outside the alliance said by mail or telephone; a
// coordinator writes it down on their behalf.
func (s *script) hearsay(c casework.Case, vulns []matrix.Vulnerability) error {
	said := []struct {
		first, second matrix.Status
	}{
		{matrix.Status{Status: vex.Affected, Statement: "Said by telephone: all cameras of 2024 and later.", Affected: []string{"5.0 to 5.3"}}, matrix.Status{Status: vex.Investigating}},
		{matrix.Status{Status: vex.NotAffected, Justification: vex.ComponentNotPresent, Statement: "Said by mail."}, matrix.Status{Status: vex.NotAffected, Justification: vex.ComponentNotPresent}},
		{matrix.Status{Status: vex.Fixed, Statement: "Said by mail.", Affected: []string{"3.1"}, Fixed: []string{"3.1.4"}}, matrix.Status{Status: vex.Fixed, Fixed: []string{"3.1.4"}}},
		{matrix.Status{Status: vex.Investigating, Statement: "Said by mail: an answer by Friday."}, matrix.Status{}},
	}
	parties := map[string]string{}
	err := s.do(func(tx *db.Tx) error {
		list, err := casework.Participants(tx, s.cast["cora"], c.ID)
		for _, p := range list {
			parties[p.Name] = p.ID
		}
		return err
	})
	if err != nil {
		return err
	}
	for i, name := range others {
		if i%5 < 2 {
			continue // these are silent
		}
		s.at(14*day - time.Duration(i)*7*time.Hour)
		err := s.do(func(tx *db.Tx) error {
			for n, in := range []matrix.Status{said[i%4].first, said[i%4].second} {
				if in.Status == "" {
					continue
				}
				in.Participant, in.Vulnerability = parties[name], vulns[n].ID
				if _, err := matrix.SetStatus(tx, s.cast["cora"], c.ID, in); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// talk fills the general thread and a private one.
func (s *script) talk(c casework.Case, _ []matrix.Vulnerability) error {
	general := talk.GeneralID(c.ID)
	for _, m := range []struct {
		who    string
		before time.Duration
		body   string
	}{
		{"cora", 22 * day, "Welcome. Please say by Friday which of your products link libexample statically; the fix must reach those too."},
		{"viktor", 17 * day, "We can reproduce it with a **3 kB certificate**. The crash is in `seq_read`; a patch for 4.2 is attached to the upstream branch."},
		{"ines", 16 * day, "Packages build. Does anybody still ship the 3.x branch?"},
		{"wanda", 15 * day, "We do, on two switches that are out of sale but not out of support. A backport would help us."},
		{"viktor", 13 * day, "The backport is small; we will put it on the branch this week."},
		{"cora", 3 * day, "Thank you all. Nine days to the freeze: silent vendors get another nudge today."},
	} {
		s.at(m.before)
		if err := s.do(func(tx *db.Tx) error {
			if _, err := talk.Ensure(tx, s.cast[m.who], general); err != nil {
				return err
			}
			_, err := talk.Post(tx, s.cast[m.who], general, talk.Draft{Body: m.body})
			return err
		}); err != nil {
			return err
		}
	}
	s.at(5 * day)
	return s.do(func(tx *db.Tx) error {
		p, err := s.party(tx, c, "wanda")
		if err != nil {
			return err
		}
		private := talk.PrivateID(p.ID)
		if _, err := talk.Ensure(tx, s.cast["wanda"], private); err != nil {
			return err
		}
		_, err = talk.Post(tx, s.cast["wanda"], private, talk.Draft{Body: "Between us: one of the two switches has a successor that is not announced. Please keep its name out of the advisory."})
		return err
	})
}
