package talk

import (
	"slices"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

// Edition is a new wording of a message.
type Edition struct {
	Body     string    `json:"body"`
	Level    tlp.Level `json:"tlp"`             // Clear, the zero: as it was
	Named    []string  `json:"named,omitempty"` // where Level is TLP:RED and it was not; else ignored
	Mentions []string  `json:"mentions,omitempty"`
	Reason   string    `json:"reason,omitempty"` // a coordinator gives one for another's message
	Version  int64     `json:"version"`          // the version seen
}

// Edit words a message anew: its author, or a coordinator with a reason. The
// earlier wording stays in its history. Stale comes with both versions.
func Edit(tx *db.Tx, a audience.Actor, messageID string, in Edition) (Message, error) {
	m, t, c, reason, err := editable(tx, a, messageID, in.Reason)
	if err != nil {
		return m, err
	}
	files, err := db.Value[int](tx, `SELECT COUNT(*) FROM file WHERE message_id = $1 AND removed_at IS NULL`, m.ID)
	if err != nil {
		return m, err
	}
	if in.Body, err = cleanBody(in.Body, files > 0); err != nil {
		return m, err
	}
	old := m
	m.Body, m.EditReason, m.EditedAt = in.Body, reason, tx.Now
	if err := m.remark(tx, a, t, c, old, in); err != nil {
		return m, err
	}
	only := ""
	if m.Named {
		only = m.Audience
	}
	if m.Mentions, err = mentions(tx, a, t, m.Body, in.Mentions, only); err != nil {
		return m, err
	}
	m.editorKind, m.editorID = a.Ref()
	stale := &errs.Error{Kind: errs.Stale, Text: "Somebody changed this message while you were writing. Both versions are shown; nothing of yours is lost.", Theirs: old, Yours: m}
	if err := tx.Guarded(stale, `UPDATE message SET body = $1, mentions = $2, audience_id = $3, tlp = $4, named = $5, edited_at = $6, editor_kind = $7, editor_id = $8, edit_reason = $9, version = version + 1
		WHERE id = $10 AND version = $11 AND retracted_at IS NULL`,
		m.Body, db.JSON(m.Mentions), m.Audience, int(m.Level), db.Bit(m.Named), db.Micros(tx.Now), m.editorKind, m.editorID, reason, m.ID, in.Version); err != nil {
		return m, err
	}
	m.Version = in.Version + 1
	past, err := old.keep(tx)
	if err != nil {
		return m, err
	}
	var binds []ledger.Bound
	if m.Audience != old.Audience || m.Level != old.Level {
		if binds, err = refile(tx, m, c, t); err != nil {
			return m, err
		}
	}
	n := m.notice(t)
	n.Reason = reason
	n.Mentions = slices.DeleteFunc(slices.Clone(m.Mentions), func(x Mention) bool { return slices.Contains(old.Mentions, x) })
	m.tell(tx, a, c, t, EventEdited, n, append(binds, versionTable.Of(past))...)
	return m, m.index(tx, c, t)
}

// editable loads a message that the actor may change, with the cleaned reason.
func editable(tx *db.Tx, a audience.Actor, messageID, reason string) (Message, Thread, casework.Case, string, error) {
	m, t, c, err := load(tx, a, messageID)
	if err != nil {
		return m, t, c, "", err
	}
	if !m.gone.At.IsZero() {
		return Message{}, t, c, "", errs.New(errs.Conflict, "This message was retracted.")
	}
	if _, _, err := writable(tx, a, t.ID); err != nil {
		return m, t, c, "", err
	}
	if reason, err = casework.CleanShort("reason", reason, maxReason); err != nil {
		return m, t, c, "", err
	}
	if !m.IsAuthor(a) {
		coordinates, err := coordinator(tx, a, c)
		if err != nil {
			return m, t, c, "", err
		}
		if !coordinates {
			return m, t, c, "", errs.New(errs.Denied, "Only the author or a coordinator may change a message.")
		}
		if reason == "" {
			return m, t, c, "", errs.Bad("reason", "Say why you change another's message; the reason is kept.")
		}
	}
	if m.Named {
		err = prune(tx, t, m.Audience)
	}
	return m, t, c, reason, err
}

// remark gives the message another level, if one is asked for. The author may
// raise it; lowering it takes a coordinator.
func (m *Message) remark(tx *db.Tx, a audience.Actor, t Thread, c casework.Case, old Message, in Edition) error {
	if in.Level == tlp.Clear || in.Level == m.Level {
		return nil
	}
	coordinates, err := coordinator(tx, a, c)
	if err != nil {
		return err
	}
	if in.Level < m.Level && !coordinates {
		return errs.New(errs.Denied, "This message carries %s; only a coordinator may mark it lower.", m.Level)
	}
	if m.AskOf != "" && in.Level == tlp.Red {
		return errs.Bad("tlp", "A message that asks for an answer cannot become %s; retract it instead.", tlp.Red)
	}
	// The author's own party decides whether the message hides.
	v := voice{Author{Coordinator: coordinates}, t.Audience}
	if !t.Closed && old.Author.Party != "" {
		p, err := casework.PartyByID(tx, old.Author.Party)
		if err != nil {
			return err
		}
		if p.Hidden {
			v.audience = p.Private
		}
	}
	at, err := place(tx, a, t, v, in.Level, in.Named)
	m.Audience, m.Level, m.Named = at.audience, at.level, at.named
	return err
}

// keep puts the wording away under the version it had.
func (m Message) keep(tx *db.Tx) (string, error) {
	vid, at, kind, who := id.New("mvr", tx.Now), m.PostedAt, m.Author.Kind, m.Author.ID
	if !m.EditedAt.IsZero() {
		at, kind, who = m.EditedAt, m.editorKind, m.editorID
	}
	_, err := tx.Exec(`INSERT INTO message_version (id, message_id, version, body, tlp, editor_kind, editor_id, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		vid, m.ID, m.Version, m.Body, int(m.Level), kind, who, m.EditReason, db.Micros(at))
	return vid, err
}

// Retract takes a message back: its author, or a coordinator with a reason.
// Everybody who saw it sees that it was there; its words and files are shown
// to nobody any more. The record keeps them.
func Retract(tx *db.Tx, a audience.Actor, messageID, reason string) (Message, error) {
	m, t, c, reason, err := editable(tx, a, messageID, reason)
	if err != nil {
		return m, err
	}
	m.gone = Retraction{At: tx.Now, By: "coordinator", Reason: reason}
	if m.IsAuthor(a) {
		m.gone.By = "author"
	}
	past, err := m.keep(tx)
	if err != nil {
		return m, err
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "This message was changed at the same moment; look again."),
		`UPDATE message SET body = '', mentions = '', retracted_at = $1, retracted_by = $2, retract_reason = $3, version = version + 1 WHERE id = $4 AND version = $5 AND retracted_at IS NULL`,
		db.Micros(tx.Now), m.gone.By, reason, m.ID, m.Version); err != nil {
		return m, err
	}
	m.Version++
	binds, err := removeFiles(tx, m.ID)
	if err != nil {
		return m, err
	}
	n := m.notice(t)
	n.Reason = reason
	m.tell(tx, a, c, t, EventRetracted, n, append(binds, versionTable.Of(past))...)
	m.empty()
	return m, search.Drop(tx, "message", m.ID)
}

// Wording is one version of a message.
type Wording struct {
	Version int64     `json:"version"`
	Body    string    `json:"body"` // Markdown
	Level   tlp.Level `json:"tlp"`
	Editor  Author    `json:"editor"`
	Reason  string    `json:"reason,omitempty"`
	At      time.Time `json:"at"`
}

// History lists all wordings of a message, first one first, for whoever sees
// the message. A retracted message has none.
func History(tx *db.Tx, a audience.Actor, messageID string) ([]Wording, error) {
	m, _, _, err := load(tx, a, messageID)
	if err != nil || !m.gone.At.IsZero() {
		return nil, err
	}
	list, err := db.All(tx, func(w *Wording) []any {
		return []any{&w.Version, &w.Body, &w.Level, &w.Editor.Kind, &w.Editor.ID, &w.Reason, db.At(&w.At)}
	}, `SELECT version, body, tlp, editor_kind, editor_id, reason, at FROM message_version WHERE message_id = $1 ORDER BY version`, m.ID)
	if err != nil {
		return nil, err
	}
	now := Wording{m.Version, m.Body, m.Level, m.Author, m.EditReason, m.PostedAt}
	if !m.EditedAt.IsZero() {
		now.At, now.Editor = m.EditedAt, Author{Kind: m.editorKind, ID: m.editorID}
	}
	list = append(list, now)
	for i := range list {
		if e := &list[i].Editor; e.Kind == m.Author.Kind && e.ID == m.Author.ID {
			*e = m.Author
		} else {
			e.Coordinator = true
		}
	}
	return list, nameAuthors(tx, list, func(w *Wording) *Author { return &w.Editor })
}
