// Command suite runs every test of the product and of this module against one
// PostgreSQL server and one build of tocsin, and ends with the count:
//
//	12 passed, 0 failed, 1 skipped
//
// With -bench it runs the benchmarks instead, with -fuzz every fuzz target for
// that long. It exits with 1 when anything failed. It is what `make test`
// calls, from the folder test/.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"tocsin/internal/kernel/db/dbtest"
	"tocsin/test/harness"
)

type suite struct {
	root    string
	env     []string
	args    []string // flags of go test in every mode
	race    bool
	modules []string
}

func main() {
	bench := flag.Bool("bench", false, "run the benchmarks instead of the tests")
	fuzz := flag.Duration("fuzz", 0, "run each fuzz target for this long instead of the tests")
	parallel := flag.Int("p", 2, "packages tested at once")
	limit := flag.Duration("timeout", 40*time.Minute, "limit for one package")
	run := flag.String("run", "", "only tests that match")
	flag.Parse()

	code, err := start(*bench, *fuzz, *parallel, *limit, *run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func start(bench bool, fuzz time.Duration, parallel int, limit time.Duration, run string) (int, error) {
	// go test hears the interrupt as well and ends by itself; what was started
	// here is stopped afterwards.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	s := &suite{env: os.Environ(), args: []string{fmt.Sprintf("-p=%d", parallel), "-timeout=" + limit.String()}}
	var err error
	if s.root, err = dbtest.Root(); err != nil {
		return 1, err
	}
	s.modules = []string{s.root, filepath.Join(s.root, "test")}
	if run != "" {
		s.args = append(s.args, "-run="+run)
	}
	end, err := s.prepare()
	defer end()
	if err != nil {
		fmt.Println(err)
		count := newCount(os.Stdout)
		count.failed = 1
		count.closing()
		return 1, nil
	}
	switch {
	case fuzz > 0:
		return s.fuzz(ctx, fuzz)
	case bench:
		return s.bench(ctx)
	}
	return s.test(ctx)
}

// prepare starts the one PostgreSQL server and builds the one binary.
func (s *suite) prepare() (end func(), err error) {
	end = func() {}
	if os.Getenv("TOCSIN_TEST_POSTGRES") == "" && os.Getenv("TOCSIN_TEST_NO_POSTGRES") != "1" {
		server, err := dbtest.StartServer()
		if err != nil {
			return end, err
		}
		end = server.Stop
		s.env = append(s.env, "TOCSIN_TEST_POSTGRES="+server.URL)
	}
	if os.Getenv("TOCSIN_TEST_BINARY") == "" {
		dir, err := os.MkdirTemp("", "tocsin-suite-")
		if err != nil {
			return end, err
		}
		stop := end
		end = func() { stop(); os.RemoveAll(dir) }
		binary := filepath.Join(dir, "tocsin")
		if err := harness.Build(s.root, binary); err != nil {
			return end, err
		}
		s.env = append(s.env, "TOCSIN_TEST_BINARY="+binary)
	}
	s.race = s.canRace()
	return end, nil
}

// canRace reports whether the race detector works here: on most systems it is
// linked by a C compiler.
func (s *suite) canRace() bool {
	out, err := exec.Command("go", "env", "CGO_ENABLED", "CC").Output()
	if err != nil {
		return false
	}
	words := strings.Fields(string(out))
	if len(words) < 2 || words[0] != "1" {
		return false
	}
	_, err = exec.LookPath(words[1])
	return err == nil
}

func (s *suite) test(ctx context.Context) (int, error) {
	plain := append([]string{"test", "-json", "-count=1"}, s.args...)
	if !s.race {
		fmt.Println("The race detector is off: it needs a C compiler (apt-get install gcc libc6-dev).")
	}
	var vetted error
	count := newCount(os.Stdout)
	for _, dir := range s.modules {
		if err := s.goIn(ctx, dir, "vet", "./..."); err != nil {
			vetted = fmt.Errorf("go vet has findings in %s", dir)
			count.failed++
		}
		args := append(slices.Clone(plain), "./...")
		if s.race && dir == s.root {
			// The scenarios of the other module live through weeks and would
			// take hours under the detector; what they run is tested here.
			args = append(slices.Clone(plain), "-race", "./...")
		}
		if err := s.count(ctx, dir, count, args); err != nil && count.failed == 0 {
			// go test failed and no event says why.
			fmt.Println(err)
			count.failed++
		}
	}
	if s.race {
		// Ten thousand random worlds take too long under the race detector.
		many := append(slices.Clone(plain), "-run=TestRuleAndConditionAgree", "./internal/kernel/audience")
		if err := s.count(ctx, s.root, count, many); err != nil && count.failed == 0 {
			fmt.Println(err)
			count.failed++
		}
	}
	if ctx.Err() != nil {
		fmt.Println("Interrupted: the count is of what ran.")
		count.failed++
	}
	count.closing()
	if count.failed > 0 {
		return 1, vetted
	}
	return 0, nil
}

func (s *suite) count(ctx context.Context, dir string, c *count, args []string) error {
	return s.read(ctx, dir, c.read, args)
}

// read runs a go command and gives what it prints to f.
func (s *suite) read(ctx context.Context, dir string, f func(io.Reader) error, args []string) error {
	cmd := s.command(ctx, dir, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	return errors.Join(f(out), cmd.Wait())
}

func (s *suite) bench(ctx context.Context) (int, error) {
	code := 0
	t := &table{out: os.Stdout}
	for _, dir := range s.modules {
		args := append([]string{"test", "-count=1", "-bench=.", "-benchmem"}, s.args...)
		// One package at a time, else they measure one another.
		args = append(args, "-run=^$", "-p=1", "./...")
		if err := s.read(ctx, dir, t.read, args); err != nil {
			code = 1
		}
	}
	t.closing()
	return code, nil
}

func (s *suite) goIn(ctx context.Context, dir string, args ...string) error {
	cmd := s.command(ctx, dir, args...)
	cmd.Stdout = os.Stdout
	return cmd.Run()
}

// command is a go command whose tests get time to clean up when it is
// interrupted.
func (s *suite) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, s.env, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}
