package kill

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// gap is a line between the server and what it depends on that can be cut.
type gap struct {
	address string // what to connect to
	to      string

	mu    sync.Mutex
	down  bool
	lines map[net.Conn]bool
}

// openGap listens in front of the address to. It ends with the test.
func openGap(t testing.TB, to string) *gap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gap{address: l.Addr().String(), to: to, lines: map[net.Conn]bool{}}
	t.Cleanup(func() { l.Close(); g.cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go g.carry(c)
		}
	}()
	return g
}

func (g *gap) carry(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", g.to)
	if err != nil {
		return
	}
	defer out.Close()
	if !g.keep(in, out) {
		return
	}
	go func() { io.Copy(out, in); out.Close() }()
	io.Copy(in, out)
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.lines, in)
	delete(g.lines, out)
}

func (g *gap) keep(lines ...net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range lines {
		g.lines[c] = true
	}
	return !g.down
}

// cut breaks every line and refuses new ones.
func (g *gap) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.down = true
	for c := range g.lines {
		c.Close()
	}
	g.lines = map[net.Conn]bool{}
}

// mend lets lines through again.
func (g *gap) mend() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.down = false
}

// through is a database address that leads over the gap.
func through(t testing.TB, database string) (*gap, string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	g := openGap(t, u.Host)
	u.Host = g.address
	return g, u.String()
}
