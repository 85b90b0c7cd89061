package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// post is the other side. It acts on an item once it was handed over, unless
// it is told to lose the line before that.
type post struct {
	mu    sync.Mutex
	took  map[string]int // by item key: how often it acted
	tries map[string]int
	// before runs before handing, after once the other side has acted.
	before, after func(it outbox.Item) error
}

func (p *post) Send(_ context.Context, it outbox.Item, handing func() error) error {
	p.mu.Lock()
	p.tries[it.Key]++
	p.mu.Unlock()
	if p.before != nil {
		if err := p.before(it); err != nil {
			return err
		}
	}
	if err := handing(); err != nil {
		return err
	}
	p.mu.Lock()
	p.took[it.Key]++
	p.mu.Unlock()
	if p.after != nil {
		return p.after(it)
	}
	return nil
}

type fixture struct {
	t *testing.T
	d *db.DB
	c *clock.Fake
	b *outbox.Box
	p *post
	w *outbox.Worker
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s, err := seal.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		x := &fixture{t: t, d: d, c: c, b: outbox.New(s), p: &post{took: map[string]int{}, tries: map[string]int{}}}
		x.w = x.worker("w1")
		f(t, x)
	})
}

func (x *fixture) worker(name string) *outbox.Worker {
	return &outbox.Worker{DB: x.d, Box: x.b, Senders: map[string]outbox.Sender{"mail": x.p}, Log: slog.New(slog.DiscardHandler), Name: name}
}

func (x *fixture) put(keys ...string) {
	x.t.Helper()
	x.write(func(tx *db.Tx) error {
		for _, k := range keys {
			if err := x.b.Put(tx, outbox.Item{Key: k, Kind: "mail", Person: "p1", Address: "a@example.org"}, outbox.Mail{Subject: "case " + k}, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x *fixture) write(f func(tx *db.Tx) error) {
	x.t.Helper()
	if err := x.d.Write(x.t.Context(), f); err != nil {
		x.t.Fatal(err)
	}
}

func (x *fixture) step() int {
	x.t.Helper()
	n, err := x.w.Step(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	return n
}

func (x *fixture) item(key string) outbox.Item {
	x.t.Helper()
	var found outbox.Item
	x.write(func(tx *db.Tx) error {
		list, err := x.b.List(tx, outbox.Filter{Limit: 200})
		for _, it := range list {
			if it.Key == key {
				found = it
			}
		}
		return err
	})
	return found
}

func (x *fixture) want(key string, state outbox.State, took int) outbox.Item {
	x.t.Helper()
	it := x.item(key)
	if it.State != state || x.p.took[key] != took {
		x.t.Errorf("%s is %s (%s) and was taken %d times, want %s and %d", key, it.State, it.LastError, x.p.took[key], state, took)
	}
	return it
}

func TestSentOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.put("a", "b", "a")
		x.put("a")
		var raw []byte
		x.write(func(tx *db.Tx) (err error) {
			raw, err = db.Value[[]byte](tx, `SELECT content FROM outbox WHERE key = 'a'`)
			return err
		})
		if strings.Contains(string(raw), "case") {
			t.Error("the content lies open")
		}
		if n := x.step() + x.step() + x.step(); n != 2 {
			t.Errorf("%d tried", n)
		}
		it := x.want("a", outbox.Sent, 1)
		if string(it.Content) != `{"subject":"case a","text":""}` || it.DoneAt.IsZero() {
			t.Errorf("%s %+v", it.Content, it)
		}
		x.put("a") // a key that was sent is known for good
		x.step()
		x.want("a", outbox.Sent, 1)
	})
}

func TestNothingLeavesBeforeItsTimeOrWithoutCommit(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		no := errors.New("no")
		err := x.d.Write(t.Context(), func(tx *db.Tx) error {
			if err := x.b.Put(tx, outbox.Item{Key: "undone", Kind: "mail"}, nil, time.Time{}); err != nil {
				return err
			}
			return no
		})
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		x.write(func(tx *db.Tx) error {
			return x.b.Put(tx, outbox.Item{Key: "later", Kind: "mail"}, nil, tx.Now.Add(time.Hour))
		})
		x.c.Advance(time.Hour - time.Microsecond)
		if n := x.step(); n != 0 {
			t.Errorf("%d tried", n)
		}
		x.c.Advance(time.Microsecond)
		x.step()
		x.want("later", outbox.Sent, 1)
		x.want("undone", "", 0)
	})
}

func TestTriedAgainWithGrowingPauses(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.put("a")
		x.p.before = func(outbox.Item) error { return errors.New("busy \xff\x00" + strings.Repeat("ä", 400)) }
		for i := 1; i <= 4; i++ {
			if x.step() != 1 {
				t.Fatalf("attempt %d did not happen", i)
			}
			it := x.want("a", outbox.Pending, 0)
			if pause := it.NextAt.Sub(x.c.Now()); pause != outbox.Backoff(i) || it.Attempts != i || it.LastError == "" {
				t.Errorf("attempt %d: pause %v, %+v", i, pause, it)
			}
			x.c.Advance(outbox.Backoff(i) - time.Microsecond)
			if x.step() != 0 {
				t.Error("tried too early")
			}
			x.c.Advance(time.Microsecond)
		}
		x.p.before = nil
		x.step()
		x.want("a", outbox.Sent, 1)
		if outbox.Backoff(100) != 15*time.Minute || outbox.Backoff(0) != 15*time.Second {
			t.Error("the pause has no bounds")
		}
	})
}

func TestGivesUpAndIsSentByHand(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.put("old", "refused")
		x.p.before = func(it outbox.Item) error {
			if it.Key == "refused" {
				return fmt.Errorf("smtp: %w", outbox.Refused{Err: errors.New("no such mailbox")})
			}
			return errors.New("busy")
		}
		x.step()
		x.want("refused", outbox.Dead, 0)
		x.c.Advance(5*24*time.Hour + time.Second)
		x.step()
		x.want("old", outbox.Dead, 0)
		x.p.before = nil
		old, refused := x.item("old").ID, x.item("refused").ID
		x.write(func(tx *db.Tx) error { return outbox.Again(tx, old) })
		x.write(func(tx *db.Tx) error { return outbox.Settle(tx, refused) })
		x.step()
		x.want("old", outbox.Sent, 1)
		x.want("refused", outbox.Canceled, 0)
		for _, verb := range []func(*db.Tx, string) error{outbox.Again, outbox.Settle} {
			for _, id := range []string{old, refused, "nothing"} {
				if err := x.d.Write(t.Context(), func(tx *db.Tx) error { return verb(tx, id) }); !errs.Is(err, errs.Conflict) {
					t.Errorf("%s: %v", id, err)
				}
			}
		}
	})
}

func TestAfterHandingOverNothingIsSentTwice(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.put("cut", "harmless", "refused", "broken")
		x.p.after = func(it outbox.Item) error {
			switch it.Key {
			case "cut": // failed, but stored
				return errors.New("the line was cut")
			case "harmless": // failed, and the other side says that it did nothing
				return outbox.Retry{Err: errors.New("try later")}
			case "refused":
				return outbox.Refused{Err: errors.New("too large")}
			}
			panic("broken sender")
		}
		x.step()
		x.want("cut", outbox.Uncertain, 1)
		x.want("harmless", outbox.Pending, 1)
		x.want("refused", outbox.Dead, 1)
		x.want("broken", outbox.Uncertain, 1)
		x.c.Advance(24 * time.Hour)
		x.p.after = nil
		x.step()
		x.step()
		x.want("cut", outbox.Uncertain, 1)
		x.want("harmless", outbox.Sent, 2)
		x.want("broken", outbox.Uncertain, 1)
	})
}

// TestCrash stops a worker for good at both sides of handing over: its
// goroutine never writes an outcome down.
func TestCrash(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.put("before", "after")
		dead := x.worker("dead")
		dying := &post{took: x.p.took, tries: map[string]int{}}
		reached := make(chan struct{}, 2)
		crash := make(chan struct{})
		die := func(key string) func(outbox.Item) error {
			return func(it outbox.Item) error {
				if it.Key != key {
					return nil
				}
				reached <- struct{}{}
				<-crash
				return errors.New("woke up too late")
			}
		}
		dying.before, dying.after = die("before"), die("after")
		dead.Senders = map[string]outbox.Sender{"mail": dying}
		var wg sync.WaitGroup
		wg.Go(func() { dead.Step(context.Background()) })
		<-reached
		<-reached
		x.want("before", outbox.Pending, 0)
		x.want("after", outbox.Handing, 1)
		if x.step() != 0 {
			t.Error("somebody else's lease was not respected")
		}
		x.c.Advance(2*time.Minute + time.Second) // the lease runs out
		x.step()
		x.want("before", outbox.Sent, 1)
		x.want("after", outbox.Uncertain, 1)
		close(crash) // the dead one wakes: what others found stands
		wg.Wait()
		x.want("before", outbox.Sent, 1)
		x.want("after", outbox.Uncertain, 1)
	})
}

func TestLateWorkerDoesNotHandOver(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.put("slow", "canceled")
		x.p.before = func(it outbox.Item) error {
			if it.Key == "canceled" {
				return x.d.Write(context.Background(), func(tx *db.Tx) error {
					_, err := tx.Exec(`UPDATE outbox SET state = 'canceled' WHERE key = 'canceled'`)
					return err
				})
			}
			x.c.Advance(3 * time.Minute)
			return nil
		}
		x.step()
		x.want("slow", outbox.Pending, 0)
		x.want("canceled", outbox.Canceled, 0)
		x.p.before = nil
		x.c.Advance(time.Hour)
		x.step()
		x.want("slow", outbox.Sent, 1)
	})
}

func TestTwoWorkersShareTheWork(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		var keys []string
		for i := range 40 {
			keys = append(keys, fmt.Sprint("k", i))
		}
		x.put(keys...)
		var wg sync.WaitGroup
		for _, name := range []string{"w1", "w2"} {
			wg.Go(func() {
				w := x.worker(name)
				for range 40 {
					n, err := w.Step(context.Background())
					if err != nil {
						t.Error(err)
					}
					if n > 8 {
						t.Errorf("%d claimed at once", n)
					}
				}
			})
		}
		wg.Wait()
		for _, k := range keys {
			x.want(k, outbox.Sent, 1)
		}
	})
}

func TestCancelTakesBackWhatHasNotLeft(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.put("gone")
		x.step()
		x.put("waits", "waits too")
		x.write(func(tx *db.Tx) error {
			if n, err := outbox.Cancel(tx, "p2"); n != 0 || err != nil {
				t.Errorf("somebody else's: %d, %v", n, err)
			}
			n, err := outbox.Cancel(tx, "p1")
			if n != 2 {
				t.Errorf("%d canceled", n)
			}
			return err
		})
		x.step()
		x.want("gone", outbox.Sent, 1)
		x.want("waits", outbox.Canceled, 0)
	})
}

func TestHeldUntilThereIsASender(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.put("a")
		sender := x.w.Senders
		x.w.Senders = map[string]outbox.Sender{"page": x.p}
		if x.step() != 0 {
			t.Error("an item without a sender was tried")
		}
		x.w.Senders = nil
		x.step()
		it := x.want("a", outbox.Pending, 0)
		if it.Attempts != 0 {
			t.Error("waiting counted as an attempt")
		}
		x.w.Senders = sender
		x.step()
		x.want("a", outbox.Sent, 1)
	})
}

func TestUnreadableItemHoldsNothingUp(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.put("a", "b")
		x.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE outbox SET content = $1 WHERE key = 'a'`, []byte("damaged"))
			return err
		})
		x.step()
		x.want("a", outbox.Dead, 0)
		x.want("b", outbox.Sent, 1)
		x.write(func(tx *db.Tx) error {
			counts, err := outbox.Counts(tx)
			if counts[outbox.Dead] != 1 || counts[outbox.Sent] != 1 {
				t.Errorf("%v", counts)
			}
			return err
		})
	})
}

// Whoever loses sight of what a mail tells of gets no mail: not when access
// goes before it is claimed, and not when it goes at the last moment.
func TestStoppedWhenItsPersonSeesNoMore(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		var aid string
		party := audience.Party{Kind: audience.Org, ID: "org_1"}
		sit := func(tx *db.Tx) error {
			return audience.Sit(tx, "p1", audience.Seat{Kind: audience.Org, ID: "org_1", Party: party, Cap: audience.Reader})
		}
		rise := func(tx *db.Tx) error { return audience.Rise(tx, "p1", audience.Org, "org_1", party) }
		x.write(func(tx *db.Tx) (err error) {
			if err = sit(tx); err != nil {
				return err
			}
			aid, err = audience.Create(tx, "case", []audience.Grant{{Kind: audience.Org, ID: "org_1", Role: audience.Reader}}, nil, nil)
			ledger.Append(tx, ledger.Event{Kind: "case.opened", Audience: aid, Level: tlp.Amber})
			ledger.Append(tx, ledger.Event{Kind: "person.suspended", Audience: "", Level: tlp.Amber})
			return err
		})
		put := func(key string, events ...int64) {
			x.write(func(tx *db.Tx) error {
				return x.b.Put(tx, outbox.Item{Key: key, Kind: "mail", Person: "p1", Address: "a@example.org", Events: events}, outbox.Mail{}, time.Time{})
			})
		}
		put("sees", 0)
		put("sees one of two", 0, 1)
		put("tells of nothing")
		x.step()
		x.want("sees", outbox.Sent, 1)
		x.want("sees one of two", outbox.Stopped, 0)
		x.want("tells of nothing", outbox.Sent, 1)

		put("at the last moment", 0)
		x.p.before = func(outbox.Item) error { x.write(rise); return nil }
		x.step()
		x.p.before = nil
		if it := x.want("at the last moment", outbox.Stopped, 0); !strings.Contains(it.LastError, "may not see") || it.DoneAt.IsZero() {
			t.Errorf("it does not say why: %+v", it)
		}

		put("stopped at once", 0)
		put("about the account")
		x.write(func(tx *db.Tx) error {
			n, err := outbox.Stop(tx, []string{"p0", "p1"})
			if n != 1 {
				t.Errorf("%d stopped", n)
			}
			return err
		})
		x.want("stopped at once", outbox.Stopped, 0)
		x.write(sit)
		x.step()
		x.want("stopped at once", outbox.Stopped, 0)
		x.want("about the account", outbox.Sent, 1)
	})
}
