// Package client speaks the REST API of a Tocsin server (/api/openapi.json).
// Each method is one operation; what the server refuses comes back as a
// *Problem. Requests that fail on the way are tried again, which is safe:
// every POST carries an Idempotency-Key.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client talks to one server as one person, or as nobody.
type Client struct {
	base   *url.URL
	auth   string
	http   *http.Client
	Tries  int           // how often a request is sent at most; 0 means 4
	Pause  time.Duration // before the second try, doubled each time; 0 means 200 ms
	Longer time.Duration // the longest Retry-After that is waited for; 0 means 30 s
}

// New makes a client for the server at an http or https address. The token
// may be "" for what needs no account.
func New(server, token string) (*Client, error) {
	u, err := url.Parse(strings.TrimRight(server, "/"))
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("the server's address is written like https://tocsin.example")
	}
	c := &Client{base: u, http: &http.Client{}}
	if token != "" {
		c.auth = "Bearer " + token
	}
	return c, nil
}

// Over is the client with another HTTP client: other roots, a proxy, a test's
// transport.
func (c *Client) Over(h *http.Client) *Client {
	d := *c
	d.http = h
	return &d
}

// AsFinder is the client for the holder of a finder's link.
func (c *Client) AsFinder(secret string) *Client {
	d := *c
	d.auth = "Finder " + secret
	return &d
}

// Request is one call that no method of Client makes.
type Request struct {
	Method string
	Path   string // below /api/v1, escaped, as "/cases"
	Query  url.Values
	Body   any           // JSON, or nil
	Raw    io.ReadSeeker // the body as it is, instead of Body
	Match  string        // If-Match
	Key    string        // Idempotency-Key; empty: a new one for each POST
}

// Do sends a request and decodes a JSON answer into out, unless out is nil.
// It returns the record's entity tag.
func (c *Client) Do(ctx context.Context, r Request, out any) (etag string, err error) {
	resp, err := c.send(ctx, r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if out == nil || resp.StatusCode == http.StatusNoContent {
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
		return resp.Header.Get("ETag"), err
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		return "", fmt.Errorf("the server's answer cannot be read: %w", err)
	}
	return resp.Header.Get("ETag"), nil
}

// maxAnswer bounds a JSON answer.
const maxAnswer = 256 << 20

// Download copies a file to w.
func (c *Client) Download(ctx context.Context, path string, w io.Writer) (int64, error) {
	a, err := c.Attachment(ctx, path)
	if err != nil {
		return 0, err
	}
	defer a.Body.Close()
	n, err := io.Copy(w, a.Body)
	if err == nil && a.Size >= 0 && n != a.Size {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// send sends a request until it is answered. A Problem is an answer, unless
// it asks to come back.
func (c *Client) send(ctx context.Context, r Request) (*http.Response, error) {
	body, err := r.body()
	if err != nil {
		return nil, err
	}
	if r.Method == http.MethodPost && r.Key == "" {
		r.Key = rand.Text()
	}
	tries, pause := max(c.Tries, 0), c.Pause
	if tries == 0 {
		tries = 4
	}
	if pause == 0 {
		pause = 200 * time.Millisecond
	}
	for try := 1; ; try++ {
		resp, err := c.once(ctx, r, body)
		wait, again := c.again(r, resp, err)
		if !again || try >= tries {
			if err == nil && resp.StatusCode >= 400 {
				return nil, problemOf(resp)
			}
			return resp, err
		}
		if resp != nil {
			resp.Body.Close()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(max(wait, pause<<(try-1))):
		}
	}
}

func (r Request) body() (io.ReadSeeker, error) {
	if r.Raw != nil {
		return r.Raw, nil
	}
	if r.Body == nil {
		return nil, nil
	}
	raw, err := json.Marshal(r.Body)
	return bytes.NewReader(raw), err
}

func (c *Client) once(ctx context.Context, r Request, body io.ReadSeeker) (*http.Response, error) {
	address := c.base.String() + "/api/v1" + r.Path
	if len(r.Query) > 0 {
		address += "?" + r.Query.Encode()
	}
	var in io.Reader
	if body != nil {
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		in = io.NopCloser(body)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, address, in)
	if err != nil {
		return nil, err
	}
	if body != nil {
		size, err := body.Seek(0, io.SeekEnd)
		if err == nil {
			_, err = body.Seek(0, io.SeekStart)
		}
		if err != nil {
			return nil, err
		}
		req.ContentLength = size
		req.Header.Set("Content-Type", "application/json")
		if r.Raw != nil {
			req.Header.Set("Content-Type", "application/octet-stream")
		}
	}
	req.Header.Set("Accept", "application/json")
	set := func(name, value string) {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	set("Authorization", c.auth)
	set("If-Match", r.Match)
	set("Idempotency-Key", r.Key)
	return c.http.Do(req)
}

// again decides whether to send a request once more, and after how long. A
// change without a key is repeated only when the server says that it did
// nothing.
func (c *Client) again(r Request, resp *http.Response, err error) (time.Duration, bool) {
	if err != nil {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return 0, false
		}
		return 0, r.Method == http.MethodGet || r.Key != ""
	}
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0, false
	}
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	wait, most := time.Duration(seconds)*time.Second, c.Longer
	if most == 0 {
		most = 30 * time.Second
	}
	return wait, wait <= most
}
