package portal

import (
	"html/template"
	"strconv"
	"strings"

	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/report"
	"tocsin/spec/prose"
)

// finderDesk is where a finder's page stands: below /finder for who came by
// the link, below the report for who has an account.
type finderDesk struct {
	ref  string // number, or "" for the link's own report
	page string // the page itself
	base string // of what it posts to
}

func (v *visit) finderDesk() finderDesk {
	if v.Actor.Link != "" {
		return finderDesk{"", "/finder", "/finder"}
	}
	page := report.Path(v.path("number"))
	return finderDesk{v.path("number"), page, page + "/finder"}
}

type finderPage struct {
	look.Frame
	Status  report.Status
	Secrets []look.Secret
	Retry   *look.Confirm
	Ask     []askedQuestion
	Steps   look.Steps
	Thread  look.Thread
	Write   look.Form
	Credit  look.Form
	Actions []look.Popup
	SignOff *look.Button
	Texts   []textPart
	Files   *look.Table
	Facts   look.Facts
}

// askedQuestion is a question that waits for the finder's answer.
type askedQuestion struct {
	Text template.HTML
	Form look.Form
}

// textPart is one titled text of a report.
type textPart struct {
	Title string
	Body  template.HTML
}

// finder shows a report to who found it.
func (v *visit) finder() error {
	data, err := v.finderPage()
	if err != nil {
		return err
	}
	data.Secrets = v.takeOnce()
	return v.show("finder", data)
}

func (v *visit) finderPage() (finderPage, error) {
	d := v.finderDesk()
	var data finderPage
	err := v.read(func(tx *db.Tx) (err error) {
		data.Status, err = v.reports().Follow(tx, v.Actor, d.ref)
		return err
	})
	if err != nil {
		return data, err
	}
	s := data.Status
	r := s.Report
	v.shows(delivery.Sight{URL: report.Path(r.Number)})
	data.Frame = v.frame("/reports/mine")
	data.Head = look.RecordHead{Marking: r.Level.String(), Kind: "report", Number: r.Number, Title: r.Title, Lede: s.Standing.Text, State: []look.Chip{{Label: strings.ReplaceAll(s.Standing.Code, "-", " ")}}}
	if d.ref != "" {
		data.Head.Crumbs = []look.Link{{Label: "Your reports", Href: "/reports/mine"}, {Label: r.Number}}
	}
	if !s.AgreedAt.IsZero() {
		data.Head.Clock = &look.Countdown{Label: "agreed publication", Start: r.ReceivedAt, End: s.AgreedAt, Now: v.now}
	}
	if n := len(s.Questions); n > 0 {
		data.Head.Owe = &look.Owe{Text: look.Plural(n, "answer", "answers"), Now: v.now, Label: "Answer", Href: "#questions"}
	}
	for _, q := range s.Questions {
		data.Ask = append(data.Ask, askedQuestion{prose.HTML(q.Text), look.Form{Action: d.base + "/questions/" + q.ID, Button: look.Button{Label: "Answer"}, Fields: []look.Field{{Kind: look.Area, Name: "text", Key: q.ID, Label: "Your answer to the question of " + look.UTC(q.At), Rows: 4}}}})
	}
	data.Steps = finderSteps(s)
	data.Thread = look.Thread{Title: "Messages between you and the coordinators", Empty: "Nobody has written yet.", Messages: drawReportMessages(s.Messages, report.Finder)}
	data.Texts = reportTexts(s.Text)
	data.Files = reportFiles(s.Files, d.base+"/files/")
	data.Facts = finderFacts(s)
	data.Write = look.Form{Action: d.base + "/say", Button: look.Button{Label: "Send"}, Fields: []look.Field{
		{Kind: look.Area, Name: "text", Label: "Text", Hint: "Markdown, or an OpenPGP message.", Optional: true, Rows: 5},
		{Kind: look.Radio, Name: "to", Label: "For whom", Options: []look.Option{{Value: "desk", Label: "The coordinators only", On: true}, {Value: "report", Label: "The report itself", Hint: "Whoever the report is passed to reads it too, say a vendor."}}},
		{Kind: look.Upload, Name: "files", Label: "Files", Hint: "Up to 50 MB each.", Multiple: true, Optional: true}}}
	data.Credit = look.Form{Action: d.base + "/credit", Button: look.Button{Label: "Save"}, Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(r.Version, 10)}}, Fields: []look.Field{
		{Name: "credit", Label: "Name", Value: r.Credit, Optional: true, Max: 200}, {Kind: look.CheckBox, Name: "anonymous", Label: "Do not name me", On: r.Anonymous}}}
	data.Actions = finderActions(s, d)
	if d.ref == "" {
		data.SignOff = &look.Button{Label: "Forget this report in this browser", Action: "/finder/leave", Kind: look.Quiet}
	}
	return data, nil
}

func finderActions(s report.Status, d finderDesk) []look.Popup {
	out := []look.Popup{{ID: "relink", Open: look.Button{Label: "Make a new link"}, Confirm: look.Confirm{ID: "-relink", Title: "Make a new link", What: "The link you have now stops working at once, everywhere it is open.", Whom: "Only you have the link.", Action: d.base + "/link", Button: look.Button{Label: "Make a new link"}, Cancel: d.page}}}
	if s.Report.WithdrawnAt.IsZero() && s.Standing.Code != "closed" && s.Standing.Code != "invalid" {
		out = append(out, look.Popup{ID: "withdraw", Open: look.Button{Label: "Withdraw the report", Kind: look.Danger}, Confirm: look.Confirm{ID: "-withdraw", Title: "Withdraw " + s.Report.Number,
			What: "A report that nobody was given yet is closed. One that others work on already cannot be called back; the coordinators read your wish.", Whom: "The coordinators.", Action: d.base + "/withdraw",
			Fields: []look.Field{{Kind: look.Area, Name: "reason", Label: "Reason", Optional: true, Rows: 3}}, Button: look.Button{Label: "Withdraw it", Kind: look.Danger}, Cancel: d.page}})
	}
	return out
}

// finderSteps says in five lines how far a report has come.
func finderSteps(s report.Status) look.Steps {
	at := map[string]int{"received": 1, "invalid": 2, "valid": 2, "deferred": 3, "accepted": 3, "coordinated": 3, "handed-over": 3, "withdrawn": 3, "closed": 4, "public": 5}[s.Standing.Code]
	steps := []look.Step{{Label: "Received", At: s.Report.ReceivedAt}, {Label: "A coordinator looks at it"}, {Label: "Confirmed"}, {Label: "Worked on with who makes it"}, {Label: "Public"}}
	for i := range steps {
		switch {
		case i < at:
			steps[i].State = look.Done
		case i == at:
			steps[i].State = look.Doing
		default:
			steps[i].State = look.Todo
		}
	}
	switch s.Standing.Code {
	case "invalid":
		steps[2].State, steps[2].Sub = look.Failed, "not confirmed with what we have"
	case "deferred":
		steps[3].State, steps[3].Sub = look.Todo, "later"
	case "withdrawn":
		steps[3] = look.Step{Label: "Withdrawn by you", At: s.Report.WithdrawnAt, State: look.Failed}
	case "handed-over":
		steps[3].State, steps[3].Sub = look.Done, "passed to "+s.HandedTo
	case "closed":
		steps[4].State = look.Todo
	}
	return look.Steps{Title: "Where it stands", Items: steps}
}

func reportTexts(t report.Text) []textPart {
	var out []textPart
	for _, x := range []struct{ title, body string }{{"What was found", t.Description}, {"How it was found", t.HowFound}, {"Attacks", t.Exploitation}} {
		if x.body != "" {
			out = append(out, textPart{x.title, prose.HTML(x.body)})
		}
	}
	return out
}

var sideNames = map[report.Side]string{report.Coordinators: "The coordinators", report.Finder: "The finder", report.Vendor: "The vendor"}

// drawReportMessages draws a conversation for one side of it.
func drawReportMessages(list []report.Message, reader report.Side) []look.Message {
	kinds := map[report.MessageKind]string{report.Question: "question", report.Answer: "answer", report.Addition: "part of the report"}
	var out []look.Message
	for _, m := range list {
		x := look.Message{ID: m.ID, Who: sideNames[m.Side], Org: kinds[m.Kind], At: m.At, Body: prose.HTML(m.Text), Own: m.Side == reader}
		if m.Side == reader {
			x.Who = "You"
		}
		if m.Kind == report.Question && m.AnsweredAt.IsZero() {
			x.Org = "question, not answered yet"
		}
		out = append(out, x)
	}
	return out
}

func reportFiles(list []report.File, base string) *look.Table {
	if len(list) == 0 {
		return nil
	}
	t := &look.Table{ID: "files", Caption: "Files", Hidden: true, Whole: true, Columns: []look.Column{{Label: "File", Wide: true}, {Label: "Size", Num: true}, {Label: "From"}, {Label: "When"}, {Label: "SHA-256"}}}
	for _, f := range list {
		name := look.Cell{Text: f.Name, Href: base + f.ID, Sub: f.MediaType}
		if f.Lies {
			name.Sub += ": its name claims another type"
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{name, {Text: unbroken(look.Bytes(f.Size)), Sort: strconv.FormatInt(f.Size, 10)}, {Text: sideNames[f.Side]}, {Time: f.At}, {Text: f.SHA256[:12] + "…", Code: true}}})
	}
	return t
}

func finderFacts(s report.Status) look.Facts {
	r := s.Report
	f := look.Facts{Title: "Facts", Items: []look.Fact{{Term: "Received", Time: r.ReceivedAt}}}
	f.Items = append(f.Items, whereFacts(r)...)
	if !r.PlannedAt.IsZero() {
		f.Items = append(f.Items, look.Fact{Term: "You mean to publish", Time: r.PlannedAt})
	}
	if !s.AgreedAt.IsZero() {
		f.Items = append(f.Items, look.Fact{Term: "Agreed publication", Time: s.AgreedAt})
	} else {
		f.Items = append(f.Items, look.Fact{Term: "Agreed publication", Text: "no date yet"})
	}
	if s.Text.Contact != "" {
		f.Items = append(f.Items, look.Fact{Term: "Mail address", Text: s.Text.Contact})
	}
	if r.Encrypted {
		f.Items = append(f.Items, look.Fact{Term: "Came", Text: "encrypted"})
	}
	return f
}

// whereFacts say what a report is about.
func whereFacts(r report.Report) []look.Fact {
	var out []look.Fact
	for _, x := range []struct {
		term, text string
		code       bool
	}{{"Product", r.Product, false}, {"Component", r.Component, false}, {"Package URL", r.PURL, true}, {"Versions", r.Versions, false}, {"CVE", strings.Join(r.CVEs, ", "), false}} {
		if x.text != "" {
			out = append(out, look.Fact{Term: x.term, Text: x.text, Code: x.code})
		}
	}
	out = append(out, look.Fact{Term: "Attacks", Text: exploitationWords[r.Exploitation]})
	for i, ref := range r.References {
		term := "References"
		if i > 0 {
			term = "and"
		}
		out = append(out, look.Fact{Term: term, Text: ref})
	}
	return out
}

var exploitationWords = map[report.Exploitation]string{report.NoneKnown: "none known", report.Suspected: "suspected", report.Observed: "observed"}
