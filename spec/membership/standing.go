package membership

import "tocsin/spec/mpcvd"

// Standing is how a member stands in a program, or in the whole alliance: the
// worse of what its renewal and its sanctions say.
type Standing string

// The standings, best first.
const (
	Good      Standing = "good"
	Warned    Standing = "warned"    // as before, on notice
	Reduced   Standing = "reduced"   // reads, and contributes nothing
	Lapsed    Standing = "lapsed"    // not renewed: reads, and contributes nothing
	Suspended Standing = "suspended" // sees nothing of it
	Removed   Standing = "removed"   // sees nothing of it; the membership ends once no appeal can change that
)

// Standings lists the standings, best first.
var Standings = []Standing{Good, Warned, Reduced, Lapsed, Suspended, Removed}

// The caps that a standing puts on what the member's people may do: each is
// the number of an audience role.
const (
	CapNone   = 0
	CapReader = 1
	CapFull   = 2
)

// Cap is the most that a member of this standing may do.
func (s Standing) Cap() int {
	switch s {
	case Good, Warned:
		return CapFull
	case Reduced, Lapsed:
		return CapReader
	}
	return CapNone
}

// Label is the standing in a word or two.
func (s Standing) Label() string {
	switch s {
	case Good:
		return "Good standing"
	case Warned:
		return "Warned"
	case Reduced:
		return "Reduced"
	case Lapsed:
		return "Lapsed"
	case Suspended:
		return "Suspended"
	case Removed:
		return "Removed"
	}
	return string(s)
}

// Of joins a member's two machines to its standing.
func Of(r RenewalState, s SanctionState) Standing {
	switch {
	case s == SanctionRemoved || s == SanctionEnded:
		return Removed
	case s == SanctionSuspended || r == RenewalSuspended:
		return Suspended
	case r == RenewalLapsed:
		return Lapsed
	case s == SanctionReduced:
		return Reduced
	case s == SanctionWarned:
		return Warned
	}
	return Good
}

// RenewalState is where the yearly renewal of a membership stands.
type RenewalState string

// RenewalVerb moves a renewal.
type RenewalVerb string

// The states of a renewal.
const (
	RenewalCurrent   RenewalState = "current"
	RenewalAsked     RenewalState = "asked"
	RenewalLapsed    RenewalState = "lapsed"
	RenewalSuspended RenewalState = "suspended"
)

// The verbs of a renewal. All but renew are the clock's.
const (
	RenewalRemind  RenewalVerb = "remind"
	RenewalLapse   RenewalVerb = "lapse"
	RenewalSuspend RenewalVerb = "suspend"
	RenewalRenew   RenewalVerb = "renew"
)

// Renewal is the yearly renewal of a membership. What is asked for can be
// given at any time from the first reminder on, and renewing restores.
var Renewal = mpcvd.Machine[RenewalState, RenewalVerb]{
	Name: "Renewal", Scope: "per membership", Start: RenewalCurrent,
	Info: []mpcvd.State[RenewalState]{
		{ID: RenewalCurrent, Code: "C", Label: "Current", Meaning: "The membership runs; nothing is asked yet."},
		{ID: RenewalAsked, Code: "A", Label: "Renewal asked for", Meaning: "The membership ends within 90 days; the steps of its renewal are open."},
		{ID: RenewalLapsed, Code: "L", Label: "Lapsed", Meaning: "The day went by: the member's people read, and contribute nothing."},
		{ID: RenewalSuspended, Code: "S", Label: "Suspended", Meaning: "The time of grace went by too: the member's people see nothing of the program."},
	},
	Rows: []mpcvd.Row[RenewalState, RenewalVerb]{
		{From: RenewalCurrent, Verb: RenewalRemind, To: RenewalAsked},
		{From: RenewalAsked, Verb: RenewalRemind, To: RenewalAsked},
		{From: RenewalAsked, Verb: RenewalRenew, To: RenewalCurrent},
		{From: RenewalAsked, Verb: RenewalLapse, To: RenewalLapsed},
		{From: RenewalLapsed, Verb: RenewalRenew, To: RenewalCurrent},
		{From: RenewalLapsed, Verb: RenewalSuspend, To: RenewalSuspended},
		{From: RenewalSuspended, Verb: RenewalRenew, To: RenewalCurrent},
	},
}

// SanctionState is how far a member has been sanctioned.
type SanctionState string

// SanctionVerb moves a member's sanctions.
type SanctionVerb string

// The states of a member's sanctions.
const (
	SanctionNone      SanctionState = "none"
	SanctionWarned    SanctionState = "warned"
	SanctionReduced   SanctionState = "reduced"
	SanctionSuspended SanctionState = "suspended"
	SanctionRemoved   SanctionState = "removed"
	SanctionEnded     SanctionState = "ended"
)

// The verbs of a member's sanctions. Suspend and remove are the board's, end
// is the clock's.
const (
	Warn    SanctionVerb = "warn"
	Reduce  SanctionVerb = "reduce"
	Suspend SanctionVerb = "suspend"
	Remove  SanctionVerb = "remove"
	Restore SanctionVerb = "restore"
	End     SanctionVerb = "end"
	Readmit SanctionVerb = "readmit"
)

// Sanction is what the alliance does about a member. A sanction takes the
// place of a milder one, never of a heavier; what it took the place of stands
// again when it is lifted.
var Sanction = mpcvd.Machine[SanctionState, SanctionVerb]{
	Name: "Sanctions", Scope: "per membership", Start: SanctionNone,
	Info: []mpcvd.State[SanctionState]{
		{ID: SanctionNone, Code: "N", Label: "None", Meaning: "Nothing stands against the member."},
		{ID: SanctionWarned, Code: "W", Label: "Warned", Meaning: "The member was warned; it takes part as before."},
		{ID: SanctionReduced, Code: "R", Label: "Reduced", Meaning: "The member's people read, and contribute nothing."},
		{ID: SanctionSuspended, Code: "S", Label: "Suspended", Meaning: "The member's people see nothing of it until the suspension is lifted."},
		{ID: SanctionRemoved, Code: "X", Label: "Removed", Meaning: "The member's people see nothing of it; it may still appeal."},
		{ID: SanctionEnded, Code: "E", Label: "Ended", Meaning: "The membership is over; only a new application leads back."},
	},
	Rows: []mpcvd.Row[SanctionState, SanctionVerb]{
		{From: SanctionNone, Verb: Warn, To: SanctionWarned},
		{From: SanctionNone, Verb: Reduce, To: SanctionReduced},
		{From: SanctionNone, Verb: Suspend, To: SanctionSuspended},
		{From: SanctionNone, Verb: Remove, To: SanctionRemoved},
		{From: SanctionWarned, Verb: Reduce, To: SanctionReduced},
		{From: SanctionWarned, Verb: Suspend, To: SanctionSuspended},
		{From: SanctionWarned, Verb: Remove, To: SanctionRemoved},
		{From: SanctionWarned, Verb: Restore, To: SanctionNone},
		{From: SanctionReduced, Verb: Suspend, To: SanctionSuspended},
		{From: SanctionReduced, Verb: Remove, To: SanctionRemoved},
		{From: SanctionReduced, Verb: Restore, To: SanctionNone},
		{From: SanctionSuspended, Verb: Remove, To: SanctionRemoved},
		{From: SanctionSuspended, Verb: Restore, To: SanctionNone},
		{From: SanctionRemoved, Verb: Restore, To: SanctionNone},
		{From: SanctionRemoved, Verb: End, To: SanctionEnded},
		{From: SanctionEnded, Verb: Readmit, To: SanctionNone},
	},
}

// AppealState is where the appeal against a sanction stands.
type AppealState string

// AppealVerb moves an appeal.
type AppealVerb string

// The states of an appeal.
const (
	AppealOpen       AppealState = "open"
	AppealFiled      AppealState = "filed"
	AppealUpheld     AppealState = "upheld"
	AppealOverturned AppealState = "overturned"
	AppealForgone    AppealState = "forgone"
)

// The verbs of an appeal. Forgo is the clock's, or follows when the sanction
// ends otherwise.
const (
	File     AppealVerb = "appeal"
	Uphold   AppealVerb = "uphold"
	Overturn AppealVerb = "overturn"
	Forgo    AppealVerb = "forgo"
)

// Appeal is the one appeal that each sanction allows. The sanction is in
// force until the appeal is decided.
var Appeal = mpcvd.Machine[AppealState, AppealVerb]{
	Name: "Appeal", Scope: "per sanction", Start: AppealOpen,
	Info: []mpcvd.State[AppealState]{
		{ID: AppealOpen, Code: "O", Label: "Open to appeal", Meaning: "The member may appeal within 14 days."},
		{ID: AppealFiled, Code: "F", Label: "Appealed", Meaning: "The appeal waits to be decided by others than who imposed the sanction."},
		{ID: AppealUpheld, Code: "U", Label: "Upheld", Meaning: "The sanction stands for good."},
		{ID: AppealOverturned, Code: "V", Label: "Overturned", Meaning: "The sanction was lifted; the member stands as before it."},
		{ID: AppealForgone, Code: "P", Label: "Not appealed", Meaning: "The time went by, or the sanction ended, without an appeal."},
	},
	Rows: []mpcvd.Row[AppealState, AppealVerb]{
		{From: AppealOpen, Verb: File, To: AppealFiled},
		{From: AppealOpen, Verb: Forgo, To: AppealForgone},
		{From: AppealFiled, Verb: Uphold, To: AppealUpheld},
		{From: AppealFiled, Verb: Overturn, To: AppealOverturned},
	},
}
