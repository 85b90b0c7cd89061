package api

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/spec/mpcvd"
)

func showTimetable(c *call, tx *db.Tx, in *OfCase) (embargo.Timetable, error) {
	return embargo.Load(tx, c.Actor, in.Case)
}

type offer struct {
	Participant string    `json:"participant_id" doc:"Who proposes; empty: the coordinators, or the one party you sit for."`
	Ends        time.Time `json:"ends_at" required:"true" doc:"An instant with its zone."`
	Reason      string    `json:"reason"`
}

func (o offer) verb() embargo.Offer {
	return embargo.Offer{Participant: o.Participant, Ends: o.Ends, Reason: o.Reason}
}

type newProposal struct {
	OfCase
	Body offer
}

func proposeEnd(c *call, tx *db.Tx, in *newProposal) (embargo.Proposal, error) {
	return embargo.Propose(tx, c.Actor, in.Case, in.Body.verb())
}

func reviseEnd(c *call, tx *db.Tx, in *newProposal) (embargo.Proposal, error) {
	return embargo.Revise(tx, c.Actor, in.Case, in.Body.verb())
}

func proposeDefaultEnd(c *call, tx *db.Tx, in *OfCase) (embargo.Proposal, error) {
	return embargo.ProposeDefault(tx, c.Actor, in.Case)
}

// OfProposal names a proposal for an embargo.
type OfProposal struct {
	OfCase
	Proposal string `path:"proposal" maxLength:"64"`
}

// proposalHere makes sure that the proposal stands in the case of the path.
func proposalHere(c *call, tx *db.Tx, in OfProposal) error {
	t, err := embargo.Load(tx, c.Actor, in.Case)
	if err != nil {
		return err
	}
	for _, p := range t.Proposals {
		if p.ID == in.Proposal {
			return nil
		}
	}
	return errs.Missing("proposal")
}

type counterProposal struct {
	OfProposal
	Body offer
}

func counterEnd(c *call, tx *db.Tx, in *counterProposal) (embargo.Proposal, error) {
	if err := proposalHere(c, tx, in.OfProposal); err != nil {
		return embargo.Proposal{}, err
	}
	return embargo.CounterWith(tx, c.Actor, in.Proposal, in.Body.verb())
}

type proposalAnswer struct {
	OfProposal
	Body struct {
		Participant string `json:"participant_id" doc:"Who answers; empty: the one party you sit for."`
		Answer      string `json:"answer" required:"true" enum:"consent,object"`
		Reason      string `json:"reason" doc:"Needed to object."`
	}
}

func answerProposal(c *call, tx *db.Tx, in *proposalAnswer) (embargo.Proposal, error) {
	if err := proposalHere(c, tx, in.OfProposal); err != nil {
		return embargo.Proposal{}, err
	}
	return embargo.Respond(tx, c.Actor, in.Proposal, in.Body.Participant, embargo.Reply(in.Body.Answer), in.Body.Reason)
}

type proposalDecision struct {
	OfProposal
	Body struct {
		Accept bool   `json:"accept" required:"true"`
		Reason string `json:"reason"`
	}
}

func decideProposal(c *call, tx *db.Tx, in *proposalDecision) (embargo.Proposal, error) {
	if err := proposalHere(c, tx, in.OfProposal); err != nil {
		return embargo.Proposal{}, err
	}
	return embargo.Decide(tx, c.Actor, in.Proposal, in.Body.Accept, in.Body.Reason)
}

type proposalReason struct {
	OfProposal
	Because
}

func withdrawProposal(c *call, tx *db.Tx, in *proposalReason) (nothing, error) {
	if err := proposalHere(c, tx, in.OfProposal); err != nil {
		return nothing{}, err
	}
	return nothing{}, embargo.Withdraw(tx, c.Actor, in.Proposal, in.Body.Reason)
}

func terminateEmbargo(c *call, tx *db.Tx, in *caseReason) (casework.Case, error) {
	return embargo.Terminate(tx, c.Actor, in.Case, in.Body.Reason)
}

type exposure struct {
	OfCase
	Body struct {
		Event       string `json:"event" required:"true" enum:"P,X,A" doc:"P: the public knows; X: an exploit is public; A: attacks are seen."`
		Participant string `json:"participant_id" doc:"In whose name; a finder needs to say."`
		Note        string `json:"note"`
	}
}

// exposed is what followed from a report that the secret is out.
type exposed struct {
	PublicState mpcvd.PublicState `json:"public_state"`
	Embargo     mpcvd.EM          `json:"embargo_state"`
	DecisionDue time.Time         `json:"decision_due_at,omitzero" doc:"Attacks seen: decide by then."`
}

func reportExposure(c *call, tx *db.Tx, in *exposure) (exposed, error) {
	if _, err := embargo.ReportFor(tx, c.Actor, in.Case, in.Body.Participant, mpcvd.Event(in.Body.Event), in.Body.Note); err != nil {
		return exposed{}, err
	}
	k, err := seenCase(c, tx, in.Case)
	return exposed{k.Public, k.Embargo, k.DecisionDue}, err
}

type attacksDecision struct {
	OfCase
	Body struct {
		Decision string `json:"decision" required:"true" enum:"publish,keep"`
		Reason   string `json:"reason"`
	}
}

func decideAttacks(c *call, tx *db.Tx, in *attacksDecision) (casework.Case, error) {
	return embargo.DecideAttacks(tx, c.Actor, in.Case, mpcvd.Decision(in.Body.Decision), in.Body.Reason)
}

type readiness struct {
	OfParty
	Body struct {
		Answer string `json:"answer" required:"true" enum:"go,no-go"`
		Reason string `json:"reason"`
	}
}

func sayReady(c *call, tx *db.Tx, in *readiness) (embargo.Timetable, error) {
	if err := embargo.SetReadiness(tx, c.Actor, in.Case, in.Participant, embargo.Go(in.Body.Answer), in.Body.Reason); err != nil {
		return embargo.Timetable{}, err
	}
	return embargo.Load(tx, c.Actor, in.Case)
}

type machineMove struct {
	OfParty
	Body struct {
		Move   string `json:"move" required:"true" maxLength:"40"`
		Reason string `json:"reason"`
	}
}

func moveReport(c *call, tx *db.Tx, in *machineMove) (casework.Participant, error) {
	return embargo.MoveReport(tx, c.Actor, in.Case, in.Participant, mpcvd.RMVerb(in.Body.Move), in.Body.Reason)
}

func moveConsent(c *call, tx *db.Tx, in *machineMove) (casework.Participant, error) {
	return embargo.MoveConsent(tx, c.Actor, in.Case, in.Participant, mpcvd.PECVerb(in.Body.Move), in.Body.Reason)
}

func moveProgress(c *call, tx *db.Tx, in *machineMove) (casework.Participant, error) {
	return embargo.MoveProgress(tx, c.Actor, in.Case, in.Participant, mpcvd.Event(in.Body.Move))
}
