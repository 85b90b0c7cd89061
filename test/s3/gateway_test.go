// Package s3_test tries the file store on an S3 server of others, by itself
// and under the real binary.
package s3_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tocsin/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

const (
	server = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
	bucket = "tocsin-files"
)

// install builds the S3 server, unless it was built before. It stays out of this module's list of
// tools, whose versions of shared libraries it would raise.
var install = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "tocsin-test")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "install", server)
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", &exec.Error{Name: "go install " + server + "\n" + string(out), Err: err}
	}
	return filepath.Join(dir, "versitygw"), nil
})

// gateway starts an S3 server with one empty bucket and returns the bucket's
// TOCSIN_BLOBS.
func gateway(t *testing.T) string {
	t.Helper()
	binary, err := install()
	if err != nil {
		t.Fatal(err)
	}
	root, meta := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(root, bucket), 0o755); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary, "--port", address, "--quiet", "posix", "--sidecar", meta, root)
	cmd.Env = []string{"ROOT_ACCESS_KEY=tester", "ROOT_SECRET_KEY=not-a-secret", "HOME=" + root, "PATH=" + os.Getenv("PATH")}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); cmd.Wait() })
	for limit := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
			break
		}
		if time.Now().After(limit) {
			t.Fatal("the S3 server does not listen")
		}
	}
	return "s3://tester:not-a-secret@" + address + "/" + bucket + "?insecure=1&region=us-east-1"
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
