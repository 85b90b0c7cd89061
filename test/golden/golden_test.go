// Package golden tries every route as every kind of actor against a table
// that a reviewer reads: testdata/routes.txt. A route without a row fails.
// After a change that is meant: go test ./golden -update, and read the diff.
package golden_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/app"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
)

var update = flag.Bool("update", false, "write testdata/routes.txt anew")

func TestMain(m *testing.M) { dbtest.Main(m) }

// actors are the columns of the table, in order. A key names who of the cast
// comes with a session; "token SCOPE" is Tess, who holds every seat, with a
// token of that scope alone.
var actors = []struct{ head, key string }{
	{"anon", ""}, {"findr", "finder"}, {"outsd", "otto"}, {"invtd", "ivo"}, {"vendr", "vera"}, {"other", "willem"},
	{"lead", "cora"}, {"coord", "cleo"}, {"board", "bob"}, {"operr", "oli"}, {"all", "tess"}, {"enrol", "enrolling"},
	{"t:rd", "token " + charter.ScopeRead}, {"t:wr", "token " + charter.ScopeWrite}, {"t:co", "token " + charter.ScopeCoordinate}, {"t:re", "token " + charter.ScopeRelease}, {"t:ad", "token " + charter.ScopeAdmin},
}

const head = `# Who gets what: every route as every kind of actor.
#
# anon   nobody signed in          findr  holder of a finder's link
# outsd  member without the case   invtd  invited, terms not accepted
# vendr  party to the case, whose records the addresses name
# other  a competing party         lead   coordinator of the case
# coord  coordinator elsewhere     board  board member
# operr  operator                  all    everything at once
# enrol  "all" before the second factor is added
# t:…    "all" with an API token of one scope: read, write, coordinate,
#        release, admin. The portal takes none.
#
# A number is the HTTP status. A line with a name in parentheses is the same
# route for another record. 404 is the answer to what may not be seen.
`

// world and its doors on one database, put back as it was between requests.
type bench struct {
	*world
	store   store
	handler http.Handler
	routes  []gate.Route
}

func newBench(t *testing.T, dialect db.Dialect) *bench {
	t.Helper()
	c := clock.NewFake(dbtest.Start)
	conf := dbtest.Empty(t, dialect)
	data := t.TempDir()
	if conf.Dir != "" {
		data = conf.Dir
	}
	b := &bench{world: build(t, conf, data, c)}
	var err error
	if b.routes, err = app.Routes(b.house); err != nil {
		t.Fatal(err)
	}
	if b.handler, err = app.Handler(b.house, metrics); err != nil {
		t.Fatal(err)
	}
	b.store = keep(t, b.house, conf, dialect)
	return b
}

// try sends one request and puts the world back if it may have changed it.
func (b *bench) try(actor string, q request) *httptest.ResponseRecorder {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, q.method, q.path, strings.NewReader(q.body))
	r.RemoteAddr = "192.0.2.7:1234"
	if q.kind != "" {
		r.Header.Set("Content-Type", q.kind)
	}
	if q.method == http.MethodPut || q.method == http.MethodPatch {
		r.Header.Set("If-Match", `"1"`)
	}
	api := strings.HasPrefix(q.path, "/api/")
	switch {
	case actor == "":
	case actor == "finder" && api:
		r.Header.Set("Authorization", "Finder "+b.finder)
	case actor == "finder":
		r.AddCookie(b.house.Cookie(b.house.FinderCookie(), b.finder, 0))
	case strings.HasPrefix(actor, "token "):
		r.Header.Set("Authorization", "Bearer "+b.tokens[strings.TrimPrefix(actor, "token ")])
	default:
		r.AddCookie(b.house.Cookie(b.house.SessionCookie(), b.sessions[actor], 0))
	}
	w := &cutOff{httptest.NewRecorder(), cancel}
	b.handler.ServeHTTP(w, r)
	if q.method != http.MethodGet && (w.Code < 400 || q.counted) {
		b.store.putBack(b)
	}
	return w.ResponseRecorder
}

// cutOff ends a stream, which would not end by itself, once its first piece
// was sent.
type cutOff struct {
	*httptest.ResponseRecorder
	end func()
}

func (c *cutOff) Flush() { c.ResponseRecorder.Flush(); c.end() }

type request struct {
	method, path, kind, body string
	counted                  bool // a refusal is counted against the sender as well
}

// line is one row of the table.
type line struct {
	title string
	route gate.Route
	query request
}

var parameter = regexp.MustCompile(`\{([a-z_]+)(\.\.\.)?\}`)

// lines are the rows of a route: its own, and one for each of its variants.
func (b *bench) lines() (out []line) {
	b.Helper()
	for _, r := range b.routes {
		title := r.Method + " " + r.Path
		out = append(out, line{title, r, b.request(r, nil)})
		for _, v := range variants {
			if v.matches(r) {
				out = append(out, line{title + " (" + v.name + ")", r, b.request(r, v.values)})
			}
		}
	}
	return out
}

// request fills the path and gives the body of a route.
func (b *bench) request(r gate.Route, with map[string]string) request {
	b.Helper()
	path := strings.TrimSuffix(r.Path, "{$}")
	path = parameter.ReplaceAllStringFunc(path, func(p string) string {
		return b.valueOf(r, strings.Trim(p, "{.}"), with)
	})
	q := request{method: r.Method, path: path, counted: r.Access == gate.Anybody || r.Access == gate.Finders}
	title := r.Method + " " + r.Path
	if ask := queries[title]; ask != "" {
		q.path += "?" + ask
	}
	if r.Method == http.MethodGet || r.Method == http.MethodDelete {
		return q
	}
	api := strings.HasPrefix(r.Path, "/api/")
	q.body = b.fill(bodies[title], with)
	switch {
	case api && r.Upload:
		q.kind, q.path, q.body = "application/octet-stream", q.path+"?name=log.txt", "a log"
	case api:
		q.kind = "application/json"
		if q.body == "" {
			q.body = "{}"
		}
	case r.Upload:
		q.kind, q.body = "multipart/form-data; boundary=cut", multipart(q.body)
	default:
		q.kind = "application/x-www-form-urlencoded"
	}
	return q
}

// multipart makes a form of a=b&c=d as a browser sends it with files.
func multipart(form string) string {
	var b strings.Builder
	for _, f := range strings.Split(form, "&") {
		if name, value, ok := strings.Cut(f, "="); ok {
			fmt.Fprintf(&b, "--cut\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", name, value)
		}
	}
	return b.String() + "--cut--\r\n"
}

// takesTokens reports whether the line's door reads the Authorization header;
// the portal does not, as TestPortalTakesNoTokens shows.
func (l line) takesTokens() bool {
	for _, prefix := range []string{"/api/", "/.well-known/", "/metrics"} {
		if strings.HasPrefix(l.route.Path, prefix) {
			return true
		}
	}
	return false
}

// table tries lines as every actor.
func (b *bench) table(lines []line) string {
	b.Helper()
	width := 0
	for _, l := range lines {
		width = max(width, len(l.title))
	}
	var out strings.Builder
	out.WriteString(head)
	columns := fmt.Sprintf("%-*s ", width, "#")
	for _, a := range actors {
		columns += fmt.Sprintf(" %-5s", a.head)
	}
	out.WriteString("#\n" + strings.TrimRight(columns, " ") + "\n")
	for _, l := range lines {
		row := fmt.Sprintf("%-*s ", width, l.title)
		for _, a := range actors {
			if strings.HasPrefix(a.key, "token ") && !l.takesTokens() {
				row += " -    "
				continue
			}
			w := b.try(a.key, l.query)
			if w.Code >= 500 {
				b.Errorf("%s as %q: %d %.300s", l.title, a.head, w.Code, w.Body)
			}
			row += fmt.Sprintf(" %-5d", w.Code)
		}
		out.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	return out.String()
}

const file = "testdata/routes.txt"

func TestEveryRouteAsEveryActor(t *testing.T) {
	b := newBench(t, db.SQLite)
	got := b.table(b.lines())
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, got, true)
}

// TestReadersOnPostgres tries every line that reads on the other database,
// where the rule becomes other SQL. What changes something asks the same rule
// and then a verb, whose own tests run on both.
func TestReadersOnPostgres(t *testing.T) {
	b := newBench(t, db.Postgres)
	var reads []line
	for _, l := range b.lines() {
		if l.query.method == http.MethodGet {
			reads = append(reads, l)
		}
	}
	compare(t, b.table(reads), false)
}

func TestPortalTakesNoTokens(t *testing.T) {
	b := newBench(t, db.SQLite)
	for _, l := range b.lines() {
		if l.query.method != http.MethodGet || l.takesTokens() {
			continue
		}
		nobody, token := b.try("", l.query), b.try("token "+charter.ScopeAdmin, l.query)
		if nobody.Code != token.Code {
			t.Errorf("%s: %d with a token, %d without", l.title, token.Code, nobody.Code)
		}
	}
}

// compare names each line that differs, so that the reason is found at once.
func compare(t *testing.T, got string, whole bool) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	known, seen := rows(string(want)), rows(got)
	columns := ""
	for _, a := range actors {
		columns += fmt.Sprintf(" %-5s", a.head)
	}
	for title, row := range seen {
		switch old, ok := known[title]; {
		case !ok:
			t.Errorf("%s has no row in testdata/routes.txt: run go test ./golden -update in test/, and read what it says of the route:\n%s\n%s", title, columns, row)
		case old != row:
			t.Errorf("%s: somebody gets something else than before\n     %s\nwas  %s\nis   %s", title, columns, old, row)
		}
	}
	for title := range known {
		if _, ok := seen[title]; !ok && whole {
			t.Errorf("%s stands in testdata/routes.txt, and there is no such route", title)
		}
	}
}

var cells = regexp.MustCompile(`^(.*?)((?: +(?:\d{3}|-))+)$`)

func rows(table string) map[string]string {
	out := map[string]string{}
	for _, l := range strings.Split(table, "\n") {
		if m := cells.FindStringSubmatch(l); m != nil {
			out[m[1]] = " " + strings.TrimLeft(m[2], " ")
		}
	}
	return out
}

// metrics stands for the counters, which are the same for whoever gets them.
var metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "tocsin_up 1") })
