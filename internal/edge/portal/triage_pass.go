package portal

import (
	"errors"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/report"
	"tocsin/spec/tlp"
)

// passPage draws the form of one way on for a report.
func (v *visit) passPage(t triageView, title, lede string, f look.Form) sheet {
	frame := v.frame("/reports")
	frame.Head = look.RecordHead{Marking: t.Level.String(), Kind: "report", Number: t.Number, Title: title, Lede: lede, Crumbs: []look.Link{{Label: "Reports", Href: "/reports"}, {Label: t.Number, Href: report.Path(t.Number)}, {Label: title}}}
	f.Hidden = append(f.Hidden, versionOf(t))
	f.Cancel = &look.Link{Label: "Back to the report", Href: report.Path(t.Number)}
	return formSheet(frame, f)
}

// refusedPass shows a refused form of a way on again, filled as it was, from
// the report's version as it is now.
func (v *visit) refusedPass(err error, page func(triageView) (sheet, error)) error {
	t, e := v.coordinatedReport()
	if e != nil {
		return err
	}
	data, e := page(t)
	if e != nil {
		return errors.Join(err, e)
	}
	f := data.Parts[len(data.Parts)-1].Form
	v.refill(f.Fields)
	fault(f, err)
	return v.again(err, "sheet", data)
}

func (v *visit) pass(page func(triageView) (sheet, error)) error {
	t, err := v.coordinatedReport()
	if err != nil {
		return err
	}
	data, err := page(t)
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) caseOfReportPage(t triageView) (sheet, error) {
	var in report.NewCase
	var openings []programs.Node
	err := v.read(func(tx *db.Tx) (err error) {
		if in, err = v.reports().Proposal(tx, v.Actor, t.Number); err != nil {
			return err
		}
		openings, err = programs.Openings(tx, v.Actor)
		return err
	})
	bars := look.Field{Kind: look.CheckBoxes, Name: "bars", Label: "Classes of organizations shut out", Optional: true}
	for _, c := range orgs.Classes {
		bars.Options = append(bars.Options, look.Option{Value: string(c), Label: classWords[c]})
	}
	form := look.Form{Action: report.Path(t.Number) + "/case", Button: look.Button{Label: "Open the case", Kind: look.Primary},
		Fields: []look.Field{
			{Name: "title", Label: "Title", Hint: "In plain words: what is wrong with what.", Value: in.Title, Max: casework.MaxTitle},
			{Kind: look.Area, Name: "summary", Label: "Summary", Hint: "Markdown. Every party that accepts the terms reads it.", Optional: true, Rows: 5, Max: casework.MaxSummary},
			{Kind: look.Area, Name: "description", Label: "Description of the vulnerability", Hint: "As the vendors shall read it; it begins as the report's own text.", Value: in.Description, Rows: 14},
			{Kind: look.Radio, Name: "tlp", Label: "Marking", Options: levels(in.Level)}, bars}}
	if len(openings) > 0 {
		form.Fields = append(form.Fields, programField("", openings))
	}
	form.Fields = append(form.Fields, whyField("Why this is a case; it is kept, for the coordinators.", false), noteField())
	return v.passPage(t, "Make a case", "The finder takes part on a side of their own, and a planned date becomes the first proposal. The finder's address stays with the coordinators.", form), err
}

func (v *visit) caseOfReport() error { return v.pass(v.caseOfReportPage) }

func (v *visit) makeCaseOfReport() error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.seenVersion()
	in := report.NewCase{Title: v.form("title"), Summary: v.form("summary"), Description: v.form("description"), Bars: v.r.PostForm["bars"], Program: v.form("program"), Reason: v.form("reason"), Note: v.form("note"), Version: version}
	if err == nil {
		if in.Level, err = tlp.Parse(v.form("tlp")); err != nil {
			err = errs.Bad("tlp", "Choose a marking.")
		}
	}
	var c casework.Case
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			c, err = v.reports().MakeCase(tx, v.Actor, v.path("number"), in)
			return err
		})
	}
	if err != nil {
		return v.refusedPass(err, v.caseOfReportPage)
	}
	return v.next(casework.Path(c.Number), "The case is open, with the report's vulnerability in it. Next: invite who ships it.")
}

func (v *visit) mergeReportPage(t triageView) (sheet, error) {
	return v.passPage(t, "Join a running case", "The finder takes part there too. A planned date before the embargo's end becomes a proposal.", look.Form{Action: report.Path(t.Number) + "/merge", Button: look.Button{Label: "Join the case", Kind: look.Primary},
		Fields: []look.Field{{Name: "case", Label: "Case number", Value: v.query("case"), Short: true}, whyField("Why it is the same matter; it is kept.", false), noteField()}}), nil
}

func (v *visit) mergeReport() error { return v.pass(v.mergeReportPage) }

func (v *visit) joinCaseOfReport() error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.seenVersion()
	if err == nil {
		err = v.write(func(tx *db.Tx) error {
			_, err := v.reports().MergeInto(tx, v.Actor, v.path("number"), report.Merge{Case: v.form("case"), Reason: v.form("reason"), Note: v.form("note"), Version: version})
			if errs.Is(err, errs.NotFound) {
				return errs.Bad("case", "There is no case of that number that you may see.")
			}
			return err
		})
	}
	if err != nil {
		return v.refusedPass(err, v.mergeReportPage)
	}
	return v.next(report.Path(v.path("number")), "The report has joined the case.")
}

// offered is how many organizations the choice of a vendor lists at once.
const offered = 300

func (v *visit) handOverPage(t triageView) (sheet, error) {
	vendor := look.Field{Kind: look.Select, Name: "org_id", Label: "Vendor"}
	var page orgs.Page
	err := v.read(func(tx *db.Tx) (err error) {
		page, err = orgs.List(tx, v.Actor, orgs.Filter{State: orgs.Active, Prefix: v.query("name"), Limit: offered})
		return err
	})
	vendor.Options = append(vendor.Options, look.Option{Label: "choose one"})
	for _, o := range page.Orgs {
		vendor.Options = append(vendor.Options, look.Option{Value: o.ID, Label: o.Name})
	}
	data := v.passPage(t, "Hand over to one vendor", "The vendor's own team gets the report with its files and additions, and it ends here. It does not learn the finder's address, nor what you and the finder said to one another.", look.Form{Action: report.Path(t.Number) + "/handover", Button: look.Button{Label: "Hand it over", Kind: look.Danger},
		Fields: []look.Field{vendor, whyField("Why it concerns this vendor alone; it is kept, for the coordinators.", false), noteField()}})
	if page.Next != "" || v.query("name") != "" {
		data.Parts = append([]part{{Search: &look.Form{Get: true, Action: report.Path(t.Number) + "/handover", Button: look.Button{Label: "Narrow the choice"}, Fields: []look.Field{{Name: "name", Label: "The vendor's name begins with", Value: v.query("name"), Optional: true}}}}}, data.Parts...)
	}
	return data, err
}

func (v *visit) handOver() error { return v.pass(v.handOverPage) }

func (v *visit) handReportOver() error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.seenVersion()
	if err == nil && v.form("org_id") == "" {
		err = errs.Bad("org_id", "Choose the vendor.")
	}
	if err == nil {
		err = v.write(func(tx *db.Tx) error {
			_, err := v.reports().HandOver(tx, v.Actor, v.path("number"), report.Handover{Org: v.form("org_id"), Reason: v.form("reason"), Note: v.form("note"), Version: version})
			return err
		})
	}
	if err != nil {
		return v.refusedPass(err, v.handOverPage)
	}
	return v.next(report.Path(v.path("number")), "The vendor's team has it now.")
}
