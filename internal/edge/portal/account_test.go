package portal_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/portal"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"

	"github.com/pquerna/otp/totp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// site is a portal served over a fresh database, as the app mounts it.
type site struct {
	t     *testing.T
	house *gate.House
	clock *clock.Fake
	url   string
}

func newSite(t *testing.T, d *db.DB, c *clock.Fake) *site {
	t.Helper()
	sealer, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, clock: c, house: &gate.House{DB: d, Sealer: sealer, Box: outbox.New(sealer), Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})), URL: "http://tocsin.example",
		Tables: append(append(charter.Tables(), people.Tables()...), orgs.Tables()...)}}
	p, err := portal.New(s.house)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	p.Mount(mux)
	srv := httptest.NewServer(gate.Harden(s.house, mux))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// sqlite is a site for tests of pages alone; the verbs behind them are tested
// on both databases where they live.
func sqlite(t *testing.T) *site {
	d, c := dbtest.Open(t, db.SQLite)
	return newSite(t, d, c)
}

func (s *site) write(f func(*db.Tx) error) {
	s.t.Helper()
	if err := s.house.Write(context.Background(), f); err != nil {
		s.t.Fatal(err)
	}
}

// founded is a site with an alliance whose operator and coordinator is Ada.
func founded(t *testing.T) *site {
	t.Helper()
	s := sqlite(t)
	s.write(func(tx *db.Tx) error {
		if _, err := charter.Found(tx, s.house.Sealer, charter.Charter{Name: "Test Alliance", Namespace: "https://alliance.example", Email: "contact@alliance.example", URL: s.house.URL}); err != nil {
			return err
		}
		_, err := people.First(tx, "ada@alliance.example", "Ada Operator")
		return err
	})
	return s
}

// person adds somebody, into an organization where one is named.
func (s *site) person(email, name, orgID string, role orgs.Role) (p people.Person) {
	s.t.Helper()
	s.write(func(tx *db.Tx) (err error) {
		if p, err = people.Add(tx, audience.Actor{}, email, name); err != nil || orgID == "" {
			return err
		}
		_, err = orgs.Welcome(tx, audience.Actor{}, orgID, p.ID, role)
		return err
	})
	return p
}

// org adds a listed organization.
func (s *site) org(name string) (o orgs.Org) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		ada, err := people.ByEmail(tx, "ada@alliance.example")
		if err != nil {
			return err
		}
		a, err := people.ActorOf(tx, ada.ID)
		if err != nil {
			return err
		}
		o, err = orgs.Create(tx, a, orgs.Org{Name: name, Class: orgs.Vendor, Listed: true})
		return err
	})
	return o
}

// browser is one visitor, with cookies and no script.
type browser struct {
	*site
	http.Client
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	b := &browser{site: s}
	b.Jar = jar
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

// as is a browser in which a person is fully signed in.
func (s *site) as(email string) *browser {
	s.t.Helper()
	b := s.browser()
	var e people.Entry
	s.write(func(tx *db.Tx) error {
		p, err := people.ByEmail(tx, email)
		if err != nil {
			return err
		}
		e, err = people.Open(tx, p.ID, "demo", people.Where{})
		return err
	})
	at, err := url.Parse(s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	b.Jar.SetCookies(at, []*http.Cookie{{Name: s.house.SessionCookie(), Value: e.Secret, Path: "/"}})
	return b
}

// page is an answer with its body read.
type page struct {
	status   int
	location string
	body     string
	header   http.Header
}

func (b *browser) read(res *http.Response, err error) page {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if len(body) > 100<<10 {
		b.t.Errorf("%s weighs %d bytes", res.Request.URL.Path, len(body))
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		for _, id := range twice(string(body)) {
			b.t.Errorf("%s has two elements with the id %q", res.Request.URL.Path, id)
		}
	}
	return page{res.StatusCode, res.Header.Get("Location"), string(body), res.Header}
}

var idOf = regexp.MustCompile(`<[^>]*\sid="([^"]*)"`)

// twice are the ids that a page has more than once, which labels and error
// summaries would lead to the wrong field by.
func twice(body string) (out []string) {
	seen := map[string]int{}
	for _, m := range idOf.FindAllStringSubmatch(body, -1) {
		if seen[m[1]]++; seen[m[1]] == 2 {
			out = append(out, m[1])
		}
	}
	return out
}

func (b *browser) get(path string) page {
	b.t.Helper()
	return b.read(b.Client.Get(b.site.url + path))
}

// post sends pairs of names and values.
func (b *browser) post(path string, pairs ...string) page {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.read(b.Client.PostForm(b.site.url+path, form))
}

func (p page) is(t *testing.T, status int, location string, words ...string) page {
	t.Helper()
	if p.status != status || location != "" && p.location != location {
		t.Fatalf("status %d to %q, want %d to %q\n%s", p.status, p.location, status, location, visible(p.body))
	}
	for _, w := range words {
		if !strings.Contains(p.body, w) {
			t.Fatalf("the page lacks %q:\n%s", w, visible(p.body))
		}
	}
	return p
}

func (p page) lacks(t *testing.T, words ...string) page {
	t.Helper()
	for _, w := range words {
		if strings.Contains(p.body, w) {
			t.Fatalf("the page shows %q", w)
		}
	}
	return p
}

var tags = regexp.MustCompile(`(?s)<(style|script).*?</(style|script)>|<[^>]*>`)

func visible(body string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}

// hidden is the value of a hidden field.
func (p page) hidden(t *testing.T, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `" value="([^"]*)"`).FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("there is no hidden field %s:\n%s", name, visible(p.body))
	}
	return m[1]
}

// enroll sets up an authenticator app and returns its secret.
func (b *browser) enroll() string {
	b.t.Helper()
	start := b.post("/me/security/totp/start").is(b.t, 200, "", "<svg", "Confirm the app")
	secret := start.hidden(b.t, "secret")
	b.post("/me/security/totp", "ceremony", start.hidden(b.t, "ceremony"), "secret", secret, "url", strings.ReplaceAll(start.hidden(b.t, "url"), "&amp;", "&"), "code", "000000").is(b.t, 422, "", "does not fit", "<svg")
	b.post("/me/security/totp", "ceremony", start.hidden(b.t, "ceremony"), "code", b.code(secret)).is(b.t, 303, "/me/security")
	return secret
}

func (s *site) code(secret string) string {
	s.t.Helper()
	code, err := totp.GenerateCode(secret, s.clock.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

const passphrase = "five calm words in here"

func TestSetupWholePath(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newSite(t, d, c)
		b := s.browser()
		b.get("/").is(t, 200, "", "no alliance yet")
		var secret string
		s.write(func(tx *db.Tx) (err error) { secret, err = charter.SetupLink(tx); return err })
		b.get("/setup/wrong").is(t, 404, "")
		b.get("/setup/"+secret).is(t, 200, "", "Found the alliance")
		refused := b.post("/setup/"+secret, "name", "", "namespace", "nonsense", "email", "x", "person_name", "Ada", "person_email", "ada@alliance.example")
		refused.is(t, 422, "", "This must not be empty.", "Give a whole web address", `value="Ada"`)
		refused = b.post("/setup/"+secret, "name", "Test Alliance", "namespace", "https://alliance.example", "email", "contact@alliance.example", "person_name", "", "person_email", "ada@alliance.example")
		refused.is(t, 422, "", "Your name: Give your name")
		b.post("/setup/"+secret, "name", "Test Alliance", "namespace", "https://alliance.example", "email", "contact@alliance.example", "person_name", "Ada", "person_email", "ada@alliance.example").is(t, 303, "/me/security")
		b.get("/setup/"+secret).is(t, 410, "", "has been set up")
		b.get("/me/security").is(t, 200, "", "One step before you come in").lacks(t, `href="/cases"`, `href="/me/tokens"`)
		b.enroll()
		shown := b.get("/me/security").is(t, 200, "", "Your recovery codes", "10 left")
		if n := len(regexp.MustCompile(`<code>[0-9a-z]{4}-`).FindAllString(shown.body, -1)); n != 10 {
			t.Errorf("%d recovery codes are shown", n)
		}
		b.get("/me/security").lacks(t, "Your recovery codes")
		b.get("/").is(t, 200, "", "Owed by you")
		report, err := keeper(t, s).Verify(context.Background(), d, s.house.Tables)
		if err != nil || len(report.Problems) > 0 {
			t.Errorf("the ledger does not verify: %v %v", err, report.Problems)
		}
	})
}

func keeper(t *testing.T, s *site) (k *ledger.Keeper) {
	t.Helper()
	s.write(func(tx *db.Tx) (err error) { k, err = charter.Keeper(tx, s.house.Sealer); return err })
	return k
}

// mailed is the secret in the last mail to an address that leads below path.
func (s *site) mailed(address, path string) string {
	s.t.Helper()
	var found string
	s.write(func(tx *db.Tx) error {
		list, err := s.house.Box.List(tx, outbox.Filter{})
		for _, it := range list {
			if m := regexp.MustCompile(regexp.QuoteMeta(path) + `([A-Za-z0-9_-]{43})`).FindStringSubmatch(strings.ReplaceAll(string(it.Content), `\n`, " ")); it.Address == address && m != nil && found == "" {
				found = m[1]
			}
		}
		return err
	})
	if found == "" {
		s.t.Fatalf("no mail to %s leads to %s", address, path)
	}
	return found
}

func TestPasswordThenSecondFactor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := newSite(t, d, c)
		s.write(func(tx *db.Tx) error {
			_, err := charter.Found(tx, s.house.Sealer, charter.Charter{Name: "Test Alliance", Namespace: "https://alliance.example", Email: "contact@alliance.example", URL: s.house.URL})
			return err
		})
		s.person("bo@vendor.example", "Bo", "", "")
		b := s.as("bo@vendor.example")
		b.post("/me/security/password", "password", "short").is(t, 422, "", "at least 12 characters")
		b.post("/me/security/password", "password", passphrase).is(t, 303, "/me/security")
		secret := b.enroll()
		codes := regexp.MustCompile(`<code>([0-9a-z]{4}-[0-9a-z-]+)</code>`).FindStringSubmatch(b.get("/me/security").body)
		b.post("/sign-out").is(t, 303, "/")
		b.get("/cases").is(t, 303, "/sign-in?next=%2Fcases")
		b.get("/sign-in?next=%2Fcases").is(t, 200, "", "You are signed out.")

		wrong := b.post("/sign-in", "email", "bo@vendor.example", "password", "not the right one", "next", "/cases").is(t, 401, "", "do not fit", `value="bo@vendor.example"`)
		unknown := b.post("/sign-in", "email", "no@vendor.example", "password", "not the right one", "next", "/cases").is(t, 401, "", "do not fit")
		if strings.ReplaceAll(visible(wrong.body), "bo@", "") != strings.ReplaceAll(visible(unknown.body), "no@", "") {
			t.Error("an unknown account is told from a wrong password")
		}
		b.post("/sign-in", "email", "bo@vendor.example", "password", passphrase, "next", "/cases").is(t, 303, "/sign-in/second?next=%2Fcases")
		b.get("/cases").is(t, 303, "")
		b.get("/sign-in/second?next=%2Fcases").is(t, 200, "", "Second factor", `value="/cases"`)
		b.post("/sign-in/second", "code", "000000", "next", "/cases").is(t, 401, "", "do not fit")
		c.Advance(time.Minute)
		b.post("/sign-in/second", "code", s.code(secret), "next", "//evil.example").is(t, 303, "/")
		b.get("/cases").is(t, 200, "")

		other := s.browser()
		other.post("/sign-in", "email", "bo@vendor.example", "password", passphrase).is(t, 303, "/sign-in/second?next=%2F")
		other.post("/sign-in/second", "code", codes[1]).is(t, 303, "/")
		third := s.browser()
		third.post("/sign-in", "email", "bo@vendor.example", "password", passphrase)
		third.post("/sign-in/second", "code", codes[1]).is(t, 401, "", "do not fit")
	})
}

func TestMailedLinkAsksForTheSecondFactor(t *testing.T) {
	s := founded(t)
	b := s.as("ada@alliance.example")
	secret := b.enroll()
	b = s.browser()
	b.post("/sign-in/mail", "mail_to", "nobody@else.example").is(t, 303, "/sign-in")
	b.post("/sign-in/mail", "mail_to", "not an address").is(t, 422, "", "plain mail address")
	b.post("/sign-in/mail", "mail_to", "ada@alliance.example").is(t, 303, "/sign-in")
	link := "/sign-in/" + s.mailed("ada@alliance.example", "/sign-in/")
	b.get(link).is(t, 200, "", "good for one time")
	b.post(link).is(t, 303, "/sign-in/second?next=%2F")
	s.clock.Advance(time.Minute)
	b.post("/sign-in/second", "code", s.code(secret)).is(t, 303, "/")
	b.get("/me").is(t, 200, "", "ada@alliance.example")
	b.post(link).is(t, 410, "")
}

func TestEnrollingSessionIsCaged(t *testing.T) {
	s := founded(t)
	s.person("bo@vendor.example", "Bo", "", "")
	b := s.browser()
	s.write(func(tx *db.Tx) error {
		p, err := people.ByEmail(tx, "ada@alliance.example")
		if err != nil {
			return err
		}
		e, err := people.Open(tx, p.ID, "link", people.Where{})
		at, _ := url.Parse(s.url)
		b.Jar.SetCookies(at, []*http.Cookie{{Name: s.house.SessionCookie(), Value: e.Secret, Path: "/"}})
		return err
	})
	p, err := portal.New(s.house)
	if err != nil {
		t.Fatal(err)
	}
	caged := 0
	for _, r := range p.Routes() {
		if r.Access == gate.Anybody || r.Access == gate.Finders || r.Enroll {
			continue
		}
		path := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(r.Path, "x")
		var got page
		if r.Method == "GET" {
			got = b.get(path)
		} else {
			got = b.post(path)
		}
		got.is(t, 303, "/me/security")
		caged++
	}
	if caged < 20 {
		t.Errorf("only %d routes were tried", caged)
	}
	b.get("/").is(t, 303, "/me/security")
	b.get("/me/security").is(t, 200, "", "One step before you come in")
}

func TestTokenIsShownOnce(t *testing.T) {
	s := founded(t)
	b := s.as("ada@alliance.example")
	b.get("/me/tokens").is(t, 200, "", "You have no token")
	b.post("/me/tokens", "label", "export", "ttl", "30").is(t, 422, "", "Choose at least one scope.", `value="export"`)
	b.post("/me/tokens", "label", "export", "ttl", "9000", "scopes", "read").is(t, 422, "", "from 1 to 366")
	b.post("/me/tokens", "label", "export", "ttl", "30", "scopes", "read").is(t, 303, "/me/tokens")
	shown := b.get("/me/tokens").is(t, 200, "", "tocsin_", "Shown once")
	secret := regexp.MustCompile(`tocsin_[A-Za-z0-9_-]{43}`).FindString(shown.body)
	who, err := s.house.ByToken(context.Background(), secret)
	if err != nil || who.Actor.Person == "" {
		t.Fatalf("the token shown does not work: %v", err)
	}
	again := b.get("/me/tokens").is(t, 200, "", "export").lacks(t, "tocsin_"+secret[7:])
	revoke := regexp.MustCompile(`/me/tokens/[a-z0-9_]+/revoke`).FindString(again.body)
	b.get(revoke).is(t, 200, "", "It stops working at once.")
	b.post(revoke).is(t, 303, "/me/tokens")
	if _, err := s.house.ByToken(context.Background(), secret); err == nil {
		t.Error("the revoked token still works")
	}
	s.person("bo@vendor.example", "Bo", "", "")
	s.as("bo@vendor.example").get(revoke).is(t, 404, "")
}

func TestTrailAndProof(t *testing.T) {
	s := founded(t)
	b := s.as("ada@alliance.example")
	profile := b.get("/me")
	b.post("/me", "version", profile.hidden(t, "version"), "name", "Ada Lovejoy", "time_zone", "Europe/Berlin", "locale", "en").is(t, 303, "/me")
	stale := b.post("/me", "version", profile.hidden(t, "version"), "name", "Ada Other", "time_zone", "Europe/Berlin", "locale", "en")
	stale.is(t, 409, "", "Somebody was faster", "Ada Lovejoy", `value="Ada Other"`)
	trail := b.get("/me/trail").is(t, 200, "", "person edited")
	path := regexp.MustCompile(`/me/trail/\d+/proof`).FindString(trail.body)
	proof := b.post(path).is(t, 200, "", `"checkpoint"`)
	if !strings.HasPrefix(proof.header.Get("Content-Disposition"), "attachment") {
		t.Error("the proof is not a download")
	}
	s.person("bo@vendor.example", "Bo", "", "")
	s.as("bo@vendor.example").post(path).is(t, 404, "")
}
