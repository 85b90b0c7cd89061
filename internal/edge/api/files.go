package api

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/report"
	"tocsin/internal/response/talk"

	"github.com/danielgtaylor/huma/v2"
)

// download is a file that an actor may have, or a text made for them.
type download struct {
	name   string
	sha256 string // of a stored file
	text   []byte // else the content itself
	// prepare makes a content that is written as it is read, once the verb's
	// own transaction has ended; or nil.
	prepare func(ctx context.Context) (prepared, error)
}

// prepared is a content that is ready to be written.
type prepared interface {
	Name() string
	WriteTo(ctx context.Context, w io.Writer) error
	Close() error
}

// fetch is a row that answers with a file: always as an attachment of no
// type, so that no browser opens it in this server's name.
func fetch[I any](path string, access gate.Access, scope, id, summary string, f verb[I, download]) row {
	r := row{Route: gate.Route{Method: http.MethodGet, Path: path, Access: access, Scope: scope}, id: id, summary: summary, status: http.StatusOK, limit: BodyLimit}
	r.register = func(d *Door, api huma.API, r *row) {
		op := operation(d, r)
		op.Responses = map[string]*huma.Response{"200": {Description: "The file.", Content: map[string]*huma.MediaType{"application/octet-stream": {}}}}
		huma.Register(api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
			c := callOf(ctx)
			var file download
			// Handing a file over is recorded, so this is a writing GET.
			err := c.Write(ctx, func(tx *db.Tx) (err error) {
				file, err = f(c, tx, in)
				return err
			})
			if err != nil {
				return nil, c.problemOf(err)
			}
			if file.prepare != nil {
				ready, err := file.prepare(ctx)
				if err != nil {
					return nil, c.problemOf(err)
				}
				return &huma.StreamResponse{Body: func(huma.Context) { c.stream(ctx, ready) }}, nil
			}
			content := io.NopCloser(io.Reader(nil))
			if file.sha256 != "" {
				if content, err = c.Blobs.Open(ctx, file.sha256); err != nil {
					return nil, c.problemOf(err)
				}
			}
			return &huma.StreamResponse{Body: func(huma.Context) { c.send(file, content) }}, nil
		})
	}
	return r
}

// stream writes a content that is made on the way.
func (c *call) stream(ctx context.Context, content prepared) {
	defer content.Close()
	c.attach(content.Name())
	if err := content.WriteTo(ctx, c.w); err != nil {
		c.Log.Error("an export was not sent whole", "pattern", c.r.Pattern, "err", err)
		panic(http.ErrAbortHandler) // half an export must not look like a whole one
	}
}

// attach sets the headers of what is saved and never shown.
func (c *call) attach(name string) {
	h := c.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("X-Content-Type-Options", "nosniff")
}

func (c *call) send(file download, content io.ReadCloser) {
	c.attach(file.name)
	if file.sha256 == "" {
		c.w.Header().Set("Content-Length", strconv.Itoa(len(file.text)))
		c.w.Write(file.text)
		return
	}
	defer content.Close()
	if _, err := io.Copy(c.w, content); err != nil {
		c.Log.Error("a file was not sent whole", "pattern", c.r.Pattern, "err", err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
}

// incoming is an uploaded file whose content is in the store already.
type incoming struct {
	name     string
	declared string
	head     []byte
	ref      blob.Ref
}

// UploadQuery is what every upload says beside its content, which is the raw
// body.
type UploadQuery struct {
	Name   string `query:"name" required:"true" maxLength:"255" doc:"File name."`
	SHA256 string `query:"sha256" pattern:"^[0-9a-f]{64}$" doc:"Of the content; when given, a file that arrived otherwise is refused."`
}

func (q UploadQuery) asked() UploadQuery { return q }

// upload is a row that takes a file as its raw body: the content is stored
// first, then the verb runs.
func upload[I interface{ asked() UploadQuery }, T any](path string, access gate.Access, limit int64, id, summary string, f func(c *call, tx *db.Tx, in *I, file incoming) (T, error)) row {
	r := row{Route: gate.Route{Method: http.MethodPost, Path: path, Access: access, Upload: true}, id: id, summary: summary, status: http.StatusCreated, limit: limit}
	if reflect.TypeFor[T]() == reflect.TypeFor[nothing]() {
		r.status = http.StatusNoContent
	}
	r.register = func(d *Door, api huma.API, r *row) {
		op := operation(d, r)
		op.RequestBody = &huma.RequestBody{Required: true, Description: "The file as it is, of any media type.",
			Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
		gives[T](&op, api)
		take(api, op, func(c *call, in *I) (result, error) {
			file, err := c.receive((*in).asked(), limit)
			if err != nil {
				return result{}, err
			}
			return run(c, in, func(c *call, tx *db.Tx, in *I) (T, error) { return f(c, tx, in, file) }, r.status, true)
		})
	}
	return r
}

func (c *call) receive(q UploadQuery, limit int64) (incoming, error) {
	body := bufio.NewReaderSize(http.MaxBytesReader(c.w, c.r.Body, limit), 4096)
	head, _ := body.Peek(blob.SniffLen) // an error comes again below
	file := incoming{name: q.Name, declared: c.r.Header.Get("Content-Type"), head: append([]byte(nil), head...)}
	var err error
	file.ref, err = c.Blobs.Put(c.r.Context(), body, limit)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || errs.Is(err, errs.TooLarge) {
		return file, errs.New(errs.TooLarge, "The file is longer than %d bytes, which is the most that is taken; nothing was kept.", limit)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return file, errs.Wrap(errs.Malformed, err, "The file ended before its time; nothing was kept. Send it again.")
	}
	if err != nil {
		return file, err
	}
	if file.ref.Size == 0 {
		return file, errs.New(errs.Invalid, "The file is empty; send its content as the body.")
	}
	if q.SHA256 != "" && q.SHA256 != file.ref.SHA256 {
		return file, errs.New(errs.Invalid, "What arrived is not the file of that SHA-256. Send it again.")
	}
	sum, err := hex.DecodeString(file.ref.SHA256)
	c.request = c.digest(sum)
	return file, err
}

func (f incoming) report() report.Upload {
	return report.Upload{Name: f.name, Head: f.head, Ref: f.ref}
}

func (f incoming) talk() talk.Upload {
	media, lies := blob.Sniff(f.head, f.name)
	return talk.Upload{Ref: f.ref, Name: blob.SafeName(f.name), Declared: f.declared, Media: media, Lies: lies}
}
