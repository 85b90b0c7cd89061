package harness_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tocsin/test/harness"

	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) { harness.Main(m) }

// A small site with one fault of each kind that a Page must notice.
func site(t *testing.T) string {
	pages := map[string]string{
		"/good":   `<main><h1>Good</h1><p>All is well.</p><a href="/next">Next</a></main>`,
		"/next":   `<main><h1>Next</h1></main>`,
		"/bad":    `<main><h1>Bad</h1><img src="/dot.svg"><p style="color:#eee;background:#fff">pale</p></main>`,
		"/inline": `<main><h1>Inline</h1></main><script>document.title = "ran"</script>`,
		"/script": `<main><h1>Plain</h1></main><script src="/live.js"></script>`,
		"/heavy":  `<main><h1>Heavy</h1><img alt="a dot" src="/dot.svg"></main>`,
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'")
		switch r.URL.Path {
		case "/live.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `document.querySelector("h1").textContent = "Live"; if (location.hash) throw new Error("thrown")`)
		case "/dot.svg":
			w.Header().Set("Content-Type", "image/svg+xml")
			fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><!--%s--></svg>`, strings.Repeat("x", 50_000))
		case "/favicon.ico":
			w.WriteHeader(http.StatusNoContent)
		case "/whoami":
			http.SetCookie(w, &http.Cookie{Name: "who", Value: "eve", Path: "/", HttpOnly: true})
			c, _ := r.Cookie("who")
			fmt.Fprintf(w, `<!DOCTYPE html><title>w</title><p id="who">%v</p>`, c)
		default:
			body, ok := pages[r.URL.Path]
			if !ok {
				w.WriteHeader(http.StatusNotFound)
				body = `<main><h1>Not found</h1></main>`
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>Page</title>%s</html>`, body)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestAxeFindsFaults(t *testing.T) {
	p := harness.NewPage(t, site(t), harness.View{})
	p.Goto(t, "/bad")
	var ids []string
	for _, v := range p.Axe(t) {
		ids = append(ids, v.ID)
		if v.Help == "" || len(v.Targets) == 0 {
			t.Errorf("a violation that does not say what and where: %+v", v)
		}
	}
	for _, want := range []string{"image-alt", "color-contrast"} {
		if !slices.Contains(ids, want) {
			t.Errorf("axe does not report %s, only %v", want, ids)
		}
	}
	p.Goto(t, "/good")
	p.Accessible(t)
}

func TestPageSeesStatusAndFollowsLinks(t *testing.T) {
	p := harness.NewPage(t, site(t), harness.View{})
	if got := p.Goto(t, "/nowhere"); got != http.StatusNotFound {
		t.Errorf("status %d, want 404", got)
	}
	p.Goto(t, "/good")
	if got := p.Follow(t, "a"); got != http.StatusOK || p.Text(t, "h1") != "Next" {
		t.Errorf("status %d on %q, want 200 on Next", got, p.Text(t, "h1"))
	}
}

func TestPageNoticesScriptFaults(t *testing.T) {
	base := site(t)
	p := harness.NewPage(t, base, harness.View{})
	p.Goto(t, "/script")
	if got := p.Text(t, "h1"); got != "Live" {
		t.Errorf("the script did not run: %q", got)
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Errorf("complaints about a clean page: %v", c)
	}
	p.Goto(t, "/inline")
	if c := strings.Join(p.Complaints(), "\n"); !strings.Contains(c, "Content Security Policy") {
		t.Errorf("an inline script against the policy went unnoticed: %q", c)
	}
	p.Goto(t, "/script#throw")
	if c := strings.Join(p.Complaints(), "\n"); !strings.Contains(c, "exception") {
		t.Errorf("an exception went unnoticed: %q", c)
	}
}

func TestNoScript(t *testing.T) {
	p := harness.NewPage(t, site(t), harness.View{NoScript: true})
	p.Goto(t, "/script")
	if got := p.Text(t, "h1"); got != "Plain" {
		t.Errorf("a script ran although JavaScript is off: %q", got)
	}
}

func TestWeighCountsWhatThePageLoads(t *testing.T) {
	p := harness.NewPage(t, site(t), harness.View{})
	light, heavy := p.Weigh(t, "/good"), p.Weigh(t, "/heavy")
	again := p.Weigh(t, "/heavy")
	if light <= 0 || light > 5_000 || heavy < 50_000 || again < 50_000 {
		t.Errorf("weights %d, %d, %d bytes; want little, then twice over 50,000", light, heavy, again)
	}
}

func TestViews(t *testing.T) {
	p := harness.NewPage(t, site(t), harness.View{Phone: true, Dark: true})
	p.Goto(t, "/good")
	got := harness.Run(t, p, chromedp.Evaluate[string](`innerWidth + " " + matchMedia("(prefers-color-scheme: dark)").matches + " " + matchMedia("(pointer: coarse)").matches`))
	if got != "390 true true" {
		t.Errorf("phone in the dark: %q", got)
	}
	file := filepath.Join(t.TempDir(), "shots", "good.png")
	p.Shoot(t, file, true)
	b, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(b), "\x89PNG") {
		t.Errorf("the screenshot is no PNG: %v", err)
	}
}

func TestPagesShareNoCookies(t *testing.T) {
	base := site(t)
	one, two := harness.NewPage(t, base, harness.View{}), harness.NewPage(t, base, harness.View{})
	one.Goto(t, "/whoami")
	one.Goto(t, "/whoami")
	two.Goto(t, "/whoami")
	if a, b := one.Text(t, "#who"), two.Text(t, "#who"); a != "who=eve" || b == a {
		t.Errorf("first tab %q, second tab %q; want a cookie in the first only", a, b)
	}
}
