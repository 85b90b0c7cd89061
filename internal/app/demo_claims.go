package app

import (
	"tocsin/internal/alliance/constituency"
	"tocsin/internal/kernel/db"
	spec "tocsin/spec/constituency"
)

// claims are what members of the demo answer for; some overlap.
var claims = []struct {
	org   string
	kind  spec.Kind
	value string
	note  string // on which a coordinator confirmed it, or "" while it waits
}{
	{"Northgate CERT", spec.Country, "AT", "Named by the government in its gazette; the letter is on file."},
	{"Northgate CERT", spec.Prefix, "203.0.113.0/24", "Address plan of the agency, shown on a call."},
	{"Northgate CERT", spec.Domain, "northgate-agency.example", "The agency's letter names the team."},
	{"Estuary Regional CERT", spec.Prefix, "198.51.100.0/24", "Contract with the regional network."},
	{"Estuary Regional CERT", spec.Domain, "estuary-chancellery.example", ""},
	{"Outer Ring Telecom", spec.ASN, "AS64500", "Registry entry, compared on a call."},
	{"Outer Ring Telecom", spec.Prefix, "203.0.113.128/25", ""},
	{"Ridgeline Broadband", spec.ASN, "AS64501", "Registry entry, compared on a call."},
	{"Harbor Exchange Point", spec.Prefix, "2001:db8:4::/48", "Registry entry, compared on a call."},
	{"First Harbor Bank", spec.Domain, "first-harbor.example", "Letter of the bank."},
}

// claim declares what members answer for; a coordinator confirms most of it.
func (s *script) claim() error {
	s.at(45 * day)
	g := s.house.Registrar()
	var made []constituency.Claim
	if err := s.do(func(tx *db.Tx) error {
		made = nil
		for _, k := range claims {
			c, err := g.Declare(tx, s.cast[voiceOf(k.org)], s.orgs[k.org], k.kind, k.value, "")
			if err != nil {
				return err
			}
			made = append(made, c)
		}
		return nil
	}); err != nil {
		return err
	}
	s.at(44 * day)
	return s.do(func(tx *db.Tx) error {
		for i, k := range claims {
			if k.note == "" {
				continue
			}
			if _, err := constituency.Confirm(tx, s.cast["colin"], made[i].ID, k.note); err != nil {
				return err
			}
		}
		return nil
	})
}
