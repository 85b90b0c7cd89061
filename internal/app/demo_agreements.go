package app

import (
	"slices"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
)

// papers are the demo's agreements: what they say, which programs ask for
// them, and who has not signed yet.
var papers = []struct {
	agreements.Agreement
	programs []string // by template
	owing    []string // members that have not accepted
}{
	{agreements.Agreement{Kind: agreements.NDA, Title: "Consortium nondisclosure agreement", Sight: agreements.Members, Current: agreements.Text{
		Body: "What members learn in the consortium they use to protect customers, and for nothing else.\n\n1. Nobody outside the named organizations hears of it before its release.\n2. It is not used in competition, in sales or in public comparison.\n3. Who leaves stays bound for two years."}},
		[]string{"vendor-consortium"}, nil},
	{agreements.Agreement{Kind: agreements.Antitrust, Title: "Antitrust notice", Sight: agreements.Public, Current: agreements.Text{
		Body: "Members compete. In the alliance they speak about security alone: never about prices, customers, markets, capacities or plans for products that no fix needs."}},
		[]string{"vendor-consortium"}, []string{"Pinefield Storage"}},
	{agreements.Agreement{Kind: agreements.Memo, Title: "Memorandum for public bodies", Sight: agreements.Members, Current: agreements.Text{
		Body: "For bodies that cannot sign a nondisclosure agreement: they handle what they receive as its TLP label says, and tell the alliance when the law makes them pass it on."}},
		[]string{"security-cooperation"}, nil},
	{agreements.Agreement{Kind: agreements.Program, Title: "Handling of fraud data", Sight: agreements.Concerned, Current: agreements.Text{
		Body: "Account numbers and names stay in the Financial Alliance. What is needed outside is shared without them."}},
		[]string{"financial-alliance"}, []string{"Tideway Exchange"}},
}

// agreeTo writes the agreements, asks for them in their programs, and lets
// the members accept.
func (s *script) agreeTo() error {
	s.at(56 * day)
	for _, p := range papers {
		if err := s.do(func(tx *db.Tx) error {
			made, err := agreements.Make(tx, s.cast["cora"], p.Agreement)
			if err != nil {
				return err
			}
			for _, template := range p.programs {
				r, err := programs.RulesOf(tx, s.tree[template])
				if err != nil {
					return err
				}
				r.Agreements = append(r.Agreements, made.ID)
				if _, err := programs.ChangeRules(tx, s.cast["cora"], r); err != nil {
					return err
				}
				for _, name := range membersOf(template) {
					if slices.Contains(p.owing, name) {
						continue
					}
					if _, err := agreements.Accept(tx, s.cast[voiceOf(name)], agreements.Signature{Agreement: made.ID, Text: made.Current.ID, Org: s.orgs[name], Address: "192.0.2.44"}); err != nil {
						return err
					}
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// membersOf are the names of a planted program's members.
func membersOf(template string) []string {
	for _, p := range planted {
		if p.template == template {
			return p.members
		}
	}
	return nil
}
