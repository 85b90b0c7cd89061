package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/api"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is an alliance served over HTTP: Cora runs it, Vera and Willem sit
// for competing vendors, Otto for a third organization, each with a token of
// all scopes.
type world struct {
	*testing.T
	house                    *gate.House
	clock                    *clock.Fake
	url                      string
	cora, vera, willem, otto string // tokens
	coraID, veraID, willemID string
	vexel, wharf, outer      string // organizations
}

// each runs a test on both databases.
func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) { f(newWorld(t, d, c)) })
}

func newWorld(t *testing.T, d *db.DB, c *clock.Fake) *world {
	t.Helper()
	s, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.OpenDir(t.TempDir(), s)
	if err != nil {
		t.Fatal(err)
	}
	h := &gate.House{DB: d, Sealer: s, Box: outbox.New(s), Blobs: blobs, Log: slog.New(slog.DiscardHandler), URL: "http://127.0.0.1:8420"}
	w := &world{T: t, house: h, clock: c}
	w.write(func(tx *db.Tx) error {
		_, err := charter.Found(tx, s, charter.Charter{Name: "Test Alliance", Namespace: "https://alliance.example", Email: "psirt@alliance.example", URL: h.URL})
		return err
	})
	w.write(func(tx *db.Tx) error {
		p, err := people.First(tx, "cora@alliance.example", "Cora")
		w.coraID = p.ID
		return err
	})
	w.vexel, w.veraID = w.member("Vexel Systems", "vera@vexel.example", "Vera")
	w.wharf, w.willemID = w.member("Wharf Networks", "willem@wharf.example", "Willem")
	var otto string
	w.outer, otto = w.member("Outer Works", "otto@outer.example", "Otto")
	w.cora, w.vera, w.willem, w.otto = w.token(w.coraID), w.token(w.veraID), w.token(w.willemID), w.token(otto)
	door, err := api.New(h)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	door.Mount(mux)
	srv := httptest.NewServer(gate.Harden(h, mux))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

func (w *world) write(f func(*db.Tx) error) {
	w.Helper()
	if err := w.house.Write(context.Background(), f); err != nil {
		w.Fatal(err)
	}
}

func (w *world) member(org, email, name string) (orgID, personID string) {
	w.Helper()
	w.write(func(tx *db.Tx) error {
		boss, err := people.ActorOf(tx, w.coraID)
		if err != nil {
			return err
		}
		o, err := orgs.Create(tx, boss, orgs.Org{Name: org, Class: "vendor", Listed: true})
		if err != nil {
			return err
		}
		p, err := people.Add(tx, boss, email, name)
		if err != nil {
			return err
		}
		orgID, personID = o.ID, p.ID
		_, err = orgs.Join(tx, boss, o.ID, p.ID, orgs.Responder)
		return err
	})
	return orgID, personID
}

func (w *world) token(personID string, scopes ...string) (secret string) {
	w.Helper()
	if len(scopes) == 0 {
		scopes = charter.Scopes
	}
	w.write(func(tx *db.Tx) (err error) {
		secret, _, err = people.IssueToken(tx, audience.Actor{}, personID, "test", scopes, 24*time.Hour)
		return err
	})
	return secret
}

// reply is an answer with its body read.
type reply struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

// text is a member of the body, as text.
func (r reply) text(name string) string { s, _ := r.body[name].(string); return s }

// items is the list of a page.
func (r reply) items() []map[string]any {
	var out []map[string]any
	list, _ := r.body["items"].([]any)
	for _, x := range list {
		out = append(out, x.(map[string]any))
	}
	return out
}

type header map[string]string

// call sends a request; body is text as it is, or anything else as JSON.
func (w *world) call(token, method, path string, body any, more ...header) reply {
	w.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	case []byte:
		in = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	r, err := http.NewRequest(method, w.url+path, in)
	if err != nil {
		w.Fatal(err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range more {
		for k, v := range h {
			r.Header.Set(k, v)
		}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	out := reply{status: resp.StatusCode, header: resp.Header}
	if out.raw, err = io.ReadAll(resp.Body); err != nil {
		w.Fatal(err)
	}
	if strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(out.raw, &out.body); err != nil {
			w.Fatalf("%s %s answered %q", method, path, out.raw)
		}
	}
	return out
}

// must is call that insists on a status.
func (w *world) must(status int, token, method, path string, body any, more ...header) reply {
	w.Helper()
	r := w.call(token, method, path, body, more...)
	if r.status != status {
		w.Fatalf("%s %s: status %d, want %d: %s", method, path, r.status, status, r.raw)
	}
	return r
}

type object = map[string]any

// openCase opens a case and invites Vexel and Wharf; both accept when joined.
func (w *world) openCase(joined bool) (caseID string, parties map[string]string) {
	w.Helper()
	k := w.must(201, w.cora, "POST", "/api/v1/cases", object{"title": "Heap overflow in libexample", "tlp": "TLP:AMBER+STRICT", "summary": "A length is not checked."})
	caseID = k.text("id")
	list := w.must(201, w.cora, "POST", "/api/v1/cases/"+caseID+"/participants", object{"reason": "ships libexample", "targets": []object{
		{"kind": "org", "id": w.vexel, "name": "Vexel Systems", "role": "vendor"}, {"kind": "org", "id": w.wharf, "name": "Wharf Networks", "role": "vendor"}}})
	parties = map[string]string{}
	for _, p := range list.items() {
		parties[p["name"].(string)] = p["id"].(string)
	}
	if joined {
		for _, token := range []string{w.vera, w.willem} {
			inv := w.must(200, token, "GET", "/api/v1/me/invitations", nil).items()[0]
			w.must(200, token, "POST", "/api/v1/invitations/"+inv["id"].(string)+"/accept", object{"agreement": inv["agreement"]})
		}
	}
	return caseID, parties
}

// sweep forgets old keys and insists on how many.
func (w *world) sweep(want int64) {
	w.Helper()
	w.write(func(tx *db.Tx) error {
		n, err := api.Sweep(tx)
		if n != want {
			w.Errorf("swept %d keys, want %d", n, want)
		}
		return err
	})
}

// itoa is a JSON number as it stands in a path.
func itoa(v any) string { return strconv.FormatInt(int64(v.(float64)), 10) }
