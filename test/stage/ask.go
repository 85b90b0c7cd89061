package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
	"tocsin/internal/kernel/id"
)

// Answer is a whole answer.
type Answer struct {
	Status int
	Header http.Header
	Raw    []byte
	Body   Object
}

// Object is a JSON object.
type Object = map[string]any

// Text is a field of the answer; "" when there is none.
func (a Answer) Text(name string) string { s, _ := a.Body[name].(string); return s }

// Version is the entity tag, for the next change.
func (a Answer) Version() string { return a.Header.Get("ETag") }

// Items are the rows of a list.
func (a Answer) Items() (out []Object) {
	list, _ := a.Body["items"].([]any)
	for _, x := range list {
		out = append(out, x.(Object))
	}
	return out
}

// Ask sends one request; body is JSON, or a string as it is.
func (s *Stage) Ask(auth, method, path string, body any, more ...string) Answer {
	s.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			s.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	ctx, cancel := context.WithTimeout(s.Context(), 10*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, s.URL+path, in)
	if err != nil {
		s.Fatal(err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost && strings.HasPrefix(path, "/api/") {
		r.Header.Set("Idempotency-Key", id.Secret())
	}
	if auth != "" {
		r.Header.Set("Authorization", auth)
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	res, err := s.client.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	a := Answer{Status: res.StatusCode, Header: res.Header}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		time.AfterFunc(200*time.Millisecond, cancel) // it does not end by itself
		a.Raw, _ = io.ReadAll(res.Body)
		return a
	}
	if a.Raw, err = io.ReadAll(res.Body); err != nil {
		s.Fatalf("%s %s: %v", method, path, err)
	}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(a.Raw, &a.Body); err != nil {
			s.Fatalf("%s %s answers %q: %v", method, path, a.Raw, err)
		}
	}
	return a
}

// Must is send to the REST interface as a person, that insists on a status.
func (s *Stage) Must(status int, p Person, method, path string, body any, more ...string) Answer {
	s.Helper()
	return s.Insist(status, p.Auth(), method, "/api/v1"+path, body, more...)
}

// Insist is Ask that insists on a status.
func (s *Stage) Insist(status int, auth, method, path string, body any, more ...string) Answer {
	s.Helper()
	a := s.Ask(auth, method, path, body, more...)
	if a.Status != status {
		s.Fatalf("%s %s: status %d, want %d: %.2000s", method, path, a.Status, status, a.Raw)
	}
	return a
}

// MailsTo are the mails that left for an address since an instant.
func (s *Stage) MailsTo(address string, since time.Time) (out []Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.mails {
		if m.To == address && !m.At.Before(since) {
			out = append(out, m)
		}
	}
	return out
}
