package kill

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/test/harness"
)

// kills is how often the server is killed on each database;
// TOCSIN_TEST_KILLS says otherwise.
func kills(t *testing.T) int {
	n := 50
	if given := os.Getenv("TOCSIN_TEST_KILLS"); given != "" {
		var err error
		if n, err = strconv.Atoi(given); err != nil || n < 1 {
			t.Fatalf("TOCSIN_TEST_KILLS=%q is no number of kills", given)
		}
	} else if testing.Short() {
		n = 5
	}
	return n
}

// TestKilled ends the server with kill -9 again and again while programs
// write, and then asks for everything that was acknowledged.
func TestKilled(t *testing.T) {
	both(t, func(t *testing.T, o harness.Options) {
		post := openSink(t, "")
		o.Env = append(o.Env, "TOCSIN_SMTP=smtp://"+post.address, "TOCSIN_LOG_LEVEL=warn")
		w := found(t, o)
		w.Start(t)
		b := &book{}
		under := load(t, w, b)
		n := kills(t)
		for i := 0; i < n && !t.Failed(); i++ {
			time.Sleep(rand.N(600 * time.Millisecond))
			w.Kill()
			w.Start(t)
		}
		under.end()
		if t.Failed() {
			return
		}
		settle(t, w)
		t.Logf("%d kills: %d changes acknowledged, %d requests cut, %d answered from memory, %d mails taken",
			n, len(b.deeds), b.cut.Load(), b.replayed.Load(), len(post.times()))
		if len(b.deeds) < 3*n || b.cut.Load() < int64(n)/2 {
			t.Errorf("%d changes and %d cut requests are no load worth a test of %d kills", len(b.deeds), b.cut.Load(), n)
		}
		checkRecords(t, w, b)
		checkMail(t, w, b, post)
		if out, errOut, err := w.Try(t, "admin", "verify"); err != nil {
			t.Errorf("the ledger does not hold: %v\n%s%s", err, out, errOut)
		}
	})
}

// pressure is a running load.
type pressure struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// end lets every writer finish what it has begun.
func (p *pressure) end() {
	p.cancel()
	p.wg.Wait()
}

// load starts two coordinators' programs, one of each vendor and a stranger.
func load(t *testing.T, w *world, b *book) *pressure {
	ctx, cancel := context.WithCancel(context.Background())
	p := &pressure{cancel: cancel}
	t.Cleanup(p.end)
	for _, name := range []string{"cora1", "cora2"} {
		p.wg.Go(newWriter(ctx, t, w, b, name, w.cora).coordinate)
	}
	for i, v := range w.vendors {
		p.wg.Go(newWriter(ctx, t, w, b, "vendor"+strconv.Itoa(i), v).answerFor)
	}
	p.wg.Go(newWriter(ctx, t, w, b, "stranger", member{}).report)
	return p
}

// settle lets the outbox come to rest. What a killed worker held is free
// after two minutes, and what failed is tried again after a pause; the test
// lets both pass while no server runs.
func settle(t *testing.T, w *world) {
	t.Helper()
	w.Stop(t)
	w.open(t, func(h *gate.House) {
		err := h.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE outbox SET lease_until = 0, next_at = 0 WHERE state IN ('pending', 'handing')`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	w.Start(t)
	w.open(t, func(h *gate.House) {
		for limit := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
			var waiting, behind int64
			err := h.Read(context.Background(), func(tx *db.Tx) (err error) {
				if waiting, err = db.Value[int64](tx, `SELECT COUNT(*) FROM outbox WHERE state IN ('pending', 'handing')`); err != nil {
					return err
				}
				behind, err = db.Value[int64](tx, `SELECT h.size - 1 - s.seq FROM ledger_head h, subscriber s WHERE s.name = 'delivery'`)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if waiting == 0 && behind == 0 {
				return
			}
			if time.Now().After(limit) {
				t.Fatalf("after a minute %d mails still wait and %d events are not read", waiting, behind)
			}
		}
	})
}
