package mpcvd

// RM is the state of report management of one participant.
type RM string

// RMVerb moves a participant's report management.
type RMVerb string

// The states of report management.
const (
	RMStart    RM = "start"
	RMReceived RM = "received"
	RMInvalid  RM = "invalid"
	RMValid    RM = "valid"
	RMDeferred RM = "deferred"
	RMAccepted RM = "accepted"
	RMClosed   RM = "closed"
)

// The verbs of report management.
const (
	RMReceive    RMVerb = "receive"
	RMInvalidate RMVerb = "invalidate"
	RMValidate   RMVerb = "validate"
	RMAccept     RMVerb = "accept"
	RMDefer      RMVerb = "defer"
	RMClose      RMVerb = "close"
)

// Report is report management, one state per participant.
var Report = Machine[RM, RMVerb]{
	Name: "Report", Scope: "per participant", Start: RMStart,
	Info: []State[RM]{
		{RMStart, "S", "Not received", "This participant has not received the report."},
		{RMReceived, "R", "Received", "The report has arrived and waits to be judged."},
		{RMInvalid, "I", "Invalid", "The report was judged not to describe a vulnerability in scope."},
		{RMValid, "V", "Valid", "The report is credible; whether to work on it is open."},
		{RMDeferred, "D", "Deferred", "The report is valid but not worked on for now."},
		{RMAccepted, "A", "Accepted", "The participant is working on it."},
		{RMClosed, "C", "Closed", "The participant has finished with it."},
	},
	Rows: []Row[RM, RMVerb]{
		{RMStart, RMReceive, RMReceived},
		{RMReceived, RMInvalidate, RMInvalid},
		{RMReceived, RMValidate, RMValid},
		{RMInvalid, RMValidate, RMValid},
		{RMValid, RMAccept, RMAccepted},
		{RMDeferred, RMAccept, RMAccepted},
		{RMValid, RMDefer, RMDeferred},
		{RMAccepted, RMDefer, RMDeferred},
		{RMAccepted, RMClose, RMClosed},
		{RMDeferred, RMClose, RMClosed},
		{RMInvalid, RMClose, RMClosed},
	},
}

// EM is the state of a case's embargo.
type EM string

// EMVerb moves a case's embargo.
type EMVerb string

// The states of embargo management.
const (
	EMNone     EM = "none"
	EMProposed EM = "proposed"
	EMActive   EM = "active"
	EMRevise   EM = "revise"
	EMExited   EM = "exited"
)

// The verbs of embargo management.
const (
	EMPropose   EMVerb = "propose"
	EMReject    EMVerb = "reject"
	EMAccept    EMVerb = "accept"
	EMTerminate EMVerb = "terminate"
)

// Embargo is embargo management, one state per case.
var Embargo = Machine[EM, EMVerb]{
	Name: "Embargo", Scope: "per case", Start: EMNone,
	Info: []State[EM]{
		{EMNone, "N", "No embargo", "No embargo holds and none is proposed."},
		{EMProposed, "P", "Proposed", "An end is proposed; no embargo holds yet."},
		{EMActive, "A", "Active", "An embargo holds until its end."},
		{EMRevise, "R", "Revision proposed", "An embargo holds; another end is proposed and the old one stands until it is accepted."},
		{EMExited, "X", "Ended", "The embargo is over and none can follow."},
	},
	Rows: []Row[EM, EMVerb]{
		{EMNone, EMPropose, EMProposed},
		{EMProposed, EMPropose, EMProposed},
		{EMProposed, EMReject, EMNone},
		{EMProposed, EMAccept, EMActive},
		{EMActive, EMPropose, EMRevise},
		{EMActive, EMTerminate, EMExited},
		{EMRevise, EMPropose, EMRevise},
		{EMRevise, EMAccept, EMActive},
		{EMRevise, EMReject, EMActive},
		{EMRevise, EMTerminate, EMExited},
	},
}

// Holds reports whether an embargo binds in this state (A and R).
func (s EM) Holds() bool { return s == EMActive || s == EMRevise }

// PEC is one participant's consent to a case's embargo.
type PEC string

// PECVerb moves a participant's consent.
type PECVerb string

// The states of participant embargo consent.
const (
	PECNoEmbargo PEC = "no_embargo"
	PECInvited   PEC = "invited"
	PECSignatory PEC = "signatory"
	PECLapsed    PEC = "lapsed"
	PECDeclined  PEC = "declined"
)

// The verbs of participant embargo consent.
const (
	PECInvite  PECVerb = "invite"
	PECAccept  PECVerb = "accept"
	PECDecline PECVerb = "decline"
	PECRevise  PECVerb = "revise"
	PECReset   PECVerb = "reset"
)

// Consent is participant embargo consent, one state per participant.
var Consent = Machine[PEC, PECVerb]{
	Name: "Consent", Scope: "per participant", Start: PECNoEmbargo,
	Info: []State[PEC]{
		{PECNoEmbargo, "NO_EMBARGO", "Not asked", "This participant has not been asked to keep an embargo."},
		{PECInvited, "INVITED", "Asked", "The participant has been asked and has not answered."},
		{PECSignatory, "SIGNATORY", "Signed", "The participant has accepted the embargo's terms."},
		{PECLapsed, "LAPSED", "Lapsed", "The terms changed after the participant signed; a new answer is owed."},
		{PECDeclined, "DECLINED", "Declined", "The participant refused the embargo's terms."},
	},
	Rows: []Row[PEC, PECVerb]{
		{PECNoEmbargo, PECInvite, PECInvited},
		{PECLapsed, PECInvite, PECInvited},
		{PECDeclined, PECInvite, PECInvited},
		{PECNoEmbargo, PECAccept, PECSignatory},
		{PECInvited, PECAccept, PECSignatory},
		{PECLapsed, PECAccept, PECSignatory},
		{PECNoEmbargo, PECDecline, PECDeclined},
		{PECInvited, PECDecline, PECDeclined},
		{PECLapsed, PECDecline, PECDeclined},
		{PECSignatory, PECRevise, PECLapsed},
		{PECNoEmbargo, PECReset, PECNoEmbargo},
		{PECInvited, PECReset, PECNoEmbargo},
		{PECSignatory, PECReset, PECNoEmbargo},
		{PECLapsed, PECReset, PECNoEmbargo},
		{PECDeclined, PECReset, PECNoEmbargo},
	},
}
