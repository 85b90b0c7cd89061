package programs

import (
	"slices"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Orgs lists the organizations of a program, by name, as far as its directory
// lets the actor see them: whole, with name and class only, or the actor's own
// alone.
func Orgs(tx *db.Tx, a audience.Actor, programID, after string, limit int) (orgs.Page, error) {
	return Directory(tx, a, orgs.Filter{Program: programID, After: after, Limit: limit})
}

// Directory is Orgs narrowed and sorted by a filter, which names the program.
func Directory(tx *db.Tx, a audience.Actor, f orgs.Filter) (orgs.Page, error) {
	programID := f.Program
	if _, err := Get(tx, a, programID); err != nil {
		return orgs.Page{}, err
	}
	sight, err := SightOf(tx, a, programID)
	if err != nil {
		return orgs.Page{}, err
	}
	if sight == SightCoordinators {
		return own(tx, a, programID)
	}
	f.Standing = !seesAll(a, programID)
	page, err := orgs.Among(tx, a, f)
	if sight == SightNames {
		for i, o := range page.Orgs {
			if !a.Holds(audience.Org, o.ID) {
				page.Orgs[i] = orgs.Org{ID: o.ID, Name: o.Name, Class: o.Class, Listed: o.Listed, State: o.State, Domains: []string{}}
			}
		}
	}
	return page, err
}

// SightOf is how much of a program's directory the actor sees: all of it for
// the alliance's roles and the program's own coordinators, and else what its
// rules say. Whoever is no member and sees the program all the same, as the
// board does, sees none of it.
func SightOf(tx *db.Tx, a audience.Actor, programID string) (Sight, error) {
	if seesAll(a, programID) {
		return SightMembers, nil
	}
	if !a.Holds(audience.Program, programID) {
		return SightCoordinators, nil
	}
	r, err := RulesOf(tx, programID)
	return r.Directory, err
}

// own are those of the actor's organizations that belong to the program.
func own(tx *db.Tx, a audience.Actor, programID string) (orgs.Page, error) {
	var page orgs.Page
	for _, s := range a.Seats {
		if s.Kind != audience.Program || s.ID != programID {
			continue
		}
		o, err := orgs.Load(tx, s.Party.ID)
		if err != nil {
			return page, err
		}
		page.Orgs = append(page.Orgs, o)
	}
	slices.SortFunc(page.Orgs, func(x, y orgs.Org) int {
		if orgs.Fold(x.Name) < orgs.Fold(y.Name) {
			return -1
		}
		return 1
	})
	return page, nil
}

// Of lists the programs an organization belongs to, by name, as far as the
// actor may see them and their directories tell.
func Of(tx *db.Tx, a audience.Actor, orgID string) ([]Program, error) {
	all, err := db.All(tx, scan, `SELECT `+columns+` FROM program g JOIN program_org x ON x.program_id = g.id WHERE x.org_id = $1 ORDER BY g.folded`+db.Limit(maxPrograms), orgID)
	if err != nil {
		return nil, err
	}
	var out []Program
	for _, p := range all {
		if !sees(a, p.ID) {
			continue
		}
		sight, err := SightOf(tx, a, p.ID)
		if err != nil {
			return nil, err
		}
		if sight != SightCoordinators || a.Holds(audience.Org, orgID) {
			out = append(out, p)
		}
	}
	return out, nil
}

// empty refuses to close a program under which something goes on. It reads the
// table of cases, of a storey above: what lies under a program is known here
// by its audience only.
func empty(tx *db.Tx, p Program) error {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM audience_program l JOIN cases c ON c.audience_id = l.audience_id WHERE l.program_id = $1 AND c.state = 'open'`, p.ID)
	if err != nil {
		return err
	}
	if n > 0 {
		return errs.New(errs.Conflict, "Cases under the program %s are still open: %d. Close them first; then the program can be closed.", p.Name, n)
	}
	below, err := db.Value[int](tx, `SELECT COUNT(*) FROM program_rules r JOIN program g ON g.id = r.id AND g.state = 'active' WHERE r.parent_id = $1`, p.ID)
	if err == nil && below > 0 {
		err = errs.New(errs.Conflict, "Programs stand under %s: %d. Close them or move them elsewhere first.", p.Name, below)
	}
	return err
}
