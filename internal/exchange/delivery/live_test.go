package delivery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
)

func TestLiveStreamObeysTheRule(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		live := func(a audience.Actor, after int64) (list []delivery.Signal, last int64) {
			must(t, d, func(tx *db.Tx) (err error) { list, last, err = delivery.Live(tx, a, after); return err })
			return list, last
		}
		vera, willem, otto := x.actor("vera"), x.actor("willem"), x.actor("otto")
		first, start := live(vera, -1)
		if len(first) != 0 || start <= 0 {
			t.Fatalf("who joins gets a replay: %v from %d", first, start)
		}
		x.emit(ledger.Event{Kind: "message.posted", Audience: x.matter, Data: map[string]string{"title": "Heap overflow"}},
			ledger.Event{Kind: "message.posted", Audience: x.private["vexel"]}, ledger.Event{Kind: "secret.kept"})
		got, last := live(vera, start)
		if want := fmt.Sprintf("[{%d message.posted TA-2026-0117 {case case_1} case_1} {%d message.posted TA-2026-0117 {case case_1} case_1}]", start+1, start+2); fmt.Sprint(got) != want || last != start+3 {
			t.Errorf("%v to %d, want %s", got, last, want)
		}
		if got, last := live(willem, start); len(got) != 1 || last != start+3 {
			t.Errorf("the competitor: %v to %d", got, last)
		}
		for _, a := range []audience.Actor{otto, {}, audience.ForLink("l"), x.actor("xena")} {
			if got, last := live(a, start); len(got) != 0 || last != start+3 {
				t.Errorf("%+v: %v to %d", a, got, last)
			}
		}
		if got, last := live(vera, 1<<40); len(got) != 0 || last != start+3 {
			t.Errorf("a number from another ledger: %v to %d", got, last)
		}
		var many []ledger.Event
		for range 450 {
			many = append(many, ledger.Event{Kind: "case.edited", Audience: x.matter})
		}
		x.emit(many...)
		seen, at := 0, last
		for range 4 {
			list, next := live(vera, at)
			seen, at = seen+len(list), next
		}
		if seen != 450 || at != start+453 {
			t.Errorf("%d signals to %d", seen, at)
		}
	})
}

func TestBounces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		x.emit(ledger.Event{Kind: "exposure.reported", Audience: x.matter})
		items := map[string]string{}
		must(t, d, func(tx *db.Tx) error {
			rows, err := db.All(tx, func(p *[2]string) []any { return []any{&p[0], &p[1]} }, `SELECT address, id FROM outbox`)
			for _, r := range rows {
				items[r[0]] = r[1]
			}
			return err
		})
		s := x.courier.Sealer
		back := delivery.ReturnPath(s, "bounce@mail.lantern.example", items["vera@vexel.example"])
		if !strings.HasSuffix(back, "@mail.lantern.example") {
			t.Fatalf("%q", back)
		}
		id, ok := delivery.ItemOf(s, "<"+strings.ToUpper(back)+">")
		if !ok || id != items["vera@vexel.example"] {
			t.Fatalf("%q, %v", id, ok)
		}
		for _, forged := range []string{"", "bounce@mail.lantern.example", strings.Replace(back, "out_", "out_x", 1), "bounce+" + id + "@mail.lantern.example", "bounce+.@x"} {
			if id, ok := delivery.ItemOf(s, forged); ok {
				t.Errorf("%q is taken as %s", forged, id)
			}
		}
		bounce := func(in delivery.Returned) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return delivery.Bounce(tx, in) })
		}
		for _, in := range []delivery.Returned{{}, {Recipient: "vera@vexel.example", Status: "5.1.1"}, {Item: "out_none"}, {Recipient: "vera@vexel.example", MessageID: "<other@tocsin.lantern.example>"}} {
			if err := bounce(in); !errs.Is(err, errs.NotFound) {
				t.Errorf("%+v: %v", in, err)
			}
		}
		if err := bounce(delivery.Returned{Item: id, Status: "4.4.1", Text: "later"}); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Minute)
		for range 2 {
			if err := bounce(delivery.Returned{Item: id, Status: "5.1.1", Text: "no such\r\nuser"}); err != nil {
				t.Fatal(err)
			}
		}
		take := func(address string, in delivery.Returned) (n int) {
			must(t, d, func(tx *db.Tx) (err error) {
				n, err = x.courier.TakeBack(tx, address, []delivery.Returned{in})
				return err
			})
			return n
		}
		if n := take(back, delivery.Returned{Recipient: "elsewhere@inner.example", Status: "5.1.1", Text: "again"}); n != 1 {
			t.Errorf("a report to the return path counts %d", n)
		}
		if n := take("bounce@mail.lantern.example", delivery.Returned{Item: items["ada@lantern.example"], Recipient: "ada@lantern.example", Status: "5.1.1"}); n != 0 {
			t.Errorf("a report without proof counts %d", n)
		}
		x.drain()
		vera, willem, ada := x.actor("vera"), x.actor("willem"), x.actor("ada")
		must(t, d, func(tx *db.Tx) error {
			for _, a := range []audience.Actor{vera, ada} {
				list, err := delivery.Bounces(tx, a, x.ids["vera"])
				if err != nil || len(list) != 1 || list[0].Text != "no such user" || !list[0].Permanent || list[0].Address != "vera@vexel.example" {
					t.Errorf("%+v, %v", list, err)
				}
			}
			if _, err := delivery.Bounces(tx, willem, x.ids["vera"]); !errs.Is(err, errs.NotFound) {
				t.Errorf("a stranger: %v", err)
			}
			if _, err := delivery.AllBounces(tx, willem); !errs.Is(err, errs.Denied) {
				t.Errorf("a member: %v", err)
			}
			if _, err := tx.Exec(`UPDATE outbox SET state = 'dead', last_error = 'The mail server said: 550 gone', done_at = $1 WHERE address LIKE 'willem%'`, db.Micros(tx.Now)); err != nil {
				return err
			}
			list, err := delivery.AllBounces(tx, ada)
			if err != nil || len(list) != 2 {
				t.Errorf("%+v, %v", list, err)
			}
			page, err := delivery.Inbox(tx, ada, delivery.Filter{Class: delivery.Admin})
			if err != nil || len(page.Notices) != 2 || page.Notices[0].Title != "Mail to a person came back" {
				t.Errorf("%+v, %v", page, err)
			}
			return nil
		})
		x.subscribe("a@public.example", true)
		var sub string
		must(t, d, func(tx *db.Tx) (err error) {
			sub, err = db.Value[string](tx, `SELECT id FROM outbox WHERE address = 'a@public.example'`)
			return err
		})
		if err := bounce(delivery.Returned{Item: sub, Status: "5.1.1"}); err != nil {
			t.Fatal(err)
		}
		must(t, d, func(tx *db.Tx) error {
			n, err := delivery.Subscriptions(tx)
			if n != 0 {
				t.Error("a subscription outlives its address")
			}
			return err
		})
	})
}
