package harness

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/id"
)

// maxAnswer bounds the body of one answer, in bytes.
const maxAnswer = 64 << 20

// Client is one user's HTTP client: it keeps cookies and does not follow
// redirects, so that a test sees each answer.
type Client struct {
	Base   string // put before every path that has no scheme
	Token  string // sent as bearer token when set
	Header http.Header
	http   *http.Client
}

// Answer is a whole answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	URL    *url.URL // of the request
}

// Client makes a user's client without any cookie. It trusts the server's
// own authority if there is one.
func (s *Server) Client(t testing.TB) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	tr := http.DefaultTransport.(*http.Transport).Clone()
	tr.Proxy = nil
	if strings.HasPrefix(s.URL, "https:") {
		pem, err := os.ReadFile(s.CAFile())
		if err != nil {
			t.Fatal(err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			t.Fatalf("%s holds no certificate", s.CAFile())
		}
		tr.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &Client{Base: s.URL, Header: http.Header{}, http: &http.Client{
		Jar: jar, Transport: tr, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Cookies are those the client would send to the server.
func (c *Client) Cookies() []*http.Cookie {
	u, err := url.Parse(c.Base)
	if err != nil {
		return nil
	}
	return c.http.Jar.Cookies(u)
}

// Get fetches a path.
func (c *Client) Get(t testing.TB, path string) *Answer {
	t.Helper()
	return c.Do(t, http.MethodGet, path, "", nil)
}

// Follow is Get that follows up to ten redirects within the server.
func (c *Client) Follow(t testing.TB, path string) *Answer {
	t.Helper()
	a := c.Get(t, path)
	return c.follow(t, a)
}

// Form posts a form and follows the redirect that answers it.
func (c *Client) Form(t testing.TB, path string, form url.Values) *Answer {
	t.Helper()
	a := c.Do(t, http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	return c.follow(t, a)
}

func (c *Client) follow(t testing.TB, a *Answer) *Answer {
	t.Helper()
	for range 10 {
		to := a.Header.Get("Location")
		if a.Status < 300 || a.Status > 399 || to == "" {
			return a
		}
		u, err := a.URL.Parse(to)
		if err != nil {
			t.Fatalf("redirect to %q: %v", to, err)
		}
		a = c.Get(t, u.String())
	}
	t.Fatalf("more than ten redirects, the last to %s", a.URL)
	return nil
}

// JSON sends in (nil for no body) and decodes a 2xx answer into out (nil to
// leave it). Each POST carries a fresh Idempotency-Key unless Header has one.
func (c *Client) JSON(t testing.TB, method, path string, in, out any) *Answer {
	t.Helper()
	var body io.Reader
	kind := ""
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		body, kind = bytes.NewReader(b), "application/json"
	}
	a := c.Do(t, method, path, kind, body)
	if out != nil && a.Status/100 == 2 {
		if err := json.Unmarshal(a.Body, out); err != nil {
			t.Fatalf("%s %s answers %d with what is no JSON: %v\n%.500s", method, path, a.Status, err, a.Body)
		}
	}
	return a
}

// Do sends one request and reads the whole answer.
func (c *Client) Do(t testing.TB, method, path, contentType string, body io.Reader) *Answer {
	t.Helper()
	a, err := c.Try(method, path, contentType, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// Try is Do for a request that may not be answered at all.
func (c *Client) Try(method, path, contentType string, body io.Reader) (*Answer, error) {
	req, err := c.Request(context.Background(), method, path, contentType, body)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return &Answer{res.StatusCode, res.Header, b, req.URL}, err
}

// Stream opens an answer that does not end (server-sent events); the caller
// closes its body or cancels ctx. There is no time limit besides ctx.
func (c *Client) Stream(ctx context.Context, path string) (*http.Response, error) {
	req, err := c.Request(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "text/event-stream")
	endless := *c.http
	endless.Timeout = 0
	return endless.Do(req)
}

// Request makes a request as this client would send it.
func (c *Client) Request(ctx context.Context, method, path, contentType string, body io.Reader) (*http.Request, error) {
	if !strings.Contains(path, "://") {
		path = c.Base + path
	}
	req, err := http.NewRequestWithContext(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	for name, values := range c.Header {
		req.Header[name] = values
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if method == http.MethodPost && req.Header.Get("Idempotency-Key") == "" && strings.HasPrefix(req.URL.Path, "/api/") {
		req.Header.Set("Idempotency-Key", id.Secret())
	}
	return req, nil
}
