package portal

import (
	"strconv"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/report"
	"tocsin/spec/mpcvd"
)

type triagePage struct {
	look.Frame
	Notices []look.Notice
	Retry   *look.Confirm
	Actions []look.Popup
	Pass    []look.Button
	Texts   []textPart
	Thread  look.Thread
	Vendor  *look.Thread
	Write   *look.Form
	Files   *look.Table
	Alike   *look.Table
	Machine *look.Machine
	Facts   look.Facts
}

// triageView is a report as the coordinators, or the vendor it was handed to,
// see it.
type triageView struct {
	report.Report
	Side     report.Side
	Text     report.Text
	Messages []report.Message
	Files    []report.File
	Alike    []report.Likeness
	Team     []people.Person
	Owner    string
	CaseNo   string
	OrgName  string
	First    string // number of the report whose text it repeats
	Owed     *casework.Owed
}

// oneReport shows a report to whoever may see it: coordinators, its finder,
// or the vendor it was handed to.
func (v *visit) oneReport() error {
	var side report.Side
	err := v.read(func(tx *db.Tx) (err error) {
		_, side, err = report.Load(tx, v.Actor, v.path("number"))
		return err
	})
	if err != nil {
		return err
	}
	if side == report.Finder {
		return v.finder()
	}
	data, err := v.triagePage(true)
	if err != nil {
		return err
	}
	return v.show("triage", data)
}

func (v *visit) loadTriage(tx *db.Tx) (t triageView, err error) {
	number := v.path("number")
	if _, t.Side, err = report.Load(tx, v.Actor, number); err != nil {
		return t, err
	}
	if t.Report, t.Text, err = v.reports().Read(tx, v.Actor, number); err != nil {
		return t, err
	}
	if t.Messages, err = v.reports().Messages(tx, v.Actor, number); err != nil {
		return t, err
	}
	if t.Files, err = report.Files(tx, v.Actor, number); err != nil || t.Side != report.Coordinators {
		return t, err
	}
	if t.Alike, err = v.reports().Duplicates(tx, v.Actor, number); err != nil {
		return t, err
	}
	if t.Team, err = people.Holding(tx, charter.Coordinator); err != nil {
		return t, err
	}
	return t, t.names(tx, v)
}

// names fills in what the page calls things that the report names by id.
func (t *triageView) names(tx *db.Tx, v *visit) error {
	if t.Report.Owner != "" {
		names, err := people.Names(tx, []string{t.Report.Owner})
		if err != nil {
			return err
		}
		t.Owner = names[t.Report.Owner]
	}
	if t.Case != "" {
		c, _, err := casework.Load(tx, v.Actor, t.Case)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		t.CaseNo = c.Number
	}
	if t.Org != "" {
		o, err := orgs.Load(tx, t.Org)
		if err != nil {
			return err
		}
		t.OrgName = o.Name
	}
	if t.DuplicateOf != "" {
		r, _, err := report.Load(tx, v.Actor, t.DuplicateOf)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		t.First = r.Number
	}
	owed, err := v.owed(tx)
	for _, o := range owed {
		if o.Number == t.Number && t.Owed == nil {
			t.Owed = &o
		}
	}
	return err
}

// triagePage draws the report. To open its text is noted.
func (v *visit) triagePage(opened bool) (data triagePage, err error) {
	var t triageView
	load := func(tx *db.Tx) (err error) {
		if t, err = v.loadTriage(tx); err == nil && opened {
			err = report.Looked(tx, v.Actor, t.ID)
		}
		return err
	}
	if opened {
		err = v.write(load)
	} else {
		err = v.read(load)
	}
	if err != nil {
		return data, err
	}
	door := "/reports/mine"
	if t.Side == report.Coordinators {
		door = "/reports"
	}
	v.shows(delivery.Sight{URL: report.Path(t.Number)})
	data.Frame = v.frame(door)
	data.Head = look.RecordHead{Marking: t.Level.String(), Kind: "report", Number: t.Number, Title: t.Title, State: triageChips(t), Crumbs: []look.Link{{Label: "Reports", Href: door}, {Label: t.Number}}}
	if t.Owed != nil {
		data.Head.Owe = &look.Owe{Text: lower(t.Owed.What), Due: t.Owed.Due, Now: v.now}
	}
	data.Texts = reportTexts(t.Text)
	data.Files = reportFiles(t.Files, report.Path(t.Number)+"/files/")
	data.Facts = triageFacts(t)
	drawTalk(&data, t)
	if t.Side == report.Coordinators {
		data.Notices = triageNotices(t)
		data.Actions = triageActions(t)
		data.Pass = triagePass(t)
		data.Alike = alikeTable(t)
		m := drawMachine(mpcvd.Report, t.State)
		data.Machine = &m
	}
	return data, nil
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func triageChips(t triageView) []look.Chip {
	chips := []look.Chip{{Label: mpcvd.Report.Label(t.State)}}
	if t.Exploitation != report.NoneKnown {
		chips = append(chips, look.Chip{Label: "attacks " + exploitationWords[t.Exploitation], Tone: look.Bad})
	}
	if t.Side != report.Coordinators {
		return chips
	}
	chips = append(chips, look.Chip{Label: "scope: " + gateWords[t.Scope]})
	if t.Outcome != report.Undecided {
		chips = append(chips, look.Chip{Label: outcomeWords[t.Outcome], Tone: look.Good})
	}
	return chips
}

func triageNotices(t triageView) []look.Notice {
	var out []look.Notice
	if t.DuplicateOf != "" {
		n := look.Notice{Tone: look.Info, Title: "Duplicate", Text: "This text came before, word for word."}
		if t.First != "" {
			n.Link = &look.Link{Label: "See " + t.First, Href: report.Path(t.First)}
		}
		out = append(out, n)
	}
	if t.CaseNo != "" {
		out = append(out, look.Notice{Tone: look.Good, Title: capital(outcomeWords[t.Outcome]), Text: "The work goes on in", Link: &look.Link{Label: t.CaseNo, Href: casework.Path(t.CaseNo)}})
	}
	if t.OrgName != "" {
		out = append(out, look.Notice{Tone: look.Good, Title: "Handed over", Text: "To " + t.OrgName + ". Its people read the report, its files and additions; not the finder's address, nor what you and the finder say to one another."})
	}
	if t.PlannedNote != "" {
		out = append(out, look.Notice{Tone: look.Waiting, Title: "Talk with the finder about the date", Text: "The finder means to publish at " + look.UTC(t.PlannedAt) + ", which could not become a proposal. " + t.PlannedNote})
	}
	if !t.WithdrawnAt.IsZero() {
		out = append(out, look.Notice{Tone: look.Waiting, Title: "The finder withdrew it", Text: "At " + look.UTC(t.WithdrawnAt) + "."})
	}
	return out
}

func triageFacts(t triageView) look.Facts {
	f := look.Facts{Title: "Facts", Items: []look.Fact{{Term: "Received", Time: t.ReceivedAt}}}
	f.Items = append(f.Items, whereFacts(t.Report)...)
	if !t.PlannedAt.IsZero() {
		f.Items = append(f.Items, look.Fact{Term: "Finder means to publish", Time: t.PlannedAt})
	}
	if t.Encrypted {
		f.Items = append(f.Items, look.Fact{Term: "Came", Text: "encrypted"})
	}
	if t.Anonymous {
		f.Items = append(f.Items, look.Fact{Term: "Finder", Text: "wants no name"})
	} else if t.Credit != "" {
		f.Items = append(f.Items, look.Fact{Term: "Finder", Text: t.Credit})
	}
	if t.Side != report.Coordinators {
		return f
	}
	owner := t.Owner
	if owner == "" {
		owner = "nobody"
	}
	f.Items = append(f.Items, look.Fact{Term: "Owner", Text: owner})
	if t.Text.Contact != "" {
		f.Items = append(f.Items, look.Fact{Term: "Finder's address", Text: t.Text.Contact})
	}
	for _, x := range []struct{ term, text string }{{"Scope because", t.ScopeReason}, {"Last reason", t.Reason}} {
		if x.text != "" {
			f.Items = append(f.Items, look.Fact{Term: x.term, Text: x.text})
		}
	}
	return f
}

// drawTalk puts what was said into the threads that it belongs to, and the
// form by which the visitor answers.
func drawTalk(data *triagePage, t triageView) {
	var finder, vendor, additions []report.Message
	for _, m := range t.Messages {
		switch {
		case m.Kind == report.Addition:
			additions = append(additions, m)
		case t.VendorSide != "" && m.Audience == t.VendorSide:
			vendor = append(vendor, m)
		default:
			finder = append(finder, m)
		}
	}
	for _, m := range drawReportMessages(additions, "") {
		data.Texts = append(data.Texts, textPart{"Added by the finder, " + look.UTC(m.At), m.Body})
	}
	path := report.Path(t.Number)
	text := look.Field{Kind: look.Area, Name: "text", Label: "Message", Hint: "Markdown.", Rows: 5}
	if t.Side == report.Vendor {
		data.Thread = look.Thread{Title: "With the coordinators", Private: true, Names: []string{"your organization", "the coordinators"}, Messages: drawReportMessages(vendor, report.Vendor)}
		data.Write = &look.Form{Action: path + "/say", Button: look.Button{Label: "Send to the coordinators"}, Fields: []look.Field{text}}
		return
	}
	data.Thread = look.Thread{Title: "With the finder", Private: true, Names: []string{"the finder", "the coordinators"}, Messages: drawReportMessages(finder, report.Coordinators)}
	to := look.Field{Kind: look.Radio, Name: "to", Label: "To", Options: []look.Option{{Value: "finder", Label: "The finder", On: true}, {Value: "question", Label: "The finder, as a question", Hint: "It stays open until it is answered."}}}
	if t.VendorSide != "" {
		to.Options = append(to.Options, look.Option{Value: "vendor", Label: t.OrgName})
		data.Vendor = &look.Thread{Title: "With " + t.OrgName, Private: true, Names: []string{t.OrgName, "the coordinators"}, Messages: drawReportMessages(vendor, report.Coordinators)}
	}
	text.Optional = true
	data.Write = &look.Form{Action: path + "/say", Button: look.Button{Label: "Send"}, Fields: []look.Field{text, to, {Kind: look.Upload, Name: "files", Label: "Files for the finder", Hint: "Up to 50 MB each.", Multiple: true, Optional: true}}}
}

func alikeTable(t triageView) *look.Table {
	out := &look.Table{ID: "alike", Caption: "Reports and cases that look alike", Hidden: true, Whole: true, Empty: &look.Empty{Text: "Nothing that you may see looks like this report."},
		Columns: []look.Column{{Label: "Number"}, {Label: "Title"}, {Label: "Why", Wide: true}, {Label: "Do"}}}
	for _, l := range t.Alike {
		number, do := look.Cell{Text: l.Number, Href: report.Path(l.Number), Sub: l.Kind}, look.Cell{}
		if l.Kind == "case" {
			number.Href = casework.Path(l.Number)
			if t.Open() {
				do = look.Cell{Text: "Join this case", Href: report.Path(t.Number) + "/merge?case=" + l.Number}
			}
		}
		out.Rows = append(out.Rows, look.Row{Cells: []look.Cell{number, {Text: l.Title}, {Text: strings.Join(l.Reasons, "; ")}, do}})
	}
	return out
}

// versionOf hides the version that a form is made from.
func versionOf(t triageView) look.Hidden {
	return look.Hidden{Name: "version", Value: strconv.FormatInt(t.Version, 10)}
}

// coordinatedReport loads a report for a page that only coordinators have.
func (v *visit) coordinatedReport() (t triageView, err error) {
	err = v.read(func(tx *db.Tx) error {
		if t, err = v.loadTriage(tx); err != nil {
			return err
		}
		role, err := audience.RoleAt(tx, v.Actor, t.Report.Team, t.Level)
		if err == nil && role < audience.Coordinator {
			err = errs.New(errs.Denied, "Only a coordinator may do this.")
		}
		return err
	})
	return t, err
}
