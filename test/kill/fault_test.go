package kill

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/id"
	"tocsin/test/harness"
)

// opened is a served alliance with one case and its general thread.
type opened struct {
	*world
	c      *harness.Client // of the coordinator
	id     string
	thread string
}

func serve(t *testing.T, w *world) *opened {
	t.Helper()
	w.Start(t)
	o := &opened{world: w, c: w.Client(t)}
	o.c.Token = w.cora.token
	var made named
	if a := o.c.JSON(t, "POST", "/api/v1/cases", map[string]any{"title": "Heap overflow", "tlp": "TLP:AMBER"}, &made); a.Status != 201 {
		t.Fatalf("opening a case answers %d: %s", a.Status, a.Body)
	}
	o.id = made.ID
	for _, th := range (reader{t, o.c}).all("/api/v1/cases/" + o.id + "/threads") {
		if th.Kind == "general" {
			o.thread = th.ID
		}
	}
	return o
}

// say posts a message and returns the answer.
func (o *opened) say(t *testing.T, words string) *harness.Answer {
	t.Helper()
	return o.c.JSON(t, "POST", "/api/v1/threads/"+o.thread+"/messages", map[string]any{"body": words}, nil)
}

// texts are all messages of the thread.
func (o *opened) texts(t *testing.T) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, m := range (reader{t, o.c}).messages(o.thread) {
		out[m.Text]++
	}
	return out
}

// unavailable insists on 503 with a sentence for people.
func unavailable(t *testing.T, what string, a *harness.Answer, text string) {
	t.Helper()
	if a.Status != http.StatusServiceUnavailable || !strings.Contains(string(a.Body), text) {
		t.Errorf("%s answers %d: %.300s; want 503 with %q", what, a.Status, a.Body, text)
	}
}

func (o *opened) holds(t *testing.T) {
	t.Helper()
	if out, errOut, err := o.Try(t, "admin", "verify"); err != nil {
		t.Errorf("the ledger does not hold: %v\n%s%s", err, out, errOut)
	}
}

// TestDatabaseGone cuts every line to PostgreSQL, lets programs ask, and
// mends it.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	w := found(t, harness.Options{Dialect: db.Postgres})
	g, address := through(t, w.DB)
	w.DB = address
	o := serve(t, w)
	if a := o.say(t, "before"); a.Status != 201 {
		t.Fatalf("a message answers %d: %s", a.Status, a.Body)
	}
	g.cut()
	o.c.Header.Set("Idempotency-Key", "during")
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		begun := time.Now()
		unavailable(t, "a message", o.say(t, "during"), "database")
		unavailable(t, "a case", o.c.Get(t, "/api/v1/cases/"+o.id), "database")
		unavailable(t, "the portal", o.c.Get(t, "/"), "database")
		if a := o.c.Get(t, "/readyz"); a.Status != 503 {
			t.Errorf("/readyz answers %d without a database", a.Status)
		}
		if a := o.c.Get(t, "/healthz"); a.Status != 200 {
			t.Errorf("/healthz answers %d: the process itself is well", a.Status)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("five answers without a database took %v", took)
		}
		if t.Failed() {
			return
		}
	}
	g.mend()
	// The very request that was refused works, once.
	for range 2 {
		if a := o.say(t, "during"); a.Status != 201 {
			t.Fatalf("after the database came back a message answers %d: %s", a.Status, a.Body)
		}
	}
	o.c.Header.Del("Idempotency-Key")
	if a := o.c.Get(t, "/readyz"); a.Status != 200 {
		t.Errorf("/readyz answers %d after the database came back", a.Status)
	}
	if got := o.texts(t); got["before"] != 1 || got["during"] != 1 {
		t.Errorf("the thread holds %v", got)
	}
	o.holds(t)
}

// TestMailServerGone lets the mail server be away, then come back.
func TestMailServerGone(t *testing.T) {
	both(t, func(t *testing.T, o harness.Options) {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := free.Addr().String()
		g := openGap(t, address) // keeps the port's number for the server
		free.Close()
		g.cut()
		o.Env = append(o.Env, "TOCSIN_SMTP=smtp://"+g.address)
		s := serve(t, found(t, o))
		for i := range 3 {
			if a := s.c.JSON(t, "POST", "/api/v1/accounts/invitations", map[string]any{"email": fmt.Sprintf("guest%d@guests.example", i)}, nil); a.Status != 201 {
				t.Fatalf("an invitation answers %d while the mail server is away: %s", a.Status, a.Body)
			}
		}
		// What is written meanwhile, such as a notice, may go out at once.
		all := func(state string, attempts int) bool {
			tried := 0
			for _, i := range s.items(t) {
				if i.State != state {
					return false
				}
				if i.Attempts >= attempts {
					tried++
				}
			}
			return tried >= 3
		}
		waitFor(t, "an attempt at each mail", func() bool { return all("pending", 1) })
		post := openSink(t, address)
		g.mend()
		waitFor(t, "the mails", func() bool { return all("sent", 2) })
		for i := range 3 {
			if n := post.reached(fmt.Sprintf("guest%d@guests.example", i)); n != 1 {
				t.Errorf("guest %d got %d mails", i, n)
			}
		}
		for mid, n := range post.times() {
			if n != 1 {
				t.Errorf("%s was taken %d times", mid, n)
			}
		}
	})
}

// patience guards against what never comes; it judges no busy machine.
const patience = 3 * time.Minute

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("%s did not come within %v", what, patience)
}

type outgoing struct {
	State    string `json:"state"`
	Attempts int    `json:"attempts"`
}

// items are what is in the outbox: the invitations, and what the founding
// told people.

func (o *opened) items(t *testing.T) []outgoing {
	t.Helper()
	var l list[outgoing]
	if a := o.c.JSON(t, "GET", "/api/v1/admin/outbox", nil, &l); a.Status != 200 {
		t.Fatalf("the outbox answers %d: %s", a.Status, a.Body)
	}
	return l.Items
}

// TestUploadCut ends an upload in the middle, by a broken line and by a
// length that is not kept.
func TestUploadCut(t *testing.T) {
	both(t, func(t *testing.T, opts harness.Options) {
		o := serve(t, found(t, opts))
		path := "/api/v1/threads/" + o.thread + "/files?name=proof.bin"
		for _, head := range []string{"Content-Length: 1000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nF4240\r\n"} {
			c, err := net.Dial("tcp", strings.TrimPrefix(o.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\nContent-Type: application/octet-stream\r\n%s", path, o.cora.token, id.Secret(), head)
			c.Write(bytes.Repeat([]byte("half"), 100_000))
			c.(*net.TCPConn).CloseWrite()
			answer := make([]byte, 2000)
			c.SetReadDeadline(time.Now().Add(20 * time.Second))
			n, _ := c.Read(answer)
			c.Close()
			if got := string(answer[:n]); n > 0 && !strings.Contains(got, " 400 ") {
				t.Errorf("an upload cut in the middle answers %.200s", got)
			}
		}
		if n := len((reader{t, o.c}).all("/api/v1/cases/" + o.id + "/files")); n != 0 {
			t.Errorf("%d files stand after uploads that were cut", n)
		}
		whole := bytes.Repeat([]byte("whole"), 100_000)
		if a := o.c.Do(t, "POST", path, "application/octet-stream", bytes.NewReader(whole)); a.Status != 201 {
			t.Fatalf("a whole upload answers %d: %s", a.Status, a.Body)
		}
		files := (reader{t, o.c}).all("/api/v1/cases/" + o.id + "/files")
		if len(files) != 1 {
			t.Fatalf("%d files stand after one upload", len(files))
		}
		if a := o.c.Get(t, "/api/v1/files/"+files[0].ID); !bytes.Equal(a.Body, whole) {
			t.Errorf("the file comes back as %d bytes", len(a.Body))
		}
	})
}
