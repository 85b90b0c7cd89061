// Package sealed holds a sealed ballot against every reader: two alliances
// that differ in nothing but what was voted must look the same through every
// door, in the database, in a backup and in the log, until the close; and
// afterwards in all but the count.
package sealed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/app"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/spec/ballot"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// word stands in every reason, and nowhere else.
const word = "xyzzy"

// cast are the people: executives and a substitute, a coordinator, an
// operator without another office, a member without a seat.
var cast = []string{"exec0", "exec1", "exec2", "exec3", "sub0", "cora", "oli", "otto"}

// world is an alliance with one open sealed ballot, served in process.
type world struct {
	*testing.T
	cfg      app.Config
	house    *gate.House
	clock    *clock.Fake
	handler  http.Handler
	log      *locked
	ids      map[string]string // of people, and of the first organization and seat
	sessions map[string]string
	tokens   map[string]string
	motion   board.Motion
}

type locked struct {
	sync.Mutex
	bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.Buffer.Write(p)
}

func (l *locked) String() string {
	l.Lock()
	defer l.Unlock()
	return l.Buffer.String()
}

func config(t *testing.T, dialect db.Dialect, c clock.Clock, log *slog.Logger) app.Config {
	conf := dbtest.Empty(t, dialect)
	data := t.TempDir()
	if conf.Dir != "" {
		data = conf.Dir
	}
	return app.Config{Data: data, DB: conf.URL, URL: "http://tocsin.example", Clock: c, Log: log}
}

func newWorld(t *testing.T, dialect db.Dialect) *world {
	t.Helper()
	w := &world{T: t, clock: clock.NewFake(dbtest.Start), log: &locked{}, ids: map[string]string{}, sessions: map[string]string{}, tokens: map[string]string{}}
	w.cfg = config(t, dialect, w.clock, slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	var err error
	if w.house, err = app.Open(t.Context(), w.cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.house.DB.Close() })
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "tocsin_up 1") })
	if w.handler, err = app.Handler(w.house, metrics); err != nil {
		t.Fatal(err)
	}
	w.do(func(tx *db.Tx) error {
		_, err := charter.Found(tx, w.house.Sealer, charter.Charter{Name: "Quiet Alliance", Namespace: "https://alliance.example", Email: "psirt@alliance.example", URL: w.house.URL})
		return err
	})
	w.do(w.furnish)
	for _, name := range cast {
		w.do(func(tx *db.Tx) error {
			e, err := people.Open(tx, w.ids[name], "demo", people.Where{Agent: "test", Address: "192.0.2.1"})
			if err != nil {
				return err
			}
			w.sessions[name] = e.Secret
			w.tokens[name], _, err = people.IssueToken(tx, audience.Actor{}, w.ids[name], "test", charter.Scopes, 60*24*time.Hour)
			return err
		})
	}
	return w
}

func (w *world) furnish(tx *db.Tx) error {
	first, err := people.First(tx, "cora@alliance.example", "Cora")
	if err != nil {
		return err
	}
	w.ids["cora"] = first.ID
	cora, err := people.ActorOf(tx, first.ID)
	if err != nil {
		return err
	}
	add := func(name string) {
		if err == nil {
			var p people.Person
			p, err = people.Add(tx, cora, name+"@alliance.example", name)
			w.ids[name] = p.ID
		}
	}
	for _, name := range cast {
		if name != "cora" {
			add(name)
		}
	}
	if err != nil {
		return err
	}
	if err := people.GrantRole(tx, cora, w.ids["oli"], charter.Operator); err != nil {
		return err
	}
	for i := range 4 {
		o, err := orgs.Create(tx, cora, orgs.Org{Name: fmt.Sprintf("Member %d", i), Class: orgs.Vendor, Listed: true})
		if err != nil {
			return err
		}
		seat := board.Seat{Org: o.ID, Person: w.ids[fmt.Sprint("exec", i)]}
		if _, err = orgs.Join(tx, cora, o.ID, seat.Person, orgs.Admin); err == nil && i == 0 {
			seat.Substitute = w.ids["sub0"]
			_, err = orgs.Join(tx, cora, o.ID, seat.Substitute, orgs.Responder)
		}
		if err != nil {
			return err
		}
		if seat, err = board.Appoint(tx, cora, seat); err != nil {
			return err
		}
		if i == 0 {
			w.ids["org"], w.ids["seat"] = o.ID, seat.ID
		}
	}
	m, err := board.Propose(tx, cora, board.Motion{Kind: board.Spend, Title: "Buy a bell", Text: "It shall ring.", Sealed: true, Deadline: tx.Now.Add(48 * time.Hour)})
	if err == nil {
		w.motion, err = board.Open(tx, cora, m.ID, m.Version)
	}
	return err
}

func (w *world) do(f func(tx *db.Tx) error) {
	w.Helper()
	if err := w.house.Write(context.Background(), f); err != nil {
		w.Fatal(err)
	}
}

// cutOff ends a stream once its first piece was sent.
type cutOff struct {
	*httptest.ResponseRecorder
	end func()
}

func (c *cutOff) Flush() { c.ResponseRecorder.Flush(); c.end() }

// ask sends one request as somebody, with a session or, to the API, a token.
func (w *world) ask(who, method, path, kind, body, key string) *httptest.ResponseRecorder {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.7:1234"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	switch {
	case who == "":
	case strings.HasPrefix(path, "/api/"), strings.HasPrefix(path, "/metrics"):
		r.Header.Set("Authorization", "Bearer "+w.tokens[who])
	default:
		r.AddCookie(w.house.Cookie(w.house.SessionCookie(), w.sessions[who], 0))
	}
	out := &cutOff{httptest.NewRecorder(), cancel}
	w.handler.ServeHTTP(out, r)
	return out.ResponseRecorder
}

func (w *world) must(status int, who, method, path, kind, body, key string) string {
	w.Helper()
	r := w.ask(who, method, path, kind, body, key)
	if r.Code != status {
		w.Fatalf("%s %s as %s: %d %s", method, path, who, r.Code, r.Body)
	}
	return r.Body.String()
}

// vote casts by the API with a key, twice, or by the portal's two taps.
func (w *world) vote(who string, c ballot.Choice, reason string, portal bool) string {
	w.Helper()
	if portal {
		path, kind := "/alliance/board/motions/"+w.motion.Number, "application/x-www-form-urlencoded"
		seat := regexp.MustCompile(`name="seat" value="([^"]+)"`).FindStringSubmatch(w.must(200, who, "GET", path, "", "", ""))
		form := url.Values{"choice": {string(c)}, "seat": {seat[1]}, "reason": {reason}}.Encode()
		w.must(200, who, "POST", path+"/paper", kind, form, "")
		r := w.ask(who, "POST", path+"/vote", kind, form, "")
		if r.Code != 303 {
			w.Fatalf("the vote by portal answers %d: %s", r.Code, r.Body)
		}
		return fmt.Sprint(r.Header()) + r.Body.String()
	}
	body, _ := json.Marshal(map[string]string{"choice": string(c), "reason": reason})
	path := "/api/v1/board/motions/" + w.motion.Number + "/vote"
	first := w.must(200, who, "POST", path, "application/json", string(body), "my key")
	if again := w.must(200, who, "POST", path, "application/json", string(body), "my key"); again != first {
		w.Errorf("a repeated vote is answered %s, at first %s", again, first)
	}
	return first
}

// aKey is the alliance's public key, of another length in each world where it
// stands in a page.
var aKey = regexp.MustCompile(`(?s)-----BEGIN PGP.*?-----END PGP[A-Z ]*-----|Content-Length:\[\d+\]`)

var chance = regexp.MustCompile(`[A-Za-z0-9+/_=-]{20,}`)

// plain is a text without what chance makes (ids, sums, salts) and without
// the order that ids give.
func plain(s string) string {
	parts := strings.FieldsFunc(aKey.ReplaceAllString(s, "KEY"), func(r rune) bool { return strings.ContainsRune("<>{}, \n", r) })
	for i, p := range parts {
		parts[i] = chance.ReplaceAllString(p, "~")
	}
	slices.Sort(parts)
	return strings.Join(parts, "\n")
}
