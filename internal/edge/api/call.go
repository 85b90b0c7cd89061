package api

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/errs"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// call is one request on its way through an operation.
type call struct {
	*Door
	gate.Who
	w       http.ResponseWriter
	r       *http.Request
	stated  bool   // If-Match was read
	version int64  // from If-Match
	key     string // Idempotency-Key, or ""
	ownKey  string // the same, where the verb itself keeps it
	request string // keyed digest of method, address and body, for the key
}

type callKey struct{}

func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// admit finds out who asks, lets them in or not, and reads and bounds the
// body, in this order: whoever may not ask learns nothing of what they sent.
func (d *Door) admit(row *row) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		c := &call{Door: d, w: w, r: r}
		w.Header().Set("Cache-Control", "no-store")
		if err := c.arrive(row); err != nil {
			c.problemOf(err).write(w)
			return
		}
		next(huma.WithValue(ctx, callKey{}, c))
	}
}

func (c *call) arrive(row *row) error {
	if err := c.identify(); err != nil {
		return err
	}
	if c.Enrolling() {
		return errs.New(errs.Unauthenticated, "Add a second factor in the portal first.")
	}
	if err := row.Admit(c.Actor); err != nil {
		return err
	}
	if row.versioned() {
		if err := c.readVersion(); err != nil {
			return err
		}
	}
	if c.r.Method == http.MethodPost {
		if err := c.readKey(); err != nil {
			return err
		}
	}
	if c.r.Method != http.MethodGet && !row.Upload {
		if err := c.readBody(row.limit); err != nil {
			return err
		}
	}
	if row.ownKey {
		c.ownKey, c.key = c.key, ""
	}
	if row.before != nil {
		return row.before(c)
	}
	return nil
}

// identify reads the one way in that the request shows. One that does not
// hold is refused, never taken for nobody.
func (c *call) identify() (err error) {
	kind, secret, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	switch {
	case kind == "":
		c.Who, err = c.BySession(c.r.Context(), c.r)
	case strings.EqualFold(kind, "Bearer"):
		c.Who, err = c.ByToken(c.r.Context(), secret)
	case strings.EqualFold(kind, "Finder"):
		c.Actor, err = c.finder(secret)
	default:
		err = errs.New(errs.Unauthenticated, "Authorization takes Bearer with an API token, or Finder with the secret of a finder's link.")
	}
	return err
}

// readVersion reads If-Match (RFC 9110, 13.1.1) as the one version that the
// sender saw.
func (c *call) readVersion() error {
	h := c.r.Header.Get("If-Match")
	if h == "" {
		return &Problem{Status: http.StatusPreconditionRequired, Code: "version-required", Detail: "Say which version you change: send the ETag that you were given as If-Match."}
	}
	v, err := strconv.Unquote(h)
	n, err2 := strconv.ParseInt(v, 10, 64)
	if err != nil || err2 != nil || n < 0 {
		return &Problem{Status: http.StatusBadRequest, Code: "malformed", Detail: "If-Match takes one ETag as it was given, such as \"3\".",
			Errors: []Refusal{{"header.If-Match", "this could not be read"}}}
	}
	c.stated, c.version = true, n
	return nil
}

func (c *call) readBody(limit int64) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, limit))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return errs.New(errs.TooLarge, "The body is longer than %d bytes, which is the most that this address takes; nothing was changed.", limit)
		}
		return errs.Wrap(errs.Malformed, err, "The body ended before its time; nothing was changed.")
	}
	if len(body) > 0 {
		if ct := c.r.Header.Get("Content-Type"); ct != "" {
			if mt, _, err := mime.ParseMediaType(ct); err != nil || mt != "application/json" {
				return &Problem{Status: http.StatusUnsupportedMediaType, Code: "unsupported-media-type", Detail: details[http.StatusUnsupportedMediaType]}
			}
		}
		if !utf8.Valid(body) {
			return errs.New(errs.Malformed, "The body is not UTF-8; nothing was changed.")
		}
		if !json.Valid(body) {
			return errs.New(errs.Malformed, "The body is not valid JSON; nothing was changed.")
		}
	}
	c.r.Body = io.NopCloser(bytes.NewReader(body))
	c.request = c.digest(body)
	return nil
}

// digest tells one request from another under the same key. What is sent may
// be one of a few words, as a vote is, so whoever reads the database must not
// be able to try them: it is a MAC, and another one for each sender and key.
func (c *call) digest(body []byte) string {
	var b bytes.Buffer
	for _, part := range []string{who(c.Actor), c.key, c.r.Method, c.r.URL.RequestURI()} {
		b.WriteString(strconv.Itoa(len(part)) + ":" + part)
	}
	b.Write(body)
	return hex.EncodeToString(c.Sealer.Mac("idempotent request", b.Bytes()))
}

// who names the sender for what is kept per sender.
func who(a audience.Actor) string {
	kind, id := a.Ref()
	return kind + ":" + id
}
