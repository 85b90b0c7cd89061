// Package mailgate is the door for mail that comes back: an SMTP server that
// takes delivery reports to the return paths this server made, and nothing
// else. It is no relay and keeps no mail.
package mailgate

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/url"
	"time"

	"tocsin/internal/edge/gate"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"

	"github.com/emersion/go-smtp"
)

// Bounds of a conversation.
const (
	maxMessage    = 1 << 20
	maxRecipients = 10
	patience      = time.Minute
)

// BounceAddress is the address whose plus-addresses reach this door, by the
// host name under which the server is known; "" where that is no host name.
func BounceAddress(serverURL string) string {
	u, err := url.Parse(serverURL)
	if err != nil || u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil {
		return ""
	}
	return "returned@" + u.Hostname()
}

// Serve takes returned mail on address until ctx ends.
func Serve(ctx context.Context, address string, h *gate.House) error {
	s := smtp.NewServer(&backend{house: h, courier: &delivery.Courier{Box: h.Box, Sealer: h.Sealer}})
	s.Addr, s.Domain = address, h.Host()
	s.MaxMessageBytes, s.MaxRecipients, s.MaxLineLength = maxMessage, maxRecipients, 2000
	s.ReadTimeout, s.WriteTimeout = patience, patience
	s.ErrorLog = slog.NewLogLogger(h.Log.Handler(), slog.LevelDebug)
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	if err := s.Serve(ln); ctx.Err() == nil && !errors.Is(err, smtp.ErrServerClosed) {
		return err
	}
	return nil
}

type backend struct {
	house   *gate.House
	courier *delivery.Courier
}

// NewSession begins a conversation.
func (b *backend) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{backend: b}, nil }

// session is one conversation; to are the return paths it named.
type session struct {
	*backend
	to []string
}

// Mail takes any sender: a delivery report has none.
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

var unknown = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}

// Rcpt takes the return paths that this server signed, and nothing else.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, ok := delivery.ItemOf(s.house.Sealer, to); !ok {
		return unknown
	}
	s.to = append(s.to, to)
	return nil
}

// Data reads the report. One that cannot be read is taken and dropped: asking
// for it again would bring the same.
func (s *session) Data(r io.Reader) error {
	list, err := delivery.ParseDSN(r)
	if err != nil {
		s.house.Log.Info("a returned mail could not be read")
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err = s.house.Write(ctx, func(tx *db.Tx) error {
		for _, to := range s.to {
			if _, err := s.courier.TakeBack(tx, to, list); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.house.Log.Error("a returned mail was not noted", "err", err)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	}
	return nil
}

// Reset forgets the recipients.
func (s *session) Reset() { s.to = nil }

// Logout ends the conversation.
func (s *session) Logout() error { return nil }
