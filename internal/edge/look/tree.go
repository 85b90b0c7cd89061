package look

import "strings"

// Tree draws programs under programs: a list within lists whose lines the
// style sheet draws, so that its words break where the screen ends and a
// reader who hears the page hears the same tree.
type Tree struct {
	Caption string
	Nodes   []TreeNode // the roots
}

// TreeNode is one program.
type TreeNode struct {
	Name, Href string
	Purpose    string   // one line
	Marking    string   // the exact label
	Members    int      // organizations; below zero: not the reader's to know
	Features   []string // what it offers: "cases", "forum"
	Admits     []string // classes it takes; empty: any
	ShutOut    []string // classes it shuts out, by its own rules or from above
	State      []Chip   // states, in words: "closed", "applications open"
	Own        bool     // the reader belongs to it
	Nodes      []TreeNode
}

// MaxTreeDepth bounds the drawing; deeper programs are drawn at this depth.
const MaxTreeDepth = 6

// TreeDrawing is a Tree with the measures that its nodes share.
type TreeDrawing struct {
	Caption, Summary string
	Nodes            []TreeKnot
}

// TreeKnot is a placed node.
type TreeKnot struct {
	TreeNode
	Share float64 // its members in percent of the largest program's
	Knots []TreeKnot
}

// Draw measures the nodes against one another and says the whole in a
// sentence.
func (t Tree) Draw() TreeDrawing {
	count, deep, most := measure(t.Nodes, 1)
	d := TreeDrawing{Caption: t.Caption, Nodes: knots(t.Nodes, most, 1)}
	d.Summary = Plural(count, "program", "programs") + " on " + Plural(deep, "level", "levels") + "."
	if count == 0 {
		d.Summary = "No programs."
	}
	return d
}

func measure(nodes []TreeNode, level int) (count, deep, most int) {
	for _, n := range nodes {
		c, d, m := measure(n.Nodes, level+1)
		count, deep, most = count+c+1, max(deep, d, level), max(most, m, n.Members)
	}
	return count, deep, most
}

func knots(nodes []TreeNode, most, level int) []TreeKnot {
	var out []TreeKnot
	for _, n := range nodes {
		k := TreeKnot{TreeNode: n}
		if n.Members > 0 && most > 0 {
			k.Share = 100 * float64(n.Members) / float64(most)
		}
		below := knots(n.Nodes, most, level+1)
		if level < MaxTreeDepth {
			k.Knots, below = below, nil
		}
		out = append(append(out, k), below...)
	}
	return out
}

// Rules are the words beneath a node: whom it takes and what it offers.
func (n TreeNode) Rules() string {
	var words []string
	if len(n.Admits) > 0 {
		words = append(words, "for "+strings.Join(n.Admits, ", "))
	}
	if len(n.ShutOut) > 0 {
		words = append(words, "shuts out "+strings.Join(n.ShutOut, ", "))
	}
	if len(n.Features) > 0 {
		words = append(words, "has "+strings.Join(n.Features, ", "))
	}
	return strings.Join(words, " · ")
}
