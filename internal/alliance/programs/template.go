package programs

import (
	"slices"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

// Template is a ready-made program, with the programs below it.
type Template struct {
	Name    string     `json:"name"`  // how it is chosen: "vendor-consortium"
	Title   string     `json:"title"` // and called unless another name is given
	Purpose string     `json:"purpose"`
	TLP     tlp.Level  `json:"tlp"`
	Rules   Rules      `json:"rules"`
	Sub     []Template `json:"sub"`
}

// FromTemplate makes the programs of a template: the first under parent ("":
// at the top), the others below it, named after it. Operators and coordinators
// may. An empty name takes the template's title.
func FromTemplate(tx *db.Tx, a audience.Actor, template, name, parent string) ([]Program, error) {
	i := slices.IndexFunc(Templates, func(t Template) bool { return t.Name == template })
	if i < 0 {
		return nil, errs.Bad("template", "There is no such template.")
	}
	if name == "" {
		name = Templates[i].Title
	}
	return Templates[i].make(tx, a, name, parent)
}

func (t Template) make(tx *db.Tx, a audience.Actor, name, parent string) ([]Program, error) {
	r := t.Rules
	r.Parent, r.Template = parent, t.Name
	p, err := create(tx, a, Program{Name: name, Purpose: t.Purpose, TLP: t.TLP}, r)
	if err != nil {
		return nil, err
	}
	all := []Program{p}
	for _, s := range t.Sub {
		more, err := s.make(tx, a, name+": "+s.Title, p.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// Templates are the ready-made programs. A template below another is chosen
// through it.
var Templates = []Template{
	{
		Name: "vendor-consortium", Title: "Vendor consortium", TLP: tlp.AmberStrict,
		Purpose: "Makers of software and hardware respond together to vulnerabilities and attacks that concern several of them. A board with one executive of each founding member decides who joins.",
		Rules: Rules{
			Admits: []orgs.Class{orgs.Vendor}, ShutOut: []orgs.Class{orgs.Government},
			Evidence: []Evidence{PolicyEvidence, SecurityTxtEvidence, TeamEvidence, SIM3Evidence},
			Sponsors: 2, ObjectionDays: 14, RenewDays: 365, ByBoard: true, Open: true, Directory: SightMembers,
			Features: []Feature{Cases, JointResponse, Intelligence, Library, Events},
			Page: `## Who can join

Vendors with a mature incident response: a published policy for handling reported vulnerabilities, a team that can be reached at any hour, and engineers who can act on what it decides.

## What we ask for

- the address of your vulnerability handling policy and of your security.txt,
- a description of your response team, such as RFC 2350,
- a SIM3 self-assessment,
- two members who vouch for you.

Members may object for 14 days; then the board votes. Government bodies are not admitted, and nothing shared here reaches them.`,
		},
	},
	{
		Name: "av-alliance", Title: "Anti-virus information alliance", TLP: tlp.Amber,
		Purpose: "Makers of security software exchange samples, detections and early knowledge of malware, so that customers are protected whoever serves them.",
		Rules: Rules{
			Admits: []orgs.Class{orgs.AV, orgs.Vendor}, ShutOut: []orgs.Class{},
			Evidence: []Evidence{SecurityTxtEvidence, TeamEvidence, HandlingEvidence},
			Sponsors: 2, ObjectionDays: 14, RenewDays: 365, Open: true, Directory: SightMembers,
			Features: []Feature{Cases, JointResponse, Intelligence, Samples, Forum, Library},
			Page: `## Who can join

Laboratories and makers of security software that analyze malware themselves and can show how they handle live samples.

## What members do

They exchange samples and detections, agree on names, and warn one another before an outbreak is public.`,
		},
	},
	{
		Name: "technology-partners", Title: "Technology-partner initiative", TLP: tlp.Green,
		Purpose: "Research and technology partners get technical details of vulnerabilities before the public, so that protection is ready when the fix is.",
		Rules: Rules{
			Admits: []orgs.Class{orgs.Vendor, orgs.AV, orgs.Education, orgs.ISP}, ShutOut: []orgs.Class{},
			Evidence: []Evidence{SecurityTxtEvidence, HandlingEvidence},
			Sponsors: 1, ObjectionDays: 14, RenewDays: 365, Open: true, Directory: SightNames,
			Features: []Feature{Cases, Intelligence, Library, Events},
			Page: `## Who can join

Makers of protection for a considerable number of customers, and research groups that work with them.

## What partners get

Technical details of vulnerabilities shortly before publication. They serve to build detections and nothing else. Partners see one another by name only.`,
		},
	},
	{
		Name: "infrastructure-alliance", Title: "Internet-infrastructure alliance", TLP: tlp.Amber,
		Purpose: "Providers of networks, hosting and names act together against attacks that run over their infrastructure.",
		Rules: Rules{
			Admits: []orgs.Class{orgs.ISP, orgs.CERT}, ShutOut: []orgs.Class{},
			Evidence: []Evidence{SecurityTxtEvidence, TeamEvidence, ConstituencyEvidence},
			Sponsors: 2, ObjectionDays: 14, RenewDays: 365, Open: true, Directory: SightMembers,
			Features: []Feature{Cases, JointResponse, Intelligence, NetworkReports, Forum},
			Page: `## Who can join

Providers that answer for autonomous systems, prefixes or domains of their own, and can prove it.

## What members do

They receive reports on their own networks, filter and take down together, and reach one another's duty desk at any hour.`,
		},
	},
	{
		Name: "security-cooperation", Title: "Security cooperation program", TLP: tlp.Green,
		Purpose: "Public bodies work with the alliance: one program each for government, for education and research, and for national and regional CERTs.",
		Rules: Rules{
			Admits:   []orgs.Class{orgs.Government, orgs.Education, orgs.CERT},
			ShutOut:  []orgs.Class{},
			Evidence: []Evidence{SecurityTxtEvidence},
			Sponsors: 1, ObjectionDays: 14, RenewDays: 365, Open: false, Directory: SightNames,
			Features: []Feature{Intelligence, Library, Events},
			Page:     "Public bodies take part through one of the three programs below. Each has its own members and rules.",
		},
		Sub: []Template{
			{
				Name: "security-cooperation-government", Title: "Government", TLP: tlp.Green,
				Purpose: "Ministries, agencies and authorities that protect public networks.",
				Rules: Rules{
					Admits: []orgs.Class{orgs.Government}, ShutOut: []orgs.Class{},
					Evidence: []Evidence{SecurityTxtEvidence, HandlingEvidence},
					Sponsors: 1, ObjectionDays: 14, RenewDays: 365, Open: true, Directory: SightCoordinators,
					Features: []Feature{Intelligence, Library, Events},
					Page:     "For government bodies that operate or protect public networks. Members are known to the coordinators and the board only.",
				},
			},
			{
				Name: "security-cooperation-education", Title: "Education", TLP: tlp.Green,
				Purpose: "Universities, schools and research networks.",
				Rules: Rules{
					Admits: []orgs.Class{orgs.Education}, ShutOut: []orgs.Class{},
					Evidence: []Evidence{SecurityTxtEvidence, TeamEvidence},
					Sponsors: 1, ObjectionDays: 14, RenewDays: 365, Open: true, Directory: SightMembers,
					Features: []Feature{Intelligence, NetworkReports, Forum, Library, Events},
					Page:     "For universities and research networks with a response team of their own.",
				},
			},
			{
				Name: "security-cooperation-certs", Title: "National and regional CERTs", TLP: tlp.Amber,
				Purpose: "Teams with a national or regional constituency, which pass on what concerns it.",
				Rules: Rules{
					Admits: []orgs.Class{orgs.CERT, orgs.Government}, ShutOut: []orgs.Class{},
					Evidence: []Evidence{TeamEvidence, SIM3Evidence, ConstituencyEvidence},
					Sponsors: 2, ObjectionDays: 14, RenewDays: 365, Open: true, Directory: SightMembers,
					Features: []Feature{Cases, JointResponse, Intelligence, NetworkReports, Forum, Library, Events},
					Page: `For teams that answer for a country or region. The constituency is declared and proved: its networks, domains and countries.

Reports that concern a constituency go to the team that answers for it.`,
				},
			},
		},
	},
	{
		Name: "support-alliance", Title: "Support-organizations alliance", TLP: tlp.Amber,
		Purpose: "Organizations that support customers see attacks first; they tell one another what customers report and what helps.",
		Rules: Rules{
			Admits: []orgs.Class{orgs.Support, orgs.Vendor, orgs.AV}, ShutOut: []orgs.Class{},
			Evidence: []Evidence{SecurityTxtEvidence},
			Sponsors: 1, ObjectionDays: 14, RenewDays: 365, Open: true, Directory: SightMembers,
			Features: []Feature{JointResponse, Intelligence, Forum, Library},
			Page:     "For organizations whose people answer customers in trouble: support centers, help lines, incident responders.",
		},
	},
	{
		Name: "financial-alliance", Title: "Financial-institutions alliance", TLP: tlp.Amber,
		Purpose: "Banks, payment services and exchanges warn one another of attacks on their customers and systems.",
		Rules: Rules{
			Admits: []orgs.Class{orgs.Financial}, ShutOut: []orgs.Class{},
			Evidence: []Evidence{SecurityTxtEvidence, TeamEvidence, HandlingEvidence},
			Sponsors: 2, ObjectionDays: 14, RenewDays: 365, ByBoard: true, Open: true, Directory: SightNames,
			Features: []Feature{Cases, JointResponse, Intelligence, Forum},
			Page:     "For supervised financial institutions. What is shared serves protection and is not used in competition.",
		},
	},
}

// templated reports whether a template of that name exists, at any depth.
func templated(list []Template, name string) bool {
	return slices.ContainsFunc(list, func(t Template) bool { return t.Name == name || templated(t.Sub, name) })
}
