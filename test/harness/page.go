package harness

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// stepLimit bounds one step in the browser.
const stepLimit = 30 * time.Second

// View is how a Page looks at the product.
type View struct {
	Width, Height int64 // CSS pixels; 0: 1280 × 800
	Phone         bool  // touch, mobile viewport; 0 pixels mean 390 × 844
	Dark          bool
	NoScript      bool // JavaScript is switched off
}

// Page is one tab with a browser profile of its own: no cookies, no storage.
type Page struct {
	Ctx  context.Context // for chromedp.Do and chromedp.Run
	base string

	mu         sync.Mutex
	bytes      int64
	complaints []string
}

// Page opens an empty tab that is closed with the test. Paths given to Goto
// are relative to the server.
func (s *Server) Page(t testing.TB, v View) *Page {
	t.Helper()
	return NewPage(t, s.URL, v)
}

// NewPage is Server.Page for any base address.
func NewPage(t testing.TB, base string, v View) *Page {
	t.Helper()
	ctx, end := chromedp.NewContext(browserOrSkip(t), chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	p := &Page{Ctx: ctx, base: base}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	p.Do(t, call(network.Enable, network.EnableParams{}), call(log.Enable, cdp.Empty{}))
	p.Look(t, v)
	return p
}

// Look changes how the page is seen.
func (p *Page) Look(t testing.TB, v View) {
	t.Helper()
	if v.Width == 0 {
		v.Width, v.Height = 1280, 800
		if v.Phone {
			v.Width, v.Height = 390, 844
		}
	}
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	var opts []chromedp.EmulateViewportOption
	if v.Phone {
		opts = append(opts, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait, chromedp.EmulateScale(2))
	}
	p.Do(t,
		chromedp.EmulateViewport(v.Width, v.Height, opts...),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}),
		call(emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Berlin"}),
		call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: v.NoScript}),
	)
}

// hear runs on the connection's own goroutine and must not block.
func (p *Page) hear(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventLoadingFinished:
		p.bytes += int64(ev.EncodedDataLength)
	case *runtime.EventExceptionThrown:
		p.complaints = append(p.complaints, "exception: "+ev.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		// A 4xx answer that a test provokes is in the log as well; only what
		// the page itself did wrong counts.
		if ev.Entry.Level == log.EntryLevelError && ev.Entry.Source != log.EntrySourceNetwork {
			p.complaints = append(p.complaints, string(ev.Entry.Source)+": "+ev.Entry.Text)
		}
	}
}

// Complaints are the script exceptions, violations of the
// Content-Security-Policy and other errors that the browser reported so far.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.complaints...)
}

// Goto loads a path and returns the status of its document.
func (p *Page) Goto(t testing.TB, path string) int64 {
	t.Helper()
	if !strings.Contains(path, "://") {
		path = p.base + path
	}
	res := Run(t, p, chromedp.NavigateResponse(path))
	return int64(res.Status)
}

// Weigh loads a path with an empty cache and returns the bytes that crossed
// the wire for it, headers included: the document, styles, scripts and
// pictures.
func (p *Page) Weigh(t testing.TB, path string) int64 {
	t.Helper()
	p.Do(t, call(network.ClearBrowserCache, cdp.Empty{}))
	p.mu.Lock()
	p.bytes = 0
	p.mu.Unlock()
	p.Goto(t, path)
	time.Sleep(200 * time.Millisecond) // what scripts load once they run
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes
}

// Do runs steps and fails the test if one of them fails or hangs.
func (p *Page) Do(t testing.TB, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, stepLimit)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatalf("in the browser: %v", err)
	}
}

// Run runs one action and returns its result.
func Run[T any](t testing.TB, p *Page, a chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, stepLimit)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatalf("in the browser: %v", err)
	}
	return v
}

// Click clicks the first visible element that a CSS selector matches. If that
// leads to another page use Follow, which waits for it.
func (p *Page) Click(t testing.TB, css string) {
	t.Helper()
	p.Do(t, chromedp.Click(chromedp.CSS(css), chromedp.NodeVisible))
}

// Follow clicks and waits for the page that this leads to; it returns the
// status of its document.
func (p *Page) Follow(t testing.TB, css string) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, stepLimit)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(css), chromedp.NodeVisible))
	if err != nil {
		t.Fatalf("click %s: %v", css, err)
	}
	return int64(res.Status)
}

// Fill puts a value into a field as a person would, key by key.
func (p *Page) Fill(t testing.TB, css, value string) {
	t.Helper()
	if Run(t, p, chromedp.Value(chromedp.CSS(css))) != "" { // an empty text area has nothing to clear
		p.Do(t, chromedp.Clear(chromedp.CSS(css)))
	}
	p.Do(t, chromedp.SendKeys(chromedp.CSS(css), value))
}

// Text is the visible text of the first element that a CSS selector matches.
func (p *Page) Text(t testing.TB, css string) string {
	t.Helper()
	return Run(t, p, chromedp.Text(chromedp.CSS(css), chromedp.NodeVisible))
}

// Wait waits until an element is visible.
func (p *Page) Wait(t testing.TB, css string) {
	t.Helper()
	p.Do(t, chromedp.WaitVisible(chromedp.CSS(css)))
}

// Shoot writes a PNG of the whole page, or of the window if whole is false.
func (p *Page) Shoot(t testing.TB, file string, whole bool) {
	t.Helper()
	shot := chromedp.CaptureScreenshot()
	if whole {
		shot = chromedp.FullScreenshot(100)
	}
	png := Run(t, p, shot)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// SignIn gives the page the cookies that a Client has.
func (p *Page) SignIn(t testing.TB, c *Client) {
	t.Helper()
	for _, k := range c.Cookies() {
		p.Do(t, call(network.SetCookie, network.SetCookieParams{Name: k.Name, Value: k.Value, URL: c.Base}))
	}
}

func call[P, R any](cmd cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, cmd, params); err != nil {
			return fmt.Errorf("%T: %w", params, err)
		}
		return nil
	})
}
