package delivery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/text"

	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"
)

// Mailer is the outbox's sender of kind "mail": one mail, one line to the
// mail server.
type Mailer struct {
	DB     *db.DB
	Server Server
	Sealer *seal.Sealer
	// BounceTo is an address whose plus-addresses reach this server, so that
	// a mail that comes back names its item; empty: mail comes back to the
	// alliance's own address.
	BounceTo string
}

// Send implements outbox.Sender. Before the final dot of DATA every failure
// is tried again, except a recipient who is refused for good (5xx). After it
// a reply says what happened: 4xx nothing, 5xx never; no reply leaves the
// item uncertain.
func (m *Mailer) Send(ctx context.Context, it outbox.Item, handing func() error) error {
	var body outbox.Mail
	if err := json.Unmarshal(it.Content, &body); err != nil {
		return outbox.Refused{Err: errors.New("the mail's content cannot be read")}
	}
	ch, err := m.charter(ctx)
	if err != nil {
		return err
	}
	raw, err := compose(ch, it, body, m.DB.Clock.Now())
	if err != nil {
		return outbox.Refused{Err: err}
	}
	before, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c, conn, err := m.Server.connect(before, hostOf(ch))
	if err != nil {
		return told(err)
	}
	defer c.Close()
	// Up to the dot a stopping server hangs up; after it, it waits.
	hangUp := context.AfterFunc(before, func() { conn.Close() })
	defer hangUp()
	w, err := m.envelope(c, ch, it)
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return told(err)
	}
	if !hangUp() {
		return told(before.Err())
	}
	if err := handing(); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return answered(err)
	}
	c.CommandTimeout = time.Second // a slow good-bye holds nobody up
	_ = c.Quit()
	return nil
}

// envelope says who writes to whom and opens the body.
func (m *Mailer) envelope(c *smtp.Client, ch charter.Charter, it outbox.Item) (*smtp.DataCommand, error) {
	opts := &smtp.MailOptions{UTF8: !ascii(it.Address)}
	if known, _ := c.Extension("SMTPUTF8"); opts.UTF8 && !known {
		return nil, outbox.Refused{Err: errors.New("the mail server cannot write to an address that is not ASCII (SMTPUTF8)")}
	}
	// A refused sender or sign-in is this server's fault and not the mail's:
	// it is tried again once the operator has seen to it.
	if err := c.Mail(m.returnPath(ch, it), opts); err != nil {
		return nil, told(err)
	}
	if err := c.Rcpt(it.Address, nil); err != nil {
		return nil, final(err)
	}
	w, err := c.Data()
	if err != nil {
		return nil, final(err)
	}
	return w, nil
}

func (m *Mailer) returnPath(ch charter.Charter, it outbox.Item) string {
	if m.BounceTo != "" && m.Sealer != nil {
		if to := ReturnPath(m.Sealer, m.BounceTo, it.ID); to != "" {
			return to
		}
	}
	return ch.Email
}

func (m *Mailer) charter(ctx context.Context) (ch charter.Charter, err error) {
	err = m.DB.Read(ctx, func(tx *db.Tx) error {
		ch, err = charter.Load(tx)
		return err
	})
	return ch, err
}

// compose writes the mail (RFC 5322). The same item gives the same Message-ID
// at every attempt, so that a mail program shows a double once.
func compose(ch charter.Charter, it outbox.Item, body outbox.Mail, now time.Time) ([]byte, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP))
	msg.FromMailAddress(&mail.Address{Name: oneLine(ch.Name), Address: ch.Email})
	to, err := mail.ParseAddress(it.Address)
	if err != nil || to.Address != it.Address {
		return nil, errors.New("this is no mail address")
	}
	msg.ToMailAddress(&mail.Address{Address: it.Address})
	msg.Subject(oneLine(body.Subject))
	msg.SetDateWithValue(now)
	id := body.MessageID
	if id == "" {
		id = messageID(ch, it.Key)
	}
	msg.SetMessageIDWithValue(strings.Trim(oneLine(id), "<>"))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	if link := body.Unsubscribe; link != "" && oneLine(link) == link {
		msg.SetListUnsubscribe(link)
		if strings.HasPrefix(link, "https://") { // RFC 8058, 3.1
			msg.SetListUnsubscribePost()
		}
	}
	msg.SetBodyString(gomail.TypeTextPlain, body.Text)
	var buf bytes.Buffer
	if _, err := msg.WriteTo(&buf); err != nil {
		return nil, errors.New("the mail could not be composed")
	}
	return buf.Bytes(), nil
}

func messageID(ch charter.Charter, key string) string {
	sum := sha256.Sum256([]byte("message-id\x00" + key))
	return hex.EncodeToString(sum[:16]) + "@" + hostOf(ch)
}

// hostOf is the name this server goes by in mail.
func hostOf(ch charter.Charter) string {
	if u, err := url.Parse(ch.URL); err == nil && u.Hostname() != "" && ascii(u.Hostname()) {
		return u.Hostname()
	}
	return "localhost"
}

// oneLine is s without line breaks and control characters, at most 900
// characters, so that it can neither end a header nor overlong it.
func oneLine(s string) string {
	clean, _, err := text.CleanLine(clipped(strings.ToValidUTF8(s, "?"), 900), 900)
	if err != nil {
		return ""
	}
	return clean
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// told words a failure for the operator: the server's reply on one line, and
// nothing that was said to it.
func told(err error) error {
	if reply, ok := errors.AsType[*smtp.SMTPError](err); ok {
		return errs.New(errs.Unavailable, "The mail server said: %d %s", reply.Code, clipped(oneLine(reply.Message), 200))
	}
	return err
}

// final is told for what concerns this mail alone: 5xx is for good.
func final(err error) error {
	if reply, ok := errors.AsType[*smtp.SMTPError](err); ok && reply.Code >= 500 {
		return outbox.Refused{Err: told(err)}
	}
	return told(err)
}

// answered sorts the reply to the final dot.
func answered(err error) error {
	reply, ok := errors.AsType[*smtp.SMTPError](err)
	switch {
	case ok && reply.Code >= 500:
		return outbox.Refused{Err: told(err)}
	case ok && reply.Code >= 400:
		return outbox.Retry{Err: told(err)}
	}
	return errs.New(errs.Unavailable, "The line to the mail server broke after the mail was handed over; it may have left")
}

func clipped(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit])
	}
	return s
}
