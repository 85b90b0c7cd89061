package look

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// pageLimit is the whole weight of a page, scripts and style sheet included.
const pageLimit = 100_000

func newRenderer(t *testing.T, pages fstest.MapFS) *Renderer {
	t.Helper()
	var rd *Renderer
	var err error
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	if pages == nil {
		rd, err = New(nil, quiet)
	} else {
		rd, err = New(pages, quiet)
	}
	if err != nil {
		t.Fatal(err)
	}
	return rd
}

func draw(t *testing.T, rd *Renderer, name string, data Framed) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	rd.Page(w, httptest.NewRequest("GET", "/gallery", nil), http.StatusOK, name, data)
	return w
}

var assetLink = regexp.MustCompile(`(?:href|src)="(/assets/[^"#]+)`)

// weight is the page plus every asset that it loads, as sent.
func weight(t *testing.T, rd *Renderer, body string) int {
	t.Helper()
	sum, seen := len(body), map[string]bool{}
	for _, m := range assetLink.FindAllStringSubmatch(body, -1) {
		if seen[m[1]] {
			continue
		}
		seen[m[1]] = true
		r := httptest.NewRequest("GET", m[1], nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		rd.Assets().ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("page loads %s: status %d", m[1], w.Code)
		}
		sum += w.Body.Len()
	}
	if len(seen) < 4 {
		t.Errorf("page loads %d assets; the sheet, the icons and scripts were expected", len(seen))
	}
	return sum
}

var (
	inlineStyle  = regexp.MustCompile(`(?i)<[^>]*\sstyle\s*=|<style`)
	inlineScript = regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]`)
	inlineEvent  = regexp.MustCompile(`(?i)<[^>]*\son[a-z]+\s*=`)
	anID         = regexp.MustCompile(`\sid="([^"]+)"`)
	aReference   = regexp.MustCompile(`\s(?:for|aria-labelledby|popovertarget|data-filter)="([^"]+)"|aria-describedby="([^"]+)"`)
)

func TestGalleryKeepsToPolicyAndWeight(t *testing.T) {
	rd := newRenderer(t, nil)
	w := draw(t, rd, "gallery", Gallery())
	body := w.Body.String()
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, body)
	}
	for name, forbidden := range map[string]*regexp.Regexp{"inline style": inlineStyle, "inline script": inlineScript, "event attribute": inlineEvent} {
		if found := forbidden.FindString(body); found != "" {
			t.Errorf("%s: %s", name, found)
		}
	}
	if strings.Contains(body, "ZgotmplZ") {
		t.Error("a value was refused by the template's escaping")
	}
	if n := weight(t, rd, body); n > pageLimit {
		t.Errorf("page weighs %d bytes, at most %d", n, pageLimit)
	}
	ids := map[string]bool{}
	for _, m := range anID.FindAllStringSubmatch(body, -1) {
		if ids[m[1]] {
			t.Errorf("id %q is there twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range aReference.FindAllStringSubmatch(body, -1) {
		for id := range strings.FieldsSeq(m[1] + " " + m[2]) {
			if !ids[id] {
				t.Errorf("something refers to id %q, which is not there", id)
			}
		}
	}
	if got := w.Header().Get("Content-Security-Policy"); got != ContentSecurityPolicy {
		t.Errorf("policy %q", got)
	}
}

// Every component must stand in the gallery, or nobody will ever look at it.
func TestGalleryShowsEveryComponent(t *testing.T) {
	rd := newRenderer(t, nil)
	set := rd.set
	var all bytes.Buffer
	for _, tmpl := range set.Templates() {
		if tmpl.Tree != nil {
			all.WriteString(tmpl.Tree.Root.String())
		}
	}
	elsewhere := func(name string) bool { return name == "layout" || strings.Contains(name, " of ") }
	for _, tmpl := range set.Templates() {
		name := tmpl.Name()
		if strings.HasSuffix(name, ".html") || elsewhere(name) || name == "look" {
			continue
		}
		if !strings.Contains(all.String(), fmt.Sprintf("{{template %q", name)) {
			t.Errorf("component %q is used by nothing in the gallery", name)
		}
	}
}

func TestSixtyVendorsFitAPage(t *testing.T) {
	g := Gallery().(GalleryPage)
	rows := g.Matrix.Rows
	g.Matrix.Rows = nil
	for i := range 60 {
		row := rows[i%len(rows)]
		row.Vendor = fmt.Sprintf("%s %d", row.Vendor, i)
		g.Matrix.Rows = append(g.Matrix.Rows, row)
	}
	rd := newRenderer(t, fstest.MapFS{"vendors.html": {Data: []byte(`{{define "main"}}{{template "matrix" .Matrix}}{{end}}`)}})
	w := draw(t, rd, "vendors", g)
	if n := weight(t, rd, w.Body.String()); n > pageLimit {
		t.Errorf("60 vendors by 3 vulnerabilities weigh %d bytes, at most %d", n, pageLimit)
	} else {
		t.Logf("60 vendors by 3 vulnerabilities: %d bytes with assets", n)
	}
	if got := strings.Count(w.Body.String(), "<tbody>"); got != 60 {
		t.Errorf("%d vendor rows, want 60", got)
	}
}

type failingPage struct{ Frame }

func (failingPage) Fail() (string, error) { return "", errors.New("database gone") }

func TestBrokenPageIsWhole(t *testing.T) {
	rd := newRenderer(t, fstest.MapFS{"bad.html": {Data: []byte(`{{define "main"}}half-a-page {{.Fail}}{{end}}`)}})
	for _, name := range []string{"bad", "missing"} {
		w := draw(t, rd, name, failingPage{})
		body := w.Body.String()
		if w.Code != http.StatusInternalServerError || strings.Contains(body, "half-a-page") || strings.Contains(body, "database gone") || !strings.HasSuffix(body, "</html>") {
			t.Errorf("%s: status %d, body %q", name, w.Code, body)
		}
	}
}

func TestFrames(t *testing.T) {
	rd := newRenderer(t, fstest.MapFS{
		"sub/one.html":    {Data: []byte(`{{define "main"}}{{template "shared" .}}{{end}}`)},
		"_shared.html":    {Data: []byte(`{{define "shared"}}[{{.Head.Title}}]{{end}}`)},
		"two.html":        {Data: []byte(`{{define "main"}}two{{end}}{{define "side"}}beside{{end}}`)},
		"notes/_more.txt": {Data: []byte("not a template {{")},
	})
	now := time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)
	public := ErrorPage{Frame: Frame{Alliance: "A<b>", Public: true, SignIn: "/signin", Now: now, Head: RecordHead{Title: "<script>x</script>"}}}
	body := draw(t, rd, "sub/one", public).Body.String()
	for _, want := range []string{"[&lt;script&gt;x&lt;/script&gt;]", `href="/signin"`, "A&lt;b&gt;", `id="main"`, "Skip to content", "03:04 UTC"} {
		if !strings.Contains(body, want) {
			t.Errorf("public frame lacks %q", want)
		}
	}
	for _, bad := range []string{`class="rail"`, "<script>x", `class="side"`, "keys.js"} {
		if strings.Contains(body, bad) {
			t.Errorf("public frame holds %q", bad)
		}
	}
	inside := public
	inside.Public, inside.Live, inside.Person = false, "/live?case=1", &Person{Initials: "EV", Name: "Eva"}
	body = draw(t, rd, "two", inside).Body.String()
	for _, want := range []string{`class="rail"`, `data-live="/live?case=1"`, "beside", "live.", "EV"} {
		if !strings.Contains(body, want) {
			t.Errorf("inner frame lacks %q", want)
		}
	}
}

func TestPagesMustDefineMain(t *testing.T) {
	if _, err := New(fstest.MapFS{"a.html": {Data: []byte(`{{define "mian"}}{{end}}`)}}, nil); err == nil {
		t.Error("a page without main was taken")
	}
	if _, err := New(fstest.MapFS{"gallery.html": {Data: []byte(`{{define "main"}}{{end}}`)}}, nil); err == nil {
		t.Error("a second page of the same name was taken")
	}
}
