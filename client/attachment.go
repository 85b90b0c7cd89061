package client

import (
	"context"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strings"
	"unicode"
)

// Attachment is a file that is being sent. Read Body to io.EOF, which comes
// only when the file is whole, and close it.
type Attachment struct {
	Name string // as the server calls it, safe as a file's name; else ""
	Size int64  // bytes; -1 when the server does not say
	Body io.ReadCloser
}

// Attachment opens a file of the API for reading.
func (c *Client) Attachment(ctx context.Context, path string) (*Attachment, error) {
	resp, err := c.send(ctx, Request{Method: http.MethodGet, Path: path})
	if err != nil {
		return nil, err
	}
	a := &Attachment{Size: resp.ContentLength, Body: resp.Body}
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
		a.Name = safeName(params["filename"])
	}
	return a, nil
}

// safeName is a name that stays in its folder, hides from nobody and cannot
// steer a terminal; "" when a server sent another one.
func safeName(name string) string {
	strange := func(r rune) bool { return !unicode.IsPrint(r) || r == '/' || r == '\\' || r == ':' }
	if name == "" || len(name) > 200 || name != filepath.Base(name) || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") || strings.ContainsFunc(name, strange) {
		return ""
	}
	return name
}
