package kill

import (
	"errors"
	"io"
	"net"
	"net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// sink is a mail server that takes everything and counts what it took by
// Message-ID.
type sink struct {
	address string
	server  *smtp.Server

	mu    sync.Mutex
	taken map[string]int
	to    map[string]int
}

// openSink serves on an address, or on a free one where it is "". It ends
// with the test.
func openSink(t testing.TB, address string) *sink {
	t.Helper()
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{address: l.Addr().String(), taken: map[string]int{}, to: map[string]int{}}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &line{sink: s}, nil }))
	s.server.Domain = "sink.example"
	s.server.ReadTimeout, s.server.WriteTimeout = time.Minute, time.Minute
	s.server.ErrorLog = silence{}
	done := make(chan struct{})
	go func() { s.server.Serve(l); close(done) }()
	t.Cleanup(func() { s.server.Close(); <-done })
	return s
}

// times is how often each Message-ID was taken.
func (s *sink) times() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]int{}
	for id, n := range s.taken {
		out[id] = n
	}
	return out
}

func (s *sink) reached(address string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to[address]
}

// silence drops what the server says of lines that a kill cut.
type silence struct{}

func (silence) Printf(string, ...any) {}
func (silence) Println(...any)        {}

// line is one conversation with the sink.
type line struct {
	sink *sink
	rcpt string
}

func (l *line) Reset()                                    { l.rcpt = "" }
func (l *line) Logout() error                             { return nil }
func (l *line) Mail(string, *smtp.MailOptions) error      { return nil }
func (l *line) Rcpt(to string, _ *smtp.RcptOptions) error { l.rcpt = to; return nil }

// Data counts a mail once the final dot has come, as a real server takes
// responsibility then.
func (l *line) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err
	}
	id := m.Header.Get("Message-Id")
	if id == "" {
		return errors.New("a mail without Message-ID")
	}
	l.sink.mu.Lock()
	defer l.sink.mu.Unlock()
	l.sink.taken[id]++
	l.sink.to[l.rcpt]++
	return nil
}
