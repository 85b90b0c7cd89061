package app

import (
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/db"
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
	{"Northgate CERT", "northgate-cert.example", orgs.CERT, []guest{guests[5]}, nil},
	{"Estuary Regional CERT", "estuary-cert.example", orgs.CERT, []guest{{"paolo@estuary-cert.example", "Paolo Ferrant", ""}}, nil},
	{"Corvid Labs", "corvid.example", orgs.AV, []guest{{"tariq@corvid.example", "Tariq Mansour", ""}}, nil},
	{"Magpie Antivirus", "magpie.example", orgs.AV, []guest{{"ulla@magpie.example", "Ulla Brink", ""}}, nil},
	{"Rookery Security", "rookery.example", orgs.AV, []guest{{"chen@rookery.example", "Chen Aoki", ""}}, nil},
	{"First Harbor Bank", "first-harbor.example", orgs.Financial, []guest{guests[6]}, nil},
	{"Copperline Payments", "copperline.example", orgs.Financial, []guest{{"bruno@copperline.example", "Bruno Salas", ""}}, nil},
	{"Tideway Exchange", "tideway.example", orgs.Financial, []guest{{"imke@tideway.example", "Imke Roos", ""}}, nil},
	{"Fernhill University", "fernhill.example", orgs.Education, []guest{{"prof@fernhill.example", "Edda Nyström", ""}}, nil},
	{"Tern Coast Research Network", "terncoast.example", orgs.Education, []guest{{"kofi@terncoast.example", "Kofi Mensah", ""}}, nil},
	{"Northgate Digital Agency", "northgate-agency.example", orgs.Government, []guest{guests[7]}, nil},
	{"Estuary Chancellery", "estuary-chancellery.example", orgs.Government, []guest{{"ruth@estuary-chancellery.example", "Ruth Calloway", ""}}, nil},
	{"Outer Ring Telecom", "outer-ring.example", orgs.ISP, []guest{guests[4]}, nil},
	{"Ridgeline Broadband", "ridgeline.example", orgs.ISP, []guest{{"noor@ridgeline.example", "Noor Haddad", ""}}, nil},
	{"Harbor Exchange Point", "harbor-ix.example", orgs.ISP, []guest{{"piet@harbor-ix.example", "Piet Maas", ""}}, nil},
	{"Beacon Help Line", "beacon-help.example", orgs.Support, []guest{{"alma@beacon-help.example", "Alma Ruiz", ""}}, nil},
	{"Patchwork Responders", "patchwork.example", orgs.Support, []guest{{"jack@patchwork.example", "Jack Teale", ""}}, nil},
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

// gather makes the members and their people.
func (s *script) gather() error {
	s.at(58 * day)
	return s.do(func(tx *db.Tx) error {
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
		return nil
	})
}

// seat reads everybody's seats: those who are called by name, and each
// organization's first person by the name before the @.
func (s *script) seat(tx *db.Tx) (err error) {
	who := map[string]string{"cora": guests[0].email, "colin": "colin@meridian.example", "remy": guests[3].email}
	for _, m := range members {
		for _, g := range m.people {
			name, _, _ := strings.Cut(g.email, "@")
			who[name] = g.email
		}
	}
	for name, email := range who {
		if s.cast[name], err = s.actor(tx, email); err != nil {
			return err
		}
	}
	return nil
}
