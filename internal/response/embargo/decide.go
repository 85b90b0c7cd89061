package embargo

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

// Decide accepts or rejects an open proposal; a coordinator does so, with a
// reason. The shortest open proposal is accepted first: a longer one is a
// revision of it and waits.
func Decide(tx *db.Tx, a audience.Actor, proposalID string, yes bool, why string) (Proposal, error) {
	p, err := byID(tx, proposalID)
	if err != nil {
		return p, err
	}
	c, err := coordinated(tx, a, p.Case)
	if errs.Is(err, errs.NotFound) {
		err = errs.Missing("proposal")
	}
	if err != nil {
		return p, err
	}
	if p, err = byID(tx, proposalID); err != nil {
		return p, err
	}
	if p.State != Open {
		return p, errs.New(errs.Conflict, "This proposal is %s already.", p.State)
	}
	if why, err = reason(why); err != nil {
		return p, err
	}
	v := voice{actor: a}
	if !yes {
		if err := closeProposal(tx, v, c, p, Rejected, EventRejected, why); err != nil {
			return p, err
		}
		if err := settleOpen(tx, &c, v); err != nil {
			return p, err
		}
		return byID(tx, p.ID)
	}
	// The order matters: the table's refusal says more than "not shortest".
	if _, err := mpcvd.EmbargoMove(c.Embargo, mpcvd.EMAccept, c.Public); err != nil {
		return p, conflict(err)
	}
	if !p.Ends.After(tx.Now) {
		return p, errs.New(errs.Conflict, "The proposed end has come already; nothing is left to accept.")
	}
	shortest, err := isShortest(tx, c, p)
	if err != nil {
		return p, err
	}
	if !shortest {
		return p, errs.New(errs.Conflict, "A shorter proposal is open. Accept the shortest one first: this one then stands as a revision of it. Or reject the shorter one.")
	}
	if err := accept(tx, v, &c, p, why); err != nil {
		return p, err
	}
	return byID(tx, p.ID)
}

// accept agrees a proposal's end. Longer proposals stay open as revisions for
// a time, to be taken up or to lapse; a party that signed the old end and did not
// consent to the new one has lapsed.
func accept(tx *db.Tx, v voice, c *casework.Case, p Proposal, why string) error {
	revised := c.Embargo == mpcvd.EMRevise
	if err := move(tx, c, mpcvd.EMAccept, p.Ends); err != nil {
		return err
	}
	if err := closeProposal(tx, v, *c, p, Accepted, EventAccepted, why); err != nil {
		return err
	}
	if revised {
		if err := lapse(tx, v, *c, p); err != nil {
			return err
		}
	}
	return carryOver(tx, v, c)
}

// carryOver deals with the proposals that are open when another one has been
// accepted: each is now a revision, or has nothing left to say. Nobody asked
// for a longer embargo than the one just agreed, so silence does not make one:
// such a revision lapses unless every party consents or a coordinator accepts.
func carryOver(tx *db.Tx, v voice, c *casework.Case) error {
	l, err := Limits(tx)
	if err != nil {
		return err
	}
	open, err := openProposals(tx, c.ID)
	if err != nil {
		return err
	}
	left := 0
	for _, p := range open {
		if !p.Ends.After(tx.Now) {
			if err := closeProposal(tx, v, *c, p, Expired, EventExpired, "its end has come"); err != nil {
				return err
			}
			continue
		}
		left++
		p.OpenedAt = tx.Now
		if _, err := tx.Exec(`UPDATE embargo_proposal SET kind = $1, passes_at = $2, carried = 1 WHERE id = $3`, string(Revision), db.Micros(l.PassesAt(p.rule())), p.ID); err != nil {
			return err
		}
		ledger.Append(tx, ledger.Event{Kind: EventProposed, Audience: c.Audience, Level: c.Level, Scope: c.ID, Object: p.ref(),
			Data: map[string]any{"by": "the rule of the shortest proposal", "ends_at": p.Ends, "kind": Revision, "passes_at": l.PassesAt(p.rule()), "carried": true}, Binds: []ledger.Bound{proposalTable.Of(p.ID), c.Bound()}})
	}
	if left == 0 {
		return nil
	}
	return move(tx, c, mpcvd.EMPropose, c.EmbargoEnds)
}

// settleOpen rejects the embargo's open question once its last proposal is
// gone.
func settleOpen(tx *db.Tx, c *casework.Case, v voice) error {
	left, err := db.Value[int](tx, `SELECT COUNT(*) FROM embargo_proposal WHERE case_id = $1 AND state = 'open'`, c.ID)
	if err != nil || left > 0 || (c.Embargo != mpcvd.EMProposed && c.Embargo != mpcvd.EMRevise) {
		return err
	}
	return move(tx, c, mpcvd.EMReject, c.EmbargoEnds)
}

// lapse moves every signatory who did not consent to the new end to lapsed
// and tells it that it owes a new answer.
func lapse(tx *db.Tx, v voice, c casework.Case, p Proposal) error {
	list, err := casework.Parties(tx, c.ID)
	if err != nil {
		return err
	}
	said, err := db.Column[string](tx, `SELECT participant_id FROM embargo_answer WHERE proposal_id = $1 AND answer = 'consent'`, p.ID)
	if err != nil {
		return err
	}
	consented := map[string]bool{}
	for _, id := range said {
		consented[id] = true
	}
	for _, t := range list {
		if !t.Active() || mpcvd.AfterRevision(t.Consent, consented[t.ID]) == t.Consent {
			continue
		}
		if err := moveConsent(tx, &t, mpcvd.PECRevise); err != nil {
			return err
		}
		ledger.Append(tx, ledger.Event{Kind: EventLapsed, Audience: t.Private, Level: t.Level, Scope: c.ID, Object: t.Ref(),
			Data: map[string]any{"ends_at": p.Ends}, Binds: []ledger.Bound{t.Bound()}})
	}
	return nil
}

// Terminate ends a running embargo before its time; a coordinator does so,
// with a reason. The token of a machine needs the scope release.
func Terminate(tx *db.Tx, a audience.Actor, caseRef, why string) (casework.Case, error) {
	c, err := coordinated(tx, a, caseRef)
	if err != nil {
		return c, err
	}
	if !charter.Allows(a, charter.ScopeRelease) {
		return c, errs.New(errs.Denied, "Ending an embargo needs a token with the scope release.")
	}
	if why, err = reason(why); err != nil {
		return c, err
	}
	return c, end(tx, voice{actor: a}, &c, tx.Now, why)
}

// end terminates the embargo at an instant, closes what is still proposed and
// resets the consents, because nothing is left to consent to.
func end(tx *db.Tx, v voice, c *casework.Case, at time.Time, why string) error {
	if err := move(tx, c, mpcvd.EMTerminate, at); err != nil {
		return err
	}
	if err := closeAll(tx, v, *c, why); err != nil {
		return err
	}
	if err := clearDecision(tx, c); err != nil {
		return err
	}
	record(tx, v, *c, EventEnded, c.Ref(), map[string]any{"at": at, "reason": why}, c.Bound())
	return resetConsents(tx, v, *c)
}

func closeAll(tx *db.Tx, v voice, c casework.Case, why string) error {
	open, err := openProposals(tx, c.ID)
	if err != nil {
		return err
	}
	for _, p := range open {
		if err := closeProposal(tx, v, c, p, Rejected, EventRejected, why); err != nil {
			return err
		}
	}
	return nil
}

func clearDecision(tx *db.Tx, c *casework.Case) error {
	c.DecisionDue, c.DecisionWhy = time.Time{}, ""
	_, err := tx.Exec(`UPDATE cases SET decision_due_at = NULL, decision_why = '' WHERE id = $1`, c.ID)
	return err
}

// resetConsents puts everybody's consent back to not asked.
func resetConsents(tx *db.Tx, v voice, c casework.Case) error {
	list, err := casework.Parties(tx, c.ID)
	if err != nil {
		return err
	}
	var binds []ledger.Bound
	for _, t := range list {
		if t.Consent == mpcvd.PECNoEmbargo || t.Consent == mpcvd.PECInvited && !t.Active() || !t.LeftAt.IsZero() {
			continue // an open invitation still waits for its answer
		}
		if err := moveConsent(tx, &t, mpcvd.PECReset); err != nil {
			return err
		}
		binds = append(binds, t.Bound())
	}
	if len(binds) == 0 {
		return nil
	}
	// For the coordinators: its binding names hidden parties too.
	ledger.Append(tx, ledger.Event{Kind: EventReset, Actor: v.actor, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: c.Ref(),
		Data: map[string]any{"parties": len(binds)}, Binds: binds})
	return nil
}
