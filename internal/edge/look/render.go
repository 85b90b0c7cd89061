package look

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
)

//go:embed partials
var partialFiles embed.FS

//go:embed pages
var ownPages embed.FS

// ContentSecurityPolicy goes out with every page. It forbids inline scripts
// and inline style attributes alike; drawings use SVG presentation
// attributes and classes instead.
const ContentSecurityPolicy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// Renderer turns page data into whole HTML pages inside the one frame.
// Make one with New; it is safe for concurrent use.
type Renderer struct {
	assets *Assets
	set    *template.Template // the components and all pages
	pages  map[string]page
	log    *slog.Logger
}

type page struct {
	layout  string // name of its own copy of the layout
	hasSide bool
}

// Framed is what every page's data must be; embedding Frame is enough.
type Framed interface{ LookFrame() Frame }

// framed is what the layout itself sees.
type framed struct {
	Frame
	Theme, Path string
	HasSide     bool
	Page        any
}

// New parses the frame, the components and the caller's pages. Every *.html
// in pages (nil for none) becomes a page named by its path without ".html";
// it defines "main" and, for a side column, "side". A file whose name begins
// with "_" holds templates shared by all pages. The package's own pages are
// "error" (ErrorPage) and "gallery" (GalleryPage).
func New(pages fs.FS, log *slog.Logger) (*Renderer, error) {
	if log == nil {
		log = slog.Default()
	}
	files, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		return nil, err
	}
	assets, err := loadAssets(files)
	if err != nil {
		return nil, err
	}
	rd := &Renderer{assets: assets, pages: map[string]page{}, log: log}
	if rd.set, err = template.New("look").Funcs(funcs(assets)).ParseFS(partialFiles, "partials/*.html"); err != nil {
		return nil, fmt.Errorf("components: %w", err)
	}
	own, err := fs.Sub(ownPages, "pages")
	if err != nil {
		return nil, err
	}
	for _, set := range []fs.FS{own, pages} {
		if set == nil {
			continue
		}
		if err := rd.addPages(set); err != nil {
			return nil, err
		}
	}
	return rd, nil
}

// Page writes one whole page. It is rendered into memory first: a template
// that fails gives a plain page with status 500 and never half a page.
// Headers already set by the caller (Cache-Control of a public page, say)
// are kept; otherwise the page may not be stored.
func (rd *Renderer) Page(w http.ResponseWriter, r *http.Request, status int, name string, data Framed) {
	body, err := rd.render(r, name, data)
	if err != nil {
		rd.log.ErrorContext(r.Context(), "page could not be drawn", "page", name, "error", err)
		body, status = []byte(brokenPage), http.StatusInternalServerError
		w.Header().Set("Cache-Control", "no-store")
	}
	h := w.Header()
	setUnlessSet(h, "Cache-Control", "no-store")
	setUnlessSet(h, "Content-Security-Policy", ContentSecurityPolicy)
	setUnlessSet(h, "Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// A reader who hangs up is not an error worth telling anybody.
	_, _ = w.Write(body)
}

func (rd *Renderer) render(r *http.Request, name string, data Framed) ([]byte, error) {
	p, ok := rd.pages[name]
	if !ok {
		return nil, fmt.Errorf("there is no page named %q", name)
	}
	view := framed{Frame: data.LookFrame(), Theme: theme(r), Path: r.URL.RequestURI(), HasSide: p.hasSide, Page: data}
	var buf bytes.Buffer
	if err := rd.set.ExecuteTemplate(&buf, p.layout, view); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// Names lists the pages that can be drawn, for tests that walk them all.
func (rd *Renderer) Names() []string {
	names := make([]string, 0, len(rd.pages))
	for name := range rd.pages {
		names = append(names, name)
	}
	return names
}

// Assets gives the handler to mount at /assets/.
func (rd *Renderer) Assets() http.Handler { return rd.assets }

func setUnlessSet(h http.Header, key, value string) {
	if h.Get(key) == "" {
		h.Set(key, value)
	}
}

// brokenPage stands alone: whatever broke the templates cannot break it.
const brokenPage = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
	`<title>This page could not be drawn</title><h1>This page could not be drawn</h1>` +
	`<p>The fault is on our side and has been logged. What you had saved before is safe. ` +
	`<a href="">Try again</a>, or <a href="/">go to the first page</a>.</p></html>`
