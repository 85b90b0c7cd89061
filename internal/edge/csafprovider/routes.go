// Package csafprovider is the door through which programs fetch CSAF
// documents: provider metadata, ROLIE feeds, a directory, hashes, signatures
// and keys (CSAF 2.0, section 7), in the role of a trusted provider, and
// security.txt (RFC 9116).
//
// Everything is computed at the request from what stands and from what the
// asker may see, so that a document is in every list and at its place from the
// same instant on. What somebody may not see is not found, and a feed that
// holds nothing for them is not declared to them.
package csafprovider

import (
	"net/http"
	"sync"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/gate"
)

// Door serves the documents of a house.
type Door struct {
	house *gate.House
	feeds written

	mu     sync.Mutex
	signed signedText // the last security.txt that was signed
}

// New makes the door.
func New(h *gate.House) *Door { return &Door{house: h} }

const root = "/.well-known/csaf/"

// Routes are all of the door's rows. {label} is a TLP label in lower case.
func (d *Door) Routes() []gate.Route {
	get := func(path string, f answer) gate.Route {
		return gate.Route{Method: http.MethodGet, Path: path, Access: gate.Anybody, Scope: charter.ScopeRead, Handler: d.serve(f)}
	}
	return []gate.Route{
		get("/.well-known/security.txt", d.securityText),
		get(root+"{$}", d.listRoot),
		get(root+"provider-metadata.json", d.metadata),
		get(root+"service.json", d.service),
		get(root+"openpgp/{file}", d.key),
		get(root+"{label}/{$}", d.listLabel),
		get(root+"{label}/{file}", d.list), // index.txt, changes.csv, csaf-feed-tlp-LABEL.json, category-LABEL.json
		get(root+"{label}/{year}/{$}", d.listYear),
		get(root+"{label}/{year}/{file}", d.document), // x.json, x.json.sha256, x.json.sha512, x.json.asc
		get(root+"{label}/{folder}/{year}/{$}", d.listYear),
		get(root+"{label}/{folder}/{year}/{file}", d.document),
		get(root+"history/{document}/{file}", d.revision),
	}
}

// Mount adds the door to a mux.
func (d *Door) Mount(mux *http.ServeMux) {
	for _, r := range d.Routes() {
		mux.HandleFunc(r.Method+" "+r.Path, r.Handler)
	}
}
