package portal

import (
	"strings"
	"time"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/spec/mpcvd"
)

// partyView is one party of a case, with its row of the matrix where it has
// one.
type partyView struct {
	caseView
	Party casework.Participant
	Board matrix.Board
	Row   *matrix.Row
	Says  bool // the visitor speaks for it, or coordinates
	IsOwn bool // the visitor sits for it
}

func (v *visit) loadParty(tx *db.Tx) (p partyView, err error) {
	if p.caseView, err = v.loadCase(tx); err != nil {
		return p, err
	}
	if p.Party, err = casework.LoadParticipant(tx, v.Actor, v.path("participant")); err != nil {
		return p, err
	}
	if p.Party.Case != p.ID {
		return p, errs.Missing("participant")
	}
	if p.Board, err = matrix.Load(tx, v.Actor, p.ID); err != nil {
		return p, err
	}
	for i := range p.Board.Rows {
		if p.Board.Rows[i].Party.ID == p.Party.ID {
			p.Row = &p.Board.Rows[i]
		}
	}
	p.IsOwn = p.Party.IsMine(v.Actor) && p.Party.Active()
	p.Says = (p.IsOwn || p.Role >= audience.Coordinator) && p.State == casework.Open
	return p, nil
}

func (p partyView) path() string { return casework.Path(p.Number) + "/vendors/" + p.Party.ID }

type partyPage struct {
	look.Frame
	Party    partyView
	Facts    look.Facts
	Status   *look.Table
	Products *look.Table
	Product  *look.Form
	Tracker  *look.Form
	Moves    []look.Button
	Actions  []look.Popup
	Machines []look.Machine
}

// party is everything about one party of a case.
func (v *visit) party() error {
	var data partyPage
	err := v.read(func(tx *db.Tx) (err error) {
		data.Party, err = v.loadParty(tx)
		return err
	})
	if err != nil {
		return err
	}
	p := data.Party
	data.Frame = v.caseFrame(p.caseView, "/vendors")
	data.Head.Crumbs = []look.Link{{Label: "Vendors", Href: casework.Path(p.Number) + "/vendors"}, {Label: p.Party.Name}}
	data.Facts = partyFacts(p.Party)
	if p.Row != nil {
		data.Status = v.statusTable(p)
		data.Products = productTable(p)
	}
	if p.Says {
		data.Moves = append(partyMoves(p), exportButton(p.Number))
		data.Product = &look.Form{Title: "Add a product", Action: p.path() + "/products", Button: look.Button{Label: "Add the product"}, Fields: productFields(matrix.Product{})}
	}
	if p.IsOwn {
		number := ""
		if p.Row != nil {
			number = p.Row.Tracker
		}
		data.Tracker = &look.Form{Title: "Your own tracker number", Lede: "Only people of " + p.Party.Name + " see it; search finds it for them.", Action: p.path() + "/tracker", Button: look.Button{Label: "Keep the number"},
			Fields: []look.Field{{Name: "number", Label: "Number", Value: number, Optional: true, Short: true, Max: 100}}}
	}
	data.Actions = partyActions(p)
	return v.show("party", data)
}

func partyFacts(p casework.Participant) look.Facts {
	f := look.Facts{Title: "Where it stands", Items: []look.Fact{
		{Term: "Role", Text: string(p.Role)},
		{Term: "Report", Text: mpcvd.Report.Label(p.Report)},
		{Term: "Consent", Text: mpcvd.Consent.Label(p.Consent)},
		{Term: "Progress", Text: mpcvd.VendorProgress.Label(p.Progress)}}}
	add := func(term string, at time.Time) {
		if !at.IsZero() {
			f.Items = append(f.Items, look.Fact{Term: term, Time: at})
		}
	}
	add("Invited", p.InvitedAt)
	add("Answer asked by", p.DueAt)
	add("Accepted the terms", p.AcceptedAt)
	add("First looked", p.SeenAt)
	add("Replied", p.RepliedAt)
	add("Left", p.LeftAt)
	if p.Reason != "" {
		f.Items = append(f.Items, look.Fact{Term: "Included because", Text: p.Reason})
	}
	if p.HiddenReason != "" && p.Hidden {
		f.Items = append(f.Items, look.Fact{Term: "Hidden because", Text: p.HiddenReason})
	}
	return f
}

func (v *visit) statusTable(p partyView) *look.Table {
	t := &look.Table{ID: "status", Caption: "Status by vulnerability", Whole: true, Empty: &look.Empty{Text: "The case lists no vulnerability yet."},
		Columns: []look.Column{{Label: "Vulnerability"}, {Label: "Product"}, {Label: "Status"}, {Label: "Fixed in"}, {Label: "Statement", Wide: true}, {Label: "Changed"}, {Label: "Change"}}}
	for i, vuln := range p.Board.Vulnerabilities {
		cell := p.Row.Cells[i]
		row := func(product, id string, s *matrix.Status) {
			cells := []look.Cell{{Text: vuln.Label, Sub: vuln.CVE}, {Text: product}}
			if s == nil {
				cells = append(cells, look.Cell{Text: cell.Status.Label()}, look.Cell{}, look.Cell{}, look.Cell{})
			} else {
				sub := ""
				if s.OnBehalf {
					sub = "set on behalf"
				}
				cells = append(cells, look.Cell{Text: s.Status.Glyph() + " " + s.Status.Label(), Sub: sub}, look.Cell{Text: strings.Join(s.Fixed, ", ")}, look.Cell{Text: short(s.Statement, 200)}, look.Cell{Time: s.ChangedAt})
			}
			change := look.Cell{}
			if p.Says {
				change = look.Cell{Text: "Set status", Href: p.path() + "/status?vulnerability=" + vuln.ID + "&product=" + id}
			}
			t.Rows = append(t.Rows, look.Row{Cells: append(cells, change)})
		}
		row("all products", "", cell.All)
		for _, product := range p.Row.Products {
			row(product.Name, product.ID, statusOf(cell, product.ID))
		}
	}
	return t
}

func statusOf(c matrix.Cell, product string) *matrix.Status {
	for i := range c.Products {
		if c.Products[i].Product == product {
			return &c.Products[i]
		}
	}
	return nil
}

func productTable(p partyView) *look.Table {
	t := &look.Table{ID: "products", Caption: "Products", Whole: true, Columns: []look.Column{{Label: "Name", Wide: true}, {Label: "Package URL"}, {Label: "Remove"}},
		Empty: &look.Empty{Text: "No product is listed; a status for all products stands for them."}}
	for _, r := range p.Row.Products {
		row := look.Row{Cells: []look.Cell{{Text: r.Name}, {Text: r.PURL, Code: true}, {}}}
		if p.Says {
			row.Cells[2].Button = &look.Button{Label: "Remove", Action: p.path() + "/products/" + r.ID + "/remove"}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func productFields(r matrix.Product) []look.Field {
	return []look.Field{{Name: "name", Label: "Product", Value: r.Name, Max: 300}, {Name: "purl", Label: "Package URL", Hint: "as pkg:type/name@version", Value: r.PURL, Optional: true, Code: true, Max: 1000},
		{Name: "cpe", Label: "CPE", Value: r.CPE, Optional: true, Code: true, Max: 1000}}
}

// partyMoves are the next moves of the party's own machines, one button each.
func partyMoves(p partyView) []look.Button {
	var out []look.Button
	if p.Party.Role == casework.Vendor {
		for _, e := range mpcvd.VendorProgress.Verbs(p.Party.Progress) {
			out = append(out, look.Button{Label: map[mpcvd.Event]string{mpcvd.EventAware: "We know of it", mpcvd.EventFixReady: "The fix is ready", mpcvd.EventFixDeployed: "The fix is deployed"}[e],
				Action: p.path() + "/progress", Name: "event", Value: string(e)})
		}
	}
	return out
}

// partyActions are the moves that need a reason or take something away.
func partyActions(p partyView) []look.Popup {
	var out []look.Popup
	reason := look.Field{Kind: look.Area, Name: "reason", Label: "Reason", Hint: "It is kept.", Rows: 3}
	if p.Says {
		verbs := mpcvd.Report.Verbs(p.Party.Report)
		for _, verb := range verbs {
			out = append(out, look.Popup{ID: "report-" + string(verb), Open: look.Button{Label: "Report: " + string(verb)}, Confirm: look.Confirm{Title: "Report of " + p.Party.Name + ": " + string(verb),
				What: "Report management moves on for " + p.Party.Name + ".", Whom: "Everybody in the case sees it.", Action: p.path() + "/report", Hidden: []look.Hidden{{Name: "verb", Value: string(verb)}},
				Fields: []look.Field{reason}, Button: look.Button{Label: "Move it: " + string(verb)}, Cancel: p.path()}})
		}
	}
	if p.Role >= audience.Coordinator && p.State == casework.Open {
		hide := look.Popup{ID: "hide", Open: look.Button{Label: "Hide from the others"}, Confirm: look.Confirm{Title: "Hide " + p.Party.Name, What: "The other parties no longer see that it takes part, nor anything it said.",
			Whom: "All other parties.", Undo: "Show it again at any time.", Action: p.path() + "/hide", Hidden: []look.Hidden{{Name: "hide", Value: "1"}}, Fields: []look.Field{reason}, Button: look.Button{Label: "Hide it"}, Cancel: p.path()}}
		if p.Party.Hidden {
			hide.Open.Label, hide.Confirm.Title, hide.Confirm.What = "Show to the others", "Show "+p.Party.Name, "The other parties see that it takes part, and what it said."
			hide.Confirm.Hidden, hide.Confirm.Button.Label, hide.Confirm.Undo = nil, "Show it", "Hide it again; what was seen stays seen."
		}
		out = append(out, hide)
	}
	if p.Says && p.Party.LeftAt.IsZero() {
		label := "Leave the case"
		if !p.IsOwn {
			label = "Remove from the case"
		}
		out = append(out, look.Popup{ID: "leave", Open: look.Button{Label: label, Kind: look.Danger}, Confirm: look.Confirm{Title: label, What: p.Party.Name + " loses its access to the case with the next request. The embargo goes on for it.",
			Whom: "All people of " + p.Party.Name + ".", Undo: "A coordinator can invite it again.", Type: p.Number, Action: p.path() + "/leave", Fields: []look.Field{reason}, Button: look.Button{Label: label, Kind: look.Danger}, Cancel: p.path()}})
	}
	return out
}

// change runs a verb on the case's party and goes back to its page.
func (v *visit) change(done string, f func(tx *db.Tx) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.write(f); err != nil {
		return err
	}
	return v.next(casework.Path(v.path("number"))+"/vendors/"+v.path("participant"), done)
}

func (v *visit) addProduct() error {
	return v.change("The product is listed.", func(tx *db.Tx) error {
		_, err := matrix.PutProduct(tx, v.Actor, v.path("number"), matrix.Product{Participant: v.path("participant"), Name: v.form("name"), PURL: v.form("purl"), CPE: v.form("cpe")})
		return err
	})
}

func (v *visit) removeProduct() error {
	return v.change("The product is off the matrix.", func(tx *db.Tx) error {
		return matrix.RemoveProduct(tx, v.Actor, v.path("number"), v.path("product"))
	})
}

func (v *visit) setTracker() error {
	return v.change("The number is kept.", func(tx *db.Tx) error {
		_, err := matrix.SetTracker(tx, v.Actor, v.path("number"), v.path("participant"), v.form("number"))
		return err
	})
}

func (v *visit) moveProgress() error {
	return v.change("Noted.", func(tx *db.Tx) error {
		_, err := embargo.MoveProgress(tx, v.Actor, v.path("number"), v.path("participant"), mpcvd.Event(v.form("event")))
		return err
	})
}

func (v *visit) moveReport() error {
	return v.change("Report management has moved on.", func(tx *db.Tx) error {
		_, err := embargo.MoveReport(tx, v.Actor, v.path("number"), v.path("participant"), mpcvd.RMVerb(v.form("verb")), v.form("reason"))
		return err
	})
}

func (v *visit) nudge() error {
	return v.change("It is asked once more.", func(tx *db.Tx) error {
		_, err := matrix.Nudge(tx, v.Actor, v.path("number"), v.path("participant"))
		return err
	})
}

func (v *visit) hideParty() error {
	hide := v.r.PostFormValue("hide") != ""
	done := "The party is shown to the others again."
	if hide {
		done = "The party is hidden from the others."
	}
	return v.change(done, func(tx *db.Tx) error {
		return casework.Hide(tx, v.Actor, v.path("number"), v.path("participant"), v.form("reason"), hide)
	})
}

func (v *visit) leaveCase() error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.typed(); err != nil {
		return err
	}
	own := false
	err := v.write(func(tx *db.Tx) error {
		p, err := v.loadParty(tx)
		if err != nil {
			return err
		}
		own = p.IsOwn && p.Role < audience.Coordinator
		return casework.Leave(tx, v.Actor, p.ID, p.Party.ID, v.form("reason"))
	})
	if err != nil {
		return err
	}
	if own {
		return v.next("/cases", "You have left the case.")
	}
	return v.next(casework.Path(v.path("number"))+"/vendors", "The party has left the case.")
}
