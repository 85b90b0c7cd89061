package portal

import (
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/report"
	"tocsin/internal/response/talk"
)

// followers keep their parts of a case in step with the case itself.
func (v *visit) followers() []casework.Follower {
	return []casework.Follower{embargo.Follow(), matrix.Follow(), talk.Follow(), report.Follower()}
}

type caseManagePage struct {
	look.Frame
	Assign, Split, Merge *look.Form
	Close, Reopen        *look.Popup
	Export               look.Button
	Decisions            look.Table
}

// manageCase is where coordinators assign, close, merge and split a case, and
// read every decision to include or exclude.
func (v *visit) manageCase() error {
	data, err := v.manageData()
	if err != nil {
		return err
	}
	return v.show("case-manage", data)
}

func (v *visit) manageData() (data caseManagePage, err error) {
	var c caseView
	var team []people.Person
	var made []casework.Choice
	var b boardNames
	err = v.read(func(tx *db.Tx) (err error) {
		if c, err = v.loadParts(tx); err != nil {
			return err
		}
		if c.Role < audience.Coordinator {
			return errs.New(errs.Denied, "Only a coordinator manages the case.")
		}
		if team, err = people.Holding(tx, charter.Coordinator); err != nil {
			return err
		}
		if b, err = v.boardNames(tx, c); err != nil {
			return err
		}
		made, err = casework.Decisions(tx, v.Actor, c.ID)
		return err
	})
	if err != nil {
		return data, err
	}
	data.Frame = v.caseFrame(c, "")
	data.Head.Crumbs = []look.Link{{Label: c.Number, Href: casework.Path(c.Number)}, {Label: "Manage"}}
	data.Decisions = decisionTable(made)
	path := casework.Path(c.Number)
	data.Head.Actions = []look.Button{{Label: "Exceptions", Href: path + "/exceptions"}}
	data.Export = exportButton(c.Number)
	because := func(key string) look.Field {
		return look.Field{Kind: look.Area, Name: "reason", Key: key, Label: "Reason", Hint: "It is kept.", Rows: 3}
	}
	if c.State != casework.Open {
		data.Reopen = &look.Popup{ID: "reopen", Open: look.Button{Label: "Reopen the case"}, Confirm: look.Confirm{Title: "Reopen " + c.Number, What: "Work on the case goes on.", Whom: "Every party is told.", Action: path + "/reopen", Fields: []look.Field{because("-reopen")}, Button: look.Button{Label: "Reopen"}, Cancel: path + "/manage"}}
		return data, nil
	}
	owner := look.Field{Kind: look.Select, Name: "person", Label: "In charge"}
	for _, p := range team {
		owner.Options = append(owner.Options, look.Option{Value: p.ID, Label: p.Name, On: p.ID == c.Owner})
	}
	data.Assign = &look.Form{Title: "Who is in charge", Action: path + "/assign", Button: look.Button{Label: "Assign"}, Fields: []look.Field{owner, because("-assign")}}
	data.Merge = &look.Form{Title: "Merge into another case", Lede: "The parties are invited there and accept its terms; the earliest end of an embargo wins. This case stays as a record.", Action: path + "/merge", Button: look.Button{Label: "Merge"},
		Fields: []look.Field{{Name: "into", Label: "Case number", Short: true}, because("-merge")}}
	data.Split = splitForm(c, b, because("-split"))
	data.Close = &look.Popup{ID: "close", Open: look.Button{Label: "Close the case", Kind: look.Danger}, Confirm: look.Confirm{Title: "Close " + c.Number, What: "No more work on it is possible until it is reopened. Everybody keeps their access.", Whom: "Every party is told.", Undo: "Reopen it.",
		Type: c.Number, Action: path + "/close", Fields: []look.Field{because("-close")}, Button: look.Button{Label: "Close it", Kind: look.Danger}, Cancel: path + "/manage"}}
	return data, nil
}

func splitForm(c caseView, b boardNames, reason look.Field) *look.Form {
	parties := look.Field{Kind: look.CheckBoxes, Name: "participants", Label: "Who takes part in the new case", Optional: true}
	for _, p := range c.Parts {
		if p.LeftAt.IsZero() && p.Role != casework.Finder {
			parties.Options = append(parties.Options, look.Option{Value: p.ID, Label: p.Name})
		}
	}
	vulns := look.Field{Kind: look.CheckBoxes, Name: "vulnerabilities", Label: "Vulnerabilities that move", Optional: true, Options: b}
	return &look.Form{Title: "Split off a new case", Action: casework.Path(c.Number) + "/split", Button: look.Button{Label: "Split"}, Fields: []look.Field{{Name: "title", Label: "Title of the new case", Max: casework.MaxTitle}, parties, vulns, reason}}
}

func decisionTable(made []casework.Choice) look.Table {
	t := look.Table{ID: "decisions", Caption: "Who was included and excluded, and why", Whole: true, Columns: []look.Column{{Label: "When"}, {Label: "What"}, {Label: "Party"}, {Label: "Reason", Wide: true}}, Empty: &look.Empty{Text: "Nobody has been included or excluded yet."}}
	for _, d := range made {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Time: d.At}, {Text: d.Kind}, {Text: d.Name}, {Text: d.Reason}}})
	}
	return t
}

// managed runs a verb on the case and goes to path after it.
func (v *visit) managed(done string, f func(tx *db.Tx) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.write(f); err != nil {
		return err
	}
	return v.next(casework.Path(v.path("number")), done)
}

func (v *visit) assignCase() error {
	return v.managed("The case is assigned.", func(tx *db.Tx) error {
		_, err := casework.Assign(tx, v.Actor, v.path("number"), v.form("person"), v.form("reason"))
		return err
	})
}

func (v *visit) closeCase() error {
	return v.managed("The case is closed.", func(tx *db.Tx) error {
		if err := v.typed(); err != nil {
			return err
		}
		_, err := casework.Close(tx, v.Actor, v.path("number"), v.form("reason"))
		return err
	})
}

func (v *visit) reopenCase() error {
	return v.managed("The case is open again.", func(tx *db.Tx) error {
		_, err := casework.Reopen(tx, v.Actor, v.path("number"), v.form("reason"))
		return err
	})
}

func (v *visit) mergeCase() error {
	if err := v.parse(); err != nil {
		return err
	}
	var into casework.Case
	err := v.write(func(tx *db.Tx) (err error) {
		into, err = embargo.Merge(tx, v.Actor, v.path("number"), v.form("into"), v.form("reason"), v.followers()...)
		return err
	})
	if err != nil {
		return err
	}
	return v.next(casework.Path(into.Number), "The case is merged into this one.")
}

func (v *visit) splitCase() error {
	if err := v.parse(); err != nil {
		return err
	}
	var part casework.Case
	err := v.write(func(tx *db.Tx) (err error) {
		part, err = embargo.Split(tx, v.Actor, v.path("number"), casework.Parting{Title: v.form("title"), Participants: v.r.PostForm["participants"], Vulnerabilities: v.r.PostForm["vulnerabilities"], Reason: v.form("reason")}, v.followers()...)
		return err
	})
	if err != nil {
		return err
	}
	return v.next(casework.Path(part.Number), "The new case is open.")
}

// boardNames are a case's vulnerabilities as choices of a form.
type boardNames []look.Option

func (v *visit) boardNames(tx *db.Tx, c caseView) (out boardNames, err error) {
	list, err := matrix.Vulnerabilities(tx, v.Actor, c.ID)
	for _, x := range list {
		out = append(out, look.Option{Value: x.ID, Label: x.Label + " " + x.Title})
	}
	return out, err
}
