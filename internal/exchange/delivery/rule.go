package delivery

import "slices"

// Class is what kind of notice it is; preferences are set for each.
type Class string

// The classes.
const (
	Alarm  Class = "alarm"  // exploited, leaked, a decision within hours: always at once
	Owed   Class = "owed"   // the person or their organization owes something
	Talk   Class = "talk"   // somebody wrote
	Change Class = "change" // something moved
	Admin  Class = "admin"  // accounts, organizations, the alliance
)

// Classes lists the classes, most urgent first.
var Classes = []Class{Alarm, Owed, Talk, Change, Admin}

// To is whom a rule tells, within those whom the event reaches.
type To int

// Whom a rule tells.
const (
	Everybody To = iota
	Parties      // those who are let in as a party, not by an alliance role
	Team         // those who are let in by an alliance role: the coordinators
	Named        // the person that the event names
)

// Rule is how one kind of event becomes a notice. Its words are all that a
// mail ever says of the event: {case} is replaced by the number of the case
// or report, {number} by that of the advisory, {released} by "released" or, for
// a later revision, "updated", and nothing else of the payload is used.
type Rule struct {
	Kind  string
	To    To
	Class Class
	Title string // of the notice, and subject of the mail
	What  string // one or two sentences for the mail
	// Page is appended to the page of the scope, or is the whole path where
	// the event has none; {object} and {thread} are replaced by their ids,
	// {page} by the public page of an advisory.
	Page string
	// Now mails at once whoever would have it in a digest.
	Now bool
}

const (
	vendors   = "/vendors"
	timetable = "/timetable"
	thread    = "/talk/{thread}"
)

// rules are tried in order; for each person the first that tells them wins.
var rules = slices.Concat(responseRules, allianceRules, constituencyRules, applicationRules)

var responseRules = []Rule{
	// Alarms.
	{"exposure.reported", Everybody, Alarm, "Alarm in {case}: an exposure was reported", "Somebody reported an exposure. Everybody in the case is told; read it now.", timetable, true},
	{"decision.asked", Everybody, Alarm, "Alarm in {case}: a decision is asked for", "A decision is asked for within hours.", timetable, true},
	{"decision.made", Everybody, Change, "The decision in {case} was made", "The decision that was asked for has been made.", timetable, true},

	// Invitations name no case: before its terms are accepted there is none.
	{"invitation.sent", Parties, Owed, "An invitation waits for your answer", "You are invited. Until its terms are accepted, nothing else is shown.", "/invitations/{object}", true},
	{"invitation.reminded", Parties, Owed, "An invitation still waits for your answer", "An invitation has not been answered yet. Please accept or decline it.", "/invitations/{object}", true},
	{"invitation.ignored", Team, Owed, "An invited party does not answer in {case}", "Reminders did not help. Decide how to go on.", vendors, false},
	{"invitation.expired", Team, Change, "An invitation in {case} was closed", "An invitation without an answer was closed.", vendors, false},
	{"terms.accepted", Team, Change, "A party accepted the terms of {case}", "A party accepted the terms and is in.", vendors, false},
	{"terms.declined", Team, Change, "A party declined the terms of {case}", "A party declined the terms.", vendors, true},

	// The case and its parties.
	{"case.opened", Everybody, Change, "{case} was opened", "A case was opened.", "", false},
	{"case.edited", Everybody, Change, "{case} was edited", "The facts of the case were edited.", "", false},
	{"case.assigned", Named, Owed, "{case} was put in your charge", "You are in charge of this case now.", "", false},
	{"case.assigned", Team, Change, "{case} has another owner", "Somebody was put in charge of the case.", "", false},
	{"coordinator.named", Named, Owed, "You were named a coordinator of {case}", "You coordinate this case now.", "", false},
	{"case.closed", Everybody, Change, "{case} was closed", "The case was closed.", "", true},
	{"case.reopened", Everybody, Change, "{case} was reopened", "The case was reopened.", "", true},
	{"case.merged", Everybody, Change, "{case} was merged", "The matter goes on together with another one.", "", true},
	{"case.split", Team, Change, "{case} was split", "A part of the matter goes on in a case of its own.", "", false},
	{"exception.made", Team, Change, "The board made an exception for {case}", "A party may be invited although its class is shut out.", vendors, false},
	{"exception.ended", Team, Change, "An exception of the board for {case} ended", "A party does not see the case any more.", vendors, false},
	{"participant.added", Team, Change, "A party was added to {case}", "A party was added.", vendors, false},
	{"participant.left", Team, Change, "A party left {case}", "A party is no longer in the case.", vendors, true},
	{"participant.hidden", Team, Change, "A party of {case} was hidden", "A party was hidden from the others.", vendors, false},
	{"participant.shown", Team, Change, "A party of {case} is shown again", "A party is shown to the others again.", vendors, false},
	{"participant.moved", Team, Change, "A party's progress in {case} changed", "A party's progress changed.", vendors, false},
	{"participant.nudged", Parties, Owed, "A status is owed in {case}", "The coordinators ask for your status.", vendors, true},
	{"participant.overdue", Parties, Owed, "A status is overdue in {case}", "A status was asked for by now. Please give it, or say by when you can.", vendors, true},

	// The matrix.
	{"vulnerability.added", Parties, Owed, "A status is owed in {case}", "A vulnerability was added. Please say where your products stand.", vendors, false},
	{"vulnerability.edited", Everybody, Change, "A vulnerability in {case} was edited", "The facts of a vulnerability were edited.", vendors, false},
	{"vulnerability.removed", Everybody, Change, "A vulnerability in {case} was removed", "A vulnerability was removed.", vendors, false},
	{"product.added", Team, Change, "Products in {case} changed", "A product was added.", vendors, false},
	{"product.edited", Team, Change, "Products in {case} changed", "A product was edited.", vendors, false},
	{"product.removed", Team, Change, "Products in {case} changed", "A product was removed.", vendors, false},
	{"status.set", Team, Change, "A status in {case} was set", "A status was set.", vendors, false},

	// The embargo.
	{"embargo.proposed", Parties, Owed, "An answer to a proposal is owed in {case}", "An end of the embargo is proposed. Please consent, object, or propose another one.", timetable, false},
	{"embargo.proposed", Team, Change, "An end of the embargo is proposed in {case}", "An end of the embargo is proposed.", timetable, false},
	{"embargo.answered", Team, Change, "A proposal in {case} was answered", "A party answered a proposal.", timetable, false},
	{"embargo.accepted", Everybody, Change, "The embargo in {case} was agreed", "An end of the embargo was agreed.", timetable, true},
	{"embargo.rejected", Everybody, Change, "A proposal in {case} was rejected", "A proposed end of the embargo was rejected.", timetable, false},
	{"embargo.withdrawn", Everybody, Change, "A proposal in {case} was withdrawn", "A proposed end of the embargo was withdrawn.", timetable, false},
	{"embargo.expired", Everybody, Change, "A proposal in {case} expired", "A proposed end of the embargo expired.", timetable, false},
	{"embargo.replaced", Everybody, Change, "A proposal in {case} was replaced", "A party proposed another end.", timetable, false},
	{"embargo.ended", Everybody, Change, "The embargo in {case} has ended", "The embargo has ended.", timetable, true},
	{"consent.lapsed", Parties, Owed, "Your consent is owed in {case}", "The embargo asks for your consent again.", timetable, true},
	{"consent.moved", Team, Change, "A consent in {case} changed", "A party's consent changed.", timetable, false},
	{"freeze.reached", Everybody, Change, "{case}: seven days to the end of the embargo", "Texts are frozen from now on.", timetable, true},
	{"readiness.asked", Parties, Owed, "Go or no-go is owed in {case}", "A day to the end of the embargo: please say go or no-go.", timetable, true},
	{"readiness.asked", Team, Change, "{case}: a day to the end of the embargo", "Every party is asked for go or no-go.", timetable, true},
	{"readiness.given", Team, Change, "A party said go or no-go in {case}", "A party said go or no-go.", timetable, false},

	// Talk.
	{"message.posted", Everybody, Talk, "New messages in {case}", "Somebody wrote in a thread that you can read.", thread, false},
	{"message.edited", Everybody, Talk, "A message in {case} was edited", "A message that you can read was edited.", thread, false},
	{"message.retracted", Team, Talk, "A message in {case} was retracted", "A message was retracted.", thread, false},
	{"question.answered", Everybody, Talk, "A question in {case} was answered", "A question was answered.", thread, false},
	{"file.added", Everybody, Talk, "New files in {case}", "A file was added to a thread that you can read.", thread, false},

	// Advisories.
	{"advisory.drafted", Everybody, Change, "An advisory is drafted in {case}", "An advisory is being drafted.", "/advisory", false},
	{"advisory.edited", Everybody, Change, "The advisory draft in {case} was edited", "The draft was edited.", "/advisory", false},
	{"advisory.commented", Everybody, Talk, "The advisory draft in {case} was commented on", "Somebody commented on the draft.", "/advisory", false},
	{"advisory.settled", Everybody, Change, "A comment on the advisory in {case} was settled", "A comment on the draft was dealt with.", "/advisory", false},
	{"advisory.submitted", Team, Owed, "An approval is owed in {case}", "An advisory waits for approval by somebody who did not write it.", "/advisory", false},
	{"advisory.returned", Everybody, Change, "The advisory draft in {case} was returned", "The draft was returned to its authors.", "/advisory", false},
	{"advisory.approved", Everybody, Change, "The advisory in {case} was approved", "The advisory was approved.", "/advisory", false},
	{"advisory.scheduled", Everybody, Change, "The release in {case} is scheduled", "The release of the advisory is scheduled.", "/advisory", true},
	{"advisory.unscheduled", Everybody, Change, "The release in {case} was called off", "The release of the advisory is no longer scheduled.", "/advisory", true},
	{EventReleased, Everybody, Change, "The advisory {number} is {released}", "The advisory is {released}.", "{page}", true},
	{"advisory.withdrawn", Everybody, Change, "The advisory {number} was withdrawn", "The advisory was withdrawn.", "/advisory", true},
	{"document.released", Everybody, Change, "The advisory {number} is {released}", "The advisory is {released}.", "{page}", true},
	{"document.withdrawn", Everybody, Change, "The advisory {number} was withdrawn", "The advisory was withdrawn.", "{page}", true},

	// Reports.
	{"report.received", Team, Owed, "The report {case} waits for triage", "A report came in.", "", true},
	{"report.assigned", Named, Owed, "The report {case} was put in your charge", "You are in charge of this report now.", "", false},
	{"report.assigned", Team, Change, "The report {case} has another owner", "Somebody was put in charge of the report.", "", false},
	{"report.moved", Team, Change, "The report {case} moved", "The report was moved on in triage.", "", false},
	{"report.progressed", Parties, Change, "Your report {case} moved", "Your report was moved on.", "", true},
	{"report.handed-over", Parties, Owed, "The report {case} was handed to your team", "The report is yours to handle.", "", true},
	{"report.handed-over", Team, Change, "The report {case} was handed over", "The report was handed to a vendor's team.", "", false},
	{"report.merged", Team, Change, "The report {case} was merged", "The report goes on together with another matter.", "", false},
	{"report.cased", Team, Change, "The report {case} became a case", "A case was made of the report.", "", false},
	{"report.joined", Team, Change, "A report joined {case}", "A report goes on in this case.", "", false},
	{"report.date-noted", Team, Change, "A date in the report {case} changed", "A date of the report changed.", "", false},
	{"report.withdrawn", Team, Change, "The report {case} was withdrawn", "The finder withdrew the report.", "", true},
	{"report-message.written", Everybody, Talk, "New messages on the report {case}", "Somebody wrote on a report.", "", false},
	{"report-file.attached", Everybody, Talk, "New files on the report {case}", "A file was attached to a report.", "", false},

	{EventBounced, Team, Admin, "Mail to a person came back", "A mail did not reach its person.", "/admin", false},
}

// EventReleased is the kind that subscribers of public advisories are mailed
// about.
const EventReleased = "advisory.released"

// acts are the kinds that tell of one thing to an audience each: to those in
// the case, and to those whom the published document is for.
var acts = [][]string{{EventReleased, "document.released"}, {"advisory.withdrawn", "document.withdrawn"}}

// actOf are the kinds that tell of the same thing as a kind, itself among them.
func actOf(kind string) []string {
	for _, kinds := range acts {
		if slices.Contains(kinds, kind) {
			return kinds
		}
	}
	return []string{kind}
}

// silent are the kinds that nobody is told of: what only the timeline needs,
// what people do for themselves, and what comes by the thousand in an import.
var silent = slices.Concat(allianceSilent, constituencySilent, applicationSilent, []string{
	"case.imported", "case.seen", "consent.reset", "vendors.informed", "tracker.set",
	"thread.opened", "file.opened", "case.exported", "document.imported", "document.updated",
	"report.opened", "report.scoped", "report.credited", "report.relinked",
	"event.erased", EventPreferred, EventSubscribed, EventUnsubscribed,
})

var rulesOf = func() map[string][]Rule {
	out := map[string][]Rule{}
	for _, r := range rules {
		out[r.Kind] = append(out[r.Kind], r)
	}
	return out
}()

// Kinds lists every kind of event that this package knows: those it tells
// somebody of and those it knows to be silent. An event of another kind is
// not noticed.
func Kinds() []string {
	var out []string
	for _, r := range rules {
		if len(out) == 0 || out[len(out)-1] != r.Kind {
			out = append(out, r.Kind)
		}
	}
	return append(out, silent...)
}

// Silent lists the kinds of Kinds that nobody is told of.
func Silent() []string { return append([]string(nil), silent...) }
