package delivery_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type taken struct {
	from string
	to   []string
	data string
}

// post is a mail server in this process that does as it is told.
type post struct {
	mu      sync.Mutex
	mails   []taken
	sender  func() error            // the reply to MAIL
	accept  func(to string) error   // the reply to RCPT
	answer  func(data string) error // the reply to the final dot
	cut     bool                    // hang up instead of answering the dot
	pass    string                  // wanted of AUTH PLAIN
	secure  bool                    // of the last session
	address string
	server  *smtp.Server
	ln      net.Listener
}

type session struct {
	p    *post
	c    *smtp.Conn
	mail taken
}

func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{p: p, c: c}, nil }
func (s *session) Reset()                                     { s.mail = taken{} }
func (s *session) Logout() error                              { return nil }
func (s *session) AuthMechanisms() []string                   { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, pass string) error {
		if user != "tocsin" || pass != s.p.pass {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from = from
	_, s.p.secure = s.c.TLSConnectionState()
	if s.p.sender != nil {
		return s.p.sender()
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.p.accept != nil {
		if err := s.p.accept(to); err != nil {
			return err
		}
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.data = string(data)
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if s.p.answer != nil {
		if err := s.p.answer(s.mail.data); err != nil {
			return err
		}
	}
	s.p.mails = append(s.p.mails, s.mail)
	if s.p.cut {
		s.c.Conn().Close()
	}
	return nil
}

func (p *post) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.mails)
}

func (p *post) open(t *testing.T, conf *tls.Config, implicit bool) {
	t.Helper()
	at := p.address
	if at == "" {
		at = "127.0.0.1:0"
	}
	ln, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	p.address = ln.Addr().String()
	p.server = smtp.NewServer(p)
	p.server.Domain, p.server.TLSConfig, p.server.AllowInsecureAuth = "mx.test", conf, true
	p.server.ErrorLog = discard{}
	if implicit {
		ln = tls.NewListener(ln, conf)
	}
	p.ln = ln
	go p.server.Serve(ln)
	t.Cleanup(func() { p.server.Close() })
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

// line is a founded alliance whose outbox leads to the post.
type line struct {
	d      *db.DB
	clock  *clock.Fake
	box    *outbox.Box
	sealer *seal.Sealer
	mailer *delivery.Mailer
	worker *outbox.Worker
	post   *post
}

func newLine(t *testing.T, d *db.DB, c *clock.Fake) *line {
	t.Helper()
	s, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l := &line{d: d, clock: c, box: outbox.New(s), sealer: s, post: &post{}}
	must(t, d, func(tx *db.Tx) error {
		_, err := charter.Found(tx, s, charter.Charter{Name: "Läntern Alliance", Namespace: "https://lantern.example", Email: "psirt@lantern.example", URL: "https://tocsin.lantern.example"})
		return err
	})
	l.post.open(t, nil, false)
	l.aim(t, "smtp://"+l.post.address)
	return l
}

func (l *line) aim(t *testing.T, url string) {
	t.Helper()
	server, err := delivery.ParseServer(url)
	if err != nil {
		t.Fatal(err)
	}
	l.mailer = &delivery.Mailer{DB: l.d, Server: server, Sealer: l.sealer}
	l.worker = &outbox.Worker{DB: l.d, Box: l.box, Senders: map[string]outbox.Sender{"mail": l.mailer}, Log: slog.New(slog.DiscardHandler), Name: "one"}
}

func must(t testing.TB, d *db.DB, f func(*db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func (l *line) put(t *testing.T, key, address string) {
	t.Helper()
	must(t, l.d, func(tx *db.Tx) error {
		return l.box.Put(tx, outbox.Item{Key: key, Kind: "mail", Person: "p", Address: address},
			outbox.Mail{Subject: "A status is owed in TA-2026-0117", Text: "Grüße.\n.dot\n\nhttps://tocsin.lantern.example/cases/TA-2026-0117\n", Unsubscribe: "https://tocsin.lantern.example/unsubscribe/x.y"}, time.Time{})
	})
}

func (l *line) step(t *testing.T) {
	t.Helper()
	if _, err := l.worker.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (l *line) items(t *testing.T) map[string]outbox.Item {
	t.Helper()
	out := map[string]outbox.Item{}
	must(t, l.d, func(tx *db.Tx) error {
		list, err := l.box.List(tx, outbox.Filter{Limit: 200})
		for _, it := range list {
			out[it.Key] = it
		}
		return err
	})
	return out
}

func (l *line) want(t *testing.T, key string, state outbox.State, mails int) outbox.Item {
	t.Helper()
	it := l.items(t)[key]
	if it.State != state || l.post.count() != mails {
		t.Fatalf("item %s is %s (%s) and %d mails were taken; want %s and %d", key, it.State, it.LastError, l.post.count(), state, mails)
	}
	return it
}

func TestMailIsComposedAndTakenOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		l := newLine(t, d, c)
		l.put(t, "k1", "vera@vexel.example")
		l.put(t, "k1", "vera@vexel.example")
		for range 3 {
			l.step(t)
			c.Advance(time.Hour)
		}
		l.want(t, "k1", outbox.Sent, 1)
		got := l.post.mails[0]
		if got.from != "psirt@lantern.example" || !slices.Equal(got.to, []string{"vera@vexel.example"}) {
			t.Errorf("envelope %q %v", got.from, got.to)
		}
		msg, err := mail.ReadMessage(strings.NewReader(got.data))
		if err != nil {
			t.Fatal(err)
		}
		from, err := msg.Header.AddressList("From")
		if err != nil || from[0].Name != "Läntern Alliance" || from[0].Address != "psirt@lantern.example" {
			t.Errorf("From %v, %v", from, err)
		}
		for name, want := range map[string]string{"To": "<vera@vexel.example>", "Subject": "A status is owed in TA-2026-0117", "Auto-Submitted": "auto-generated",
			"List-Unsubscribe": "<https://tocsin.lantern.example/unsubscribe/x.y>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
			"Content-Transfer-Encoding": "quoted-printable", "Content-Type": "text/plain; charset=UTF-8", "Date": "Mon, 02 Mar 2026 09:00:00 +0000"} {
			if got := msg.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if id := msg.Header.Get("Message-Id"); !strings.HasSuffix(id, "@tocsin.lantern.example>") || strings.Contains(id, "k1") {
			t.Errorf("Message-ID %q", id)
		}
		body, _ := io.ReadAll(quotedprintable.NewReader(msg.Body))
		if !bytes.Contains(body, []byte("Grüße.\r\n.dot\r\n")) {
			t.Errorf("body %q", body)
		}
	})
}

func TestRepliesAreTakenAtTheirWord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		l := newLine(t, d, c)
		reply := func(code int) error { return &smtp.SMTPError{Code: code, Message: "said so\nlong"} }
		var again error
		l.post.answer = func(string) error { return again }

		again = reply(451)
		l.put(t, "later", "a@example.org")
		l.step(t)
		l.want(t, "later", outbox.Pending, 0)
		again = nil
		c.Advance(time.Minute)
		l.step(t)
		l.want(t, "later", outbox.Sent, 1)

		again = reply(554)
		l.put(t, "never", "a@example.org")
		l.step(t)
		if it := l.want(t, "never", outbox.Dead, 1); !strings.Contains(it.LastError, "554 said so") {
			t.Errorf("%q", it.LastError)
		}

		again = nil
		l.post.accept = func(to string) error {
			if to == "gone@example.org" {
				return reply(550)
			}
			return nil
		}
		l.put(t, "gone", "gone@example.org")
		l.step(t)
		l.want(t, "gone", outbox.Dead, 1)

		// A sender who is refused is this server's fault; the mail waits.
		l.post.sender = func() error { return reply(530) }
		l.put(t, "ours", "a@example.org")
		l.step(t)
		l.want(t, "ours", outbox.Pending, 1)
		l.post.sender = nil
		c.Advance(time.Minute)
		l.step(t)
		l.want(t, "ours", outbox.Sent, 2)

		l.post.cut = true
		l.put(t, "cut", "a@example.org")
		l.step(t)
		l.want(t, "cut", outbox.Uncertain, 3)
		for range 3 {
			c.Advance(time.Hour)
			l.step(t)
		}
		l.want(t, "cut", outbox.Uncertain, 3)

		l.put(t, "bad", "no address")
		l.put(t, "inject", "a@example.org\r\nBcc: b@example.org")
		l.step(t)
		l.want(t, "bad", outbox.Dead, 3)
		l.want(t, "inject", outbox.Dead, 3)
	})
}

func TestServerDownForADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		l := newLine(t, d, c)
		l.post.ln.Close()
		l.post.server.Close()
		for i := range 10 {
			l.put(t, fmt.Sprint("k", i), fmt.Sprintf("p%d@example.org", i))
		}
		for range 96 {
			l.step(t)
			l.step(t)
			c.Advance(15 * time.Minute)
		}
		for key, it := range l.items(t) {
			if it.State != outbox.Pending || it.Attempts < 50 || !strings.Contains(it.LastError, "does not answer") {
				t.Fatalf("%s is %s after %d attempts: %s", key, it.State, it.Attempts, it.LastError)
			}
		}
		l.post.open(t, nil, false)
		for range 4 {
			l.step(t)
			c.Advance(15 * time.Minute)
		}
		seen := map[string]int{}
		for _, m := range l.post.mails {
			seen[m.to[0]]++
		}
		if len(seen) != 10 || len(l.post.mails) != 10 {
			t.Errorf("%d mails to %d people", len(l.post.mails), len(seen))
		}
	})
}

// dying ends the goroutine, as a kill ends the process, before or after the
// mail was handed over.
type dying struct {
	mailer *delivery.Mailer
	before bool
}

func (k dying) Send(ctx context.Context, it outbox.Item, handing func() error) error {
	err := k.mailer.Send(ctx, it, func() error {
		if k.before {
			runtime.Goexit()
		}
		return handing()
	})
	if err == nil {
		runtime.Goexit()
	}
	return err
}

func TestKilledInBetween(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		l := newLine(t, d, c)
		killed := func(before bool) {
			w := *l.worker
			w.Name, w.Senders = "killed", map[string]outbox.Sender{"mail": dying{l.mailer, before}}
			if _, err := w.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 5 {
				c.Advance(time.Minute)
				l.step(t)
			}
		}
		l.put(t, "before", "a@example.org")
		killed(true)
		l.want(t, "before", outbox.Sent, 1)
		l.put(t, "after", "b@example.org")
		killed(false)
		l.want(t, "after", outbox.Uncertain, 2)
	})
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	tpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tpl, tpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := x509.ParseCertificate(der)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestLineIsEncryptedAsAsked(t *testing.T) {
	d, c := dbtest.Open(t, db.SQLite)
	l := newLine(t, d, c)
	cert, pool := certificate(t)
	conf := &tls.Config{Certificates: []tls.Certificate{cert}}
	plain, starttls, implicit := l.post, &post{pass: "hunter2"}, &post{pass: "hunter2"}
	starttls.open(t, conf, false)
	implicit.open(t, conf, true)
	n := 0
	for _, x := range []struct {
		to     *post
		url    string
		roots  *x509.CertPool
		state  outbox.State
		secure bool
	}{
		{plain, "smtp://%s?starttls=required", pool, outbox.Pending, false},
		{plain, "smtp://%s", pool, outbox.Sent, false}, // this machine: optional
		{starttls, "smtp://tocsin:hunter2@%s?starttls=required", pool, outbox.Sent, true},
		{starttls, "smtp://tocsin:hunter2@%s", pool, outbox.Sent, true},
		{starttls, "smtp://%s?starttls=off", pool, outbox.Sent, false},
		{starttls, "smtp://%s", nil, outbox.Pending, false}, // a certificate nobody knows
		{implicit, "smtps://tocsin:hunter2@%s", pool, outbox.Sent, true},
		{implicit, "smtps://tocsin:wrong-secret@%s", pool, outbox.Pending, false},
	} {
		n++
		l.aim(t, fmt.Sprintf(x.url, x.to.address))
		l.mailer.Server.TLS = &tls.Config{RootCAs: x.roots}
		key := fmt.Sprint("k", n)
		l.put(t, key, "a@example.org")
		x.to.secure = false
		l.step(t)
		it := l.items(t)[key]
		if it.State != x.state || x.to.secure != x.secure {
			t.Errorf("%s: %s (%s), encrypted %v", x.url, it.State, it.LastError, x.to.secure)
		}
		if strings.Contains(it.LastError, "secret") || strings.Contains(it.LastError, "hunter2") {
			t.Errorf("the error tells the password: %q", it.LastError)
		}
		c.Advance(time.Second)
		must(t, d, func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM outbox WHERE state = 'pending'`); return err })
	}
}

func TestParseServer(t *testing.T) {
	for s, want := range map[string]string{"smtp://mail.example": "smtp://mail.example:587", "smtps://u:p@mail.example": "smtps://mail.example:465", "smtp://[::1]:25?starttls=off": "smtp://[::1]:25"} {
		got, err := delivery.ParseServer(s)
		if err != nil || got.String() != want {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "mail.example:25", "http://mail.example", "smtp://", "smtp://u:pa%ss@mail.example", "smtp://h?starttls=maybe", "smtp://h?tls=off", "smtps://h?starttls=off", "smtp://secret@h/path", "smtp://h:port"} {
		if _, err := delivery.ParseServer(s); err == nil || strings.Contains(err.Error(), "pa%ss") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", s, err)
		}
	}
}
