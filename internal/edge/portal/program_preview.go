package portal

import (
	"errors"
	"slices"
	"strconv"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// previewRules shows what a change of rules would do, and asks whether to
// save it. It changes nothing.
func (v *visit) previewRules() error {
	if err := v.parse(); err != nil {
		return err
	}
	d, err := v.loadRules()
	if err != nil {
		return err
	}
	in, err := d.input(v)
	var change programs.Change
	if err == nil {
		err = v.write(func(tx *db.Tx) error { // it is done and taken back
			change, err = programs.Preview(tx, v.Actor, in)
			return err
		})
	}
	if err != nil {
		return v.refusedRules(d, in, err)
	}
	path := programPath(d.ID)
	data := sheet{Frame: v.programFrame(d.Program, "Rules")}
	data.Head.Crumbs[len(data.Head.Crumbs)-1].Href = path + "/rules"
	data.Head.Crumbs = append(data.Head.Crumbs, look.Link{Label: "What it does"})
	data.Parts = append([]part{{Title: "What changes", Table: d.differences(in)}}, changeParts(change)...)
	save := &look.Form{Action: path + "/rules/save", Lede: "They hold from the next request on, for everybody. The ledger keeps the rules before and after.", Title: "Save these rules?", Hidden: v.rulesHidden(in), Button: look.Button{Label: "Save the rules", Kind: look.Primary}, Cancel: &look.Link{Label: "Keep the rules as they are", Href: path}}
	if d.saves {
		data.Parts = append(data.Parts, part{Form: save})
	}
	if d.puts {
		data.Parts = append(data.Parts, part{Form: v.putRulesForm(d, in)})
	}
	return v.show("sheet", data)
}

// putRulesForm puts the rules that were shown to the board.
func (v *visit) putRulesForm(d rulesDesk, in programs.Rules) *look.Form {
	f := &look.Form{Action: programPath(d.ID) + "/rules/motion", Title: "Put them to the board", Lede: "A motion is written as a draft, with these rules and what they do. If it is carried, exactly these rules hold, unless the program was changed meanwhile.", Hidden: v.rulesHidden(in),
		Fields: []look.Field{{Kind: look.Area, Name: "reason", Label: "Reason", Hint: "Markdown. The board reads it.", Optional: true, Rows: 3, Max: 10000, Value: v.form("reason")}}, Button: look.Button{Label: "Put them to the board"}}
	if !d.saves {
		f.Button.Kind, f.Cancel = look.Primary, &look.Link{Label: "Keep the rules as they are", Href: programPath(d.ID)}
	}
	return f
}

// putRules writes the motion.
func (v *visit) putRules() error {
	if err := v.parse(); err != nil {
		return err
	}
	d, err := v.loadRules()
	if err != nil {
		return err
	}
	in, err := d.input(v)
	var m board.Motion
	if err == nil {
		err = v.write(func(tx *db.Tx) error {
			m, _, err = board.ProposeRules(tx, v.Actor, in, v.form("reason"))
			return err
		})
	}
	if err != nil {
		return v.refusedRules(d, in, err)
	}
	return v.next(gate.MotionPath(m.Number), m.Number+" is a draft. Put it to the vote when it is ready.")
}

// refusedRules is the form again, with what was typed and why it was refused.
func (v *visit) refusedRules(d rulesDesk, in programs.Rules, err error) error {
	form := d.form(in)
	data := formSheet(v.programFrame(d.Program, "Rules"), *form)
	if theirs, ok := stale[programs.Rules](err); ok {
		data.Parts[0].Form.Hidden[0].Value = strconv.FormatInt(theirs.Version, 10)
		data.Parts = append([]part{{Title: "What they changed meanwhile, against yours", Table: rulesDesk{Program: d.Program, rules: theirs, tree: d.tree, agreements: d.agreements}.differences(in)}}, data.Parts...)
		data.Notices = []look.Notice{faster("The table shows theirs beside yours.")}
	}
	fault(data.Parts[len(data.Parts)-1].Form, renamed(err, map[string]string{"by_board": "by"}))
	return v.again(err, "sheet", data)
}

func (v *visit) saveRules() error {
	if err := v.parse(); err != nil {
		return err
	}
	d, err := v.loadRules()
	if err != nil {
		return err
	}
	in, err := d.input(v)
	if err == nil {
		err = v.write(func(tx *db.Tx) error {
			_, err := programs.ChangeRules(tx, v.Actor, in)
			return err
		})
	}
	if err != nil {
		return v.refusedRules(d, in, err)
	}
	return v.next(programPath(d.ID), "The rules of "+d.Name+" are saved, and hold now.")
}

// differences are the rules that change, before and after.
func (d rulesDesk) differences(in programs.Rules) *look.Table {
	t := &look.Table{ID: "differences", Caption: "Rules that change", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Rule"}, {Label: "Now"}, {Label: "Then"}}, Empty: &look.Empty{Text: "No rule changes."}}
	was, then := d.inWords(d.rules), d.inWords(in)
	for i, f := range was {
		if f.Text != then[i].Text {
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: f.Term}, {Text: short(f.Text, 400)}, {Text: short(then[i].Text, 400)}}})
		}
	}
	return t
}

func (d rulesDesk) inWords(r programs.Rules) []look.Fact {
	parent := "nothing: at the top"
	if r.Parent != "" {
		parent = d.name(r.Parent)
	}
	var terms []string
	for _, g := range d.agreements {
		if slices.Contains(r.Agreements, g.ID) {
			terms = append(terms, g.Title)
		}
	}
	r.Admits, r.Evidence, r.Features = inOrder(r.Admits), inOrder(r.Evidence), inOrder(r.Features)
	facts := rulesInWords(r, slices.Sorted(slices.Values(r.ShutOut)), nil)
	return append(facts, look.Fact{Term: "Stands under", Text: parent}, look.Fact{Term: "Agreements", Text: orNone(terms, "none")}, look.Fact{Term: "Page address", Text: r.Slug}, look.Fact{Term: "Page text", Text: short(r.Page, 200)})
}

// inOrder is a list as the rules keep it, so that an order is no difference.
func inOrder[T ~string](list []T) []T { return slices.Sorted(slices.Values(list)) }

// proposedRules are what changes by the rules that a motion proposes, and who
// gains and loses sight of what by them, as things stand now. Of a decided
// motion they are the rules alone: what they changed is in the program's
// history.
func (v *visit) proposedRules(m motionView, in programs.Rules) ([]part, error) {
	var d rulesDesk
	var change programs.Change
	err := v.read(func(tx *db.Tx) (err error) {
		if d.Program, err = programs.Get(tx, v.Actor, in.Program); err != nil {
			return err
		}
		if d.rules, err = programs.RulesOf(tx, in.Program); err != nil {
			return err
		}
		d.agreements, err = agreements.List(tx, v.Actor, agreements.Filter{})
		return err
	})
	if err == nil {
		d.tree, err = v.loadTree()
	}
	if err == nil && m.State.Decided() {
		return []part{{Title: "The rules that were proposed", Facts: &look.Facts{Items: d.inWords(in)}}}, nil
	}
	if err == nil {
		err = v.write(func(tx *db.Tx) error { // it is done and taken back
			change, err = board.PreviewRules(tx, v.Actor, m.ID)
			return err
		})
	}
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind != errs.Internal {
		return []part{{Title: "What is done when it is carried", Lede: "Nothing, as things stand. " + e.Text}}, nil
	}
	if err != nil {
		return nil, err
	}
	return append([]part{{Title: "What changes when it is carried", Table: d.differences(in)}}, changeParts(change)...), nil
}
