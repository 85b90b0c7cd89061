package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/limit"

	"github.com/danielgtaylor/huma/v2"
)

// Problem is the answer to what could not be done (RFC 9457). It never
// repeats what was submitted.
type Problem struct {
	Type   string    `json:"type" doc:"Where this kind of problem is explained."`
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Code   string    `json:"code" doc:"The kind of problem, for programs."`
	Detail string    `json:"detail" doc:"What happened and what to do."`
	Errors []Refusal `json:"errors,omitempty" doc:"The refused parts of the request."`
	Theirs any       `json:"theirs,omitempty" doc:"When two edited at once: the record as it stands."`
	Yours  any       `json:"yours,omitempty" doc:"When two edited at once: the record as you sent it."`
}

// Refusal is one part of a request that was refused.
type Refusal struct {
	Location string `json:"location" doc:"As body.ends_at, query.limit, header.If-Match."`
	Message  string `json:"message"`
}

// Error is the sentence for a log.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType marks the answer as a problem document.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func (p *Problem) complete() {
	p.Type, p.Title = "/api/#"+p.Code, http.StatusText(p.Status)
}

func (p *Problem) write(w http.ResponseWriter) {
	p.complete()
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) // the client is gone if this fails
}

// problemOf turns a verb's error into the answer, and logs faults of the
// server. Where the request named a version in If-Match, a stale one is a
// failed precondition (RFC 9110, 13.1.1).
func (c *call) problemOf(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		p.complete()
		return p
	}
	status, e := gate.Status(err), gate.Public(err)
	if e.Kind == errs.Stale && c.stated {
		status = http.StatusPreconditionFailed
	}
	if status >= 500 {
		c.Log.Error("request failed", "pattern", c.r.Pattern, "err", err)
	}
	if status == http.StatusUnauthorized {
		c.w.Header().Set("WWW-Authenticate", `Bearer realm="tocsin"`)
	}
	if x, ok := errors.AsType[*limit.Exceeded](err); ok {
		c.w.Header().Set("Retry-After", strconv.Itoa(int(x.RetryAfter.Seconds())+1))
	}
	p := &Problem{Status: status, Code: e.Kind.String(), Detail: e.Text, Theirs: e.Theirs, Yours: e.Yours}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, Refusal{Location: "body." + f.Name, Message: f.Reason})
	}
	p.complete()
	return p
}

// huma has one function for all servers of a process: it is replaced before
// the first of them is made.
func init() { huma.NewError = problemFromHuma }

// problemFromHuma replaces huma's own errors, which repeat submitted values.
func problemFromHuma(status int, message string, causes ...error) huma.StatusError {
	p := &Problem{Status: status, Code: codes[status], Detail: details[status]}
	if p.Code == "" {
		p.Code = strings.ReplaceAll(strings.ToLower(http.StatusText(status)), " ", "-")
	}
	if p.Detail == "" {
		p.Detail = http.StatusText(status) + "."
	}
	for _, err := range causes {
		if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			p.Errors = append(p.Errors, Refusal{Location: d.Location, Message: plainRefusal(d.Message)})
		}
	}
	p.complete()
	return p
}

var codes = map[int]string{
	http.StatusBadRequest: "malformed", http.StatusUnprocessableEntity: "invalid", http.StatusRequestEntityTooLarge: "too-large",
	http.StatusUnsupportedMediaType: "unsupported-media-type", http.StatusInternalServerError: "internal", http.StatusNotAcceptable: "not-acceptable",
}

var details = map[int]string{
	http.StatusBadRequest:            "The request could not be read; nothing was changed.",
	http.StatusUnprocessableEntity:   "Parts of the request need another look; nothing was changed.",
	http.StatusRequestEntityTooLarge: "That is more than this address takes; nothing was changed.",
	http.StatusUnsupportedMediaType:  "Send application/json; nothing was changed.",
	http.StatusInternalServerError:   "Something went wrong on the server; nothing was changed. The operator finds the cause in the log.",
}

// plainRefusal keeps the validator's own sentences, which speak of the
// schema, and replaces all that comes from a parser, which quote the input.
func plainRefusal(message string) string {
	switch {
	case strings.HasPrefix(message, "expected string to be"):
		message, _, _ = strings.Cut(message, ": ")
		return message
	case strings.HasPrefix(message, "expected "), strings.HasPrefix(message, "required "), message == "unexpected property", message == "unknown query parameter":
		return message
	}
	return "this could not be read"
}
