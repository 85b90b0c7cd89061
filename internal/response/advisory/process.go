package advisory

import "tocsin/spec/mpcvd"

// State is where an advisory stands on its way out.
type State string

// Verb is what moves an advisory.
type Verb string

// The states of an advisory.
const (
	StateDraft     State = "draft"
	StateReview    State = "review"
	StateApproved  State = "approved"
	StateScheduled State = "scheduled"
	StateReleased  State = "released"
	StateWithdrawn State = "withdrawn"
)

// The verbs. Release is the clock's: it follows from the instant.
const (
	VerbEdit       Verb = "edit"
	VerbSubmit     Verb = "submit"
	VerbReturn     Verb = "return"
	VerbApprove    Verb = "approve"
	VerbSchedule   Verb = "schedule"
	VerbUnschedule Verb = "unschedule"
	VerbRelease    Verb = "release"
	VerbWithdraw   Verb = "withdraw"
)

// Process is an advisory's machine. Whatever changes the text after an
// approval leads back to the draft; what is released stays so while its next
// revision is drafted.
var Process = mpcvd.Machine[State, Verb]{
	Name: "Advisory", Scope: "per advisory", Start: StateDraft,
	Info: []mpcvd.State[State]{
		{ID: StateDraft, Code: "D", Label: "Draft", Meaning: "Its text is being written."},
		{ID: StateReview, Code: "V", Label: "In review", Meaning: "It waits for a second pair of eyes."},
		{ID: StateApproved, Code: "A", Label: "Approved", Meaning: "Somebody who wrote none of it approved this text."},
		{ID: StateScheduled, Code: "S", Label: "Scheduled", Meaning: "Files and signature are ready and appear at the set instant."},
		{ID: StateReleased, Code: "R", Label: "Released", Meaning: "It is out."},
		{ID: StateWithdrawn, Code: "W", Label: "Withdrawn", Meaning: "It was taken back, for a stated reason."},
	},
	Rows: []mpcvd.Row[State, Verb]{
		{From: StateDraft, Verb: VerbEdit, To: StateDraft},
		{From: StateDraft, Verb: VerbSubmit, To: StateReview},
		{From: StateDraft, Verb: VerbWithdraw, To: StateWithdrawn},
		{From: StateReview, Verb: VerbEdit, To: StateReview},
		{From: StateReview, Verb: VerbReturn, To: StateDraft},
		{From: StateReview, Verb: VerbApprove, To: StateApproved},
		{From: StateReview, Verb: VerbWithdraw, To: StateWithdrawn},
		{From: StateApproved, Verb: VerbEdit, To: StateDraft},
		{From: StateApproved, Verb: VerbReturn, To: StateDraft},
		{From: StateApproved, Verb: VerbSchedule, To: StateScheduled},
		{From: StateApproved, Verb: VerbWithdraw, To: StateWithdrawn},
		{From: StateScheduled, Verb: VerbEdit, To: StateDraft},
		{From: StateScheduled, Verb: VerbSchedule, To: StateScheduled},
		{From: StateScheduled, Verb: VerbUnschedule, To: StateApproved},
		{From: StateScheduled, Verb: VerbRelease, To: StateReleased},
		{From: StateScheduled, Verb: VerbWithdraw, To: StateWithdrawn},
		{From: StateReleased, Verb: VerbEdit, To: StateDraft},
		{From: StateReleased, Verb: VerbWithdraw, To: StateWithdrawn},
	},
}
