package programs_test

import (
	"fmt"
	"maps"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/tlp"

	"pgregory.net/rapid"
)

// step does one random thing to the world.
func (w *drawn) step(tx *db.Tx, t *rapid.T) error {
	kind := rapid.IntRange(0, 20).Draw(t, "step")
	switch {
	case len(w.programs) < 2 || kind == 0 && len(w.programs) < 5:
		return w.found(tx)
	case len(w.things) == 0 || kind == 1 && len(w.things) < 6:
		return w.lay(tx, t)
	}
	program := rapid.SampledFrom(w.programs).Draw(t, "program")
	org := rapid.SampledFrom(w.orgs).Draw(t, "organization")
	i := rapid.IntRange(0, len(w.things)-1).Draw(t, "thing")
	switch kind {
	case 2, 3, 4:
		r, err := w.rules(tx, t, program)
		if err != nil {
			return err
		}
		return w.change(tx, r)
	case 5, 6, 7:
		return w.join(tx, program, org)
	case 8:
		return w.leave(tx, program, org)
	case 9, 10, 11, 12:
		return w.invite(tx, t, i, org)
	case 13:
		return w.expel(tx, i, org)
	case 14:
		return w.except(tx, t, i, org)
	case 15:
		return w.becomes(tx, org, rapid.SampledFrom(castClasses).Draw(t, "class"))
	case 16:
		return w.turn(tx, org)
	case 17, 18, 19:
		return w.sanction(tx, program, org)
	}
	return w.end(tx, program)
}

func (w *drawn) found(tx *db.Tx) error {
	p, err := programs.Create(tx, w.op, programs.Program{Name: fmt.Sprintf("Program %d", len(w.programs)), TLP: tlp.Green})
	w.programs = append(w.programs, p.ID)
	if err == nil {
		// The program's own audience is one more thing to be seen.
		w.things = append(w.things, &thing{id: p.Audience, parent: -1, under: map[string]bool{p.ID: true}, exempt: map[string]bool{}, grants: map[audience.Party]way{
			{Kind: audience.Program, ID: p.ID}: {guest: true}, {Kind: audience.Office, ID: charter.Coordinator}: {guest: true}}})
	}
	return err
}

// lay makes an audience: under programs, for a part of another one, for some
// persons of another one, or beside another one.
func (w *drawn) lay(tx *db.Tx, t *rapid.T) (err error) {
	n := &thing{parent: -1, under: map[string]bool{}, exempt: map[string]bool{}, grants: map[audience.Party]way{}}
	how := rapid.IntRange(0, 3).Draw(t, "how")
	if len(w.things) == 0 {
		how = 0
	}
	team := []audience.Grant{{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Coordinator}}
	if how == 0 {
		for _, c := range drawSome(t, castClasses, "own bars") {
			n.bars = append(n.bars, string(c))
		}
		if n.id, err = audience.Create(tx, "case", team, []string{caseTerms}, n.bars); err != nil {
			return err
		}
		for _, p := range drawSome(t, w.programs, "under") {
			n.under[p] = true
			if err := programs.Place(tx, n.id, p); err != nil {
				return err
			}
		}
	} else {
		i := rapid.IntRange(0, len(w.things)-1).Draw(t, "of")
		of := w.things[i]
		n.under, n.exempt, n.bars, n.parent = maps.Clone(of.under), maps.Clone(of.exempt), of.bars, i
		switch how {
		case 1:
			var terms []string
			if rapid.Bool().Draw(t, "with terms") {
				terms = []string{caseTerms}
			}
			n.id, err = audience.Within(tx, of.id, "part", team, terms)
		case 2:
			return w.name(tx, t, n, of)
		case 3:
			n.parent = -1
			n.id, err = audience.Like(tx, of.id, "split", team, nil)
		}
	}
	n.grants[audience.Party{Kind: audience.Office, ID: charter.Coordinator}] = way{guest: true}
	w.things = append(w.things, n)
	return err
}

// name makes an audience of a person who sees another one: they come as they
// come there.
func (w *drawn) name(tx *db.Tx, t *rapid.T, n, of *thing) (err error) {
	person := rapid.SampledFrom(w.people).Draw(t, "named")
	if !w.sees(person, of, tlp.Clear) {
		return nil
	}
	by := way{holds: map[[2]string]bool{}}
	for subject, how := range of.grants {
		switch {
		case subject.Kind == audience.Program:
			for _, o := range w.orgs {
				if w.sits(person, subject.ID, o) {
					by.holds[[2]string{subject.ID, o}] = true
				}
			}
		case !w.stands(person, subject):
		case how.guest:
			by.guest = true
		default:
			maps.Copy(by.holds, how.holds)
		}
	}
	if by.guest {
		by.holds = nil
	}
	n.grants[audience.Party{Kind: audience.Person, ID: person}] = by
	n.id, err = audience.Named(tx, of.id, "named persons", []audience.Grant{{Kind: audience.Person, ID: person, Role: audience.Contributor}})
	w.things = append(w.things, n)
	return err
}

// stands reports whether a person has a seat in a subject that is no program.
func (w *drawn) stands(person string, subject audience.Party) bool {
	switch subject.Kind {
	case audience.Person:
		return subject.ID == person
	case audience.Office:
		return subject.ID == charter.Coordinator && person == w.people[5]
	}
	for _, o := range w.works[person] {
		if o == subject.ID && !w.away[o] {
			return true
		}
	}
	return false
}

func (w *drawn) join(tx *db.Tx, program, org string) error {
	if w.closed[program] {
		return refusal(programs.Join(tx, w.op, program, org))
	}
	if err := programs.Join(tx, w.op, program, org); err != nil {
		return refusal(err)
	}
	w.member[[2]string{program, org}] = true
	return nil
}

func (w *drawn) leave(tx *db.Tx, program, org string) error {
	delete(w.member, [2]string{program, org})
	return refusal(programs.Leave(tx, w.op, program, org))
}

// invite admits an organization or one of its people, as a coordinator does.
func (w *drawn) invite(tx *db.Tx, t *rapid.T, i int, org string) error {
	subject := audience.Party{Kind: audience.Org, ID: org}
	if rapid.IntRange(0, 3).Draw(t, "in person") == 0 {
		subject = audience.Party{Kind: audience.Person, ID: rapid.SampledFrom(w.people).Draw(t, "person")}
	}
	n := w.things[i]
	by := w.come(n, subject)
	n.grants[subject] = by
	return audience.Admit(tx, n.id, audience.Grant{Kind: subject.Kind, ID: subject.ID, Role: audience.Contributor})
}

func (w *drawn) expel(tx *db.Tx, i int, org string) error {
	delete(w.things[i].grants, audience.Party{Kind: audience.Org, ID: org})
	return audience.Expel(tx, w.things[i].id, audience.Org, org)
}

func (w *drawn) except(tx *db.Tx, t *rapid.T, i int, org string) error {
	p := audience.Party{Kind: audience.Org, ID: org}
	if rapid.Bool().Draw(t, "revoked") {
		for _, n := range w.family(i) {
			delete(n.exempt, org)
		}
		return audience.Unexempt(tx, w.things[i].id, p)
	}
	for _, n := range w.family(i) {
		n.exempt[org] = true
	}
	return audience.Exempt(tx, w.things[i].id, p, "the board decided")
}

func (w *drawn) becomes(tx *db.Tx, org string, class orgs.Class) error {
	o, err := orgs.Load(tx, org)
	if err != nil {
		return err
	}
	o.Class, w.class[org] = class, class
	_, err = orgs.Edit(tx, w.op, o)
	return err
}

func (w *drawn) turn(tx *db.Tx, org string) error {
	o, err := orgs.Load(tx, org)
	if err != nil {
		return err
	}
	o.State = orgs.Suspended
	if w.away[org] = !w.away[org]; !w.away[org] {
		o.State = orgs.Active
	}
	_, err = orgs.Edit(tx, w.op, o)
	return err
}

// sanction suspends an organization in a program and in those below, or lifts
// that.
func (w *drawn) sanction(tx *db.Tx, program, org string) error {
	at := [2]string{program, org}
	w.gone[at] = !w.gone[at]
	q := `DELETE FROM standing WHERE program_id = $1 AND org_id = $2`
	if w.gone[at] {
		q = `INSERT INTO standing (id, audience_id, tlp, program_id, org_id, renewal, sanction, cap, days, term_at, version) SELECT 'std_' || $1 || $2, g.audience_id, 1, $1, $2, 'current', 'suspended', 0, 0, 0, 1 FROM program g WHERE g.id = $1`
	}
	if _, err := tx.Exec(q, program, org); err != nil {
		return err
	}
	return orgs.Reseat(tx, org)
}

// end closes a program, which is refused while others stand under it, or opens
// it again.
func (w *drawn) end(tx *db.Tx, program string) error {
	p, err := programs.ByID(tx, program)
	if err != nil {
		return err
	}
	p.State = programs.Closed
	if w.closed[program] {
		p.State = programs.Active
	}
	if _, err := programs.Edit(tx, w.op, p); err != nil {
		return refusal(err)
	}
	w.closed[program] = p.State == programs.Closed
	return nil
}
