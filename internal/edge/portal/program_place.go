package portal

import (
	"encoding/json"
	"strconv"

	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
)

// moveForm asks where in the tree a program is to stand; what that does is
// shown before it is done, as for every change of rules.
func (v *visit) moveProgramForm() error {
	d, err := v.loadRules()
	if err != nil {
		return err
	}
	form := look.Form{Title: "Move " + d.Name, Lede: "The programs under it come along, and so does everything that lies in them.", Action: programPath(d.ID) + "/rules", Button: look.Button{Label: "Show what this does", Kind: look.Primary},
		Cancel: &look.Link{Label: "Leave it where it is", Href: programPath(d.ID)}, Hidden: onlyParent(d.rules), Fields: []look.Field{d.parents(d.rules.Parent)}}
	return v.show("sheet", formSheet(v.programFrame(d.Program, "Move"), form))
}

func closeQuestion(p programs.Program) look.Confirm {
	return look.Confirm{Title: "Close " + p.Name, What: "Nobody has access through it any more, from the next request on, and nobody can join it. What lies in it stays for those who were invited themselves. It cannot be closed while cases in it are open.", Whom: "All its members.",
		Undo: "Open it again on its page.", Type: p.Name, Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(p.Version, 10)}}, Button: look.Button{Label: "Close the program", Kind: look.Danger}, Cancel: programPath(p.ID)}
}

func (v *visit) askCloseProgram() error {
	p, err := v.loadProgram()
	if err != nil {
		return err
	}
	return v.ask(v.programFrame(p, "Close"), closeQuestion(p))
}

func (v *visit) closeProgram() error {
	return v.turnProgram(programs.Closed, "The program is closed.")
}

func (v *visit) reopenProgram() error {
	return v.turnProgram(programs.Active, "The program is open again.")
}

// turnProgram closes a program, or opens it again.
func (v *visit) turnProgram(to programs.State, done string) error {
	if err := v.parse(); err != nil {
		return err
	}
	p, err := v.loadProgram()
	if err != nil {
		return err
	}
	in := p
	in.State = to
	if in.Version, err = v.version(); err != nil {
		return err
	}
	if to == programs.Closed && v.form("confirm") != p.Name {
		err = errs.Bad("confirm", "Type the program's name to confirm; nothing was changed.")
	} else {
		err = v.write(func(tx *db.Tx) error {
			_, err := programs.Edit(tx, v.Actor, in)
			return err
		})
	}
	if err == nil {
		return v.next(programPath(p.ID), done)
	}
	if to != programs.Closed {
		return err
	}
	c := closeQuestion(p)
	c.Action, c.Error = v.r.URL.Path, reasonOf(err)
	return v.again(err, "sheet", sheet{Frame: v.programFrame(p, "Close"), Confirm: &c})
}

// reasonOf is why something was refused, in one line.
func reasonOf(err error) string {
	e := gate.Public(err)
	if len(e.Fields) > 0 {
		return e.Fields[0].Reason
	}
	return e.Text
}

// historyPage is one page of a program's history.
const historyPage = 100

// programHistory lists what changed in a program, newest first.
func (v *visit) programHistory() error {
	before := int64(1) << 62
	if c := v.query("before"); c != "" {
		n, err := strconv.ParseInt(c, 10, 64)
		if err != nil || n < 0 {
			return errs.New(errs.Invalid, "This list has no such page.")
		}
		before = n
	}
	var p programs.Program
	var list []ledger.Record
	var names map[string]string
	err := v.read(func(tx *db.Tx) (err error) {
		if p, err = programs.Get(tx, v.Actor, v.path("program")); err != nil {
			return err
		}
		if list, err = ledger.List(tx, v.Actor, ledger.Query{Scope: p.ID, Before: before, Limit: historyPage + 1}); err != nil {
			return err
		}
		var ids []string
		for _, r := range list {
			ids = append(ids, r.ActorID)
		}
		names, err = people.Names(tx, ids)
		return err
	})
	if err != nil {
		return err
	}
	data := sheet{Frame: v.programFrame(p, "What changed in it")}
	t := &look.Table{ID: "history", Caption: "What changed in " + p.Name, Hidden: true, Filter: true, Columns: []look.Column{{Label: "When"}, {Label: "Who"}, {Label: "What", Wide: true}}, Empty: &look.Empty{Text: "Nothing that you may know of."}}
	if len(list) > historyPage {
		list = list[:historyPage]
		t.Pager = &look.Pager{Next: "?before=" + strconv.FormatInt(list[historyPage-1].Seq, 10)}
	}
	for _, r := range list {
		who := names[r.ActorID]
		if who == "" {
			who = "the server"
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Time: r.At}, {Text: who}, {Text: eventText(r), Sub: short(ruleChange(r), 600)}}})
	}
	data.Parts = []part{{Table: t}}
	return v.show("sheet", data)
}

// ruleChange says which rules an event changed.
func ruleChange(r ledger.Record) string {
	var d struct {
		Before, After programs.Rules
	}
	if r.Kind != programs.EventRules || r.Erased || json.Unmarshal(r.Payload, &d) != nil {
		return ""
	}
	was, then := rulesDesk{rules: d.Before}.inWords(d.Before), rulesDesk{}.inWords(d.After)
	out := ""
	for i, f := range was {
		if f.Text != then[i].Text {
			out += f.Term + ": " + short(f.Text, 120) + " → " + short(then[i].Text, 120) + ". "
		}
	}
	return out
}
