package portal_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/response/archive"
)

// TestPublishedCaseIsOpenToEverybody reads an imported historical case as a
// visitor without an account.
func TestPublishedCaseIsOpenToEverybody(t *testing.T) {
	file, err := os.ReadFile(dbtest.SharedData(t, "certcc/cases.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	d, clock := dbtest.Open(t, db.SQLite)
	s := newSite(t, d, clock)
	if _, err := archive.ImportCERTCC(context.Background(), s.house.DB, bytes.NewReader(file), func(archive.Report) {}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/cases/VU%23598349": "Automatic DNS registration", "/cases/VU%23598349/vendors": "226", "/cases/VU%23598349/vendors?from=180": "181–226", "/cases/VU%23598349/vendors.csv": "TLP:CLEAR"} {
		r, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d, %v, without %q", path, r.StatusCode, err, want)
		}
		if len(body) > 100_000 && !strings.HasSuffix(path, ".csv") {
			t.Errorf("%s weighs %d bytes", path, len(body))
		}
	}
}

// What takes a form alone says so to whoever comes back to its address, and
// which methods an address takes; what nothing takes is not there.
func TestAddressesAndMethods(t *testing.T) {
	b := sqlite(t).browser()
	for _, in := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/theme", 405, "POST"}, {"DELETE", "/roadmap", 405, "GET, HEAD"}, {"PATCH", "/alliance/programs/new", 405, "GET, HEAD, POST"},
		{"GET", "/nothing", 404, ""}, {"POST", "/nothing", 404, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), in.method, b.site.url+in.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := b.Client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != in.status || res.Header.Get("Allow") != in.allow {
			t.Errorf("%s %s: %d, Allow %q; want %d, %q", in.method, in.path, res.StatusCode, res.Header.Get("Allow"), in.status, in.allow)
		}
	}
}
