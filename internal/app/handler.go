package app

import (
	"fmt"
	"net/http"
	"slices"

	"tocsin/internal/edge/api"
	"tocsin/internal/edge/csafprovider"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/portal"
)

// door is a part of the server's surface.
type door interface {
	Routes() []gate.Route
	Mount(*http.ServeMux)
}

// doors makes every door of a house.
func doors(h *gate.House, metrics http.Handler) ([]door, error) {
	p, err := portal.New(h)
	if err != nil {
		return nil, err
	}
	d, err := api.New(h)
	if err != nil {
		return nil, err
	}
	return []door{p, d, csafprovider.New(h), hatch{h, metrics}}, nil
}

// Handler mounts every door.
func Handler(h *gate.House, metrics http.Handler) (http.Handler, error) {
	all, err := doors(h, metrics)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, d := range all {
		d.Mount(mux)
	}
	return gate.Harden(h, mux), nil
}

// Routes is every route that Handler serves, door by door. Only the assets of
// the look and the page for what is not there, which are the same for
// everybody, stand in no table.
func Routes(h *gate.House) ([]gate.Route, error) {
	all, err := doors(h, http.NotFoundHandler())
	if err != nil {
		return nil, err
	}
	var out []gate.Route
	for _, d := range all {
		out = slices.Concat(out, d.Routes())
	}
	return out, nil
}

// hatch is the door of those who keep the server running.
type hatch struct {
	house   *gate.House
	metrics http.Handler
}

func (d hatch) Routes() []gate.Route {
	get := func(path string, access gate.Access, f http.HandlerFunc) gate.Route {
		return gate.Route{Method: http.MethodGet, Path: path, Access: access, Handler: f}
	}
	return []gate.Route{
		get("/metrics", gate.Operators, guardMetrics(d.house, d.metrics)),
		get("/healthz", gate.Anybody, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }),
		get("/readyz", gate.Anybody, d.ready),
	}
}

func (d hatch) Mount(mux *http.ServeMux) {
	for _, r := range d.Routes() {
		mux.HandleFunc(r.Method+" "+r.Path, r.Handler)
	}
}

func (d hatch) ready(w http.ResponseWriter, r *http.Request) {
	if err := d.house.DB.Ping(r.Context()); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
