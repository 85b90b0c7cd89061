package talk

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/spec/prose"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// Draft is a message to be posted.
type Draft struct {
	Body     string    `json:"body"`               // Markdown, at most MaxBody bytes; may be empty with files
	Level    tlp.Level `json:"tlp"`                // Clear, the zero: the thread's own level
	Named    []string  `json:"named,omitempty"`    // for TLP:RED: ids of the persons who read it, beside the author
	ReplyTo  string    `json:"reply_to,omitempty"` // message id
	Mentions []string  `json:"mentions,omitempty"` // ids of Addressees, beside those called in the body as @Name
	AskOf    string    `json:"ask_of,omitempty"`   // participant id, or TeamAddress: asks for an answer
	AskBy    time.Time `json:"ask_by,omitzero"`    // by then
	Files    []Upload  `json:"-"`
	Key      string    `json:"key,omitempty"` // chosen by the client: the same key of the same author is the same message
}

// Post says something in a thread.
func Post(tx *db.Tx, a audience.Actor, threadID string, in Draft) (Message, error) {
	t, c, err := writable(tx, a, threadID)
	if err != nil {
		return Message{}, err
	}
	if in.Body, err = cleanBody(in.Body, len(in.Files) > 0); err != nil {
		return Message{}, err
	}
	if len(in.Key) > maxKey {
		return Message{}, errs.Bad("key", "The key has at most %d characters.", maxKey)
	}
	v, err := speak(tx, a, &t, c)
	if err != nil {
		return Message{}, err
	}
	if err := ensure(tx, a, c, &t); err != nil {
		return Message{}, err
	}
	m := Message{ID: id.New("msg", tx.Now), Case: c.ID, Thread: t.ID, Author: v.author, Body: in.Body, Version: 1, PostedAt: tx.Now, clientKey: in.Key, clientSum: in.sum(threadID)}
	// Taking the number locks the thread, so a repetition waits for the first.
	if m.seq, err = db.Value[int64](tx, `UPDATE thread SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq`, t.ID); err != nil {
		return Message{}, err
	}
	if earlier, found, err := repeated(tx, m); err != nil || found {
		return earlier, err
	}
	at, err := place(tx, a, t, v, in.Level, in.Named)
	if err != nil {
		return Message{}, err
	}
	m.Audience, m.Level, m.Named = at.audience, at.level, at.named
	if err := m.address(tx, a, t, in); err != nil {
		return Message{}, err
	}
	if err := m.insert(tx); err != nil {
		return Message{}, err
	}
	if err := attach(tx, a, c, t, &m, in.Files); err != nil {
		return Message{}, err
	}
	n := m.notice(t)
	n.Mentions, n.AskOf, n.AskBy = m.Mentions, m.AskOf, m.AskBy
	m.tell(tx, a, c, t, EventPosted, n)
	if err := answered(tx, a, c, t, m); err != nil {
		return Message{}, err
	}
	if m.Audience == c.Audience {
		// Only what all of the case may see moves its time.
		if err := casework.Touch(tx, c.ID); err != nil {
			return Message{}, err
		}
	}
	return m, m.index(tx, c, t)
}

func cleanBody(body string, files bool) (string, error) {
	tooLarge := errs.New(errs.TooLarge, "A message has at most %d kB; attach longer texts as a file.", MaxBody>>10)
	if len(body) > MaxBody {
		return "", tooLarge
	}
	body, _, err := text.CleanText(body, MaxBody)
	if err != nil {
		return "", errs.Bad("body", "%s.", strings.ToUpper(err.Error()[:1])+err.Error()[1:])
	}
	if len(body) > MaxBody {
		return "", tooLarge
	}
	if strings.TrimSpace(body) == "" && !files {
		return "", errs.Bad("body", "Write something, or attach a file.")
	}
	return body, nil
}

// sum tells a repetition from another message under the same key.
func (d Draft) sum(threadID string) string {
	if d.Key == "" {
		return ""
	}
	var files []string
	for _, f := range d.Files {
		files = append(files, f.Ref.SHA256)
	}
	b, err := json.Marshal(struct {
		Draft  Draft
		Thread string
		Files  []string
	}{d, threadID, files})
	if err != nil {
		return threadID
	}
	return id.Digest(string(b))
}

func repeated(tx *db.Tx, m Message) (Message, bool, error) {
	if m.clientKey == "" {
		return m, false, nil
	}
	old, found, err := db.One(tx, scanMessage, `SELECT `+messageColumns+` FROM message m WHERE m.author_kind = $1 AND m.author_id = $2 AND m.client_key = $3`, m.Author.Kind, m.Author.ID, m.clientKey)
	if err != nil || !found {
		return m, false, err
	}
	if old.clientSum != m.clientSum {
		return Message{}, true, errs.New(errs.Conflict, "You used this key for another message; nothing was posted. Send it again with a new key.")
	}
	if !old.gone.At.IsZero() {
		old.empty()
	}
	return old, true, nil
}

// address settles what the message replies to, whom it mentions, and whom it
// asks.
func (m *Message) address(tx *db.Tx, a audience.Actor, t Thread, in Draft) error {
	if in.ReplyTo != "" {
		to, _, _, err := load(tx, a, in.ReplyTo)
		if err != nil || to.Thread != t.ID {
			return firstError(err, errs.Missing("message"))
		}
		m.ReplyTo = to.ID
	}
	only := ""
	if m.Named {
		only = m.Audience
	}
	var err error
	if m.Mentions, err = mentions(tx, a, t, m.Body, in.Mentions, only); err != nil {
		return err
	}
	if in.AskOf == "" {
		if !in.AskBy.IsZero() {
			return errs.Bad("ask_of", "Say who is asked.")
		}
		return nil
	}
	known, err := Addressees(tx, a, t.ID)
	if err != nil {
		return err
	}
	asked := slices.ContainsFunc(known, func(k Addressee) bool { return k.ID == in.AskOf && (k.Kind == ToParty || k.Kind == ToTeam) })
	switch {
	case !asked:
		return errs.Bad("ask_of", "Whom you ask is not known to you here; choose among those who read this thread.")
	case m.Level == tlp.Red:
		return errs.Bad("ask_of", "A message marked %s asks nobody, since it may not reach those who have to answer.", tlp.Red)
	case in.AskOf == m.Author.Party, in.AskOf == TeamAddress && m.Author.Coordinator:
		return errs.Bad("ask_of", "Ask somebody else than your own side.")
	case !in.AskBy.IsZero() && !in.AskBy.After(tx.Now):
		return errs.Bad("ask_by", "The answer is asked for by an instant that has passed; name a later one.")
	}
	m.AskOf, m.AskBy = in.AskOf, in.AskBy.UTC().Truncate(time.Microsecond)
	if in.AskBy.IsZero() {
		m.AskBy = time.Time{}
	}
	return nil
}

func (m Message) insert(tx *db.Tx) error {
	n, err := tx.Exec(`INSERT INTO message (id, case_id, thread_id, audience_id, tlp, named, seq, author_kind, author_id, party_id, party_name, coordinates, body, reply_to, mentions, ask_of, ask_by, client_key, client_sum, version, posted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) ON CONFLICT DO NOTHING`,
		m.ID, m.Case, m.Thread, m.Audience, int(m.Level), db.Bit(m.Named), m.seq, m.Author.Kind, m.Author.ID, m.Author.Party, m.Author.PartyName, db.Bit(m.Author.Coordinator), m.Body, m.ReplyTo, db.JSON(m.Mentions),
		m.AskOf, db.Micros(m.AskBy), m.clientKey, m.clientSum, m.Version, db.Micros(m.PostedAt))
	if err == nil && n == 0 {
		// The key was taken meanwhile, in another thread.
		err = errs.New(errs.Conflict, "You used this key for another message; nothing was posted. Send it again with a new key.")
	}
	return err
}

// notice is the data of the message's events.
func (m Message) notice(t Thread) Notice {
	if m.Named {
		return Notice{Thread: t.ID}
	}
	return t.notice()
}

// tell records an event about the message for those who may see it.
func (m Message) tell(tx *db.Tx, a audience.Actor, c casework.Case, t Thread, kind string, data Notice, binds ...ledger.Bound) {
	e := happened(a, c, kind, m.Audience, m.ref(), data, append(binds, messageTable.Of(m.ID))...)
	e.Level, e.Party = m.Level, m.about(t)
	ledger.Append(tx, e)
}

// about is the party with which the message hides.
func (m Message) about(t Thread) string {
	switch {
	case m.Named || t.Closed:
		return ""
	case t.Kind == Product:
		return t.Participant
	}
	return m.Author.Party
}

// index makes the message findable for who reads its thread. What is for named persons is not indexed:
// the index does not know who lost the thread.
func (m Message) index(tx *db.Tx, c casework.Case, t Thread) error {
	if m.Named || !m.gone.At.IsZero() {
		return search.Drop(tx, "message", m.ID)
	}
	return search.Put(tx, search.Doc{Kind: "message", ObjectID: m.ID, Scope: c.ID, Party: m.about(t), Audience: m.Audience, Level: tlp.Max(m.Level, t.Level),
		Title: c.Number + " " + t.Title, Body: prose.Plain(m.Body), URL: t.path(c) + "#" + m.ID, At: m.PostedAt})
}
