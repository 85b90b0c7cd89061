package portal

import (
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
)

// exceptionTable lists whom the board let into cases of the program although
// it shuts their class out.
func exceptionTable(p programView) *look.Table {
	t := &look.Table{ID: "passages", Caption: "Exceptions in " + p.Name, Hidden: true, Whole: true, Columns: []look.Column{{Label: "Who"}, {Label: "Case"}, {Label: "Reason", Wide: true}, {Label: "Motion"}, {Label: "Since"}},
		Empty: &look.Empty{Text: "Nobody of a class that is shut out was let in."}}
	if p.puts {
		t.Columns = append(t.Columns, look.Column{Label: "End"})
	}
	for _, x := range p.exceptions {
		row := look.Row{Cells: []look.Cell{{Text: x.Name, Href: orgPath(x.Org)}, {Text: "a case that you do not see"}, {Text: x.Reason, Sub: x.Title}, {}, {Time: x.Since}}}
		if x.Case != "" {
			row.Cells[1] = look.Cell{Text: x.Case, Href: casework.Path(x.Case)}
		}
		if x.Motion != "" {
			row.Cells[3] = look.Cell{Text: x.Motion, Href: gate.MotionPath(x.Motion)}
		}
		if p.puts {
			row.Cells = append(row.Cells, look.Cell{Button: &look.Button{Label: "End…", Href: programPath(p.ID) + "/exceptions/" + x.Ref + "/end"}})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// endExceptionQuestion asks for the reason of a motion to end an exception.
func (v *visit) endExceptionQuestion() (look.Frame, look.Confirm, error) {
	var p programs.Program
	var x casework.Exception
	err := v.read(func(tx *db.Tx) (err error) {
		if p, err = programs.Get(tx, v.Actor, v.path("program")); err != nil {
			return err
		}
		if x, err = casework.ExceptionIn(tx, v.Actor, p.ID, v.path("exception")); err != nil {
			return err
		}
		room, err := board.AccessOf(tx, v.Actor)
		if err == nil && !room.Puts {
			err = errs.New(errs.Denied, "Only who sits on the board, and the coordinators, may put motions.")
		}
		return err
	})
	c := look.Confirm{Title: "Propose to end the exception for " + x.Name, What: "A motion is written as a draft. If it is carried, they no longer see the case, from the next request on.", Whom: x.Name, Undo: "Withdraw the motion. Once it is carried, only another motion lets them in again.",
		Fields: []look.Field{{Kind: look.Area, Name: "reason", Label: "Reason", Hint: "The board reads it.", Rows: 3, Max: 10000, Value: v.form("reason")}}, Button: look.Button{Label: "Write the motion", Kind: look.Primary}, Cancel: programPath(p.ID) + "#exceptions"}
	return v.programFrame(p, "End an exception"), c, err
}

func (v *visit) askEndException() error {
	f, c, err := v.endExceptionQuestion()
	if err != nil {
		return err
	}
	return v.ask(f, c)
}

func (v *visit) endException() error {
	if err := v.parse(); err != nil {
		return err
	}
	f, c, err := v.endExceptionQuestion()
	if err != nil {
		return err
	}
	var m board.Motion
	if err = v.write(func(tx *db.Tx) error {
		m, err = casework.ProposeEnd(tx, v.Actor, v.path("program"), v.path("exception"), v.form("reason"))
		return err
	}); err == nil {
		return v.next(gate.MotionPath(m.Number), m.Number+" is a draft. Put it to the vote when it is ready.")
	}
	c.Action, c.Error = v.r.URL.Path, errText(err)
	return v.again(err, "sheet", sheet{Frame: f, Confirm: &c})
}
