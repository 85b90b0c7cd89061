package dbtest_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/db/dbtest"
)

// startOwn starts a server, or skips where there is none to start.
func startOwn(t *testing.T) *dbtest.Server {
	t.Helper()
	if os.Getenv("TOCSIN_TEST_NO_POSTGRES") == "1" {
		t.Skip("TOCSIN_TEST_NO_POSTGRES=1: PostgreSQL is left out")
	}
	s, err := dbtest.StartServer()
	if errors.Is(err, dbtest.ErrNoPostgres) && os.Getenv("TOCSIN_TEST_POSTGRES") != "" {
		t.Skip("only a server elsewhere, which TOCSIN_TEST_POSTGRES names")
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func answers(t *testing.T, address string) bool {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.DialTimeout("tcp", u.Host, time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func TestStopLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", shortTemp(t))
	s := startOwn(t)
	if !answers(t, s.URL) {
		t.Error("the server does not answer")
	}
	s.Stop()
	if answers(t, s.URL) {
		t.Error("the server answers after Stop")
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) > 0 {
		t.Errorf("files left behind: %v", left)
	}
}

// A process that is killed in the middle takes its server along.
func TestCrashLeavesNothing(t *testing.T) {
	if os.Getenv("TOCSIN_TEST_CRASH") != "" {
		s := startOwn(t)
		fmt.Println("serving " + s.URL)
		select {}
	}
	dir := shortTemp(t)
	c := exec.Command(os.Args[0], "-test.run=^TestCrashLeavesNothing$", "-test.v")
	c.Env = append(os.Environ(), "TOCSIN_TEST_CRASH=1", "TMPDIR="+dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	address := ""
	for lines := bufio.NewScanner(out); address == "" && lines.Scan(); {
		if strings.Contains(lines.Text(), "SKIP") {
			t.Skip("no server to start here")
		}
		address, _ = strings.CutPrefix(lines.Text(), "serving ")
		if !strings.HasPrefix(address, "postgres://") {
			address = ""
		}
	}
	if address == "" || !answers(t, address) {
		t.Fatalf("the other process has no server (%q)", address)
	}
	c.Process.Kill()
	c.Wait()
	for range 100 {
		left, _ := filepath.Glob(filepath.Join(dir, "*"))
		if len(left) == 0 && !answers(t, address) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the server outlived the process that started it")
}

// shortTemp is a folder that user postgres may enter, unlike t.TempDir when
// we are root, and whose path is short enough for a socket.
func shortTemp(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "t")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRootIsTheProduct(t *testing.T) {
	root, err := dbtest.Root()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "internal", "kernel", "db", "dbtest", "server_test.go")); err != nil {
		t.Errorf("%s is not the checkout: %v", root, err)
	}
	t.Chdir(filepath.Join(root, "internal"))
	if again, err := dbtest.Root(); err != nil || again != root {
		t.Errorf("from a folder below: %s (%v), want %s", again, err, root)
	}
}

func TestSharedData(t *testing.T) {
	path := dbtest.SharedData(t, "certcc/cases.jsonl.gz")
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("%s: %v", path, err)
	}
}
