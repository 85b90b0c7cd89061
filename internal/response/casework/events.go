package casework

import "tocsin/internal/kernel/ledger"

// The events this package writes: noun and past participle.
const (
	CaseOpened        = "case.opened"
	CaseEdited        = "case.edited"
	CaseAssigned      = "case.assigned"
	CoordinatorNamed  = "coordinator.named"
	CaseClosed        = "case.closed"
	CaseReopened      = "case.reopened"
	CaseMerged        = "case.merged"
	CaseSplit         = "case.split"
	CaseImported      = "case.imported"
	ParticipantAdded  = "participant.added"
	ParticipantHidden = "participant.hidden"
	ParticipantShown  = "participant.shown"
	ParticipantLeft   = "participant.left"
	ParticipantNudged = "participant.nudged"
	ParticipantMoved  = "participant.moved" // report management or vendor progress
	InvitationSent    = "invitation.sent"
	TermsAccepted     = "terms.accepted"
	TermsDeclined     = "terms.declined"
	InvitationExpired = "invitation.expired"
	// InvitationReminded is for the invitee, without a word of the case;
	// InvitationIgnored for the coordinators: reminders did not help.
	InvitationReminded = "invitation.reminded"
	InvitationIgnored  = "invitation.ignored"
	ExceptionMade      = "exception.made" // by the board
	ExceptionEnded     = "exception.ended"
	CaseSeen           = "case.seen" // a party opened the case for the first time
)

// Tables are the rows that this package's events vouch for.
func Tables() []ledger.Table {
	return []ledger.Table{caseTable, participantTable}
}
