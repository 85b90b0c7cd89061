package gate

import (
	"context"
	"net"
	"net/http"
	"strings"

	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Who is the visitor of one request.
type Who struct {
	Actor   audience.Actor
	Session people.Session // zero for a token, a link, or nobody
}

// Enrolling reports whether the visitor has signed in but must add a second
// factor before anything else.
func (w Who) Enrolling() bool { return w.Session.Enroll }

// Bearer is the API token of a request, or "".
func Bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(token)
}

// ByToken is the visitor whom a bearer token names. A token that does not
// hold is refused, never taken for nobody.
func (h *House) ByToken(ctx context.Context, token string) (Who, error) {
	var who Who
	var t people.Token
	err := h.Read(ctx, func(tx *db.Tx) (err error) {
		who.Actor, t, err = people.ActorByToken(tx, token)
		return err
	})
	if err == nil && t.DueTouch(h.DB.Clock.Now()) {
		err = h.Write(ctx, func(tx *db.Tx) error { return people.TouchToken(tx, t.ID) })
	}
	return who, err
}

// BySession is the visitor whom the session cookie names; nobody when there
// is none or it has ended.
func (h *House) BySession(ctx context.Context, r *http.Request) (Who, error) {
	c, err := r.Cookie(h.SessionCookie())
	if err != nil {
		return Who{}, nil
	}
	var who Who
	err = h.Read(ctx, func(tx *db.Tx) (err error) {
		who.Actor, who.Session, err = people.ActorBySession(tx, c.Value)
		return err
	})
	if errs.Is(err, errs.Unauthenticated) {
		return Who{}, nil
	}
	if err == nil && who.Session.DueTouch(h.DB.Clock.Now()) {
		err = h.Write(ctx, func(tx *db.Tx) error { return people.Touch(tx, who.Session.ID) })
	}
	return who, err
}

// SessionCookie is the cookie's name; under TLS it is bound to the host.
func (h *House) SessionCookie() string { return h.cookieName("tocsin") }

// FinderCookie holds a finder's secret after their link was opened, so that
// it does not stay in the address bar.
func (h *House) FinderCookie() string { return h.cookieName("tocsin-finder") }

func (h *House) cookieName(name string) string {
	if h.Secure() {
		return "__Host-" + name
	}
	return name
}

// Cookie makes a cookie that scripts cannot read and other sites do not send.
// A negative age removes it; 0 lasts until the browser closes.
func (h *House) Cookie(name, value string, age int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: h.Secure(), SameSite: http.SameSiteLaxMode}
}

// Where is where a request comes from, for sessions and limits.
func Where(r *http.Request) people.Where {
	return people.Where{Agent: r.UserAgent(), Address: Address(r)}
}

// Address is the client's IP address without a port.
func Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
