// Package cli_test drives the command line as people and scripts do.
package cli_test

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tocsin/test/harness"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { harness.Main(m) }

// TestScripts runs each script of the folder against a server of its own.
func TestScripts(t *testing.T) {
	dir := filepath.Dir(harness.Binary(t))
	testscript.Run(t, testscript.Params{
		Dir: "script",
		Setup: func(env *testscript.Env) error {
			env.Values["testing"] = t
			env.Setenv("PATH", dir+string(filepath.ListSeparator)+env.Getenv("PATH"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"server": startServer, "keep": keep, "status": status, "object": object, "zip": readZIP, "glob": glob},
	})
}

// startServer founds an alliance and serves it; the script's commands find
// it, and Cora's token, in their environment.
func startServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: server")
	}
	t := ts.Value("testing").(testing.TB)
	s := harness.Prepare(t, harness.Options{})
	s.Tocsin(t, "admin", "init", "--name", "Test Alliance", "--namespace", "https://alliance.example", "--email", "cora@alliance.example", "--person", "Cora")
	s.Start(t)
	for _, e := range s.Env() {
		if name, value, ok := strings.Cut(e, "="); ok && strings.HasPrefix(name, "TOCSIN_") {
			ts.Setenv(name, value)
		}
	}
	ts.Setenv("TOCSIN_SERVER", s.URL)
	ts.Setenv("TOCSIN_TOKEN", strings.TrimSpace(s.Tocsin(t, "admin", "token", "--person", "cora@alliance.example")))
}

// keep sets a variable to the first word of the last output that begins with
// a prefix: keep CASE TA-
func keep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: keep NAME PREFIX")
	}
	for _, word := range strings.Fields(ts.ReadFile("stdout")) {
		if word = strings.Trim(word, `",:`); strings.HasPrefix(word, args[1]) {
			ts.Setenv(args[0], word)
			return
		}
	}
	ts.Fatalf("the last output has no word that begins with %s", args[1])
}

// status runs a command and insists on its exit code: status 2 tocsin …
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE COMMAND...")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("run %s: %v", args[1], err)
		}
		code = exit.ExitCode()
	}
	if args[0] != strconv.Itoa(code) {
		ts.Fatalf("%s ended with %d, want %s", strings.Join(args[1:], " "), code, args[0])
	}
}

// object runs a command that ends well and writes exactly one JSON object, with
// some members, to standard output: object link,expires_at tocsin …
func object(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: object MEMBER,... COMMAND...")
	}
	ts.Check(ts.Exec(args[1], args[2:]...))
	out := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	var got map[string]json.RawMessage
	ts.Check(out.Decode(&got))
	for _, name := range strings.Split(args[0], ",") {
		if v := string(got[name]); v == "" || v == `""` || v == "null" {
			ts.Fatalf("the object has no %s", name)
		}
	}
	if _, err := out.Token(); !errors.Is(err, io.EOF) {
		ts.Fatalf("something follows the object: %v", err)
	}
}

// readZIP insists that a ZIP is whole and holds some parts: zip FILE PART...
func readZIP(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: zip FILE PART...")
	}
	z, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer z.Close()
	held := map[string]bool{}
	for _, f := range z.File {
		r, err := f.Open()
		ts.Check(err)
		_, err = io.Copy(io.Discard, r) // to its checksum
		ts.Check(err)
		held[f.Name] = true
	}
	for _, part := range args[1:] {
		if !held[part] {
			ts.Fatalf("%s does not hold %s", args[0], part)
		}
	}
}

// glob insists that a pattern names a file, or none: ! glob .part-*
func glob(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] glob PATTERN")
	}
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if neg != (len(found) == 0) {
		ts.Fatalf("%s names %q", args[0], found)
	}
}
