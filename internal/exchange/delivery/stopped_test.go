package delivery_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
)

// Whoever loses a case between the making of a mail and its sending gets no
// mail of it: not the notice, and not the digest. What else the digest told of
// is told by the next one.
func TestQueuedMailsOfWhatIsLostAreStopped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		c.Advance(time.Minute)
		x.emit(ledger.Event{Kind: "case.closed", Audience: x.matter}, ledger.Event{Kind: "message.posted", Audience: x.matter}, ledger.Event{Kind: "message.edited", Audience: x.private["vexel"]})
		c.Set(time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC))
		x.tick()
		state := func(prefix string) (out []outbox.State) {
			for _, m := range x.mails() {
				if strings.HasPrefix(m.to, "vera@") && strings.HasPrefix(m.key, prefix) {
					out = append(out, m.state)
				}
			}
			return out
		}
		if n, g := state("notice:"), state("digest:"); len(n) != 1 || len(g) != 1 || n[0] != outbox.Pending || g[0] != outbox.Pending {
			t.Fatalf("queued at first: %v, %v", n, g)
		}
		must(t, d, func(tx *db.Tx) error {
			if err := audience.Expel(tx, x.matter, audience.Org, x.orgs["vexel"]); err != nil {
				return err
			}
			n, err := outbox.Stop(tx, []string{x.ids["vera"], x.ids["willem"]})
			if n != 2 {
				t.Errorf("%d stopped", n)
			}
			return err
		})
		if n, g := state("notice:"), state("digest:"); n[0] != outbox.Stopped || g[0] != outbox.Stopped {
			t.Errorf("after the loss: %v, %v", n, g)
		}
		must(t, d, func(tx *db.Tx) error {
			if next, err := delivery.Next(tx); err != nil || next.After(tx.Now) {
				t.Errorf("what was stopped waits until %v, %v", next, err)
			}
			return nil
		})
		x.tick()
		c.Set(time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC))
		x.tick()
		for _, m := range x.mails() {
			if strings.HasPrefix(m.to, "vera@") && m.key == "digest:2026-03-10:"+x.ids["vera"] {
				if !strings.Contains(m.Text, "was edited") || strings.Contains(m.Text, "New messages") || m.state != outbox.Pending {
					t.Errorf("the next digest is %s:\n%s", m.state, m.Text)
				}
				return
			}
		}
		t.Error("what was left of the stopped digest was never told")
	})
}
