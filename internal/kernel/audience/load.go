package audience

import (
	"cmp"
	"slices"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

func compareHolds(x, y Hold) int {
	return cmp.Or(cmp.Compare(x.Program, y.Program), cmp.Compare(x.Party.Kind, y.Party.Kind), cmp.Compare(x.Party.ID, y.Party.ID))
}

func empty(audienceID string) View {
	return View{ID: audienceID, Through: map[Party][]Hold{}, Exempt: map[Party]bool{}, Accepted: map[string]bool{}}
}

// row is a grant as it is stored.
type row struct {
	Grant
	rests bool
}

// Load reads an audience for Decide; NotFound when there is none.
func Load(tx *db.Tx, audienceID string) (View, error) {
	v := empty(audienceID)
	found, err := db.Value[int](tx, `SELECT COUNT(*) FROM audience WHERE id = $1`, audienceID)
	if err != nil || found == 0 {
		return v, firstOf(err, errs.Missing("audience"))
	}
	rows, err := db.All(tx, func(r *row) []any { return []any{&r.Kind, &r.ID, &r.Role, &r.Reason, &r.rests} },
		`SELECT kind, subject_id, role, reason, through FROM audience_grant WHERE audience_id = $1 ORDER BY kind, subject_id`, audienceID)
	if err != nil {
		return v, err
	}
	if err := v.take(tx, rows); err != nil {
		return v, err
	}
	if v.Terms, err = db.Column[string](tx, `SELECT terms_id FROM audience_terms WHERE audience_id = $1 ORDER BY terms_id`, audienceID); err != nil {
		return v, err
	}
	if v.Bars, err = db.Column[string](tx, `SELECT class FROM audience_bar WHERE audience_id = $1 ORDER BY class`, audienceID); err != nil {
		return v, err
	}
	if v.Shut, err = db.Column[string](tx, `SELECT DISTINCT b.class FROM audience_program l JOIN program_bar b ON b.program_id = l.program_id WHERE l.audience_id = $1 ORDER BY b.class`, audienceID); err != nil {
		return v, err
	}
	if err := v.exempted(tx); err != nil {
		return v, err
	}
	type acceptance struct {
		terms string
		party Party
	}
	list, err := db.All(tx, func(x *acceptance) []any { return []any{&x.terms, &x.party.Kind, &x.party.ID} },
		`SELECT x.terms_id, x.party_kind, x.party_id FROM terms_acceptance x JOIN audience_terms t ON t.terms_id = x.terms_id WHERE t.audience_id = $1`, audienceID)
	for _, x := range list {
		v.Accepted[acceptanceKey(x.terms, x.party)] = true
	}
	return v, err
}

// take keeps grants, with the memberships on which they rest.
func (v *View) take(tx *db.Tx, rows []row) error {
	resting := false
	for _, r := range rows {
		v.Grants = append(v.Grants, r.Grant)
		if r.rests {
			resting = true
			v.Through[Party{r.Kind, r.ID}] = nil
		}
	}
	if !resting {
		return nil
	}
	type way struct {
		subject Party
		hold    Hold
	}
	list, err := db.All(tx, func(w *way) []any {
		return []any{&w.subject.Kind, &w.subject.ID, &w.hold.Program, &w.hold.Party.Kind, &w.hold.Party.ID}
	}, `SELECT kind, subject_id, program_id, party_kind, party_id FROM audience_through WHERE audience_id = $1`, v.ID)
	for _, w := range list {
		if _, rests := v.Through[w.subject]; rests {
			v.Through[w.subject] = append(v.Through[w.subject], w.hold)
		}
	}
	return err
}

func (v *View) exempted(tx *db.Tx) error {
	if len(v.Bars)+len(v.Shut) == 0 {
		return nil
	}
	list, err := db.All(tx, func(p *Party) []any { return []any{&p.Kind, &p.ID} }, `SELECT party_kind, party_id FROM audience_exempt WHERE audience_id = $1`, v.ID)
	for _, p := range list {
		v.Exempt[p] = true
	}
	return err
}

// loadFor is Load of no more than concerns the actor, which is little of an
// audience of hundreds.
func loadFor(tx *db.Tx, a Actor, audienceID string) (View, error) {
	v := empty(audienceID)
	terms, err := db.Column[string](tx, `SELECT COALESCE(t.terms_id, '') FROM audience a LEFT JOIN audience_terms t ON t.audience_id = a.id WHERE a.id = $1`, audienceID)
	if err != nil || len(terms) == 0 {
		return v, firstOf(err, errs.Missing("audience"))
	}
	v.Terms = slices.DeleteFunc(terms, func(t string) bool { return t == "" })
	var args db.Args
	with := seats(a, &args)
	if with == "" {
		return v, nil
	}
	// The subqueries by key read one row each of an audience of hundreds.
	one := ` FROM audience_grant g WHERE g.audience_id = ` + args.Add(audienceID) + ` AND g.kind = s.kind AND g.subject_id = s.subject_id)`
	rows, err := db.All(tx, func(r *row) []any { return []any{&r.Kind, &r.ID, &r.Role, &r.rests} },
		with+` SELECT x.kind, x.subject_id, x.role / 2, x.role % 2 FROM (SELECT DISTINCT s.kind, s.subject_id, (SELECT g.role * 2 + g.through`+one+` AS role FROM aud_seats s) x WHERE x.role > 1`, args...)
	if err != nil || len(rows) == 0 {
		return v, err
	}
	if err := v.take(tx, rows); err != nil {
		return v, err
	}
	if len(a.classes()) > 0 {
		if v.Bars, err = db.Column[string](tx, `SELECT class FROM audience_bar WHERE audience_id = $1
			UNION SELECT b.class FROM audience_program l JOIN program_bar b ON b.program_id = l.program_id WHERE l.audience_id = $1`, audienceID); err != nil {
			return v, err
		}
		if err := v.exempted(tx); err != nil {
			return v, err
		}
	}
	if len(v.Terms) == 0 {
		return v, nil
	}
	for _, p := range a.parties() {
		args = nil
		has, err := db.Column[string](tx, `SELECT terms_id FROM terms_acceptance WHERE party_kind = `+args.Add(string(p.Kind))+` AND party_id = `+args.Add(p.ID)+` AND terms_id IN `+db.List(&args, v.Terms), args...)
		if err != nil {
			return v, err
		}
		for _, t := range has {
			v.Accepted[acceptanceKey(t, p)] = true
		}
	}
	return v, nil
}
