package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"tocsin/internal/kernel/db/dbtest"
)

// Binary is the path of the tocsin binary: the one TOCSIN_TEST_BINARY names,
// else one built once for this test binary.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var builtIn string // the folder to remove at the end

var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("TOCSIN_TEST_BINARY"); path != "" {
		_, err := os.Stat(path)
		return path, err
	}
	root, err := dbtest.Root()
	if err != nil {
		return "", err
	}
	if builtIn, err = os.MkdirTemp("", "tocsin-bin-"); err != nil {
		return "", err
	}
	path := filepath.Join(builtIn, "tocsin")
	return path, Build(root, path)
})

// Build compiles the product of the checkout at root into the file path.
func Build(root, path string) error {
	cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", path, "./cmd/tocsin")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build tocsin: %w\n%s", err, out)
	}
	return nil
}

// Main is the TestMain of a package of scenarios: it ends what the package's
// tests share.
func Main(m *testing.M) {
	code := m.Run()
	closeBrowser()
	if builtIn != "" {
		os.RemoveAll(builtIn)
	}
	dbtest.Exit(code)
}
