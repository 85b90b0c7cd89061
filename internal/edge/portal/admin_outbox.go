package portal

import (
	"encoding/json"
	"net/url"
	"strconv"

	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
)

// outboxStates are the states in the order in which they concern a person.
var outboxStates = []struct {
	state outbox.State
	tone  look.Tone
}{{outbox.Uncertain, look.Waiting}, {outbox.Dead, look.Bad}, {outbox.Pending, look.Plain}, {outbox.Handing, look.Plain}, {outbox.Sent, look.Good}, {outbox.Canceled, look.Plain}, {outbox.Stopped, look.Plain}}

func outboxStats(counts map[outbox.State]int, current outbox.State) []look.Stat {
	var out []look.Stat
	for _, s := range outboxStates {
		stat := look.Stat{N: counts[s.state], Label: string(s.state), Href: "/admin/outbox?state=" + string(s.state), Current: s.state == current}
		if stat.N > 0 {
			stat.Tone = s.tone
		}
		out = append(out, stat)
	}
	return out
}

const outboxPageSize = 50

func (v *visit) outboxPage() error {
	filter := outbox.Filter{State: outbox.State(v.query("state")), Before: v.query("before"), Limit: outboxPageSize}
	var list []outbox.Item
	var counts map[outbox.State]int
	err := v.read(func(tx *db.Tx) (err error) {
		if counts, err = outbox.Counts(tx); err != nil {
			return err
		}
		list, err = v.Box.List(tx, filter)
		return err
	})
	if err != nil {
		return err
	}
	t := &look.Table{ID: "outbox", Caption: "Outbox, newest first", Hidden: true, Filter: true, Empty: &look.Empty{Text: "Nothing is in this state."},
		Columns: []look.Column{{Label: "To"}, {Label: "What", Wide: true}, {Label: "State"}, {Label: "Tries", Num: true}, {Label: "Made"}, {Label: "Next try or end"}}}
	for _, it := range list {
		at := it.NextAt
		if !it.DoneAt.IsZero() {
			at = it.DoneAt
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: named(it.Address, it.Kind), Href: "/admin/outbox/" + it.ID}, {Text: mailOf(it).Subject, Sub: it.LastError}, {Chip: outboxChip(it.State)}, {Text: strconv.Itoa(it.Attempts)}, {Time: it.CreatedAt}, {Time: at}}})
	}
	if len(list) == outboxPageSize {
		t.Pager = &look.Pager{Next: "/admin/outbox?" + url.Values{"state": {string(filter.State)}, "before": {list[len(list)-1].ID}}.Encode()}
	}
	return v.show("sheet", sheet{Frame: v.adminFrame("/admin/outbox"), Parts: []part{{Lede: "Everything that leaves goes through here. Without an SMTP server, mail is held and can be read here.", Stats: outboxStats(counts, filter.State), Table: t}}})
}

func outboxChip(s outbox.State) *look.Chip {
	for _, known := range outboxStates {
		if known.state == s {
			return &look.Chip{Label: string(s), Tone: known.tone}
		}
	}
	return &look.Chip{Label: string(s)}
}

// mailOf is the mail in an item; zero for other kinds.
func mailOf(it outbox.Item) (m outbox.Mail) {
	if it.Kind == "mail" && json.Unmarshal(it.Content, &m) != nil {
		return outbox.Mail{}
	}
	return m
}

func (v *visit) outboxItemSheet(it outbox.Item) sheet {
	f := v.adminFrame("/admin/outbox")
	f.Head.Tabs, f.Head.Kind, f.Head.Title = nil, "outbox", named(mailOf(it).Subject, it.Kind)
	f.Head.Crumbs = []look.Link{{Label: "Outbox", Href: "/admin/outbox"}, {Label: named(it.Address, it.Kind)}}
	f.Head.State = []look.Chip{*outboxChip(it.State)}
	facts := &look.Facts{Items: []look.Fact{{Term: "To", Text: it.Address}, {Term: "Kind", Text: it.Kind}, {Term: "Made", Time: it.CreatedAt}, {Term: "Tries", Text: strconv.Itoa(it.Attempts)}}}
	if it.Person != "" {
		facts.Items = append(facts.Items, look.Fact{Term: "For", Text: "a person with an account", Href: "/admin/people/" + it.Person})
	}
	if it.State == outbox.Pending {
		facts.Items = append(facts.Items, look.Fact{Term: "Next try", Time: it.NextAt})
	}
	if !it.DoneAt.IsZero() {
		facts.Items = append(facts.Items, look.Fact{Term: "Ended", Time: it.DoneAt})
	}
	if it.LastError != "" {
		facts.Items = append(facts.Items, look.Fact{Term: "Last error", Text: it.LastError})
	}
	p := part{Facts: facts}
	if it.State == outbox.Dead || it.State == outbox.Uncertain {
		path := "/admin/outbox/" + it.ID
		p.Buttons = []look.Button{{Label: "Send again…", Href: path + "/again"}, {Label: "Settle…", Href: path + "/settle"}}
	}
	return sheet{Frame: f, Parts: []part{p}}
}

func (v *visit) outboxItem() error {
	it, err := v.loadItem()
	if err != nil {
		return err
	}
	data := v.outboxItemSheet(it)
	data.Parts = append(data.Parts, part{Title: "Content", Lede: "It can hold a link with which somebody signs in. Reading it is noted in the ledger, where the person whom it is for sees it.", Buttons: []look.Button{{Label: "Read the content", Action: "/admin/outbox/" + it.ID + "/content"}}})
	return v.show("sheet", data)
}

func (v *visit) loadItem() (it outbox.Item, err error) {
	err = v.read(func(tx *db.Tx) error {
		it, err = v.Box.Get(tx, v.path("item"))
		return err
	})
	return it, err
}

// outboxContent shows what an item says; that it was read is an event.
func (v *visit) outboxContent() error {
	var it outbox.Item
	err := v.write(func(tx *db.Tx) (err error) {
		it, err = people.OpenMail(tx, v.Box, v.Actor, v.path("item"))
		return err
	})
	if err != nil {
		return err
	}
	text := string(it.Content)
	if m := mailOf(it); m.Text != "" {
		text = m.Text
	}
	const most = 60 << 10
	if len(text) > most {
		text = text[:most] + "…"
	}
	data := v.outboxItemSheet(it)
	data.Parts = append(data.Parts, part{Title: "Content", Code: &look.Code{Text: text}})
	return v.show("sheet", data)
}

// The two deeds on what was not sent, or not surely.
type mailDeed struct {
	title, what, undo, done string
	do                      func(*db.Tx, *visit, string) error
}

var mailDeeds = map[string]mailDeed{
	"again": {"Send again", "It is sent once more. If the first one arrived after all, it arrives twice.", "It cannot be called back.", "It is on its way again.",
		func(tx *db.Tx, v *visit, itemID string) error { return people.ResendMail(tx, v.Box, v.Actor, itemID) }},
	"settle": {"Settle", "It is declared dealt with and never sent again.", "It cannot be undone; write to them in another way.", "It is settled.",
		func(tx *db.Tx, v *visit, itemID string) error { return people.SettleMail(tx, v.Box, v.Actor, itemID) }},
}

func (v *visit) askMail() error {
	deed, ok := mailDeeds[v.path("deed")]
	it, err := v.loadItem()
	if err != nil || !ok {
		return firstError(err, errs.Missing("page"))
	}
	data := v.outboxItemSheet(it)
	return v.ask(data.Frame, look.Confirm{Title: deed.title, What: deed.what, Whom: it.Address, Undo: deed.undo, Button: look.Button{Label: deed.title, Kind: look.Danger}, Cancel: "/admin/outbox/" + it.ID})
}

func (v *visit) doMail() error {
	deed, ok := mailDeeds[v.path("deed")]
	if !ok {
		return errs.Missing("page")
	}
	if err := v.write(func(tx *db.Tx) error { return deed.do(tx, v, v.path("item")) }); err != nil {
		return err
	}
	return v.next("/admin/outbox/"+v.path("item"), deed.done)
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
