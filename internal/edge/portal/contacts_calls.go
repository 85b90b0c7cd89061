package portal

import (
	"fmt"
	"strconv"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/oncall"
)

func callPath(id string) string { return "/alliance/calls/" + id }

var callTones = map[contacts.CallState]look.Tone{contacts.Running: look.Waiting, contacts.Answered: look.Good, contacts.Unanswered: look.Bad}

// callsPage lists calls and tests.
func (v *visit) callsPage() error {
	test := v.query("tests") != ""
	var list []contacts.Call
	names := map[string]string{}
	if err := v.read(func(tx *db.Tx) (err error) {
		if list, err = contacts.Calls(tx, v.Actor, contacts.CallFilter{Drill: test, Org: v.query("org"), Before: v.query("cursor"), Limit: 51}); err != nil {
			return err
		}
		var ids []string
		for _, c := range list {
			ids = append(ids, c.Org)
		}
		names, err = orgs.Names(tx, ids)
		return err
	}); err != nil {
		return err
	}
	data := sheet{Frame: v.allianceFrame(contactsTab)}
	data.Head.Title = "Calls"
	if test {
		data.Head.Title = "Test pages"
	}
	next := ""
	if len(list) > 50 {
		list = list[:50]
		next = list[49].ID
	}
	t := &look.Table{ID: "calls", Caption: data.Head.Title, Hidden: true, Whole: next == "" && v.query("cursor") == "", Columns: []look.Column{{Label: "Organization", Wide: true}, {Label: "Started"}, {Label: "How it stands"}, {Label: "After", Unit: "min", Num: true}, {Label: "About"}},
		Empty: &look.Empty{Text: "None that you may see."}}
	for _, c := range list {
		after := look.Cell{}
		if c.State == contacts.Answered {
			after.Text = strconv.Itoa(c.Minutes())
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: names[c.Org], Href: callPath(c.ID)}, {Time: c.Started}, {Chip: &look.Chip{Label: string(c.State), Tone: callTones[c.State]}}, after, {Text: c.About}}})
	}
	if next != "" {
		q := v.r.URL.Query()
		q.Set("cursor", next)
		t.Pager = &look.Pager{Next: "/alliance/calls?" + q.Encode()}
	}
	data.Parts = []part{{Stats: nil, Chips: []look.Chip{{Label: "Calls", Href: "/alliance/calls", Tone: toneIf(!test, look.Info)}, {Label: "Test pages", Href: "/alliance/calls?tests=1", Tone: toneIf(test, look.Info)}}, Table: t}}
	return v.show("sheet", data)
}

func (v *visit) callSheet() (sheet, contacts.Call, error) {
	var c contacts.Call
	var o orgs.Org
	var who map[string]string
	err := v.read(func(tx *db.Tx) (err error) {
		if c, err = contacts.GetCall(tx, v.Actor, v.path("call")); err != nil {
			return err
		}
		if o, err = orgs.Load(tx, c.Org); err != nil {
			return err
		}
		who, err = people.Names(tx, []string{c.By, c.Person})
		return err
	})
	if err != nil {
		return sheet{}, c, err
	}
	data := sheet{Frame: v.allianceFrame(contactsTab)}
	what := "Call to "
	if c.Drill {
		what = "Test of "
	}
	data.Head = look.RecordHead{Kind: "call", Title: what + o.Name, Marking: c.TLP.String(), State: []look.Chip{{Label: string(c.State), Tone: callTones[c.State]}},
		Crumbs: []look.Link{{Label: "Contacts", Href: contactsTab}, {Label: "Calls", Href: "/alliance/calls"}, {Label: o.Name}}}
	by := who[c.By]
	if c.By == "" {
		by = "the clock, unannounced"
	}
	facts := []look.Fact{{Term: "Organization", Text: o.Name, Href: orgContactsPath(o.ID)}, {Term: "Started", Time: c.Started}, {Term: "By", Text: by}, {Term: "Urgency", Text: string(c.Urgency)}}
	if c.About != "" {
		facts = append(facts, look.Fact{Term: "About", Text: c.About})
	}
	if c.State == contacts.Running {
		facts = append(facts, look.Fact{Term: "Given up", Time: c.Until})
	} else {
		facts = append(facts, look.Fact{Term: "Ended", Time: c.Ended})
	}
	if c.State == contacts.Answered {
		facts = append(facts, look.Fact{Term: "Answered after", Text: fmt.Sprintf("%d min", c.Minutes())})
		for _, p := range c.Pages {
			if p.Contact == c.Answerer && p.State == contacts.Taken {
				facts = append(facts, look.Fact{Term: "Answered by", Text: paged(p)})
			}
		}
		if c.Person != "" {
			facts = append(facts, look.Fact{Term: "Noted by", Text: who[c.Person]})
		}
	}
	if c.Note != "" {
		facts = append(facts, look.Fact{Term: "Note", Text: c.Note})
	}
	data.Parts = []part{{Facts: &look.Facts{Items: facts}}}
	v.addCallTasks(&data, c)
	data.Parts = append(data.Parts, part{Title: "Pages", Table: pagesTable(c)})
	return data, c, nil
}

// addCallTasks offers what the visitor can do about a running call.
func (v *visit) addCallTasks(data *sheet, c contacts.Call) {
	if c.State != contacts.Running {
		return
	}
	path := callPath(c.ID)
	runs := c.By == v.Actor.Person || charter.IsCoordinator(v.Actor)
	if v.Actor.Cap(audience.Org, c.Org) >= audience.Contributor {
		data.Parts = append(data.Parts, part{Buttons: []look.Button{{Label: "I take the call", Kind: look.Primary, Action: path + "/take"}}})
	}
	if !runs {
		return
	}
	for _, p := range c.Pages {
		if p.State != contacts.Open {
			continue
		}
		way := "Call " + paged(p)
		if p.Channel == oncall.Chat {
			way = "Write to " + paged(p) + " by chat"
		}
		form := look.Form{Action: path + "/pages/" + p.ID, Button: look.Button{Label: "Note it", Kind: look.Primary}, Fields: []look.Field{
			{Kind: look.Radio, Name: "answered", Label: "What came of it", Options: []look.Option{{Value: "yes", Label: "answered: the call ends"}, {Value: "no", Label: "no answer: the next one's turn comes now"}}},
			{Name: "note", Label: "Note", Optional: true, Max: 500}}}
		form = form.Keyed(p.ID)
		data.Parts = append(data.Parts, part{Title: way, Buttons: []look.Button{{Label: "Show the number", Action: contactPath(p.Contact) + "/reveal"}}, Form: &form})
	}
	stop := look.Confirm{Title: "Stop the call", What: "Nobody further is called, and links that were mailed no longer work.", Whom: "The organization, you and the coordinators see that it was stopped.", Undo: "Start another call.", Action: path + "/stop",
		Fields: []look.Field{{Name: "note", Label: "Why", Optional: true, Max: 500, Key: "-stop"}}, Button: look.Button{Label: "Stop the call", Kind: look.Danger}, ID: "stop"}
	data.Parts = append(data.Parts, part{Popups: []look.Popup{{ID: "stop", Open: look.Button{Label: "Stop…"}, Confirm: stop}}})
}

var pageTones = map[contacts.PageState]look.Tone{contacts.Taken: look.Good, contacts.Silent: look.Bad, contacts.Skipped: look.Bad, contacts.Open: look.Waiting, contacts.Sent: look.Waiting}

// paged is whom a page is for, as far as the visitor may know.
func paged(p contacts.Page) string {
	switch {
	case p.Name != "":
		return p.Name
	case p.Contact != "":
		return "a contact that is not shown to you"
	}
	return "nobody"
}

func pagesTable(c contacts.Call) *look.Table {
	t := &look.Table{ID: "pages", Caption: "Who is paged when", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Contact", Wide: true}, {Label: "By"}, {Label: "When"}, {Label: "How it stands"}, {Label: "Note"}}}
	for _, p := range c.Pages {
		when := p.Due
		if !p.Paged.IsZero() {
			when = p.Paged
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: paged(p)}, {Text: string(p.Channel)}, {Time: when}, {Chip: &look.Chip{Label: string(p.State), Tone: pageTones[p.State]}}, {Text: p.Note}}})
	}
	return t
}

func (v *visit) call() error {
	data, _, err := v.callSheet()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

// callDeed does something about a call and comes back to it.
func (v *visit) callDeed(done string, f func(tx *db.Tx, callID string) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return f(tx, v.path("call")) }); err != nil {
		return err
	}
	return v.next(callPath(v.path("call")), done)
}

func (v *visit) takeCall() error {
	return v.callDeed("You have the call.", func(tx *db.Tx, id string) error { return contacts.Take(tx, v.Actor, id) })
}

func (v *visit) stopCall() error {
	return v.callDeed("The call is stopped.", func(tx *db.Tx, id string) error { return contacts.Stop(tx, v.Actor, id, v.form("note")) })
}

func (v *visit) notePage() error {
	return v.callDeed("Noted.", func(tx *db.Tx, id string) error {
		return contacts.Tried(tx, v.Actor, id, v.path("page"), v.form("answered") == "yes", v.form("note"))
	})
}

// startCall calls or tests an organization.
func (v *visit) startCall(drill bool) error {
	if err := v.parse(); err != nil {
		return err
	}
	in := contacts.Ask{Org: v.path("org"), Ladder: v.form("ladder"), Contact: v.form("contact"), About: v.form("about"), Urgency: oncall.Urgency(v.form("urgency"))}
	var c contacts.Call
	if err := v.write(func(tx *db.Tx) (err error) {
		if drill {
			c, err = v.board().StartTest(tx, v.Actor, in)
		} else {
			c, err = v.board().Call(tx, v.Actor, in)
		}
		return err
	}); err != nil {
		return err
	}
	if drill {
		return v.next(callPath(c.ID), "The test runs. Its result will stand here.")
	}
	return v.next(callPath(c.ID), "The call runs. It goes on by itself until somebody answers.")
}

func (v *visit) callOrg() error { return v.startCall(false) }
func (v *visit) testOrg() error { return v.startCall(true) }
