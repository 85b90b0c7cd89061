package look

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"text/template/parse"
)

// addPages takes up every page below files. All pages live in one set with
// the components, since a set for each would hold the components once more
// for each: a page's "main" and "side" get names of their own, and so does a
// copy of the layout that calls them.
func (rd *Renderer) addPages(files fs.FS) error {
	layout := rd.set.Lookup("layout").Tree
	return fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".html" {
			return err
		}
		trees, err := rd.parsePage(files, name)
		if err != nil {
			return err
		}
		key := strings.TrimSuffix(name, ".html")
		shared := strings.HasPrefix(path.Base(name), "_")
		if !shared {
			if trees["main"] == nil {
				return fmt.Errorf("page %s does not define \"main\"", name)
			}
			p := page{layout: "layout of " + key, hasSide: trees["side"] != nil}
			trees[p.layout] = layout.Copy()
			if !p.hasSide {
				// The layout names "side", so it must exist.
				trees["side"] = &parse.Tree{Name: "side", Root: &parse.ListNode{NodeType: parse.NodeList}}
			}
			rd.pages[key] = p
		}
		for define, tree := range trees {
			if !shared {
				define = ofPage(define, key)
				own(tree.Root, key)
			}
			if rd.set.Lookup(define) != nil {
				return fmt.Errorf("page %s defines %q, which is there already", name, define)
			}
			if _, err := rd.set.AddParseTree(define, tree); err != nil {
				return fmt.Errorf("page %s: %w", name, err)
			}
		}
		return nil
	})
}

// builtins are the functions that every template has.
var builtins = map[string]any{"and": 0, "call": 0, "html": 0, "index": 0, "slice": 0, "js": 0, "len": 0, "not": 0, "or": 0, "print": 0, "printf": 0, "println": 0, "urlquery": 0,
	"eq": 0, "ge": 0, "gt": 0, "le": 0, "lt": 0, "ne": 0, "break": 0, "continue": 0}

// parsePage reads what a file defines, by name.
func (rd *Renderer) parsePage(files fs.FS, name string) (map[string]*parse.Tree, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	trees, err := parse.Parse(name, string(text), "", "", funcs(rd.assets), builtins)
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	delete(trees, name) // the space around what it defines
	return trees, nil
}

// ofPage is the name under which a page's own "main" and "side" are known.
func ofPage(define, page string) string {
	if define == "main" || define == "side" {
		return define + " of " + page
	}
	return define
}

// own makes calls of "main" and "side" calls of the page's own.
func own(n parse.Node, page string) {
	branch := func(b *parse.BranchNode) {
		own(b.List, page)
		if b.ElseList != nil {
			own(b.ElseList, page)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, x := range n.Nodes {
			own(x, page)
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.TemplateNode:
		n.Name = ofPage(n.Name, page)
	}
}
