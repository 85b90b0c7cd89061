package harness

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// ErrNoChromium says what to install where no browser is found.
var ErrNoChromium = errors.New(`no Chromium is installed, and the browser tests need a real one.
Install it:   apt-get install chromium      (Debian)
              dnf install chromium          (Fedora)
              brew install --cask chromium  (macOS)
or set TOCSIN_TEST_CHROMIUM to the path of Chromium or Chrome,
or set TOCSIN_TEST_NO_CHROMIUM=1 to skip these tests`)

// One Chromium serves all tests of a test binary; each Page has a profile of
// its own.
var (
	browserMu    sync.Mutex
	browserCtx   context.Context
	closeBrowser = func() {}
)

func browser() (context.Context, error) {
	browserMu.Lock()
	defer browserMu.Unlock()
	if browserCtx != nil {
		return browserCtx, nil
	}
	path, err := chromium()
	if err != nil {
		return nil, err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.IgnoreCertErrors, // the server's own authority is unknown to it
		chromedp.Flag("lang", "en-US"),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("font-render-hinting", "none"),
		// A name that is looked up nowhere: nothing outside is ever asked.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // the sandbox refuses root
	}
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(alloc)
	started := make(chan error, 1)
	go func() { started <- chromedp.Do(ctx) }()
	select {
	case err = <-started:
	case <-time.After(startLimit):
		err = errors.New("the browser does not start")
	}
	if err != nil {
		endAlloc()
		return nil, err
	}
	browserCtx = ctx
	closeBrowser = func() { end(); endAlloc() }
	return ctx, nil
}

func chromium() (string, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"}
	if given := os.Getenv("TOCSIN_TEST_CHROMIUM"); given != "" {
		names = []string{given}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoChromium
}

func browserOrSkip(t testing.TB) context.Context {
	t.Helper()
	if os.Getenv("TOCSIN_TEST_NO_CHROMIUM") == "1" {
		t.Skip("TOCSIN_TEST_NO_CHROMIUM=1: browser tests are left out")
	}
	ctx, err := browser()
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}
