// Package stage is an alliance's server under a clock that is moved by hand:
// a test plays on it over the REST interface, and the workers run when it says
// so.
package stage

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/app"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/outbox"
)

// Person is somebody with a token of all scopes.
type Person struct {
	ID, Email, Token string
}

// Auth is an Authorization header's value; "" for nobody.
func (p Person) Auth() string {
	if p.Token == "" {
		return ""
	}
	return "Bearer " + p.Token
}

// Stage is the server, but for its workers: Round does their work.
type Stage struct {
	*testing.T
	House *gate.House
	Clock *clock.Fake
	URL   string

	client *http.Client
	mu     sync.Mutex
	mails  []Mail
}

// Mail is one that left.
type Mail struct {
	To string
	At time.Time
	outbox.Mail
}

// New serves an alliance that has been founded, with cora@alliance.example as
// its coordinator and operator.
func New(t *testing.T, dialect db.Dialect) *Stage {
	t.Helper()
	conf := dbtest.Migrated(t, dialect)
	s := &Stage{T: t, Clock: clock.NewFake(dbtest.Start), client: &http.Client{Timeout: 10 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	data := conf.Dir
	if data == "" {
		data = t.TempDir()
	}
	var err error
	s.House, err = app.Open(t.Context(), app.Config{Data: data, DB: conf.URL, URL: "https://tocsin.example", Clock: s.Clock, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.House.DB.Close() })
	handler, err := app.Handler(s.House, http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	s.URL = srv.URL
	s.Write(func(tx *db.Tx) error {
		_, err := charter.Found(tx, s.House.Sealer, charter.Charter{Name: "Test Alliance", Namespace: "https://alliance.example", Email: "psirt@alliance.example", URL: s.House.URL})
		if err != nil {
			return err
		}
		_, err = people.First(tx, "cora@alliance.example", "Cora Lindqvist")
		return err
	})
	return s
}

// Send implements outbox.Sender: every mail leaves, and is kept.
func (s *Stage) Send(_ context.Context, it outbox.Item, handing func() error) error {
	if err := handing(); err != nil {
		return err
	}
	m := Mail{To: it.Address, At: s.Clock.Now()}
	if err := json.Unmarshal(it.Content, &m.Mail); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
	return nil
}

// Mails are those that left so far.
func (s *Stage) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Known is a person of an address, with a token for them.
func (s *Stage) Known(email string) (p Person) {
	s.Helper()
	p.Email = email
	s.Write(func(tx *db.Tx) error {
		found, err := people.ByEmail(tx, email)
		if err != nil {
			return err
		}
		p.ID = found.ID
		p.Token, _, err = people.IssueToken(tx, audience.Actor{}, found.ID, "test", charter.Scopes, 300*24*time.Hour)
		return err
	})
	return p
}

// Write runs a transaction that writes.
func (s *Stage) Write(f func(*db.Tx) error) {
	s.Helper()
	if err := s.House.Write(context.Background(), f); err != nil {
		s.Fatal(err)
	}
}

// Read runs a transaction that reads.
func (s *Stage) Read(f func(*db.Tx) error) {
	s.Helper()
	if err := s.House.Read(context.Background(), f); err != nil {
		s.Fatal(err)
	}
}

// Act runs verbs as a person.
func (s *Stage) Act(p Person, f func(*db.Tx, audience.Actor) error) {
	s.Helper()
	s.Write(func(tx *db.Tx) error {
		a, err := people.ActorOf(tx, p.ID)
		if err != nil {
			return err
		}
		return f(tx, a)
	})
}

// Wait moves the clock and lets the workers do what has become due.
func (s *Stage) Wait(d time.Duration) {
	s.Helper()
	s.Until(s.Clock.Now().Add(d))
}

// Until is Wait for an instant.
func (s *Stage) Until(t time.Time) {
	s.Helper()
	s.Clock.Set(t)
	s.Round()
}

// Round lets the workers do what is due now.
func (s *Stage) Round() {
	s.Helper()
	if err := app.Round(s.Context(), s.House, s); err != nil {
		s.Fatal(err)
	}
}
