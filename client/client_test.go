package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tocsin/client"
	"tocsin/spec/tlp"
)

// serve makes a client of a server that answers with f and counts.
func serve(t *testing.T, f func(n int, w http.ResponseWriter, r *http.Request)) (*client.Client, *atomic.Int64) {
	t.Helper()
	var n atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f(int(n.Add(1)), w, r)
	}))
	t.Cleanup(srv.Close)
	c, err := client.New(srv.URL+"/", "secret")
	if err != nil {
		t.Fatal(err)
	}
	c.Pause = time.Millisecond
	return c, &n
}

func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		conn.Close()
	}
}

func TestARepeatedPostCarriesItsKey(t *testing.T) {
	var keys, bodies []string
	c, n := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		keys, bodies = append(keys, r.Header.Get("Idempotency-Key")), append(bodies, string(b))
		switch n {
		case 1:
			cut(w) // done or not: nobody knows
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, `{"number":"TA-2026-0001","tlp":"TLP:AMBER"}`)
		}
	})
	k, err := c.OpenCase(context.Background(), "Overflow", "", tlp.Amber)
	if err != nil || k.Number != "TA-2026-0001" || n.Load() != 3 {
		t.Fatalf("opened %q after %d requests: %v", k.Number, n.Load(), err)
	}
	if keys[0] == "" || keys[0] != keys[1] || keys[1] != keys[2] || bodies[0] != bodies[2] || !strings.Contains(bodies[0], "TLP:AMBER") {
		t.Errorf("sent with the keys %q and bodies %q", keys, bodies)
	}
	if _, err := c.OpenCase(context.Background(), "Another", "", tlp.Amber); err != nil || keys[3] == keys[0] {
		t.Errorf("another case was opened under the same key: %v", err)
	}
}

func TestAnUpdateIsNotRepeatedBlindly(t *testing.T) {
	c, n := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-Match") != `"3"` {
			t.Errorf("If-Match %q", r.Header.Get("If-Match"))
		}
		cut(w)
	})
	if _, err := c.EditMessage(context.Background(), "msg_1", "x", 3); err == nil || n.Load() != 1 {
		t.Errorf("an update whose answer was lost was sent %d times: %v", n.Load(), err)
	}
}

func TestProblemsAreErrors(t *testing.T) {
	c, n := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			t.Errorf("Authorization %q", r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusPreconditionFailed)
		io.WriteString(w, `{"code":"stale","status":412,"detail":"Somebody was faster.","theirs":{"body":"a"},"yours":{"body":"b"}}`)
	})
	_, err := c.Case(context.Background(), "TA/../1")
	p, ok := errors.AsType[*client.Problem](err)
	if !ok || !client.Is(err, "stale") || p.Status != 412 || string(p.Theirs) != `{"body":"a"}` || n.Load() != 1 {
		t.Errorf("%d requests, error %v", n.Load(), err)
	}
}

func TestItWaitsAsTold(t *testing.T) {
	c, n := serve(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
		io.WriteString(w, "slow down")
	})
	if _, err := c.Me(context.Background()); err == nil || n.Load() != 1 {
		t.Errorf("asked to come back in an hour, it asked %d times: %v", n.Load(), err)
	}
}

func TestPathsAreEscaped(t *testing.T) {
	var path string
	c, _ := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		path = r.URL.EscapedPath()
		io.WriteString(w, `{}`)
	})
	if _, err := c.Case(context.Background(), "../admin?x"); err != nil {
		t.Fatal(err)
	}
	if path != "/api/v1/cases/..%2Fadmin%3Fx" {
		t.Errorf("asked for %s", path)
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "tocsin.example", "ftp://tocsin.example", "http://", "http://[::1"} {
		if _, err := client.New(bad, ""); err == nil {
			t.Errorf("%q was taken for a server", bad)
		}
	}
}

func TestAnAttachmentIsNamedSafelyAndWhole(t *testing.T) {
	for sent, want := range map[string]string{
		`attachment; filename="TLP-AMBER+STRICT_TA-2026-0001.zip"`: "TLP-AMBER+STRICT_TA-2026-0001.zip",
		`attachment; filename="../../.profile"`:                    "",
		`attachment; filename=".profile"`:                          "",
		`attachment; filename*=UTF-8''a%0Ab.zip`:                   "",
		`attachment; filename*=UTF-8''a%E2%80%AEpiz.exe`:           "",
		`attachment`: "",
		``:           "",
	} {
		c, _ := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/api/v1/cases/TA-1/export" {
				t.Errorf("asked for %s", r.URL.Path)
			}
			w.Header().Set("Content-Disposition", sent)
			io.WriteString(w, "half")
			if sent == "" {
				http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			}
		})
		a, err := c.ExportCase(context.Background(), "TA-1")
		if err != nil {
			t.Fatal(err)
		}
		if a.Name != want {
			t.Errorf("%s is called %q, want %q", sent, a.Name, want)
		}
		_, err = io.ReadAll(a.Body)
		if cut := sent == ""; cut != (err != nil) {
			t.Errorf("%q: read to the end: %v", sent, err)
		}
		a.Body.Close()
	}
}
