package look

import "time"

func (g *GalleryPage) addPanels(now, release time.Time, clock Countdown) {
	g.Buttons = []Button{
		{Label: "Release at 14:00 UTC", Kind: Primary, Href: "#b1"}, {Label: "Propose a date", Href: "#b2"}, {Label: "Show history", Kind: Quiet, Href: "#b3"},
		{Label: "End the embargo", Kind: Danger, Action: "#b4"}, {Label: "Approve", Disabled: "You wrote this text; somebody else approves it."},
	}
	end := Confirm{Title: "End the embargo now", What: "The case becomes public at once; texts that are not final are left out.", Whom: "40 vendors, 112 people, and everybody who reads the feeds.",
		Type: "TA-2026-0117", Action: "#end", Button: Button{Label: "End the embargo", Kind: Danger}, Cancel: "#keep"}
	failed := end
	failed.ID, failed.Error, failed.Title = "2", "This is not the case number. Nothing was changed.", "End the embargo now (mistyped)"
	mild := Confirm{ID: "3", Title: "Nudge Brightwater Devices", What: "A mail asks for a status.", Whom: "psirt@brightwater.example and its backup contact.", Undo: "A mail cannot be called back.",
		Action: "#nudge", Button: Button{Label: "Nudge 2 contacts", Kind: Primary}, Cancel: "#keep"}
	g.Confirms = []Confirm{end, failed}
	g.Popup = Popup{ID: "pop-nudge", Open: Button{Label: "Nudge…"}, Confirm: mild}
	g.Notices = []Notice{
		{Good, "Recorded", "Your consent stands until the date changes.", nil},
		{Waiting, "", "Two vendors have not accepted the terms yet.", &Link{"Show them", "#show"}},
		{Bad, "Mail bounced", "psirt@brightwater.example does not take mail. Call the backup contact.", nil},
		{Info, "", "This case was split from TA-2026-0102.", nil},
	}
	g.Empty = Empty{Text: "No vendor has been invited yet.", Button: &Button{Label: "Invite vendors", Kind: Primary, Href: "#invite"}}
	g.Steps = Steps{Title: "Advisory", Items: []Step{{"Drafted", "Eva Vogel", now.AddDate(0, 0, -4), Done, "#s"}, {"Signed", "key expired", now.AddDate(0, 0, -1), Failed, ""},
		{"Approval", "waits for a second pair of eyes", time.Time{}, Doing, ""}, {"Release", "", release, Todo, ""}}}
	g.Diff = NewDiff("Version 3, 2026-11-20 10:00 UTC", "Version 4, 2026-11-23 16:20 UTC",
		"Summary\n\nA heap overflow in the reader of certificates lets\na remote attacker crash the service.\n\nAffected\nlibexample 3.0 to 3.1\n\nThanks\nThe finder.\nThe alliance.\nAll vendors.\nAll testers.\nAll readers.",
		"Summary\n\nA heap overflow in the reader of certificates lets\na remote attacker run code in the service.\n\nAffected\nlibexample 2.8 to 3.1\nFixed in 3.2\n\nThanks\nThe finder.\nThe alliance.\nAll vendors.\nAll testers.\nAll readers.")
	g.Choices = []Choices{
		{Legend: "Ready to release on 2026-12-01 14:00 UTC?", Hint: "Answer by 2026-11-30 14:00 UTC (15:00 CET). You may change it until then.", Action: "#vote", Name: "answer",
			Options: []Choice{{"go", "Go", "fix is ready", Good, true, "31 of 40"}, {"nogo", "No-go", "say why next", Bad, false, "2 of 40"}, {"abstain", "Abstain", "", Plain, false, ""}}},
		{Legend: "Move the release by two weeks?", Action: "#vote", Name: "answer2", Closed: "Closed 2026-11-20 12:00 UTC.", Options: []Choice{{"y", "Consent", "", Good, false, "11"}, {"n", "Object", "", Bad, true, "29"}}},
	}
	g.Machine = Machine{Title: "Embargo", States: []MachineState{{Name: "N", Label: "none", Visited: true}, {Name: "P", Label: "proposed", Visited: true}, {Name: "A", Label: "active", Current: true}, {Name: "R", Label: "revise"}, {Name: "X", Label: "exited"}},
		Moves: []MachineMove{{"N", "P", "propose", false}, {"P", "P", "propose", false}, {"P", "N", "reject", false}, {"P", "A", "accept", false}, {"A", "R", "propose", true}, {"A", "X", "terminate", true}, {"R", "A", "accept", false}, {"R", "R", "propose", false}, {"R", "X", "terminate", false}}}
	g.Chips = []Chip{{Label: "vendor"}, {Label: "CERT", Href: "#cert"}, {Label: "signatory", Tone: Good}, {Label: "lapsed", Tone: Waiting}, {Label: "declined", Tone: Bad}, {Label: "imported", Tone: Info}}
	g.Pairs = Facts{Items: []Fact{{Term: "Component", Text: "pkg:generic/libexample@3.1", Code: true}, {Term: "Reported", Time: now.AddDate(0, 0, -37)}, {Term: "Finder", Text: "named to coordinators only"}}}
	g.Side = []Facts{{Title: "Facts", Items: []Fact{{Term: "CVSS 4.0", Text: "9.3 critical"}, {Term: "CWE", Text: "CWE-122", Href: "#cwe"}, {Term: "State", Chips: []Chip{{Label: "V fix pending"}, {Label: "not public"}}}, {Term: "Opened", Time: now.AddDate(0, 0, -37)}}},
		{Title: "Who sees this", Items: []Fact{{Term: "Reach", Text: "112 people in 38 organizations", Href: "#who"}, {Term: "References", Links: []Link{{"Tracker", "#t"}, {"Report", "#r"}}}}}}
	g.Secret = Secret{Label: "Recovery codes", Values: []string{"hazel-4417-quartz", "ember-0932-violet"}, Warning: "They are shown once. Keep them where nobody else reads."}
	g.Code = Code{Label: "Weakness as CSAF", Text: "{\n  \"cwe\": {\"id\": \"CWE-122\", \"name\": \"Heap-based Buffer Overflow\"}\n}"}
	g.Lists = []Listing{
		{Title: "Owed by you", Now: now, Items: []Item{
			{Marking: "TLP:RED", Kind: "case", Number: "TA-2026-0121", Title: "Firmware signing key found in a public image", Href: "#i1", What: "Decide: publish now or hold", Due: now.Add(-2 * time.Hour), Button: &Button{Label: "Decide", Kind: Primary, Href: "#dec"}},
			{Marking: "TLP:AMBER+STRICT", Kind: "case", Number: "TA-2026-0117", Title: "Heap overflow in libexample’s ASN.1 reader", Href: "#i2", What: "Set a status for 2 products", Due: now.Add(26 * time.Hour), Button: &Button{Label: "Set status", Href: "#set"}}}},
		{Title: "Changed since you looked", Now: now, Items: []Item{{Marking: "TLP:GREEN", Kind: "advisory", Number: "TA-2026-0098", Title: "Path traversal in Harbor Files", Href: "#i3", What: "Version 2 adds fixed versions", At: now.Add(-40 * time.Minute)}}, More: &Link{"All changes", "#all"}},
		{Title: "Running now", Now: now, Items: []Item{{Marking: "TLP:AMBER+STRICT", Kind: "case", Number: "TA-2026-0117", Title: "Heap overflow in libexample’s ASN.1 reader", Href: "#i4", Clock: &clock}}},
		{Title: "Owed by you, empty", Now: now, Empty: "Nothing is waiting for you."},
	}
	g.Passkey = Passkey{Do: "signin", Options: "/signin/passkey/options", Finish: "/signin/passkey", Label: "Sign in with a passkey"}
	g.EveryReach = []Reach{{People: 412, Orgs: 38, Href: "#who2"}, {Names: []string{"Eva Vogel", "Mia Kern"}, Private: true}, {Public: true}}
}
