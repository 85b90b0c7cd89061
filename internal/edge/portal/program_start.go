package portal

import (
	"slices"
	"strings"

	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

// programStart is what the form of a new program holds.
type programStart struct {
	template, parent string
	programs.Program
}

func (v *visit) startFrame(below string) look.Frame {
	f := v.allianceFrame("/alliance/programs")
	f.Head = look.RecordHead{Title: "Start a program", Crumbs: []look.Link{{Label: "Programs", Href: "/alliance/programs"}, {Label: "Start a program"}}}
	if below != "" {
		f.Head.Title, f.Head.Crumbs[1].Href = below, "/alliance/programs/new"
		f.Head.Crumbs = append(f.Head.Crumbs, look.Link{Label: below})
	}
	return f
}

// templates lists the ready-made programs to begin with.
func (v *visit) templates() error {
	data := sheet{Frame: v.startFrame("")}
	t := &look.Table{ID: "templates", Caption: "Templates", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Template"}, {Label: "Purpose", Wide: true}, {Label: "Takes"}, {Label: "Shuts out"}, {Label: "Begin"}}}
	for _, tmpl := range programs.Templates {
		with := ""
		if len(tmpl.Sub) > 0 {
			var names []string
			for _, s := range tmpl.Sub {
				names = append(names, s.Title)
			}
			with = "with " + strings.Join(names, ", ")
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: tmpl.Title, Sub: with}, {Text: tmpl.Purpose}, {Text: orNone(namesOf(tmpl.Rules.Admits, classWords), "any")}, {Text: strings.Join(namesOf(tmpl.Rules.ShutOut, classWords), ", ")},
			{Button: &look.Button{Label: "Use this", Href: "/alliance/programs/new?template=" + tmpl.Name}}}})
	}
	data.Parts = []part{{Title: "From a template", Lede: "A template brings purpose, marking and rules along; all of it can be changed afterwards.", Table: t}, {Title: "Or begin empty", Buttons: []look.Button{{Label: "Start an empty program", Href: "/alliance/programs/new?template=none"}}}}
	return v.show("sheet", data)
}

func (v *visit) startSheet(in programStart) (sheet, error) {
	tree, err := v.loadTree()
	if err != nil {
		return sheet{}, err
	}
	under := rulesDesk{tree: tree}.parents(in.parent)
	form := v.programForm(in.Program)
	form.Cancel = &look.Link{Label: "Not now", Href: "/alliance/programs"}
	form.Hidden = []look.Hidden{{Name: "template", Value: in.template}}
	form.Fields = append(form.Fields, under)
	title := "Start an empty program"
	if i := templateIndex(in.template); i >= 0 {
		title = programs.Templates[i].Title
		form.Lede = programs.Templates[i].Purpose
		form.Fields = []look.Field{{Name: "name", Label: "Name", Hint: "The programs under it are named after it.", Value: in.Name, Max: 200}, under}
	}
	return formSheet(v.startFrame(title), *form), nil
}

func templateIndex(name string) int {
	return slices.IndexFunc(programs.Templates, func(t programs.Template) bool { return t.Name == name })
}

func (v *visit) newProgram() error {
	if err := v.administers("start programs"); err != nil {
		return err
	}
	in := programStart{template: v.query("template"), parent: v.query("under"), Program: programs.Program{TLP: tlp.Amber}}
	switch i := templateIndex(in.template); {
	case in.template == "":
		return v.templates()
	case i >= 0:
		in.Name = programs.Templates[i].Title
	case in.template != "none":
		return errs.Missing("template")
	}
	data, err := v.startSheet(in)
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) createProgram() error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.administers("start programs"); err != nil {
		return err
	}
	in := programStart{template: v.form("template"), parent: v.form("parent")}
	var made []programs.Program
	var err error
	if templateIndex(in.template) >= 0 {
		in.Name = v.form("name")
		err = v.write(func(tx *db.Tx) (err error) {
			made, err = programs.FromTemplate(tx, v.Actor, in.template, in.Name, in.parent)
			return err
		})
	} else if in.Program, err = v.programInput(in.Program); err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			made, err = v.startEmpty(tx, in)
			return err
		})
	}
	if err == nil {
		done := "The program is started. Look its rules over, and add its organizations."
		if len(made) > 1 {
			done = look.Plural(len(made), "program is", "programs are") + " started. Look their rules over, and add their organizations."
		}
		return v.next(programPath(made[0].ID), done)
	}
	data, e := v.startSheet(in)
	if e != nil {
		return e
	}
	fault(data.Parts[0].Form, err)
	return v.again(err, "sheet", data)
}

// startEmpty makes a program without a template, in its place in the tree.
func (v *visit) startEmpty(tx *db.Tx, in programStart) ([]programs.Program, error) {
	p, err := programs.Create(tx, v.Actor, in.Program)
	if err != nil || in.parent == "" {
		return []programs.Program{p}, err
	}
	r, err := programs.RulesOf(tx, p.ID)
	if err == nil {
		_, err = programs.Move(tx, v.Actor, p.ID, in.parent, r.Version)
	}
	return []programs.Program{p}, err
}
