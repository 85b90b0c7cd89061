package portal

import (
	"net/url"
	"slices"
	"strconv"

	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

const noticesOnPage = 50

// noticeWords say what the classes of notices are.
var noticeWords = map[delivery.Class]struct{ many, about string }{
	delivery.Alarm:  {"Alarms", "Something was exploited or has leaked, or a decision is due within hours."},
	delivery.Owed:   {"Owed", "You or your organization owe something: a status, a consent, an answer."},
	delivery.Talk:   {"Talk", "Somebody wrote in a thread that you read."},
	delivery.Change: {"Changes", "Something moved in a case: an embargo, a party, an advisory."},
	delivery.Admin:  {"Accounts", "Your account, your organization, the alliance."},
}

type inboxPage struct {
	look.Frame
	Chips  []look.Chip
	Unread []noticeLine
	Others []noticeLine
	Newest int64 // up to which "all read" marks
	Pager  look.Pager
	Class  delivery.Class
	More   string // to the unread ones that do not stand here
}

type noticeLine struct {
	delivery.Notice
	Href, What string
	Tone       look.Tone
}

// inbox lists the visitor's notices, unread ones first.
func (v *visit) inbox() error {
	class := delivery.Class(v.query("class"))
	if class != "" && !slices.Contains(delivery.Classes, class) {
		return errs.Missing("class of notices")
	}
	before, _ := strconv.ParseInt(v.query("before"), 10, 64)
	only := v.query("unread") != ""
	var unread, all delivery.Page
	err := v.read(func(tx *db.Tx) (err error) {
		if before == 0 || only {
			if unread, err = delivery.Inbox(tx, v.Actor, delivery.Filter{Class: class, Unread: true, Before: before, Limit: noticesOnPage}); err != nil || only {
				return err
			}
		}
		all, err = delivery.Inbox(tx, v.Actor, delivery.Filter{Class: class, Before: before, Limit: noticesOnPage})
		return err
	})
	if err != nil {
		return err
	}
	data := inboxPage{Frame: v.frame("/inbox"), Class: class}
	data.Head = look.RecordHead{Title: "Inbox", Actions: []look.Button{{Label: "What arrives, and when", Href: delivery.PreferencesPath}}}
	data.Live = "/live"
	data.Chips = classChips(class, only)
	here := map[int64]bool{}
	for _, n := range unread.Notices {
		data.Unread = append(data.Unread, drawNotice(n))
		data.Newest = max(data.Newest, n.Seq)
		here[n.Seq] = true
	}
	for _, n := range all.Notices {
		if n.ReadAt.IsZero() {
			data.Newest = max(data.Newest, n.Seq)
		}
		if !here[n.Seq] {
			data.Others = append(data.Others, drawNotice(n))
		}
	}
	if unread.Next != 0 && !only {
		data.More = inboxHref(class, true, 0)
	}
	next := all.Next
	if only {
		next = unread.Next
	}
	if next != 0 {
		data.Pager.Next = inboxHref(class, only, next)
	}
	if before != 0 {
		data.Pager.Prev = inboxHref(class, only, 0)
	}
	return v.show("inbox", data)
}

func inboxHref(class delivery.Class, unread bool, before int64) string {
	q := url.Values{}
	if class != "" {
		q.Set("class", string(class))
	}
	if unread {
		q.Set("unread", "1")
	}
	if before != 0 {
		q.Set("before", strconv.FormatInt(before, 10))
	}
	if len(q) == 0 {
		return "/inbox"
	}
	return "/inbox?" + q.Encode()
}

func classChips(chosen delivery.Class, unread bool) []look.Chip {
	chip := func(label string, class delivery.Class, only, on bool) look.Chip {
		c := look.Chip{Label: label, Href: inboxHref(class, only, 0)}
		if on {
			c.Label, c.Tone = label+" ✓", look.Info
		}
		return c
	}
	out := []look.Chip{chip("All", "", unread, chosen == "")}
	for _, c := range delivery.Classes {
		out = append(out, chip(noticeWords[c].many, c, unread, c == chosen))
	}
	return append(out, chip("Unread only", chosen, !unread, unread))
}

func drawNotice(n delivery.Notice) noticeLine {
	l := noticeLine{Notice: n, Href: "/inbox/" + strconv.FormatInt(n.Seq, 10), What: noticeWords[n.Class].many}
	switch n.Class {
	case delivery.Alarm:
		l.Tone = look.Bad
	case delivery.Owed:
		l.Tone = look.Waiting
	}
	return l
}

// openNotice marks a notice as read and goes where it leads.
func (v *visit) openNotice() error {
	seq, err := strconv.ParseInt(v.path("seq"), 10, 64)
	if err != nil || seq < 0 {
		return errs.Missing("notice")
	}
	var to string
	err = v.write(func(tx *db.Tx) error {
		p, err := delivery.Inbox(tx, v.Actor, delivery.Filter{Before: seq + 1, Limit: 1})
		if err != nil {
			return err
		}
		if len(p.Notices) == 0 || p.Notices[0].Seq != seq {
			return errs.Missing("notice")
		}
		to = local(p.Notices[0].URL)
		_, err = delivery.MarkRead(tx, v.Actor, []int64{seq})
		return err
	})
	if err != nil {
		return err
	}
	return v.next(to, "")
}

// readNotices marks notices as read: the named ones, or everything up to the
// newest that stood on the page.
func (v *visit) readNotices() error {
	if err := v.parse(); err != nil {
		return err
	}
	var seqs []int64
	for _, s := range v.r.PostForm["seq"] {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return errs.New(errs.Malformed, "The form was damaged; open the inbox again.")
		}
		seqs = append(seqs, n)
	}
	upTo, err := strconv.ParseInt(v.form("up_to"), 10, 64)
	if len(seqs) == 0 && err != nil {
		return errs.New(errs.Malformed, "The form was damaged; open the inbox again.")
	}
	var n int64
	err = v.write(func(tx *db.Tx) (err error) {
		if len(seqs) > 0 {
			n, err = delivery.MarkRead(tx, v.Actor, seqs)
		} else {
			n, err = delivery.MarkAllRead(tx, v.Actor, upTo)
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.next("/inbox", look.Plural(int(n), "notice is", "notices are")+" marked as read.")
}
