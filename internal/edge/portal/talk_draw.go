package portal

import (
	"strings"
	"unicode/utf8"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/talk"
	"tocsin/spec/prose"
)

// Of long messages a thread shows the beginning; a page of many long ones
// shows less of each.
const (
	roomOfPage    = 30 << 10 // bytes of Markdown on a page
	roomOfMessage = 6 << 10
	leastRoom     = 800
)

// bodyRoom is how much of each message the page has room for.
func bodyRoom(list []talk.Message) int {
	total := 0
	for _, m := range list {
		total += min(len(m.Body), roomOfMessage)
	}
	if total <= roomOfPage {
		return roomOfMessage
	}
	return max(leastRoom, roomOfPage/len(list))
}

// beginning cuts a text at a blank line or a word near limit bytes.
func beginning(s string, limit int) (string, bool) {
	if len(s) <= limit {
		return s, false
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	s = s[:limit]
	for _, at := range []string{"\n\n", "\n", " "} {
		if i := strings.LastIndex(s, at); i > limit/2 {
			return s[:i] + " …", true
		}
	}
	return s + " …", true
}

func messagePath(t talkView, id string) string { return t.path() + "/" + id }

// drawMessage draws a message with what the visitor may do about it; room 0
// means the whole of it.
func (v *visit) drawMessage(t talkView, m talk.Message, room int) look.Message {
	out := look.Message{ID: m.ID, Who: m.Author.Name, Org: m.Author.PartyName, Coordinate: m.Author.Coordinator, At: m.PostedAt, Marking: m.Level.String(), Own: m.IsAuthor(v.Actor), FirstNew: m.ID == t.Page.FirstNew}
	if out.Org == out.Who {
		out.Org = ""
	}
	if m.Retracted != nil {
		out.Removed = "Taken back by the " + m.Retracted.By + ", " + look.UTC(m.Retracted.At)
		if m.Retracted.Reason != "" {
			out.Removed += ": " + m.Retracted.Reason
		}
		return out
	}
	body, cut := m.Body, false
	if room > 0 {
		body, cut = beginning(m.Body, room)
	}
	out.Body = prose.HTML(body)
	if cut {
		out.Whole = messagePath(t, m.ID)
	}
	if !m.EditedAt.IsZero() {
		out.Edited, out.History = m.EditedAt, messagePath(t, m.ID)+"/history"
	}
	if m.ReplyTo != "" {
		out.Reply = &look.Link{Label: "an earlier message", Href: t.path() + "?at=" + m.ReplyTo + "#" + m.ReplyTo}
		for _, x := range t.Page.Messages {
			if x.ID == m.ReplyTo {
				out.Reply = &look.Link{Label: lineOf(x), Href: "#" + x.ID}
			}
		}
	}
	out.Notes = notesOf(t, m)
	for _, f := range m.Files {
		out.Files = append(out.Files, drawFile(t.Number, f))
	}
	if t.Speaks {
		out.Actions = v.messageActions(t, m)
	}
	return out
}

// lineOf is a message in one line.
func lineOf(m talk.Message) string {
	if m.Retracted != nil {
		return m.Author.Name + ", taken back"
	}
	return m.Author.Name + ": " + prose.Snippet(m.Body, 60)
}

func notesOf(t talkView, m talk.Message) []look.Chip {
	var out []look.Chip
	if m.Named {
		out = append(out, look.Chip{Label: "named persons only", Tone: look.Bad})
	}
	if m.AskOf != "" {
		c := look.Chip{Label: "asks " + askedName(t, m.AskOf) + " for an answer", Tone: look.Waiting}
		if !m.AskBy.IsZero() {
			c.Label += " by " + look.UTC(m.AskBy)
		}
		if !m.AnsweredAt.IsZero() {
			c = look.Chip{Label: askedName(t, m.AskOf) + ": answered " + look.UTC(m.AnsweredAt), Tone: look.Good}
			if m.AnswerID != "" {
				c.Href = t.path() + "?at=" + m.AnswerID + "#" + m.AnswerID
			}
		}
		out = append(out, c)
	}
	for _, x := range m.Mentions {
		out = append(out, look.Chip{Label: "@" + x.Name})
	}
	return out
}

func askedName(t talkView, id string) string {
	if id == talk.TeamAddress {
		return "the coordinators"
	}
	for _, p := range t.Parts {
		if p.ID == id {
			return p.Name
		}
	}
	return "a party"
}

func drawFile(number string, f talk.File) look.File {
	out := look.File{Name: f.Name, Href: filePath(number, f.ID), Size: f.Size, SHA256: f.SHA256}
	if f.Lies {
		out.Warning = lie(f)
	}
	return out
}

// lie says what is wrong with a file whose name or claim does not fit it.
func lie(f talk.File) string {
	return "not what it says: looks like " + mediaOf(f)
}

// mediaOf is what a file is by its content, without parameters.
func mediaOf(f talk.File) string {
	media, _, _ := strings.Cut(f.Media, ";")
	return media
}

func filePath(number, id string) string { return casework.Path(number) + "/files/" + id }

func (v *visit) messageActions(t talkView, m talk.Message) []look.Button {
	out := []look.Button{{Label: "Answer", Kind: look.Quiet, Href: t.path() + "?at=" + m.ID + "&reply=" + m.ID + "#c-body"}}
	coordinates := t.Role >= audience.Coordinator
	if own := m.IsAuthor(v.Actor); own || coordinates {
		out = append(out, look.Button{Label: "Edit", Kind: look.Quiet, Href: messagePath(t, m.ID) + "/edit"}, look.Button{Label: "Take back", Kind: look.Quiet, Href: messagePath(t, m.ID) + "/retract"})
	}
	if m.AskOf != "" && m.AnsweredAt.IsZero() && (coordinates || m.IsAuthor(v.Actor) || isMine(t, m.AskOf)) {
		out = append(out, look.Button{Label: "Mark as answered", Kind: look.Quiet, Action: messagePath(t, m.ID) + "/answered"})
	}
	return out
}

func isMine(t talkView, participant string) bool {
	for _, p := range t.Mine {
		if p.ID == participant {
			return true
		}
	}
	return false
}
