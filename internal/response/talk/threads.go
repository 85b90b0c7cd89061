package talk

import (
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/spec/prose"
)

const snippetRunes = 140

// Threads lists the threads of a case that the actor may see: those with
// something unread first, newest talk first, then those in which nothing was
// said yet. A finder, who does not see the case, finds their own thread.
func Threads(tx *db.Tx, a audience.Actor, caseRef string) ([]Thread, error) {
	c, err := enter(tx, a, caseRef)
	if err != nil {
		return nil, err
	}
	list, err := opened(tx, a, c)
	if err != nil {
		return nil, err
	}
	if c.State == casework.Open {
		if list, err = addUnopened(tx, a, c, list); err != nil {
			return nil, err
		}
	}
	if err := addCounts(tx, a, c, list); err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(x, y Thread) int {
		if (x.Unread > 0) != (y.Unread > 0) {
			return db.Bit(y.Unread > 0) - db.Bit(x.Unread > 0)
		}
		if (x.Last == nil) != (y.Last == nil) {
			return db.Bit(x.Last == nil) - db.Bit(y.Last == nil)
		}
		if x.Last != nil {
			return y.Last.At.Compare(x.Last.At)
		}
		if r := rank[x.Kind] - rank[y.Kind]; r != 0 {
			return r
		}
		return strings.Compare(strings.ToLower(x.Title), strings.ToLower(y.Title))
	})
	return list, nil
}

// enter finds a case that the actor may see or, as a finder, belongs to.
func enter(tx *db.Tx, a audience.Actor, caseRef string) (casework.Case, error) {
	c, _, err := casework.Load(tx, a, caseRef)
	if !errs.Is(err, errs.NotFound) {
		return c, err
	}
	id, lookup := db.Value[string](tx, `SELECT id FROM cases WHERE id = $1 OR number = $1`, caseRef)
	if lookup != nil || id == "" {
		return c, firstError(lookup, err)
	}
	mine, lookup := ownParties(tx, a, id)
	if lookup != nil || !slices.ContainsFunc(mine, func(p casework.Participant) bool { return p.Role == casework.Finder }) {
		return c, firstError(lookup, err)
	}
	return casework.ByID(tx, id)
}

// rank orders threads in which nothing was said yet.
var rank = map[Kind]int{General: 0, Team: 1, Finder: 2, Private: 3, Product: 4}

func opened(tx *db.Tx, a audience.Actor, c casework.Case) ([]Thread, error) {
	var args db.Args
	list, err := db.All(tx, scanThread, `SELECT `+threadColumns+` FROM thread t WHERE t.case_id = `+args.Add(c.ID)+` AND `+audience.Visible(a, "t", &args), args...)
	for i := range list {
		list[i].Closed = list[i].Kind != General && list[i].Kind != Product
	}
	return list, err
}

// addUnopened adds the threads that every case and every party in it has.
func addUnopened(tx *db.Tx, a audience.Actor, c casework.Case, list []Thread) ([]Thread, error) {
	add := func(t Thread) {
		if !slices.ContainsFunc(list, func(o Thread) bool { return o.ID == t.ID }) {
			list = append(list, t)
		}
	}
	for _, t := range []Thread{general(c), team(c)} {
		role, err := audience.RoleAt(tx, a, t.Audience, t.Level)
		if err != nil {
			return nil, err
		}
		if role > audience.None {
			add(t)
		}
	}
	var args db.Args
	mine, err := db.Column[string](tx, `SELECT x.id FROM (SELECT id, private_id AS audience_id, tlp FROM participant WHERE case_id = `+args.Add(c.ID)+
		` AND left_at IS NULL AND (accepted_at IS NOT NULL OR role = 'finder')) x WHERE `+audience.Visible(a, "x", &args), args...)
	if err != nil || len(mine) == 0 {
		return list, err
	}
	parties, err := casework.Parties(tx, c.ID)
	for _, p := range parties {
		if slices.Contains(mine, p.ID) {
			add(private(c, p))
		}
	}
	return list, err
}

// addCounts fills in what is unread and what was said last.
func addCounts(tx *db.Tx, a audience.Actor, c casework.Case, list []Thread) error {
	kind, me := a.Ref()
	type row struct {
		thread string
		last   int64
		unread int
	}
	var args db.Args
	k, id, of := args.Add(kind), args.Add(me), args.Add(c.ID)
	rows, err := db.All(tx, func(r *row) []any { return []any{&r.thread, &r.last, &r.unread} },
		`SELECT m.thread_id, MAX(m.seq), SUM(CASE WHEN m.seq > COALESCE(k.seq, 0) AND m.retracted_at IS NULL AND NOT (m.author_kind = `+k+` AND m.author_id = `+id+`) THEN 1 ELSE 0 END)
		 FROM message m LEFT JOIN thread_mark k ON k.thread_id = m.thread_id AND k.reader_kind = `+k+` AND k.reader_id = `+id+
			` WHERE m.case_id = `+of+` AND `+audience.VisibleAmong(a, "message", "m", "case_id = "+of, &args)+` GROUP BY m.thread_id`, args...)
	if err != nil || len(rows) == 0 {
		return err
	}
	at := map[string]row{}
	for _, r := range rows {
		at[r.thread] = r
	}
	args = nil
	var pick []string
	for i := range list {
		r, ok := at[list[i].ID]
		if !ok {
			continue
		}
		list[i].Unread = r.unread
		pick = append(pick, "("+args.Add(list[i].ID)+", "+strconv.FormatInt(r.last, 10)+")")
	}
	if len(pick) == 0 {
		return nil
	}
	last, err := db.All(tx, scanMessage, `SELECT `+messageColumns+` FROM message m WHERE (m.thread_id, m.seq) IN (VALUES `+strings.Join(pick, ", ")+`)`, args...)
	if err != nil {
		return err
	}
	if err := nameAuthors(tx, last, func(m *Message) *Author { return &m.Author }); err != nil {
		return err
	}
	for _, m := range last {
		i := slices.IndexFunc(list, func(t Thread) bool { return t.ID == m.Thread })
		l := Last{Message: m.ID, At: m.PostedAt, Author: m.Author}
		if m.Retracted == nil {
			l.Snippet = prose.Snippet(m.Body, snippetRunes)
		}
		list[i].Last = &l
	}
	return nil
}

// Unread counts the messages of a case that the actor may see and has not
// read, for the head of the case's pages: by others, not retracted, in threads
// that the actor may see.
func Unread(tx *db.Tx, a audience.Actor, caseID string) (int, error) {
	if a.Anonymous() {
		return 0, nil
	}
	kind, me := a.Ref()
	var args db.Args
	k, id, of := args.Add(kind), args.Add(me), args.Add(caseID)
	return db.Value[int](tx, `SELECT COUNT(*) FROM message m LEFT JOIN thread_mark k ON k.thread_id = m.thread_id AND k.reader_kind = `+k+` AND k.reader_id = `+id+
		` WHERE m.case_id = `+of+` AND `+audience.VisibleAmong(a, "message", "m", "case_id = "+of, &args)+` AND m.seq > COALESCE(k.seq, 0) AND m.retracted_at IS NULL AND NOT (m.author_kind = `+k+` AND m.author_id = `+id+`) AND m.thread_id IN (SELECT t.id FROM thread t WHERE t.case_id = `+of+` AND `+audience.Visible(a, "t", &args)+`)`, args...)
}
