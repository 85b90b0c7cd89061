package constituency

import "tocsin/spec/mpcvd"

// State is where a claim stands.
type State string

// Verb moves a claim.
type Verb string

// The states of a claim.
const (
	Claimed   State = "claimed"
	Proving   State = "proving"
	Proven    State = "proven"
	Disputed  State = "disputed"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Expired   State = "expired"
)

// The verbs of a claim.
const (
	Challenge Verb = "challenge" // a proof is asked for, or asked for anew
	Lapse     Verb = "lapse"     // the challenge was not answered in its time
	Prove     Verb = "prove"     // a record or a link answered the challenge
	Confirm   Verb = "confirm"   // a coordinator vouches for it with a note
	Dispute   Verb = "dispute"
	Uphold    Verb = "uphold" // a dispute was settled for it
	Yield     Verb = "yield"  // an overlap was settled against it
	Refuse    Verb = "refuse"
	Withdraw  Verb = "withdraw"
	Expire    Verb = "expire"
)

// Claim is the life of a claim, one state per claim. A refused or withdrawn
// claim stays as it was; the same thing can be claimed anew.
var Claim = mpcvd.Machine[State, Verb]{
	Name: "Claim", Scope: "per claim", Start: Claimed,
	Info: []mpcvd.State[State]{
		{ID: Claimed, Code: "C", Label: "Claimed", Meaning: "The organization says that it answers for this; nothing proves it yet."},
		{ID: Proving, Code: "P", Label: "Proving", Meaning: "A challenge is out: a record in the domain, or a link in a mail, has to answer it."},
		{ID: Proven, Code: "Y", Label: "Proven", Meaning: "Proven within the last year; the programs the organization is in see it."},
		{ID: Disputed, Code: "D", Label: "Disputed", Meaning: "Proven, and another claim stands against it; coordinators have to settle it."},
		{ID: Expired, Code: "E", Label: "Expired", Meaning: "The proof is older than a year and has to be renewed."},
		{ID: Refused, Code: "N", Label: "Refused", Meaning: "Coordinators decided that the organization does not answer for this."},
		{ID: Withdrawn, Code: "W", Label: "Withdrawn", Meaning: "The organization no longer claims this."},
	},
	Rows: []mpcvd.Row[State, Verb]{
		{From: Claimed, Verb: Challenge, To: Proving},
		{From: Claimed, Verb: Confirm, To: Proven},
		{From: Claimed, Verb: Refuse, To: Refused},
		{From: Claimed, Verb: Yield, To: Refused},
		{From: Claimed, Verb: Withdraw, To: Withdrawn},
		{From: Proving, Verb: Challenge, To: Proving},
		{From: Proving, Verb: Prove, To: Proven},
		{From: Proving, Verb: Confirm, To: Proven},
		{From: Proving, Verb: Lapse, To: Claimed},
		{From: Proving, Verb: Refuse, To: Refused},
		{From: Proving, Verb: Yield, To: Refused},
		{From: Proving, Verb: Withdraw, To: Withdrawn},
		{From: Proven, Verb: Challenge, To: Proven}, // renewal while it holds
		{From: Proven, Verb: Prove, To: Proven},
		{From: Proven, Verb: Confirm, To: Proven},
		{From: Proven, Verb: Lapse, To: Proven},
		{From: Proven, Verb: Dispute, To: Disputed},
		{From: Proven, Verb: Yield, To: Refused},
		{From: Proven, Verb: Withdraw, To: Withdrawn},
		{From: Proven, Verb: Expire, To: Expired},
		{From: Disputed, Verb: Challenge, To: Disputed},
		{From: Disputed, Verb: Prove, To: Disputed}, // renewed; the dispute goes on
		{From: Disputed, Verb: Confirm, To: Disputed},
		{From: Disputed, Verb: Lapse, To: Disputed},
		{From: Disputed, Verb: Uphold, To: Proven},
		{From: Disputed, Verb: Yield, To: Refused},
		{From: Disputed, Verb: Withdraw, To: Withdrawn},
		{From: Disputed, Verb: Expire, To: Expired},
		{From: Expired, Verb: Challenge, To: Proving},
		{From: Expired, Verb: Confirm, To: Proven},
		{From: Expired, Verb: Refuse, To: Refused},
		{From: Expired, Verb: Yield, To: Refused},
		{From: Expired, Verb: Withdraw, To: Withdrawn},
	},
}

// Answers reports whether a claim in this state names who answers: proven
// ones do, disputed ones too, since an incident does not wait for a
// settlement.
func (s State) Answers() bool { return s == Proven || s == Disputed }

// Lives reports whether a claim still stands or may come to stand.
func (s State) Lives() bool { return s != Refused && s != Withdrawn }
