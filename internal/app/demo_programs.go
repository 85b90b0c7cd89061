package app

import (
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
	"tocsin/spec/tlp"
)

// planted are the demo's programs: one of each template, with its members.
var planted = []struct {
	template, name string
	members        []string
}{
	{"vendor-consortium", "Meridian Vendor Consortium", []string{"Vexel Systems", "Wharf Networks", "Kestrel Linux", "Halden Industrial", "Brightmoor Cloud", "Solway Mobile", "Pinefield Storage"}},
	{"av-alliance", "Anti-Virus Information Alliance", []string{"Corvid Labs", "Magpie Antivirus", "Rookery Security"}},
	{"technology-partners", "Technology Partners", []string{"Corvid Labs", "Fernhill University", "Kestrel Linux", "Ridgeline Broadband"}},
	{"infrastructure-alliance", "Internet Infrastructure Alliance", []string{"Outer Ring Telecom", "Ridgeline Broadband", "Harbor Exchange Point", "Northgate CERT"}},
	{"security-cooperation", "Security Cooperation", []string{"Northgate Digital Agency", "Estuary Chancellery", "Fernhill University", "Tern Coast Research Network", "Northgate CERT", "Estuary Regional CERT"}},
	{"security-cooperation-government", "", []string{"Northgate Digital Agency", "Estuary Chancellery"}},
	{"security-cooperation-education", "", []string{"Fernhill University", "Tern Coast Research Network"}},
	{"security-cooperation-certs", "", []string{"Northgate CERT", "Estuary Regional CERT"}},
	{"support-alliance", "Support Alliance", []string{"Beacon Help Line", "Patchwork Responders"}},
	{"financial-alliance", "Financial Alliance", []string{"First Harbor Bank", "Copperline Payments", "Tideway Exchange"}},
}

// umbrella is the program over all others, to which every member belongs.
const umbrella = "Meridian Response Alliance"

// plant makes the tree of programs and seats everybody in it.
func (s *script) plant() error {
	s.at(57 * day)
	err := s.do(func(tx *db.Tx) error {
		if err := s.umbrella(tx); err != nil {
			return err
		}
		for _, p := range planted {
			if err := s.plantOne(tx, p.template, p.name); err != nil {
				return err
			}
			for _, name := range p.members {
				if err := programs.Join(tx, s.cast["cora"], s.tree[p.template], s.orgs[name]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.do(s.seat); err != nil {
		return err
	}
	return s.do(func(tx *db.Tx) error {
		return programs.AppointCoordinator(tx, s.cast["cora"], s.tree["security-cooperation-certs"], s.cast["lena"].Person)
	})
}

func (s *script) umbrella(tx *db.Tx) error {
	cora := s.cast["cora"]
	top, err := programs.Create(tx, cora, programs.Program{Name: umbrella, Purpose: "Everybody who responds together: what concerns all programs, and nothing that one of them keeps to itself.", TLP: tlp.Green})
	if err != nil {
		return err
	}
	r, err := programs.RulesOf(tx, top.ID)
	if err != nil {
		return err
	}
	r.Features, r.Directory, r.Slug = []programs.Feature{programs.Library, programs.Events, programs.Forum}, programs.SightNames, "meridian"
	r.Page = "Meridian joins programs of vendors, laboratories, providers, public bodies, support organizations and banks. Apply to the one that fits; each has rules of its own."
	if _, err := programs.ChangeRules(tx, cora, r); err != nil {
		return err
	}
	s.tree[""] = top.ID
	for _, m := range members {
		if err := programs.Join(tx, cora, top.ID, s.orgs[m.name]); err != nil {
			return err
		}
	}
	return nil
}

// plantOne makes a program from its template, with the ones below it, unless
// the one above it brought it along.
func (s *script) plantOne(tx *db.Tx, template, name string) error {
	if s.tree[template] != "" {
		return nil
	}
	made, err := programs.FromTemplate(tx, s.cast["cora"], template, name, s.tree[""])
	if err != nil {
		return err
	}
	for _, p := range made {
		r, err := programs.RulesOf(tx, p.ID)
		if err != nil {
			return err
		}
		s.tree[r.Template] = p.ID
	}
	return nil
}
