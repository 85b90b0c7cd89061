package programs

import (
	"slices"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// MaxDepth is how many programs may stand one under the other.
const MaxDepth = 6

// maxPrograms bounds what is read of the tree.
const maxPrograms = 2000

// Node is a program in its place in the tree.
type Node struct {
	Program
	Rules   Rules `json:"rules"`
	Depth   int   `json:"depth"`   // 0 at the top, as far as the reader sees
	Members int   `json:"members"` // organizations; 0 where the reader may not know

	standing int // of them, those whose membership counts: what members know
}

// Tree lists the programs the actor may see, each after the one it stands
// under, siblings by name. One whose parent the actor may not see stands at
// the top.
func Tree(tx *db.Tx, a audience.Actor) ([]Node, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	return grow(tx, func(n *Node) (bool, bool) {
		all := seesAll(a, n.ID)
		if !all {
			n.Members = n.standing
		}
		return sees(a, n.ID), all || a.Holds(audience.Program, n.ID) && n.Rules.Directory != SightCoordinators
	})
}

// Public lists the active programs that have a page, in the order of Tree,
// without numbers. It asks nobody.
func Public(tx *db.Tx) ([]Node, error) {
	return grow(tx, func(n *Node) (bool, bool) { return n.State == Active && n.Rules.Page != "", false })
}

// Openings lists the programs in which the actor may open a case.
func Openings(tx *db.Tx, a audience.Actor) ([]Node, error) {
	return grow(tx, func(n *Node) (bool, bool) {
		return n.State == Active && n.Rules.Has(Cases) && Coordinates(a, n.ID), false
	})
}

// grow arranges the programs that show lets through; its second answer is
// whether the number of members is told.
func grow(tx *db.Tx, show func(*Node) (seen, counted bool)) ([]Node, error) {
	all, err := db.All(tx, func(n *Node) []any {
		return append(scan(&n.Program), db.JSON(&n.Rules), &n.Rules.Program, &n.Rules.Parent, &n.Rules.Slug, &n.Rules.Version, &n.Members, &n.standing)
	}, `SELECT `+columns+`, COALESCE(r.rules, ''), COALESCE(r.id, ''), COALESCE(r.parent_id, ''), COALESCE(r.slug, ''), COALESCE(r.version, 0), (SELECT COUNT(*) FROM program_org x WHERE x.program_id = g.id), (SELECT COUNT(*) FROM program_org x WHERE x.program_id = g.id AND `+orgs.Stands("x")+`)
		FROM program g LEFT JOIN program_rules r ON r.id = g.id ORDER BY g.folded`+db.Limit(maxPrograms))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	under := map[string][]Node{}
	for i := range all {
		if all[i].Rules.Version == 0 {
			all[i].Rules = defaults(all[i].ID)
		}
		all[i].Rules = all[i].Rules.whole()
		ok, counted := show(&all[i])
		if seen[all[i].ID] = ok; !counted {
			all[i].Members = 0
		}
	}
	for _, n := range all {
		if !seen[n.ID] {
			continue
		}
		parent := n.Rules.Parent
		if !seen[parent] {
			parent = ""
		}
		under[parent] = append(under[parent], n)
	}
	var out []Node
	var plant func(parent string, depth int)
	plant = func(parent string, depth int) {
		for _, n := range under[parent] {
			n.Depth = depth
			out = append(out, n)
			if depth < MaxDepth {
				plant(n.ID, depth+1)
			}
		}
	}
	plant("", 0)
	return out, nil
}

// lineage is the rules of a program and of those above it, from it upwards.
func lineage(tx *db.Tx, programID string) ([]Rules, error) {
	var out []Rules
	for at := programID; at != "" && len(out) <= MaxDepth; {
		r, err := RulesOf(tx, at)
		if err != nil {
			return nil, err
		}
		out, at = append(out, r), r.Parent
	}
	return out, nil
}

// Above lists the programs above one, the nearest first. It asks nobody.
func Above(tx *db.Tx, programID string) ([]string, error) {
	line, err := lineage(tx, programID)
	var out []string
	for _, r := range line[min(1, len(line)):] {
		out = append(out, r.Program)
	}
	return out, err
}

// Below lists the programs below one, each after the one it stands under. It
// asks nobody.
func Below(tx *db.Tx, programID string) ([]string, error) {
	out, at := []string{}, []string{programID}
	for range MaxDepth {
		var args db.Args
		next, err := db.Column[string](tx, `SELECT id FROM program_rules WHERE parent_id IN `+db.List(&args, at)+` ORDER BY id`+db.Limit(maxPrograms), args...)
		if err != nil {
			return nil, err
		}
		if at = next; len(at) == 0 {
			break
		}
		out = append(out, at...)
	}
	return out, nil
}

// fits refuses a parent that would close a circle or make the tree too deep.
func fits(tx *db.Tx, programID, parent string) error {
	if parent == "" {
		return nil
	}
	above, err := lineage(tx, parent)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(above, func(r Rules) bool { return r.Program == programID }) {
		return errs.Bad("parent", "A program cannot stand under itself or under one that stands under it.")
	}
	height, err := heightOf(tx, programID)
	if err == nil && len(above)+height > MaxDepth {
		err = errs.Bad("parent", "At most %d programs may stand one under the other.", MaxDepth)
	}
	return err
}

// heightOf is how many programs stand one under the other from this one down.
func heightOf(tx *db.Tx, programID string) (int, error) {
	height, at := 0, []string{programID}
	for len(at) > 0 && height <= MaxDepth {
		height++
		var args db.Args
		next, err := db.Column[string](tx, `SELECT id FROM program_rules WHERE parent_id IN `+db.List(&args, at)+db.Limit(maxPrograms), args...)
		if err != nil {
			return 0, err
		}
		at = next
	}
	return height, nil
}
