package portal

import (
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/embargo"
)

const affiliationsPath = "/alliance/affiliations"

// affiliationsSheet is who belongs to whom, with the form to declare more.
func (v *visit) affiliationsSheet() (sheet, *look.Form, error) {
	var list []membership.Affiliation
	var known []orgs.Org
	var running []membership.Application
	err := v.read(func(tx *db.Tx) (err error) {
		if list, err = membership.Affiliations(tx, v.Actor, ""); err != nil {
			return err
		}
		page, err := orgs.List(tx, v.Actor, orgs.Filter{Listed: true, Limit: 500})
		if err != nil {
			return err
		}
		known = page.Orgs
		apps, err := membership.Apps(tx, v.Actor, membership.AppFilter{Limit: 200})
		running = apps.Applications
		return err
	})
	if err != nil {
		return sheet{}, nil, err
	}
	f := v.allianceFrame(applicationsPath)
	f.Head.Title, f.Head.Lede = "Who belongs to whom", "Nobody speaks for its own house: a sponsor may belong neither to the applicant nor to another sponsor."
	t := &look.Table{ID: "affiliations", Caption: "Affiliations", Hidden: true, Whole: true, Empty: &look.Empty{Text: "Nothing is declared."}, Columns: []look.Column{{Label: "Organization"}, {Label: "Belongs to"}, {Label: "Known from", Wide: true}, {Label: "Since"}, {Label: "Change"}}}
	party := look.Field{Kind: look.Select, Name: "party", Label: "Organization or applicant"}
	parent := look.Field{Kind: look.Select, Name: "parent", Label: "Belongs to", Hint: "Whoever owns or controls it."}
	for _, o := range known {
		party.Options = append(party.Options, look.Option{Value: o.ID, Label: o.Name, On: o.ID == v.form("party")})
		parent.Options = append(parent.Options, look.Option{Value: o.ID, Label: o.Name, On: o.ID == v.form("parent")})
	}
	for _, p := range running {
		if p.Newcomer && p.Org == "" && !p.State.Ended() {
			party.Options = append(party.Options, look.Option{Value: p.ID, Label: p.Name + " (" + p.Number + ")", On: p.ID == v.form("party")})
		}
	}
	for _, a := range list {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: a.PartyName}, {Text: a.ParentName}, {Text: a.Note}, {Time: a.At}, {Button: &look.Button{Label: "Remove", Action: affiliationsPath + "/" + a.ID + "/remove"}}}})
	}
	form := &look.Form{Title: "Declare", Action: affiliationsPath, Button: look.Button{Label: "Declare it", Kind: look.Primary}, Fields: []look.Field{party, parent, {Name: "note", Label: "Known from", Value: v.form("note"), Optional: true, Max: 2000}}}
	return sheet{Frame: f, Parts: []part{{Table: t}, {Form: form}}}, form, nil
}

func (v *visit) affiliationsPage() error {
	data, _, err := v.affiliationsSheet()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) declareAffiliation() error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.write(func(tx *db.Tx) error {
		_, err := membership.Affiliate(tx, v.Actor, v.form("party"), v.form("parent"), v.form("note"))
		return err
	})
	if err != nil {
		data, form, e := v.affiliationsSheet()
		if e != nil {
			return err
		}
		fault(form, err)
		return v.again(err, "sheet", data)
	}
	return v.next(affiliationsPath, "Declared.")
}

func (v *visit) removeAffiliation() error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return membership.Disaffiliate(tx, v.Actor, v.path("affiliation")) }); err != nil {
		return err
	}
	return v.next(affiliationsPath, "Removed.")
}

// freezesPage lets a coordinator name the programs whose applications rest
// while the case's embargo holds.
func (v *visit) freezesPage() error {
	var c caseView
	var frozen, all []programs.Program
	err := v.read(func(tx *db.Tx) (err error) {
		if c, err = v.loadCase(tx); err != nil {
			return err
		}
		if frozen, err = embargo.Frozen(tx, v.Actor, v.path("number")); err != nil {
			return err
		}
		all, err = programs.List(tx, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	at := v.r.URL.Path
	data := sheet{Frame: v.caseFrame(c, "/timetable")}
	rests := part{Title: "Applications that rest", Lede: "While the embargo holds nobody joins these programs to look. It ends with the embargo. Applicants and members read only that applications rest at present."}
	t := &look.Table{ID: "freezes", Caption: "Programs", Hidden: true, Whole: true, Empty: &look.Empty{Text: "This embargo freezes no applications."}, Columns: []look.Column{{Label: "Program", Wide: true}, {Label: "Change"}}}
	held := map[string]bool{}
	for _, p := range frozen {
		held[p.ID] = true
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: p.Name}, {Button: &look.Button{Label: "Let them go on", Action: at + "/" + p.ID + "/thaw"}}}})
	}
	rests.Table = t
	pick := look.Field{Kind: look.Select, Name: "program", Label: "Program"}
	for _, p := range all {
		if !held[p.ID] {
			pick.Options = append(pick.Options, look.Option{Value: p.ID, Label: p.Name})
		}
	}
	data.Parts = []part{rests}
	if len(pick.Options) > 0 && c.Embargo.Holds() {
		data.Parts = append(data.Parts, part{Form: &look.Form{Title: "Freeze", Action: at, Button: look.Button{Label: "Let applications rest", Kind: look.Primary}, Fields: []look.Field{pick}}})
	}
	return v.show("sheet", data)
}

func (v *visit) freezeApplications() error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return embargo.Freeze(tx, v.Actor, v.path("number"), v.form("program")) }); err != nil {
		return err
	}
	return v.next(v.r.URL.Path, "Applications to the program rest until the embargo ends.")
}

func (v *visit) thawApplications() error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return embargo.Thaw(tx, v.Actor, v.path("number"), v.path("program")) }); err != nil {
		return err
	}
	return v.next("/cases/"+v.path("number")+"/freezes", "Applications to the program go on.")
}
