package delivery

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"strings"
	"time"

	"tocsin/internal/kernel/errs"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// StartTLS says whether the line to the mail server must be encrypted.
type StartTLS string

// The policies. Sign-in links travel in mails, so a line that leaves the
// machine is encrypted unless the operator says otherwise.
const (
	TLSRequired StartTLS = "required" // default, but for this machine
	TLSOptional StartTLS = "optional" // where offered, and then with a valid certificate
	TLSOff      StartTLS = "off"
)

// Server is the mail server that takes all mail.
type Server struct {
	Host, Port string
	Implicit   bool // smtps://: TLS from the first byte
	StartTLS   StartTLS
	TLS        *tls.Config // nil: the system's roots; ServerName is set to Host
	user, pass string
}

const serverHint = "TOCSIN_SMTP is smtp://user:password@host:port or smtps://…; ?starttls=required, optional or off says what the line must be."

// ParseServer reads TOCSIN_SMTP. Its errors never quote it, since it holds a
// password.
func ParseServer(s string) (Server, error) {
	bad := errs.New(errs.Invalid, serverHint)
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || (u.Path != "" && u.Path != "/") || u.Fragment != "" {
		return Server{}, bad
	}
	out := Server{Host: u.Hostname(), Port: u.Port(), user: u.User.Username(), StartTLS: TLSRequired}
	out.pass, _ = u.User.Password()
	switch u.Scheme {
	case "smtp":
		if out.Port == "" {
			out.Port = "587"
		}
	case "smtps":
		out.Implicit = true
		if out.Port == "" {
			out.Port = "465"
		}
	default:
		return Server{}, bad
	}
	if loopback(out.Host) {
		out.StartTLS = TLSOptional
	}
	for key, values := range u.Query() {
		policy := StartTLS(values[0])
		if key != "starttls" || len(values) != 1 || out.Implicit || (policy != TLSRequired && policy != TLSOptional && policy != TLSOff) {
			return Server{}, bad
		}
		out.StartTLS = policy
	}
	return out, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// The times of one hand-over together stay below the outbox's lease.
const (
	dialTimeout    = 20 * time.Second
	commandTimeout = 20 * time.Second
	answerTimeout  = 50 * time.Second // after the final dot
)

// connect opens a line that keeps the policy, signed in. hello is the name
// this server calls itself by.
func (s Server) connect(ctx context.Context, hello string) (*smtp.Client, net.Conn, error) {
	conf := s.TLS.Clone()
	if conf == nil {
		conf = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if conf.ServerName == "" {
		conf.ServerName = s.Host
	}
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", net.JoinHostPort(s.Host, s.Port))
	if err != nil {
		return nil, nil, errs.Wrap(errs.Unavailable, err, "The mail server %s does not answer", s.Host)
	}
	var c *smtp.Client
	encrypted := true
	conn.SetDeadline(time.Now().Add(dialTimeout))
	switch {
	case s.Implicit:
		conn = tls.Client(conn, conf)
		c = smtp.NewClient(conn)
	case s.StartTLS == TLSRequired:
		if c, err = smtp.NewClientStartTLS(conn, conf); err != nil {
			conn.Close()
			return nil, nil, errs.Wrap(errs.Unavailable, err, "The line to the mail server %s could not be encrypted", s.Host)
		}
	default:
		c = smtp.NewClient(conn)
		encrypted = false
	}
	c.CommandTimeout, c.SubmissionTimeout = commandTimeout, answerTimeout
	if err := c.Hello(hello); err != nil {
		c.Close()
		return nil, nil, err
	}
	if offered, _ := c.Extension("STARTTLS"); offered && !encrypted && s.StartTLS == TLSOptional {
		// The client encrypts a fresh line only.
		c.Close()
		s.StartTLS = TLSRequired
		return s.connect(ctx, hello)
	}
	if err := s.signIn(c); err != nil {
		c.Close()
		return nil, nil, err
	}
	return c, conn, nil
}

func (s Server) signIn(c *smtp.Client) error {
	switch {
	case s.user == "":
		return nil
	case c.SupportsAuth(sasl.Plain):
		return c.Auth(sasl.NewPlainClient("", s.user, s.pass))
	case c.SupportsAuth(sasl.Login):
		return c.Auth(sasl.NewLoginClient(s.user, s.pass))
	}
	return errs.New(errs.Unavailable, "The mail server %s takes neither PLAIN nor LOGIN; take the user out of TOCSIN_SMTP if it needs none", s.Host)
}

// String is the address without user and password.
func (s Server) String() string {
	scheme := "smtp"
	if s.Implicit {
		scheme = "smtps"
	}
	return scheme + "://" + net.JoinHostPort(strings.ToLower(s.Host), s.Port)
}
