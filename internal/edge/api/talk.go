package api

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
)

func listThreads(c *call, tx *db.Tx, in *OfCase) (page[talk.Thread], error) {
	list, err := talk.Threads(tx, c.Actor, in.Case)
	return whole(list), err
}

// OfThread names a thread.
type OfThread struct {
	Thread string `path:"thread" maxLength:"128"`
}

func showThread(c *call, tx *db.Tx, in *OfThread) (talk.Thread, error) {
	t, _, _, err := talk.LoadThread(tx, c.Actor, in.Thread)
	return t, err
}

type productThread struct {
	OfCase
	Body struct {
		Product string `json:"product_id" required:"true"`
	}
}

func openProductThread(c *call, tx *db.Tx, in *productThread) (talk.Thread, error) {
	return talk.OpenProduct(tx, c.Actor, in.Case, in.Body.Product)
}

type messagesQuery struct {
	OfThread
	Before string `query:"before" maxLength:"64" doc:"Message id: what lies before it."`
	After  string `query:"after" maxLength:"64" doc:"Message id: what lies behind it."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func listMessages(c *call, tx *db.Tx, in *messagesQuery) (talk.Page, error) {
	p, err := talk.List(tx, c.Actor, in.Thread, talk.Paging{Before: in.Before, After: in.After, Limit: in.Limit})
	if p.Messages == nil {
		p.Messages = []talk.Message{}
	}
	return p, err
}

type newMessage struct {
	OfThread
	Body struct {
		Text     string     `json:"body" doc:"Markdown; may be empty with files."`
		TLP      *tlp.Level `json:"tlp" doc:"Absent: the thread's own level."`
		Named    []string   `json:"named" maxItems:"200" doc:"For TLP:RED: the persons who read it, beside you."`
		ReplyTo  string     `json:"reply_to"`
		Mentions []string   `json:"mentions" maxItems:"200"`
		AskOf    string     `json:"ask_of" doc:"Participant, or coordinators: asks for an answer."`
		AskBy    time.Time  `json:"ask_by,omitzero"`
	}
}

func postMessage(c *call, tx *db.Tx, in *newMessage) (talk.Message, error) {
	b := in.Body
	d := talk.Draft{Body: b.Text, Named: b.Named, ReplyTo: b.ReplyTo, Mentions: b.Mentions, AskOf: b.AskOf, AskBy: b.AskBy}
	over(&d.Level, b.TLP)
	return talk.Post(tx, c.Actor, in.Thread, d)
}

type markRead struct {
	OfThread
	Body struct {
		UpTo string `json:"up_to" required:"true" doc:"Message id."`
	}
}

func readThread(c *call, tx *db.Tx, in *markRead) (nothing, error) {
	return nothing{}, talk.Read(tx, c.Actor, in.Thread, in.Body.UpTo)
}

func listAddressees(c *call, tx *db.Tx, in *OfThread) (page[talk.Addressee], error) {
	list, err := talk.Addressees(tx, c.Actor, in.Thread)
	return whole(list), err
}

type reachQuery struct {
	OfThread
	TLP   string   `query:"tlp" maxLength:"20" doc:"Absent: the thread's own level."`
	Named []string `query:"named" maxItems:"200"`
}

// reach is how many would read a message, as far as the asker may know.
type reach struct {
	People        int `json:"people"`
	Organizations int `json:"organizations"`
}

func countReach(c *call, tx *db.Tx, in *reachQuery) (reach, error) {
	level, err := levelOf(in.TLP)
	if err != nil {
		return reach{}, err
	}
	n, err := talk.CountReach(tx, c.Actor, in.Thread, level, in.Named)
	return reach{n.People, n.Orgs}, err
}

// levelOf reads a label from a query; the zero level where there is none.
func levelOf(label string) (level tlp.Level, err error) {
	if label != "" && level.UnmarshalText([]byte(label)) != nil {
		return level, errs.Bad("tlp", "Choose a TLP 2.0 label.")
	}
	return level, nil
}

// OfMessage names a message.
type OfMessage struct {
	Message string `path:"message" maxLength:"64"`
}

func showMessage(c *call, tx *db.Tx, in *OfMessage) (talk.Message, error) {
	m, _, _, err := talk.Load(tx, c.Actor, in.Message)
	return m, err
}

type editMessage struct {
	OfMessage
	Body struct {
		Text     *string    `json:"body" doc:"Markdown."`
		TLP      *tlp.Level `json:"tlp"`
		Named    []string   `json:"named" maxItems:"200"`
		Mentions []string   `json:"mentions" maxItems:"200"`
		Reason   string     `json:"reason" doc:"A coordinator gives one for another's message."`
	}
}

func changeMessage(c *call, tx *db.Tx, in *editMessage) (talk.Message, error) {
	m, _, _, err := talk.Load(tx, c.Actor, in.Message)
	if err != nil {
		return m, err
	}
	b := in.Body
	e := talk.Edition{Body: m.Body, Level: m.Level, Named: b.Named, Mentions: b.Mentions, Reason: b.Reason, Version: c.version}
	over(&e.Body, b.Text)
	over(&e.Level, b.TLP)
	return talk.Edit(tx, c.Actor, m.ID, e)
}

type messageReason struct {
	OfMessage
	Because
}

func retractMessage(c *call, tx *db.Tx, in *messageReason) (talk.Message, error) {
	return talk.Retract(tx, c.Actor, in.Message, in.Body.Reason)
}

func messageHistory(c *call, tx *db.Tx, in *OfMessage) (page[talk.Wording], error) {
	list, err := talk.History(tx, c.Actor, in.Message)
	return whole(list), err
}

func settleQuestion(c *call, tx *db.Tx, in *OfMessage) (nothing, error) {
	return nothing{}, talk.MarkAnswered(tx, c.Actor, in.Message)
}

type newFile struct {
	OfThread
	UploadQuery
	TLP   string   `query:"tlp" maxLength:"20" doc:"Absent: the thread's own level."`
	Named []string `query:"named" maxItems:"200" doc:"For TLP:RED."`
	Text  string   `query:"text" maxLength:"2000" doc:"What the message that carries it says; absent: none."`
}

// attachFile hands a file over in a thread.
func attachFile(c *call, tx *db.Tx, in *newFile, file incoming) (talk.File, error) {
	level, err := levelOf(in.TLP)
	if err != nil {
		return talk.File{}, err
	}
	up := file.talk()
	if in.Text != "" {
		m, err := talk.Post(tx, c.Actor, in.Thread, talk.Draft{Body: in.Text, Level: level, Named: in.Named, Files: []talk.Upload{up}})
		if err != nil {
			return talk.File{}, err
		}
		return m.Files[0], nil
	}
	list, err := talk.Attach(tx, c.Actor, in.Thread, level, in.Named, []talk.Upload{up})
	if err != nil {
		return talk.File{}, err
	}
	return list[0], nil
}

type filesQuery struct {
	OfCase
	Cursor string `query:"cursor" maxLength:"64"`
}

func listFiles(c *call, tx *db.Tx, in *filesQuery) (page[talk.File], error) {
	const most = 1000 // talk.Files gives at most this many
	list, err := talk.Files(tx, c.Actor, in.Case, in.Cursor)
	next := ""
	if len(list) == most {
		next = list[most-1].ID
	}
	return unfinished(list, next), err
}

// OfFile names a file.
type OfFile struct {
	File string `path:"file" maxLength:"64"`
}

func fetchFile(c *call, tx *db.Tx, in *OfFile) (download, error) {
	f, err := talk.OpenFile(tx, c.Actor, in.File)
	return download{name: f.Name, sha256: f.SHA256}, err
}

func listQuestions(c *call, tx *db.Tx, _ *none) (page[talk.Question], error) {
	list, err := talk.Questions(tx, c.Actor, "")
	return whole(list), err
}
