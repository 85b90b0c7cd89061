package app

import (
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/tlp"
)

// member is one organization of the demo, with its people.
type member struct {
	name, domain string
	class        orgs.Class
	people       []guest
	ships        []string
}

var members = []member{
	{"Vexel Systems", "vexel.example", orgs.Vendor, []guest{guests[1], {"ada@vexel.example", "Ada Whitlock", ""}}, []string{"libexample", "Vexel Router"}},
	{"Wharf Networks", "wharf.example", orgs.Vendor, []guest{guests[2], {"ned@wharf.example", "Ned Farrow", ""}}, []string{"libexample", "Wharf Switch"}},
	{"Kestrel Linux", "kestrel.example", orgs.Vendor, []guest{{"ines@kestrel.example", "Inès Moreau", ""}}, []string{"libexample"}},
	{"Halden Industrial", "halden.example", orgs.Vendor, []guest{{"jorun@halden.example", "Jorun Halvorsen", ""}}, []string{"libexample"}},
	{"Pinefield Storage", "pinefield.example", orgs.Vendor, []guest{{"sam@pinefield.example", "Sam Adeyemi", ""}}, nil},
	{"Solway Mobile", "solway.example", orgs.Vendor, []guest{{"mina@solway.example", "Mina Sato", ""}}, []string{"libexample"}},
	{"Brightmoor Cloud", "brightmoor.example", orgs.Vendor, []guest{{"dara@brightmoor.example", "Dara O'Shea", ""}}, []string{"libexample"}},
	{"Northgate CERT", "northgate-cert.example", orgs.CERT, []guest{{"lena@northgate-cert.example", "Lena Vogt", ""}}, nil},
	{"Corvid Labs", "corvid.example", orgs.AV, []guest{{"tariq@corvid.example", "Tariq Mansour", ""}}, nil},
	{"First Harbor Bank", "first-harbor.example", orgs.Financial, []guest{{"grace@first-harbor.example", "Grace Lim", ""}}, nil},
	{"Fernhill University", "fernhill.example", orgs.Education, []guest{{"prof@fernhill.example", "Edda Nyström", ""}}, nil},
	{"Outer Ring Telecom", "outer-ring.example", orgs.ISP, []guest{guests[4]}, nil},
}

// found makes the alliance, its coordinators and its board.
func (s *script) found() error {
	s.at(60 * day)
	return s.do(func(tx *db.Tx) error {
		_, err := charter.Found(tx, s.house.Sealer, charter.Charter{Name: "Meridian Response Alliance", Namespace: "https://meridian.example", Email: "psirt@meridian.example", URL: s.house.URL,
			DefaultPolicy: "Forty-five days from the report, shorter where a fix is ready, never beyond ninety."})
		if err != nil {
			return err
		}
		if _, err := people.First(tx, guests[0].email, guests[0].name); err != nil {
			return err
		}
		cora, err := s.actor(tx, guests[0].email)
		if err != nil {
			return err
		}
		s.cast["cora"] = cora
		colin, err := people.Add(tx, cora, "colin@meridian.example", "Colin Abara")
		if err != nil {
			return err
		}
		if err := people.GrantRole(tx, cora, colin.ID, charter.Coordinator); err != nil {
			return err
		}
		_, err = people.Add(tx, cora, guests[3].email, guests[3].name)
		return err
	})
}

// gather makes the members, their people and two programs.
func (s *script) gather() error {
	s.at(58 * day)
	err := s.do(func(tx *db.Tx) error {
		cora := s.cast["cora"]
		for _, m := range members {
			o, err := orgs.Create(tx, cora, orgs.Org{Name: m.name, Class: m.class, Listed: true, Website: "https://" + m.domain, Email: "psirt@" + m.domain, Domains: []string{m.domain}})
			if err != nil {
				return err
			}
			s.orgs[m.name] = o.ID
			for i, g := range m.people {
				p, err := people.Add(tx, cora, g.email, g.name)
				if err != nil {
					return err
				}
				role := orgs.Admin
				if i > 0 {
					role = orgs.Responder
				}
				if _, err := orgs.Join(tx, cora, o.ID, p.ID, role); err != nil {
					return err
				}
			}
			for _, c := range m.ships {
				if _, err := orgs.Ship(tx, cora, o.ID, c, ""); err != nil {
					return err
				}
			}
		}
		return s.programs(tx, cora)
	})
	if err != nil {
		return err
	}
	return s.do(s.seat)
}

func (s *script) programs(tx *db.Tx, cora audience.Actor) error {
	for _, p := range []struct {
		name, purpose string
		classes       []orgs.Class
	}{
		{"Product Security", "Vendors who fix flaws together before they are known.", []orgs.Class{orgs.Vendor}},
		{"Defenders", "Those who protect others: CERTs, providers, anti-virus labs and banks.", []orgs.Class{orgs.CERT, orgs.AV, orgs.ISP, orgs.Financial}},
	} {
		made, err := programs.Create(tx, cora, programs.Program{Name: p.name, Purpose: p.purpose, TLP: tlp.Green})
		if err != nil {
			return err
		}
		for _, m := range members {
			for _, c := range p.classes {
				if m.class == c {
					if err := programs.Join(tx, cora, made.ID, s.orgs[m.name]); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// seat reads everybody's seats once they all have them.
func (s *script) seat(tx *db.Tx) (err error) {
	for name, email := range map[string]string{"cora": guests[0].email, "colin": "colin@meridian.example", "viktor": guests[1].email, "ada": "ada@vexel.example", "wanda": guests[2].email, "remy": guests[3].email, "otto": guests[4].email,
		"ines": "ines@kestrel.example", "jorun": "jorun@halden.example", "sam": "sam@pinefield.example", "mina": "mina@solway.example", "dara": "dara@brightmoor.example", "lena": "lena@northgate-cert.example"} {
		if s.cast[name], err = s.actor(tx, email); err != nil {
			return err
		}
	}
	return nil
}
