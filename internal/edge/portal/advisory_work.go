package portal

import (
	"html/template"
	"slices"
	"strconv"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/spec/csaf"
	"tocsin/spec/prose"
)

// advisoryView is an advisory in work as the visitor sees it.
type advisoryView struct {
	caseView
	Adv      advisory.Advisory
	Others   []advisory.Advisory // of the same case
	Text     advisory.Version
	Versions []advisory.Version
	Comments []advisory.Comment
	Findings []csaf.Finding
	Moved    bool // the case has moved on since the scheduled document was made
	Wrote    bool // the visitor wrote part of what is not released yet
	Times    embargo.Timetable
	Programs []programs.Program
	names    map[string]string
	team     map[string]bool
}

func (a advisoryView) path() string {
	return casework.Path(a.Number) + "/advisory/" + a.Adv.Number
}

// author is what the visitor may know of who wrote something: a coordinator
// sees the name, a party only on which side they stand.
func (a advisoryView) author(v *visit, person string) string {
	switch {
	case person == v.Actor.Person:
		return "you"
	case a.Role >= audience.Coordinator && a.names[person] != "":
		return a.names[person]
	case a.team[person]:
		return "a coordinator"
	}
	return "a party"
}

// loadAdvisory sees the advisory of the route's path, within its case.
func (v *visit) loadAdvisory(tx *db.Tx) (a advisoryView, err error) {
	if a.caseView, err = v.loadCase(tx); err != nil {
		return a, err
	}
	if a.Adv, _, err = advisory.Load(tx, v.Actor, v.path("advisory")); err != nil {
		return a, err
	}
	if a.Adv.Case != a.ID {
		return a, errs.Missing("advisory")
	}
	if a.Versions, err = advisory.Versions(tx, v.Actor, a.Adv.ID); err != nil {
		return a, err
	}
	for _, one := range a.Versions {
		if one.Number == a.Adv.Version {
			a.Text = one
		}
		if one.Number > a.Adv.ReleasedVersion && one.Author == v.Actor.Person {
			a.Wrote = true
		}
	}
	return a, a.people(tx, v)
}

func (a *advisoryView) people(tx *db.Tx, v *visit) (err error) {
	if a.Comments, err = advisory.Comments(tx, v.Actor, a.Adv.ID); err != nil {
		return err
	}
	ids := []string{a.Adv.ApprovedBy, a.Adv.ScheduledBy}
	for _, x := range a.Versions {
		ids = append(ids, x.Author)
	}
	for _, x := range a.Comments {
		ids = append(ids, x.Author, x.SettledBy)
	}
	slices.Sort(ids)
	if a.names, err = people.Names(tx, slices.DeleteFunc(slices.Compact(ids), func(s string) bool { return s == "" })); err != nil {
		return err
	}
	team, err := people.Holding(tx, charter.Coordinator)
	a.team = map[string]bool{}
	for _, p := range team {
		a.team[p.ID] = true
	}
	return err
}

// around adds what the page shows beside the text: what the standard finds,
// who is ready, and to which programs it could go.
func (a *advisoryView) around(tx *db.Tx, v *visit) (err error) {
	if a.Others, err = advisory.OfCase(tx, v.Actor, a.ID); err != nil {
		return err
	}
	if a.Times, err = embargo.Load(tx, v.Actor, a.ID); err != nil {
		return err
	}
	if a.Adv.State != advisory.StateWithdrawn {
		if _, a.Findings, err = v.press().Preview(tx, v.Actor, a.Adv.ID); err != nil {
			return err
		}
	}
	if a.Role < audience.Coordinator {
		return nil
	}
	if a.Programs, err = programs.List(tx, v.Actor); err != nil {
		return err
	}
	a.Moved, err = v.press().Stale(tx, a.Adv)
	return err
}

// advisoryFrame is the frame of an advisory's pages within its case.
func (v *visit) advisoryFrame(a advisoryView, page string) look.Frame {
	f := v.caseFrame(a.caseView, "/advisory")
	state := a.Adv.Standing(v.now)
	f.Head.Crumbs = []look.Link{{Label: a.Number, Href: casework.Path(a.Number)}, {Label: a.Adv.Number, Href: a.path()}}
	if page != "" {
		f.Head.Crumbs = append(f.Head.Crumbs, look.Link{Label: page})
	}
	f.Head.State = append(f.Head.State, look.Chip{Label: "advisory: " + advisory.Process.Label(state), Tone: stateTones[state]})
	if state == advisory.StateScheduled {
		f.Head.Clock = &look.Countdown{Label: "release", Start: a.Adv.UpdatedAt, End: a.Adv.ReleaseAt, Now: v.now}
	}
	return f
}

// caseAdvisory is the tab of a case: its advisory, or how to begin one.
func (v *visit) caseAdvisory() error {
	var c caseView
	var list []advisory.Advisory
	err := v.read(func(tx *db.Tx) (err error) {
		if c, err = v.loadCase(tx); err != nil {
			return err
		}
		list, err = advisory.OfCase(tx, v.Actor, c.ID)
		return err
	})
	if err != nil {
		return err
	}
	live := slices.DeleteFunc(slices.Clone(list), func(x advisory.Advisory) bool { return x.State == advisory.StateWithdrawn })
	if len(live) > 0 {
		return v.next(casework.Path(c.Number)+"/advisory/"+live[0].Number, "")
	}
	data := advisoryWorkPage{Frame: v.caseFrame(c, "/advisory")}
	data.Others = otherAdvisories(list, "", casework.Path(c.Number))
	data.Empty = &look.Empty{Text: "There is no advisory yet. A coordinator drafts it from the case; products, statuses and statements are taken over when it is made."}
	if c.Role >= audience.Coordinator {
		data.Empty.Button = &look.Button{Label: "Draft the advisory from the case", Action: casework.Path(c.Number) + "/advisory", Kind: look.Primary}
	}
	return v.show("advisory-work", data)
}

func otherAdvisories(list []advisory.Advisory, current, path string) *look.Table {
	t := &look.Table{ID: "others", Caption: "Other advisories of this case", Whole: true, Columns: []look.Column{{Label: "Advisory"}, {Label: "Title", Wide: true}, {Label: "State"}}}
	for _, x := range list {
		if x.ID != current {
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: x.Number, Href: path + "/advisory/" + x.Number}, {Text: x.Title}, {Text: advisory.Process.Label(x.State)}}})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

type advisoryWorkPage struct {
	look.Frame
	Empty    *look.Empty
	Notices  []look.Notice
	Retry    *look.Confirm
	Steps    look.Steps
	Links    []look.Button
	Actions  []look.Popup
	Texts    []textPart
	Findings *look.Table
	Ready    *look.Table
	Comments []look.Message
	Comment  *look.Form
	Versions look.Table
	Others   *look.Table
}

// advisoryWork is where an advisory is read, remarked on and brought out.
func (v *visit) advisoryWork() error {
	data, err := v.advisoryWorkData()
	if err != nil {
		return err
	}
	return v.show("advisory-work", data)
}

func (v *visit) advisoryWorkData() (data advisoryWorkPage, err error) {
	var a advisoryView
	err = v.read(func(tx *db.Tx) (err error) {
		if a, err = v.loadAdvisory(tx); err != nil {
			return err
		}
		return a.around(tx, v)
	})
	if err != nil {
		return data, err
	}
	v.shows(delivery.Sight{URL: casework.Path(a.Number) + "/advisory", Object: a.Adv.ID})
	data.Frame = v.advisoryFrame(a, "")
	data.Notices = v.workNotices(a)
	data.Steps = v.workSteps(a)
	data.Links = workLinks(a)
	data.Actions = v.workActions(a)
	data.Texts = contentParts(a.Text.Content)
	data.Findings = findingTable(a.Findings)
	if !a.Times.Ends.IsZero() {
		data.Ready = readyTable(a.Times)
	}
	data.Versions = v.versionTable(a)
	data.Others = otherAdvisories(a.Others, a.Adv.ID, casework.Path(a.Number))
	data.Comments = v.drawComments(a)
	if a.Role >= audience.Contributor && a.Adv.State != advisory.StateWithdrawn {
		data.Comment = commentForm(a)
	}
	return data, nil
}

// contentParts is a text as its readers will read it.
func contentParts(c advisory.Content) []textPart {
	out := []textPart{{"Summary", prose.HTML(c.Summary)}}
	for _, s := range c.Sections {
		out = append(out, textPart{s.Title, prose.HTML(s.Text)})
	}
	for _, x := range c.Vulnerabilities {
		out = append(out, textPart{x.Label, prose.HTML(x.Text)})
	}
	room := 50_000
	for i := range out {
		if room -= len(out[i].Body); room < 0 {
			return append(out[:i], textPart{"More", template.HTML("<p>The text is longer than this page; read all of it in the preview's CSAF file, or edit it.</p>")})
		}
	}
	return out
}

func (v *visit) workNotices(a advisoryView) []look.Notice {
	var out []look.Notice
	x := a.Adv
	if a.Moved {
		out = append(out, look.Notice{Tone: look.Waiting, Title: "The case has moved on", Text: "What is prepared was made of an earlier state of the case. Schedule it again to take the new one over."})
	}
	if x.ReleasedVersion > 0 && x.State != advisory.StateWithdrawn {
		n := look.Notice{Tone: look.Good, Title: "Released", Text: "Revision " + strconv.FormatInt(x.Revision, 10) + " has been out since " + look.UTC(x.ReleasedAt) + ". What you change here becomes its next revision.", Link: &look.Link{Label: "See what is published", Href: "/advisories/" + x.Number}}
		out = append(out, n)
	}
	switch {
	case x.State == advisory.StateWithdrawn:
		out = append(out, look.Notice{Tone: look.Bad, Title: "Withdrawn", Text: "At " + look.UTC(x.WithdrawnAt) + ". " + x.WithdrawnReason})
	case a.Wrote && a.Role >= audience.Coordinator && x.State == advisory.StateReview:
		out = append(out, look.Notice{Tone: look.Info, Title: "Four eyes", Text: "You wrote part of this text, so another coordinator approves it."})
	}
	if x.State == advisory.StateScheduled && x.Follows {
		out = append(out, look.Notice{Tone: look.Info, Title: "It follows the embargo", Text: "The release is set to the embargo's end, and moves with it."})
	}
	if a.Times.NoGo > 0 && x.State != advisory.StateReleased {
		out = append(out, look.Notice{Tone: look.Bad, Title: "No-go", Text: look.Plural(a.Times.NoGo, "party says", "parties say") + " no-go."})
	}
	return out
}

func (v *visit) workSteps(a advisoryView) look.Steps {
	order := []advisory.State{advisory.StateDraft, advisory.StateReview, advisory.StateApproved, advisory.StateScheduled, advisory.StateReleased}
	now := slices.Index(order, a.Adv.Standing(v.now))
	s := look.Steps{Title: a.Adv.Number + ", version " + strconv.FormatInt(a.Adv.Version, 10)}
	for i, state := range order {
		step := look.Step{Label: advisory.Process.Label(state), State: look.Todo}
		if info, ok := advisory.Process.Describe(state); ok {
			step.Sub = info.Meaning
		}
		switch {
		case i < now || i == now && state == advisory.StateReleased:
			step.State = look.Done
		case i == now:
			step.State = look.Doing
		}
		switch {
		case state == advisory.StateApproved && i <= now && a.Adv.ApprovedBy != "":
			step.Sub, step.At = "by "+a.author(v, a.Adv.ApprovedBy), a.Adv.ApprovedAt
		case state == advisory.StateScheduled && i == now:
			step.Sub, step.At = "to "+a.Adv.OutLevel.String(), a.Adv.ReleaseAt
		}
		s.Items = append(s.Items, step)
	}
	return s
}

func workLinks(a advisoryView) []look.Button {
	path := a.path()
	var out []look.Button
	open := a.Adv.State == advisory.StateDraft || a.Adv.State == advisory.StateReview
	if a.Adv.State != advisory.StateWithdrawn && (a.Role >= audience.Coordinator || a.Role >= audience.Contributor && open) {
		label := "Edit the text"
		if a.Adv.State == advisory.StateReleased {
			label = "Write the next revision"
		}
		out = append(out, look.Button{Label: label, Href: path + "/edit"})
	}
	if a.Adv.State != advisory.StateWithdrawn {
		out = append(out, look.Button{Label: "Preview", Href: path + "/preview"})
	}
	if a.Role >= audience.Coordinator {
		out = append(out, look.Button{Label: "Draft another advisory", Action: casework.Path(a.Number) + "/advisory", Kind: look.Quiet})
	}
	return out
}

// findingTable is what the standard would find in the document, errors first.
func findingTable(list []csaf.Finding) *look.Table {
	t := &look.Table{ID: "finding-list", Caption: "What the standard finds", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Weight"}, {Label: "What"}, {Label: "Where", Wide: true}, {Label: "Rule"}}, Empty: &look.Empty{Text: "The CSAF document would be valid, without a remark."}}
	for _, weight := range []csaf.Severity{csaf.Error, csaf.Warning, csaf.Info} {
		for _, f := range list {
			if f.Severity != weight || len(t.Rows) == 60 {
				continue
			}
			chip := look.Chip{Label: "remark"}
			switch weight {
			case csaf.Error:
				chip = look.Chip{Label: "keeps it from release", Tone: look.Bad}
			case csaf.Warning:
				chip = look.Chip{Label: "should be mended", Tone: look.Waiting}
			}
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Chip: &chip}, {Text: short(f.Text, 300)}, {Text: short(f.Path, 120), Code: true}, {Text: f.Rule}}})
		}
	}
	return t
}

func (v *visit) versionTable(a advisoryView) look.Table {
	t := look.Table{ID: "versions", Caption: "Versions of the text", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Version", Num: true}, {Label: "When"}, {Label: "Who"}, {Label: "What they say of it", Wide: true}, {Label: "Compare"}}}
	for _, x := range a.Versions[:min(len(a.Versions), 60)] {
		n := strconv.FormatInt(x.Number, 10)
		row := look.Row{Cells: []look.Cell{{Text: n}, {Time: x.At}, {Text: a.author(v, x.Author)}, {Text: short(x.Note, 200)}, {Text: "first"}}}
		if x.Number == a.Adv.ReleasedVersion {
			row.Cells[0].Sub = "released"
		}
		if x.Number > 1 {
			row.Cells[4] = look.Cell{Text: "what changed", Href: a.path() + "/versions?to=" + n}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v *visit) drawComments(a advisoryView) []look.Message {
	var out []look.Message
	for _, m := range a.Comments {
		x := look.Message{ID: m.ID, Who: a.author(v, m.Author), Org: "on version " + strconv.FormatInt(m.Version, 10), At: m.At, Body: prose.HTML(m.Text), Own: m.Author == v.Actor.Person}
		if m.Section != "" {
			x.Org += ", " + short(m.Section, 80)
		}
		if !m.SettledAt.IsZero() {
			x.Org += ", settled by " + a.author(v, m.SettledBy)
		} else if a.Role >= audience.Contributor {
			x.Actions = []look.Button{{Label: "Settle", Action: a.path() + "/comments/" + m.ID, Kind: look.Quiet, Hidden: []look.Hidden{seenOf(a)}}}
		}
		out = append(out, x)
	}
	return out[max(0, len(out)-60):]
}

// seenOf hides the version of the text that the page shows.
func seenOf(a advisoryView) look.Hidden {
	return look.Hidden{Name: "version", Value: strconv.FormatInt(a.Adv.Version, 10)}
}

func commentForm(a advisoryView) *look.Form {
	section := look.Field{Kind: look.Select, Name: "section", Label: "On", Optional: true, Options: []look.Option{{Label: "the whole text"}, {Value: "Summary", Label: "Summary"}}}
	for _, s := range a.Text.Content.Sections {
		section.Options = append(section.Options, look.Option{Value: s.Title, Label: short(s.Title, 80)})
	}
	for _, x := range a.Text.Content.Vulnerabilities {
		section.Options = append(section.Options, look.Option{Value: x.Label, Label: x.Label})
	}
	return &look.Form{Title: "Comment", Action: a.path() + "/comments", Button: look.Button{Label: "Comment"}, Marking: a.Level.String(), Hidden: []look.Hidden{seenOf(a)}, Fields: []look.Field{section, {Kind: look.Area, Name: "text", Label: "What you would change", Hint: "Markdown. Everybody who takes part in the case reads it.", Rows: 4}}}
}
