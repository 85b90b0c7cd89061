// Package membership holds the rules by which an alliance takes members in
// and keeps them, as tables.
//
// Nothing here does I/O. A store derives its guards from the tables, the
// documents and the portal are drawn from them, and tests walk them whole.
package membership

import (
	"slices"

	"tocsin/spec/mpcvd"
)

// AppState is where an application stands.
type AppState string

// AppVerb moves an application.
type AppVerb string

// The states of an application.
const (
	AppDraft     AppState = "draft"
	AppSubmitted AppState = "submitted"
	AppComplete  AppState = "complete"
	AppSponsored AppState = "sponsored"
	AppObjection AppState = "objection"
	AppReady     AppState = "ready"
	AppBallot    AppState = "ballot"
	AppAccepted  AppState = "accepted"
	AppSigned    AppState = "signed"
	AppTested    AppState = "tested"
	AppActive    AppState = "active"
	AppRefused   AppState = "refused"
	AppWithdrawn AppState = "withdrawn"
	AppLapsed    AppState = "lapsed"
)

// The verbs of an application.
const (
	AppEdit     AppVerb = "edit"
	AppSubmit   AppVerb = "submit"
	AppReturn   AppVerb = "return"
	AppCheck    AppVerb = "check"   // found complete
	AppSponsor  AppVerb = "sponsor" // a sponsor speaks
	AppSupport  AppVerb = "support" // enough sponsors have spoken
	AppAnnounce AppVerb = "announce"
	AppObject   AppVerb = "object"
	AppClose    AppVerb = "close"
	AppPut      AppVerb = "put" // to the board's vote
	AppAccept   AppVerb = "accept"
	AppRefuse   AppVerb = "refuse"
	AppVoid     AppVerb = "void" // the ballot decided nothing
	AppPrepare  AppVerb = "prepare"
	AppSign     AppVerb = "sign"
	AppTest     AppVerb = "test"
	AppActivate AppVerb = "activate"
	AppWithdraw AppVerb = "withdraw"
	AppLapse    AppVerb = "lapse"
)

// Application is the life of an application, one state per application. A
// program that decides without a board accepts and refuses from ready; one
// with a board puts ready applications to the vote, and what the vote came to
// is accept, refuse or void. A submitted application is refused at once only
// where it is none: spam, or a joke.
var Application = mpcvd.Machine[AppState, AppVerb]{
	Name: "Application", Scope: "per application", Start: AppDraft,
	Info: []mpcvd.State[AppState]{
		{ID: AppDraft, Code: "D", Label: "Draft", Meaning: "The applicant is writing it, or completes what the secretariat sent back."},
		{ID: AppSubmitted, Code: "S", Label: "Submitted", Meaning: "The secretariat checks whether the application is complete."},
		{ID: AppComplete, Code: "C", Label: "Complete", Meaning: "Members of the program are asked to speak for the applicant."},
		{ID: AppSponsored, Code: "P", Label: "Sponsored", Meaning: "Enough sponsors have spoken; the members have not been asked yet."},
		{ID: AppObjection, Code: "O", Label: "Open to objection", Meaning: "The members of the program may object until the period ends and every objection has been answered."},
		{ID: AppReady, Code: "R", Label: "Ready to decide", Meaning: "Nothing is open any more; the decision is due."},
		{ID: AppBallot, Code: "B", Label: "At the ballot", Meaning: "The board votes on the admission."},
		{ID: AppAccepted, Code: "A", Label: "Accepted", Meaning: "The applicant may join once it has signed the agreements."},
		{ID: AppSigned, Code: "G", Label: "Signed", Meaning: "A test page must be answered by the applicant's contact."},
		{ID: AppTested, Code: "T", Label: "Contacts tested", Meaning: "All is there; the secretariat makes the membership active."},
		{ID: AppActive, Code: "M", Label: "Active member", Meaning: "The organization is a member of the program."},
		{ID: AppRefused, Code: "N", Label: "Refused", Meaning: "The application was refused, with a reason."},
		{ID: AppWithdrawn, Code: "W", Label: "Withdrawn", Meaning: "The applicant took the application back."},
		{ID: AppLapsed, Code: "L", Label: "Lapsed", Meaning: "A year went by without the membership becoming active."},
	},
	Rows: slices.Concat([]mpcvd.Row[AppState, AppVerb]{
		{From: AppDraft, Verb: AppEdit, To: AppDraft},
		{From: AppDraft, Verb: AppSubmit, To: AppSubmitted},
		{From: AppSubmitted, Verb: AppReturn, To: AppDraft},
		{From: AppSubmitted, Verb: AppCheck, To: AppComplete},
		{From: AppSubmitted, Verb: AppRefuse, To: AppRefused},
		{From: AppComplete, Verb: AppSponsor, To: AppComplete},
		{From: AppComplete, Verb: AppSupport, To: AppSponsored},
		{From: AppSponsored, Verb: AppAnnounce, To: AppObjection},
		{From: AppObjection, Verb: AppObject, To: AppObjection},
		{From: AppObjection, Verb: AppClose, To: AppReady},
		{From: AppReady, Verb: AppPut, To: AppBallot},
		{From: AppReady, Verb: AppAccept, To: AppAccepted},
		{From: AppReady, Verb: AppRefuse, To: AppRefused},
		{From: AppBallot, Verb: AppAccept, To: AppAccepted},
		{From: AppBallot, Verb: AppRefuse, To: AppRefused},
		{From: AppBallot, Verb: AppVoid, To: AppReady},
		{From: AppAccepted, Verb: AppPrepare, To: AppAccepted},
		{From: AppAccepted, Verb: AppSign, To: AppSigned},
		{From: AppSigned, Verb: AppTest, To: AppTested},
		{From: AppTested, Verb: AppActivate, To: AppActive},
	}, always(AppWithdraw, AppWithdrawn, unfinished...), always(AppLapse, AppLapsed, mayLapse...)),
}

var (
	unfinished = []AppState{AppDraft, AppSubmitted, AppComplete, AppSponsored, AppObjection, AppReady, AppBallot, AppAccepted, AppSigned, AppTested}
	// A ballot that runs is waited for: it ends by itself.
	mayLapse = []AppState{AppDraft, AppSubmitted, AppComplete, AppSponsored, AppObjection, AppReady, AppAccepted, AppSigned, AppTested}
)

func always(v AppVerb, to AppState, from ...AppState) []mpcvd.Row[AppState, AppVerb] {
	var out []mpcvd.Row[AppState, AppVerb]
	for _, s := range from {
		out = append(out, mpcvd.Row[AppState, AppVerb]{From: s, Verb: v, To: to})
	}
	return out
}

// Forward are the verbs that bring an application nearer to membership; none
// of them is possible while applications to its program are frozen.
var Forward = []AppVerb{AppSubmit, AppCheck, AppSupport, AppAnnounce, AppClose, AppPut, AppAccept, AppPrepare, AppSign, AppTest, AppActivate}

// Way is the straight way of an application, for a line of steps. A program
// that decides without a board skips AppBallot.
var Way = []AppState{AppDraft, AppSubmitted, AppComplete, AppSponsored, AppObjection, AppReady, AppBallot, AppAccepted, AppSigned, AppTested, AppActive}

// Ended reports whether nothing can happen to the application any more.
func (s AppState) Ended() bool {
	return s == AppActive || s == AppRefused || s == AppWithdrawn || s == AppLapsed
}

// MainWay is the machine without the ways out that every state has, which
// would hide the rest in a drawing: each of its states may also be withdrawn,
// and all but a running ballot lapse after a year.
func MainWay() mpcvd.Machine[AppState, AppVerb] {
	m := Application
	m.Rows = slices.DeleteFunc(slices.Clone(m.Rows), func(r mpcvd.Row[AppState, AppVerb]) bool {
		return r.Verb == AppWithdraw || r.Verb == AppLapse
	})
	m.Info = slices.DeleteFunc(slices.Clone(m.Info), func(s mpcvd.State[AppState]) bool {
		return s.ID == AppWithdrawn || s.ID == AppLapsed
	})
	return m
}
