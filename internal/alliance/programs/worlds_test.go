package programs_test

import (
	"fmt"
	"maps"
	"slices"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"

	"pgregory.net/rapid"
)

// cast is who is in every random world: four organizations with a person each,
// one person who works for two of them, and a coordinator who works for
// another.
type cast struct {
	op         audience.Actor
	people     []string
	works      map[string][]string // person → organizations
	orgs       []string
	agreements []string
}

const caseTerms = "trm_case"

var castClasses = []orgs.Class{orgs.Vendor, orgs.Government, orgs.CERT}

func gather(tx *db.Tx, op audience.Actor) (cast, error) {
	c := cast{op: op, works: map[string][]string{}}
	add := func(name string, employers ...int) error {
		p, err := people.Add(tx, op, name+"@cast.example", name)
		if err != nil {
			return err
		}
		c.people = append(c.people, p.ID)
		for _, i := range employers {
			role := []orgs.Role{orgs.Admin, orgs.Responder, orgs.Reader}[(len(c.people)+i)%3]
			if _, err := orgs.Join(tx, op, c.orgs[i], p.ID, role); err != nil {
				return err
			}
			c.works[p.ID] = append(c.works[p.ID], c.orgs[i])
		}
		return nil
	}
	for i, name := range []string{"Anvil", "Bellows", "Crucible", "Die"} {
		o, err := orgs.Create(tx, op, orgs.Org{Name: name, Class: castClasses[i%len(castClasses)], Listed: true})
		if err != nil {
			return c, err
		}
		c.orgs = append(c.orgs, o.ID)
		if err := add("p"+name, i); err != nil {
			return c, err
		}
	}
	if err := add("both", 0, 1); err != nil {
		return c, err
	}
	if err := add("cora", 2); err != nil {
		return c, err
	}
	if err := people.GrantRole(tx, op, c.people[5], charter.Coordinator); err != nil {
		return c, err
	}
	// Everybody has accepted the terms of a case; a program's agreements come on
	// top of them.
	for _, o := range c.orgs {
		if err := audience.Accept(tx, caseTerms, audience.Party{Kind: audience.Org, ID: o}, op.Person); err != nil {
			return c, err
		}
	}
	for _, p := range c.people {
		if err := audience.Accept(tx, caseTerms, audience.Party{Kind: audience.Person, ID: p}, p); err != nil {
			return c, err
		}
	}
	for i := range 2 {
		g, err := agreements.Make(tx, op, agreements.Agreement{Kind: agreements.NDA, Title: fmt.Sprintf("NDA %d", i), Sight: agreements.Public, Current: agreements.Text{Body: "Keep it."}})
		if err != nil {
			return c, err
		}
		c.agreements = append(c.agreements, g.ID)
		for _, o := range c.orgs[i : i+2] { // two organizations have accepted each
			if err := audience.Accept(tx, g.Current.Generation, audience.Party{Kind: audience.Org, ID: o}, op.Person); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

// way is how a grant came to be: by the organizations' memberships it rests
// on, or for a guest none.
type way struct {
	guest bool
	holds map[[2]string]bool // program, organization
}

// thing is an audience as this test keeps it, apart from the rule's tables.
type thing struct {
	id     string
	parent int // index, or -1
	under  map[string]bool
	exempt map[string]bool
	bars   []string
	grants map[audience.Party]way
}

// drawn is one random world with what this test knows of it by itself.
type drawn struct {
	cast
	programs []string
	parent   map[string]string
	shut     map[string][]orgs.Class
	closed   map[string]bool
	member   map[[2]string]bool // program, organization
	class    map[string]orgs.Class
	away     map[string]bool    // suspended organizations
	gone     map[[2]string]bool // program, organization: suspended there
	things   []*thing
}

func (c cast) draw(tx *db.Tx) (*drawn, error) {
	w := &drawn{cast: c, parent: map[string]string{}, shut: map[string][]orgs.Class{}, closed: map[string]bool{}, member: map[[2]string]bool{}, class: map[string]orgs.Class{}, away: map[string]bool{}, gone: map[[2]string]bool{}}
	for i, o := range c.orgs {
		w.class[o] = castClasses[i%len(castClasses)]
	}
	return w, nil
}

// shutOut are the classes that a program shuts out, by the test's own walk up
// the tree.
func (w *drawn) shutOut(program string) []orgs.Class {
	var out []orgs.Class
	for at := program; at != ""; at = w.parent[at] {
		out = append(out, w.shut[at]...)
	}
	return out
}

// belongs reports whether the organization is a member whose class the program
// does not shut out.
func (w *drawn) belongs(program, org string) bool {
	return w.member[[2]string{program, org}] && !slices.Contains(w.shutOut(program), w.class[org])
}

// sits reports whether a person has a seat in the program through the
// organization. Who is suspended in a program is so in those below.
func (w *drawn) sits(person, program, org string) bool {
	for at := program; at != ""; at = w.parent[at] {
		if w.gone[[2]string{at, org}] {
			return false
		}
	}
	return slices.Contains(w.works[person], org) && !w.away[org] && !w.closed[program] && w.belongs(program, org)
}

// barred reports whether a person is of a class that is shut out of a thing.
func (w *drawn) barred(person string, t *thing) bool {
	var shut []orgs.Class
	for p := range t.under {
		shut = append(shut, w.shutOut(p)...)
	}
	for _, c := range t.bars {
		shut = append(shut, orgs.Class(c))
	}
	return slices.ContainsFunc(w.works[person], func(o string) bool { return !t.exempt[o] && slices.Contains(shut, w.class[o]) })
}

// sees is the rule told once more, from the test's own facts.
func (w *drawn) sees(person string, t *thing, level tlp.Level) bool {
	if w.barred(person, t) {
		return false
	}
	for subject, by := range t.grants {
		if level > subject.Kind.Reach() {
			continue
		}
		lasts := by.guest
		for hold := range by.holds {
			lasts = lasts || w.sits(person, hold[0], hold[1])
		}
		if !lasts {
			continue
		}
		switch subject.Kind {
		case audience.Person:
			if subject.ID == person {
				return true
			}
		case audience.Org:
			if slices.Contains(w.works[person], subject.ID) && !w.away[subject.ID] {
				return true
			}
		case audience.Program:
			if slices.ContainsFunc(w.orgs, func(o string) bool { return w.sits(person, subject.ID, o) }) {
				return true
			}
		case audience.Office:
			if subject.ID == charter.Coordinator && person == w.people[5] {
				return true
			}
		}
	}
	return false
}

// come is what a new grant rests on, as the package says it.
func (w *drawn) come(t *thing, subject audience.Party) way {
	if subject.Kind != audience.Org && subject.Kind != audience.Person {
		return way{guest: true}
	}
	if t.parent >= 0 {
		if above, there := w.things[t.parent].grants[subject]; there {
			return way{above.guest, maps.Clone(above.holds)}
		}
	}
	now := way{holds: map[[2]string]bool{}}
	if subject.Kind == audience.Org {
		for p := range t.under {
			if w.belongs(p, subject.ID) {
				now.holds[[2]string{p, subject.ID}] = true
			}
		}
	}
	now.guest = len(now.holds) == 0
	if old, had := t.grants[subject]; had {
		if old.guest {
			return old
		}
		if !now.guest {
			maps.Copy(now.holds, old.holds)
		}
	}
	return now
}

func (w *drawn) family(i int) []*thing {
	out := []*thing{w.things[i]}
	for j, t := range w.things {
		if t.parent == i {
			out = append(out, w.family(j)...)
		}
	}
	return out
}

// rules draws new rules for a program, some of which are refused.
func (w *drawn) rules(tx *db.Tx, t *rapid.T, program string) (programs.Rules, error) {
	r, err := programs.RulesOf(tx, program)
	if err != nil {
		return r, err
	}
	r.ShutOut = drawSome(t, castClasses, "shut out")
	r.Parent = rapid.SampledFrom(append([]string{""}, w.programs...)).Draw(t, "parent")
	r.Directory = rapid.SampledFrom(programs.Sights).Draw(t, "directory")
	return r, nil
}

func drawSome[T comparable](t *rapid.T, from []T, name string) []T {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 2, rapid.ID[T]).Draw(t, name)
}

// change gives a program new rules and keeps the test's own facts in step.
func (w *drawn) change(tx *db.Tx, r programs.Rules) error {
	if _, err := programs.ChangeRules(tx, w.op, r); err != nil {
		return refusal(err)
	}
	w.parent[r.Program], w.shut[r.Program] = r.Parent, r.ShutOut
	return nil
}

// refusal lets the refusals of bad wishes pass; they change nothing.
func refusal(err error) error {
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Conflict) || errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}
