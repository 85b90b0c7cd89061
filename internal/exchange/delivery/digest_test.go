package delivery_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/tlp"
)

func (x *scene) zone(name, zone string) {
	must(x.t, x.d, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE person SET time_zone = $1 WHERE id = $2`, zone, x.ids[name])
		return err
	})
}

func (x *scene) digests() []string {
	var out []string
	for _, m := range x.mails() {
		if strings.HasPrefix(m.key, "digest:") {
			out = append(out, strings.Split(m.to, "@")[0]+" "+strings.Split(m.key, ":")[1])
		}
	}
	return out
}

// TestDigestAtSeven follows three people over a week in which New York's
// clocks change (2026-03-08), asking at every quarter of an hour.
func TestDigestAtSeven(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		x.zone("vera", "America/New_York")
		x.zone("willem", "Asia/Kolkata")
		c.Set(time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC))
		at := map[string]string{}
		for range 4 * 24 * 5 {
			now := c.Advance(15 * time.Minute)
			if now.Minute() == 0 && now.Hour()%6 == 0 && now.Day() < 9 {
				x.emit(ledger.Event{Kind: "message.posted", Audience: x.matter})
			}
			var next time.Time
			must(t, d, func(tx *db.Tx) (err error) { next, err = delivery.Next(tx); return err })
			if next.IsZero() || next.After(now) {
				if before := len(x.digests()); now.Minute() == 30 {
					if x.tick(); len(x.digests()) != before {
						t.Fatalf("Next says %s, and at %s there was a digest", next, now)
					}
				}
				continue
			}
			before := x.digests()
			x.tick()
			for _, g := range x.digests() {
				if !strings.Contains(strings.Join(before, "|"), g) {
					at[g] = now.Format("01-02 15:04")
				}
			}
		}
		want := map[string]string{
			"ada 2026-03-06": "03-06 07:00", "ada 2026-03-07": "03-07 07:00", "ada 2026-03-08": "03-08 07:00", "ada 2026-03-09": "03-09 07:00",
			"vera 2026-03-06": "03-06 12:00", "vera 2026-03-07": "03-07 12:00", "vera 2026-03-08": "03-08 11:00", "vera 2026-03-09": "03-09 11:00",
			"willem 2026-03-06": "03-06 01:30", "willem 2026-03-07": "03-07 01:30", "willem 2026-03-08": "03-08 01:30", "willem 2026-03-09": "03-09 01:30",
		}
		delete(want, "willem 2026-03-06") // nothing had happened before his morning
		if fmt.Sprint(at) != fmt.Sprint(want) {
			t.Errorf("digests at\n%v, want\n%v", at, want)
		}
	})
}

func TestDigestSaysWhatAndNothingTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		for range 3 {
			c.Advance(time.Minute)
			x.emit(ledger.Event{Kind: "message.posted", Audience: x.matter, Actor: x.actor("willem"), Object: ledger.Object{Kind: "message", ID: "msg_1"}, Data: map[string]string{"title": "Heap overflow"}})
		}
		x.emit(ledger.Event{Kind: "participant.added", Audience: x.matter})
		x.tick()
		if got := x.digests(); len(got) != 0 {
			t.Fatalf("a first digest before the next morning: %v", got)
		}
		ada := x.actor("ada")
		must(t, d, func(tx *db.Tx) error {
			p, err := delivery.Inbox(tx, ada, delivery.Filter{})
			if err == nil {
				_, err = delivery.MarkAllRead(tx, ada, p.Notices[0].Seq)
			}
			return err
		})
		c.Advance(24 * time.Hour)
		x.tick()
		x.zone("vera", "Pacific/Honolulu") // the day begins again
		x.tick()
		x.zone("vera", "UTC")
		x.tick()
		list := x.mails()
		if len(list) != 1 || list[0].key != "digest:2026-03-03:"+x.ids["vera"] {
			t.Fatalf("%+v", list)
		}
		if !strings.Contains(list[0].Text, "- New messages in TA-2026-0117 (3 times)\n") || strings.Contains(list[0].Text, "party") || strings.Contains(list[0].Text, "Heap") {
			t.Errorf("%s", list[0].Text)
		}
		c.Advance(48 * time.Hour)
		if next := x.tick(); !next.IsZero() || len(x.mails()) != 1 {
			t.Errorf("an empty digest: next %v, %+v", next, x.mails())
		}
	})
}

func TestTwoReplicasTickAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		x.emit(ledger.Event{Kind: "message.posted", Audience: x.matter})
		c.Advance(24 * time.Hour)
		done := make(chan error, 4)
		for range cap(done) {
			go func() {
				done <- d.Write(context.Background(), func(tx *db.Tx) error { _, err := x.courier.Tick(tx); return err })
			}()
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if got := x.digests(); len(got) != 3 {
			t.Errorf("%v", got)
		}
	})
}

func TestRunSendsWhatIsDue(t *testing.T) {
	d, c := dbtest.Open(t, db.SQLite)
	x := newScene(t, d, c)
	x.subscribe("reader@public.example", true)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	stopped := make(chan struct{})
	go func() { x.courier.Run(ctx, d, slog.New(slog.DiscardHandler)); close(stopped) }()
	x.release("TSA-2026-0001", tlp.Clear)
	for !strings.Contains(x.mailedTo(), "reader") && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	if ctx.Err() != nil {
		t.Error("the release was not mailed")
	}
	cancel()
	<-stopped
}

func (x *scene) release(number string, level tlp.Level) { x.revise(number, level, 1) }

func (x *scene) revise(number string, level tlp.Level, revision int) {
	x.emit(ledger.Event{Kind: delivery.EventReleased, Audience: x.matter, Object: ledger.Object{Kind: "advisory", ID: "adv_" + number},
		Data: map[string]any{"number": number, "title": "Heap overflow", "tlp": level, "revision": revision, "url": "/advisories/" + strings.ToLower(number)}})
}

func (x *scene) subscribe(address string, confirm bool) {
	x.t.Helper()
	must(x.t, x.d, func(tx *db.Tx) error { return x.courier.Subscribe(tx, address) })
	for _, m := range x.mails() {
		if token := link(m.Text, delivery.ConfirmPath("")); confirm && m.to == address && token != "" {
			must(x.t, x.d, func(tx *db.Tx) error { return x.courier.Confirm(tx, token) })
		}
	}
}

func link(text, path string) string {
	_, rest, _ := strings.Cut(text, "https://tocsin.lantern.example"+path)
	token, _, _ := strings.Cut(rest, "\n")
	return token
}

func TestPublicSubscribers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		x.subscribe("a@public.example", true)
		x.subscribe("b@public.example", false)
		x.subscribe("b@public.example", false) // within the hour: no second mail
		if got := x.mailedTo(); got != "a b" {
			t.Fatalf("confirmations %q", got)
		}
		asked := link(x.mails()[1].Text, delivery.ConfirmPath(""))
		confirm := func(token string) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return x.courier.Confirm(tx, token) })
		}
		if err := confirm(asked + "x"); !errs.Is(err, errs.NotFound) {
			t.Errorf("forged: %v", err)
		}
		c.Advance(8 * 24 * time.Hour)
		if err := confirm(asked); !errs.Is(err, errs.Gone) {
			t.Errorf("too late: %v", err)
		}
		x.clean()
		x.release("TSA-2026-0001", tlp.AmberStrict)
		x.tick()
		if got := x.mailedTo(); got != "ada vera willem" {
			t.Errorf("a release for the parties: %q", got)
		}
		x.clean()
		x.release("TSA-2026-0002", tlp.Clear)
		x.tick()
		x.tick()
		if got := x.mailedTo(); got != "a ada vera willem" {
			t.Errorf("a public release: %q", got)
		}
		m := x.mails()[0]
		if m.Subject != "The advisory TSA-2026-0002 is released" || !strings.Contains(m.Text, "https://tocsin.lantern.example/advisories/tsa-2026-0002\n") || strings.Contains(m.Text, "Heap") || strings.Contains(m.Text, "TA-2026") {
			t.Errorf("%s\n%s", m.Subject, m.Text)
		}
		token := link(m.Unsubscribe+"\n", delivery.UnsubscribePath(""))
		for range 2 {
			must(t, d, func(tx *db.Tx) error { _, err := x.courier.Unsubscribe(tx, token); return err })
		}
		if x.mails()[0].state != outbox.Canceled {
			t.Error("what waits for an address that ended its subscription leaves")
		}
		x.subscribe("c@public.example", true)
		x.clean()
		x.revise("TSA-2026-0002", tlp.Clear, 2)
		x.tick()
		for _, m := range x.mails() {
			if m.Subject != "The advisory TSA-2026-0002 is updated" || strings.Contains(m.Text, "released") || !strings.Contains(m.Text, "updated.") {
				t.Errorf("a revision: %s\n%s", m.Subject, m.Text)
			}
		}
		if got := x.mailedTo(); got != "ada c vera willem" {
			t.Errorf("a revision: %q", got)
		}
		must(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`DELETE FROM subscriber_mail`)
			return err
		})
		x.clean()
		x.release("TSA-2026-0003", tlp.Clear)
		x.tick()
		if got := x.mailedTo(); got != "ada vera willem" {
			t.Errorf("after unsubscribing: %q", got)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return x.courier.Subscribe(tx, "no address") }); !errs.Is(err, errs.Invalid) {
			t.Errorf("a bad address: %v", err)
		}
	})
}

func TestManySubscribersInParts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		must(t, d, func(tx *db.Tx) error {
			for i := range 450 {
				if _, err := tx.Exec(`INSERT INTO subscriber_mail (id, address, state, asked_at) VALUES ($1, $2, 'confirmed', 1)`, fmt.Sprintf("sub_%04d", i), fmt.Sprintf("s%d@public.example", i)); err != nil {
					return err
				}
			}
			return nil
		})
		x.release("TSA-2026-0002", tlp.Clear)
		ticks := 0
		for next := c.Now(); !next.IsZero() && ticks < 10; ticks++ {
			next = x.tick()
		}
		var n int
		must(t, d, func(tx *db.Tx) (err error) {
			n, err = db.Value[int](tx, `SELECT COUNT(*) FROM outbox WHERE key LIKE 'released:%'`)
			return err
		})
		if n != 450 || ticks != 3 {
			t.Errorf("%d mails in %d ticks", n, ticks)
		}
	})
}

func TestSubscriptionsAreLimited(t *testing.T) {
	d, c := dbtest.Open(t, db.SQLite)
	x := newScene(t, d, c)
	var err error
	for range 11 {
		err = d.Write(t.Context(), func(tx *db.Tx) error { return delivery.AllowSubscription(tx, "192.0.2.1") })
	}
	if !errs.Is(err, errs.RateLimited) {
		t.Errorf("%v", err)
	}
	_ = x
}
