package portal

import (
	"cmp"
	"encoding/csv"
	"slices"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/prose"
	"tocsin/spec/text"
)

// planted is a program in the tree with what the visitor may know of it.
type planted struct {
	programs.Node
	shut    []orgs.Class // here and above
	counted bool         // the number of members is the visitor's to know
	own     bool         // the visitor belongs to it
}

// loadTree reads the programs that the visitor sees.
func (v *visit) loadTree() (out []planted, err error) {
	err = v.read(func(tx *db.Tx) error {
		list, err := programs.Tree(tx, v.Actor)
		if err != nil {
			return err
		}
		out = nil
		shut := map[string][]orgs.Class{}
		for _, n := range list {
			above, seen := shut[n.Rules.Parent]
			all := union(n.Rules.ShutOut, above)
			if !seen && n.Rules.Parent != "" { // what stands above is not the visitor's to see, and binds all the same
				if all, err = programs.Shut(tx, n.ID); err != nil {
					return err
				}
			}
			shut[n.ID] = all
			own := v.Actor.Holds(audience.Program, n.ID)
			out = append(out, planted{n, all, own && n.Rules.Directory != programs.SightCoordinators || v.runsProgram(n.ID), own})
		}
		return nil
	})
	return out, err
}

func union(a, b []orgs.Class) []orgs.Class {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// runsProgram reports whether the visitor holds an alliance role or is one of
// the program's own coordinators.
func (v *visit) runsProgram(programID string) bool {
	return v.staff() || v.Actor.Holds(audience.Office, audience.CoordinatorsOf(programID))
}

// treeOf draws programs that stand in the tree's order; the first is no
// deeper than the others.
func treeOf(caption string, list []planted) *look.Tree {
	nodes, _ := branches(list, 0)
	return &look.Tree{Caption: caption, Nodes: nodes}
}

// branches takes the nodes from depth on and what hangs below them; it
// returns how many programs those are.
func branches(list []planted, depth int) (nodes []look.TreeNode, used int) {
	for used < len(list) && list[used].Depth >= depth {
		p := list[used]
		n := look.TreeNode{Name: p.Name, Href: programPath(p.ID), Purpose: prose.Snippet(p.Purpose, 240), Marking: p.TLP.String(), Members: p.Members, Own: p.own, State: programChips(p.Program, p.Rules),
			Features: namesOf(p.Rules.Features, featureWords), Admits: namesOf(p.Rules.Admits, classWords), ShutOut: namesOf(p.shut, classWords)}
		if !p.counted {
			n.Members = -1
		}
		below, taken := branches(list[used+1:], p.Depth+1)
		n.Nodes = below
		nodes, used = append(nodes, n), used+1+taken
	}
	return nodes, used
}

func (v *visit) programsPage() error {
	list, err := v.loadTree()
	if err != nil {
		return err
	}
	data := sheet{Frame: v.allianceFrame("/alliance/programs")}
	if charter.Administers(v.Actor) {
		data.Head.Actions = []look.Button{{Label: "Start a program", Href: "/alliance/programs/new"}}
	}
	if len(list) == 0 {
		data.Parts = []part{{Lede: "You belong to no program. A program groups organizations that work on one matter or in one sector."}}
		return v.show("sheet", data)
	}
	q := v.r.URL.Query()
	t := &look.Table{ID: "programs", Caption: "All programs that you see", Whole: true, Filter: true, Exports: []look.Link{{Label: "CSV", Href: "/alliance/programs.csv?" + q.Encode()}},
		Columns: []look.Column{sortBy(q, "name", "Program"), sortBy(q, "members", "Members"), sortBy(q, "tlp", "Shared at"), {Label: "Takes"}, {Label: "Shuts out"}, sortBy(q, "state", "State"), sortBy(q, "since", "Since")}}
	t.Columns[0].Wide, t.Columns[1].Num = true, true
	for _, p := range v.sortedPrograms(list) {
		members := ""
		if p.counted {
			members = number(p.Members)
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: p.Name, Href: programPath(p.ID)}, {Text: members}, {Marking: p.TLP.String()}, {Text: orNone(namesOf(p.Rules.Admits, classWords), "any")},
			{Text: strings.Join(namesOf(p.shut, classWords), ", ")}, {Text: programState(p)}, {Time: p.CreatedAt}}})
	}
	data.Parts = []part{{Tree: treeOf("The alliance's programs", list)}, {Table: t}}
	return v.show("sheet", data)
}

func programState(p planted) string {
	if p.State == programs.Active && p.Rules.Open {
		return "applications open"
	}
	return string(p.State)
}

// sortedPrograms are the programs in the order that the address asks for;
// without one, the tree's.
func (v *visit) sortedPrograms(list []planted) []planted {
	by := map[string]func(a, b planted) int{
		"name":    func(a, b planted) int { return cmp.Compare(orgs.Fold(a.Name), orgs.Fold(b.Name)) },
		"members": func(a, b planted) int { return cmp.Compare(a.Members, b.Members) },
		"tlp":     func(a, b planted) int { return cmp.Compare(a.TLP, b.TLP) },
		"state":   func(a, b planted) int { return cmp.Compare(programState(a), programState(b)) },
		"since":   func(a, b planted) int { return a.CreatedAt.Compare(b.CreatedAt) },
	}[v.query("sort")]
	out := slices.Clone(list)
	if by == nil {
		return out
	}
	slices.SortStableFunc(out, func(a, b planted) int {
		if v.query("desc") != "" {
			a, b = b, a
		}
		return by(a, b)
	})
	return out
}

// programsCSV exports the programs that the visitor sees.
func (v *visit) programsCSV() error {
	list, err := v.loadTree()
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, p := range list {
		names[p.ID] = p.Name
	}
	rows := [][]string{{"id", "name", "under", "members", "tlp", "admits", "shut_out", "features", "decided_by", "applications", "state", "since"}}
	for _, p := range v.sortedPrograms(list) {
		members, by := "", "coordinators"
		if p.counted {
			members = number(p.Members)
		}
		if p.Rules.ByBoard {
			by = "board"
		}
		rows = append(rows, []string{p.ID, text.Cell(p.Name), text.Cell(names[p.Rules.Parent]), members, p.TLP.String(), codes(p.Rules.Admits), codes(p.shut), codes(p.Rules.Features), by, yesNo(p.Rules.Open), string(p.State), text.Instant(p.CreatedAt)})
	}
	download(v.w, "programs.csv")
	return csv.NewWriter(v.w).WriteAll(rows)
}

func codes[T ~string](list []T) string {
	var out []string
	for _, x := range list {
		out = append(out, string(x))
	}
	return strings.Join(out, " ")
}
