// Package internal_test keeps the storeys of the house apart: it reads the
// imports of every file and names the rule that one of them breaks.
package internal_test

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module   = "tocsin"
	maxLines = 600 // of one file that is not a test
)

// storeys says, for each part of the tree, which parts it may import besides
// itself. A part is the longest prefix of a package's path that stands here.
var storeys = map[string][]string{
	"spec":              {},
	"internal/kernel":   {"spec"},
	"internal/alliance": {"spec", "internal/kernel"},
	"internal/response": {"spec", "internal/kernel", "internal/alliance"},
	"internal/exchange": {"spec", "internal/kernel", "internal/alliance"},
	"internal/commons":  {"spec", "internal/kernel", "internal/alliance"},
	"internal/edge":     {"spec", "internal/kernel", "internal/alliance", "internal/response", "internal/exchange", "internal/commons"},
	"internal/app":      {"spec", "internal/kernel", "internal/alliance", "internal/response", "internal/exchange", "internal/commons", "internal/edge", "client"},
	"client":            {"spec"},
	"cmd":               {"spec", "internal/kernel", "internal/app", "client"},
	"internal":          {}, // this test
}

// siblings do not import one another; each reacts to the ledger's events.
var siblings = []string{"internal/response", "internal/exchange", "internal/commons"}

var vagueNames = []string{"util", "utils", "common", "manager", "managers", "helper", "helpers"}

// A package of spec does no input or output, and client is for everybody's
// program, so it brings nothing along.
var impure = []string{"database/sql", "net/http", "os", "os/exec"}

func partOf(pkg string) string {
	for p := pkg; p != "." && p != "/"; p = path.Dir(p) {
		if _, ok := storeys[p]; ok && (p != "internal" || pkg == "internal") {
			return p
		}
	}
	return ""
}

// broken names the rule that an import breaks, or is empty. from is a
// package's path in this module; to is an import path as written.
func broken(from, to string, test bool) string {
	here := partOf(from)
	if here == "" {
		return "every package belongs to a storey: spec, client, cmd, or internal/{kernel,alliance,response,exchange,commons,edge,app}"
	}
	local, ours := strings.CutPrefix(to, module+"/")
	if !ours {
		first, _, _ := strings.Cut(to, "/")
		switch {
		case here == "client" && !test && strings.Contains(first, "."):
			return "client imports spec and the standard library only"
		case here == "spec" && !test && slices.Contains(impure, to):
			return "spec is pure: it reads no file, no network and no database"
		}
		return ""
	}
	there := partOf(local)
	switch {
	case there == "":
		return "every package belongs to a storey"
	case here == there, slices.Contains(storeys[here], there):
		return ""
	case slices.Contains(siblings, here) && slices.Contains(siblings, there):
		return "response, exchange and commons do not import one another: subscribe to ledger events"
	}
	may := "nothing of ours but itself"
	if below := storeys[here]; len(below) > 0 {
		may = "of ours only itself and " + strings.Join(below, ", ")
	}
	return fmt.Sprintf("%s may import %s", here, may)
}

func TestArrowsPointDown(t *testing.T) {
	files := 0
	eachFile(t, func(name string, src []byte) {
		files++
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		from := path.Dir(name)
		for _, spec := range f.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Errorf("%s: import %s: %v", name, spec.Path.Value, err)
				continue
			}
			if rule := broken(from, to, strings.HasSuffix(name, "_test.go")); rule != "" {
				t.Errorf("%s imports %s: %s", name, to, rule)
			}
		}
		pkg := strings.TrimSuffix(f.Name.Name, "_test")
		if slices.Contains(vagueNames, pkg) || slices.Contains(vagueNames, path.Base(from)) {
			t.Errorf("%s: package %s: a package is named for what it does, never %s", name, pkg, strings.Join(vagueNames, ", "))
		}
	})
	if files < 10 {
		t.Errorf("only %d files were read: the walk does not see the tree", files)
	}
}

func TestFilesStayShort(t *testing.T) {
	eachFile(t, func(name string, src []byte) {
		if n := bytes.Count(src, []byte("\n")); n > maxLines && !strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s has %d lines: split it by job below %d", name, n, maxLines)
		}
	})
}

func TestRulesBite(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"spec/csaf", "tocsin/spec/tlp", true},
		{"spec/csaf", "encoding/json", true},
		{"spec/csaf", "github.com/pandatix/go-cvss/40", true},
		{"spec/csaf", "os", false},
		{"spec/csaf", "tocsin/internal/kernel/errs", false},
		{"internal/kernel/db/dbtest", "tocsin/internal/kernel/db", true},
		{"internal/kernel/db", "tocsin/internal/alliance/people", false},
		{"internal/alliance/people", "tocsin/internal/kernel/ledger", true},
		{"internal/alliance/people", "tocsin/internal/response/casework", false},
		{"internal/response/advisory", "tocsin/internal/response/casework", true},
		{"internal/response/advisory", "tocsin/internal/exchange/delivery", false},
		{"internal/exchange/delivery", "tocsin/internal/commons/forum", false},
		{"internal/commons/forum", "tocsin/internal/edge/portal", false},
		{"internal/edge/portal", "tocsin/internal/response/casework", true},
		{"internal/edge/portal", "tocsin/internal/edge/ui", true},
		{"internal/edge/portal", "tocsin/internal/app", false},
		{"internal/app", "tocsin/internal/edge/portal", true},
		{"cmd/tocsin", "tocsin/internal/app", true},
		{"cmd/tocsin", "tocsin/client", true},
		{"cmd/tocsin", "tocsin/internal/response/casework", false},
		{"client", "tocsin/spec/csaf", true},
		{"client", "net/http", true},
		{"client", "tocsin/internal/kernel/errs", false},
		{"client", "github.com/jackc/pgx/v5", false},
		{"internal/attic", "fmt", false},
		{"internal/app", "tocsin/internal/attic", false},
	} {
		if rule := broken(c.from, c.to, false); (rule == "") != c.ok {
			t.Errorf("%s imports %s: %q, want allowed = %v", c.from, c.to, rule, c.ok)
		}
	}
}

// eachFile visits the Go files of this module with their path below its root.
// The module in test/ stands outside the house.
func eachFile(t *testing.T, visit func(name string, src []byte)) {
	t.Helper()
	root := ".."
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			base := e.Name()
			_, nested := os.Stat(filepath.Join(file, "go.mod"))
			if file != root && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules" || base == "tocsin-data" || nested == nil) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(file) != ".go" {
			return nil
		}
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(name), src)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
