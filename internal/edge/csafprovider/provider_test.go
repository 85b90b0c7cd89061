package csafprovider_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/csv"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/csafprovider"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/pgp"
	"tocsin/internal/kernel/seal"
	"tocsin/internal/response/advisory"
	"tocsin/spec/csaf"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// site is a running provider.
type site struct {
	t     testing.TB
	url   string
	house *gate.House
	press advisory.Press
	http  *http.Client
	token string
}

func serve(t testing.TB, d *db.DB) *site {
	t.Helper()
	sealer, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &gate.House{DB: d, Sealer: sealer, Box: outbox.New(sealer), Log: slog.New(slog.DiscardHandler)}
	mux := http.NewServeMux()
	csafprovider.New(h).Mount(mux)
	srv := httptest.NewTLSServer(gate.Harden(h, mux))
	t.Cleanup(srv.Close)
	h.URL = srv.URL
	s := &site{t: t, url: srv.URL, house: h, press: advisory.Press{Sealer: sealer, URL: srv.URL}, http: srv.Client()}
	s.write(func(tx *db.Tx) error {
		_, err := charter.Found(tx, sealer, charter.Charter{Name: "Test Alliance", Namespace: "https://alliance.example", Email: "psirt@alliance.example", URL: srv.URL})
		return err
	})
	return s
}

func (s *site) write(f func(*db.Tx) error) {
	s.t.Helper()
	if err := s.house.Write(context.Background(), f); err != nil {
		s.t.Fatal(err)
	}
}

// get fetches a path or address.
func (s *site) get(path string, header ...string) (*http.Response, []byte) {
	s.t.Helper()
	if !strings.HasPrefix(path, "https://") {
		path = s.url + path
	}
	req, err := http.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	res, err := s.http.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res, body
}

func (s *site) want(path string, status int) []byte {
	s.t.Helper()
	res, body := s.get(path)
	if res.StatusCode != status {
		s.t.Fatalf("%s answers %d, want %d: %s", path, res.StatusCode, status, body)
	}
	return body
}

func (s *site) metadata() *csaf.ProviderMetadata {
	s.t.Helper()
	m, err := csaf.ParseProviderMetadata(s.want("/.well-known/csaf/provider-metadata.json", 200))
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// fetchAll walks what the metadata declares as a consumer does, checks hashes
// and signatures, and gives the paths of the documents.
func (s *site) fetchAll() map[string]bool {
	s.t.Helper()
	m := s.metadata()
	var keys []*pgp.Key
	for _, k := range m.PublicOpenPGPKeys {
		key, err := pgp.ParsePublic(s.want(k.URL, 200))
		if err != nil || key.Fingerprint() != k.Fingerprint {
			s.t.Fatalf("key %s: %v", k.URL, err)
		}
		keys = append(keys, key)
	}
	listed, fed := map[string]bool{}, map[string]bool{}
	for _, source := range m.Distributions {
		if source.DirectoryURL != "" {
			s.directory(source.DirectoryURL, listed)
		}
		if source.ROLIE == nil {
			continue
		}
		for _, f := range source.ROLIE.Feeds {
			feed, err := csaf.ParseFeed(s.want(f.URL, 200))
			if err != nil || len(feed.Entry) == 0 {
				s.t.Fatalf("feed %s: %v", f.URL, err)
			}
			for _, e := range feed.Entry {
				fed[e.Content.Src] = true
				s.document(e, keys)
			}
		}
		for _, u := range append(source.ROLIE.Services, source.ROLIE.Categories...) {
			s.want(u, 200)
		}
	}
	if len(listed) != len(fed) {
		s.t.Errorf("the directories list %d, the feeds %d", len(listed), len(fed))
	}
	for u := range listed {
		if !fed[u] {
			s.t.Errorf("%s is in no feed", u)
		}
	}
	return listed
}

func (s *site) directory(base string, listed map[string]bool) {
	s.t.Helper()
	lines := bufio.NewScanner(strings.NewReader(string(s.want(base+"index.txt", 200))))
	n := 0
	for ; lines.Scan(); n++ {
		listed[base+lines.Text()] = true
		folder := lines.Text()[:strings.LastIndex(lines.Text(), "/")+1]
		if page := s.want(base+folder, 200); !strings.Contains(string(page), `href="`+strings.TrimPrefix(lines.Text(), folder)+`"`) {
			s.t.Errorf("%s is not in the listing of %s", lines.Text(), folder)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(string(s.want(base+"changes.csv", 200)))).ReadAll()
	if err != nil || len(rows) != n {
		s.t.Errorf("changes.csv has %d of %d rows: %v", len(rows), n, err)
	}
	var last time.Time
	for i, row := range rows {
		at, err := time.Parse(time.RFC3339, row[1])
		if err != nil || !listed[base+row[0]] || i > 0 && at.After(last) {
			s.t.Errorf("changes.csv, row %d: %v %v", i, row, err)
		}
		last = at
	}
}

func (s *site) document(e csaf.Entry, keys []*pgp.Key) {
	s.t.Helper()
	body := s.want(e.Content.Src, 200)
	short, long := sha256.Sum256(body), sha512.Sum512(body)
	for _, l := range e.Link {
		got := s.want(l.Href, 200)
		sum, _, _ := strings.Cut(string(got), " ")
		switch {
		case l.Rel == "signature":
			if _, err := pgp.VerifyDetached(body, got, time.Now().Add(10*365*24*time.Hour), keys...); err != nil {
				s.t.Errorf("%s: %v", l.Href, err)
			}
		case strings.HasSuffix(l.Href, ".sha256") && sum != hex.EncodeToString(short[:]), strings.HasSuffix(l.Href, ".sha512") && sum != hex.EncodeToString(long[:]):
			s.t.Errorf("%s does not fit", l.Href)
		}
	}
	if _, err := csaf.Parse(body); err != nil {
		s.t.Errorf("%s: %v", e.Content.Src, err)
	}
}

func TestServesAllOfAFolder(t *testing.T) {
	cisa := dbtest.SharedData(t, "csaf/cisa")
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		c.Set(time.Now())
		s := serve(t, d)
		dir, want := cisa, 304
		if d.Dialect == db.Postgres {
			dir, want = some(t, cisa, 30), 30 // the walk itself does not depend on the database
		}
		if _, err := s.press.ImportDir(context.Background(), d, dir, nil); err != nil {
			t.Fatal(err)
		}
		if n := len(s.fetchAll()); n != want {
			t.Errorf("%d documents are served, want %d", n, want)
		}
	})
}

// some copies n files of a folder, evenly spread.
func some(t *testing.T, folder string, n int) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) < n {
		t.Fatalf("%d files in %s: %v", len(files), folder, err)
	}
	dir := t.TempDir()
	for i := range n {
		name := files[i*len(files)/n]
		body, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(name)), body, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
