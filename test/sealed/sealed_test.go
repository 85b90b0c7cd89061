package sealed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/alliance/board"
	"tocsin/internal/app"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/spec/ballot"
)

// scripts are what is voted in each world: as many votes by the same people in
// the same way. Executive 1 votes by the portal; executive 2 votes twice.
var scripts = [][]ballot.Choice{
	{ballot.Yes, ballot.Yes, ballot.No, ballot.Yes},
	{ballot.No, ballot.Abstain, ballot.Yes, ballot.No},
}

// sums of the last vote of each, for, against, abstaining.
var sums = [][3]int{{3, 0, 0}, {0, 2, 1}}

func TestASealedBallotTellsNobody(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			var worlds []*world
			var answers []string
			for i, script := range scripts {
				w := newWorld(t, dialect)
				worlds = append(worlds, w)
				reason := strings.Repeat(word+" ", 1+40*i)
				answer := w.vote("exec0", script[0], reason, false) + w.vote("exec1", script[1], reason, true) + w.vote("exec2", script[2], "", false)
				w.clock.Advance(1)
				path := "/api/v1/board/motions/B-1/vote"
				body, _ := json.Marshal(map[string]any{"choice": script[3], "reason": reason})
				answers = append(answers, answer+w.must(200, "exec2", "POST", path, "application/json", string(body), ""))
			}
			same(t, "the answers to the votes", answers[0], answers[1])
			worlds[0].clock.Advance(25 * 3600e9) // past the reminder
			worlds[1].clock.Advance(25 * 3600e9)
			for _, w := range worlds {
				if err := app.Round(t.Context(), w.house, nil); err != nil {
					t.Fatal(err)
				}
			}
			before := [2]map[string]string{worlds[0].everything("before the close"), worlds[1].everything("before the close")}
			hold(t, before[0], before[1])
			for i, w := range worlds {
				w.close(sums[i])
				w.forged()
			}
		})
	}
}

// hold compares two worlds, place by place.
func hold(t *testing.T, a, b map[string]string) {
	t.Helper()
	if len(a) < 500 || len(a) != len(b) {
		t.Errorf("%d places were read in one world, %d in the other", len(a), len(b))
	}
	for place := range a {
		same(t, place, a[place], b[place])
	}
}

func same(t *testing.T, place, a, b string) {
	t.Helper()
	if a, b = plain(a), plain(b); a == b {
		return
	}
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	x, y = slices.DeleteFunc(x, func(s string) bool { return slices.Contains(y, s) }), slices.DeleteFunc(y, func(s string) bool { return slices.Contains(strings.Split(a, "\n"), s) })
	t.Errorf("%s tells one ballot from another: %q, %q", place, x[:min(len(x), 5)], y[:min(len(y), 5)])
}

var parameter = regexp.MustCompile(`\{([a-z_]+)(\.\.\.)?\}`)

// everything is all that can be read: every address that reads, as everybody;
// the deeds that count; the whole database; a backup, put back; the log.
func (w *world) everything(when string) map[string]string {
	w.Helper()
	out := map[string]string{}
	say := func(place, text string) {
		out[place] = text
		if strings.Contains(text, word) {
			w.Errorf("%s, %s holds the reason in clear", when, place)
		}
	}
	routes, err := app.Routes(w.house)
	if err != nil {
		w.Fatal(err)
	}
	var events []string
	w.do(func(tx *db.Tx) (err error) {
		events, err = db.Column[string](tx, `SELECT CAST(seq AS TEXT) FROM event WHERE kind = $1 ORDER BY seq`, board.EventCast)
		return err
	})
	walked := 0
	for _, r := range routes {
		for i, path := range w.paths(r, events) {
			for _, who := range append([]string{""}, cast...) {
				a := w.ask(who, "GET", path, "", "", "")
				walked++
				say(fmt.Sprintf("GET %s (%d) as %q", r.Path, i, who), fmt.Sprint(a.Code, " ", a.Header(), " ", a.Body))
			}
		}
	}
	if walked < 1000 {
		w.Errorf("only %d answers were read", walked)
	}
	for _, deed := range []string{"count", "recount", "enact"} {
		for _, who := range append([]string{""}, cast...) {
			a := w.ask(who, "POST", "/api/v1/board/motions/B-1/"+deed, "application/json", "{}", "")
			say(deed+" as "+who, fmt.Sprint(a.Code, a.Body))
		}
	}
	for table, rows := range w.dump(w.house) {
		say("the table "+table, rows)
	}
	var b bytes.Buffer
	const pass = "a long passphrase for a backup"
	if _, err := app.Backup(w.Context(), w.cfg, &b, pass); err != nil {
		w.Fatal(err)
	}
	dialect := db.SQLite
	if w.cfg.DB != "" {
		dialect = db.Postgres
	}
	if bytes.Contains(b.Bytes(), []byte(word)) {
		w.Error("the backup holds the reason in clear")
	}
	to := config(w.T, dialect, w.clock, w.cfg.Log)
	if _, err := app.Restore(w.Context(), to, bytes.NewReader(b.Bytes()), pass, ""); err != nil {
		w.Fatal(err)
	}
	h, err := app.Open(w.Context(), to)
	if err != nil {
		w.Fatal(err)
	}
	defer h.DB.Close()
	for table, rows := range w.dump(h) {
		say("the backup's table "+table, rows)
	}
	say("the log", untimed.ReplaceAllString(w.log.String(), ""))
	return out
}

var untimed = regexp.MustCompile(`"time":"[^"]*",?|"took":[0-9.]+,?|"ms":[0-9.]+,?`)

// paths are the addresses of a route that reads, for the records of this world.
func (w *world) paths(r gate.Route, events []string) (out []string) {
	if r.Method != http.MethodGet {
		return nil
	}
	path := parameter.ReplaceAllStringFunc(strings.TrimSuffix(r.Path, "{$}"), func(p string) string {
		switch name := strings.Trim(p, "{.}"); name {
		case "motion":
			return w.motion.Number
		case "seat", "org":
			return w.ids[name]
		case "person":
			return w.ids["exec0"]
		case "seq":
			return "{seq}"
		case "deed":
			return "withdraw"
		default:
			return "none"
		}
	})
	if !strings.Contains(path, "{seq}") {
		return []string{path}
	}
	for _, seq := range events {
		out = append(out, strings.ReplaceAll(path, "{seq}", seq))
	}
	return out
}

// dump is every row of every table; of bytes, only how many there are.
func (w *world) dump(h *gate.House) map[string]string {
	w.Helper()
	out := map[string]string{}
	if err := h.Read(context.Background(), func(tx *db.Tx) error {
		q := `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'view' ORDER BY name`
		if tx.Dialect == db.Postgres {
			q = `SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1`
		}
		names, err := db.Column[string](tx, q)
		if err != nil {
			return err
		}
		for _, name := range names {
			// Checkpoints are signed in the machine's own time; the pages of
			// the full text index are no rows.
			if strings.HasPrefix(name, "sqlite_") || strings.HasPrefix(name, "goose_") || strings.Contains(name, "_fts") {
				continue
			}
			text, err := w.rows(tx, name)
			if err != nil {
				return err
			}
			out[name] = text
		}
		return nil
	}); err != nil {
		w.Fatal(err)
	}
	return out
}

func (w *world) rows(tx *db.Tx, name string) (string, error) {
	rows, err := tx.Query(`SELECT * FROM "` + name + `"`)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for rows.Next() {
		vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
		for i := range vals {
			ptrs[i] = &vals[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			return "", err
		}
		for i, v := range vals {
			if raw, ok := v.([]byte); ok {
				if bytes.Contains(raw, []byte(word)) {
					w.Errorf("%s.%s holds the reason in clear", name, cols[i])
				}
				v = fmt.Sprint(len(raw), "bytes")
			}
			fmt.Fprintf(&b, "%s=%v ", cols[i], v)
		}
		b.WriteByte('\n')
	}
	return b.String(), rows.Err()
}

// close brings the deadline, and holds the result against the votes.
func (w *world) close(want [3]int) {
	w.Helper()
	w.clock.Set(w.motion.Deadline)
	if err := app.Round(w.Context(), w.house, nil); err != nil {
		w.Fatal(err)
	}
	var m board.Motion
	if err := json.Unmarshal([]byte(w.must(200, "exec3", "GET", "/api/v1/board/motions/B-1", "", "", "")), &m); err != nil {
		w.Fatal(err)
	}
	if r := m.Result; r == nil || [3]int{r.Yes, r.No, r.Abstain} != want || r.Electorate != 4 || r.Voted != 3 {
		w.Errorf("the result is %+v, want %v", m.Result, want)
	}
	if got := w.must(200, "exec3", "POST", "/api/v1/board/motions/B-1/recount", "application/json", "", ""); !strings.Contains(got, `"same":true`) {
		w.Errorf("the recount says %s", got)
	}
	w.verify("after the close", true)
}

func (w *world) verify(when string, holds bool) {
	w.Helper()
	rep, err := app.Verify(w.Context(), w.cfg)
	if err != nil {
		w.Fatal(err)
	}
	if (len(rep.Problems) == 0) != holds {
		w.Errorf("%s, the ledger's verification says %v", when, rep.Problems)
	}
}

// forged changes stored votes as somebody with the database could, one after
// the other, and looks for it in the ledger's verification.
func (w *world) forged() {
	w.Helper()
	type row struct{ id, person string }
	var first row
	var paper, other []byte
	w.do(func(tx *db.Tx) error {
		list, err := db.All(tx, func(r *row) []any { return []any{&r.id, &r.person} }, `SELECT id, person_id FROM motion_vote ORDER BY id`)
		if err != nil {
			return err
		}
		first = list[0]
		if paper, err = db.Value[[]byte](tx, `SELECT paper FROM motion_vote WHERE id = $1`, list[0].id); err != nil {
			return err
		}
		other, err = db.Value[[]byte](tx, `SELECT paper FROM motion_vote WHERE id = $1`, list[1].id)
		return err
	})
	put := func(query string, args ...any) {
		w.do(func(tx *db.Tx) error { _, err := tx.Exec(query, args...); return err })
	}
	put(`UPDATE motion_vote SET paper = $1 WHERE id = $2`, other, first.id)
	w.verify("with one paper put in the place of another", false)
	if got := w.ask("exec3", "POST", "/api/v1/board/motions/B-1/recount", "application/json", "", "").Body.String(); strings.Contains(got, `"same":true`) {
		w.Errorf("the recount of exchanged papers says %s", got)
	}
	put(`UPDATE motion_vote SET paper = $1 WHERE id = $2`, paper, first.id)
	w.verify("with the paper put back", true)
	put(`UPDATE motion_vote SET person_id = $1 WHERE id = $2`, w.ids["exec3"], first.id)
	w.verify("with a vote given to somebody else", false)
	put(`UPDATE motion_vote SET person_id = $1 WHERE id = $2`, first.person, first.id)
	put(`DELETE FROM motion_vote WHERE id = $1`, first.id)
	w.verify("with a vote dropped", false)
}
