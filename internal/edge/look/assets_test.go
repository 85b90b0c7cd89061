package look

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func get(h http.Handler, method, path string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAssetsAreCachedForGood(t *testing.T) {
	h := newRenderer(t, nil).assets
	hashed, err := h.URL("style.css")
	if err != nil {
		t.Fatal(err)
	}
	w := get(h, "GET", hashed, nil)
	if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	plain := w.Body.Bytes()
	if len(plain) > 36_000 {
		t.Errorf("the style sheet has %d bytes, at most 36,000", len(plain))
	}
	packed := get(h, "GET", hashed, map[string]string{"Accept-Encoding": "br, gzip"})
	zr, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(zr); err != nil || !bytes.Equal(unpacked, plain) {
		t.Errorf("packed sheet differs: %v", err)
	}
	if packed.Header().Get("ETag") == w.Header().Get("ETag") {
		t.Error("both encodings carry one ETag")
	}
	again := get(h, "GET", "/assets/style.css", map[string]string{"If-None-Match": w.Header().Get("ETag")})
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("revalidation: %d %v", again.Code, again.Header())
	}
	if refused := get(h, "GET", hashed, map[string]string{"Accept-Encoding": "gzip;q=0.0"}); refused.Header().Get("Content-Encoding") != "" {
		t.Error("gzip was sent to a reader who refuses it")
	}
}

func TestAssetsRefuse(t *testing.T) {
	h := newRenderer(t, nil).assets
	for path, want := range map[string]int{"/assets/": 404, "/assets/none.css": 404, "/assets/../render.go": 404, "/assets/style.000000000000.css": 404} {
		if w := get(h, "GET", path, nil); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	if w := get(h, "POST", "/assets/style.css", nil); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
	if _, err := h.URL("none.css"); err == nil {
		t.Error("an unknown asset has an address")
	}
}

func TestThemeIsKept(t *testing.T) {
	post := func(theme, back string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/theme", strings.NewReader(url.Values{"theme": {theme}, "back": {back}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		SetTheme(w, r)
		return w
	}
	w := post("dark", "/cases")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/cases" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(w.Result().Cookies()[0])
	page := httptest.NewRecorder()
	newRenderer(t, nil).Page(page, r, 200, "gallery", Gallery())
	if !strings.Contains(page.Body.String(), `<html lang="en" data-theme="dark"`) {
		t.Error("the choice does not reach the page")
	}
	if w := post("auto", "//elsewhere.example"); w.Header().Get("Location") != "/" || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("auto: %v", w.Header())
	}
	if w := post(`"><script>`, "/"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("unknown theme: %d", w.Code)
	}
}
