package portal

import (
	"fmt"
	"strconv"

	"tocsin/internal/alliance/people"
	"tocsin/internal/commons/outreach"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/prose"
)

const roadmapPath = "/alliance/roadmap"

func itemPath(id string) string { return roadmapPath + "/" + id }

// itemChip says where a line stands, to those who keep the roadmap.
func (v *visit) itemChip(i outreach.Item) look.Chip {
	switch {
	case i.State == outreach.Withdrawn:
		return look.Chip{Label: "withdrawn"}
	case i.Public(v.now):
		return look.Chip{Label: "public", Tone: look.Good}
	case i.State == outreach.Cleared:
		return look.Chip{Label: "cleared, not yet public", Tone: look.Info}
	}
	return look.Chip{Label: fmt.Sprintf("%d of %d cleared", len(i.Clearances), outreach.Needed), Tone: look.Waiting}
}

func itemTitle(i outreach.Item) string {
	if i.Figure == nil {
		return i.Title
	}
	return i.Title + ": " + i.Figure.Value + " " + i.Figure.Unit
}

// keepRoadmap lists all lines for those who keep them.
func (v *visit) keepRoadmap() error {
	var list []outreach.Item
	err := v.read(func(tx *db.Tx) (err error) {
		list, err = outreach.List(tx, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	data := sheet{Frame: v.allianceFrame(roadmapPath)}
	data.Head.Title, data.Head.Marking = "Roadmap", "TLP:AMBER+STRICT"
	data.Head.Lede = "What everybody reads at /roadmap, once two people who did not write it have cleared it."
	data.Head.Actions = []look.Button{{Label: "Write a line", Kind: look.Primary, Href: roadmapPath + "/new"}, {Label: "See the public page", Href: "/roadmap"}}
	t := &look.Table{ID: "roadmap", Caption: "Lines of the roadmap", Hidden: true, Whole: true, Filter: len(list) > 15, Empty: &look.Empty{Text: "Nothing is written yet."},
		Columns: []look.Column{{Label: "Line", Wide: true}, {Label: "Kind"}, {Label: "Stands"}, {Label: "Public from"}, {Label: "You"}}}
	for _, i := range list {
		chip := v.itemChip(i)
		owed := look.Cell{}
		if i.Clearable(v.Actor) {
			owed.Button = &look.Button{Label: "Read and clear…", Href: itemPath(i.ID)}
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: itemTitle(i), Href: itemPath(i.ID), Sub: i.Moment}, {Text: string(i.Kind)}, {Chip: &chip}, {Time: i.Release}, owed}})
	}
	data.Parts = []part{{Table: t}}
	return v.show("sheet", data)
}

func (v *visit) roadmapItem() error {
	i, data, err := v.itemSheet()
	if err != nil {
		return err
	}
	v.shows(delivery.Sight{URL: itemPath(i.ID)})
	return v.show("sheet", data)
}

func (v *visit) itemFrame(title string) look.Frame {
	f := v.allianceFrame(roadmapPath)
	f.Head = look.RecordHead{Kind: "roadmap", Marking: "TLP:AMBER+STRICT", Title: title, Crumbs: []look.Link{{Label: "Roadmap", Href: roadmapPath}, {Label: title}}}
	return f
}

// loadLine reads a line with the names of who wrote and cleared it.
func (v *visit) loadLine() (i outreach.Item, names map[string]string, keeps bool, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		if i, err = outreach.Get(tx, v.Actor, v.path("item")); err != nil {
			return err
		}
		ids := []string{i.Author}
		for _, c := range i.Clearances {
			ids = append(ids, c.Person)
		}
		if names, err = people.Names(tx, ids); err != nil {
			return err
		}
		keeps, err = outreach.Keeps(tx, v.Actor)
		return err
	})
	return i, names, keeps, err
}

func (v *visit) itemSheet() (outreach.Item, sheet, error) {
	i, names, keeps, err := v.loadLine()
	if err != nil {
		return i, sheet{}, err
	}
	data := sheet{Frame: v.itemFrame(itemTitle(i))}
	data.Head.State = []look.Chip{v.itemChip(i)}
	facts := &look.Facts{Items: []look.Fact{{Term: "Kind", Text: roadmapKinds[i.Kind]}, {Term: "Written by", Text: names[i.Author]}, {Term: "Changed", Time: i.UpdatedAt}}}
	add := func(term, text string) {
		if text != "" {
			facts.Items = append(facts.Items, look.Fact{Term: term, Text: text})
		}
	}
	add("When", i.Moment)
	add("Withdrawn because", i.Reason)
	if i.Figure != nil {
		add("How it is counted", i.Figure.Counted)
		facts.Items = append(facts.Items, look.Fact{Term: "Drawn", Time: i.Figure.AsOf})
	}
	for _, c := range i.Clearances {
		facts.Items = append(facts.Items, look.Fact{Term: "Cleared by " + names[c.Person], Time: c.At})
	}
	if !i.Release.IsZero() {
		facts.Items = append(facts.Items, look.Fact{Term: "Public from", Time: i.Release})
	} else if !i.NotBefore.IsZero() {
		facts.Items = append(facts.Items, look.Fact{Term: "Not before", Time: i.NotBefore})
	}
	p := part{Prose: prose.HTML(i.Body), Facts: facts}
	version := []look.Hidden{{Name: "version", Value: strconv.FormatInt(i.Version, 10)}}
	if keeps && i.State != outreach.Withdrawn {
		data.Head.Actions = []look.Button{{Label: "Edit", Href: itemPath(i.ID) + "/edit"}, {Label: "Withdraw…", Href: itemPath(i.ID) + "/withdraw"}}
		if i.Clearable(v.Actor) {
			p.Lede = "Clear it if every word of it may be read by everybody."
			p.Buttons = append(p.Buttons, look.Button{Label: "Clear it for publication", Kind: look.Primary, Action: itemPath(i.ID) + "/clear", Hidden: version})
		}
		if i.Figure != nil {
			p.Buttons = append(p.Buttons, look.Button{Label: "Draw the number anew", Action: itemPath(i.ID) + "/draw", Hidden: version})
		}
	}
	data.Parts = []part{p}
	return i, data, nil
}

func (v *visit) itemDeed(done string, f func(tx *db.Tx, version int64) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return f(tx, version) }); err != nil {
		return err
	}
	return v.next(itemPath(v.path("item")), done)
}

func (v *visit) clearItem() error {
	return v.itemDeed("Your clearance is noted.", func(tx *db.Tx, version int64) error {
		_, err := outreach.Clear(tx, v.Actor, v.path("item"), version)
		return err
	})
}

func (v *visit) drawItem() error {
	return v.itemDeed("The number is drawn anew, and has to be cleared.", func(tx *db.Tx, version int64) error {
		_, err := gate.Redraw(tx, v.Actor, v.path("item"), version)
		return err
	})
}

func (v *visit) withdrawItemConfirm(i outreach.Item) look.Confirm {
	return look.Confirm{Title: "Withdraw " + itemTitle(i), What: "It leaves the public page in the same instant.", Whom: "Everybody who reads the roadmap.", Undo: "Write it again, and have it cleared.", Action: itemPath(i.ID) + "/withdraw",
		Fields: []look.Field{{Kind: look.Area, Name: "reason", Label: "Why", Value: v.form("reason"), Rows: 3, Max: 1000}}, Button: look.Button{Label: "Withdraw it", Kind: look.Danger}, Cancel: itemPath(i.ID)}
}

func (v *visit) askWithdrawItem() error {
	i, _, keeps, err := v.loadLine()
	if err != nil {
		return err
	}
	if !keeps {
		return notYours
	}
	return v.ask(v.itemFrame(itemTitle(i)), v.withdrawItemConfirm(i))
}

func (v *visit) withdrawItem() error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.write(func(tx *db.Tx) error {
		_, err := outreach.Withdraw(tx, v.Actor, v.path("item"), v.form("reason"))
		return err
	})
	if err == nil {
		return v.next(roadmapPath, "The line is withdrawn.")
	}
	i, _, _, e := v.loadLine()
	if e != nil || !errs.Is(err, errs.Invalid) {
		return err
	}
	c := v.withdrawItemConfirm(i)
	c.Fields[0].Error = err.Error()
	return v.again(err, "sheet", sheet{Frame: v.itemFrame(itemTitle(i)), Confirm: &c})
}
