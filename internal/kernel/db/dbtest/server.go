package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"syscall"
	"time"

	"tocsin/internal/kernel/id"

	"github.com/jackc/pgx/v5"
)

// ErrNoPostgres says what to install where no PostgreSQL server is found.
var ErrNoPostgres = errors.New(`PostgreSQL is not installed, and tests run on it as well as on SQLite.
Install it:   apt-get install postgresql      (Debian, Ubuntu)
              dnf install postgresql-server   (Fedora, RHEL)
              brew install postgresql@17      (macOS)
or set TOCSIN_TEST_POSTGRES to a superuser's postgres:// address,
or set TOCSIN_TEST_NO_POSTGRES=1 to skip these tests`)

// Server is a throw-away PostgreSQL server on a free port of 127.0.0.1.
type Server struct {
	URL   string // a superuser's address, database "postgres"
	dir   string
	leash io.Closer
	cmd   *exec.Cmd
	ended chan struct{}
}

// The shell holds the server on a leash: the pipe on its standard input
// closes when Stop is called or when the process that started it dies, in
// whatever way, and then server and files are removed.
const leash = `"$1"/postgres -D "$2"/data >>"$2"/log 2>&1 </dev/null & server=$!
read -r _ || :
kill -QUIT $server 2>/dev/null
wait $server
cd / && rm -rf "$2"`

// StartServer makes a cluster in a temporary folder and serves it. Nothing
// survives the process that called it. As root it runs as user postgres,
// because the server refuses root.
func StartServer() (*Server, error) {
	bin, err := serverBinaries()
	if err != nil {
		return nil, err
	}
	as, err := serverUser()
	if err != nil {
		return nil, err
	}
	var failures error
	// The free port may be taken between finding it and binding it.
	for range 3 {
		s, err := startServer(bin, as)
		if err == nil {
			return s, nil
		}
		failures = errors.Join(failures, err)
	}
	return nil, failures
}

func startServer(bin string, as *syscall.Credential) (*Server, error) {
	dir, err := os.MkdirTemp("", "tocsin-pg-")
	if err != nil {
		return nil, err
	}
	password := id.Secret()
	port, err := freePort()
	if err == nil {
		err = initCluster(bin, dir, port, password, as)
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	cmd := exec.Command("/bin/sh", "-c", leash, "tocsin-postgres", bin, dir)
	cmd.Dir = dir
	// Its own group, so that an interrupt at the terminal reaches the tests
	// first and the server ends when they have.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: as}
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	s := &Server{dir: dir, leash: in, cmd: cmd, ended: make(chan struct{})}
	go func() { cmd.Wait(); close(s.ended) }()
	s.URL = (&url.URL{Scheme: "postgres", User: url.UserPassword("postgres", password), Host: net.JoinHostPort("127.0.0.1", port), Path: "/postgres", RawQuery: "sslmode=disable"}).String()
	if err := s.wait(20 * time.Second); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		s.Stop()
		return nil, fmt.Errorf("PostgreSQL does not come up: %w\n%s", err, log)
	}
	return s, nil
}

// Stop ends the server at once and removes its files.
func (s *Server) Stop() {
	s.leash.Close()
	select {
	case <-s.ended:
	case <-time.After(10 * time.Second):
		syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		os.RemoveAll(s.dir)
	}
}

func (s *Server) wait(limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, s.URL)
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return err
		case <-s.ended:
			return err
		case <-time.After(30 * time.Millisecond):
		}
	}
}

// initCluster makes the cluster. What a test writes need not outlive a power
// cut, so nothing waits for the disk.
func initCluster(bin, dir, port, password string, as *syscall.Credential) error {
	data := filepath.Join(dir, "data")
	pwfile := filepath.Join(dir, "password")
	if err := os.WriteFile(pwfile, []byte(password), 0o600); err != nil {
		return err
	}
	if as != nil {
		for _, path := range []string{dir, pwfile} {
			if err := os.Chown(path, int(as.Uid), int(as.Gid)); err != nil {
				return err
			}
		}
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "--pwfile="+pwfile, "--auth=scram-sha-256", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
	initdb.Dir = dir
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	conf, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer conf.Close()
	_, err = fmt.Fprintf(conf, `
listen_addresses = '127.0.0.1'
port = %s
unix_socket_directories = '%s'
fsync = off
full_page_writes = off
synchronous_commit = off
shared_buffers = 32MB
max_connections = 200
autovacuum = off
`, port, dir)
	return err
}

// serverBinaries is the folder that holds initdb and postgres: the newest one
// of the distribution's, else the one on the PATH.
func serverBinaries() (string, error) {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	sort.Slice(dirs, func(i, j int) bool { return majorOf(dirs[i]) > majorOf(dirs[j]) })
	dirs = append(dirs, "/usr/pgsql/bin")
	if p, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(p))
	}
	for _, dir := range dirs {
		_, server := os.Stat(filepath.Join(dir, "postgres"))
		_, initdb := os.Stat(filepath.Join(dir, "initdb"))
		if server == nil && initdb == nil {
			return dir, nil
		}
	}
	return "", ErrNoPostgres
}

func majorOf(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

// serverUser is nobody in particular, or user postgres when we are root.
func serverUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root, and there is no user postgres to run it as: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
