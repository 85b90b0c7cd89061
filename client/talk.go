package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Threads lists the threads of a case that the person may see.
func (c *Client) Threads(ctx context.Context, ref string) (Page[Thread], error) {
	return get[Page[Thread]](ctx, c, at("cases", ref, "threads"), nil)
}

// Messages reads a part of a thread: what lies before or after a message, or
// around the first unread one.
func (c *Client) Messages(ctx context.Context, thread, before, after string, limit int) (Messages, error) {
	q := url.Values{}
	if before != "" {
		q.Set("before", before)
	}
	if after != "" {
		q.Set("after", after)
	}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	return get[Messages](ctx, c, at("threads", thread, "messages"), q)
}

// Say posts a message (Markdown) at the thread's own level.
func (c *Client) Say(ctx context.Context, thread, text string) (Message, error) {
	return post[Message](ctx, c, at("threads", thread, "messages"), object{"body": text})
}

// EditMessage words a message anew; version is the one seen.
func (c *Client) EditMessage(ctx context.Context, id, text string, version int64) (out Message, err error) {
	_, err = c.Do(ctx, Request{Method: http.MethodPatch, Path: at("messages", id), Body: object{"body": text}, Match: ETag(version)}, &out)
	return out, err
}

// Attach hands a file over in a thread; sha256 may be "".
func (c *Client) Attach(ctx context.Context, thread, name string, content io.ReadSeeker, sha256 string) (out File, err error) {
	_, err = c.Do(ctx, Request{Method: http.MethodPost, Path: at("threads", thread, "files"), Query: upload(name, sha256), Raw: content}, &out)
	return out, err
}

func upload(name, sha256 string) url.Values {
	q := url.Values{"name": {name}}
	if sha256 != "" {
		q.Set("sha256", sha256)
	}
	return q
}

// Files lists the files of a case that the person may see.
func (c *Client) Files(ctx context.Context, ref string) (Page[File], error) {
	return get[Page[File]](ctx, c, at("cases", ref, "files"), nil)
}

// File copies a file's content.
func (c *Client) File(ctx context.Context, id string, w io.Writer) (int64, error) {
	return c.Download(ctx, at("files", id), w)
}
