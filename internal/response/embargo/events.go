package embargo

import (
	"slices"

	"tocsin/internal/kernel/ledger"
)

// The events this package writes: noun and past participle.
const (
	EventProposed   = "embargo.proposed"
	EventAnswered   = "embargo.answered"
	EventAccepted   = "embargo.accepted"
	EventRejected   = "embargo.rejected"
	EventWithdrawn  = "embargo.withdrawn"
	EventExpired    = "embargo.expired"
	EventReplaced   = "embargo.replaced" // the party proposed another end
	EventEnded      = "embargo.ended"
	EventReset      = "consent.reset"
	EventLapsed     = "consent.lapsed" // to the party: a new answer is owed
	EventConsent    = "consent.moved"
	EventExposed    = "exposure.reported" // an alarm: public, exploited or attacked
	EventDecide     = "decision.asked"    // an alarm: decide within hours
	EventDecided    = "decision.made"
	EventFrozen     = "freeze.reached"  // seven days before the end
	EventGoAsked    = "readiness.asked" // a day before the end
	EventReadiness  = "readiness.given"
	EventNoReply    = "participant.overdue" // to the party: a status was asked for by now
	EventSpreadSeen = "vendors.informed"    // a public case makes every vendor aware
)

// Alarms are the kinds of events that reach every party at once, whatever
// their notice settings say.
var Alarms = []string{EventExposed, EventDecide}

// IsAlarm reports whether delivery must pass an event on at once.
func IsAlarm(kind string) bool { return slices.Contains(Alarms, kind) }

var (
	proposalTable  = ledger.Table{Kind: "embargo_proposal", Name: "embargo_proposal", Cols: "case_id, audience_id, kind, state, ends_at, reason, counters, participant_id, on_behalf, person_id, opened_at, passes_at, carried, decided_at, decision"}
	answerTable    = ledger.Table{Kind: "embargo_answer", Name: "embargo_answer", Cols: "proposal_id, participant_id, answer, reason, on_behalf, person_id, at"}
	readinessTable = ledger.Table{Kind: "readiness", Name: "readiness", Cols: "case_id, participant_id, ends_at, answer, reason, on_behalf, person_id, at"}
)

// Tables are the rows that this package's events vouch for. The audience of
// answers is not among them, since it follows the party when it is hidden.
func Tables() []ledger.Table { return []ledger.Table{proposalTable, answerTable, readinessTable} }
