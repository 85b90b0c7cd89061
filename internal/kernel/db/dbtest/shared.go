package dbtest

import (
	"os"
	"path/filepath"
	"testing"
)

// SharedData is the path of a file or folder of the real input that lies
// beside the checkout, in ../shared/data. Where it is absent the test is
// skipped and says so; the data is never copied into the repository.
func SharedData(t testing.TB, name string) string {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(filepath.Dir(root), "shared", "data", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("real input %s is not beside this checkout (looked for ../shared/data/%s)", name, name)
	}
	return path
}

// Root is the folder of the checkout: the nearest folder from the working
// directory upwards that has a go.mod of the product. The module in test/ is
// passed over.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		_, mod := os.Stat(filepath.Join(dir, "go.mod"))
		_, kernel := os.Stat(filepath.Join(dir, "internal", "kernel"))
		if mod == nil && kernel == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", os.ErrNotExist
		}
		dir = up
	}
}
