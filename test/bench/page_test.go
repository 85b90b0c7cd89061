package bench

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/test/harness"
)

// clients ask at once, as often as asks says in all.
const (
	clients = 20
	asks    = 200
)

// visitor fetches pages with a cookie.
type visitor struct {
	http   *http.Client
	base   string
	cookie *http.Cookie
}

func visit(b *testing.B, s *harness.Server, cookie *http.Cookie) visitor {
	tr := &http.Transport{MaxIdleConnsPerHost: clients}
	b.Cleanup(tr.CloseIdleConnections)
	return visitor{&http.Client{Transport: tr, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, s.URL, cookie}
}

func (v visitor) get(path string) (time.Duration, error) {
	req, err := http.NewRequest(http.MethodGet, v.base+path, nil)
	if err != nil {
		return 0, err
	}
	req.AddCookie(v.cookie)
	begun := time.Now()
	res, err := v.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("GET %s answers %s", path, res.Status)
	}
	return time.Since(begun), nil
}

// settled is the page that an address leads to on the first visit, such as
// the general thread for talk.
func (v visitor) settled(b *testing.B, path string) string {
	b.Helper()
	req, err := http.NewRequest(http.MethodGet, v.base+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.AddCookie(v.cookie)
	res, err := v.http.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	res.Body.Close()
	to := res.Header.Get("Location")
	switch {
	case res.StatusCode == http.StatusOK:
		return path
	case res.StatusCode == http.StatusSeeOther && strings.HasPrefix(to, "/cases/"):
		return to
	}
	b.Fatalf("GET %s answers %s", path, res.Status)
	return ""
}

// together fetches a page n times from that many clients at once, and returns
// what each answer took, sorted.
func (v visitor) together(b *testing.B, path string, clients, n int) []time.Duration {
	b.Helper()
	path = v.settled(b, path)
	var mu sync.Mutex
	var took []time.Duration
	var failure error
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range n / clients {
				d, err := v.get(path)
				mu.Lock()
				if took = append(took, d); err != nil {
					failure = err
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if failure != nil {
		b.Fatal(failure)
	}
	slices.Sort(took)
	return took
}

// tabs are the pages of a case that are measured.
var tabs = []string{"", "/vendors", "/talk", "/timetable", "/timeline", "/who"}

// BenchmarkCasePage fetches the pages of a case with 300 vendors and 500
// messages under 20 clients; the ratio is to a case with 30 vendors.
func BenchmarkCasePage(b *testing.B) {
	eachDialect(b, func(b *testing.B, o harness.Options) {
		var large, small string
		s, cookie := founded(b, o, func(h *gate.House, cora audience.Actor) (err error) {
			if large, err = addCase(h, cora, "Large", 300, 500); err == nil {
				small, err = addCase(h, cora, "Small", 30, 500)
			}
			return err
		})
		v := visit(b, s, cookie)
		for _, tab := range tabs {
			b.Run("case"+strings.ReplaceAll(tab, "/", "-"), func(b *testing.B) {
				var of300, of30 []time.Duration
				for b.Loop() {
					of30 = v.together(b, "/cases/"+small+tab, clients, asks)
					of300 = v.together(b, "/cases/"+large+tab, clients, asks)
				}
				b.ReportMetric(ms(middle(of300)), "p50-ms")
				b.ReportMetric(ms(late(of300)), "p95-ms")
				b.ReportMetric(ms(middle(of300))/ms(middle(of30)), "to-30-vendors")
				b.ReportMetric(0, "ns/op")
			})
		}
	})
}

// BenchmarkGrowth fetches the main pages, one at a time, on an alliance of 40
// cases and on one of 400; the ratio is what ten times the data cost.
func BenchmarkGrowth(b *testing.B) {
	eachDialect(b, func(b *testing.B, o harness.Options) {
		var number string
		grown := func(n int) visitor {
			s, cookie := founded(b, o, func(h *gate.House, cora audience.Actor) (err error) {
				for i := range n {
					if number, err = addCase(h, cora, fmt.Sprintf("Overflow %d", i), 5, 5); err != nil {
						return err
					}
				}
				return nil
			})
			return visit(b, s, cookie)
		}
		few := grown(40)
		was := number
		many := grown(400)
		for _, page := range []string{"/", "/cases", "/cases/N", "/cases/N/vendors", "/cases/N/talk", "/cases/N/timeline", "/cases/N/who", "/inbox", "/search?q=overflow", "/alliance", "/reports"} {
			b.Run(strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace("page"+page), "-"), func(b *testing.B) {
				var before, after []time.Duration
				for b.Loop() {
					before = few.together(b, strings.Replace(page, "/N", "/"+was, 1), 1, 20)
					after = many.together(b, strings.Replace(page, "/N", "/"+number, 1), 1, 20)
				}
				b.ReportMetric(ms(middle(after)), "p50-ms")
				b.ReportMetric(ms(middle(after))/ms(middle(before)), "tenfold-ratio")
				b.ReportMetric(0, "ns/op")
			})
		}
	})
}
