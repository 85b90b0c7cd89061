package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/ledger"
)

// note makes the effect of an event countable: the row it adds can be added
// once only.
func note(tx *db.Tx, r ledger.Record) error {
	_, err := tx.Exec(`INSERT INTO attempt (key, bucket, count) VALUES ('seen', $1, 1)`, r.Seq)
	return err
}

func TestTwoReplicasHandleEachEventOnce(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			conf := dbtest.Migrated(t, dialect)
			c := clock.NewFake(dbtest.Start)
			replicas := []*db.DB{dbtest.Connect(t, conf, c), dbtest.Connect(t, conf, c)}
			const events = 260 // more than two batches
			var wg sync.WaitGroup
			handled := make([]int, len(replicas))
			for i, d := range replicas {
				wg.Go(func() {
					for n := range events / 2 {
						if err := d.Write(context.Background(), func(tx *db.Tx) error { return lease(tx, fmt.Sprint(i), n) }); err != nil {
							t.Error(err)
						}
						if n%20 == 0 {
							n, err := ledger.Subscriber{Name: "s", Handle: note}.Drain(context.Background(), d)
							handled[i] += n
							if err != nil {
								t.Error(err)
							}
						}
					}
				})
			}
			wg.Wait()
			n, err := ledger.Subscriber{Name: "s", Handle: note}.Drain(t.Context(), replicas[0])
			if total := handled[0] + handled[1] + n; err != nil || total != events {
				t.Errorf("%d handled of %d: %v", total, events, err)
			}
		})
	}
}

func TestErrorRepeatsTheEventAndNothingBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		for i := range 5 {
			write(t, d, func(tx *db.Tx) error { return lease(tx, "a", i) })
		}
		broken := true
		s := ledger.Subscriber{Name: "s", Handle: func(tx *db.Tx, r ledger.Record) error {
			if err := note(tx, r); err != nil {
				return err
			}
			if broken && r.Seq == 3 {
				return errors.New("not now")
			}
			if r.Seq == 4 {
				return lease(tx, "answer", 1) // an event that is answered by an event
			}
			return nil
		}}
		if _, err := s.Drain(t.Context(), d); err == nil {
			t.Fatal("the error was swallowed")
		}
		broken = false
		total := 0
		for range 3 {
			n, err := s.Drain(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			total += n
		}
		var rows int
		write(t, d, func(tx *db.Tx) (err error) {
			rows, err = db.Value[int](tx, `SELECT COUNT(*) FROM attempt WHERE key = 'seen'`)
			return err
		})
		if total != 6 || rows != 6 {
			t.Errorf("%d handled, %d effects, want 6", total, rows)
		}
	})
}
