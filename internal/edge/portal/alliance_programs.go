package portal

import (
	"strconv"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

func programPath(programID string) string { return "/alliance/programs/" + programID }

func (v *visit) programForm(p programs.Program) *look.Form {
	level := look.Field{Kind: look.Select, Name: "tlp", Label: "Marking of what is shared in it", Hint: "Unless somebody says otherwise for a record.", Value: p.TLP.String()}
	for l := tlp.Clear; l < tlp.Red; l++ {
		level.Options = append(level.Options, look.Option{Value: l.String(), Label: l.String(), On: l == p.TLP})
	}
	f := &look.Form{Action: v.r.URL.Path, Button: look.Button{Label: "Save the program", Kind: look.Primary}, Cancel: &look.Link{Label: "Keep it as it is", Href: programPath(p.ID)}, Fields: []look.Field{
		{Name: "name", Label: "Name", Value: p.Name, Max: 200}, {Kind: look.Area, Name: "purpose", Label: "Purpose", Hint: "Markdown.", Value: p.Purpose, Optional: true, Rows: 6, Max: 10000}, level}}
	if p.ID == "" {
		f.Button.Label, f.Cancel = "Start the program", &look.Link{Label: "Not now", Href: "/alliance/programs"}
		return f
	}
	f.Hidden = []look.Hidden{{Name: "version", Value: strconv.FormatInt(p.Version, 10)}}
	return f
}

func (v *visit) programInput(p programs.Program) (programs.Program, error) {
	p.Name, p.Purpose = v.form("name"), v.form("purpose")
	level, err := tlp.Parse(v.form("tlp"))
	if err != nil {
		return p, errs.Bad("tlp", "Choose a marking.")
	}
	p.TLP = level
	if p.ID != "" {
		p.Version, err = v.version()
	}
	return p, err
}

// loadProgram sees a program that the visitor may change.
func (v *visit) loadProgram() (p programs.Program, err error) {
	err = v.read(func(tx *db.Tx) error {
		p, err = programs.Get(tx, v.Actor, v.path("program"))
		return err
	})
	if err == nil {
		err = v.administers("change programs")
	}
	return p, err
}

func (v *visit) editProgram() error {
	p, err := v.loadProgram()
	if err != nil {
		return err
	}
	return v.show("sheet", formSheet(v.programFrame(p, "Edit"), *v.programForm(p)))
}

func (v *visit) saveProgram() error {
	if err := v.parse(); err != nil {
		return err
	}
	p, err := v.loadProgram()
	if err != nil {
		return err
	}
	in, err := v.programInput(p)
	if err == nil {
		err = v.write(func(tx *db.Tx) error {
			_, err := programs.Edit(tx, v.Actor, in)
			return err
		})
	}
	if err == nil {
		return v.next(programPath(p.ID), "The program is saved.")
	}
	data := formSheet(v.programFrame(p, "Edit"), *v.programForm(in))
	form := data.Parts[0].Form
	if theirs, ok := stale[programs.Program](err); ok {
		form.Hidden[0].Value = strconv.FormatInt(theirs.Version, 10)
		data.Notices = []look.Notice{faster("Theirs: " + theirs.Name + ", " + theirs.TLP.String() + ", " + string(theirs.State) + ". Purpose: " + short(theirs.Purpose, 500))}
	}
	fault(form, err)
	return v.again(err, "sheet", data)
}

func (v *visit) joinProgram() error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.write(func(tx *db.Tx) error { return programs.Join(tx, v.Actor, v.path("program"), v.form("org")) })
	if err == nil {
		return v.next(programPath(v.path("program")), "The organization belongs to the program now.")
	}
	data, forms, e := v.programSheet()
	if e != nil || forms.join == nil {
		return err
	}
	fault(forms.join, err)
	return v.again(err, "sheet", data)
}

func (v *visit) askLeaveProgram() error {
	p, o, err := v.loadProgramOrg()
	if err != nil {
		return err
	}
	return v.ask(v.programFrame(p, o.Name), look.Confirm{Title: "Take " + o.Name + " out of " + p.Name, What: "Its people no longer see what is shared in the program, from the next request on.", Whom: "Everybody at " + o.Name + ".", Undo: "Add it again.",
		Button: look.Button{Label: "Take it out", Kind: look.Danger}, Cancel: programPath(p.ID)})
}

func (v *visit) loadProgramOrg() (p programs.Program, o orgs.Org, err error) {
	err = v.read(func(tx *db.Tx) error {
		if p, err = programs.Get(tx, v.Actor, v.path("program")); err != nil {
			return err
		}
		if o, err = orgs.Get(tx, v.Actor, v.path("org")); err != nil {
			return err
		}
		in, err := programs.Member(tx, p.ID, o.ID)
		if err != nil || !in {
			return firstError(err, errs.Missing("organization in this program"))
		}
		runs, err := orgs.Runs(tx, v.Actor, o.ID)
		if err == nil && !runs && !programs.Coordinates(v.Actor, p.ID) {
			err = notYours
		}
		return err
	})
	return p, o, err
}

func (v *visit) leaveProgram() error {
	p, o, err := v.loadProgramOrg()
	if err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return programs.Leave(tx, v.Actor, p.ID, o.ID) }); err != nil {
		return err
	}
	return v.next("/alliance/programs", o.Name+" is out of "+p.Name+".")
}
