// Package csaf_test tries the product's CSAF side with programs of others:
// the checker and the downloader that consumers run, and an independent
// validator.
package csaf_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// errorType is the type of a checker's message that says that a requirement
// is not met.
const errorType = 2

// report is what the checker says of one provider.
type report struct {
	Domains []struct {
		Role         string `json:"role"`
		Passed       bool   `json:"passed"`
		Requirements []struct {
			Num         int    `json:"num"`
			Description string `json:"description"`
			Messages    []struct {
				Type int    `json:"type"`
				Text string `json:"text"`
			} `json:"messages"`
		} `json:"requirements"`
	} `json:"domains"`
}

// runTool runs a command of this module's tool list, trusting the authority
// in the file ca.
func runTool(t *testing.T, ca, name string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", append([]string{"tool", name}, args...)...)
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+ca, "NO_PROXY=127.0.0.1")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, errOut.String())
	}
	return out.Bytes()
}

func metadataURL(base string) string { return base + "/.well-known/csaf/provider-metadata.json" }

// check runs the checker, whose exit code says nothing, and reads its report:
// every requirement of a trusted provider is looked at and none is broken.
func check(t *testing.T, base, ca string, header ...string) {
	t.Helper()
	var args []string
	for _, h := range header {
		args = append(args, "-H", h)
	}
	var r report
	out := runTool(t, ca, "csaf_checker", append(args, metadataURL(base))...)
	if err := json.Unmarshal(out, &r); err != nil || len(r.Domains) != 1 {
		t.Fatalf("the checker's report cannot be read: %v\n%s", err, out)
	}
	d := r.Domains[0]
	if d.Role != "csaf_trusted_provider" || !d.Passed || len(d.Requirements) != 20 {
		t.Errorf("role %q, passed %v, %d requirements", d.Role, d.Passed, len(d.Requirements))
	}
	for _, req := range d.Requirements {
		if len(req.Messages) == 0 {
			t.Errorf("requirement %d (%s) was not looked at", req.Num, req.Description)
		}
		for _, m := range req.Messages {
			if m.Type == errorType {
				t.Errorf("requirement %d (%s): %s", req.Num, req.Description, m.Text)
			}
		}
	}
}

// download fetches everything, keeping only what has valid hashes and a valid
// signature, and gives the files of the documents.
func download(t *testing.T, base, ca string, header ...string) []string {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-d", dir, "--trusted_only", "--log_file", filepath.Join(dir, "log.txt")}
	for _, h := range header {
		args = append(args, "-H", h)
	}
	runTool(t, ca, "csaf_downloader", append(args, metadataURL(base))...)
	var files []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".json") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(dir, "log.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(log), "\n") {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "level=WARN") || strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, `"level":"WARN"`) {
			t.Errorf("the downloader complains: %s", line)
		}
	}
	return files
}

// validate asks the independent validator for the schema and every mandatory
// test.
func validate(t *testing.T, files ...string) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed; run test/prepare.sh")
	}
	if _, err := os.Stat(filepath.Join("..", "node_modules", "@secvisogram", "csaf-validator-lib")); err != nil {
		t.Skip("the npm packages are not installed; run test/prepare.sh")
	}
	out, err := exec.Command("node", append([]string{"validate.mjs"}, files...)...).Output()
	var result struct {
		Tests   int
		Failing map[string]json.RawMessage
	}
	if err != nil || json.Unmarshal(out, &result) != nil || result.Tests < 30 {
		t.Fatalf("the validator did not run: %v\n%s", err, out)
	}
	for file, bad := range result.Failing {
		t.Errorf("%s: %s", filepath.Base(file), bad)
	}
}
