package report

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// MessageKind is what a message is for.
type MessageKind string

// The kinds of messages.
const (
	Note     MessageKind = "note"     // says something
	Question MessageKind = "question" // asks the finder, who owes an answer
	Answer   MessageKind = "answer"   // to a question
	Addition MessageKind = "addition" // belongs to the report itself: whoever reads it reads this
)

// Message is one message about a report.
type Message struct {
	ID         string      `json:"id"`
	Report     string      `json:"report_id"`
	Audience   string      `json:"-"`
	Level      tlp.Level   `json:"tlp"`
	Kind       MessageKind `json:"kind"`
	Side       Side        `json:"side"`                // who wrote it
	Person     string      `json:"person_id,omitempty"` // for the writer's own side
	Answers    string      `json:"answers,omitempty"`   // id of the question
	Encrypted  bool        `json:"encrypted"`
	Text       string      `json:"text"` // Markdown
	At         time.Time   `json:"at"`
	AnsweredAt time.Time   `json:"answered_at,omitzero"`
}

const messageColumns = `m.id, m.report_id, m.audience_id, m.tlp, m.kind, m.side, m.person_id, m.answers, m.encrypted, m.at, m.answered_at`

type messageRow struct {
	Message
	sealed []byte
}

func scanMessage(m *messageRow) []any {
	return []any{&m.ID, &m.Report, &m.Audience, &m.Level, &m.Kind, &m.Side, &m.Person, &m.Answers, &m.Encrypted, db.At(&m.At), db.At(&m.AnsweredAt), &m.sealed}
}

// Messages lists what was said about a report and the actor may see, oldest
// first.
func (d Desk) Messages(tx *db.Tx, a audience.Actor, ref string) ([]Message, error) {
	r, side, err := load(tx, a, ref)
	if err != nil {
		return nil, err
	}
	var args db.Args
	rows, err := db.All(tx, scanMessage, `SELECT `+messageColumns+`, m.sealed FROM report_message m WHERE m.report_id = `+args.Add(r.ID)+` AND `+audience.Visible(a, "m", &args)+` ORDER BY m.at, m.id`, args...)
	if err != nil {
		return nil, err
	}
	out := make([]Message, 0, len(rows))
	for _, row := range rows {
		t, err := d.unseal(row.ID, row.sealed)
		if err != nil {
			return nil, err
		}
		m := row.Message
		if m.Text = t.Description; m.Side != side {
			m.Person = "" // across sides, people speak for their side
		}
		out = append(out, m)
	}
	return out, nil
}

// Say is a message that a coordinator writes to the finder, or to the vendor
// that the report was handed to; that vendor's people write to the
// coordinators.
func (d Desk) Say(tx *db.Tx, a audience.Actor, ref, body string, to Side) (Message, error) {
	_, side, err := load(tx, a, ref)
	if err != nil {
		return Message{}, err
	}
	if side == Vendor {
		return d.vendorSays(tx, a, ref, body)
	}
	r, err := coordinated(tx, a, ref)
	if err != nil {
		return Message{}, err
	}
	m := Message{Report: r.ID, Kind: Note, Side: Coordinators, Audience: r.Talk}
	if to == Vendor {
		if m.Audience = r.VendorSide; m.Audience == "" {
			return m, errs.New(errs.Conflict, "This report was handed to no vendor.")
		}
		return d.write(tx, a, r, m, body)
	}
	if m, err = d.write(tx, a, r, m, body); err != nil {
		return m, err
	}
	return m, d.mailFinder(tx, r, "message "+m.ID, "There is a message for you.")
}

func (d Desk) vendorSays(tx *db.Tx, a audience.Actor, ref, body string) (Message, error) {
	r, _, err := load(tx, a, ref)
	if err != nil {
		return Message{}, err
	}
	role, err := audience.RoleAt(tx, a, r.VendorSide, r.Level)
	if err != nil {
		return Message{}, err
	}
	if role < audience.Contributor {
		return Message{}, errs.New(errs.Denied, "You may read this report and not write to it.")
	}
	if r, err = hold(tx, r.ID); err != nil {
		return Message{}, err
	}
	return d.write(tx, a, r, Message{Report: r.ID, Kind: Note, Side: Vendor, Audience: r.VendorSide}, body)
}

// Ask asks the finder something; it stays open until it is answered.
func (d Desk) Ask(tx *db.Tx, a audience.Actor, ref, body string) (Message, error) {
	r, err := coordinated(tx, a, ref)
	if err != nil {
		return Message{}, err
	}
	m, err := d.write(tx, a, r, Message{Report: r.ID, Kind: Question, Side: Coordinators, Audience: r.Talk}, body)
	if err != nil {
		return m, err
	}
	return m, d.mailFinder(tx, r, "message "+m.ID, "There is a question for you.")
}

// Add is a message of the finder's. As an addition it becomes part of the
// report, for whomever the report is passed to; else it is for the
// coordinators.
func (d Desk) Add(tx *db.Tx, a audience.Actor, ref, body string, toReport bool) (Message, error) {
	r, err := found(tx, a, ref)
	if err != nil {
		return Message{}, err
	}
	m := Message{Report: r.ID, Kind: Note, Side: Finder, Audience: r.Talk}
	if toReport {
		m.Kind, m.Audience = Addition, r.Audience
	}
	return d.write(tx, a, r, m, body)
}

// Reply answers a coordinators' question: the finder does.
func (d Desk) Reply(tx *db.Tx, a audience.Actor, ref, questionID, body string) (Message, error) {
	r, err := found(tx, a, ref)
	if err != nil {
		return Message{}, err
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM report_message WHERE id = $1 AND report_id = $2 AND kind = 'question'`, questionID, r.ID)
	if err != nil || n == 0 {
		return Message{}, firstOf(err, errs.Missing("question"))
	}
	m, err := d.write(tx, a, r, Message{Report: r.ID, Kind: Answer, Side: Finder, Audience: r.Talk, Answers: questionID}, body)
	if err != nil {
		return m, err
	}
	_, err = tx.Exec(`UPDATE report_message SET answered_at = $1 WHERE id = $2 AND answered_at IS NULL`, db.Micros(tx.Now), questionID)
	return m, err
}

func (d Desk) write(tx *db.Tx, a audience.Actor, r Report, m Message, body string) (Message, error) {
	clean, encrypted, err := intake(d.ring(tx), "text", body, MaxMessage)
	if err != nil {
		return m, err
	}
	if clean == "" {
		return m, errs.Bad("text", "Write something.")
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM report_message WHERE report_id = $1`, r.ID)
	if err != nil {
		return m, err
	}
	if n >= MaxMessages {
		return m, errs.New(errs.TooLarge, "There are %s on this report already; write to the coordinators by mail.", text.Plural(n, "message", "messages"))
	}
	m.ID, m.Level, m.Person, m.Encrypted, m.Text, m.At = id.New("rmsg", tx.Now), r.Level, a.Person, encrypted, clean, tx.Now
	sealed, err := d.seal(m.ID, Text{Description: clean})
	if err != nil {
		return m, err
	}
	if _, err := tx.Exec(`INSERT INTO report_message (id, report_id, audience_id, tlp, kind, side, person_id, answers, sealed, encrypted, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		m.ID, m.Report, m.Audience, int(m.Level), string(m.Kind), string(m.Side), m.Person, m.Answers, sealed, db.Bit(encrypted), db.Micros(m.At)); err != nil {
		return m, err
	}
	ledger.Append(tx, ledger.Event{Kind: EventSaid, Actor: a, Audience: m.Audience, Level: m.Level, Scope: r.ID, Object: ledger.Object{Kind: "report_message", ID: m.ID},
		Data: map[string]any{"number": r.Number, "kind": m.Kind, "side": m.Side}, Binds: []ledger.Bound{messageTable.Of(m.ID)}})
	return m, stamp(tx, a, r, m.Side)
}

// stamp notes when a side spoke last, which is what the other side owes an
// answer by.
func stamp(tx *db.Tx, a audience.Actor, r Report, side Side) error {
	column := "finder_at"
	if side == Coordinators {
		column = "desk_at"
	}
	if _, err := tx.Exec(`UPDATE report SET `+column+` = $1 WHERE id = $2`, db.Micros(tx.Now), r.ID); err != nil {
		return err
	}
	return renew(tx, a)
}

// mailFinder writes to the contact address of a finder without an account (who
// has one gets notices): the number and that something waits, nothing of the
// matter, and no link, since mail is read by others.
func (d Desk) mailFinder(tx *db.Tx, r Report, key, what string) error {
	if d.Box == nil || !r.HasContact || r.Person != "" {
		return nil
	}
	t, err := d.open(tx, r.ID)
	if err != nil || t.Contact == "" {
		return err
	}
	return d.Box.Put(tx, outbox.Item{Key: "finder " + r.ID + " " + key, Kind: "mail", Address: t.Contact},
		outbox.Mail{Subject: "[" + r.Number + "] " + what, Text: what + "\n\nPlease open the secret link that you were given when you sent the\nreport " + r.Number + ".\n"}, tx.Now)
}
