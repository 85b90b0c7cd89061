package look

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

type treePage struct {
	Frame
	Tree Tree
}

func drawnTree(t *testing.T, tree Tree) string {
	t.Helper()
	rd := newRenderer(t, fstest.MapFS{"programs.html": {Data: []byte(`{{define "main"}}{{template "tree" .Tree}}{{end}}`)}})
	w := draw(t, rd, "programs", treePage{Frame: Frame{Alliance: "A", Now: galleryNow}, Tree: tree})
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	_, body, _ := strings.Cut(w.Body.String(), "<main")
	return body
}

func TestTreeSaysEverythingInWords(t *testing.T) {
	body := drawnTree(t, galleryTree())
	for _, want := range []string{"Programs: 6 programs on 3 levels.", `href="#p3"`, ">TLP:AMBER&#43;STRICT<", "7 members", "0 members", ">yours<", ">applications open<", ">closed<",
		"for vendors · shuts out government · has cases, joint response", "Fraud, malware", "<b>Financial institutions</b>", `width="100.00%"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the tree does not say %q", want)
		}
	}
	if strings.Count(body, "members") != 5 {
		t.Error("a count is given that the reader may not know")
	}
	if open, shut := strings.Count(body, "<ul>"), strings.Count(body, "</ul>"); open != 3 || shut < open {
		t.Errorf("%d lists are opened, want one a level of children: 3", open)
	}
	if strings.Contains(drawnTree(t, Tree{Caption: "Programs"}), "<ul>") || !strings.Contains(drawnTree(t, Tree{Caption: "Programs"}), "No programs.") {
		t.Error("a tree without programs does not say so")
	}
}

func TestTreeKeepsEveryProgramHoweverDeep(t *testing.T) {
	node := TreeNode{Name: "deepest"}
	for range 3 * MaxTreeDepth {
		node = TreeNode{Name: "above", Nodes: []TreeNode{node, {Name: "beside"}}}
	}
	d := Tree{Nodes: []TreeNode{node}}.Draw()
	var walk func(list []TreeKnot, level int) int
	walk = func(list []TreeKnot, level int) (n int) {
		if level > MaxTreeDepth && len(list) > 0 {
			t.Errorf("drawn at depth %d", level)
		}
		for _, k := range list {
			n += 1 + walk(k.Knots, level+1)
		}
		return n
	}
	if count, _, _ := measure([]TreeNode{node}, 1); walk(d.Nodes, 1) != count {
		t.Errorf("%d programs are drawn of %d", walk(d.Nodes, 1), count)
	}
}
