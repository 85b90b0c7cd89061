package agreements

import (
	"slices"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Effects is whom a new version that demands acceptance anew shuts out until
// they accept it.
type Effects struct {
	Blocked  []Affected `json:"blocked"`  // satisfy the agreement now, and would not then
	Waiting  []Affected `json:"waiting"`  // have not accepted what stands now
	Kept     []Affected `json:"kept"`     // satisfy it by another agreement, and go on doing so
	Programs []Affected `json:"programs"` // whose audience requires it
	Records  int        `json:"records"`  // audiences that require it in all
	Unnamed  Unnamed    `json:"unnamed"`  // besides those above
}

// Unnamed counts whom the actor may not know to be concerned.
type Unnamed struct {
	Blocked  int `json:"blocked"`
	Waiting  int `json:"waiting"`
	Kept     int `json:"kept"`
	Programs int `json:"programs"`
}

// Affected is an organization, a person or a program.
type Affected struct {
	Kind audience.SubjectKind `json:"kind"`
	ID   string               `json:"id"`
	Name string               `json:"name"`
}

// Preview computes Effects as things stand. Whoever may edit the agreement
// may ask. Of the programs and parties that a program's own coordinator does not
// know of from that program, it gives the number alone.
func Preview(tx *db.Tx, a audience.Actor, agreementID string) (Effects, error) {
	g, err := Get(tx, a, agreementID)
	if err != nil {
		return Effects{}, err
	}
	if g.Kind == CaseTerms {
		return Effects{}, errs.New(errs.Conflict, "Each case keeps the case terms that it was opened with; a new text blocks nobody.")
	}
	if err := mayEdit(a, g); err != nil {
		return Effects{}, err
	}
	var e Effects
	if e.Records, err = db.Value[int](tx, `SELECT COUNT(*) FROM audience_terms WHERE terms_id = $1`, g.Current.Generation); err != nil {
		return e, err
	}
	e.Programs, err = db.All(tx, func(x *Affected) []any { return []any{&x.Kind, &x.ID, &x.Name} },
		`SELECT 'program', q.id, q.name FROM program q JOIN audience_terms t ON t.audience_id = q.audience_id WHERE t.terms_id = $1 ORDER BY q.folded`, g.Current.Generation)
	if err != nil {
		return e, err
	}
	if !charter.Administers(a) {
		all := len(e.Programs)
		e.Programs = slices.DeleteFunc(e.Programs, func(p Affected) bool { return !a.Holds(audience.Program, p.ID) && !coordinates(a, p.ID) })
		e.Unnamed.Programs = all - len(e.Programs)
	}
	list, err := concerned(tx, g)
	if err != nil {
		return e, err
	}
	known, err := known(tx, a, g)
	if err != nil {
		return e, err
	}
	names, err := namesOf(tx, list)
	if err != nil {
		return e, err
	}
	satisfied, err := bySource(tx, g)
	if err != nil {
		return e, err
	}
	for _, p := range list {
		named, more := &e.Waiting, &e.Unnamed.Waiting
		switch ways := satisfied[p]; {
		case ways.other:
			named, more = &e.Kept, &e.Unnamed.Kept
		case ways.own:
			named, more = &e.Blocked, &e.Unnamed.Blocked
		}
		if known != nil && !slices.Contains(known, p) {
			*more++
			continue
		}
		*named = append(*named, Affected{p.Kind, p.ID, names[p]})
	}
	return e, nil
}

// known are the parties that a program's own coordinator knows to be concerned:
// the program's members, and who was let into what they coordinate under it.
// nil is everybody, for administrators.
func known(tx *db.Tx, a audience.Actor, g Agreement) ([]audience.Party, error) {
	if charter.Administers(a) {
		return nil, nil
	}
	args := db.Args{g.Program, g.Current.Generation}
	list, err := db.All(tx, func(p *audience.Party) []any { return []any{&p.Kind, &p.ID} }, `SELECT 'org', m.org_id FROM program_org m WHERE m.program_id = $1
		UNION SELECT w.kind, w.subject_id FROM audience_terms t JOIN audience_grant w ON w.audience_id = t.audience_id JOIN `+audience.Mine(a, &args)+` mine ON mine.audience_id = t.audience_id
		JOIN audience_grant c ON c.audience_id = t.audience_id AND c.kind = 'role' AND c.subject_id = `+args.Add(audience.CoordinatorsOf(g.Program))+` AND c.role = `+args.Add(int(audience.Coordinator))+`
		WHERE t.terms_id = $2 AND w.kind IN ('org', 'person')`, args...)
	if list == nil {
		list = []audience.Party{}
	}
	return list, err
}

type ways struct{ own, other bool }

// bySource is how each party satisfies the agreement.
func bySource(tx *db.Tx, g Agreement) (map[audience.Party]ways, error) {
	type row struct {
		p     audience.Party
		agree string
	}
	var args db.Args
	list, err := db.All(tx, func(r *row) []any { return []any{&r.p.Kind, &r.p.ID, &r.agree} }, `SELECT DISTINCT x.party_kind, x.party_id, x.agreement_id`+acceptanceFrom+
		` WHERE x.ended_at = 0 AND g.state = 'active' AND v.generation_id = now.generation_id AND g.id IN `+db.List(&args, append([]string{g.ID}, g.Also...)), args...)
	out := map[audience.Party]ways{}
	for _, r := range list {
		w := out[r.p]
		if r.agree == g.ID {
			w.own = true
		} else {
			w.other = true
		}
		out[r.p] = w
	}
	return out, err
}

func namesOf(tx *db.Tx, list []audience.Party) (map[audience.Party]string, error) {
	var ids []string
	out := map[audience.Party]string{}
	for _, p := range list {
		if p.Kind == audience.Org {
			ids = append(ids, p.ID)
			continue
		}
		name, err := db.Value[string](tx, `SELECT name FROM person WHERE id = $1`, p.ID)
		if err != nil {
			return nil, err
		}
		out[p] = name
	}
	names, err := orgs.Names(tx, ids)
	for one, name := range names {
		out[audience.Party{Kind: audience.Org, ID: one}] = name
	}
	return out, err
}
