package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Problem is what the server refused and why (RFC 9457).
type Problem struct {
	Type   string          `json:"type"`
	Title  string          `json:"title"`
	Status int             `json:"status"`
	Code   string          `json:"code"` // as "not-found"; stable
	Detail string          `json:"detail"`
	Errors []Refusal       `json:"errors,omitempty"`
	Theirs json.RawMessage `json:"theirs,omitempty"` // when two edited at once: the record as it stands
	Yours  json.RawMessage `json:"yours,omitempty"`  // and as it was sent
}

// Refusal is one refused part of a request.
type Refusal struct {
	Location string `json:"location"` // as "body.ends_at"
	Message  string `json:"message"`
}

// Error is the sentence for a person, with the refused parts.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Detail)
	for _, e := range p.Errors {
		if e.Message != p.Detail {
			fmt.Fprintf(&b, " (%s: %s)", strings.TrimPrefix(e.Location, "body."), e.Message)
		}
	}
	return b.String()
}

// Is reports whether err is a Problem of that code.
func Is(err error, code string) bool {
	p, ok := errors.AsType[*Problem](err)
	return ok && p.Code == code
}

func problemOf(resp *http.Response) error {
	defer resp.Body.Close()
	p := &Problem{}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil || json.Unmarshal(body, p) != nil || p.Detail == "" {
		p = &Problem{Code: "unknown", Detail: "The server answered " + resp.Status + " and no reason; check that its address is right."}
	}
	p.Status = resp.StatusCode
	return p
}
