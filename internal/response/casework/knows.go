package casework

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Circle is who knows of a case. Persons is for coordinators; a party reads
// the parties it may know of, and nothing of their people.
type Circle struct {
	People  int          `json:"people"` // in Persons; 0 for a party
	Parties []PartyKnows `json:"parties"`
	Persons []Knower     `json:"persons,omitempty"`
}

// PartyKnows is one party that may open the case.
type PartyKnows struct {
	Participant string    `json:"participant_id"`
	Name        string    `json:"name"`
	Role        PartyRole `json:"role"`
	Hidden      bool      `json:"hidden,omitempty"`
	Waiting     bool      `json:"waiting"`               // has not accepted the terms: knows of an invitation only
	Accepted    time.Time `json:"terms_at,omitzero"`     // when the terms were accepted
	By          string    `json:"terms_by,omitempty"`    // by whom; for coordinators
	Opened      time.Time `json:"first_opened,omitzero"` // by the first of its people
	People      int       `json:"people,omitempty"`      // who have access; for coordinators
}

// Knower is one person with access to the case.
type Knower struct {
	Person   string    `json:"person_id,omitempty"`
	Name     string    `json:"name"`
	Link     bool      `json:"link,omitempty"` // holds a finder's link, no account
	Role     string    `json:"role"`
	Why      []string  `json:"why"`
	Parties  []string  `json:"parties,omitempty"` // names of those they sit for
	Accepted time.Time `json:"terms_at,omitzero"`
	By       string    `json:"terms_by,omitempty"`
	Opened   time.Time `json:"first_opened,omitzero"`
	Last     time.Time `json:"last_opened,omitzero"`
}

// signature is who accepted the case's terms for a party, and when.
type signature struct {
	party  audience.Party
	person string
	at     time.Time
}

// WhoKnows lists everybody who may open a case, why, when its terms were
// accepted and by whom, and when they first opened it. It asks the rule that
// lets them in.
func WhoKnows(tx *db.Tx, a audience.Actor, caseRef string) (Circle, error) {
	c, _, err := Load(tx, a, caseRef)
	if err != nil {
		return Circle{}, err
	}
	role, err := audience.RoleAt(tx, a, c.Audience, c.Level)
	if err != nil {
		return Circle{}, err
	}
	if role == audience.None {
		return Circle{}, errs.Missing("case") // published, and still none of a visitor's business
	}
	parties, err := Participants(tx, a, c.ID)
	if err != nil {
		return Circle{}, err
	}
	k, err := gather(tx, c, parties)
	if err != nil {
		return Circle{}, err
	}
	out := Circle{Parties: []PartyKnows{}}
	for _, p := range parties {
		if p.LeftAt.IsZero() {
			out.Parties = append(out.Parties, k.party(p, role == audience.Coordinator))
		}
	}
	if role == audience.Coordinator {
		for _, x := range k.reach {
			out.Persons = append(out.Persons, k.person(x))
		}
		out.People = len(out.Persons)
	}
	return out, nil
}

// circle is what WhoKnows puts together.
type circle struct {
	reach   []audience.Knower
	names   map[string]string // of persons
	of      map[audience.Party]Participant
	signed  map[audience.Party]signature
	looks   map[string]Look
	members map[audience.Party][]audience.Knower
}

func gather(tx *db.Tx, c Case, parties []Participant) (k circle, err error) {
	if k.reach, err = audience.Reach(tx, c.Audience, c.Level); err != nil {
		return k, err
	}
	k.of, k.signed, k.members = map[audience.Party]Participant{}, map[audience.Party]signature{}, map[audience.Party][]audience.Knower{}
	for _, p := range parties {
		k.of[p.Party()] = p
		if p.Role != Finder || !p.Active() {
			continue
		}
		// A finder stands beside the case, on its private side.
		beside, err := audience.Reach(tx, p.Private, p.Level)
		if err != nil {
			return k, err
		}
		for _, x := range beside {
			if !slices.ContainsFunc(k.reach, func(y audience.Knower) bool { return y.Person == x.Person && y.Link == x.Link }) {
				k.reach = append(k.reach, x)
			}
		}
	}
	list, err := db.All(tx, func(s *signature) []any { return []any{&s.party.Kind, &s.party.ID, &s.person, db.At(&s.at)} }, `SELECT party_kind, party_id, person_id, at FROM terms_acceptance WHERE terms_id = $1`, c.Terms)
	if err != nil {
		return k, err
	}
	var ids []string
	for _, s := range list {
		k.signed[s.party] = s
		ids = append(ids, s.person)
	}
	for _, x := range k.reach {
		ids = append(ids, x.Person)
		seen := map[audience.Party]bool{}
		for _, path := range x.Paths {
			party := path.Party
			if path.Grant.Kind == audience.Person || path.Grant.Kind == audience.Link {
				party = audience.Party{Kind: path.Grant.Kind, ID: path.Grant.ID}
			}
			if !seen[party] {
				seen[party] = true
				k.members[party] = append(k.members[party], x)
			}
		}
	}
	if k.names, err = people.Names(tx, ids); err != nil {
		return k, err
	}
	k.looks, err = opened(tx, c.ID)
	return k, err
}

func (k circle) party(p Participant, all bool) PartyKnows {
	out := PartyKnows{Participant: p.ID, Name: p.Name, Role: p.Role, Hidden: p.Hidden, Waiting: !p.Active()}
	if s, ok := k.signed[p.Party()]; ok {
		out.Accepted = s.at
		if all {
			out.By = k.name(s.person)
		}
	}
	for _, x := range k.members[p.Party()] {
		if l := k.looks[x.Person]; !l.First.IsZero() && (out.Opened.IsZero() || l.First.Before(out.Opened)) {
			out.Opened = l.First
		}
	}
	if all {
		out.People = len(k.members[p.Party()])
	}
	return out
}

func (k circle) person(x audience.Knower) Knower {
	out := Knower{Person: x.Person, Name: k.name(x.Person), Link: x.Link, Role: x.Role.String(), Opened: k.looks[x.Person].First, Last: k.looks[x.Person].Last}
	if x.Link {
		out.Person, out.Name = "", "holder of a finder's link"
	}
	for _, path := range x.Paths {
		party, known := k.of[path.Party]
		if byName, ok := k.of[audience.Party{Kind: path.Grant.Kind, ID: path.Grant.ID}]; ok {
			party, known = byName, true
		}
		why := path.Grant.Reason
		if why == "" {
			why = string(path.Grant.Kind)
		}
		if known && !slices.Contains(out.Parties, party.Name) {
			out.Parties = append(out.Parties, party.Name)
		}
		if known && !strings.Contains(why, party.Name) {
			why = party.Name + ": " + why
		}
		if !slices.Contains(out.Why, why) {
			out.Why = append(out.Why, why)
		}
		if s, ok := k.signed[path.Party]; ok && out.Accepted.IsZero() {
			out.Accepted, out.By = s.at, k.name(s.person)
		}
	}
	return out
}

func (k circle) name(person string) string {
	if n := k.names[person]; n != "" {
		return n
	}
	return person
}
