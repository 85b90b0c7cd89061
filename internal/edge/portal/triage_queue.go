package portal

import (
	"encoding/csv"
	"net/url"
	"strconv"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/report"
	"tocsin/spec/mpcvd"
	"tocsin/spec/text"
)

// queueFilter reads the queue's filter from the address.
func (v *visit) queueFilter() report.Filter {
	q := v.r.URL.Query()
	f := report.Filter{All: q.Get("all") != "", Duplicates: q.Get("duplicates") != "", State: mpcvd.RM(q.Get("state")), Owner: q.Get("owner"), Scope: report.Gate(q.Get("scope")),
		Exploitation: report.Exploitation(q.Get("attacks")), Text: q.Get("q"), Sort: q.Get("sort"), Desc: q.Get("desc") != "", Cursor: q.Get("cursor")}
	if f.Owner == "me" {
		f.Owner = v.Actor.Person
	}
	return f
}

// reportQueue lists what waits for the coordinators.
func (v *visit) reportQueue() error {
	var page report.Page
	var team []people.Person
	err := v.read(func(tx *db.Tx) (err error) {
		if page, err = report.Queue(tx, v.Actor, v.queueFilter()); err != nil {
			return err
		}
		team, err = people.Holding(tx, charter.Coordinator)
		return err
	})
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	names := map[string]string{}
	for _, p := range team {
		names[p.ID] = p.Name
	}
	frame := v.frame("/reports")
	frame.Live = "/live"
	frame.Head = look.RecordHead{Marking: report.Level.String(), Title: "Reports", Actions: []look.Button{{Label: "Your own reports", Href: "/reports/mine"}, {Label: "The report page", Href: "/report"}}}
	t := look.Table{ID: "reports", Caption: "Reports in triage", Hidden: true,
		Columns: []look.Column{sortBy(q, "number", "Number"), sortBy(q, "title", "Title"), sortBy(q, "age", "Age"), {Label: "Received"}, sortBy(q, "state", "State"), {Label: "Owner"}, {Label: "Scope"}, {Label: "Attacks"}, sortBy(q, "planned", "Finder publishes"), {Label: "Alike", Num: true}},
		Pager:   &look.Pager{Shown: look.Count(len(page.Rows)), Total: page.Total}, Exports: []look.Link{{Label: "CSV", Href: "/reports.csv?" + withoutCursor(q)}}, Empty: &look.Empty{Text: "No report waits here."}}
	for _, r := range page.Rows {
		t.Rows = append(t.Rows, v.queueRow(r, names))
	}
	if page.Next != "" {
		q.Set("cursor", page.Next)
		t.Pager.Next = "/reports?" + q.Encode()
	}
	return v.show("sheet", sheet{Frame: frame, Parts: []part{{Search: queueForm(v.r.URL.Query(), team), Table: &t}}})
}

func (v *visit) queueRow(r report.Row, names map[string]string) look.Row {
	state := look.Cell{Text: mpcvd.Report.Label(r.State)}
	if r.Outcome != report.Undecided {
		state.Sub = outcomeWords[r.Outcome]
	}
	owner := look.Cell{Text: "nobody"}
	if r.Owner != "" {
		if owner.Text = names[r.Owner]; owner.Text == "" {
			owner.Text = "somebody who left the team"
		}
	}
	attacks := look.Cell{Text: exploitationWords[r.Exploitation]}
	if r.Exploitation != report.NoneKnown {
		attacks = look.Cell{Chip: &look.Chip{Label: attacks.Text, Tone: look.Bad}}
	}
	planned := look.Cell{Time: r.PlannedAt}
	switch {
	case r.PlannedAt.IsZero():
		planned = look.Cell{Text: "no date"}
	case r.PlannedNote != "":
		planned.Sub = "to be settled with the finder"
	}
	title := look.Cell{Text: r.Title, Sub: strings.Join(nonEmptyOf(r.Product, r.Component, r.PURL), " · ")}
	age := look.Cell{Text: unbroken(strings.TrimSuffix(look.Rough(v.now, r.ReceivedAt), " ago"))}
	return look.Row{Cells: []look.Cell{{Text: r.Number, Href: report.Path(r.Number)}, title, age, {Time: r.ReceivedAt}, state, owner, {Text: gateWords[r.Scope]}, attacks, planned, {Text: strconv.Itoa(r.Duplicates)}}}
}

var (
	outcomeWords = map[report.Outcome]string{report.BecameCase: "became a case", report.Merged: "joined a case", report.HandedOver: "handed over", report.Withdrawn: "withdrawn by the finder", report.Dismissed: "closed"}
	gateWords    = map[report.Gate]string{report.GateOpen: "not decided", report.InScope: "in scope", report.OutScope: "out of scope"}
)

// unbroken keeps a number and its unit on one line.
func unbroken(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

func nonEmptyOf(list ...string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func withoutCursor(q url.Values) string {
	next := url.Values{}
	for k, list := range q {
		if k != "cursor" {
			next[k] = list
		}
	}
	return next.Encode()
}

// chosen is a select whose first choice is any.
func chosen(name, label, value string, options ...look.Option) look.Field {
	f := look.Field{Kind: look.Select, Name: name, Label: label, Optional: true, Options: append([]look.Option{{Label: "any"}}, options...)}
	for i := range f.Options {
		f.Options[i].On = f.Options[i].Value == value
	}
	return f
}

func queueForm(q url.Values, team []people.Person) *look.Form {
	owners := []look.Option{{Value: "none", Label: "nobody"}, {Value: "me", Label: "me"}}
	for _, p := range team {
		owners = append(owners, look.Option{Value: p.ID, Label: p.Name})
	}
	var states []look.Option
	for _, s := range []mpcvd.RM{mpcvd.RMReceived, mpcvd.RMInvalid, mpcvd.RMValid, mpcvd.RMDeferred, mpcvd.RMAccepted, mpcvd.RMClosed} {
		states = append(states, look.Option{Value: string(s), Label: mpcvd.Report.Label(s)})
	}
	return &look.Form{Get: true, Action: "/reports", Button: look.Button{Label: "Filter"}, Cancel: &look.Link{Label: "Show all that wait", Href: "/reports"}, Fields: []look.Field{
		{Kind: "search", Name: "q", Label: "Words in number, title or product", Value: q.Get("q"), Optional: true},
		chosen("state", "State", q.Get("state"), states...), chosen("owner", "Owner", q.Get("owner"), owners...),
		chosen("scope", "Scope", q.Get("scope"), look.Option{Value: string(report.GateOpen), Label: "not decided"}, look.Option{Value: string(report.InScope), Label: "in scope"}, look.Option{Value: string(report.OutScope), Label: "out of scope"}),
		chosen("attacks", "Attacks", q.Get("attacks"), look.Option{Value: string(report.Observed), Label: "observed"}, look.Option{Value: string(report.Suspected), Label: "suspected"}, look.Option{Value: string(report.NoneKnown), Label: "none known"}),
		{Kind: look.CheckBox, Name: "all", Label: "Also those that have their outcome", On: q.Get("all") != ""},
		{Kind: look.CheckBox, Name: "duplicates", Label: "Also word-for-word duplicates", On: q.Get("duplicates") != ""}}}
}

// mostExported bounds an export of the queue.
const mostExported = 10_000

// queueCSV is the filtered queue as RFC 4180 text, the marking on every line.
func (v *visit) queueCSV() error {
	f := v.queueFilter()
	var rows []report.Row
	names := map[string]string{}
	err := v.read(func(tx *db.Tx) (err error) {
		rows, err = db.AllPages(mostExported, func(after string) ([]report.Row, string, error) {
			f.Cursor, f.Limit = after, 200
			page, err := report.Queue(tx, v.Actor, f)
			return page.Rows, page.Next, err
		})
		if err != nil {
			return err
		}
		names, err = people.Names(tx, ownersOf(rows))
		return err
	})
	if err != nil {
		return err
	}
	download(v.w, strings.ReplaceAll(report.Level.String(), ":", "-")+"_reports.csv")
	out := csv.NewWriter(v.w)
	lines := [][]string{{"tlp", "number", "title", "product", "component", "purl", "versions", "cves", "received_at", "state", "outcome", "owner", "scope", "exploitation", "planned_at", "duplicates"}}
	for _, r := range rows {
		lines = append(lines, text.Cells(r.Level.String(), r.Number, r.Title, r.Product, r.Component, r.PURL, r.Versions, strings.Join(r.CVEs, "; "), text.Instant(r.ReceivedAt), string(r.State), string(r.Outcome), names[r.Owner], string(r.Scope),
			string(r.Exploitation), text.Instant(r.PlannedAt), strconv.Itoa(r.Duplicates)))
	}
	return out.WriteAll(lines)
}

func ownersOf(rows []report.Row) []string {
	var out []string
	seen := map[string]bool{"": true}
	for _, r := range rows {
		if !seen[r.Owner] {
			seen[r.Owner] = true
			out = append(out, r.Owner)
		}
	}
	return out
}

// myReports lists the reports that the visitor sent, and those handed to
// their organizations.
func (v *visit) myReports() error {
	var list []report.Report
	err := v.read(func(tx *db.Tx) (err error) {
		list, err = report.Yours(tx, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	frame := v.frame("/reports/mine")
	frame.Head = look.RecordHead{Title: "Your reports", Lede: "What you reported under your account, and what was handed to your organization.", Actions: []look.Button{{Label: "Report a vulnerability", Href: "/report"}}}
	t := look.Table{ID: "mine", Caption: "Your reports", Hidden: true, Whole: true, Filter: len(list) > 10, Empty: &look.Empty{Text: "You have sent no report, and none was handed to your organization."},
		Columns: []look.Column{{Label: "Number"}, {Label: "Title", Wide: true}, {Label: "State"}, {Label: "Received"}, {Label: "Changed"}}}
	for _, r := range list {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: r.Number, Href: report.Path(r.Number), Marking: r.Level.String()}, {Text: r.Title, Sub: strings.Join(nonEmptyOf(r.Product, r.Component), " · ")}, {Text: mpcvd.Report.Label(r.State)}, {Time: r.ReceivedAt}, {Time: r.UpdatedAt}}})
	}
	return v.show("sheet", sheet{Frame: frame, Parts: []part{{Table: &t}}})
}
