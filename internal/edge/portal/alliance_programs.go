package portal

import (
	"strconv"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/prose"
	"tocsin/spec/tlp"
)

func programPath(programID string) string { return "/alliance/programs/" + programID }

func (v *visit) programsPage() error {
	var list []programs.Program
	err := v.read(func(tx *db.Tx) (err error) {
		list, err = programs.List(tx, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	data := sheet{Frame: v.allianceFrame("/alliance/programs")}
	if charter.Administers(v.Actor) {
		data.Head.Actions = []look.Button{{Label: "Start a program", Href: "/alliance/programs/new"}}
	}
	t := &look.Table{ID: "programs", Caption: "Programs", Hidden: true, Whole: true, Empty: &look.Empty{Text: "You belong to no program. A program groups organizations that work on one matter or in one sector."},
		Columns: []look.Column{{Label: "Program"}, {Label: "Purpose", Wide: true}, {Label: "Shared at"}, {Label: "State"}, {Label: "Since"}}}
	for _, p := range list {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: p.Name, Href: programPath(p.ID)}, {Text: prose.Snippet(p.Purpose, 160)}, {Marking: p.TLP.String()}, {Text: string(p.State)}, {Time: p.CreatedAt}}})
	}
	data.Parts = []part{{Table: t}}
	return v.show("sheet", data)
}

func (v *visit) programFrame(p programs.Program, below string) look.Frame {
	f := v.allianceFrame("/alliance/programs")
	f.Head = look.RecordHead{Kind: "program", Title: p.Name, Crumbs: []look.Link{{Label: "Programs", Href: "/alliance/programs"}, {Label: p.Name}}}
	if below != "" {
		f.Head.Crumbs[1].Href = programPath(p.ID)
		f.Head.Crumbs = append(f.Head.Crumbs, look.Link{Label: below})
	}
	if p.State != programs.Active {
		f.Head.State = []look.Chip{{Label: string(p.State)}}
	}
	return f
}

func (v *visit) programSheet() (sheet, *look.Form, error) {
	var p programs.Program
	var page, members orgs.Page
	mayEnd := map[string]bool{} // by organization: the visitor may take it out
	err := v.read(func(tx *db.Tx) (err error) {
		if p, err = programs.Get(tx, v.Actor, v.path("program")); err != nil {
			return err
		}
		if page, err = programs.Orgs(tx, v.Actor, p.ID, v.query("cursor"), 100); err != nil {
			return err
		}
		for _, o := range page.Orgs {
			if mayEnd[o.ID], err = orgs.Runs(tx, v.Actor, o.ID); err != nil {
				return err
			}
		}
		if !charter.Administers(v.Actor) {
			return nil
		}
		members, err = orgs.List(tx, v.Actor, orgs.Filter{Listed: true, State: orgs.Active, Limit: 500})
		return err
	})
	if err != nil {
		return sheet{}, nil, err
	}
	data := sheet{Frame: v.programFrame(p, "")}
	t := &look.Table{ID: "organizations", Caption: "Organizations of " + p.Name, Hidden: true, Whole: page.Next == "" && v.query("cursor") == "", Columns: []look.Column{{Label: "Organization", Wide: true}, {Label: "Class"}, {Label: "Take out"}},
		Empty: &look.Empty{Text: "No organization belongs to it yet."}}
	runs := charter.Administers(v.Actor)
	for _, o := range page.Orgs {
		row := look.Row{Cells: []look.Cell{{Text: o.Name, Href: orgPath(o.ID)}, {Chip: &look.Chip{Label: classWords[o.Class]}}}}
		if mayEnd[o.ID] {
			row.Cells = append(row.Cells, look.Cell{Button: &look.Button{Label: "Take out…", Href: programPath(p.ID) + "/organizations/" + o.ID + "/remove"}})
		} else {
			row.Cells = append(row.Cells, look.Cell{})
		}
		t.Rows = append(t.Rows, row)
	}
	if page.Next != "" {
		t.Pager = &look.Pager{Next: programPath(p.ID) + "?cursor=" + page.Next}
	}
	var form *look.Form
	if runs && p.State == programs.Active {
		choice := look.Field{Kind: look.Select, Name: "org", Label: "Organization"}
		for _, o := range members.Orgs {
			if _, in := mayEnd[o.ID]; in {
				continue
			}
			choice.Options = append(choice.Options, look.Option{Value: o.ID, Label: o.Name})
		}
		form = &look.Form{Title: "Add an organization", Action: programPath(p.ID) + "/organizations", Button: look.Button{Label: "Add to the program"}, Fields: []look.Field{choice}}
	}
	if runs {
		data.Head.Actions = []look.Button{{Label: "Edit", Href: programPath(p.ID) + "/edit"}}
	}
	data.Parts = []part{{Prose: prose.HTML(p.Purpose), Facts: &look.Facts{Items: []look.Fact{{Term: "Shared at", Text: p.TLP.String() + ", unless said otherwise"}, {Term: "Since", Time: p.CreatedAt}}}},
		{Title: "Organizations", Table: t, Form: form}}
	return data, form, nil
}

func (v *visit) program() error {
	data, _, err := v.programSheet()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

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
	state := look.Field{Kind: look.Select, Name: "state", Label: "State", Hint: "A closed program gives nobody access any more."}
	for _, s := range []programs.State{programs.Active, programs.Closed} {
		state.Options = append(state.Options, look.Option{Value: string(s), Label: string(s), On: s == p.State})
	}
	f.Fields = append(f.Fields, state)
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
		p.State = programs.State(v.form("state"))
		p.Version, err = v.version()
	}
	return p, err
}

func (v *visit) newProgramSheet(p programs.Program) sheet {
	f := v.allianceFrame("/alliance/programs")
	f.Head = look.RecordHead{Title: "Start a program", Crumbs: []look.Link{{Label: "Programs", Href: "/alliance/programs"}, {Label: "Start a program"}}}
	return formSheet(f, *v.programForm(p))
}

func (v *visit) newProgram() error {
	if err := v.administers("start programs"); err != nil {
		return err
	}
	return v.show("sheet", v.newProgramSheet(programs.Program{TLP: tlp.Amber}))
}

func (v *visit) createProgram() error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.administers("start programs"); err != nil {
		return err
	}
	var made programs.Program
	in, err := v.programInput(programs.Program{})
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			made, err = programs.Create(tx, v.Actor, in)
			return err
		})
	}
	if err == nil {
		return v.next(programPath(made.ID), "The program is started. Add its organizations now.")
	}
	data := v.newProgramSheet(in)
	fault(data.Parts[0].Form, err)
	return v.again(err, "sheet", data)
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
	data, form, e := v.programSheet()
	if e != nil || form == nil {
		return err
	}
	fault(form, err)
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
		runs, err := orgs.Runs(tx, v.Actor, o.ID)
		if err == nil && !runs {
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
