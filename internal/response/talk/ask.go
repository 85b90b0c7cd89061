package talk

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/spec/prose"
)

// Question is a message that waits for an answer of the actor's side.
type Question struct {
	Message     string    `json:"message_id"`
	Case        string    `json:"case_id"`
	Number      string    `json:"case_number"`
	Thread      string    `json:"thread_id"`
	Title       string    `json:"thread"`
	Participant string    `json:"participant_id,omitempty"` // who is asked; empty: the coordinators
	Author      Author    `json:"author"`
	AskedAt     time.Time `json:"asked_at"`
	By          time.Time `json:"by,omitzero"`
	Overdue     bool      `json:"overdue"`
	Snippet     string    `json:"snippet"`
	URL         string    `json:"url"`
}

const maxQuestions = 500

// Questions lists what the actor's parties, or the coordinators if they are
// one, were asked and have not answered, in one case or ("") in all. The ones
// with the earliest due time come first, those without one last.
func Questions(tx *db.Tx, a audience.Actor, caseID string) ([]Question, error) {
	var args db.Args
	asked := `EXISTS (SELECT 1 FROM participant p WHERE p.id = m.ask_of AND p.left_at IS NULL AND ` + casework.SpeaksFor(a, "p", &args) + `)`
	if charter.IsCoordinator(a) {
		asked = `(m.ask_of = '` + TeamAddress + `' OR ` + asked + `)`
	} else if a.Person != "" {
		asked = `(m.ask_of = '` + TeamAddress + `' AND ` + casework.Led(a, "c", &args) + ` OR ` + asked + `)`
	}
	q := `SELECT ` + messageColumns + `, c.number, t.title
		FROM message m JOIN cases c ON c.id = m.case_id JOIN thread t ON t.id = m.thread_id
		WHERE m.ask_of <> '' AND m.answered_at IS NULL AND m.retracted_at IS NULL AND c.state = 'open' AND ` + asked + ` AND ` + audience.Visible(a, "m", &args) + ` AND ` + audience.Visible(a, "t", &args)
	if caseID != "" {
		q += ` AND m.case_id = ` + args.Add(caseID)
	}
	type row struct {
		m             Message
		number, title string
	}
	rows, err := db.All(tx, func(r *row) []any { return append(scanMessage(&r.m), &r.number, &r.title) }, q+` ORDER BY COALESCE(m.ask_by, 9223372036854775807), m.id`+db.Limit(maxQuestions), args...)
	if err != nil {
		return nil, err
	}
	if err := nameAuthors(tx, rows, func(r *row) *Author { return &r.m.Author }); err != nil {
		return nil, err
	}
	out := make([]Question, len(rows))
	for i, r := range rows {
		m := r.m
		out[i] = Question{Message: m.ID, Case: m.Case, Number: r.number, Thread: m.Thread, Title: r.title, Participant: m.AskOf, Author: m.Author, AskedAt: m.PostedAt, By: m.AskBy,
			Overdue: !m.AskBy.IsZero() && m.AskBy.Before(tx.Now), Snippet: prose.Snippet(m.Body, snippetRunes), URL: Thread{ID: m.Thread}.path(casework.Case{Number: r.number}) + "#" + m.ID}
		if m.AskOf == TeamAddress {
			out[i].Participant = ""
		}
	}
	return out, nil
}

// OwedAnswer is the kind of an unanswered question.
const OwedAnswer = "question.answer"

// Owed lists the answers that the actor's side owes, for the desk.
func Owed(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	list, err := Questions(tx, a, "")
	var out []casework.Owed
	for _, q := range list {
		what := "Answer a question of " + q.Author.side()
		out = append(out, casework.Owed{Case: q.Case, Number: q.Number, What: what, Due: q.By, URL: q.URL, Kind: OwedAnswer})
	}
	return out, err
}

// side is for whom somebody spoke, in words.
func (x Author) side() string {
	switch {
	case x.Coordinator:
		return "the coordinators"
	case x.PartyName != "":
		return x.PartyName
	}
	return x.Name
}

// answered settles the question that a reply of the asked side answers.
func answered(tx *db.Tx, a audience.Actor, c casework.Case, t Thread, reply Message) error {
	if reply.ReplyTo == "" {
		return nil
	}
	q, ok, err := db.One(tx, scanMessage, `SELECT `+messageColumns+` FROM message m WHERE m.id = $1 AND m.ask_of <> '' AND m.answered_at IS NULL AND m.retracted_at IS NULL`, reply.ReplyTo)
	if err != nil || !ok {
		return err
	}
	byTeam := q.AskOf == TeamAddress && reply.Author.Coordinator
	if !byTeam && q.AskOf != reply.Author.Party {
		return nil
	}
	return q.settle(tx, a, c, t, reply.ID)
}

// MarkAnswered settles a question without a reply: whoever was asked, whoever
// asked, or a coordinator.
func MarkAnswered(tx *db.Tx, a audience.Actor, messageID string) error {
	m, t, c, err := load(tx, a, messageID)
	if err != nil {
		return err
	}
	if m.AskOf == "" || !m.gone.At.IsZero() {
		return errs.New(errs.Conflict, "This message asks for no answer.")
	}
	if _, _, err := writable(tx, a, t.ID); err != nil {
		return err
	}
	may, err := coordinator(tx, a, c)
	if err != nil {
		return err
	}
	if !may && m.AskOf != TeamAddress {
		p, err := casework.PartyByID(tx, m.AskOf)
		if err != nil {
			return err
		}
		may = p.IsMine(a) && p.LeftAt.IsZero()
	}
	if !may && !m.IsAuthor(a) {
		return errs.New(errs.Denied, "Only who was asked, who asked, or a coordinator may mark a question as answered.")
	}
	return m.settle(tx, a, c, t, "")
}

func (m Message) settle(tx *db.Tx, a audience.Actor, c casework.Case, t Thread, replyID string) error {
	if err := tx.Guarded(errs.New(errs.Conflict, "This question is answered already."),
		`UPDATE message SET answered_at = $1, answer_id = $2 WHERE id = $3 AND answered_at IS NULL`, db.Micros(tx.Now), replyID, m.ID); err != nil {
		return err
	}
	m.tell(tx, a, c, t, EventAnswered, m.notice(t))
	return nil
}
