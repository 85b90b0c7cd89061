package gate

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// Policy is the one Content-Security-Policy, without exceptions.
const Policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// Harden sets the headers that every answer carries, bounds the request,
// refuses cross-origin changes, writes one log line without case detail, and
// turns a panic into a 500.
func Harden(h *House, next http.Handler) http.Handler {
	log := h.Log
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(denyForeign))
	guarded := guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		head := w.Header()
		head.Set("Content-Security-Policy", Policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()")
		if h.Secure() {
			head.Set("Strict-Transport-Security", "max-age=31536000")
		}
		rec := &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				log.Error("panic", "pattern", r.Pattern, "panic", p, "stack", string(debug.Stack()))
				if rec.status == 0 {
					http.Error(rec, "Something went wrong on the server; nothing was changed.", http.StatusInternalServerError)
				}
			}
			// The pattern, never the path: a path may hold a secret or a name.
			log.Debug("request", "method", r.Method, "pattern", r.Pattern, "status", rec.status, "took", time.Since(start))
			if h.Observe != nil {
				h.Observe(r.Method, r.Pattern, rec.status, time.Since(start))
			}
		}()
		if strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
			// A token is no ambient authority, so no other origin can lend it.
			next.ServeHTTP(rec, r)
			return
		}
		guarded.ServeHTTP(rec, r)
	})
}

// recorder notes the status for the log and passes flushes on.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find the connection's own writer.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// denyForeign answers a change that a page of another site asks for.
func denyForeign(w http.ResponseWriter, r *http.Request) {
	const what = "A page of another site asked for this change, so nothing was changed. Open the alliance's own address and try again there; a program leaves the Origin header out."
	if strings.HasPrefix(r.URL.Path, "/api/") {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"type":"/api/#denied","title":"Forbidden","status":403,"code":"denied","detail":%q}`+"\n", what)
		return
	}
	http.Error(w, what, http.StatusForbidden)
}
