package kill

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tocsin/internal/kernel/id"
)

// deed is one change that was asked for and acknowledged.
type deed struct {
	kind, marker string // what it is, and the words by which it is found again
	within       string // id of the case or thread it belongs to
	id           string // as the server named it
	person       string // who did it
}

// book is what the server acknowledged.
type book struct {
	mu       sync.Mutex
	deeds    []deed
	cut      atomic.Int64 // requests that got no whole answer
	replayed atomic.Int64 // answers that the server gave from memory
	repeated atomic.Int64 // requests sent again after their answer, on purpose
}

func (b *book) add(d deed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deeds = append(b.deeds, d)
}

func (b *book) of(kind string) []deed {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []deed
	for _, d := range b.deeds {
		if d.kind == kind {
			out = append(out, d)
		}
	}
	return out
}

// writer is one program at the API. It repeats each request with the same key
// until it is answered.
type writer struct {
	t     *testing.T
	w     *world
	b     *book
	ctx   context.Context
	name  string
	me    member
	http  *http.Client
	count int

	guests int // invitations to join that were sent
}

// mostGuests is what each of two programs may invite as one person without
// coming to the limit of sixty within a minute.
const mostGuests = 25

func newWriter(ctx context.Context, t *testing.T, w *world, b *book, name string, me member) *writer {
	tr := &http.Transport{MaxIdleConns: 4}
	t.Cleanup(tr.CloseIdleConnections)
	return &writer{t: t, w: w, b: b, ctx: ctx, name: name, me: me, http: &http.Client{Transport: tr, Timeout: 20 * time.Second}}
}

// from gives requests another source address, since reports are limited by
// where they come from. Linux takes all of 127/8 as this machine.
func (p *writer) from(n int) {
	if runtime.GOOS != "linux" {
		return
	}
	d := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(1+n/200), byte(2+n%200))}}
	p.http.Transport = &http.Transport{DialContext: d.DialContext, DisableKeepAlives: true}
}

// marker is a word that stands in one record only.
func (p *writer) marker(what string) string {
	p.count++
	return fmt.Sprintf("%s-%s-%d", p.name, what, p.count)
}

// stopped reports whether the load is over, or not worth going on.
func (p *writer) stopped() bool { return p.ctx.Err() != nil || p.t.Failed() }

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) into(t *testing.T, v any) {
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Errorf("an answer with status %d is no JSON: %v\n%.300s", a.status, err, a.body)
	}
}

// send sends one request until it is answered by anything but 503. It outlives
// the end of the load, so that every request that was begun is settled.
func (p *writer) send(method, path, key, version string, in any) answer {
	var raw []byte
	if in != nil {
		raw, _ = json.Marshal(in)
	}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		a, err := p.try(method, path, key, version, raw)
		if err == nil && a.status != http.StatusServiceUnavailable {
			return a
		}
		if err != nil {
			p.b.cut.Add(1)
		}
		if time.Now().After(deadline) {
			p.t.Errorf("%s: %s %s is not answered: %v (status %d)", p.name, method, path, err, a.status)
			return a
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (p *writer) try(method, path, key, version string, raw []byte) (answer, error) {
	req, err := http.NewRequest(method, p.w.URL+path, bytes.NewReader(raw))
	if err != nil {
		return answer{}, err
	}
	if len(raw) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	if p.me.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.me.token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if version != "" {
		req.Header.Set("If-Match", version)
	}
	res, err := p.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, body}, err
}

// post makes one record and notes it. Now and then it asks again with the
// same key after it was answered: the answer must be the same.
func (p *writer) post(kind, marker, within, path string, in any) string {
	key := id.Secret()
	a := p.send(http.MethodPost, path, key, "", in)
	if a.status/100 != 2 {
		p.t.Errorf("%s: POST %s answers %d: %.300s", p.name, path, a.status, a.body)
		return ""
	}
	if a.header.Get("Idempotency-Replayed") != "" {
		p.b.replayed.Add(1)
	}
	var made struct {
		ID string `json:"id"`
	}
	if len(a.body) > 0 {
		a.into(p.t, &made)
	}
	p.b.add(deed{kind, marker, within, made.ID, p.me.person})
	if rand.IntN(8) == 0 && kind != "report" {
		p.b.repeated.Add(1)
		again := p.send(http.MethodPost, path, key, "", in)
		if again.status != a.status || !bytes.Equal(again.body, a.body) {
			p.t.Errorf("%s: POST %s with the same key answers %d %.200s, then %d %.200s", p.name, path, a.status, a.body, again.status, again.body)
		}
	}
	return made.ID
}

func (p *writer) get(path string, into any) bool {
	a := p.send(http.MethodGet, path, "", "", nil)
	if a.status != http.StatusOK {
		p.t.Errorf("%s: GET %s answers %d: %.300s", p.name, path, a.status, a.body)
		return false
	}
	a.into(p.t, into)
	return true
}

type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

type named struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Reason  string `json:"reason"`
	Kind    string `json:"kind"`
	Subject string `json:"subject_id"`
	Email   string `json:"email"`
	Text    string `json:"body"`
}

// coordinate opens cases and fills them.
func (p *writer) coordinate() {
	for !p.stopped() {
		title := p.marker("case")
		c := p.post("case", title, "", "/api/v1/cases", map[string]any{"title": title, "summary": "A length is not checked.", "tlp": "TLP:AMBER"})
		if c == "" {
			return
		}
		flaw := p.marker("flaw")
		p.post("flaw", flaw, c, "/api/v1/cases/"+c+"/vulnerabilities", map[string]any{"title": flaw})
		p.inviteAll(c)
		why := p.marker("proposal")
		p.post("proposal", why, c, "/api/v1/cases/"+c+"/embargo/proposals", map[string]any{"ends_at": time.Now().Add(30 * 24 * time.Hour), "reason": why})
		for range 2 {
			p.talk(c)
		}
		if p.guests < mostGuests {
			p.guests++
			email := p.marker("guest") + "@guests.example"
			p.post("guest", email, "", "/api/v1/accounts/invitations", map[string]any{"email": email, "name": "Guest"})
		}
	}
}

func (p *writer) inviteAll(c string) {
	why := p.marker("wave")
	var targets []map[string]any
	for _, v := range p.w.vendors {
		targets = append(targets, map[string]any{"kind": "org", "id": v.org, "name": v.name, "role": "vendor"})
	}
	a := p.send(http.MethodPost, "/api/v1/cases/"+c+"/participants", id.Secret(), "", map[string]any{"targets": targets, "reason": why})
	if a.status != http.StatusCreated {
		p.t.Errorf("%s: the invitation answers %d: %.300s", p.name, a.status, a.body)
		return
	}
	var made list[named]
	a.into(p.t, &made)
	for _, m := range made.Items {
		p.b.add(deed{"party", m.Subject, c, m.ID, p.me.person})
	}
}

func (p *writer) talk(c string) {
	var threads list[named]
	if !p.get("/api/v1/cases/"+c+"/threads", &threads) {
		return
	}
	i := slices.IndexFunc(threads.Items, func(n named) bool { return n.Kind == "general" })
	if i < 0 {
		p.t.Errorf("%s: case %s has no general thread", p.name, c)
		return
	}
	words := p.marker("message")
	th := threads.Items[i].ID
	p.post("message", words, th, "/api/v1/threads/"+th+"/messages", map[string]any{"body": words})
}

// answerFor accepts invitations, says where the vendor stands, and talks.
func (p *writer) answerFor() {
	var last string
	for !p.stopped() {
		var open list[struct {
			ID        string `json:"id"`
			Agreement string `json:"agreement"`
		}]
		if !p.get("/api/v1/me/invitations", &open) {
			return
		}
		if len(open.Items) == 0 && last == "" {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		for _, i := range open.Items {
			last = p.accept(i.ID, i.Agreement)
			if last == "" {
				return
			}
			p.say(last)
		}
		p.talk(last)
	}
}

func (p *writer) accept(invitation, agreement string) string {
	a := p.send(http.MethodPost, "/api/v1/invitations/"+invitation+"/accept", id.Secret(), "", map[string]any{"agreement": agreement})
	var c named
	if a.status != http.StatusOK {
		p.t.Errorf("%s: accepting answers %d: %.300s", p.name, a.status, a.body)
		return ""
	}
	a.into(p.t, &c)
	p.b.add(deed{"consent", p.me.org, c.ID, invitation, p.me.person})
	return c.ID
}

// say sets a status. A PUT that was cut is settled by looking, as the version
// it names can be taken only once.
func (p *writer) say(c string) {
	var parties, flaws list[named]
	if !p.get("/api/v1/cases/"+c+"/participants", &parties) || !p.get("/api/v1/cases/"+c+"/vulnerabilities", &flaws) || len(flaws.Items) == 0 {
		return
	}
	i := slices.IndexFunc(parties.Items, func(n named) bool { return n.Subject == p.me.org })
	if i < 0 {
		p.t.Errorf("%s does not find itself in case %s", p.name, c)
		return
	}
	cell := "/api/v1/cases/" + c + "/statuses/" + parties.Items[i].ID + "/" + flaws.Items[0].ID
	for range 3 {
		words := p.marker("status")
		now := p.send(http.MethodGet, cell, "", "", nil)
		a := p.send(http.MethodPut, cell, "", now.header.Get("ETag"), map[string]any{"status": "investigating", "statement": words})
		if a.status == http.StatusPreconditionFailed { // it was done before the cut
			var s struct {
				Statement string `json:"statement"`
			}
			if p.get(cell, &s); s.Statement != words {
				p.t.Errorf("%s: nobody else writes this cell, which says %q and not %q", p.name, s.Statement, words)
			}
		} else if a.status != http.StatusOK {
			p.t.Errorf("%s: PUT %s answers %d: %.300s", p.name, cell, a.status, a.body)
			return
		}
		p.b.add(deed{"status", words, cell, "", p.me.person})
	}
}

// report is a stranger who reports flaws.
func (p *writer) report() {
	for n := 0; !p.stopped() && n < 100; n++ {
		p.from(n)
		title := p.marker("report")
		p.post("report", title, "", "/api/v1/reports", map[string]any{"title": title, "description": "A crafted packet stops the device: " + title, "product": "Widget " + title})
		if runtime.GOOS != "linux" && n == 4 {
			return // one address may not report more
		}
		time.Sleep(300 * time.Millisecond)
	}
}
