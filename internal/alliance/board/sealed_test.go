package board

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
)

// word is what no reader may find anywhere.
const word = "xyzzy"

var (
	anID   = regexp.MustCompile(`\b[a-z]{2,6}_[0-9a-z]{26}\b`)
	aSum   = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	chance = []string{"event.salt", "board_room.audience_id"} // values drawn at random that are no ids and no sums
)

// without takes out of a text what differs by chance alone.
func without(s string) string { return aSum.ReplaceAllString(anID.ReplaceAllString(s, "ID"), "SUM") }

// everything is every row of every table, each value as text without chance;
// of bytes only their length.
func everything(w *world) map[string][]string {
	w.Helper()
	out := map[string][]string{}
	w.Do(func(tx *db.Tx) error {
		q := `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'view' ORDER BY name`
		if tx.Dialect == db.Postgres {
			q = `SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1`
		}
		names, err := db.Column[string](tx, q)
		if err != nil {
			return err
		}
		for _, name := range names {
			if strings.HasPrefix(name, "sqlite_") || strings.HasPrefix(name, "goose_") {
				continue
			}
			rows, err := tx.Query(`SELECT * FROM "` + name + `"`)
			if err != nil {
				return err
			}
			cols, err := rows.Columns()
			if err != nil {
				return err
			}
			for rows.Next() {
				vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
				for i := range vals {
					ptrs[i] = &vals[i]
				}
				if err := rows.Scan(ptrs...); err != nil {
					return err
				}
				var line []string
				for i, v := range vals {
					switch v := v.(type) {
					case []byte:
						if strings.Contains(string(v), word) {
							w.Errorf("%s.%s holds the reason in clear", name, cols[i])
						}
						line = append(line, fmt.Sprintf("%s=%d bytes", cols[i], len(v)))
					default:
						s := fmt.Sprint(v)
						if strings.Contains(s, word) {
							w.Errorf("%s.%s holds the reason in clear: %s", name, cols[i], s)
						}
						if slices.Contains(chance, name+"."+cols[i]) {
							s = fmt.Sprint(len(s))
						}
						line = append(line, cols[i]+"="+without(s))
					}
				}
				out[name] = append(out[name], strings.Join(line, " "))
			}
			if err := rows.Err(); err != nil {
				return err
			}
			rows.Close()
		}
		return nil
	})
	return out
}

// fresh is what of a later dump was not in the earlier one, in order.
func fresh(before, after map[string][]string) (out []string) {
	for name, rows := range after {
		left := slices.Clone(before[name])
		for _, r := range rows {
			if i := slices.Index(left, r); i >= 0 {
				left = slices.Delete(left, i, i+1)
				continue
			}
			out = append(out, name+": "+r)
		}
	}
	slices.Sort(out)
	return out
}

// told is all that a reader gets from every verb that reads.
func told(w *world, a audience.Actor, m Motion) string {
	w.Helper()
	var parts []any
	w.Do(func(tx *db.Tx) error {
		say := func(v any, err error) { parts = append(parts, v, fmt.Sprint(err)) }
		v1, err := Get(tx, a, m.ID)
		say(v1, err)
		v2, err := List(tx, a, Filter{})
		say(v2, err)
		v3, err := Votes(tx, a, m.ID)
		say(v3, err)
		v4, err := Papers(tx, a, m.ID)
		say(v4, err)
		v5, err := Awaiting(tx, a)
		say(v5, err)
		v6, err := Recusals(tx, a, m.ID)
		say(v6, err)
		v7, err := Minutes(tx, a, m.ID)
		say(v7, err)
		v8, err := ledger.List(tx, a, ledger.Query{After: -1, Scope: m.ID, Limit: 1000})
		say(v8, err)
		v9, err := ledger.ByActor(tx, a, 0, 1000)
		say(v9, err)
		return nil
	})
	text, err := json.Marshal(parts)
	if err != nil {
		w.Fatal(err)
	}
	return without(string(text))
}

func (w *world) readers() map[string]audience.Actor {
	out := map[string]audience.Actor{"operator": w.runner, "coordinator": w.cora, "both": w.operator, "stranger": w.otto, "visitor": {}}
	for i := range w.people {
		out[fmt.Sprint("executive ", i)], out[fmt.Sprint("substitute ", i)] = w.exec(i), w.sub(i)
	}
	return out
}

// play lets five seats vote: with changes of mind, a substitute before their
// executive, a substitute alone, and one who does not vote.
func play(w *world, said []Said) Motion {
	m := w.opened(Motion{Sealed: true, Title: "Remove a member"})
	voters := []audience.Actor{w.exec(0), w.sub(1), w.exec(1), w.exec(2), w.exec(0), w.sub(3), w.exec(2)}
	for i, v := range voters {
		w.Clock.Advance(time.Minute)
		w.Do(func(tx *db.Tx) error { _, err := w.room.Cast(tx, v, m.ID, said[i]); return err })
	}
	w.tick()
	return m
}

func TestSealedBallotTellsNobodyAnything(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			long := strings.Repeat("\u2028\"漢字\\", 160) + word
			worlds := [][]Said{
				{{Choice: ballot.Yes}, {Choice: ballot.Yes}, {Choice: ballot.Yes}, {Choice: ballot.Yes}, {Choice: ballot.Yes}, {Choice: ballot.Yes}, {Choice: ballot.Yes}},
				{{Choice: ballot.No, Reason: word}, {Choice: ballot.Abstain}, {Choice: ballot.No}, {Choice: ballot.Yes, Reason: long}, {Choice: ballot.Abstain, Reason: long}, {Choice: ballot.No}, {Choice: ballot.No, Reason: "No " + word}},
			}
			var rows [2][]string
			var heard [2]map[string]string
			var outcomes [2]ballot.State
			for i, said := range worlds {
				d, c := dbtest.Open(t, dialect)
				w := newWorld(t, d, c, 5)
				before := everything(w)
				m := play(w, said)
				rows[i] = fresh(before, everything(w))
				heard[i] = map[string]string{}
				for who, a := range w.readers() {
					heard[i][who] = told(w, a, m)
				}
				w.Verify(Tables()...)
				outcomes[i] = w.close(m).State
				if got := w.motion(m); got.Result == nil || got.Result.Voted != 4 {
					t.Fatalf("world %d: %+v", i, got.Result)
				}
				w.Do(func(tx *db.Tx) error {
					_, same, err := w.room.Recount(tx, w.exec2(tx, 0), m.ID)
					if !same {
						t.Errorf("world %d: the recount differs", i)
					}
					return err
				})
				everything(w) // holds no reason in clear after the close either
				w.Verify(Tables()...)
			}
			if outcomes != [2]ballot.State{ballot.Carried, ballot.Failed} {
				t.Fatalf("the worlds end %v: they do not differ in their choices", outcomes)
			}
			if len(rows[0]) < 30 {
				t.Fatalf("only %d rows changed: the dump does not see the ballot", len(rows[0]))
			}
			for i := range max(len(rows[0]), len(rows[1])) {
				if i >= len(rows[0]) || i >= len(rows[1]) || rows[0][i] != rows[1][i] {
					t.Fatalf("the stored worlds differ, %d and %d rows, first in:\n%s\n%s", len(rows[0]), len(rows[1]), rows[0][min(i, len(rows[0])-1)], rows[1][min(i, len(rows[1])-1)])
				}
			}
			for who := range heard[0] {
				if heard[0][who] != heard[1][who] {
					at := 0
					for at < min(len(heard[0][who]), len(heard[1][who])) && heard[0][who][at] == heard[1][who][at] {
						at++
					}
					t.Errorf("%s can tell the worlds apart: …%.200s and …%.200s", who, heard[0][who][at:], heard[1][who][at:])
				}
			}
		})
	}
}

// That somebody voted is told to nobody else: with and without the vote of
// one, every other reader hears the same.
func TestWhoVotedIsTheVotersAlone(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			var heard [2]map[string]string
			for i := range 2 {
				d, c := dbtest.Open(t, dialect)
				w := newWorld(t, d, c, 3)
				m := w.opened(Motion{Sealed: true})
				if i == 1 {
					w.cast(w.exec(0), m, ballot.No)
					w.cast(w.exec(0), m, ballot.Yes)
				}
				heard[i] = map[string]string{}
				for who, a := range w.readers() {
					heard[i][who] = regexp.MustCompile(`"seq":\d+`).ReplaceAllString(told(w, a, m), "")
				}
			}
			for who := range heard[0] {
				// The seat's own people learn that its vote is in: a substitute
				// votes only if the executive has not.
				own := who == "executive 0" || who == "substitute 0"
				if same := heard[0][who] == heard[1][who]; same == own {
					t.Errorf("%s: hears the same is %v", who, same)
				}
			}
		})
	}
}

func TestTamperedVotesBreakVerification(t *testing.T) {
	each(t, 3, func(w *world) {
		for _, sealed := range []bool{false, true} {
			for what, sql := range map[string]string{
				"changed":    `UPDATE motion_vote SET choice = 'no' WHERE motion_id = $1 AND seat_id = $2`,
				"exchanged":  `UPDATE motion_vote SET paper = (SELECT o.paper FROM motion_vote o WHERE o.motion_id = $1 AND o.seat_id <> $2 ORDER BY o.seat_id LIMIT 1), reason = 'exchanged' WHERE motion_id = $1 AND seat_id = $2`,
				"reassigned": `UPDATE motion_vote SET person_id = 'somebody' WHERE motion_id = $1 AND seat_id = $2`,
				"dropped":    `DELETE FROM motion_vote WHERE motion_id = $1 AND seat_id = $2`,
			} {
				for _, late := range []bool{false, true} {
					m := w.opened(Motion{Sealed: sealed})
					for i := range 3 {
						w.cast(w.exec(i), m, ballot.Yes)
					}
					if late {
						m = w.close(m)
					}
					w.Verify(Tables()...)
					undo := w.keepVotes(m)
					w.Do(func(tx *db.Tx) error {
						n, err := tx.Exec(sql, m.ID, w.seats[0].ID)
						if n != 1 {
							w.Fatalf("%s: %d rows", what, n)
						}
						return err
					})
					if p := w.Problems(Tables()...); len(p) != 1 || !strings.Contains(p[0], "motion_vote") {
						w.Errorf("%s, sealed %v: verification says %v", what, sealed, p)
					}
					undo()
					w.Verify(Tables()...)
					if !late {
						w.close(m)
					}
				}
			}
		}
	})
}

// keepVotes returns what puts the stored votes of a motion back.
func (w *world) keepVotes(m Motion) func() {
	var list []vote
	w.Do(func(tx *db.Tx) (err error) { list, err = votes(tx, m); return err })
	return func() {
		w.Do(func(tx *db.Tx) error {
			if _, err := tx.Exec(`DELETE FROM motion_vote WHERE motion_id = $1`, m.ID); err != nil {
				return err
			}
			for _, v := range list {
				var sealed any
				if m.Sealed {
					sealed = v.paper
				}
				if _, err := tx.Exec(`INSERT INTO motion_vote (id, motion_id, seat_id, audience_id, tlp, person_id, choice, reason, paper, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
					v.id, m.ID, v.seat, v.audience, int(v.level), v.voter, string(v.choice), v.reason, sealed, db.Micros(v.at)); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// A sealed vote moved to another seat is not counted as that seat's, and a
// damaged one holds up no other ballot; once it is restored, it is counted.
func TestDamagedVotesAreNeverMadeUp(t *testing.T) {
	each(t, 3, func(w *world) {
		bad, good := w.opened(Motion{Sealed: true}), w.opened(Motion{Sealed: true})
		for i := range 3 {
			w.cast(w.exec(i), bad, ballot.Yes)
			w.cast(w.exec(i), good, ballot.No)
		}
		undo := w.keepVotes(bad)
		w.Do(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE motion_vote SET paper = (SELECT o.paper FROM motion_vote o WHERE o.motion_id = $1 AND o.seat_id = $2) WHERE motion_id = $3 AND seat_id = $2`, good.ID, w.seats[0].ID, bad.ID)
			return err
		})
		if bad, good = w.close(bad), w.motion(good); bad.State != ballot.Closed || bad.Result != nil || good.State != ballot.Failed {
			w.Fatalf("%s and %s", bad.State, good.State)
		}
		w.Do(func(tx *db.Tx) error { _, err := w.room.CountAgain(tx, w.cora, bad.ID); return err })
		if bad = w.motion(bad); bad.State != ballot.Closed {
			w.Fatalf("still damaged, and %s", bad.State)
		}
		undo()
		w.Do(func(tx *db.Tx) error { _, err := w.room.CountAgain(tx, w.cora, bad.ID); return err })
		if bad = w.motion(bad); bad.State != ballot.Carried || bad.Result.Yes != 3 {
			w.Errorf("restored, and %s %+v", bad.State, bad.Result)
		}
		w.Verify(Tables()...)
	})
}

// An open ballot that was changed after the close: the recount says so.
func TestRecountFindsAChangedVote(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		w := newWorld(t, d, c, 3)
		m := w.opened(Motion{})
		for i := range 3 {
			w.cast(w.exec(i), m, ballot.Yes)
		}
		m = w.close(m)
		w.Do(func(tx *db.Tx) error {
			got, same, err := w.room.Recount(tx, w.exec2(tx, 1), m.ID)
			if !same || !reflect.DeepEqual(got, *m.Result) {
				t.Errorf("the recount is %+v, the result %+v", got, m.Result)
			}
			return err
		})
		w.Do(func(tx *db.Tx) error {
			if _, err := tx.Exec(`UPDATE motion_vote SET choice = 'no' WHERE seat_id = $1`, w.seats[2].ID); err != nil {
				return err
			}
			got, same, err := w.room.Recount(tx, w.exec2(tx, 1), m.ID)
			if same || got.Yes != 2 {
				t.Errorf("a changed vote: %+v, the same is %v", got, same)
			}
			return err
		})
	})
}
