// Package talk is what the parties of a case say to one another, and the
// files they hand over.
//
// A thread has the audience of what it is about: the case, a product, one
// party and the coordinators, or the coordinators alone. A message is seen by
// whoever sees both its thread and its own marking. What a party that is
// hidden from the others has said hides with it.
package talk

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
)

// Limits.
const (
	MaxBody      = 64 << 10 // bytes of one message's Markdown
	MaxFileSize  = 50 << 20 // bytes of one file
	MaxCaseFiles = 5 << 30  // bytes of all files of a case
	MaxFiles     = 20       // files with one message
	MaxNamed     = 50       // persons named for a TLP:RED message
	MaxPage      = 200      // messages of one page
	maxReason    = 2000     // runes
	maxKey       = 200      // bytes
)

// The events this package writes. Their data names the thread, never what was
// said in it.
const (
	EventThreadOpened = "thread.opened"
	EventPosted       = "message.posted"
	EventEdited       = "message.edited"
	EventRetracted    = "message.retracted"
	EventAnswered     = "question.answered"
	EventFileAdded    = "file.added"
	EventFileOpened   = "file.opened"
)

// Audiences and levels are not vouched for here, since they follow a party
// that is hidden and a case that is marked anew; the events say at which level
// something was said.
var (
	threadTable  = ledger.Table{Kind: "thread", Name: "thread", Cols: "case_id, kind, participant_id, product_id, title, opened_at"}
	messageTable = ledger.Table{Kind: "message", Name: "message", Cols: "case_id, thread_id, seq, author_kind, author_id, party_id, coordinates, body, reply_to, mentions, ask_of, ask_by, answered_at, answer_id, version, posted_at, edited_at, retracted_at, retracted_by"}
	versionTable = ledger.Table{Kind: "message_version", Name: "message_version", Cols: "message_id, version, body, tlp, editor_kind, editor_id, reason, at"}
	fileTable    = ledger.Table{Kind: "file", Name: "file", Cols: "case_id, thread_id, message_id, name, media_type, size, sha256, uploader_kind, uploader_id, added_at, removed_at"}
)

// Tables are the rows that this package's events vouch for.
func Tables() []ledger.Table {
	return []ledger.Table{threadTable, messageTable, versionTable, fileTable}
}

// Notice is the data of this package's events: what delivery needs to tell
// people that there is something to read. Of a message to named persons it
// holds neither title nor kind.
type Notice struct {
	Thread   string    `json:"thread_id"`
	Title    string    `json:"thread,omitempty"`
	Kind     Kind      `json:"kind,omitempty"`
	Mentions []Mention `json:"mentions,omitempty"` // those whom earlier wordings did not mention
	AskOf    string    `json:"ask_of,omitempty"`   // participant id, or TeamAddress
	AskBy    time.Time `json:"ask_by,omitzero"`
	Reason   string    `json:"reason,omitempty"`
	File     string    `json:"file_id,omitempty"`
}

// Author is who said or handed over something.
type Author struct {
	Kind        string `json:"kind"` // "person" or "link"
	ID          string `json:"id"`
	Name        string `json:"name"`
	Party       string `json:"participant_id,omitempty"` // for whom they spoke
	PartyName   string `json:"party,omitempty"`
	Coordinator bool   `json:"coordinator,omitempty"` // they spoke as a coordinator
}

func (x Author) is(a audience.Actor) bool {
	kind, id := a.Ref()
	return x.Kind == kind && x.ID == id && x.ID != ""
}

// happened is an event of a case's talk at one marking.
func happened(a audience.Actor, c casework.Case, kind, audienceID string, object ledger.Object, data Notice, binds ...ledger.Bound) ledger.Event {
	return ledger.Event{Kind: kind, Actor: a, Audience: audienceID, Level: c.Level, Scope: c.ID, Object: object, Data: data, Binds: binds}
}

func firstError(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}
