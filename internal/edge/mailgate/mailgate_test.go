package mailgate_test

import (
	"context"
	"log/slog"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/mailgate"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// report is a delivery status notification (RFC 3464) for one recipient.
func report(recipient string) string {
	return strings.ReplaceAll(`From: mailer-daemon@elsewhere.example
To: returned@here.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; elsewhere.example

Final-Recipient: rfc822; `+recipient+`
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user
--b--
`, "\n", "\r\n")
}

func TestOnlySignedReturnPathsAreTaken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		sealer, err := seal.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		h := &gate.House{DB: d, Sealer: sealer, Box: outbox.New(sealer), Log: slog.New(slog.DiscardHandler), URL: "https://here.example"}
		ctx := context.Background()
		var item outbox.Item
		err = d.Write(ctx, func(tx *db.Tx) error {
			if err := h.Box.Put(tx, outbox.Item{Key: "k", Kind: "mail", Address: "gone@elsewhere.example"}, outbox.Mail{Subject: "s", Text: "t"}, tx.Now); err != nil {
				return err
			}
			list, err := h.Box.List(tx, outbox.Filter{})
			item = list[0]
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		address := listen(t, h)
		path := delivery.ReturnPath(sealer, mailgate.BounceAddress(h.URL), item.ID)
		body := []byte(report("gone@elsewhere.example"))
		if err := smtp.SendMail(address, nil, "daemon@elsewhere.example", []string{path}, body); err != nil {
			t.Fatal(err)
		}
		for _, to := range []string{"returned@here.example", "postmaster@here.example", strings.Replace(path, "+out", "+oux", 1), "someone@elsewhere.example"} {
			if err := smtp.SendMail(address, nil, "daemon@elsewhere.example", []string{to}, body); err == nil || !strings.HasPrefix(err.Error(), "550") {
				t.Errorf("mail to %s: %v", to, err)
			}
		}
		n := 0
		if err := d.Read(ctx, func(tx *db.Tx) (err error) {
			n, err = db.Value[int](tx, `SELECT COUNT(*) FROM bounce WHERE item_id = $1 AND permanent = 1`, item.ID)
			return err
		}); err != nil || n != 1 {
			t.Errorf("%d bounces are noted, %v", n, err)
		}
	})
}

func listen(t *testing.T, h *gate.House) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	ln.Close()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- mailgate.Serve(ctx, address, h) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the door ended with %v", err)
		}
	})
	for range 100 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return address
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the door does not answer")
	return ""
}
