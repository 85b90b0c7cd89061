package api

import (
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/report"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
)

type queueQuery struct {
	Listing
	All          bool   `query:"all" doc:"With those that have their outcome."`
	Duplicates   bool   `query:"duplicates" doc:"With those whose text came before, word for word."`
	State        string `query:"state" maxLength:"40"`
	Owner        string `query:"owner" maxLength:"64" doc:"Person id, or none."`
	Scope        string `query:"scope" maxLength:"40"`
	Exploitation string `query:"exploitation" maxLength:"40"`
	Text         string `query:"text" maxLength:"200"`
	Sort         string `query:"sort" enum:"age,planned,updated,number,title,state"`
	Desc         bool   `query:"desc"`
}

func listQueue(c *call, tx *db.Tx, in *queueQuery) (page[report.Row], error) {
	p, err := report.Queue(tx, c.Actor, report.Filter{All: in.All, Duplicates: in.Duplicates, State: mpcvd.RM(in.State), Owner: in.Owner, Scope: report.Gate(in.Scope),
		Exploitation: report.Exploitation(in.Exploitation), Text: in.Text, Sort: in.Sort, Desc: in.Desc, Limit: in.Limit, Cursor: in.Cursor})
	return pageOf(p.Rows, p.Next, p.Total), err
}

func listOwnReports(c *call, tx *db.Tx, _ *none) (page[report.Report], error) {
	list, err := report.Yours(tx, c.Actor)
	return whole(list), err
}

// reportView is a report with its confidential text.
type reportView struct {
	report.Report
	Text report.Text   `json:"text"`
	Side report.Side   `json:"your_side"`
	File []report.File `json:"files"`
}

// openReport shows a report; who opened it first is recorded.
func openReport(c *call, tx *db.Tx, in *OfReport) (reportView, error) {
	_, side, err := report.Load(tx, c.Actor, in.Report)
	if err != nil {
		return reportView{}, err
	}
	r, text, err := c.desk().Read(tx, c.Actor, in.Report)
	if err != nil {
		return reportView{}, err
	}
	files, err := report.Files(tx, c.Actor, in.Report)
	if err != nil {
		return reportView{}, err
	}
	if files == nil {
		files = []report.File{}
	}
	return reportView{r, text, side, files}, report.Looked(tx, c.Actor, in.Report)
}

func listReportMessages(c *call, tx *db.Tx, in *OfReport) (page[report.Message], error) {
	list, err := c.desk().Messages(tx, c.Actor, in.Report)
	return whole(list), err
}

type sayToReport struct {
	OfReport
	Body struct {
		Text string `json:"text" required:"true" doc:"Markdown."`
		To   string `json:"to" enum:"finder,vendor" doc:"A coordinator says to whom; absent: the finder."`
	}
}

func sayOnReport(c *call, tx *db.Tx, in *sayToReport) (report.Message, error) {
	return c.desk().Say(tx, c.Actor, in.Report, in.Body.Text, report.Side(in.Body.To))
}

type askFinder struct {
	OfReport
	Body words
}

func askOnReport(c *call, tx *db.Tx, in *askFinder) (report.Message, error) {
	return c.desk().Ask(tx, c.Actor, in.Report, in.Body.Text)
}

func listLikenesses(c *call, tx *db.Tx, in *OfReport) (page[report.Likeness], error) {
	list, err := c.desk().Duplicates(tx, c.Actor, in.Report)
	return whole(list), err
}

// seen is the version that a decision was made on. Decisions are POSTs with
// a key, so they say it in the body.
type seen struct {
	Version int64 `json:"version" required:"true" minimum:"1" doc:"Of the report as you saw it."`
}

type moveReportBody struct {
	OfReport
	Body struct {
		Move    string `json:"move" required:"true" enum:"validate,invalidate,accept,defer,close"`
		Reason  string `json:"reason" doc:"For the coordinators; needed to say no."`
		Note    string `json:"note" doc:"For the finder."`
		Version int64  `json:"version" required:"true" minimum:"1" doc:"Of the report as you saw it."`
	}
}

func moveTriage(c *call, tx *db.Tx, in *moveReportBody) (report.Report, error) {
	b := in.Body
	return c.desk().Move(tx, c.Actor, in.Report, report.Decision{Verb: mpcvd.RMVerb(b.Move), Reason: b.Reason, Note: b.Note, Version: b.Version})
}

type gateReport struct {
	OfReport
	Body struct {
		In      bool   `json:"in_scope" required:"true"`
		Reason  string `json:"reason"`
		Version int64  `json:"version" required:"true" minimum:"1"`
	}
}

func decideScope(c *call, tx *db.Tx, in *gateReport) (report.Report, error) {
	return report.ScopeGate(tx, c.Actor, in.Report, in.Body.In, in.Body.Reason, in.Body.Version)
}

type ownReport struct {
	OfReport
	Body struct {
		Person  string `json:"person_id" doc:"Empty: nobody."`
		Version int64  `json:"version" required:"true" minimum:"1"`
	}
}

func assignReport(c *call, tx *db.Tx, in *ownReport) (report.Report, error) {
	return report.Assign(tx, c.Actor, in.Report, in.Body.Person, in.Body.Version)
}

type takeReport struct {
	OfReport
	Body seen
}

func takeOver(c *call, tx *db.Tx, in *takeReport) (report.Report, error) {
	return report.Take(tx, c.Actor, in.Report, in.Body.Version)
}

type settleDate struct {
	OfReport
	Body struct {
		Reason  string `json:"reason" required:"true"`
		Version int64  `json:"version" required:"true" minimum:"1"`
	}
}

func settlePlannedDate(c *call, tx *db.Tx, in *settleDate) (report.Report, error) {
	return report.SettleDate(tx, c.Actor, in.Report, in.Body.Reason, in.Body.Version)
}

type handOver struct {
	OfReport
	Body struct {
		Org     string `json:"org_id" required:"true"`
		Reason  string `json:"reason"`
		Note    string `json:"note" doc:"For the finder."`
		Version int64  `json:"version" required:"true" minimum:"1"`
	}
}

func handToVendor(c *call, tx *db.Tx, in *handOver) (report.Report, error) {
	b := in.Body
	return c.desk().HandOver(tx, c.Actor, in.Report, report.Handover{Org: b.Org, Reason: b.Reason, Note: b.Note, Version: b.Version})
}

type reportToCase struct {
	OfReport
	Body struct {
		Title       string    `json:"title" doc:"Empty: the report's."`
		Summary     string    `json:"summary" doc:"Markdown, for everybody in the case."`
		TLP         tlp.Level `json:"tlp" required:"true"`
		Bars        []string  `json:"bars" maxItems:"20"`
		Program     string    `json:"program,omitempty" maxLength:"60" doc:"Id of the program to open it in."`
		Description string    `json:"description" doc:"The first vulnerability's; empty: the report's text."`
		Reason      string    `json:"reason"`
		Note        string    `json:"note" doc:"For the finder."`
		Version     int64     `json:"version" required:"true" minimum:"1"`
	}
}

func makeCase(c *call, tx *db.Tx, in *reportToCase) (casework.Case, error) {
	b := in.Body
	return c.desk().MakeCase(tx, c.Actor, in.Report, report.NewCase{Title: b.Title, Summary: b.Summary, Level: b.TLP, Bars: b.Bars, Program: b.Program, Description: b.Description, Reason: b.Reason, Note: b.Note, Version: b.Version})
}

type mergeReport struct {
	OfReport
	Body struct {
		Case    string `json:"case" required:"true" doc:"Id or number."`
		Reason  string `json:"reason"`
		Note    string `json:"note" doc:"For the finder."`
		Version int64  `json:"version" required:"true" minimum:"1"`
	}
}

func mergeReportInto(c *call, tx *db.Tx, in *mergeReport) (report.Report, error) {
	b := in.Body
	return c.desk().MergeInto(tx, c.Actor, in.Report, report.Merge{Case: b.Case, Reason: b.Reason, Note: b.Note, Version: b.Version})
}

func newFinderLink(c *call, tx *db.Tx, in *OfReport) (receipt, error) {
	r, err := report.Rotate(tx, c.Actor, in.Report)
	return c.receipt(r), err
}
