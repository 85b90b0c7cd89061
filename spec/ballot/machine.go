// Package ballot holds the rules by which a board decides: the machine of a
// motion as a table, and the count of its votes.
//
// Nothing here does I/O. A store derives its guards from the table, keeps the
// electorate and the votes, and asks Count what they come to; whoever has the
// same electorate and votes comes to the same result.
package ballot

import "tocsin/spec/mpcvd"

// State is where a motion stands.
type State string

// Verb moves a motion.
type Verb string

// The states of a motion.
const (
	Draft   State = "draft"
	Open    State = "open"
	Closed  State = "closed"
	Carried State = "carried"
	Failed  State = "failed"
	Void    State = "void"
)

// The verbs of a motion.
const (
	Edit   Verb = "edit"
	Put    Verb = "open" // put to the vote
	Cast   Verb = "cast"
	Recuse Verb = "recuse"
	Close  Verb = "close"
	Carry  Verb = "carry"
	Fail   Verb = "fail"
	Annul  Verb = "annul"
)

// Motion is the life of a motion, one state per motion. Close is the clock's
// or the last voter's; carry, fail and the annulling of a closed ballot are
// what Count says.
var Motion = mpcvd.Machine[State, Verb]{
	Name: "Motion", Scope: "per motion", Start: Draft,
	Info: []mpcvd.State[State]{
		{ID: Draft, Code: "D", Label: "Draft", Meaning: "The motion is being written; nobody votes yet."},
		{ID: Open, Code: "O", Label: "Open", Meaning: "The electorate is fixed and votes are cast, and changed, until the deadline."},
		{ID: Closed, Code: "C", Label: "Closed", Meaning: "No vote is taken any more; the votes are being counted."},
		{ID: Carried, Code: "Y", Label: "Carried", Meaning: "The board decided for the motion."},
		{ID: Failed, Code: "N", Label: "Failed", Meaning: "The board decided against the motion."},
		{ID: Void, Code: "V", Label: "Void", Meaning: "Nothing was decided: the motion was withdrawn, or there was no quorum."},
	},
	Rows: []mpcvd.Row[State, Verb]{
		{From: Draft, Verb: Edit, To: Draft},
		{From: Draft, Verb: Recuse, To: Draft},
		{From: Draft, Verb: Put, To: Open},
		{From: Draft, Verb: Annul, To: Void},
		{From: Open, Verb: Cast, To: Open},
		{From: Open, Verb: Recuse, To: Open},
		{From: Open, Verb: Close, To: Closed},
		{From: Open, Verb: Annul, To: Void},
		{From: Closed, Verb: Carry, To: Carried},
		{From: Closed, Verb: Fail, To: Failed},
		{From: Closed, Verb: Annul, To: Void},
	},
}

// Decided reports whether nothing can happen to the motion any more.
func (s State) Decided() bool { return s == Carried || s == Failed || s == Void }
