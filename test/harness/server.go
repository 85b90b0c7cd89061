// Package harness starts the real tocsin binary on a free port with a data
// directory of its own, and drives it as its users do: over HTTP, from the
// command line, and in Chromium.
package harness

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
)

// startLimit bounds how long a server may take until it is ready. It is far
// above the budget of half a second because the machine may be busy.
const startLimit = 60 * time.Second

// Options say how a server is started; the zero value is an empty instance
// on SQLite without TLS.
type Options struct {
	Dialect db.Dialect // empty: SQLite
	Demo    bool       // with the demo alliance
	TLS     string     // TOCSIN_TLS; empty: off
	Env     []string   // further NAME=value
	Args    []string   // further flags of serve
}

// Server is a running tocsin. Its data outlives Stop and Kill until the test
// ends, so that Start can be called again.
type Server struct {
	URL  string // base address without a slash at the end
	Data string // TOCSIN_DATA
	DB   string // TOCSIN_DB; empty on SQLite

	opts  Options
	port  string
	cmd   *exec.Cmd
	ended chan struct{}
	log   *lockedBuffer
}

// Start starts a server with empty data and waits until it is ready. It is
// stopped with the test; its log is shown if the test failed.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := Prepare(t, o)
	s.Start(t)
	return s
}

// Prepare gives a server its data directory, database and port without
// starting it, for commands that work on the data directory first.
func Prepare(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Dialect == "" {
		o.Dialect = db.SQLite
	}
	s := &Server{Data: t.TempDir(), opts: o, log: &lockedBuffer{}}
	if o.Dialect == db.Postgres {
		s.DB = dbtest.Empty(t, o.Dialect).URL
	}
	s.choosePort(t)
	t.Cleanup(func() {
		s.Stop(t)
		if t.Failed() {
			t.Logf("log of the server:\n%s", s.Log())
		}
	})
	return s
}

// choosePort takes a free port below those the system gives to outgoing
// connections: while a killed server is down, a client that tries again and
// again could otherwise be given its port.
func (s *Server) choosePort(t testing.TB) {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(20000 + rand.IntN(12000))
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			continue
		}
		l.Close()
		s.port = port
		break
	}
	if s.port == "" {
		t.Fatal("no free port between 20000 and 32000")
	}
	scheme := "http"
	if s.opts.TLS != "" && s.opts.TLS != "off" {
		scheme = "https"
	}
	s.URL = scheme + "://127.0.0.1:" + s.port
}

// Start starts the server on its data, after Prepare, Stop or Kill. The
// address stays the same.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	args := []string{"serve"}
	if s.opts.Demo {
		args = append(args, "--demo")
	}
	s.cmd = exec.Command(Binary(t), append(args, s.opts.Args...)...)
	s.cmd.Env = s.Env()
	s.cmd.Dir = s.Data
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = dieWithParent()
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start tocsin: %v", err)
	}
	s.ended = make(chan struct{})
	go func(c *exec.Cmd, ended chan struct{}) { c.Wait(); close(ended) }(s.cmd, s.ended)
	if err := s.ready(); err != nil {
		s.Kill()
		t.Fatalf("tocsin is not ready: %v\n%s", err, s.Log())
	}
}

// Env is the environment the server runs in, with no TOCSIN_ setting
// inherited from the caller.
func (s *Server) Env() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "TOCSIN_") {
			env = append(env, e)
		}
	}
	env = append(env, "TOCSIN_LISTEN=127.0.0.1:"+s.port, "TOCSIN_URL="+s.URL, "TOCSIN_DATA="+s.Data, "TOCSIN_DB="+s.DB, "TOCSIN_TLS="+s.opts.TLS)
	return append(env, s.opts.Env...)
}

// ready waits for /readyz. The certificate is not checked yet, because its CA
// is only now being written.
func (s *Server) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	c := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	last := errors.New("no answer")
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/readyz", nil)
		if err != nil {
			return err
		}
		res, err := c.Do(req)
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("/readyz answers %s", res.Status)
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-s.ended:
			return fmt.Errorf("it ended (%v)", s.cmd.ProcessState)
		case <-ctx.Done():
			return last
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Stop asks the server to end and waits for it. One that does not end within
// 20 seconds fails the test.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if !s.Running() {
		return
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
		if code := s.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("tocsin ended with %v after SIGTERM", s.cmd.ProcessState)
		}
	case <-time.After(20 * time.Second):
		t.Error("tocsin does not end within 20 s of SIGTERM")
		s.Kill()
	}
}

// Kill ends the server in the middle of whatever it does (kill -9).
func (s *Server) Kill() {
	if s.Running() {
		s.cmd.Process.Kill()
		<-s.ended
	}
}

// Running reports whether the process is alive.
func (s *Server) Running() bool {
	if s.ended == nil {
		return false
	}
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

// PID is the process id of the running server.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Log is all that the server has written so far, over all its starts.
func (s *Server) Log() string { return s.log.String() }

// Tocsin runs a command of the binary in the server's environment and gives
// its standard output. A command that fails fails the test.
func (s *Server) Tocsin(t testing.TB, args ...string) string {
	t.Helper()
	out, errOut, err := s.Try(t, args...)
	if err != nil {
		t.Fatalf("tocsin %s: %v\n%s", strings.Join(args, " "), err, errOut)
	}
	return out
}

// Try is Tocsin for a command that may fail.
func (s *Server) Try(t testing.TB, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, Binary(t), args...)
	cmd.Env = append(s.Env(), "TOCSIN_SERVER="+s.URL)
	cmd.Dir = s.Data
	cmd.SysProcAttr = dieWithParent()
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	return out.String(), errOut.String(), err
}

// CAFile is the certificate of the authority that TOCSIN_TLS=self made.
func (s *Server) CAFile() string { return filepath.Join(s.Data, "tls", "ca.pem") }

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
