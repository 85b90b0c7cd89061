package talk

import (
	"slices"
	"time"

	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

// Message is one contribution to a thread. Of a retracted one only the frame
// is left.
type Message struct {
	ID         string      `json:"id"`
	Case       string      `json:"case_id"`
	Thread     string      `json:"thread_id"`
	Audience   string      `json:"-"`
	Level      tlp.Level   `json:"tlp"`
	Named      bool        `json:"named"` // seen by named persons only
	Author     Author      `json:"author"`
	Body       string      `json:"body"`               // Markdown
	ReplyTo    string      `json:"reply_to,omitempty"` // a message that the reader may see
	Mentions   []Mention   `json:"mentions,omitempty"`
	AskOf      string      `json:"ask_of,omitempty"` // participant id, or TeamAddress: an answer is asked for
	AskBy      time.Time   `json:"ask_by,omitzero"`  // by then
	AnsweredAt time.Time   `json:"answered_at,omitzero"`
	AnswerID   string      `json:"answer_id,omitempty"` // the reply that answered, if the reader may see it
	Files      []File      `json:"files,omitempty"`
	Version    int64       `json:"version"`
	PostedAt   time.Time   `json:"posted_at"`
	EditedAt   time.Time   `json:"edited_at,omitzero"`
	EditReason string      `json:"edit_reason,omitempty"`
	Retracted  *Retraction `json:"retracted,omitempty"`
	Unread     bool        `json:"unread"`

	seq                  int64
	clientKey, clientSum string
	editorKind, editorID string
	gone                 Retraction
}

// Retraction says who took a message back.
type Retraction struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"` // "author" or "coordinator"
	Reason string    `json:"reason,omitempty"`
}

const messageColumns = `m.id, m.case_id, m.thread_id, m.audience_id, m.tlp, m.named, m.seq, m.author_kind, m.author_id, m.party_id, m.party_name, m.coordinates, m.body, m.reply_to, m.mentions,
	m.ask_of, m.ask_by, m.answered_at, m.answer_id, m.client_key, m.client_sum, m.version, m.posted_at, m.edited_at, m.editor_kind, m.editor_id, m.edit_reason, m.retracted_at, m.retracted_by, m.retract_reason`

func scanMessage(m *Message) []any {
	return []any{&m.ID, &m.Case, &m.Thread, &m.Audience, &m.Level, &m.Named, &m.seq, &m.Author.Kind, &m.Author.ID, &m.Author.Party, &m.Author.PartyName, &m.Author.Coordinator, &m.Body, &m.ReplyTo, db.JSON(&m.Mentions),
		&m.AskOf, db.At(&m.AskBy), db.At(&m.AnsweredAt), &m.AnswerID, &m.clientKey, &m.clientSum, &m.Version, db.At(&m.PostedAt), db.At(&m.EditedAt), &m.editorKind, &m.editorID, &m.EditReason, db.At(&m.gone.At), &m.gone.By, &m.gone.Reason}
}

func (m Message) ref() ledger.Object { return ledger.Object{Kind: "message", ID: m.ID} }

// IsAuthor reports whether the actor wrote it.
func (m Message) IsAuthor(a audience.Actor) bool { return m.Author.is(a) }

// Load finds a message that the actor may see, with its thread and case.
func Load(tx *db.Tx, a audience.Actor, id string) (Message, Thread, casework.Case, error) {
	m, t, c, err := load(tx, a, id)
	if err != nil {
		return m, t, c, err
	}
	list := []Message{m}
	err = complete(tx, a, t.ID, list)
	return list[0], t, c, err
}

func load(tx *db.Tx, a audience.Actor, id string) (Message, Thread, casework.Case, error) {
	var args db.Args
	m, ok, err := db.One(tx, scanMessage, `SELECT `+messageColumns+` FROM message m WHERE m.id = `+args.Add(id)+` AND `+audience.Visible(a, "m", &args), args...)
	if err != nil || !ok {
		return Message{}, Thread{}, casework.Case{}, firstError(err, errs.Missing("message"))
	}
	// Who lost the thread lost what was addressed to them by name, too.
	t, c, _, err := LoadThread(tx, a, m.Thread)
	if errs.Is(err, errs.NotFound) {
		err = errs.Missing("message")
	}
	if err != nil {
		return Message{}, t, c, err
	}
	return m, t, c, nil
}

// Paging asks for a part of a thread. Without Before and After it is the part
// around the first unread message, or the newest part when all is read.
type Paging struct {
	Before string // message id: the messages before it
	After  string // message id: the messages after it
	Limit  int    // 1 to MaxPage; 0 means 50
}

// Page is a part of a thread, oldest message first.
type Page struct {
	Messages []Message `json:"messages"`
	FirstNew string    `json:"first_unread,omitempty"` // id of the first unread message on the page
	Older    string    `json:"older,omitempty"`        // give it as Before for what lies before
	Newer    string    `json:"newer,omitempty"`        // give it as After for what lies behind
}

// contextLines is how many read messages lead to the first unread one.
const contextLines = 10

// List reads a part of a thread.
func List(tx *db.Tx, a audience.Actor, threadID string, p Paging) (Page, error) {
	t, _, _, err := LoadThread(tx, a, threadID)
	if err != nil {
		return Page{}, err
	}
	if p.Limit <= 0 {
		p.Limit = 50
	}
	p.Limit = min(p.Limit, MaxPage)
	r := reader{tx, a, t}
	var list []Message
	switch {
	case p.Before != "":
		at, err := r.place(p.Before)
		if err != nil {
			return Page{}, err
		}
		list, err = r.before(at, p.Limit)
		if err != nil {
			return Page{}, err
		}
	case p.After != "":
		at, err := r.place(p.After)
		if err != nil {
			return Page{}, err
		}
		if list, err = r.after(at, p.Limit); err != nil {
			return Page{}, err
		}
	default:
		if list, err = r.aroundUnread(p.Limit); err != nil {
			return Page{}, err
		}
	}
	return r.page(list)
}

// reader reads one thread for one actor.
type reader struct {
	tx *db.Tx
	a  audience.Actor
	t  Thread
}

func (r reader) pick(where, order string, limit int, n int64) ([]Message, error) {
	var args db.Args
	of := args.Add(r.t.ID)
	return db.All(r.tx, scanMessage, `SELECT `+messageColumns+` FROM message m WHERE m.thread_id = `+of+` AND `+audience.VisibleAmong(r.a, "message", "m", "thread_id = "+of, &args)+`
		AND m.seq `+where+` `+args.Add(n)+` ORDER BY m.seq `+order+db.Limit(limit), args...)
}

func (r reader) before(seq int64, limit int) ([]Message, error) {
	list, err := r.pick("<", "DESC", limit, seq)
	slices.Reverse(list)
	return list, err
}

func (r reader) after(seq int64, limit int) ([]Message, error) {
	return r.pick(">", "ASC", limit, seq)
}

// place is where a message that the actor may see stands in the thread.
func (r reader) place(id string) (int64, error) {
	var args db.Args
	seq, ok, err := db.One(r.tx, func(n *int64) []any { return []any{n} }, `SELECT m.seq FROM message m WHERE m.id = `+args.Add(id)+` AND m.thread_id = `+args.Add(r.t.ID)+` AND `+audience.Visible(r.a, "m", &args), args...)
	if err == nil && !ok {
		err = errs.Missing("message")
	}
	return seq, err
}

func (r reader) mark() (int64, error) {
	kind, id := r.a.Ref()
	return db.Value[int64](r.tx, `SELECT seq FROM thread_mark WHERE reader_kind = $1 AND reader_id = $2 AND thread_id = $3`, kind, id, r.t.ID)
}

func (r reader) aroundUnread(limit int) ([]Message, error) {
	mark, err := r.mark()
	if err != nil {
		return nil, err
	}
	fresh, err := r.after(mark, limit)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(fresh, func(m Message) bool { return !m.IsAuthor(r.a) && m.gone.At.IsZero() }) && len(fresh) < limit {
		return r.before(1<<62, limit)
	}
	lead, err := r.before(mark+1, min(contextLines, limit/2))
	if err != nil {
		return nil, err
	}
	return append(lead, fresh[:min(len(fresh), limit-len(lead))]...), nil
}

// page completes the messages and finds out what lies before and behind.
func (r reader) page(list []Message) (Page, error) {
	p := Page{Messages: list}
	if len(list) == 0 {
		return p, nil
	}
	mark, err := r.mark()
	if err != nil {
		return p, err
	}
	first, last := list[0], list[len(list)-1]
	older, err := r.before(first.seq, 1)
	if err != nil {
		return p, err
	}
	newer, err := r.after(last.seq, 1)
	if err != nil {
		return p, err
	}
	if len(older) > 0 {
		p.Older = first.ID
	}
	if len(newer) > 0 {
		p.Newer = last.ID
	}
	for i := range list {
		m := &list[i]
		m.Unread = m.seq > mark && m.gone.At.IsZero() && !m.IsAuthor(r.a)
		if m.Unread && p.FirstNew == "" {
			p.FirstNew = m.ID
		}
	}
	return p, complete(r.tx, r.a, r.t.ID, list)
}

// complete adds names and files to messages of one thread, empties retracted
// ones, and hides references to messages that the actor may not see.
func complete(tx *db.Tx, a audience.Actor, threadID string, list []Message) error {
	if err := nameAuthors(tx, list, func(m *Message) *Author { return &m.Author }); err != nil {
		return err
	}
	var refs []string
	for _, m := range list {
		for _, id := range []string{m.ReplyTo, m.AnswerID} {
			if id != "" {
				refs = append(refs, id)
			}
		}
	}
	known := map[string]bool{}
	if len(refs) > 0 {
		var args db.Args
		ids, err := db.Column[string](tx, `SELECT m.id FROM message m WHERE m.thread_id = `+args.Add(threadID)+` AND m.id IN `+db.List(&args, refs)+` AND `+audience.Visible(a, "m", &args), args...)
		if err != nil {
			return err
		}
		for _, id := range ids {
			known[id] = true
		}
	}
	files, err := filesOf(tx, a, list)
	if err != nil {
		return err
	}
	parties, err := knownParties(tx, a, list)
	if err != nil {
		return err
	}
	for i := range list {
		m := &list[i]
		m.Mentions = slices.DeleteFunc(m.Mentions, func(x Mention) bool { return x.Kind == ToParty && !parties[x.ID] })
		if m.AskOf != TeamAddress && !parties[m.AskOf] {
			m.AskOf, m.AskBy = "", time.Time{}
		}
		if !known[m.ReplyTo] {
			m.ReplyTo = ""
		}
		if !known[m.AnswerID] {
			m.AnswerID = ""
		}
		m.Files = files[m.ID]
		if !m.gone.At.IsZero() {
			m.empty()
		}
	}
	return nil
}

// knownParties are those that the messages call or ask and that the actor may
// know of: one of them may have been hidden since.
func knownParties(tx *db.Tx, a audience.Actor, list []Message) (map[string]bool, error) {
	known, mine := map[string]bool{}, map[string]bool{}
	var ids []string
	add := func(id string) {
		if id != "" && !known[id] {
			known[id] = true
			ids = append(ids, id)
		}
	}
	for _, m := range list {
		add(m.AskOf)
		for _, x := range m.Mentions {
			if x.Kind == ToParty {
				add(x.ID)
			}
		}
	}
	if len(ids) == 0 {
		return mine, nil
	}
	var args db.Args
	visible, err := db.Column[string](tx, `SELECT p.id FROM participant p WHERE p.id IN `+db.List(&args, ids)+` AND (`+casework.SpeaksFor(a, "p", &args)+` OR `+audience.Visible(a, "p", &args)+`)`, args...)
	for _, id := range visible {
		mine[id] = true
	}
	return mine, err
}

// empty leaves the frame of a retracted message.
func (m *Message) empty() {
	gone := m.gone
	m.Retracted = &gone
	m.Body, m.Mentions, m.Files, m.EditReason, m.AskOf, m.AskBy, m.AnsweredAt, m.AnswerID = "", nil, nil, "", "", time.Time{}, time.Time{}, ""
}

// nameAuthors looks up the names of people. The holder of a link goes by the
// name of their party.
func nameAuthors[T any](tx *db.Tx, list []T, author func(*T) *Author) error {
	var ids []string
	for i := range list {
		if x := author(&list[i]); x.Kind == "person" && !slices.Contains(ids, x.ID) {
			ids = append(ids, x.ID)
		}
	}
	names, err := people.Names(tx, ids)
	for i := range list {
		x := author(&list[i])
		switch {
		case x.Kind != "person":
			x.Name = x.PartyName
		case names[x.ID] != "":
			x.Name = names[x.ID]
		default:
			x.Name = x.PartyName
		}
		if x.Name == "" {
			x.Name = "Unknown"
		}
	}
	return err
}

// Read marks a thread as read up to a message. A mark never goes back.
func Read(tx *db.Tx, a audience.Actor, threadID, upTo string) error {
	t, _, _, err := LoadThread(tx, a, threadID)
	if err != nil {
		return err
	}
	if a.Anonymous() {
		return errs.New(errs.Unauthenticated, "Sign in to keep what you have read.")
	}
	seq, err := reader{tx, a, t}.place(upTo)
	if err != nil {
		return err
	}
	kind, id := a.Ref()
	_, err = tx.Exec(`INSERT INTO thread_mark (reader_kind, reader_id, thread_id, seq, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (reader_kind, reader_id, thread_id) DO UPDATE SET seq = excluded.seq, at = excluded.at WHERE excluded.seq > thread_mark.seq`, kind, id, t.ID, seq, db.Micros(tx.Now))
	return err
}
