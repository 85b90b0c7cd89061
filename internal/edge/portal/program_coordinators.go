package portal

import (
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
)

func coordinatorTable(p programView) *look.Table {
	t := &look.Table{ID: "coordinating", Caption: "Coordinators of " + p.Name, Hidden: true, Whole: true, Columns: []look.Column{{Label: "Name", Wide: true}, {Label: "Mail"}, {Label: "Since"}},
		Empty: &look.Empty{Text: "It has none of its own; the alliance's coordinators look after it."}}
	if p.runs {
		t.Columns = append(t.Columns, look.Column{Label: "Dismiss"})
	}
	for _, c := range p.coordinators {
		row := look.Row{Cells: []look.Cell{{Text: c.Name}, {Text: c.Email}, {Time: c.Since}}}
		if p.runs {
			row.Cells = append(row.Cells, look.Cell{Button: &look.Button{Label: "Dismiss…", Href: programPath(p.ID) + "/coordinators/" + c.Person + "/dismiss"}})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func appointForm(path, email string) *look.Form {
	return &look.Form{Title: "Appoint a coordinator", Lede: "Coordinates this program and what lies under it, and nothing else.", Action: path + "/coordinators", Button: look.Button{Label: "Appoint"},
		Fields: []look.Field{{Kind: "email", Name: "person", Label: "Mail address of the account", Value: email, Auto: "off"}}}
}

func (v *visit) appointCoordinator() error {
	if err := v.parse(); err != nil {
		return err
	}
	p, err := v.loadProgram()
	if err != nil {
		return err
	}
	path := programPath(p.ID)
	var who people.Person
	err = v.write(func(tx *db.Tx) (err error) {
		if who, err = people.ByEmail(tx, v.form("person")); err != nil {
			if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Invalid) {
				err = errs.Bad("person", "Nobody has an account with this address.")
			}
			return err
		}
		return programs.AppointCoordinator(tx, v.Actor, p.ID, who.ID)
	})
	if err == nil {
		return v.next(path+"#coordinators", who.Name+" coordinates the program now.")
	}
	data, forms, e := v.programSheet()
	if e != nil || forms.appoint == nil {
		return err
	}
	*forms.appoint = *appointForm(path, v.form("person"))
	fault(forms.appoint, err)
	return v.again(err, "sheet", data)
}

// loadCoordinator sees a program's own coordinator, for those who may
// dismiss.
func (v *visit) loadCoordinator() (p programs.Program, c programs.Coordinator, err error) {
	if p, err = v.loadProgram(); err != nil {
		return p, c, err
	}
	err = v.read(func(tx *db.Tx) error {
		list, err := programs.Coordinators(tx, v.Actor, p.ID)
		for _, c = range list {
			if c.Person == v.path("person") {
				return nil
			}
		}
		if err == nil {
			err = errs.Missing("coordinator of this program")
		}
		return err
	})
	return p, c, err
}

func (v *visit) askDismiss() error {
	p, c, err := v.loadCoordinator()
	if err != nil {
		return err
	}
	return v.ask(v.programFrame(p, c.Name), look.Confirm{Title: "Dismiss " + c.Name, What: "They no longer coordinate the program nor the cases under it, from the next request on. They lose the cases that they opened or were named in there; those that they were in charge of pass to you if you coordinate, else to nobody. What they see as a member stays.", Whom: c.Name + ", " + c.Email,
		Undo: "Appoint them again.", Button: look.Button{Label: "Dismiss " + c.Name, Kind: look.Danger}, Cancel: programPath(p.ID)})
}

func (v *visit) dismissCoordinator() error {
	p, c, err := v.loadCoordinator()
	if err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return casework.Dismiss(tx, v.Actor, p.ID, c.Person) }); err != nil {
		return err
	}
	return v.next(programPath(p.ID)+"#coordinators", c.Name+" no longer coordinates the program.")
}
