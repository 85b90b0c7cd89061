package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	// numbered is a number in a format before what looks like several things,
	// with the words before it.
	numbered = regexp.MustCompile(`((?:[A-Za-z0-9]+ ){0,3})%d ((?:[a-z-]+ )?[a-z]{2,}s|people)\b`)
	// several is what is written behind a number.
	several = regexp.MustCompile(`^ ?((?:[a-z-]+ )?[a-z]{2,}s|people)\b`)
	// inPage is a number in a template before several things.
	inPage = regexp.MustCompile(`\{\{(?:count|len) [^}]*\}\}(?:</[a-z]+>)? ((?:[a-z-]+ )?[a-z]{2,}s|people)\b`)
	// bound says that the number is a limit, which is more than one.
	bound = regexp.MustCompile(`(?i)(at most|at least|than|between 1 and|1 to|the first|limit of) $`)
	// does is a word on s that is no plural of things: what a thing with a number
	// does, or the unit of a large size.
	does = regexp.MustCompile(`\b(is|was|has|does|this|ends|stands|lasts|signs|keeps|less|bits|bytes|characters)$`)
)

// numbers are the functions whose text is a bare number.
var numbers = []string{"Itoa", "FormatInt", "Count", "number"}

// TestOneThingIsNotThings finds numbers that are written before a fixed plural:
// those read "1 things" one day.
func TestOneThingIsNotThings(t *testing.T) {
	eachFile(t, func(name string, src []byte) {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(filepath.Dir(name), "test") {
			return
		}
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, name, src, 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			for _, said := range fixedPlurals(n) {
				t.Errorf("%s says %q of any number; say it with text.Plural (look.Plural, look.Stat.One)", files.Position(n.Pos()), said)
			}
			return true
		})
	})
	for _, dir := range []string{"edge/look", "edge/portal"} {
		err := filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(file) != ".html" {
				return err
			}
			page, err := os.ReadFile(file)
			for _, m := range inPage.FindAllSubmatch(page, -1) {
				t.Errorf("%s says %q of any number; say it with plural", file, m[1])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// fixedPlurals are the plurals that a node says of a number that may be one.
func fixedPlurals(n ast.Node) (found []string) {
	switch n := n.(type) {
	case *ast.BasicLit:
		for _, m := range numbered.FindAllStringSubmatch(unquoted(n), -1) {
			if !bound.MatchString(m[1]) && !does.MatchString(m[2]) {
				found = append(found, m[2])
			}
		}
	case *ast.BinaryExpr:
		left := n.X
		if x, ok := left.(*ast.BinaryExpr); ok {
			left = x.Y
		}
		if m := several.FindStringSubmatch(unquoted(n.Y)); n.Op == token.ADD && m != nil && isNumber(left) && !does.MatchString(m[1]) {
			found = append(found, m[1])
		}
	case *ast.CompositeLit: // a look.Stat
		has := map[string]string{}
		for _, e := range n.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if key, ok := kv.Key.(*ast.Ident); ok {
					has[key.Name] = unquoted(kv.Value)
				}
			}
		}
		_, counts := has["N"]
		_, one := has["One"]
		if m := several.FindStringSubmatch(has["Label"]); counts && !one && m != nil && !does.MatchString(m[1]) {
			found = append(found, m[1])
		}
	}
	return found
}

func isNumber(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return slices.Contains(numbers, f.Name)
	case *ast.SelectorExpr:
		return slices.Contains(numbers, f.Sel.Name)
	}
	return false
}

// unquoted is the text of a literal, or "".
func unquoted(n ast.Node) string {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(lit.Value)
	return s
}

func TestFixedPluralsAreFound(t *testing.T) {
	for code, want := range map[string]string{
		`f("%d cases", n)`:                             "cases",
		`f("%s: %d open cases wait", s, n)`:            "open cases",
		`f("%d people", n)`:                            "people",
		`f("at most %d files", most)`:                  "",
		`f("version %d stands now", n)`:                "",
		`strconv.Itoa(n) + " members"`:                 "members",
		`"about " + look.Count(n) + " cases"`:          "cases",
		`strconv.Itoa(n) + " of " + name`:              "",
		`look.Plural(n, "case", "cases")`:              "",
		`look.Stat{N: n, Label: "cases with alarms"}`:  "cases",
		`look.Stat{N: n, Label: "cases", One: "case"}`: "",
		`look.Stat{N: n, Label: "opened this week"}`:   "",
	} {
		e, err := parser.ParseExpr(code)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		ast.Inspect(e, func(n ast.Node) bool { got = append(got, fixedPlurals(n)...); return true })
		if strings.Join(got, " ") != want {
			t.Errorf("%s: found %q, want %q", code, got, want)
		}
	}
}
