package gate

import (
	"fmt"
	"net/url"
	"slices"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/report"
	"tocsin/internal/response/talk"
	"tocsin/spec/oncall"
)

// debts are the lists of what somebody owes, by package.
var debts = []func(*db.Tx, audience.Actor) ([]casework.Owed, error){casework.OwedBy, dialing, votes, unsigned, renewals, appeals, applications, embargo.Owed, matrix.Owed, talk.Owed, report.Owed, advisory.Owed}

// OwedDialing is the kind of a page that waits for its caller to dial.
const OwedDialing = "call.page"

// dialing is what the actor's own running calls wait for.
func dialing(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	list, err := contacts.Tasks(tx, a)
	var out []casework.Owed
	for _, t := range list {
		what := "Call " + t.Name
		if t.Channel == oncall.Chat {
			what = "Write to " + t.Name + " by chat"
		}
		out = append(out, casework.Owed{What: what, Due: t.Since, URL: "/alliance/calls/" + t.Call, Kind: OwedDialing})
	}
	return out, err
}

// OwedVote is the kind of a vote that is not cast.
const OwedVote = "motion.vote"

// MotionPath is the page of a motion.
func MotionPath(number string) string { return "/alliance/board/motions/" + url.PathEscape(number) }

// votes are the ballots that wait for the actor's vote.
func votes(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	if a.Person == "" { // whoever reads what is public owes nothing
		return nil, nil
	}
	list, err := board.Awaiting(tx, a)
	var out []casework.Owed
	for _, m := range list {
		out = append(out, casework.Owed{Number: m.Number, What: "Your vote on " + m.Number, Due: m.Deadline, URL: MotionPath(m.Number), Kind: OwedVote})
	}
	return out, err
}

// OwedAgreement is the kind of an agreement that waits for acceptance.
const OwedAgreement = "agreement.accept"

// AgreementPath is the page of an agreement.
func AgreementPath(agreementID string) string {
	return "/alliance/agreements/" + url.PathEscape(agreementID)
}

// unsigned are the agreements that the actor has still to accept, for an
// organization or in their own name.
func unsigned(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	if a.Person == "" {
		return nil, nil
	}
	list, err := agreements.Owed(tx, a)
	var out []casework.Owed
	for _, o := range list {
		what := "Accept " + o.Text.Title
		if o.Name != "" {
			what += " for " + o.Name
		}
		out = append(out, casework.Owed{What: what, URL: AgreementPath(o.Text.Agreement), Kind: OwedAgreement})
	}
	return out, err
}

// The kinds of what is owed about memberships.
const (
	OwedRenewal = "membership.renew"
	OwedAppeal  = "appeal.decide"
)

// StandingPath is the page of a membership, by its id or Ref.
func StandingPath(ref string) string { return "/alliance/standing/" + url.PathEscape(ref) }

// renewals are the memberships that wait for the actor, an admin.
func renewals(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	list, err := membership.RenewalsOwed(tx, a)
	var out []casework.Owed
	for _, m := range list {
		what := "Renew the membership of " + m.OrgName + " in " + m.ProgramName
		if n := len(m.Missing); n > 0 {
			what += fmt.Sprintf(" (%d still missing)", n)
		}
		out = append(out, casework.Owed{What: what, Due: m.Due, URL: StandingPath(m.Ref()), Kind: OwedRenewal})
	}
	return out, err
}

// appeals are those that the actor may decide, or put to the board.
func appeals(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	list, err := membership.AppealsOwed(tx, a)
	var out []casework.Owed
	for _, p := range list {
		out = append(out, casework.Owed{What: "Decide on the appeal of " + p.Of.OrgName, URL: StandingPath(p.Of.Ref()), Kind: OwedAppeal})
	}
	return out, err
}

// Owed gathers what the actor owes, the earliest due first and what has no
// due time last.
func Owed(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	var out []casework.Owed
	for _, f := range debts {
		list, err := f(tx, a)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortStableFunc(out, func(x, y casework.Owed) int {
		if x.Due.IsZero() != y.Due.IsZero() {
			if x.Due.IsZero() {
				return 1
			}
			return -1
		}
		return x.Due.Compare(y.Due)
	})
	return out, nil
}
