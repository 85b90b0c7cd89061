package audience

import (
	"slices"
	"strings"

	"tocsin/internal/kernel/db"
	"tocsin/spec/tlp"
)

// Knower is one person (or link holder) a record reaches, with every way it
// does.
type Knower struct {
	Person string  // person id; for a link holder the link's id
	Link   bool    // no account: holds a secret link
	Role   Role    // the best role
	Paths  []Path  // why, best first
	Orgs   []Party // the organizations they sit for on those paths
}

// Path is one seat that a grant names.
type Path struct {
	Grant Grant
	Party Party // who accepted the terms for it
}

// Reach lists everybody whom a record of this audience at this level reaches
// through a grant, by person id. It asks Decide, the rule that lets them in,
// so what it counts is what is enforced.
func Reach(tx *db.Tx, audienceID string, level tlp.Level) ([]Knower, error) {
	v, err := Load(tx, audienceID)
	if err != nil {
		return nil, err
	}
	type row struct {
		person string
		seat   Seat
	}
	rows, err := db.All(tx, func(r *row) []any { return append([]any{&r.person}, seatColumns(&r.seat)...) },
		`SELECT s.person_id, s.kind, s.subject_id, s.party_kind, s.party_id, s.cap, s.class FROM seat s
		 WHERE s.person_id IN (SELECT n.person_id FROM seat n JOIN audience_grant g ON g.kind = n.kind AND g.subject_id = n.subject_id WHERE g.audience_id = $1)
		 ORDER BY s.person_id`, audienceID)
	if err != nil {
		return nil, err
	}
	actors := map[string]*Actor{}
	var order []string
	for _, r := range rows {
		if actors[r.person] == nil {
			actors[r.person] = &Actor{Person: r.person}
			order = append(order, r.person)
		}
		actors[r.person].Seats = append(actors[r.person].Seats, r.seat)
	}
	for _, g := range v.Grants {
		if g.Kind == Link {
			a := ForLink(g.ID)
			actors["\x00"+g.ID] = &a
			order = append(order, "\x00"+g.ID)
		}
	}
	var out []Knower
	for _, key := range order {
		if k, ok := knower(*actors[key], v, level, tx); ok {
			out = append(out, k)
		}
	}
	return out, nil
}

func knower(a Actor, v View, level tlp.Level, tx *db.Tx) (Knower, bool) {
	m := Marking{Level: level}
	k := Knower{Person: a.Person, Role: Decide(a, v, m, tx.Now)}
	if k.Role == None {
		return k, false
	}
	if a.Link != "" {
		k.Person, k.Link = a.Link, true
	}
	for _, g := range v.Grants {
		one := v
		one.Grants = []Grant{g}
		for _, s := range a.Seats {
			if s.Kind != g.Kind || s.ID != g.ID || Decide(a.with(s), one, m, tx.Now) == None {
				continue
			}
			k.Paths = append(k.Paths, Path{g, s.Party})
			if s.Party.Kind == Org && !slices.Contains(k.Orgs, s.Party) {
				k.Orgs = append(k.Orgs, s.Party)
			}
		}
	}
	slices.SortStableFunc(k.Paths, func(x, y Path) int {
		if x.Grant.Role != y.Grant.Role {
			return int(y.Grant.Role - x.Grant.Role)
		}
		return strings.Compare(x.Grant.ID, y.Grant.ID)
	})
	return k, true
}

// with is the actor with only this seat of its subject, and with the
// memberships on which a grant to it may rest.
func (a Actor) with(s Seat) Actor {
	seats := []Seat{s}
	for _, o := range a.Seats {
		if o.Kind == Program && s.Kind != Program {
			seats = append(seats, o)
		}
	}
	return Actor{Seats: seats}
}

// At leaves those ways that count for a level, and reports whether any is left:
// of whom a record reaches, whom it would reach were it marked higher. Role
// stays the best of all ways.
func (k Knower) At(level tlp.Level) (Knower, bool) {
	k.Orgs = nil
	k.Paths = slices.DeleteFunc(slices.Clone(k.Paths), func(p Path) bool { return p.Grant.Kind.Reach() < level })
	for _, p := range k.Paths {
		if p.Party.Kind == Org && !slices.Contains(k.Orgs, p.Party) {
			k.Orgs = append(k.Orgs, p.Party)
		}
	}
	return k, len(k.Paths) > 0
}

// Count is "12 people in 4 organizations" for a composer's who-sees-this
// line.
type Count struct {
	People, Orgs int
}

// CountReach counts Reach.
func CountReach(tx *db.Tx, audienceID string, level tlp.Level) (Count, error) {
	list, err := Reach(tx, audienceID, level)
	var c Count
	orgs := map[string]bool{}
	for _, k := range list {
		c.People++
		for _, o := range k.Orgs {
			orgs[o.ID] = true
		}
	}
	c.Orgs = len(orgs)
	return c, err
}
