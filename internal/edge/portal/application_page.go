package portal

import (
	"bytes"
	"html/template"
	"strconv"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/membership"
	"tocsin/spec/mpcvd"
	"tocsin/spec/prose"
)

// applicationView is an application with all that its page needs.
type applicationView struct {
	membership.Dossier
	may     map[string]bool
	members []orgs.Org // of the program, whom the secretariat may ask
	voices  []orgs.Org // for which the visitor may speak
}

func (v *visit) loadApplication() (a applicationView, err error) {
	err = v.read(func(tx *db.Tx) error {
		a = applicationView{may: map[string]bool{}}
		if a.Dossier, err = membership.Look(tx, v.Actor, v.path("application")); err != nil {
			return err
		}
		for _, m := range a.May {
			a.may[m] = true
		}
		for _, id := range a.Voices {
			o, err := orgs.Get(tx, v.Actor, id)
			if err != nil {
				return err
			}
			a.voices = append(a.voices, o)
		}
		if !a.may["ask"] && !a.may["recuse"] {
			return nil
		}
		page, err := orgs.List(tx, v.Actor, orgs.Filter{Program: a.Program, Limit: 500})
		a.members = page.Orgs
		if errs.Is(err, errs.NotFound) { // the program's own coordinators may not see its list
			err = nil
		}
		return err
	})
	return a, err
}

// applicationPage is one application, as the visitor's side reads it.
func (v *visit) applicationPage() error {
	a, err := v.loadApplication()
	if err != nil {
		return err
	}
	data, _, err := v.applicationSheet(a)
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) applicationSheet(a applicationView) (sheet, *look.Form, error) {
	if a.Side == membership.Applicant {
		return v.applicantSheet(v.Actor, a.ID, applicationPath(a.Number))
	}
	f := v.allianceFrame(applicationsPath)
	f.Head = look.RecordHead{Marking: "TLP:GREEN", Kind: "application", Number: a.Number, Title: a.Name + " applies to " + a.ProgramName, State: []look.Chip{applicationChip(a.State)}, Crumbs: []look.Link{{Label: "Applications", Href: applicationsPath}, {Label: a.Number}}}
	if a.Side != membership.Member {
		f.Head.Marking = "TLP:AMBER+STRICT"
	}
	if a.State == spec.AppObjection {
		f.Head.Clock = &look.Countdown{Label: "objection period", Start: a.Dates[spec.AppObjection], End: a.ObjectionsEnd, Now: v.now, Zone: f.Zone}
		if a.Side == membership.Member {
			f.Head.Clock.Start = a.ObjectionsEnd.AddDate(0, 0, -a.Rules.ObjectionDays)
		}
	}
	data := sheet{Frame: f}
	if a.Frozen {
		data.Notices = append(data.Notices, look.Notice{Tone: look.Waiting, Title: "Applications to this program rest at present", Text: "No step towards membership is taken until they go on."})
	}
	data.Parts = append(data.Parts, v.applicationSteps(a)...)
	data.Parts = append(data.Parts, part{Title: "What the applicant says", Prose: prose.HTML(a.Statement), Facts: a.evidence()})
	if a.Evidence.More != "" {
		data.Parts = append(data.Parts, part{Prose: prose.HTML(a.Evidence.More)})
	}
	data.Parts = append(data.Parts, a.spoken()...)
	if a.Side != membership.Member {
		data.Parts = append(data.Parts, part{Title: "Where it stands", Drawing: stepLine(a.Application, a.Rules.ByBoard), Facts: a.facts()})
	}
	if a.Side == membership.Secretariat {
		var b bytes.Buffer
		if err := mpcvd.Draw(&b, spec.MainWay(), a.State); err != nil {
			return data, nil, err
		}
		data.Parts = append(data.Parts, part{Title: "All states and moves", Lede: "From each of them it may also be withdrawn; all but a running ballot lapse after a year.", Drawing: template.HTML("<figure>" + b.String() + "</figure>")})
	}
	return data, nil, nil
}

func (a applicationView) evidence() *look.Facts {
	items := []look.Fact{{Term: "Organization", Text: a.Name, Chips: []look.Chip{{Label: classWords[a.Class]}}}}
	if a.Website != "" {
		items = append(items, look.Fact{Term: "Web site", Text: a.Website, Href: a.Website})
	}
	for _, x := range membership.AllAsked {
		s := a.Evidence.Of(x.Kind)
		if s == "" {
			continue
		}
		fact := look.Fact{Term: x.Label, Text: s}
		if !x.Long {
			fact.Href = s
		}
		items = append(items, fact)
	}
	return &look.Facts{Items: items}
}

func (a applicationView) facts() *look.Facts {
	items := []look.Fact{{Term: "Begun", Time: a.BegunAt}, {Term: "Lapses", Time: a.LapsesAt}, {Term: "Statements", Text: strconv.Itoa(a.Statements) + " of " + strconv.Itoa(a.Needed)}}
	if a.Contact != "" {
		items = append(items, look.Fact{Term: "Contact", Text: a.ContactName + " " + a.Contact})
	}
	for _, s := range a.Application.Sponsors {
		items = append(items, look.Fact{Term: "Names as sponsor", Text: s})
	}
	if a.Affiliates != "" {
		items = append(items, look.Fact{Term: "Says of its house", Text: a.Affiliates})
	}
	if a.Org != "" {
		items = append(items, look.Fact{Term: "In the directory", Text: a.Name, Href: orgPath(a.Org)})
	}
	if a.Ballot != "" {
		items = append(items, look.Fact{Term: "Motion", Text: a.Ballot, Href: boardPath + "/motions/" + a.Ballot})
	}
	if a.Reason != "" {
		items = append(items, look.Fact{Term: "Told the applicant", Text: a.Reason})
	}
	if !a.ReapplyAt.IsZero() {
		items = append(items, look.Fact{Term: "May apply again", Time: a.ReapplyAt})
	}
	return &look.Facts{Items: items}
}

// spoken are the words of sponsors and objectors, and who takes no part.
func (a applicationView) spoken() []part {
	var out []part
	if len(a.Sponsors) > 0 {
		t := &look.Table{ID: "sponsors", Caption: "Sponsors", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Sponsor"}, {Label: "Answer"}, {Label: "Statement", Wide: true}, {Label: "When"}}}
		for _, s := range a.Sponsors {
			word := map[membership.Answer]string{"": "asked", membership.Supports: "supports", membership.Declines: "declines to speak"}[s.Answer]
			cell := look.Cell{Text: s.Statement}
			if s.Conflict != "" {
				cell.Sub = "Ties: " + s.Conflict
			}
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: s.OrgName}, {Text: word}, cell, {Time: s.AnsweredAt}}})
		}
		out = append(out, part{Title: "Sponsors", Table: t})
	}
	if len(a.Objections) > 0 {
		t := &look.Table{ID: "objections", Caption: "Objections", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Member"}, {Label: "Objection", Wide: true}, {Label: "Answer"}, {Label: "When"}}}
		for _, x := range a.Objections {
			cell := look.Cell{Text: x.Reason}
			if x.Conflict != "" {
				cell.Sub = "Conflict: " + x.Conflict
			}
			answer := look.Cell{Text: map[membership.Finding]string{"": "open", membership.Stands: "stands", membership.SetAside: "set aside"}[x.Answer], Sub: x.Why}
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: x.OrgName}, cell, answer, {Time: x.At}}})
		}
		out = append(out, part{Title: "Objections", Table: t})
	}
	if len(a.Recusals) > 0 {
		t := &look.Table{ID: "recusals", Caption: "Who takes no part", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Who"}, {Label: "Reason", Wide: true}, {Label: "When"}}}
		for _, r := range a.Recusals {
			who := r.OrgName
			if who == "" {
				who = "a member of the secretariat"
			}
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: who}, {Text: r.Reason}, {Time: r.At}}})
		}
		out = append(out, part{Title: "Who takes no part", Table: t})
	}
	return out
}
