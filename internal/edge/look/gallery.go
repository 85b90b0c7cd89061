package look

import (
	"fmt"
	"html/template"
	"time"
)

// GalleryPage shows every component in every state. It is served in
// development builds and in the demo as page "gallery".
type GalleryPage struct {
	Frame
	Labels     []string
	Heads      []RecordHead
	Clocks     []Countdown
	Matrix     Matrix
	Timetable  Timetable
	Timeline   Timeline
	Talk       Talk
	Private    Talk
	Table      Table
	NoTable    Table
	Form       Form
	Buttons    []Button
	Confirms   []Confirm
	Popup      Popup
	Notices    []Notice
	Empty      Empty
	Steps      Steps
	Diff       Diff
	Choices    []Choices
	Machine    Machine
	Tree       Tree
	Chips      []Chip
	Pairs      Facts
	Side       []Facts
	Secret     Secret
	Code       Code
	Lists      []Listing
	Passkey    Passkey
	EveryReach []Reach
}

// galleryNow is the gallery's clock: the same page at every hour.
var galleryNow = time.Date(2026, 11, 24, 10, 38, 0, 0, time.UTC)

// Gallery is the data of the page "gallery". Its organizations are invented
// and live on reserved domains.
func Gallery() Framed {
	now := galleryNow
	zone := time.FixedZone("CET", 3600)
	release := time.Date(2026, 12, 1, 14, 0, 0, 0, time.UTC)
	report := time.Date(2026, 10, 18, 9, 12, 0, 0, time.UTC)
	g := GalleryPage{
		Frame:  galleryFrame(now, zone),
		Labels: []string{"TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"},
	}
	clock := Countdown{Label: "embargo", Start: report, End: release, Now: now, Zone: zone}
	g.Head.Clock = &clock
	g.Clocks = galleryClocks(clock)
	g.Heads = []RecordHead{
		{Marking: "TLP:CLEAR", Kind: "advisory", Number: "TA-2026-0098", Title: "Path traversal in Harbor Files", State: []Chip{{Label: "released", Tone: Good}},
			Crumbs: []Link{{"Advisories", "#a"}, {"2026", "#b"}, {Label: "TA-2026-0098"}}, Actions: []Button{{Label: "Download CSAF", Href: "#c", Icon: "download"}}},
		{Marking: "TLP:RED", Kind: "case", Number: "TA-2026-0121", Title: "Firmware signing key found in a public image", Lede: "Named persons only.",
			Clock: &Countdown{Label: "embargo", Start: report, End: release, Now: now, Zone: zone, Broken: "leaked"},
			Owe:   &Owe{Text: "a decision: publish now or hold", Due: now.Add(-2 * time.Hour), Now: now, Label: "Decide", Href: "#d"}},
	}
	g.Matrix = galleryMatrix(now)
	g.Timetable = galleryTimetable(report, release, now, zone)
	g.Timeline = galleryTimeline(report, release)
	g.Talk, g.Private = galleryTalk(now)
	g.Table, g.NoTable = galleryTable(now)
	g.Form = galleryForm()
	g.Tree = galleryTree()
	g.addPanels(now, release, clock)
	return g
}

func galleryFrame(now time.Time, zone *time.Location) Frame {
	return Frame{
		Alliance: "Northern Alliance", Title: "Gallery", Person: &Person{Initials: "EV", Name: "Eva Vogel", Org: "Fjord Systems (fjord.example)", Href: "#me"},
		Doors: []Door{
			{Name: "Desk", Href: "#desk", Key: "d", Icon: "desk"},
			{Name: "Cases", Href: "#cases", Key: "c", Icon: "cases", Current: true, Badge: "12 new"},
			{Name: "Response", Href: "#response", Key: "r", Icon: "response"},
			{Name: "Advisories", Href: "#advisories", Key: "a", Icon: "advisories"},
			{Name: "Exchange", Href: "#exchange", Key: "x", Icon: "exchange"},
			{Name: "Alliance", Href: "#alliance", Key: "l", Icon: "alliance"},
			{Name: "Commons", Href: "#commons", Key: "m", Icon: "commons"},
		},
		Owed: 3, Alarm: &Alarm{"Exploited: TA-2026-0121", "#alarm"}, Now: now, Zone: zone, Find: "/find", Scripts: []string{"passkey.js"}, SignOut: "/signout",
		Flash: &Flash{Tone: Good, Text: "Your status for 2 products is recorded. The coordinators were told."},
		Head: RecordHead{
			Crumbs: []Link{{"Cases", "#cases"}, {Label: "TA-2026-0117"}}, Marking: "TLP:AMBER+STRICT", Kind: "case", Number: "TA-2026-0117",
			Title: "Heap overflow in libexample’s ASN.1 reader", State: []Chip{{Label: "embargo agreed", Tone: Good}, {Label: "vendor aware"}},
			Owe: &Owe{Text: "a status for 2 products", Due: now.Add(26 * time.Hour), Now: now, Label: "Set status", Href: "#matrix"},
			Tabs: []Tab{{Label: "Overview", Href: "#o"}, {"Vendors", "#v", "40", true}, {"Talk", "#t", "12 new", false}, {Label: "Timetable", Href: "#tt"},
				{Label: "Advisory", Href: "#ad"}, {Label: "Who knows", Href: "#w"}},
		},
	}
}

func galleryClocks(c Countdown) []Countdown {
	far, soon, lastDay, over, broken := c, c, c, c, c
	far.End = c.Now.AddDate(0, 0, 40)
	soon.End = c.Now.Add(6*24*time.Hour + 3*time.Hour + 22*time.Minute)
	lastDay.End = c.Now.Add(3*time.Hour + 22*time.Minute)
	over.End = c.Now.Add(-time.Hour)
	broken.Broken = "exploited"
	return []Countdown{far, soon, lastDay, over, broken}
}

func galleryMatrix(now time.Time) Matrix {
	nudge := &Button{Label: "Nudge", Action: "#nudge"}
	row := func(name string, days int, cells ...MatrixCell) MatrixRow {
		return MatrixRow{Vendor: name, Href: "#vendor", Cells: cells, Changed: now.AddDate(0, 0, -days)}
	}
	silent := func(days string) MatrixCell { return MatrixCell{Status: NoReply, Note: days} }
	m := Matrix{
		ID: "vendors", Caption: "Vendors and vulnerabilities",
		Counts: []Stat{{N: 40, Label: "all", Href: "#all", Current: true}, {N: 7, Label: "no reply", Href: "#s", Tone: Bad}, {N: 4, Label: "seen", Href: "#e"},
			{N: 9, Label: "investigating", Href: "#i", Tone: Waiting}, {N: 8, Label: "affected", Href: "#h"}, {N: 5, Label: "not affected", Href: "#n"}, {N: 7, Label: "fixed", Href: "#f", Tone: Good}},
		Vulns: []MatrixHead{{"CVE-2026-41007", "CVSS 9.8", "#v1"}, {"CVE-2026-41008", "CVSS 7.5", "#v2"}, {"CVE-2026-41009", "CVSS 5.3", ""}},
		Rows: []MatrixRow{
			row("Fjord Systems", 1, MatrixCell{Status: Affected}, MatrixCell{Status: Investigating}, MatrixCell{Status: NotAffected}),
			row("Acorn Networks", 2, MatrixCell{Status: Fixed, Note: "2.4.1"}, MatrixCell{Status: Fixed, Note: "2.4.1"}, MatrixCell{Status: NotAffected}),
			row("Brightwater Devices", 9, silent("9 d"), silent("9 d"), silent("9 d")),
			row("Cobalt Cloud", 3, MatrixCell{Status: Affected, OnBehalf: true}, MatrixCell{Status: Seen}, MatrixCell{Status: Seen}),
			row("Delta Rail Telecommunications Equipment", 4, MatrixCell{Status: Seen}, silent("4 d"), MatrixCell{Status: Investigating}),
		},
		Pager:   &Pager{Shown: "1–5", Total: 40, Next: "#next"},
		Exports: []Link{{"CSV", "#csv"}, {"JSON", "#json"}},
	}
	m.Rows[0].Own, m.Rows[0].Note, m.Rows[0].Tracker = true, "you", "FJ-20931"
	m.Rows[0].Act = &Button{Label: "Set status", Href: "#set"}
	m.Rows[0].Statement = "Fjord Gate 5 and 6 parse certificates with the affected reader. A fixed build is in test."
	m.Rows[0].Products = []MatrixProduct{{"Fjord Gate 6", Affected, ""}, {"Fjord Gate 5", Investigating, ""}, {"Fjord Probe", NotAffected, "component not present"}}
	m.Rows[1].Statement = "Update to 2.4.1."
	m.Rows[2].Act, m.Rows[2].Actions = nudge, []Button{{Label: "Nudge backup contact", Action: "#b"}, {Label: "Set on behalf", Href: "#ob", Kind: Quiet}}
	m.Rows[3].Note = "hidden from other vendors"
	m.Rows[4].Act = nudge
	return m
}

func galleryTimetable(report, release, now time.Time, zone *time.Location) Timetable {
	return Timetable{
		Caption: "From report to release", Report: report, Release: release, Now: now, Zone: zone, Limit: report.AddDate(0, 0, 90),
		Proposals: []Proposal{
			{Who: "Default policy", At: report.AddDate(0, 0, 45), State: "replaced", Reason: "45 days unless agreed otherwise"},
			{Who: "Coordinator", At: release, State: "accepted", Consent: "38 of 40", Tone: Good, Reason: "Earliest of four proposals"},
			{Who: "Acorn Networks", At: report.AddDate(0, 0, 30), State: "rejected", Consent: "3 of 40"},
			{Who: "Fjord Systems", At: release.AddDate(0, 0, 14), State: "open", Consent: "11 consent, 2 object", Tone: Waiting, Reason: "Field update needs two more weeks",
				Actions: []Button{{Label: "Consent", Action: "#yes"}, {Label: "Object", Action: "#no"}}},
		},
		Checks: []Check{
			{"T-7 days", "Texts and fixed versions frozen", release.AddDate(0, 0, -7), Doing, "31 of 40 parties ready"},
			{"T-24 h", "Go or no-go by party", release.AddDate(0, 0, -1), Todo, ""},
			{"T-0", "Release everywhere", release, Todo, ""},
		},
	}
}

func galleryTimeline(report, release time.Time) Timeline {
	lanes := []string{"Finder", "Coordinator", "Fjord Systems", "Acorn Networks", "Brightwater"}
	at := func(days, hours int) time.Time {
		return report.AddDate(0, 0, days).Add(time.Duration(hours) * time.Hour)
	}
	return NewTimeline("What happened, by party", lanes, []Event{
		{at(0, 0), 0, "reported a heap overflow", "#e1", Plain}, {at(0, 3), 1, "took the report", "", Plain},
		{at(1, 1), 1, "invited 40 vendors", "", Plain}, {at(1, 2), 2, "accepted the terms", "", Plain}, {at(1, 5), 3, "accepted the terms", "", Plain},
		{at(3, 0), AllLanes, "embargo agreed to 2026-12-01 14:00 UTC", "", Info},
		{at(20, 2), 3, "set fixed 2.4.1 on CVE-2026-41007", "#e2", Good}, {at(21, 0), 1, "nudged Brightwater Devices", "", Waiting},
		{at(21, 6), 2, "asked for two more weeks", "", Waiting}, {release, AllLanes, "release", "", Good},
	}, 4*24*time.Hour)
}

func galleryTalk(now time.Time) (open, private Talk) {
	threads := []ThreadLink{
		{Title: "General", Href: "#th1", Sub: "Ole Brandt: the second patch", Unread: 9, Current: true},
		{Title: "Fjord and coordinators", Href: "#th2", Sub: "Mia Kern: may we say", Unread: 3, Private: true},
		{Title: "libexample 3.x", Href: "#th3", Sub: "read"},
	}
	sha := "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	open = Talk{Threads: threads, Thread: Thread{Title: "General", Older: "#older", Messages: []Message{
		{ID: "m1", Who: "Mia Kern", Org: "Northern Alliance", Coordinate: true, At: now.Add(-26 * time.Hour), Marking: "TLP:AMBER+STRICT",
			Body: template.HTML("<p>The second reader in <code>asn1_read_item</code> has the same pattern. Please look at both.</p>"), Edited: now.Add(-25 * time.Hour), History: "#h"},
		{ID: "m2", Who: "Ole Brandt", Org: "Acorn Networks", At: now.Add(-3 * time.Hour), Marking: "TLP:AMBER+STRICT", FirstNew: true,
			Body: template.HTML("<p>Confirmed. The second patch is attached.</p>"), Files: []File{{Name: "second-reader.patch", Href: "#f", Size: 4211, SHA256: sha}, {Name: "notes.pdf", Href: "#f2", Size: 90311, SHA256: sha, Warning: "not what it says: looks like application/zip"}}, Notes: []Chip{{Label: "asks Fjord Systems for an answer by 2026-11-27 12:00 UTC", Tone: Waiting}}, Reply: &Link{"Mia Kern: The second reader in asn1_read_item …", "#m1"}, Actions: []Button{{Label: "Answer", Kind: Quiet, Href: "#a"}, {Label: "Edit", Kind: Quiet, Href: "#e"}}},
		{ID: "m3", Who: "Eva Vogel", Org: "Fjord Systems", Own: true, At: now.Add(-2 * time.Hour), Removed: "Taken back by its author, 2026-11-24 08:40 UTC."},
	}}, Composer: &Composer{Action: "#send", Markings: []Option{{Value: "TLP:AMBER+STRICT", Label: "TLP:AMBER+STRICT", On: true}, {Value: "TLP:RED", Label: "TLP:RED"}},
		Reach: Reach{People: 112, Orgs: 38, Href: "#who"}, Files: true, Hint: "Markdown, 64 kB at most.", Draft: "gallery", Send: "Send to 112 people", More: "Ask for an answer", Fields: []Field{{Kind: Select, Name: "ask_of", Label: "Ask for an answer of", Optional: true, Options: []Option{{Label: "nobody"}, {Value: "f", Label: "Fjord Systems"}}}}}}
	names := []string{"Eva Vogel", "Mia Kern", "Jon Hale"}
	private = Talk{Threads: threads[1:2], Thread: Thread{Title: "Fjord and coordinators", Private: true, Names: names, Messages: []Message{
		{ID: "p1", Who: "Mia Kern", Org: "Northern Alliance", Coordinate: true, At: now.Add(-time.Hour), Marking: "TLP:RED", Body: template.HTML("<p>May we say that a fixed build is in test?</p>")}}},
		Composer: &Composer{Action: "#send", Name: "answer", Private: true, Reach: Reach{Names: names, Private: true}, Send: "Send to 3 people",
			Value: "Yes,", Error: "The message is longer than 64 kB. Attach it as a file."}}
	return open, private
}

func galleryTable(now time.Time) (full, none Table) {
	full = Table{ID: "reports", Caption: "Reports in triage", Filter: true, Whole: true,
		Columns: []Column{{Label: "Report", Sort: "?sort=number", Order: "descending"}, {Label: "Marking"}, {Label: "State", Sort: "?sort=state"},
			{Label: "What", Wide: true}, {Label: "Age", Unit: "days", Num: true, Sort: "?sort=age"}, {Label: "Received", Sort: "?sort=received"}},
		Pager: &Pager{Shown: "1–3", Total: 3798, Prev: "#p", Next: "#n"}, Exports: []Link{{"CSV", "#csv"}, {"JSON", "#json"}}}
	for i, what := range []string{"Overflow in the reader of certificates", "Default password in the maintenance port", "Update server accepts unsigned images"} {
		chip := []Chip{{Label: "received"}, {Label: "valid", Tone: Good}, {Label: "waits for finder", Tone: Waiting}}[i]
		full.Rows = append(full.Rows, Row{New: i == 0, Cells: []Cell{{Text: fmt.Sprintf("TR-2026-04%02d", 30-i), Href: "#r"}, {Marking: "TLP:AMBER"}, {Chip: &chip},
			{Text: what, Sub: "pkg:generic/libexample@3.1"}, {Text: fmt.Sprint(1 + i*5)}, {Time: now.AddDate(0, 0, -1-i*5)}}})
	}
	none = Table{ID: "none", Caption: "Nothing", Empty: &Empty{Text: "No report waits for triage."}}
	return full, none
}

func galleryForm() Form {
	return Form{
		Action: "#form", Title: "Report a flaw", Lede: "No account is needed. You get a number and a secret link to follow it.", Draft: "report", Marking: "TLP:AMBER",
		Fields: []Field{
			{Kind: Text, Name: "title", Label: "What is wrong, in one line", Hint: "As you would tell a colleague.", Value: "", Error: "Say what is wrong."},
			{Kind: Area, Name: "details", Label: "Details", Hint: "How to see it, and what an attacker gains.", Value: "Parsing a certificate with a long name writes past the end.", Rows: 3},
			{Kind: Select, Name: "product", Label: "Product", Options: []Option{{Value: "a", Label: "Fjord Gate 6"}, {Value: "b", Label: "another", On: true}}},
			{Kind: Radio, Name: "credit", Label: "Credit", Options: []Option{{Value: "name", Label: "Name me", On: true}, {Value: "none", Label: "Keep me anonymous", Hint: "Only the coordinators know."}}},
			{Kind: CheckBoxes, Name: "seen", Label: "Is it used in attacks?", Optional: true, Options: []Option{{Value: "public", Label: "An exploit is public"}, {Value: "attacks", Label: "Attacks were seen"}}, Error: "Tick at most what you know yourself."},
			{Kind: DateTime, Name: "planned", Label: "Planned public date", Value: "2026-12-01T15:00", Zone: "Europe/Berlin", Optional: true, Error: "The date is beyond the limit of 90 days. Choose one before 2027-01-16 09:12 UTC."},
			{Kind: Upload, Name: "files", Label: "Files", Hint: "50 MB each at most.", Multiple: true, Optional: true},
			{Kind: "email", Name: "email", Label: "Mail address", Short: true, Auto: "email", Optional: true},
			{Kind: CheckBox, Name: "terms", Label: "I have read how reports are handled", On: true},
		},
		Button: Button{Label: "Send the report", Kind: Primary}, Cancel: &Link{"Cancel", "#cancel"}, Reach: &Reach{People: 6, Orgs: 1},
	}
}
