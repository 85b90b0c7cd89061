package programs

import (
	"slices"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// Place puts an audience, with all that were made for it, under a program: it
// reaches no class that the program shuts out, and asks for the program's
// agreements wherever it asks for terms at all. Whoever makes an audience in a
// program calls it; what is made for that one later with audience.Within
// follows by itself.
func Place(tx *db.Tx, audienceID, programID string) error {
	if err := Hold(tx, programID); err != nil {
		return err
	}
	r, err := RulesOf(tx, programID)
	if err != nil {
		return err
	}
	if err := audience.Place(tx, audienceID, programID); err != nil {
		return err
	}
	return require(tx, r, audienceID, r.Agreements, nil)
}

// require makes the program's own audience and those under it (of one audience
// and those made for it alone, where its id is given: opening a case costs the
// same among a thousand) ask for agreements, and no longer for those dropped.
// Where nothing has to be accepted (an invitation, the finder's side, the
// coordinators' own) nothing is added: nobody could find out what is asked of
// them.
func require(tx *db.Tx, r Rules, only string, added, dropped []string) error {
	if len(added)+len(dropped) == 0 {
		return nil
	}
	args, family, within := db.Args{r.Program}, "", ""
	if only != "" {
		family = `WITH RECURSIVE family (id) AS (SELECT a.id FROM audience a WHERE a.id = ` + args.Add(only) + ` UNION SELECT c.audience_id FROM audience_parent c JOIN family f ON c.parent_id = f.id) `
		within = ` AND l.audience_id IN (SELECT f.id FROM family f)`
	}
	list, err := db.Column[string](tx, family+`SELECT l.audience_id FROM audience_program l WHERE l.program_id = $1`+within+`
		AND (EXISTS (SELECT 1 FROM audience_terms t WHERE t.audience_id = l.audience_id) OR EXISTS (SELECT 1 FROM program g WHERE g.audience_id = l.audience_id)) ORDER BY l.audience_id`, args...)
	if err != nil {
		return err
	}
	for _, aid := range list {
		for _, id := range added {
			if err := agreements.Require(tx, aid, id); err != nil {
				return err
			}
		}
		if len(dropped) == 0 {
			continue
		}
		others, err := asked(tx, aid, r.Program)
		if err != nil {
			return err
		}
		for _, id := range dropped {
			if slices.Contains(others, id) {
				continue
			}
			if err := agreements.Unrequire(tx, aid, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// asked lists the agreements that the other programs of an audience ask for.
func asked(tx *db.Tx, audienceID, except string) ([]string, error) {
	under, err := audience.Placed(tx, audienceID)
	var out []string
	for _, p := range under {
		if p == except {
			continue
		}
		r, err := RulesOf(tx, p)
		if err != nil {
			return nil, err
		}
		out = append(out, r.Agreements...)
	}
	return out, err
}

// tell asks the members for agreements that they have not accepted.
func tell(tx *db.Tx, r Rules, added []string) error {
	if len(added) == 0 {
		return nil
	}
	members, err := Members(tx, r.Program)
	for _, o := range members {
		if err := agreements.Ask(tx, audience.Party{Kind: audience.Org, ID: o}, added); err != nil {
			return err
		}
	}
	return err
}

func without[T comparable](list, less []T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool { return slices.Contains(less, x) })
}
