package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// leases stands for any table whose rows events vouch for.
var leases = ledger.Table{Kind: "lease", Name: "lease", Cols: "name, holder, until", Key: "name"}

var settings = ledger.Table{Kind: "setting", Name: "setting", Cols: "value", Key: "name"}

var system audience.Actor

func keeper(t *testing.T) *ledger.Keeper {
	t.Helper()
	secret, public, err := ledger.NewKey("the alliance+1")
	if err != nil {
		t.Fatal(err)
	}
	k, err := ledger.NewKeeper(secret, public)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func write(t *testing.T, d *db.DB, f func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func exec(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	write(t, d, func(tx *db.Tx) error { _, err := tx.Exec(query, args...); return err })
}

// lease writes a row and the event that vouches for it.
func lease(tx *db.Tx, name string, until int) error {
	_, err := tx.Exec(`INSERT INTO lease (name, holder, until) VALUES ($1, 'h', $2) ON CONFLICT (name) DO UPDATE SET until = excluded.until`, name, until)
	ledger.Append(tx, ledger.Event{Kind: "lease.set", Object: ledger.Object{Kind: "lease", ID: name}, Data: map[string]int{"until": until}, Binds: []ledger.Bound{leases.Of(name)}})
	return err
}

func all(t *testing.T, d *db.DB) []ledger.Record {
	t.Helper()
	var list []ledger.Record
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		list, err = ledger.All(tx, -1, 10_000)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func verify(t *testing.T, d *db.DB, k *ledger.Keeper) ledger.Report {
	t.Helper()
	rep, err := k.Verify(t.Context(), d, []ledger.Table{leases, settings})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func checkpoint(t *testing.T, d *db.DB, k *ledger.Keeper) string {
	t.Helper()
	var note string
	write(t, d, func(tx *db.Tx) (err error) { note, err = k.Checkpoint(tx); return err })
	return note
}

func TestNumbersAreCommitOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		var mu sync.Mutex
		var committed []string
		// A reader that follows the numbers must never meet one later that
		// is lower than what it has seen.
		stop := make(chan struct{})
		var watch, writers sync.WaitGroup
		watch.Go(func() {
			mark := int64(-1)
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := d.Read(context.Background(), func(tx *db.Tx) error {
					list, err := ledger.All(tx, mark, 1000)
					for _, r := range list {
						if r.Seq != mark+1 {
							return fmt.Errorf("event %d follows %d", r.Seq, mark)
						}
						mark = r.Seq
					}
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
		for w := range 6 {
			writers.Go(func() {
				for i := range 10 {
					name := fmt.Sprintf("%d/%d", w, i)
					err := d.Write(context.Background(), func(tx *db.Tx) error {
						if err := lease(tx, name, i); err != nil {
							return err
						}
						return lease(tx, name, i+1)
					})
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					committed = append(committed, name)
					mu.Unlock()
				}
			})
		}
		writers.Wait()
		close(stop)
		watch.Wait()
		list := all(t, d)
		if len(list) != 120 || len(committed) != 60 {
			t.Fatalf("%d events of %d commits", len(list), len(committed))
		}
		at := map[string]int64{}
		for i, r := range list {
			if r.Seq != int64(i) {
				t.Fatalf("event %d has number %d", i, r.Seq)
			}
			at[r.Object.ID] = r.Seq
			if i%2 == 1 && list[i-1].Object.ID != r.Object.ID {
				t.Errorf("the events of one transaction are torn apart at %d", i)
			}
		}
		for w := range 6 {
			for i := 1; i < 10; i++ {
				if at[fmt.Sprintf("%d/%d", w, i)] < at[fmt.Sprintf("%d/%d", w, i-1)] {
					t.Errorf("writer %d: commit %d is numbered before the one it came after", w, i)
				}
			}
		}
		if rep := verify(t, d, keeper(t)); len(rep.Problems) > 0 || rep.Rows != 60 {
			t.Errorf("%+v", rep)
		}
	})
}

func TestAppendWhileCommittingIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		write(t, d, func(tx *db.Tx) error {
			ledger.Append(tx, ledger.Event{Kind: "a.done"})
			tx.BeforeCommit(func() error { ledger.Append(tx, ledger.Event{Kind: "b.done"}); return nil })
			return nil
		})
		if list := all(t, d); len(list) != 2 || list[1].Kind != "b.done" || list[0].ActorKind != "system" {
			t.Errorf("%+v", list)
		}
		failed := errors.New("no")
		if err := d.Write(t.Context(), func(tx *db.Tx) error { ledger.Append(tx, ledger.Event{Kind: "c.done"}); return failed }); !errors.Is(err, failed) {
			t.Fatal(err)
		}
		if list := all(t, d); len(list) != 2 {
			t.Errorf("a refused verb left %d events", len(list))
		}
	})
}

func TestProofHoldsAndNothingInItCanChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		k := keeper(t)
		me := audience.Actor{Person: "p1"}
		for i := range 9 {
			write(t, d, func(tx *db.Tx) error {
				ledger.Append(tx, ledger.Event{Kind: "case.opened", Actor: me, Scope: "case_1", Level: tlp.Amber, Object: ledger.Object{Kind: "case", ID: "case_1"}, Data: map[string]any{"n": i, "t": "<ä>"}})
				return nil
			})
		}
		prove := func(seq int64) (p ledger.Proof) {
			t.Helper()
			write(t, d, func(tx *db.Tx) (err error) { p, err = k.Prove(tx, me, seq); return err })
			raw, err := json.Marshal(p) // as a member gets it
			if err != nil {
				t.Fatal(err)
			}
			p = ledger.Proof{}
			if err := json.Unmarshal(raw, &p); err != nil {
				t.Fatal(err)
			}
			return p
		}
		for seq := range int64(9) {
			if err := ledger.CheckProof(prove(seq), k.PublicKey()); err != nil {
				t.Errorf("event %d: %v", seq, err)
			}
		}
		other := prove(4)
		for name, change := range map[string]func(*ledger.Proof){
			"leaf":          func(p *ledger.Proof) { p.Leaf = strings.Replace(p.Leaf, "case_1", "case_2", 1) },
			"leaf of other": func(p *ledger.Proof) { p.Leaf = other.Leaf },
			"payload":       func(p *ledger.Proof) { p.Event.Payload = json.RawMessage(`{"n":7}`) },
			"salt":          func(p *ledger.Proof) { p.Salt = other.Salt },
			"path":          func(p *ledger.Proof) { p.Path[0][3] ^= 1 },
			"short path":    func(p *ledger.Proof) { p.Path = p.Path[1:] },
			"number":        func(p *ledger.Proof) { p.Event.Seq = 4 },
			"actor":         func(p *ledger.Proof) { p.Event.ActorID = "p2" },
			"time":          func(p *ledger.Proof) { p.Event.At = p.Event.At.Add(time.Microsecond) },
			"kind":          func(p *ledger.Proof) { p.Event.Kind = "case.closed" },
			"level":         func(p *ledger.Proof) { p.Event.Level = tlp.Clear },
			"scope":         func(p *ledger.Proof) { p.Event.Scope = "" },
			"object":        func(p *ledger.Proof) { p.Event.Object.ID = "x" },
			"erased":        func(p *ledger.Proof) { p.Event.Erased = true },
			"checkpoint":    func(p *ledger.Proof) { p.Checkpoint = strings.Replace(p.Checkpoint, "\n9\n", "\n8\n", 1) },
		} {
			p := prove(5)
			change(&p)
			if err := ledger.CheckProof(p, k.PublicKey()); !errs.Is(err, errs.Invalid) {
				t.Errorf("changed %s: %v", name, err)
			}
		}
		if err := ledger.CheckProof(prove(5), keeper(t).PublicKey()); !errs.Is(err, errs.Invalid) {
			t.Errorf("another key: %v", err)
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error { _, err := k.Prove(tx, audience.Actor{Person: "p2"}, 5); return err })
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("somebody else's event: %v", err)
		}
		err = d.Write(t.Context(), func(tx *db.Tx) error { _, err := k.Prove(tx, system, 5); return err })
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("a visitor: %v", err)
		}
	})
}

func TestErasedPayloadKeepsTheTree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		k := keeper(t)
		me := audience.Actor{Person: "p1"}
		write(t, d, func(tx *db.Tx) error {
			ledger.Append(tx, ledger.Event{Kind: "finder.named", Actor: me, Data: map[string]string{"name": "Jo"}})
			return nil
		})
		before := checkpoint(t, d, k)
		write(t, d, func(tx *db.Tx) error { return ledger.Erase(tx, me, 0, "The finder asked for it.") })
		r := all(t, d)[0]
		if !r.Erased || r.Salt != "" || string(r.Payload) != "{}" {
			t.Errorf("%+v", r)
		}
		if rep := verify(t, d, k); len(rep.Problems) > 0 || rep.Events != 2 {
			t.Errorf("%+v", rep)
		}
		write(t, d, func(tx *db.Tx) error {
			if n, err := k.Missing(tx, before); n != 0 || err != nil {
				t.Errorf("an older checkpoint: %d, %v", n, err)
			}
			p, err := k.Prove(tx, me, 0)
			if err != nil {
				return err
			}
			return ledger.CheckProof(p, k.PublicKey())
		})
		for seq, want := range map[int64]errs.Kind{0: errs.Conflict, 99: errs.NotFound} {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return ledger.Erase(tx, me, seq, "") }); !errs.Is(err, want) {
				t.Errorf("erase %d: %v", seq, err)
			}
		}
	})
}

// TestVerifyFinds does to the database what an operator with a grudge or a
// failing disk does, and expects Verify to name it.
func TestVerifyFinds(t *testing.T) {
	k := keeper(t)
	faults := map[string]struct {
		do   []string
		says string
	}{
		"changed event":                 {[]string{`UPDATE event SET kind = 'case.closed' WHERE seq = 3`}, "not those that the checkpoint signs"},
		"changed payload":               {[]string{`UPDATE event SET payload = '{"until":7}' WHERE seq = 3`}, "the content of event 3 was changed"},
		"payload and its sum":           {[]string{`UPDATE event SET payload = '{}', payload_sum = 'x' WHERE seq = 3`}, "the content of event 3 was changed"},
		"quiet erasure":                 {[]string{`UPDATE event SET payload = '{}', salt = '', erased = 1 WHERE seq = 3`}, "event 3 was erased without an event"},
		"erasure as disguise":           {[]string{`UPDATE event SET payload = '{"until":9}', erased = 1 WHERE seq = 3`}, "the content of event 3 was changed"},
		"removed event":                 {[]string{`DELETE FROM event WHERE seq = 3`}, "events 3 to 3 are missing"},
		"truncated tail":                {[]string{`DELETE FROM event WHERE seq > 5`, `UPDATE ledger_head SET size = 6`}, "a checkpoint signs 8 events, only 6 are there"},
		"tail, head kept":               {[]string{`DELETE FROM event WHERE seq > 5`}, "the head counts 8 events, 6 are there"},
		"changed row":                   {[]string{`UPDATE lease SET until = 99 WHERE name = 'b'`}, "lease b was changed without an event"},
		"row without event":             {[]string{`INSERT INTO lease (name, holder, until) VALUES ('z', 'h', 1)`}, "lease z stands in the data"},
		"row of a table without events": {[]string{`INSERT INTO setting (name, value) VALUES ('z', 'v')`}, "setting z stands in the data"},
		"removed row":                   {[]string{`DELETE FROM lease WHERE name = 'b'`}, "lease b is gone without an event"},
		"returned row":                  {[]string{`INSERT INTO lease (name, holder, until) VALUES ('d', 'h', 3)`}, "lease d was changed without an event"},
		"damaged hash":                  {[]string{`UPDATE ledger_hash SET hash = (SELECT hash FROM ledger_hash WHERE idx = 0) WHERE idx = 4`}, "stored hash 4 is not that of the events"},
		"lost hash":                     {[]string{`DELETE FROM ledger_hash WHERE idx = (SELECT MAX(idx) FROM ledger_hash)`}, "stored hash is missing"},
		"forged note":                   {[]string{`UPDATE ledger_checkpoint SET note = REPLACE(note, '8', '7')`}, "signature does not hold"},
		"rewritten whole":               {[]string{`UPDATE event SET seq = 100 WHERE seq = 2`, `UPDATE event SET seq = 2 WHERE seq = 3`, `UPDATE event SET seq = 3 WHERE seq = 100`}, "not those that the checkpoint signs"},
	}
	dbtest.Each(t, func(t *testing.T, _ *db.DB, _ *clock.Fake) {
		dialect := db.Dialect(strings.SplitN(t.Name(), "/", 2)[1])
		for name, fault := range faults {
			d, _ := dbtest.Open(t, dialect)
			for i, row := range []string{"a", "b", "c", "d", "a", "b"} {
				write(t, d, func(tx *db.Tx) error { return lease(tx, row, i) })
			}
			write(t, d, func(tx *db.Tx) error { // a row that went the right way
				_, err := tx.Exec(`DELETE FROM lease WHERE name = 'd'`)
				ledger.Append(tx, ledger.Event{Kind: "lease.removed", Binds: []ledger.Bound{leases.Of("d")}})
				return err
			})
			write(t, d, func(tx *db.Tx) error { return lease(tx, "c", 9) })
			checkpoint(t, d, k)
			if rep := verify(t, d, k); len(rep.Problems) > 0 || rep.Events != 8 || rep.Rows != 3 || rep.Checkpoints != 1 {
				t.Fatalf("untouched: %+v", rep)
			}
			for _, q := range fault.do {
				if name == "row of a table without events" && dialect == db.SQLite {
					q = strings.Replace(q, "'v'", "x'76'", 1)
				}
				exec(t, d, q)
			}
			rep := verify(t, d, k)
			if !slices.ContainsFunc(rep.Problems, func(p string) bool { return strings.Contains(p, fault.says) }) {
				t.Errorf("%s: %q", name, rep.Problems)
			}
		}
	})
}

func TestCheckpointKeptElsewhereShowsWhatIsMissing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		k := keeper(t)
		if note := checkpoint(t, d, k); note != "" {
			t.Errorf("an empty ledger was signed: %q", note)
		}
		for i := range 5 {
			write(t, d, func(tx *db.Tx) error { return lease(tx, "a", i) })
		}
		note := checkpoint(t, d, k)
		if again := checkpoint(t, d, k); again != note {
			t.Error("the same size was signed twice")
		}
		missing := func() (n int64, err error) {
			d.Read(t.Context(), func(tx *db.Tx) error { n, err = k.Missing(tx, note); return nil })
			return n, err
		}
		if n, err := missing(); n != 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		exec(t, d, `DELETE FROM ledger_checkpoint`) // the clean cut: nothing inside shows it
		exec(t, d, `DELETE FROM event WHERE seq >= 2`)
		exec(t, d, `DELETE FROM ledger_hash WHERE idx >= 3`)
		exec(t, d, `UPDATE ledger_head SET size = 2`)
		exec(t, d, `UPDATE lease SET until = 1`)
		if rep := verify(t, d, k); len(rep.Problems) > 0 {
			t.Fatal(rep.Problems)
		}
		if n, err := missing(); n != 3 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		for i := range 5 { // and another story on top
			write(t, d, func(tx *db.Tx) error { return lease(tx, "b", i) })
		}
		if _, err := missing(); !errs.Is(err, errs.Invalid) {
			t.Errorf("another story: %v", err)
		}
	})
}

func TestListShowsWhatTheRuleAllows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		seat := func(kind audience.SubjectKind, id string) audience.Seat {
			return audience.Seat{Kind: kind, ID: id, Party: audience.Party{Kind: kind, ID: id}, Cap: audience.Coordinator}
		}
		ann := audience.Actor{Person: "ann", Seats: []audience.Seat{seat(audience.Person, "ann"), seat(audience.Org, "o1")}}
		bob := audience.Actor{Person: "bob", Seats: []audience.Seat{seat(audience.Person, "bob"), seat(audience.Org, "o1")}}
		eve := audience.Actor{Person: "eve", Seats: []audience.Seat{seat(audience.Person, "eve")}}
		write(t, d, func(tx *db.Tx) error {
			aid, err := audience.Create(tx, "case", []audience.Grant{{Kind: audience.Org, ID: "o1", Role: audience.Reader}, {Kind: audience.Person, ID: "ann", Role: audience.Reader}}, nil, nil)
			for i, level := range []tlp.Level{tlp.Amber, tlp.Red, tlp.Amber} {
				ledger.Append(tx, ledger.Event{Kind: "case.opened", Actor: eve, Audience: aid, Level: level, Scope: fmt.Sprint("case_", i%2), Object: ledger.Object{Kind: "case", ID: "c"}})
			}
			ledger.Append(tx, ledger.Event{Kind: "secret.kept"}) // no audience: nobody
			return err
		})
		for _, c := range []struct {
			who  audience.Actor
			q    ledger.Query
			want []int64
		}{
			{ann, ledger.Query{After: -1}, []int64{0, 1, 2}},
			{bob, ledger.Query{After: -1}, []int64{0, 2}},
			{eve, ledger.Query{After: -1}, nil},
			{system, ledger.Query{After: -1}, nil},
			{ann, ledger.Query{After: -1, Scope: "case_0"}, []int64{0, 2}},
			{ann, ledger.Query{After: 0, Limit: 1}, []int64{1}},
			{ann, ledger.Query{Before: 2}, []int64{1, 0}},
			{ann, ledger.Query{After: -1, Object: ledger.Object{Kind: "case", ID: "d"}}, nil},
		} {
			var got []int64
			write(t, d, func(tx *db.Tx) error {
				list, err := ledger.List(tx, c.who, c.q)
				for _, r := range list {
					got = append(got, r.Seq)
				}
				return err
			})
			if !slices.Equal(got, c.want) {
				t.Errorf("%s asks %+v: %v, want %v", c.who.Person, c.q, got, c.want)
			}
		}
		write(t, d, func(tx *db.Tx) error {
			list, err := ledger.ByActor(tx, eve, 0, 10)
			if len(list) != 3 {
				t.Errorf("own trail: %d events", len(list))
			}
			return err
		})
	})
}

func TestManyEventsInOneTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		began := time.Now()
		write(t, d, func(tx *db.Tx) error {
			for i := range 5000 {
				ledger.Append(tx, ledger.Event{Kind: "case.imported", Object: ledger.Object{Kind: "case", ID: fmt.Sprint(i)}, Data: map[string]int{"n": i}})
			}
			return nil
		})
		t.Logf("5,000 events in %v", time.Since(began))
		if rep := verify(t, d, keeper(t)); len(rep.Problems) > 0 || rep.Events != 5000 {
			t.Errorf("%+v", rep)
		}
	})
}
