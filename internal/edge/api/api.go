// Package api is the door for programs: a REST interface under /api/v1 whose
// OpenAPI 3.1 document is made from the same table that serves it
// (routes.go). A handler decodes, calls one verb and answers; what an actor
// may see and do is the verbs' to say.
package api

import (
	"encoding/json"
	"net/http"

	"tocsin/internal/edge/gate"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// SpecPath is where the OpenAPI document stands.
const SpecPath = "/api/openapi.json"

// Door serves the API.
type Door struct {
	*gate.House
	mux  *http.ServeMux
	rows []row
	spec []byte
}

// New registers every row of the table.
func New(h *gate.House) (*Door, error) {
	d := &Door{House: h, mux: http.NewServeMux()}
	d.rows = rows()
	oapi := humago.New(d.mux, settings())
	for i := range d.rows {
		r := &d.rows[i]
		r.Handler = d.ServeHTTP
		r.register(d, oapi, r)
	}
	var err error
	if d.spec, err = json.MarshalIndent(oapi.OpenAPI(), "", " "); err != nil {
		return nil, err
	}
	d.mux.HandleFunc("GET "+SpecPath, d.serveSpec)
	d.mux.HandleFunc("GET /api/{$}", d.serveIndex)
	return d, nil
}

// settings describes the API. Nothing is loaded from elsewhere and nothing
// but JSON is spoken.
func settings() huma.Config {
	cfg := huma.DefaultConfig("Tocsin", "1")
	cfg.Info.Description = "Coordinated response under one rule of who may see what. Instants are RFC 3339 with a zone; ids are opaque; " +
		"a POST with an Idempotency-Key happens once; an update names the version it changes in If-Match."
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath, cfg.CreateHooks = "", "", "", nil
	cfg.FieldsOptionalByDefault = true
	cfg.RejectUnknownQueryParameters = true
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token; its scopes bound what its person may do."},
		"session": {Type: "apiKey", In: "cookie", Name: "tocsin", Description: "The portal's session, for a browser."},
		"finder":  {Type: "apiKey", In: "header", Name: "Authorization", Description: "\"Finder SECRET\": the secret of a finder's link, for a report without an account."},
	}
	return cfg
}

// Mount adds the API to a mux.
func (d *Door) Mount(mux *http.ServeMux) { mux.Handle("/api/", d) }

// Routes is the whole surface of the API.
func (d *Door) Routes() []gate.Route {
	out := []gate.Route{
		{Method: http.MethodGet, Path: SpecPath, Access: gate.Anybody, Handler: d.ServeHTTP},
		{Method: http.MethodGet, Path: "/api/{$}", Access: gate.Anybody, Handler: d.ServeHTTP},
	}
	for _, r := range d.rows {
		out = append(out, r.Route)
	}
	return out
}

// ServeHTTP answers a request; what no row takes becomes a problem document
// too.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := d.mux.Handler(r); pattern != "" {
		d.mux.ServeHTTP(w, r)
		return
	}
	p := &Problem{Status: http.StatusNotFound, Code: "not-found", Detail: "There is no such address. " + SpecPath + " lists all of them."}
	if allow := gate.Methods(d.mux, r); allow != "" {
		w.Header().Set("Allow", allow)
		p.Status, p.Code, p.Detail = http.StatusMethodNotAllowed, "method-not-allowed", "This address does not take that method; Allow lists those it takes."
	}
	p.write(w)
}

func (d *Door) serveSpec(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/openapi+json")
	w.Write(d.spec)
}
