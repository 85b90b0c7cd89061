// Package portal is the door for people: server-rendered pages that work
// without JavaScript. A handler decodes, calls one verb and renders; the
// routes stand in routes.go.
package portal

import (
	"embed"
	"io/fs"
	"net/http"

	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/errs"
)

//go:embed all:pages
var pageFiles embed.FS

// Portal serves the pages.
type Portal struct {
	*gate.House
	look   *look.Renderer
	people *people.Desk
	room   *liveRoom
	taken  *http.ServeMux // the rows alone, without the answer to what none takes
}

// New parses the pages and makes the desk where people sign in.
func New(h *gate.House) (*Portal, error) {
	pages, err := fs.Sub(pageFiles, "pages")
	if err != nil {
		return nil, err
	}
	rd, err := look.New(pages, h.Log)
	if err != nil {
		return nil, err
	}
	desk, err := people.NewDesk(h.DB, h.Sealer, h.Box, h.URL, h.Demo)
	if err != nil {
		return nil, err
	}
	p := &Portal{House: h, look: rd, people: desk, room: newLiveRoom(), taken: http.NewServeMux()}
	for _, r := range p.Routes() {
		p.taken.HandleFunc(r.Method+" "+r.Path, r.Handler)
	}
	return p, nil
}

// Mount adds the portal to a mux.
func (p *Portal) Mount(mux *http.ServeMux) {
	mux.Handle("GET /assets/", p.look.Assets())
	mux.HandleFunc("/", p.row("", "/", gate.Anybody, (*visit).nowhere).Handler)
	for _, r := range p.Routes() {
		mux.HandleFunc(r.Method+" "+r.Path, r.Handler)
	}
}

// handler draws or changes something for one visit. Its error becomes the
// error page.
type handler func(*visit) error

// row makes a route of a handler: it finds out who comes, lets them in or
// not, bounds the body and answers errors.
func (p *Portal) row(method, path string, access gate.Access, h handler) gate.Route {
	r := gate.Route{Method: method, Path: path, Access: access}
	r.Handler = func(w http.ResponseWriter, req *http.Request) { p.serve(r, h, w, req) }
	return r
}

// bodyLimit bounds a form; uploads have routes of their own (rowUpload).
const bodyLimit = 1 << 20

func (p *Portal) serve(route gate.Route, h handler, w http.ResponseWriter, r *http.Request) {
	v := &visit{Portal: p, w: w, r: r, now: p.DB.Clock.Now()}
	if route.Method != http.MethodGet && !route.Upload {
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	}
	if err := v.arrive(route.Access); err != nil {
		v.fail(err)
		return
	}
	err := route.Admit(v.Actor)
	if err == nil && v.Enrolling() && route.Access != gate.Anybody && !route.Enroll {
		err = errs.New(errs.Denied, "Add a second factor first.")
	}
	if err != nil {
		v.refuse(route.Access, err)
		return
	}
	if err := h(v); err != nil {
		v.fail(err)
	}
}

// enroll is row for what somebody needs who must still add a second factor.
func (p *Portal) enroll(method, path string, h handler) gate.Route {
	r := gate.Route{Method: method, Path: path, Access: gate.Members, Enroll: true}
	r.Handler = func(w http.ResponseWriter, req *http.Request) { p.serve(r, h, w, req) }
	return r
}

// upload is row for a handler that reads a long body itself.
func (p *Portal) upload(path string, access gate.Access, h handler) gate.Route {
	r := p.row(http.MethodPost, path, access, h)
	r.Upload = true
	up := r
	r.Handler = func(w http.ResponseWriter, req *http.Request) { p.serve(up, h, w, req) }
	return r
}
