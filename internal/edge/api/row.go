package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"path"
	"reflect"
	"strconv"
	"strings"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"

	"github.com/danielgtaylor/huma/v2"
)

// row is one line of the table: how a request is let in, and the operation.
type row struct {
	gate.Route
	id, summary string
	status      int
	limit       int64
	before      func(*call) error // in no transaction, once the request is let in and read; or nil
	ownKey      bool              // the verb itself makes a repeated request the same
	tags        []string
	register    func(*Door, huma.API, *row)
}

// verb is one operation inside one transaction. Its result is the body of
// the answer.
type verb[I, T any] func(c *call, tx *db.Tx, in *I) (T, error)

// nothing is the result of a verb that has no more to say than that it was
// done: 204.
type nothing struct{}

// BodyLimit bounds a JSON body in bytes. Texts have bounds of their own,
// which the verbs know.
const BodyLimit = 1 << 20

func get[I, T any](path string, access gate.Access, scope, id, summary string, f verb[I, T]) row {
	return makeRow(http.MethodGet, path, access, scope, id, summary, http.StatusOK, f)
}

// open is get for what is recorded when it is opened, or signed when it is
// asked for, and therefore writes.
func open[I, T any](path string, access gate.Access, scope, id, summary string, f verb[I, T]) row {
	r := row{Route: gate.Route{Method: http.MethodGet, Path: path, Access: access, Scope: scope}, id: id, summary: summary, status: http.StatusOK, limit: BodyLimit}
	r.register = func(d *Door, api huma.API, r *row) { register(d, api, r, true, f) }
	return r
}

// post acts; create is post that makes a record.
func post[I, T any](path string, access gate.Access, scope, id, summary string, f verb[I, T]) row {
	return makeRow(http.MethodPost, path, access, scope, id, summary, http.StatusOK, f)
}

func create[I, T any](path string, access gate.Access, scope, id, summary string, f verb[I, T]) row {
	return makeRow(http.MethodPost, path, access, scope, id, summary, http.StatusCreated, f)
}

// patch changes what is named of a record, put says all of it; both need the
// version they change.
func patch[I, T any](path string, access gate.Access, scope, id, summary string, f verb[I, T]) row {
	return makeRow(http.MethodPatch, path, access, scope, id, summary, http.StatusOK, f)
}

func put[I, T any](path string, access gate.Access, scope, id, summary string, f verb[I, T]) row {
	return makeRow(http.MethodPut, path, access, scope, id, summary, http.StatusOK, f)
}

func remove[I, T any](path string, access gate.Access, scope, id, summary string, f verb[I, T]) row {
	return makeRow(http.MethodDelete, path, access, scope, id, summary, http.StatusOK, f)
}

func makeRow[I, T any](method, path string, access gate.Access, scope, id, summary string, status int, f verb[I, T]) row {
	r := row{Route: gate.Route{Method: method, Path: path, Access: access, Scope: scope}, id: id, summary: summary, status: status, limit: BodyLimit}
	if reflect.TypeFor[T]() == reflect.TypeFor[nothing]() {
		r.status = http.StatusNoContent
	}
	r.register = func(d *Door, api huma.API, r *row) { register(d, api, r, method != http.MethodGet, f) }
	return r
}

// versioned reports whether a request must name the version it changes.
func (r row) versioned() bool { return r.Method == http.MethodPut || r.Method == http.MethodPatch }

// reply is an answer whose body was marshalled inside the transaction, so that
// what is kept for a repeated request is what was sent.
//
// It is one type for all operations, and the schema of what a verb gives is
// told by hand: huma is compiled anew for every pair of an input and an output.
type reply = huma.StreamResponse

func (c *call) reply(res result) *reply {
	return &reply{Body: func(ctx huma.Context) {
		if res.etag != "" {
			ctx.SetHeader("ETag", res.etag)
		}
		if res.status != http.StatusNoContent {
			ctx.SetHeader("Content-Type", "application/json")
		}
		ctx.SetStatus(res.status)
		if res.status != http.StatusNoContent {
			_, _ = ctx.BodyWriter().Write(append(res.body, '\n'))
		}
	}}
}

// gives says what the body of a good answer is.
func gives[T any](op *huma.Operation, api huma.API) {
	if op.DefaultStatus == http.StatusNoContent {
		return
	}
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	op.Responses = map[string]*huma.Response{strconv.Itoa(op.DefaultStatus): {Description: http.StatusText(op.DefaultStatus), Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}}
}

func register[I, T any](d *Door, api huma.API, r *row, writes bool, f verb[I, T]) {
	op := operation(d, r)
	gives[T](&op, api)
	take(api, op, func(c *call, in *I) (result, error) { return run(c, in, f, r.status, writes) })
}

// take is the one place where huma is told of an input.
func take[I any](api huma.API, op huma.Operation, f func(*call, *I) (result, error)) {
	huma.Register(api, op, func(ctx context.Context, in *I) (*reply, error) {
		c := callOf(ctx)
		res, err := f(c, in)
		if err != nil {
			return nil, c.problemOf(err)
		}
		return c.reply(res), nil
	})
}

func operation(d *Door, r *row) huma.Operation {
	op := huma.Operation{Method: r.Method, Path: r.Path, OperationID: r.id, Summary: r.summary, DefaultStatus: r.status, Tags: r.tags,
		Middlewares: huma.Middlewares{d.admit(r)}, MaxBodyBytes: r.limit,
		Errors: []int{400, 401, 403, 404, 409, 413, 415, 422, 429}}
	if len(op.Tags) == 0 {
		op.Tags = []string{strings.Split(strings.TrimPrefix(r.Path, "/api/v1/"), "/")[0]}
	}
	op.Description = "For: " + r.Access.String() + "."
	switch r.Access {
	case gate.Anybody:
	case gate.Finders:
		op.Security = []map[string][]string{{"finder": {}}}
	default:
		op.Security = []map[string][]string{{"token": {r.NeedsScope()}}, {"session": {}}}
		op.Description += " Token scope: " + r.NeedsScope() + "."
	}
	if r.Method == http.MethodPost {
		op.Parameters = append(op.Parameters, &huma.Param{Name: keyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString},
			Description: "Up to 255 printable characters of your choice; a repeated request with the same key happens once and gets the same answer for 48 hours."})
	}
	if r.versioned() {
		op.Errors = append(op.Errors, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
		op.Parameters = append(op.Parameters, &huma.Param{Name: "If-Match", In: "header", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
			Description: "The ETag of the record as you saw it."})
	}
	return op
}

// result is an answer before it is written.
type result struct {
	status int
	etag   string
	body   json.RawMessage
}

// run runs a verb in a transaction of its own: a snapshot unless it writes;
// for a POST with a key, once.
func run[I, T any](c *call, in *I, f verb[I, T], status int, writes bool) (res result, err error) {
	work := func(tx *db.Tx) (result, error) {
		v, err := f(c, tx, in)
		if err != nil {
			return result{}, err
		}
		body, err := marshal(v)
		return result{status, etagOf(v), body}, err
	}
	if !writes {
		err = c.Read(c.r.Context(), func(tx *db.Tx) (err error) {
			res, err = work(tx)
			return err
		})
		return res, err
	}
	err = c.Write(c.r.Context(), func(tx *db.Tx) (err error) {
		res, err = c.once(tx, func() (result, error) { return work(tx) })
		return err
	})
	return res, err
}

// marshal writes JSON as it is sent: not escaped for HTML, since it is never
// put into a page.
func marshal(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// etagOf is the record's version as an entity tag; "" for what has none.
func etagOf(v any) string {
	rv := reflect.Indirect(reflect.ValueOf(v))
	if !rv.IsValid() || rv.Kind() != reflect.Struct {
		return ""
	}
	f := rv.FieldByName("Version")
	if !f.IsValid() || f.Kind() != reflect.Int64 {
		return ""
	}
	return strconv.Quote(strconv.FormatInt(f.Int(), 10))
}

// page is a part of a list.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Give it as cursor to get the next page; absent on the last."`
	Total *int   `json:"total,omitempty" doc:"Of all pages, where it is counted."`
}

func pageOf[T any](items []T, next string, total int) page[T] {
	if items == nil {
		items = []T{}
	}
	return page[T]{items, next, &total}
}

// whole is a list that is short enough for one page.
func whole[T any](items []T) page[T] { return pageOf(items, "", len(items)) }

// unfinished is a page of a list that nobody counts.
func unfinished[T any](items []T, next string) page[T] {
	p := pageOf(items, next, 0)
	p.Total = nil
	return p
}

// schemaName names a type in the OpenAPI document by package and type, since
// many packages have a Page or a State.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if name == "" {
		return hint
	}
	base, arg, generic := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	out := title(base)
	if pkg := path.Base(t.PkgPath()); pkg != "api" && pkg != "." {
		out = title(pkg) + out
	}
	if generic {
		pkg, last, ok := strings.Cut(path.Base(arg), ".")
		if !ok {
			pkg, last = "", pkg
		}
		if pkg == "api" {
			pkg = ""
		}
		out += "Of" + title(pkg) + title(last)
	}
	return out
}

func title(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
