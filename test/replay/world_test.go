// Package replay_test lives through a whole case under a clock that is moved
// by hand: from a stranger's report to the update of a released advisory, with
// two hundred vendors, over the REST interface, on both databases.
package replay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/app"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// The vendors of the case, by the wave in which they are asked.
const (
	byComponent = 120 // members of a program that ship the component
	byName      = 60
	byMail      = 20 // not on the platform
)

// person is somebody with a token of all scopes.
type person struct {
	id, email, token string
}

// vendor is an organization with the person who answers for it.
type vendor struct {
	person
	org, name string
	party     string // participant id, once invited
}

// world is an alliance as its server serves it, but for the workers, whose
// work the test lets run when it moves the clock.
type world struct {
	*testing.T
	house       *gate.House
	clock       *clock.Fake
	url         string
	client      *http.Client
	cora, colin person // coordinators; Cora is operator too
	otto        person // a member without access to the case
	program     string
	vendors     []*vendor
	backup      person // of the first silent vendor

	mu    sync.Mutex
	mails []sentMail
}

type sentMail struct {
	address string
	at      time.Time
	outbox.Mail
}

// Send implements outbox.Sender: every mail leaves, and is kept.
func (w *world) Send(_ context.Context, it outbox.Item, handing func() error) error {
	if err := handing(); err != nil {
		return err
	}
	m := sentMail{address: it.Address, at: w.clock.Now()}
	if err := json.Unmarshal(it.Content, &m.Mail); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mails = append(w.mails, m)
	return nil
}

func newWorld(t *testing.T, dialect db.Dialect) *world {
	t.Helper()
	conf := dbtest.Migrated(t, dialect)
	w := &world{T: t, clock: clock.NewFake(dbtest.Start), client: &http.Client{Timeout: 10 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	data := conf.Dir
	if data == "" {
		data = t.TempDir()
	}
	var err error
	w.house, err = app.Open(t.Context(), app.Config{Data: data, DB: conf.URL, URL: "https://tocsin.example", Clock: w.clock, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.house.DB.Close() })
	handler, err := app.Handler(w.house, http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.found()
	return w
}

// found makes the alliance: coordinators, a program, and the members.
func (w *world) found() {
	w.Helper()
	w.write(func(tx *db.Tx) error {
		_, err := charter.Found(tx, w.house.Sealer, charter.Charter{Name: "Test Alliance", Namespace: "https://alliance.example", Email: "psirt@alliance.example", URL: w.house.URL})
		if err != nil {
			return err
		}
		_, err = people.First(tx, "cora@alliance.example", "Cora Lindqvist")
		return err
	})
	w.cora = w.known("cora@alliance.example")
	w.act(w.cora, func(tx *db.Tx, cora audience.Actor) error {
		for _, name := range []string{"colin", "otto"} {
			if _, err := people.Add(tx, cora, name+"@alliance.example", strings.ToUpper(name[:1])+name[1:]); err != nil {
				return err
			}
		}
		p, err := people.ByEmail(tx, "colin@alliance.example")
		if err != nil {
			return err
		}
		return people.GrantRole(tx, cora, p.ID, charter.Coordinator)
	})
	w.colin, w.otto = w.known("colin@alliance.example"), w.known("otto@alliance.example")
	w.act(w.cora, func(tx *db.Tx, cora audience.Actor) error {
		program, err := programs.Create(tx, cora, programs.Program{Name: "Product Security", TLP: tlp.Green})
		w.program = program.ID
		return err
	})
	for i := range byComponent + byName {
		w.act(w.cora, func(tx *db.Tx, cora audience.Actor) error { return w.member(tx, cora, i) })
	}
	for i, v := range w.vendors {
		v.person = w.known(fmt.Sprintf("psirt@vendor%03d.example", i))
	}
}

// member adds the ith organization; the first ones ship the component and are
// in the program.
func (w *world) member(tx *db.Tx, cora audience.Actor, i int) error {
	v := &vendor{name: fmt.Sprintf("Vendor %03d", i)}
	o, err := orgs.Create(tx, cora, orgs.Org{Name: v.name, Class: orgs.Vendor, Listed: true})
	if err != nil {
		return err
	}
	v.org = o.ID
	p, err := people.Add(tx, cora, fmt.Sprintf("psirt@vendor%03d.example", i), "Responder of "+v.name)
	if err != nil {
		return err
	}
	if _, err := orgs.Join(tx, cora, o.ID, p.ID, orgs.Responder); err != nil {
		return err
	}
	if i < byComponent {
		if _, err := orgs.Ship(tx, cora, o.ID, "libexample", ""); err != nil {
			return err
		}
		if err := programs.Join(tx, cora, w.program, o.ID); err != nil {
			return err
		}
	}
	w.vendors = append(w.vendors, v)
	return nil
}

// known is a person of an address, with a token for them.
func (w *world) known(email string) (p person) {
	w.Helper()
	p.email = email
	w.write(func(tx *db.Tx) error {
		found, err := people.ByEmail(tx, email)
		if err != nil {
			return err
		}
		p.id = found.ID
		p.token, _, err = people.IssueToken(tx, audience.Actor{}, found.ID, "test", charter.Scopes, 300*24*time.Hour)
		return err
	})
	return p
}

func (w *world) write(f func(*db.Tx) error) {
	w.Helper()
	if err := w.house.Write(context.Background(), f); err != nil {
		w.Fatal(err)
	}
}

func (w *world) read(f func(*db.Tx) error) {
	w.Helper()
	if err := w.house.Read(context.Background(), f); err != nil {
		w.Fatal(err)
	}
}

// act runs verbs as a person.
func (w *world) act(p person, f func(*db.Tx, audience.Actor) error) {
	w.Helper()
	w.write(func(tx *db.Tx) error {
		a, err := people.ActorOf(tx, p.id)
		if err != nil {
			return err
		}
		return f(tx, a)
	})
}

// wait moves the clock and lets the workers do what has become due.
func (w *world) wait(d time.Duration) {
	w.Helper()
	w.until(w.clock.Now().Add(d))
}

func (w *world) until(t time.Time) {
	w.Helper()
	w.clock.Set(t)
	w.round()
}

func (w *world) round() {
	w.Helper()
	if err := app.Round(w.Context(), w.house, w); err != nil {
		w.Fatal(err)
	}
}

// answer is a whole answer.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   object
}

type object = map[string]any

func (a answer) text(name string) string { s, _ := a.body[name].(string); return s }

// version is the entity tag, for the next change.
func (a answer) version() string { return a.header.Get("ETag") }

func (a answer) items() (out []object) {
	list, _ := a.body["items"].([]any)
	for _, x := range list {
		out = append(out, x.(object))
	}
	return out
}

// auth is an Authorization header's value.
func (p person) auth() string {
	if p.token == "" {
		return ""
	}
	return "Bearer " + p.token
}

// send sends one request; body is JSON, or a string as it is.
func (w *world) send(auth, method, path string, body any, more ...string) answer {
	w.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	ctx, cancel := context.WithTimeout(w.Context(), 10*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, w.url+path, in)
	if err != nil {
		w.Fatal(err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost && strings.HasPrefix(path, "/api/") {
		r.Header.Set("Idempotency-Key", id.Secret())
	}
	if auth != "" {
		r.Header.Set("Authorization", auth)
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	res, err := w.client.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		time.AfterFunc(200*time.Millisecond, cancel) // it does not end by itself
		a.raw, _ = io.ReadAll(res.Body)
		return a
	}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		w.Fatalf("%s %s: %v", method, path, err)
	}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(a.raw, &a.body); err != nil {
			w.Fatalf("%s %s answers %q: %v", method, path, a.raw, err)
		}
	}
	return a
}

// must is send to the REST interface as a person, that insists on a status.
func (w *world) must(status int, p person, method, path string, body any, more ...string) answer {
	w.Helper()
	return w.insist(status, p.auth(), method, "/api/v1"+path, body, more...)
}

func (w *world) insist(status int, auth, method, path string, body any, more ...string) answer {
	w.Helper()
	a := w.send(auth, method, path, body, more...)
	if a.status != status {
		w.Fatalf("%s %s: status %d, want %d: %.2000s", method, path, a.status, status, a.raw)
	}
	return a
}

// mailsTo are the mails that left for an address since an instant.
func (w *world) mailsTo(address string, since time.Time) (out []sentMail) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.mails {
		if m.address == address && !m.at.Before(since) {
			out = append(out, m)
		}
	}
	return out
}
