package portal

import (
	"slices"
	"strconv"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/talk"
)

// loadInside is loadCase for pages that nothing is published of: whoever
// reads no more than what is published finds no such page.
func (v *visit) loadInside(tx *db.Tx) (c caseView, err error) {
	if c, err = v.loadCase(tx); err == nil && c.bystander() {
		err = errs.Missing("case")
	}
	return c, err
}

// allThreads lists every thread of the case, and opens one about a product.
func (v *visit) allThreads() error {
	var c caseView
	var list []talk.Thread
	var products []matrix.Product
	err := v.read(func(tx *db.Tx) (err error) {
		if c, err = v.loadInside(tx); err != nil {
			return err
		}
		if list, err = talk.Threads(tx, v.Actor, c.ID); err != nil {
			return err
		}
		if c.Parts, err = casework.Participants(tx, v.Actor, c.ID); err != nil {
			return err
		}
		products, err = matrix.Products(tx, v.Actor, c.ID)
		return err
	})
	if err != nil {
		return err
	}
	f := v.caseFrame(c, "/talk")
	from, _ := strconv.Atoi(v.query("from"))
	from = max(0, min(from, len(list)))
	to := min(from+rowsOnPage, len(list))
	t := &look.Table{ID: "threads", Caption: "Threads", Hidden: true, Filter: true, Whole: to-from == len(list), Empty: &look.Empty{Text: "There is no thread yet."},
		Columns: []look.Column{{Label: "Thread"}, {Label: "Unread", Num: true}, {Label: "Last said", Wide: true}, {Label: "When"}}}
	for _, x := range list[from:to] {
		t.Rows = append(t.Rows, threadRow(c, x))
	}
	t.Pager = pagerOf(casework.Path(c.Number)+"/talk", v.r.URL.Query(), from, to, len(list))
	data := sheet{Frame: f, Parts: []part{{Table: t}}}
	if form := productThreadForm(c, list, products); form != nil {
		data.Parts = append(data.Parts, part{Form: form})
	}
	return v.show("sheet", data)
}

func threadRow(c caseView, x talk.Thread) look.Row {
	first := look.Cell{Text: x.Title, Href: threadPath(c.Number, x.ID)}
	if x.Closed {
		first.Sub = "private"
	}
	row := look.Row{New: x.Unread > 0, Cells: []look.Cell{first, {}, {Text: "nothing yet"}, {}}}
	if x.Unread > 0 {
		row.Cells[1].Text = strconv.Itoa(x.Unread)
	}
	if x.Last != nil {
		row.Cells[2] = look.Cell{Text: short(x.Last.Snippet, 100), Sub: x.Last.Author.Name}
		row.Cells[3] = look.Cell{Time: x.Last.At}
	}
	return row
}

// productThreadForm offers the products that have no thread yet and for which
// the visitor may open one; nil where there is none.
func productThreadForm(c caseView, list []talk.Thread, products []matrix.Product) *look.Form {
	if c.State != casework.Open || c.Role < audience.Contributor {
		return nil
	}
	names := map[string]string{}
	for _, p := range c.Parts {
		names[p.ID] = p.Name
	}
	pick := look.Field{Kind: look.Select, Name: "product", Label: "Product"}
	for _, p := range products {
		own := slices.ContainsFunc(c.Mine, func(x casework.Participant) bool { return x.ID == p.Participant })
		open := slices.ContainsFunc(list, func(x talk.Thread) bool { return x.Product == p.ID })
		if open || !own && c.Role < audience.Coordinator {
			continue
		}
		pick.Options = append(pick.Options, look.Option{Value: p.ID, Label: names[p.Participant] + ": " + p.Name})
	}
	if len(pick.Options) == 0 {
		return nil
	}
	return &look.Form{Title: "Open a thread about a product", Lede: "Everybody who may know of the vendor reads it.", Action: casework.Path(c.Number) + "/talk/products", Fields: []look.Field{pick}, Button: look.Button{Label: "Open the thread"}}
}

func (v *visit) openProductThread() error {
	if err := v.parse(); err != nil {
		return err
	}
	var t talk.Thread
	err := v.write(func(tx *db.Tx) (err error) {
		t, err = talk.OpenProduct(tx, v.Actor, v.path("number"), v.form("product"))
		return err
	})
	if err != nil {
		return err
	}
	return v.next(threadPath(v.path("number"), t.ID), "The thread is open.")
}

// threadReaders lists whom a message in the thread reaches, as far as the
// visitor may know.
func (v *visit) threadReaders() error {
	var t talkView
	err := v.read(func(tx *db.Tx) (err error) {
		if t, err = v.loadThread(tx); err != nil {
			return err
		}
		if t.Known, err = talk.Addressees(tx, v.Actor, t.Thread.ID); err != nil {
			return err
		}
		t.Reach, err = talk.CountReach(tx, v.Actor, t.Thread.ID, t.Thread.Level, nil)
		return err
	})
	if err != nil {
		return err
	}
	f := v.messageFrame(t, "Who reads it")
	lede := look.Plural(t.Reach.People, "person", "people") + " in " + look.Plural(t.Reach.Orgs, "organization", "organizations") + " read what is said in “" + t.Thread.Title + "” at " + t.Thread.Level.String() + "."
	if t.Role < audience.Coordinator && !t.Thread.Closed {
		lede += " Of other parties you see the organizations; the coordinators may have included more parties than you are told of."
	}
	from, _ := strconv.Atoi(v.query("from"))
	from = max(0, min(from, len(t.Known)))
	to := min(from+rowsOnPage, len(t.Known))
	tab := &look.Table{ID: "readers", Caption: "Readers", Hidden: true, Filter: true, Whole: to-from == len(t.Known), Columns: []look.Column{{Label: "Name", Wide: true}, {Label: "What"}, {Label: "For"}}, Empty: &look.Empty{Text: "Nobody but you."}}
	words := map[talk.AddresseeKind]string{talk.ToPerson: "person", talk.ToLink: "finder, by link", talk.ToParty: "party", talk.ToTeam: "team"}
	for _, k := range t.Known[from:to] {
		tab.Rows = append(tab.Rows, look.Row{Cells: []look.Cell{{Text: k.Name}, {Text: words[k.Kind]}, {Text: k.Org}}})
	}
	tab.Pager = pagerOf(t.path()+"/readers", v.r.URL.Query(), from, to, len(t.Known))
	return v.show("sheet", sheet{Frame: f, Parts: []part{{Lede: lede, Table: tab}}})
}
