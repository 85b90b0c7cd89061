package portal

import (
	"strings"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
)

// exceptionsPage shows a case's coordinators which classes are shut out of it
// and whom the board let in all the same, and has them ask for more.
func (v *visit) exceptionsPage() error {
	data, err := v.exceptionsSheet()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) exceptionsSheet() (sheet, error) {
	var c caseView
	var x casework.Barring
	var members orgs.Page
	err := v.read(func(tx *db.Tx) (err error) {
		if c, err = v.loadCase(tx); err != nil {
			return err
		}
		if x, err = casework.Barred(tx, v.Actor, c.ID); err != nil {
			return err
		}
		members, err = orgs.List(tx, v.Actor, orgs.Filter{Limit: 200})
		return err
	})
	if err != nil {
		return sheet{}, err
	}
	data := sheet{Frame: v.caseFrame(c, "")}
	data.Head.Crumbs = []look.Link{{Label: "Manage", Href: casework.Path(c.Number) + "/manage"}, {Label: "Exceptions"}}
	shut := part{Title: "Exceptions of the board", Lede: "No class of organizations is shut out of this case; whom you invite is reached."}
	if len(x.Classes) > 0 {
		shut.Lede = "Shut out of this case, by its own rule or by its programs', and not reached by an invitation either: " + strings.Join(x.Classes, ", ") + ". Only the board makes an exception."
		shut.Table = &look.Table{ID: "exceptions", Caption: "Exceptions", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Organization"}, {Label: "By", Wide: true}, {Label: "Since"}, {Label: "Change"}}, Empty: &look.Empty{Text: "The board has made no exception for this case."}}
	}
	let := look.Field{Kind: look.Select, Name: "org", Label: "Organization"}
	for _, o := range members.Orgs {
		if !x.Reaches(o) {
			let.Options = append(let.Options, look.Option{Value: o.ID, Label: o.Name + ", " + string(o.Class)})
		}
	}
	data.Parts = []part{shut}
	at := v.r.URL.Path
	for _, e := range x.Made {
		if shut.Table == nil {
			break
		}
		row := look.Row{Cells: []look.Cell{{Text: e.Name, Href: orgPath(e.Org)}, {Text: e.Reason, Sub: e.Motion}, {Time: e.Since}, {}}}
		if c.State == casework.Open {
			row.Cells[3].Button = &look.Button{Label: "Ask to end it…", Href: at + "?end=" + e.Org + "#end"}
		}
		shut.Table.Rows = append(shut.Table.Rows, row)
		if e.Org == v.r.FormValue("end") {
			data.Parts = append(data.Parts, part{ID: "end", Form: &look.Form{Title: "Ask the board to end the exception for " + e.Name, Lede: "Until the board decides it holds. Then the organization sees the case no longer, from its next request on.", Action: at, Hidden: []look.Hidden{{Name: "org", Value: e.Org}, {Name: "end", Value: e.Org}}, Fields: []look.Field{exceptionReason("end-reason")}, Button: look.Button{Label: "Write the motion", Kind: look.Primary}, Cancel: &look.Link{Label: "Let it stand", Href: at}}})
		}
	}
	if c.State == casework.Open && len(let.Options) > 0 {
		data.Parts = append(data.Parts, part{Form: &look.Form{Title: "Ask the board for one", Lede: "A motion is written as a draft, which you then put to the vote. The board reads the organization's name, the case's number and the reason, and nothing else of the case.", Action: at, Fields: []look.Field{let, exceptionReason("reason")}, Button: look.Button{Label: "Write the motion", Kind: look.Primary}}})
	}
	return data, nil
}

func exceptionReason(key string) look.Field {
	return look.Field{Kind: look.Area, Name: "reason", Key: key, Label: "Reason", Hint: "The board reads it; tell no more of the case than it needs.", Rows: 3, Max: 2000}
}

func (v *visit) askException() error {
	if err := v.parse(); err != nil {
		return err
	}
	var m board.Motion
	err := v.write(func(tx *db.Tx) (err error) {
		m, err = casework.AskException(tx, v.Actor, v.path("number"), casework.Passage{Org: v.form("org"), Revoke: v.form("end") != ""}, v.form("reason"))
		return err
	})
	if err == nil {
		return v.next(gate.MotionPath(m.Number), m.Number+" is a draft. Put it to the vote when it is ready.")
	}
	data, e := v.exceptionsSheet()
	if e != nil {
		return err
	}
	for _, p := range data.Parts {
		if p.Form != nil && (p.ID == "end") == (v.form("end") != "") {
			keepTyped(v, p.Form)
			fault(p.Form, renamed(err, map[string]string{"party": "org"}))
		}
	}
	return v.again(err, "sheet", data)
}
