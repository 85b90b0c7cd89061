package portal

import (
	"strconv"

	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

type caseFormPage struct {
	look.Frame
	Form   look.Form
	Theirs *casework.Case
}

// levels are the markings a case may have, strictest last.
func levels(chosen tlp.Level) []look.Option {
	var out []look.Option
	for _, l := range []tlp.Level{tlp.Green, tlp.Amber, tlp.AmberStrict, tlp.Red} {
		out = append(out, look.Option{Value: l.String(), Label: l.String(), Hint: l.Meaning(), On: l == chosen})
	}
	return out
}

func caseFields(title, summary string, level tlp.Level) []look.Field {
	return []look.Field{{Name: "title", Label: "Title", Hint: "In plain words: what is wrong with what.", Value: title, Max: casework.MaxTitle},
		{Kind: look.Area, Name: "summary", Label: "Summary", Hint: "Markdown. Every party that accepts the terms reads it.", Value: summary, Optional: true, Rows: 10, Max: casework.MaxSummary},
		{Kind: look.Radio, Name: "tlp", Label: "Marking", Options: levels(level)}}
}

// newCase asks a coordinator what the case is about.
func (v *visit) newCase() error {
	in, err := v.openings()
	if err != nil {
		return err
	}
	return v.show("case-form", v.newCasePage(casework.NewCase{Level: tlp.AmberStrict, Program: v.query("program")}, in))
}

// openings lists the programs in which the actor may open a case.
func (v *visit) openings() (list []programs.Node, err error) {
	err = v.read(func(tx *db.Tx) error {
		list, err = programs.Openings(tx, v.Actor)
		return err
	})
	return list, err
}

func programField(chosen string, openings []programs.Node) look.Field {
	f := look.Field{Kind: look.Select, Name: "program", Label: "Program", Hint: "What it shuts out, the case does not reach; members see the case while they are members.", Optional: true, Options: []look.Option{{Label: "None"}}}
	for _, p := range openings {
		f.Options = append(f.Options, look.Option{Value: p.ID, Label: p.Name, On: p.ID == chosen})
	}
	return f
}

func (v *visit) newCasePage(in casework.NewCase, openings []programs.Node) caseFormPage {
	data := caseFormPage{Frame: v.frame("/cases")}
	data.Head, data.Narrow = look.RecordHead{Title: "Open a case", Crumbs: []look.Link{{Label: "Cases", Href: "/cases"}, {Label: "New"}}}, true
	data.Form = look.Form{Action: "/cases/new", Button: look.Button{Label: "Open the case"}, Draft: "case-new", Fields: caseFields(in.Title, in.Summary, in.Level)}
	if len(openings) > 0 {
		data.Form.Fields = append(data.Form.Fields, programField(in.Program, openings))
	}
	return data
}

func (v *visit) openCase() error {
	if err := v.parse(); err != nil {
		return err
	}
	in := casework.NewCase{Title: v.form("title"), Summary: v.form("summary"), Program: v.form("program")}
	level, err := tlp.Parse(v.form("tlp"))
	if err != nil {
		err = errs.Bad("tlp", "Choose a marking.")
		level = tlp.AmberStrict
	}
	in.Level = level
	var c casework.Case
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			c, err = casework.OpenCase(tx, v.Actor, in)
			return err
		})
	}
	if err != nil {
		openings, other := v.openings()
		if other != nil {
			return other
		}
		data := v.newCasePage(in, openings)
		fault(&data.Form, err)
		return v.again(err, "case-form", data)
	}
	return v.next(casework.Path(c.Number), "The case is open. Next: add the vulnerability and invite who ships it.")
}

// editCase shows the form of the case's own texts and marking.
func (v *visit) editCase() error {
	var c caseView
	err := v.read(func(tx *db.Tx) (err error) {
		c, err = v.loadCase(tx)
		return err
	})
	if err != nil {
		return err
	}
	if c.Role < audience.Coordinator {
		return errs.New(errs.Denied, "Only a coordinator edits the case.")
	}
	return v.show("case-form", v.editCasePage(c, casework.Edit{Title: c.Title, Summary: c.Summary, Level: c.Level, Version: c.Version}))
}

func (v *visit) editCasePage(c caseView, in casework.Edit) caseFormPage {
	data := caseFormPage{Frame: v.caseFrame(c, "")}
	data.Narrow = true
	data.Head.Crumbs = []look.Link{{Label: c.Number, Href: casework.Path(c.Number)}, {Label: "Edit"}}
	data.Form = look.Form{Action: casework.Path(c.Number) + "/edit", Button: look.Button{Label: "Save the case"}, Draft: "case-" + c.ID, Marking: c.Level.String(), Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(in.Version, 10)}},
		Fields: append(caseFields(in.Title, in.Summary, in.Level), look.Field{Kind: look.Area, Name: "reason", Label: "Reason", Hint: "Needed when the marking becomes milder.", Value: in.Reason, Optional: true, Rows: 2})}
	return data
}

func (v *visit) saveCase() error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := strconv.ParseInt(v.form("version"), 10, 64)
	if err != nil {
		return errs.New(errs.Malformed, "The form lost its version; open it again.")
	}
	in := casework.Edit{Title: v.form("title"), Summary: v.form("summary"), Reason: v.form("reason"), Version: version}
	if in.Level, err = tlp.Parse(v.form("tlp")); err != nil {
		err = errs.Bad("tlp", "Choose a marking.")
	} else {
		err = v.write(func(tx *db.Tx) error {
			_, err := casework.EditCase(tx, v.Actor, v.path("number"), in, v.followers()...)
			return err
		})
	}
	if err == nil {
		return v.next(casework.Path(v.path("number")), "The case is saved.")
	}
	var c caseView
	if e := v.read(func(tx *db.Tx) (err error) { c, err = v.loadCase(tx); return err }); e != nil || c.Role < audience.Coordinator {
		return err
	}
	data := v.editCasePage(c, in)
	if theirs, ok := stale[casework.Case](err); ok {
		data.Theirs = &theirs
		data.Form.Hidden[0].Value = strconv.FormatInt(theirs.Version, 10)
	}
	fault(&data.Form, err)
	return v.again(err, "case-form", data)
}
