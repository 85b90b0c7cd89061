package portal

import (
	"slices"
	"strings"

	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
)

// What a page of talk holds at most, so that it stays under its weight.
const (
	messagesOnPage = 30
	threadsAside   = 40
	namesOfReaders = 20
)

// talkView is one thread as the visitor finds it.
type talkView struct {
	caseView
	Thread  talk.Thread
	Threads []talk.Thread
	Page    talk.Page
	Known   []talk.Addressee
	Reach   audience.Count
	Reaches map[tlp.Level]audience.Count // of each marking that the visitor may choose
	Speaks  bool                         // the visitor may write here
	ReplyTo *talk.Message                // what the visitor is about to answer
}

func (t talkView) path() string { return threadPath(t.Number, t.Thread.ID) }

func threadPath(number, thread string) string { return casework.Path(number) + "/talk/" + thread }

// loadThread sees the thread of the route's path, in the case of the path.
func (v *visit) loadThread(tx *db.Tx) (t talkView, err error) {
	if t.caseView, err = v.loadCase(tx); err != nil {
		return t, err
	}
	thread, c, role, err := talk.LoadThread(tx, v.Actor, v.path("thread"))
	if err == nil && c.ID != t.ID {
		err = errs.Missing("thread")
	}
	if err != nil {
		return t, err
	}
	t.Thread, t.Speaks = thread, role >= audience.Contributor && t.State == casework.Open
	return t, nil
}

// readThread adds what the page of a thread shows.
func (v *visit) readThread(tx *db.Tx) (t talkView, err error) {
	if t, err = v.loadThread(tx); err != nil {
		return t, err
	}
	if t.Threads, err = talk.Threads(tx, v.Actor, t.ID); err != nil {
		return t, err
	}
	if t.Known, err = talk.Addressees(tx, v.Actor, t.Thread.ID); err != nil {
		return t, err
	}
	marks := choosable(t)
	counts, err := talk.CountReaches(tx, v.Actor, t.Thread.ID, marks...)
	if err != nil {
		return t, err
	}
	t.Reaches = map[tlp.Level]audience.Count{}
	for i, level := range marks {
		t.Reaches[level] = counts[i]
	}
	if to := v.replyTo(); to != "" && t.Speaks {
		m, in, _, err := talk.Load(tx, v.Actor, to)
		if err == nil && in.ID == t.Thread.ID {
			t.ReplyTo = &m
		} else if err != nil && !errs.Is(err, errs.NotFound) {
			return t, err
		}
	}
	if t.Page, err = v.messages(tx, t.Thread.ID); err != nil {
		return t, err
	}
	if slices.ContainsFunc(t.Page.Messages, func(m talk.Message) bool { return m.AskOf != "" }) { // their names
		t.Parts, err = casework.Participants(tx, v.Actor, t.ID)
	}
	return t, err
}

// messages is the part of the thread that was asked for: before or after a
// message, around one, or else around the first unread one.
func (v *visit) messages(tx *db.Tx, thread string) (talk.Page, error) {
	at := v.query("at")
	if at == "" {
		return talk.List(tx, v.Actor, thread, talk.Paging{Before: v.query("before"), After: v.query("after"), Limit: messagesOnPage})
	}
	m, in, _, err := talk.Load(tx, v.Actor, at)
	if err == nil && in.ID != thread {
		err = errs.Missing("message")
	}
	if err != nil {
		return talk.Page{}, err
	}
	before, err := talk.List(tx, v.Actor, thread, talk.Paging{Before: at, Limit: messagesOnPage / 2})
	if err != nil {
		return talk.Page{}, err
	}
	after, err := talk.List(tx, v.Actor, thread, talk.Paging{After: at, Limit: messagesOnPage / 2})
	if err != nil {
		return talk.Page{}, err
	}
	p := talk.Page{Messages: append(append(before.Messages, m), after.Messages...), FirstNew: before.FirstNew, Older: before.Older, Newer: after.Newer}
	if p.FirstNew == "" {
		p.FirstNew = after.FirstNew
	}
	return p, nil
}

// note marks as read what the page shows, unless unread messages lie before
// it, and has the frame mark the notices that are about no more than it shows.
func (v *visit) note(t *talkView) error {
	n := len(t.Page.Messages)
	sight := delivery.Sight{URL: t.path()}
	if n > 0 && t.Page.Newer != "" {
		sight.Until = t.Page.Messages[n-1].PostedAt
	}
	unread := slices.ContainsFunc(t.Threads, func(x talk.Thread) bool { return x.ID == t.Thread.ID && x.Unread > 0 })
	if !unread || n == 0 {
		v.shows(sight)
		return nil
	}
	return v.write(func(tx *db.Tx) error {
		first, err := talk.List(tx, v.Actor, t.Thread.ID, talk.Paging{Limit: messagesOnPage})
		if err != nil {
			return err
		}
		if slices.ContainsFunc(t.Page.Messages, func(m talk.Message) bool { return m.ID == first.FirstNew }) {
			if err := talk.Read(tx, v.Actor, t.Thread.ID, t.Page.Messages[n-1].ID); err != nil {
				return err
			}
			v.shows(sight)
		}
		t.Fresh, err = talk.Unread(tx, v.Actor, t.ID)
		return err
	})
}

type talkPage struct {
	look.Frame
	Talk   look.Talk
	More   []look.Link // all threads, the files
	Moving bool        // live changes may replace what is shown
	Hidden bool        // say that there may be more readers than are counted
}

// thread shows one thread, and marks it as read.
func (v *visit) thread() error {
	var t talkView
	err := v.read(func(tx *db.Tx) (err error) { t, err = v.readThread(tx); return err })
	if err != nil {
		return err
	}
	if err := v.note(&t); err != nil {
		return err
	}
	return v.show("talk", v.talkPage(t, v.composer(t, typed{})))
}

// talkIndex leads to the thread with the newest unread message.
func (v *visit) talkIndex() error {
	if v.query("all") != "" {
		return v.allThreads()
	}
	var number string
	var list []talk.Thread
	err := v.read(func(tx *db.Tx) error {
		c, _, err := casework.Load(tx, v.Actor, v.path("number"))
		if err != nil {
			return err
		}
		number = c.Number
		list, err = talk.Threads(tx, v.Actor, c.ID)
		return err
	})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return v.allThreads()
	}
	return v.next(threadPath(number, list[0].ID), "")
}

func (v *visit) talkPage(t talkView, c *look.Composer) talkPage {
	data := talkPage{Frame: v.caseFrame(t.caseView, "/talk")}
	data.Talk.Threads, data.More = v.threadLinks(t)
	data.Talk.Thread = v.drawThread(t)
	data.Talk.Composer = c
	if c != nil {
		data.Scripts = []string{"reach.js"}
	}
	data.Moving = t.Page.Newer == "" && v.query("before") == "" && v.query("at") == "" && v.query("after") == ""
	data.Hidden = !t.Thread.Closed && t.Role < audience.Coordinator
	return data
}

func (v *visit) threadLinks(t talkView) ([]look.ThreadLink, []look.Link) {
	var out []look.ThreadLink
	for _, x := range t.Threads {
		current := x.ID == t.Thread.ID
		if len(out) >= threadsAside && !current {
			continue
		}
		if current {
			x.Unread = 0
		}
		l := look.ThreadLink{Title: x.Title, Href: threadPath(t.Number, x.ID), Unread: x.Unread, Private: x.Closed, Current: current}
		if x.Last != nil {
			l.At = x.Last.At
			l.Sub = x.Last.Author.Name + ": " + x.Last.Snippet
			if x.Last.Snippet == "" {
				l.Sub = x.Last.Author.Name
			}
		}
		out = append(out, l)
	}
	label := "All threads"
	if n := len(t.Threads); n > len(out) {
		label = "All " + look.Plural(n, "thread", "threads")
	}
	path := casework.Path(t.Number)
	return out, []look.Link{{Label: label, Href: path + "/talk?all=1"}, {Label: "Files", Href: path + "/files"}}
}

func (v *visit) drawThread(t talkView) look.Thread {
	out := look.Thread{Title: t.Thread.Title, Private: t.Thread.Closed, Names: readers(t)}
	if t.Page.Older != "" {
		out.Older = t.path() + "?before=" + t.Page.Older
	}
	if t.Page.Newer != "" {
		out.Newer = t.path() + "?after=" + t.Page.Newer
	}
	room := bodyRoom(t.Page.Messages)
	for _, m := range t.Page.Messages {
		out.Messages = append(out.Messages, v.drawMessage(t, m, room))
	}
	return out
}

// readers names who reads a thread of few.
func readers(t talkView) []string {
	if !t.Thread.Closed {
		return nil
	}
	var out []string
	for _, k := range t.Known {
		if k.Kind != talk.ToPerson && k.Kind != talk.ToLink {
			continue
		}
		name := k.Name
		if k.Kind == talk.ToLink {
			name += " (by their link)"
		} else if k.Org != "" {
			name += " (" + k.Org + ")"
		}
		out = append(out, name)
	}
	if n := len(out) - namesOfReaders; n > 0 {
		out = append(out[:namesOfReaders], look.Plural(n, "other person", "other people"))
	}
	return out
}

// messageHref leads to a message in its thread, whatever part of it is shown
// first, from an address that only names it.
func messageHref(url string) string {
	path, id, ok := strings.Cut(url, "#msg_")
	if !ok || strings.Contains(path, "?") || !strings.Contains(path, "/talk/") {
		return url
	}
	return path + "?at=msg_" + id + "#msg_" + id
}
