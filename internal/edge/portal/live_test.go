package portal_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
)

// listening is an open live stream.
type listening struct {
	t     *testing.T
	lines chan string // closed when the stream ends
}

func (b *browser) listen(path string, last string) *listening {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	b.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", b.site.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := b.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		b.t.Fatalf("%s answers %d", path, res.StatusCode)
	}
	l := &listening{b.t, make(chan string, 100)}
	go func() {
		defer close(l.lines)
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			if s.Text() != "" {
				l.lines <- s.Text()
			}
		}
	}()
	l.hears("retry:")
	return l
}

// hears waits for a line with some words and gives back what came till then.
func (l *listening) hears(words string) string {
	l.t.Helper()
	var all []string
	for {
		select {
		case line, ok := <-l.lines:
			if !ok {
				l.t.Fatalf("the stream ended; it said %q", all)
			}
			if all = append(all, line); strings.Contains(line, words) {
				return strings.Join(all, "\n")
			}
		case <-time.After(10 * time.Second):
			l.t.Fatalf("nothing about %q came, only %q", words, all)
		}
	}
}

func (l *listening) ends() string {
	l.t.Helper()
	var all []string
	for {
		select {
		case line, ok := <-l.lines:
			if !ok {
				return strings.Join(all, "\n")
			}
			all = append(all, line)
		case <-time.After(10 * time.Second):
			l.t.Fatalf("the stream did not end; it said %q", all)
		}
	}
}

func TestLiveTellsNobodyOfAnothersThread(t *testing.T) {
	s := newTalk(t)
	path := "/live?case=" + s.c.ID
	vera, willem, otto := s.as("vera@vexel.example").listen(path, ""), s.as("willem@wharf.example").listen(path, ""), s.as("otto@outer.example").listen("/live", "")
	s.as("ivo@iris.example").get(path).is(t, 404, "")
	s.browser().get("/live").is(t, 303, "/sign-in?next=%2Flive")
	s.say("vera@vexel.example", s.private(s.v), talk.Draft{Body: "our secret schedule"})
	vera.hears("message.posted")
	s.say("ada@alliance.example", s.general(), talk.Draft{Body: "to all parties"})
	heard := willem.hears("message.posted")
	if n := strings.Count(heard, "data:"); strings.Contains(heard, "secret") || strings.Count(heard, "message.posted") != 1 {
		t.Errorf("Willem heard %d things: %s", n, heard)
	}
	s.as("otto@outer.example") // another sign-in of his own, of which he is told
	if heard := otto.hears("session."); strings.Contains(heard, "message.") || strings.Contains(heard, s.c.Number) || strings.Contains(heard, "case.") {
		t.Errorf("an outsider heard %s", heard)
	}
	// Who lost the line is told what came meanwhile, and no more.
	if again := s.as("willem@wharf.example").listen(path, "0").hears("message.posted"); strings.Contains(again, "secret") || strings.Count(again, "message.posted") != 1 {
		t.Errorf("on coming back Willem heard %s", again)
	}
}

func TestLiveEndsWithTheAccess(t *testing.T) {
	s := newTalk(t)
	vera := s.as("vera@vexel.example")
	inCase, all := vera.listen("/live?case="+s.c.ID, ""), vera.listen("/live", "")
	ada := s.actor("ada@alliance.example")
	s.write(func(tx *db.Tx) error {
		p, err := people.ByEmail(tx, "vera@vexel.example")
		if err != nil {
			return err
		}
		return orgs.RemoveEverywhere(tx, ada, p.ID)
	})
	s.say("ada@alliance.example", s.general(), talk.Draft{Body: "she is gone"})
	if said := inCase.ends(); strings.Contains(said, "message.posted") {
		t.Errorf("after leaving she heard %s", said)
	}
	vera.post("/sign-out").is(t, 303, "/")
	s.say("ada@alliance.example", s.general(), talk.Draft{Body: "more"})
	if said := all.ends(); strings.Contains(said, "message.posted") {
		t.Errorf("after leaving she heard %s", said)
	}
}

func TestLiveStreamsAreBounded(t *testing.T) {
	s := newTalk(t)
	vera := s.as("vera@vexel.example")
	for range 20 {
		vera.listen("/live", "")
	}
	vera.get("/live").is(t, 429, "")
	s.as("willem@wharf.example").listen("/live", "")
}

func TestSearchEscapesAndKeepsToTheRule(t *testing.T) {
	s := newTalk(t)
	m := s.say("vera@vexel.example", s.private(s.v), talk.Draft{Body: "the `<script>alert(1)</script>` zebra & crossing"})
	vera := s.as("vera@vexel.example")
	vera.get("/search?q=zebra").is(t, 200, "", "<mark>zebra</mark>", "&lt;script&gt;alert(1)&lt;/script&gt;", "?at="+m.ID+"#"+m.ID, "1 result").lacks(t, "<script>alert")
	vera.get("/search?q="+url.QueryEscape(`"><script>alert(1)</script>`)).is(t, 200, "").lacks(t, "<script>alert")
	vera.get("/search?q=zebra&kind=case").is(t, 200, "", "Nothing that you may see")
	vera.get("/search?q="+strings.Repeat("x", 500)).is(t, 422, "", "400 characters")
	for _, b := range []*browser{s.as("willem@wharf.example"), s.as("otto@outer.example"), s.browser()} {
		b.get("/search?q=zebra").is(t, 200, "", "Nothing that you may see").lacks(t, "<mark>")
	}
	s.write(func(tx *db.Tx) error {
		return search.Put(tx, search.Doc{Kind: "advisory", ObjectID: "adv_1", Audience: s.c.Audience, Level: tlp.Clear, Release: tx.Now.Add(time.Hour), Title: "Zebra advisory", Body: "zebra", URL: "/advisories/1"})
	})
	s.browser().get("/search?q=zebra").is(t, 200, "", "Nothing that you may see")
	s.clock.Advance(time.Hour)
	s.browser().get("/search?q=zebra").is(t, 200, "", "<mark>Zebra</mark> advisory").lacks(t, "alert(1)")
}

func TestInboxAndPreferences(t *testing.T) {
	s := newTalk(t)
	s.say("ada@alliance.example", s.general(), talk.Draft{Body: "to all"})
	c := delivery.Courier{Box: s.house.Box, Sealer: s.house.Sealer}
	if _, err := c.Subscriber().Drain(t.Context(), s.house.DB); err != nil {
		t.Fatal(err)
	}
	vera := s.as("vera@vexel.example")
	p := vera.get("/inbox").is(t, 200, "", "Unread", "Mark all as read")
	vera.get("/").is(t, 200, "", "<small>")
	href := p.find(t, `href="(/inbox/\d+)"`)
	to := vera.get(href)
	if to.status != 303 || to.location == "" {
		t.Fatalf("a notice leads to %d %q", to.status, to.location)
	}
	s.as("otto@outer.example").get(href).is(t, 404, "")
	vera.post("/inbox", "up_to", p.find(t, `name="up_to" value="(\d+)"`)).is(t, 303, "/inbox")
	vera.get("/inbox").is(t, 200, "").lacks(t, "Mark all as read", "Mark as read")
	vera.get("/inbox?class=nonsense").is(t, 404, "")
	vera.post("/inbox", "seq", "x").is(t, 400, "")

	vera.get("/me/notices").is(t, 200, "", "It always comes at once", "In one mail a day")
	vera.post("/me/notices", "talk", "off", "alarm", "off").is(t, 422, "", "Alarms always come at once")
	vera.post("/me/notices", "talk", "off", "owed", "daily").is(t, 303, "/me/notices")
	vera.get("/me/notices").is(t, 200, "", `name="talk" value="off" checked`, `name="owed" value="daily" checked`)
}

func TestSubscribeTwiceOptedAndOneClick(t *testing.T) {
	s := founded(t)
	b := s.browser()
	b.get("/subscribe").is(t, 200, "", "Mail address")
	b.post("/subscribe", "email", "nonsense").is(t, 422, "", `value="nonsense"`)
	first := b.post("/subscribe", "email", "nora@reader.example").is(t, 200, "", "Look into your mailbox")
	link := s.linkIn("nora@reader.example", "/subscribe/")
	b.get(link).is(t, 200, "", "Confirm")
	s.subscribers(0)
	b.post(link).is(t, 200, "", "Subscribed")
	s.subscribers(1)
	if again := b.post("/subscribe", "email", "nora@reader.example"); visible(again.body) != visible(first.body) {
		t.Error("the page tells who is subscribed")
	}
	b.get("/subscribe/nonsense").is(t, 200, "")
	b.post("/subscribe/nonsense").is(t, 404, "")
	b.get("/unsubscribe/nonsense").is(t, 404, "")
	b.post("/unsubscribe/nonsense", "List-Unsubscribe", "One-Click").is(t, 404, "")

	person := s.person("vera@vexel.example", "Vera", "", "")
	token := s.house.Sealer.Sign("unsubscribe", person.ID+"\x00talk")
	b.get("/unsubscribe/"+token).is(t, 200, "", "Stop these mails", "Talk")
	b.post("/unsubscribe/"+token, "List-Unsubscribe", "One-Click").is(t, 200, "", "Done")
	s.as("vera@vexel.example").get("/me/notices").is(t, 200, "", `name="talk" value="off" checked`)
	// A page of another site may not end them.
	req, err := http.NewRequest("POST", s.url+"/unsubscribe/"+token, strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	b.read(b.Do(req)).is(t, 403, "")
}

// find is the first group of a pattern in the page.
func (p page) find(t *testing.T, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("the page lacks %s:\n%s", pattern, visible(p.body))
	}
	return m[1]
}

func (s *site) subscribers(want int) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		n, err := delivery.Subscriptions(tx)
		if n != want {
			s.t.Errorf("%d subscriptions, want %d", n, want)
		}
		return err
	})
}

// linkIn is the path below prefix in the mail to an address.
func (s *site) linkIn(address, prefix string) (path string) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		list, err := s.house.Box.List(tx, outbox.Filter{})
		for _, it := range list {
			text := strings.ReplaceAll(string(it.Content), `\n`, " ")
			if _, rest, ok := strings.Cut(text, s.house.URL+prefix); ok && it.Address == address {
				path = prefix + strings.FieldsFunc(rest, func(r rune) bool { return r == ' ' || r == '"' })[0]
			}
		}
		return err
	})
	if path == "" {
		s.t.Fatalf("no mail to %s leads to %s", address, prefix)
	}
	return path
}
