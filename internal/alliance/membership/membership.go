// Package membership takes organizations into programs, and keeps them there
// by the alliance's rules. The machines are those of spec/membership.
//
// An application has three sides, each with an audience of its own: the
// applicant's, who reads where it stands and what it owes, and nothing of who
// said what; the secretariat's, which the board shares while it votes; and
// the members', who read what the applicant says publicly while they may
// speak for it or object. A draft is its author's alone until it is
// submitted.
package membership

import (
	"slices"
	"tocsin/internal/kernel/ledger"
)

// Tables names the rows that this package's events vouch for.
func Tables() []ledger.Table { return slices.Concat(applicationTables, StandingTables()) }
