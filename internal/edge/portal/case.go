package portal

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/talk"
	"tocsin/spec/cvss"
	"tocsin/spec/mpcvd"
	"tocsin/spec/prose"
)

// caseView is a case as the visitor sees it: what every page of it needs.
type caseView struct {
	casework.Case
	Role  audience.Role
	Mine  []casework.Participant // parties the visitor sits for
	Owed  []casework.Owed        // in this case
	Parts []casework.Participant // all parties the visitor may know of, on pages that call loadParts
	Count int                    // vendors among them
	Fresh int                    // unread messages

	within bool // by a grant of the case, not only because it is published
}

// bystander reports whether the visitor reads what is published and has no
// part in the case.
func (c caseView) bystander() bool { return !c.within }

// loadCase sees the case of the route's path.
func (v *visit) loadCase(tx *db.Tx) (c caseView, err error) {
	if c.Case, c.Role, err = casework.Load(tx, v.Actor, v.path("number")); err != nil {
		return c, err
	}
	inside, err := audience.RoleAt(tx, v.Actor, c.Audience, c.Level)
	if err != nil {
		return c, err
	}
	c.within = inside > audience.None
	if c.Mine, err = casework.MyParticipants(tx, v.Actor, c.ID); err != nil {
		return c, err
	}
	if c.Count, err = casework.CountVendors(tx, v.Actor, c.ID); err != nil {
		return c, err
	}
	if c.Fresh, err = talk.Unread(tx, v.Actor, c.ID); err != nil {
		return c, err
	}
	all, err := v.owed(tx)
	for _, o := range all {
		if o.Case == c.ID {
			c.Owed = append(c.Owed, o)
		}
	}
	return c, err
}

// loadParts is loadCase with all parties.
func (v *visit) loadParts(tx *db.Tx) (c caseView, err error) {
	if c, err = v.loadCase(tx); err == nil {
		c.Parts, err = casework.Participants(tx, v.Actor, c.ID)
	}
	return c, err
}

// caseTabs are the pages of a case, in reading order.
var caseTabs = []struct{ label, path string }{
	{"Overview", ""}, {"Vendors", "/vendors"}, {"Talk", "/talk"}, {"Timetable", "/timetable"}, {"Advisory", "/advisory"}, {"Who knows", "/who"}, {"Timeline", "/timeline"},
}

// caseFrame is the frame of one of a case's pages; tab is its path below the
// case.
func (v *visit) caseFrame(c caseView, tab string) look.Frame {
	if path, ok := strings.CutPrefix(v.r.URL.Path, "/cases/"+v.path("number")); ok && path == tab {
		v.shows(delivery.Sight{URL: casework.Path(c.Number) + tab})
	}
	f := v.frame("/cases")
	f.Head = look.RecordHead{Marking: c.Level.String(), Kind: "case", Number: c.Number, Title: c.Title, State: caseChips(c.Case), Clock: clockOf(c.Case, v.now)}
	for _, t := range caseTabs {
		if c.bystander() && t.path != "" && t.path != "/vendors" {
			continue
		}
		tabLink := look.Tab{Label: t.label, Href: casework.Path(c.Number) + t.path, Current: t.path == tab}
		if t.path == "/vendors" {
			tabLink.Count = strconv.Itoa(c.Count)
		}
		if t.path == "/talk" && c.Fresh > 0 {
			tabLink.Count = strconv.Itoa(c.Fresh) + " new"
		}
		f.Head.Tabs = append(f.Head.Tabs, tabLink)
	}
	if len(c.Owed) > 0 {
		o := c.Owed[0]
		f.Head.Owe = &look.Owe{Text: o.What, Due: o.Due, Now: v.now, Label: "Answer", Href: o.URL}
	}
	if !c.bystander() {
		f.Live = "/live?case=" + c.ID
	}
	return f
}

// clockOf is the embargo's countdown, nil where none was agreed.
func clockOf(c casework.Case, now time.Time) *look.Countdown {
	if c.EmbargoEnds.IsZero() {
		return nil
	}
	clock := &look.Countdown{Label: "embargo", Start: c.OpenedAt, End: c.EmbargoEnds, Now: now}
	if c.Embargo == mpcvd.EMExited && now.Before(c.EmbargoEnds) {
		clock.Broken = "ended early"
	}
	return clock
}

func caseChips(c casework.Case) []look.Chip {
	chips := []look.Chip{{Label: string(c.State)}}
	if c.Embargo != mpcvd.EMNone {
		chips = append(chips, look.Chip{Label: "embargo: " + mpcvd.Embargo.Label(c.Embargo)})
	}
	if c.Public != mpcvd.PublicNothing {
		chips = append(chips, look.Chip{Label: mpcvd.Exposure.Label(c.Public), Tone: look.Bad})
	}
	return chips
}

type caseOverviewPage struct {
	look.Frame
	Case    caseView
	Summary template.HTML
	Changes *look.Listing
	Owed    look.Listing
	Facts   look.Facts
	Manage  []look.Button
	Counts  []look.Stat
	Vulns   look.Table
}

// caseOverview answers what the case is, what changed, and what the visitor
// owes. Looking is noted: it is what "since you last looked" counts from.
func (v *visit) caseOverview() error {
	var data caseOverviewPage
	var changes casework.Changes
	var sum matrix.Summary
	var before casework.Look
	var size int64
	err := v.read(func(tx *db.Tx) (err error) {
		if data.Case, err = v.loadCase(tx); err != nil {
			return err
		}
		if before, err = casework.LastLook(tx, v.Actor, data.Case.ID); err == nil && before.Seq >= 0 {
			changes, err = casework.ChangedSince(tx, v.Actor, data.Case.ID, before)
		}
		if err != nil {
			return err
		}
		if size, err = ledger.Size(tx); err != nil {
			return err
		}
		sum, err = matrix.Summarize(tx, v.Actor, data.Case.ID)
		return err
	})
	// A reader from outside leaves no trace.
	if err == nil && !data.Case.bystander() && before.Worn(v.now, size) {
		err = v.write(func(tx *db.Tx) error {
			_, err := casework.MarkSeenTo(tx, v.Actor, data.Case.ID, size-1)
			return err
		})
	}
	if err != nil {
		return err
	}
	c := data.Case
	data.Frame = v.caseFrame(c, "")
	data.Summary = prose.HTML(c.Summary)
	data.Facts = caseFacts(c)
	data.Counts = statusCounts(casework.Path(c.Number), "", sum)
	data.Vulns = vulnTable(c, sum.Vulnerabilities)
	data.Owed = look.Listing{Title: "You owe", Now: v.now, Empty: "Nothing is waiting for you in this case."}
	for _, o := range c.Owed {
		data.Owed.Items = append(data.Owed.Items, look.Item{Title: o.What, Href: o.URL, Due: o.Due})
	}
	if changes.Total > 0 {
		data.Changes = v.changesList(c, changes)
	}
	if c.Role >= audience.Coordinator {
		path := casework.Path(c.Number)
		data.Manage = []look.Button{{Label: "Edit", Href: path + "/edit"}, {Label: "Invite", Href: path + "/invite"}, {Label: "Manage", Href: path + "/manage"}}
	}
	return v.show("case", data)
}

// newsShown is how much of what changed stands on the overview.
const newsShown = 8

// changesList is the latest of what changed, with the way to all of it.
func (v *visit) changesList(c caseView, changes casework.Changes) *look.Listing {
	var events []look.Event
	var kinds []string
	for _, r := range changes.Events {
		events = append(events, look.Event{At: r.At, Text: eventText(r)})
		kinds = append(kinds, r.Kind)
	}
	list := gathered(events, kinds)
	out := &look.Listing{Title: "Changed since you last looked", Now: v.now}
	for i := len(list) - 1; i >= 0 && len(out.Items) < newsShown; i-- {
		out.Items = append(out.Items, look.Item{Title: list[i].Text, At: list[i].At})
	}
	if len(list) > newsShown {
		out.More = &look.Link{Label: look.Plural(changes.Total, "change", "changes") + ": see the timeline", Href: casework.Path(c.Number) + "/timeline"}
	}
	return out
}

func caseFacts(c caseView) look.Facts {
	f := look.Facts{Title: "Facts", Items: []look.Fact{{Term: "Opened", Time: c.OpenedAt}, {Term: "Changed", Time: c.UpdatedAt}, {Term: "Your role", Text: c.Role.String()}}}
	for _, p := range c.Mine {
		f.Items = append(f.Items, look.Fact{Term: "You speak for", Text: p.Name, Href: casework.Path(c.Number) + "/vendors/" + p.ID})
	}
	if c.MergedInto != "" {
		f.Items = append(f.Items, look.Fact{Term: "Merged into", Text: "another case", Href: casework.Path(c.MergedInto)})
	}
	if !c.ClosedAt.IsZero() {
		f.Items = append(f.Items, look.Fact{Term: "Closed", Time: c.ClosedAt}, look.Fact{Term: "Because", Text: c.CloseReason})
	}
	return f
}

func vulnTable(c caseView, list []matrix.Vulnerability) look.Table {
	t := look.Table{ID: "vulnerabilities", Caption: "Vulnerabilities", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Name"}, {Label: "Title", Wide: true}, {Label: "CVE"}, {Label: "CVSS", Num: true}, {Label: "CWE"}},
		Empty: &look.Empty{Text: "No vulnerability is listed yet."}}
	for _, x := range list {
		score := look.Cell{}
		for _, vector := range []string{x.CVSS31, x.CVSS40} {
			if s, err := cvss.Parse(vector); err == nil {
				score = look.Cell{Text: strconv.FormatFloat(s.Overall, 'f', 1, 64), Sub: strings.ToLower(string(s.Severity))}
			}
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: x.Label, Href: casework.Path(c.Number) + "/vulnerabilities/" + x.ID}, {Text: x.Title}, {Text: x.CVE}, score, {Text: x.CWE}}})
	}
	return t
}
