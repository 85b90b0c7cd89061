package portal

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/vex"
)

// eventWords say each kind of event as a person would. A kind without words
// is shown by its own name.
var eventWords = map[string]string{
	"roadmap.written": "Line of the roadmap written", "roadmap.edited": "Line of the roadmap changed", "roadmap.approved": "Line of the roadmap cleared by one", "roadmap.cleared": "Line of the roadmap cleared", "roadmap.withdrawn": "Line of the roadmap withdrawn",
	"claim.declared": "Claim declared", "claim.challenged": "Proof asked for", "claim.noted": "Registry contact noted", "claim.denied": "Denied by whoever was asked", "claim.lapsed": "Challenge ran out", "claim.proven": "Claim proven", "claim.disputed": "Claim in dispute", "claim.upheld": "Claim upheld", "claim.refused": "Claim refused", "claim.withdrawn": "Claim withdrawn", "claim.expiring": "Proof ends within a month", "claim.expired": "Proof expired", "overlap.found": "Overlap found", "overlap.disputed": "Overlap in dispute", "overlap.settled": "Overlap settled",
	"case.opened": "Case opened", "case.edited": "Case edited", "case.assigned": "Case assigned", "coordinator.named": "Coordinator named", "case.closed": "Case closed", "case.reopened": "Case reopened", "case.merged": "Case merged", "case.split": "Case split", "case.imported": "Case imported", "case.seen": "First look at the case", "exception.made": "The board made an exception", "exception.ended": "An exception of the board ended",
	"participant.added": "Included", "participant.hidden": "Hidden from the others", "participant.shown": "Shown to the others", "participant.left": "Left the case", "participant.nudged": "Nudged", "participant.moved": "Moved on", "participant.overdue": "A status is overdue",
	"invitation.expired": "Invitation closed", "invitation.ignored": "Reminders brought no answer", "terms.accepted": "Terms accepted", "terms.declined": "Terms declined",
	"embargo.proposed": "End of the embargo proposed", "embargo.answered": "Answer to a proposed end", "embargo.accepted": "End of the embargo agreed", "embargo.rejected": "Proposed end rejected", "embargo.withdrawn": "Proposed end withdrawn", "embargo.expired": "Proposed end expired", "embargo.replaced": "Proposed end replaced by another", "embargo.ended": "Embargo ended",
	"consent.reset": "Consents reset", "consent.lapsed": "Consent lapsed; a new answer is owed", "consent.moved": "Consent changed", "exposure.reported": "Alarm", "decision.asked": "A decision is asked for", "decision.made": "Decision made", "freeze.reached": "T-7 days: texts are frozen", "readiness.asked": "T-24 h: go or no-go is asked for", "readiness.given": "Go or no-go", "vendors.informed": "Public: every vendor counts as aware",
	"vulnerability.added": "Vulnerability added", "vulnerability.edited": "Vulnerability edited", "vulnerability.removed": "Vulnerability removed", "vulnerability.moved": "Vulnerability came from another case", "product.added": "Product listed", "product.edited": "Product edited", "product.removed": "Product removed", "status.set": "Status", "tracker.set": "Own tracker number kept",
	"thread.opened": "Thread opened", "message.posted": "Message", "message.edited": "Message edited", "message.retracted": "Message retracted", "question.answered": "Question answered", "file.added": "File added", "file.opened": "File opened", "case.exported": "Copy taken",
	"program.created": "Program started", "program.edited": "Program edited", "program.joined": "Organization joined", "program.left": "Organization left", "program.rules_changed": "Rules changed", "program.coordinator_appointed": "Coordinator appointed", "program.coordinator_dismissed": "Coordinator dismissed",
	"report.cased": "Report became this case", "report.joined": "Report joined the case",
	"advisory.drafted": "Advisory drafted", "advisory.edited": "Advisory edited", "advisory.commented": "Comment on the advisory", "advisory.settled": "Comment settled", "advisory.submitted": "Advisory handed in for review", "advisory.returned": "Advisory returned", "advisory.approved": "Advisory approved", "advisory.scheduled": "Release scheduled", "advisory.unscheduled": "Release taken off", "advisory.released": "Advisory released", "advisory.withdrawn": "Advisory withdrawn", "document.released": "Advisory released", "document.withdrawn": "Advisory withdrawn",
	"standing.entered": "Membership began", "standing.warned": "Warned", "standing.reduced": "Reduced to reading", "standing.suspended": "Suspended by the board", "standing.removed": "Removed by the board", "standing.restored": "Sanction lifted", "standing.ended": "Membership ended", "standing.readmitted": "Member again",
	"renewal.reminded": "Renewal asked for", "renewal.noted": "Step of the renewal noted", "renewal.renewed": "Renewed", "renewal.lapsed": "Lapsed", "renewal.suspended": "Suspended for want of renewal", "renewal.rescheduled": "End of the term moved",
	"appeal.filed": "Appealed", "appeal.upheld": "Appeal decided: it stands", "appeal.overturned": "Appeal decided: overturned", "appeal.forgone": "Not appealed in time",
	"agreement.made": "Agreement written", "agreement.edited": "Agreement edited", "agreement.revised": "New version of an agreement", "agreement.withdrawn": "Agreement withdrawn", "agreement.restored": "Agreement restored", "agreement.asked": "Acceptance asked for", "agreement.accepted": "Agreement accepted", "agreement.ended": "Acceptance ended",
	"contact.added": "Contact added", "contact.edited": "Contact edited", "contact.removed": "Contact removed", "contact.confirmed": "Contact confirmed", "contact.looked": "Looked at a contact's addresses", "contact.asked": "Asked whether a contact is right", "contact.due": "Contact to be confirmed", "contact.doubted": "Contact no longer right",
	"rotation.added": "Rotation added", "rotation.edited": "Rotation edited", "rotation.removed": "Rotation removed", "rotation.overridden": "Duty handed over", "rotation.restored": "Duty taken back", "ladder.added": "Ladder added", "ladder.edited": "Ladder edited", "ladder.removed": "Ladder removed",
	"call.started": "Call started", "call.paged": "Paged", "call.tried": "Dialed without an answer", "call.answered": "Call answered", "call.unanswered": "Nobody answered the call", "call.stopped": "Call stopped", "test.started": "Test started", "test.paged": "Test page sent", "test.tried": "Dialed in a test without an answer", "test.answered": "Test answered", "test.unanswered": "Nobody answered the test", "test.stopped": "Test stopped",
	"seat.appointed": "Seat on the board given", "seat.changed": "Substitute changed", "seat.ended": "Seat on the board ended", "board.founded": "Board founded",
	"application.begun": "Application begun", "application.edited": "Application edited", "application.confirmed": "Contact's address confirmed", "application.submitted": "Application submitted", "application.returned": "Application sent back", "application.checked": "Application found complete", "application.sponsor-asked": "Sponsor asked", "application.sponsor-called": "Asked to speak for an applicant", "application.sponsor-answered": "Sponsor answered", "application.supported": "Enough sponsors have spoken", "application.announced": "Application open to objection", "application.opened": "Objection period opened", "application.objected": "Objection to an application", "application.objection-answered": "Objection answered", "application.closed": "Objection period over", "application.recused": "Conflict noted", "application.put": "Application put to the board", "application.decided": "Application decided on", "application.undecided": "Ballot on an application decided nothing", "application.explained": "Refusal explained", "application.prepared": "Applicant's first admin invited", "application.signed": "Agreements signed", "application.test-sent": "Test page sent", "application.tested": "Test page answered", "application.activated": "Membership active", "application.withdrawn": "Application withdrawn", "application.lapsed": "Application lapsed", "application.relinked": "Applicant's link replaced", "application.reminded": "Applicant reminded", "application.progressed": "Application moved on",
	"affiliation.declared": "Affiliation declared", "affiliation.removed": "Affiliation removed", "applications.frozen": "Applications frozen", "applications.thawed": "Applications go on",
	"motion.drafted": "Motion written", "motion.edited": "Motion edited", "motion.opened": "Motion put to the vote", "motion.reminded": "Ballot closes within a day", "motion.recused": "Seat recused", "vote.cast": "Vote cast", "motion.closed": "Ballot closed", "motion.uncounted": "Votes cannot be counted", "motion.carried": "Motion carried", "motion.failed": "Motion failed", "motion.voided": "Nothing decided", "motion.recounted": "Votes counted anew", "motion.effected": "Decision done", "motion.hindered": "Decision not done yet",
}

// laterWords say what happens to an advisory that was out before.
var laterWords = map[string]string{"advisory.released": "Advisory updated", "document.released": "Advisory updated"}

// eventData is what payloads have in common and a line can show.
type eventData struct {
	Name     string    `json:"name"`
	Party    string    `json:"party"`
	What     string    `json:"what"`
	Label    string    `json:"label"`
	Title    string    `json:"title"`
	Status   string    `json:"status"`
	Answer   string    `json:"answer"`
	Ends     time.Time `json:"ends_at"`
	Revision int64     `json:"revision"`
	Reason   string    `json:"reason"`
	OnBehalf bool      `json:"on_behalf"`
}

// eventText is an event in one line; lane is the name that stands beside it
// already.
func eventText(r ledger.Record) string { return eventLine(r, "") }

func eventLine(r ledger.Record, lane string) string {
	words, ok := eventWords[r.Kind]
	if !ok {
		words = strings.ReplaceAll(r.Kind, ".", " ")
	}
	var d eventData
	if json.Unmarshal(r.Payload, &d) != nil {
		return words
	}
	if later, ok := laterWords[r.Kind]; ok && d.Revision > 1 {
		words = later
	}
	parts := []string{words}
	if r.Erased {
		parts = append(parts, "its content was erased")
	}
	for _, s := range []string{d.Name, d.Party, d.What, strings.TrimSpace(d.Label + " " + d.Title), statusWord(d.Status), d.Answer} {
		if s != "" && s != lane {
			parts = append(parts, s)
		}
	}
	if !d.Ends.IsZero() {
		parts = append(parts, look.UTC(d.Ends))
	}
	if d.OnBehalf {
		parts = append(parts, "on behalf")
	}
	if d.Reason != "" {
		parts = append(parts, short(d.Reason, 120))
	}
	return strings.Join(parts, " · ")
}

func statusWord(s string) string {
	if st, err := vex.ParseStatus(s); err == nil {
		return st.Glyph() + " " + st.Label()
	}
	return s
}

// gathered joins a run of events of one kind at one time into one line that
// counts them: a wave of invitations is one thing that happened.
func gathered(list []look.Event, kinds []string) []look.Event {
	var out []look.Event
	for i := 0; i < len(list); {
		j := i + 1
		for j < len(list) && kinds[j] == kinds[i] && list[j].Lane == list[i].Lane && list[j].At.Sub(list[i].At) < time.Minute {
			j++
		}
		e := list[i]
		if j-i > 2 {
			e.Text = fmt.Sprintf("%s · %s", e.Text, look.Plural(j-i-1, "more alike", "more alike"))
		} else if j-i == 2 {
			out = append(out, e)
			e = list[i+1]
		}
		out = append(out, e)
		i = j
	}
	return out
}
