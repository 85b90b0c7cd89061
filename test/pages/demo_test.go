// Package pages looks at the portal as people do, in real Chromium on the
// demo alliance: accessibility, weight, scripts, markings; every main verb
// without JavaScript; the screenshots in docs/screens.
package pages_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tocsin/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// demo is a running demo alliance with the sign-in links of its guests.
type demo struct {
	*harness.Server
	links []string // in the order of guests
}

// The guests, in the order in which the server prints their links.
const (
	coordinator = iota
	vendor
	competitor
	researcher
	outsider
	cert
	bank
	government
)

var guests = []string{"coordinator", "vendor", "competitor", "researcher", "outsider", "CERT", "bank", "government"}

func start(t *testing.T) *demo {
	t.Helper()
	d := &demo{Server: harness.Start(t, harness.Options{Demo: true})}
	for _, m := range regexp.MustCompile(`http\S+/sign-in/\S+`).FindAllString(d.Log(), -1) {
		d.links = append(d.links, strings.TrimPrefix(m, d.URL))
	}
	if len(d.links) != len(guests) {
		t.Fatalf("the demo prints %d sign-in links, want %d:\n%s", len(d.links), len(guests), d.Log())
	}
	return d
}

// as is a client that is signed in as a guest.
func (d *demo) as(t *testing.T, guest int) *harness.Client {
	t.Helper()
	c := d.Client(t)
	if a := c.Form(t, d.links[guest], nil); a.Status != http.StatusOK {
		t.Fatalf("signing in as the %s: status %d", guests[guest], a.Status)
	}
	return c
}

var anchor = regexp.MustCompile(`href="(/[^"#]*)`)

// places are the pages that a client reaches by links, at most one of each
// kind: pages that differ only in a record's name are one kind.
func (d *demo) places(t *testing.T, c *harness.Client, limit int, from ...string) (found []string) {
	t.Helper()
	seen := map[string]bool{}
	queue := append([]string{}, from...)
	for len(queue) > 0 && len(found) < limit {
		path := html.UnescapeString(queue[0])
		queue = queue[1:]
		if k := kind(path); seen[k] {
			continue
		} else {
			seen[k] = true
		}
		a := c.Get(t, path)
		if a.Status == http.StatusSeeOther {
			queue = append(queue, a.Header.Get("Location"))
			continue
		}
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			continue
		}
		if a.Status != http.StatusOK {
			t.Errorf("a link leads to %s, which answers %d", path, a.Status)
			continue
		}
		found = append(found, path)
		for _, id := range twice(a.Body) {
			t.Errorf("%s has two elements with the id %q", path, id)
		}
		for _, m := range anchor.FindAllSubmatch(a.Body, -1) {
			queue = append(queue, string(m[1]))
		}
	}
	return found
}

var idOf = regexp.MustCompile(`<[^>]*\sid="([^"]*)"`)

// twice are the ids that a page has more than once: a label or the summary of
// what is wrong would lead to the wrong field by them.
func twice(body []byte) (out []string) {
	seen := map[string]int{}
	for _, m := range idOf.FindAllSubmatch(body, -1) {
		if seen[string(m[1])]++; seen[string(m[1])] == 2 {
			out = append(out, string(m[1]))
		}
	}
	return out
}

var record = regexp.MustCompile(`^([A-Z]{2,}-\d{4}-\d+|[a-z]{1,4}_[0-9A-Za-z_]+|[0-9A-Za-z]{16,}|\d+|[a-z]+-\d{4}-\d+)$`)

// kind is a path with records' names taken out; of a query only the names of
// its parameters count.
func kind(path string) string {
	path, query, _ := strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if record.MatchString(p) {
			parts[i] = "*"
		}
	}
	k := strings.Join(parts, "/")
	var names []string
	for _, q := range strings.Split(query, "&") {
		if name, _, ok := strings.Cut(q, "="); ok {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		k += "?" + strings.Join(names, "&")
	}
	return k
}
