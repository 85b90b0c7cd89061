package delivery_test

import (
	"strings"
	"testing"

	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/errs"
)

const report = "From: MAILER-DAEMON@mx.example\r\nTo: bounce@lantern.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n" +
	"--b\r\nContent-Type: text/plain\r\n\r\nYour mail came back.\r\n" +
	"--b\r\nContent-Type: message/delivery-status\r\n\r\n" +
	"Reporting-MTA: dns; mx.example\r\nArrival-Date: Mon, 2 Mar 2026 09:00:00 +0000\r\n\r\n" +
	"Final-Recipient: rfc822; vera@vexel.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n here\r\n\r\n" +
	"Final-Recipient: rfc822; ok@vexel.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n" +
	"Original-Recipient: rfc822;slow@vexel.example\r\nFinal-Recipient: rfc822; s@inner.example\r\nAction: Delayed\r\nStatus: 4.4.1 (x)\r\n\r\n" +
	"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <abc@tocsin.lantern.example>\r\nSubject: A status is owed\r\n\r\n--b--\r\n"

func TestParseDSN(t *testing.T) {
	got, err := delivery.ParseDSN(strings.NewReader(report))
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got[0] != (delivery.Returned{MessageID: "abc@tocsin.lantern.example", Recipient: "vera@vexel.example", Status: "5.1.1", Text: "550 5.1.1 no such user here"}) || !got[0].Permanent() {
		t.Errorf("%+v", got[0])
	}
	if got[1].Recipient != "slow@vexel.example" || got[1].Status != "4.4.1" || got[1].Permanent() {
		t.Errorf("%+v", got[1])
	}
	for name, bad := range map[string]string{"empty": "", "plain": "Subject: x\r\n\r\nhello", "no recipient": strings.ReplaceAll(report, "Action", "X-Action"),
		"other report": strings.Replace(report, "delivery-status;", "disposition-notification;", 1), "cut": report[:300]} {
		if got, err := delivery.ParseDSN(strings.NewReader(bad)); !errs.Is(err, errs.Malformed) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := delivery.ParseDSN(strings.NewReader(report + strings.Repeat("x", 2<<20))); err != nil && !errs.Is(err, errs.TooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := delivery.ParseDSN(strings.NewReader(strings.Replace(report, "Your mail", strings.Repeat("y", 2<<20), 1))); !errs.Is(err, errs.TooLarge) {
		t.Errorf("too large: %v", err)
	}
}

func FuzzParseDSN(f *testing.F) {
	f.Add(report)
	f.Add(strings.ReplaceAll(report, "\r\n", "\n"))
	f.Add("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n\n\nAction: failed\n")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := delivery.ParseDSN(strings.NewReader(s))
		if (err == nil) == (len(got) == 0) || len(got) > 51 {
			t.Fatalf("%d recipients, %v", len(got), err)
		}
		for _, r := range got {
			if strings.ContainsAny(r.Recipient+r.Text+r.Status+r.MessageID, "\r\n\x00") || len(r.Text) > 1200 || len(r.Recipient) > 1100 {
				t.Fatalf("%+v", r)
			}
		}
	})
}
