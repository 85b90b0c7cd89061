package portal

import (
	"html/template"
	"strconv"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/talk"
	"tocsin/spec/prose"
	"tocsin/spec/tlp"
)

// loadMessage sees the message of the route's path, in its thread and case.
func (v *visit) loadMessage(tx *db.Tx) (t talkView, m talk.Message, err error) {
	if t, err = v.loadThread(tx); err != nil {
		return t, m, err
	}
	m, in, _, err := talk.Load(tx, v.Actor, v.path("message"))
	if err == nil && in.ID != t.Thread.ID {
		err = errs.Missing("message")
	}
	return t, m, err
}

// messageFrame is the frame of a page about one message.
func (v *visit) messageFrame(t talkView, label string) look.Frame {
	f := v.caseFrame(t.caseView, "/talk")
	f.Head.Crumbs = []look.Link{{Label: t.Thread.Title, Href: t.path()}, {Label: label}}
	f.Live = ""
	return f
}

type messagePage struct {
	look.Frame
	Thread  look.Thread
	Diffs   []wordingView
	Form    *look.Form
	Theirs  *talk.Message
	Actions []look.Button
}

// wordingView is one wording of a message beside the one before.
type wordingView struct {
	talk.Wording
	Diff *look.Diff
}

// message shows one message whole.
func (v *visit) message() error {
	var t talkView
	var m talk.Message
	err := v.read(func(tx *db.Tx) (err error) {
		if t, m, err = v.loadMessage(tx); err != nil {
			return err
		}
		t.Known, err = talk.Addressees(tx, v.Actor, t.Thread.ID)
		return err
	})
	if err != nil {
		return err
	}
	data := messagePage{Frame: v.messageFrame(t, "Message")}
	data.Thread = look.Thread{Title: t.Thread.Title, Private: t.Thread.Closed, Names: readers(t), Messages: []look.Message{v.drawMessage(t, m, 0)}}
	return v.show("message", data)
}

// maxWordings bounds the page of a message's history; maxDiffed is how long
// two wordings may be to be compared there.
const (
	maxWordings = 20
	maxDiffed   = 8 << 10
)

// messageHistory shows how a message was worded before.
func (v *visit) messageHistory() error {
	var t talkView
	var m talk.Message
	var list []talk.Wording
	err := v.read(func(tx *db.Tx) (err error) {
		if t, m, err = v.loadMessage(tx); err != nil {
			return err
		}
		list, err = talk.History(tx, v.Actor, m.ID)
		return err
	})
	if err != nil {
		return err
	}
	data := messagePage{Frame: v.messageFrame(t, "Earlier wordings")}
	data.Actions = []look.Button{{Label: "Back to the message", Href: t.path() + "?at=" + m.ID + "#" + m.ID}}
	for i := len(list) - 1; i >= 0 && len(data.Diffs) < maxWordings; i-- {
		w := wordingView{Wording: list[i]}
		if i > 0 {
			from, _ := beginning(list[i-1].Body, maxDiffed)
			to, _ := beginning(list[i].Body, maxDiffed)
			d := look.NewDiff("version "+strconv.FormatInt(list[i-1].Version, 10), "version "+strconv.FormatInt(list[i].Version, 10), from, to)
			w.Diff = &d
		} else {
			w.Body, _ = beginning(w.Body, maxDiffed)
		}
		data.Diffs = append(data.Diffs, w)
	}
	return v.show("message", data)
}

func (v *visit) editMessageForm() error {
	t, m, err := v.editable()
	if err != nil {
		return err
	}
	return v.show("message", v.editPage(t, m, typed{Body: m.Body, Marking: m.Level.String()}, "", m.Version))
}

// editable sees a message that the visitor may word anew or take back.
func (v *visit) editable() (t talkView, m talk.Message, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		if t, m, err = v.loadMessage(tx); err != nil {
			return err
		}
		t.Known, err = talk.Addressees(tx, v.Actor, t.Thread.ID)
		return err
	})
	switch {
	case err != nil:
	case m.Retracted != nil:
		err = errs.New(errs.Conflict, "This message was taken back.")
	case !t.Speaks || !m.IsAuthor(v.Actor) && t.Role < audience.Coordinator:
		err = errs.New(errs.Denied, "Only the author or a coordinator may change a message.")
	}
	return t, m, err
}

func (v *visit) editPage(t talkView, m talk.Message, in typed, reason string, version int64) messagePage {
	data := messagePage{Frame: v.messageFrame(t, "Edit")}
	marking := look.Field{Kind: look.Select, Name: "marking", Label: "Marking"}
	for _, o := range markings(t, in.Marking) {
		// Only a coordinator may mark it lower.
		if l, err := tlp.Parse(o.Value); err == nil && (l >= m.Level || t.Role >= audience.Coordinator) {
			marking.Options = append(marking.Options, o)
		}
	}
	f := &look.Form{Title: "Word the message anew", Lede: "The wording of now stays in its history, for whoever reads the message.", Action: messagePath(t, m.ID) + "/edit", Draft: "edit-" + m.ID, Button: look.Button{Label: "Save the wording", Kind: look.Primary},
		Cancel: &look.Link{Label: "Back", Href: t.path() + "?at=" + m.ID + "#" + m.ID}, Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(version, 10)}},
		Fields: []look.Field{{Kind: look.Area, Name: "body", Label: "Message", Value: in.Body, Rows: 12, Optional: len(m.Files) > 0}, marking}}
	if m.Level < tlp.Red {
		f.Fields = append(f.Fields, namedField(t, in))
	}
	if !m.IsAuthor(v.Actor) {
		f.Fields = append(f.Fields, look.Field{Name: "reason", Label: "Reason", Hint: "You change another's message; the reason is kept and shown.", Value: reason})
	}
	data.Form = f
	return data
}

func (v *visit) editMessage() error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := strconv.ParseInt(v.form("version"), 10, 64)
	if err != nil || version < 1 {
		return errs.New(errs.Malformed, "The form lost its version; open it again.")
	}
	in := typed{Body: v.form("body"), Marking: v.form("marking"), Named: v.r.PostForm["named"], NamedText: v.form("named")}
	err = v.write(func(tx *db.Tx) error {
		t, m, err := v.loadMessage(tx)
		if err != nil {
			return err
		}
		e := talk.Edition{Body: in.Body, Reason: v.form("reason"), Version: version}
		if e.Level, err = tlp.Parse(in.Marking); err != nil {
			return errs.Bad("marking", "Choose a marking.")
		}
		if len(in.Named) > 0 && e.Level == tlp.Red && m.Level < tlp.Red {
			if t.Known, err = talk.Addressees(tx, v.Actor, t.Thread.ID); err != nil {
				return err
			}
			if e.Named, err = namedPersons(t, in.Named); err != nil {
				return err
			}
		}
		_, err = talk.Edit(tx, v.Actor, m.ID, e)
		return err
	})
	if err == nil {
		return v.next(threadPath(v.path("number"), v.path("thread"))+"?at="+v.path("message")+"#"+v.path("message"), "The new wording is saved.")
	}
	t, m, e := v.editable()
	if e != nil {
		return err
	}
	if errs.Is(err, errs.Stale) {
		// Saving again now is a decision against theirs, made knowingly.
		version = m.Version
	}
	data := v.editPage(t, m, in, v.form("reason"), version)
	if errs.Is(err, errs.Stale) {
		data.Theirs = &m
	}
	fault(data.Form, err)
	return v.again(err, "message", data)
}

// Prose draws a message's Markdown.
func (messagePage) Prose(md string) template.HTML { return prose.HTML(md) }

func (v *visit) retractForm() error {
	t, m, err := v.editable()
	if err != nil {
		return err
	}
	return v.ask(v.messageFrame(t, "Take back"), v.retraction(t, m, nil))
}

func (v *visit) retraction(t talkView, m talk.Message, err error) look.Confirm {
	c := look.Confirm{Title: "Take the message back", What: "The words and files of “" + lineOf(m) + "” are shown to nobody any more. That there was a message stays visible, and the record keeps it.",
		Whom: "Everybody who reads " + t.Thread.Title + ". Who has read it has read it.", Action: messagePath(t, m.ID) + "/retract", Button: look.Button{Label: "Take it back", Kind: look.Danger}, Cancel: t.path() + "?at=" + m.ID + "#" + m.ID,
		Fields: []look.Field{{Name: "reason", Label: "Reason", Optional: m.IsAuthor(v.Actor), Value: v.form("reason"), Max: 500}}}
	if err != nil {
		c.Fields[0].Error = err.Error()
	}
	return c
}

func (v *visit) retract() error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.write(func(tx *db.Tx) error {
		_, m, err := v.loadMessage(tx)
		if err == nil {
			_, err = talk.Retract(tx, v.Actor, m.ID, v.form("reason"))
		}
		return err
	})
	if err == nil {
		return v.next(threadPath(v.path("number"), v.path("thread"))+"?at="+v.path("message")+"#"+v.path("message"), "The message is taken back.")
	}
	t, m, e := v.editable()
	if e != nil || !errs.Is(err, errs.Invalid) {
		return err
	}
	c := v.retraction(t, m, err)
	return v.again(err, "sheet", sheet{Frame: v.messageFrame(t, "Take back"), Confirm: &c})
}

func (v *visit) markAnswered() error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.write(func(tx *db.Tx) error {
		_, m, err := v.loadMessage(tx)
		if err == nil {
			err = talk.MarkAnswered(tx, v.Actor, m.ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.next(threadPath(v.path("number"), v.path("thread"))+"?at="+v.path("message")+"#"+v.path("message"), "The question is settled.")
}
