package report

import (
	"strings"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
)

// The events this package writes: noun and past participle. Those with a
// reason are for the coordinators; the finder's are EventProgressed and the
// ones about messages and files.
const (
	EventReceived   = "report.received"
	EventOpened     = "report.opened" // somebody read the text for the first time
	EventAssigned   = "report.assigned"
	EventMoved      = "report.moved"      // report management, with its reason
	EventProgressed = "report.progressed" // the same for the finder, in plain words
	EventScoped     = "report.scoped"
	EventHandedOver = "report.handed-over" // to the vendor's team: a report is theirs
	EventMerged     = "report.merged"
	EventCased      = "report.cased"  // a case was made of it
	EventJoined     = "report.joined" // on the timeline of the case that it became or went into
	EventDateNoted  = "report.date-noted"
	EventCredited   = "report.credited"
	EventWithdrawn  = "report.withdrawn"
	EventRelinked   = "report.relinked" // the finder's link was replaced
	EventSaid       = "report-message.written"
	EventAttached   = "report-file.attached"
)

var (
	table = ledger.Table{Kind: "report", Name: "report", Cols: "number, audience_id, talk_id, team_id, vendor_id, tlp, title, product, component, purl, versions, cves, refs, exploitation, sealed, contact, anonymous, credit, planned_at, planned_note, state, outcome, scope, scope_reason, owner_id, reason, case_id, participant_id, org_id, duplicate_of, withdrawn_at, closed_at"}

	messageTable = ledger.Table{Kind: "report_message", Name: "report_message", Cols: "report_id, audience_id, tlp, kind, side, person_id, answers, sealed, at"}
	fileTable    = ledger.Table{Kind: "report_file", Name: "report_file", Cols: "report_id, message_id, audience_id, tlp, side, person_id, name, media_type, sha256, size, at"}
)

// Tables are the rows that this package's events vouch for.
func Tables() []ledger.Table { return []ledger.Table{table, messageTable, fileTable} }

// record writes an event for the coordinators.
func record(tx *db.Tx, a audience.Actor, r Report, kind string, data map[string]any) {
	if data == nil {
		data = map[string]any{}
	}
	data["number"] = r.Number
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: r.Team, Level: r.Level, Scope: r.ID, Object: r.Ref(), Data: data, Binds: []ledger.Bound{table.Of(r.ID)}})
}

// tell writes for the finder that something moved. It names nobody: who on
// the team decided is the team's own matter.
func tell(tx *db.Tx, r Report) {
	ledger.Append(tx, ledger.Event{Kind: EventProgressed, Audience: r.Talk, Level: r.Level, Scope: r.ID, Object: r.Ref(),
		Data: map[string]string{"number": r.Number, "standing": r.standing().Text}})
}

// index makes the report findable for the coordinators, by what stands in
// clear: the index is not sealed, so the confidential text is not in it.
func index(tx *db.Tx, r Report) error {
	return search.Put(tx, search.Doc{Kind: "report", ObjectID: r.ID, Audience: r.Team, Level: r.Level, Title: r.Number + " " + r.Title,
		Body: strings.Join([]string{r.Product, r.Component, r.PURL, r.Versions, strings.Join(r.CVEs, " "), strings.Join(r.References, " ")}, "\n"), URL: Path(r.Number)})
}

// Path is where a report is shown to who has an account.
func Path(number string) string { return "/reports/" + number }
