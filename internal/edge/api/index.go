package api

import (
	"html/template"
	"net/http"
)

var indexPage = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tocsin API</title>
<h1>Tocsin API</h1>
<p>The OpenAPI 3.1 document: <a href="{{.Spec}}">{{.Spec}}</a>. Send an API token as <code>Authorization: Bearer …</code>; the holder of a finder’s link sends <code>Authorization: Finder …</code> with its secret.</p>
<h2>Addresses</h2>
<table>
<thead><tr><th scope="col">Method</th><th scope="col">Address</th><th scope="col">For</th><th scope="col">Scope</th><th scope="col">What it does</th></tr></thead>
<tbody>{{range .Rows}}<tr><td>{{.Method}}</td><td><code>{{.Path}}</code></td><td>{{.Access}}</td><td>{{.NeedsScope}}</td><td>{{.Summary}}</td></tr>
{{end}}</tbody>
</table>
<h2>Problems</h2>
<p>What cannot be done is answered with a problem document (RFC 9457) of one of these types:</p>
<dl>{{range .Problems}}<dt id="{{.Code}}"><code>{{.Code}}</code></dt><dd>{{.Means}}</dd>
{{end}}</dl>
</html>
`))

type indexRow struct {
	row
	Summary string
}

type problemKind struct{ Code, Means string }

var problemKinds = []problemKind{
	{"malformed", "The request could not be read (400)."},
	{"unauthenticated", "Nobody is signed in, or the token does not hold (401)."},
	{"denied", "You see the record, but this is not yours to do (403)."},
	{"not-found", "It is not there, or you may not see it (404)."},
	{"method-not-allowed", "The address does not take this method (405)."},
	{"conflict", "Its state does not allow this now (409)."},
	{"stale", "Somebody else changed it first; both versions are in theirs and yours (412)."},
	{"gone", "A link that was valid once (410)."},
	{"too-large", "Longer than this address takes (413)."},
	{"unsupported-media-type", "The body is not of the type this address takes (415)."},
	{"invalid", "Parts of the request were refused; errors says which (422)."},
	{"version-required", "An update must name the version it changes in If-Match (428)."},
	{"rate-limited", "Too often; Retry-After says when to come back (429)."},
	{"internal", "A fault of the server; the operator finds it in the log (500)."},
	{"unavailable", "A part of the server does not answer now (503)."},
}

// serveIndex lists the addresses for a person.
func (d *Door) serveIndex(w http.ResponseWriter, _ *http.Request) {
	var list []indexRow
	for _, r := range d.rows {
		list = append(list, indexRow{r, r.summary})
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := indexPage.Execute(w, map[string]any{"Spec": SpecPath, "Rows": list, "Problems": problemKinds}); err != nil {
		d.Log.Error("the list of addresses was not drawn", "err", err)
	}
}
