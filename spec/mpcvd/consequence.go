package mpcvd

import "time"

// Decision is an answer to attacks seen during an embargo.
type Decision string

// The answers to attacks seen during an embargo.
const (
	DecidePublish Decision = "publish" // end the embargo and publish
	DecideKeep    Decision = "keep"    // the embargo goes on, with a reason
)

// Consequence is all that follows at once from an event of a case.
type Consequence struct {
	Public PublicState // the public half afterwards, settled
	// EMVerb ends the embargo (terminate) or the proposal of one (reject);
	// empty where the embargo is left alone.
	EMVerb EMVerb
	EM     EM // the embargo's state afterwards
	// ResetConsent puts every participant's consent back to not asked,
	// because there is nothing left to consent to.
	ResetConsent bool
	// AllAware makes every vendor aware (V), because the public is.
	AllAware bool
	// DecideBy is when a decision is due, zero where none is asked for;
	// Default is what holds if none is made by then.
	DecideBy time.Time
	Default  Decision
	Reason   string // why, in one sentence for every party
}

// OnEvent says what follows when P, X or A happens to a case whose embargo
// and public state are given. P or X ends the embargo, X brings P, P makes
// every vendor aware; A asks for a decision within the limit's hours, with
// publishing as the default. An event that has happened already is refused.
func (l Limits) OnEvent(em EM, public PublicState, e Event, now time.Time) (Consequence, error) {
	to, err := Exposure.Move(public, e)
	if err != nil {
		return Consequence{}, err
	}
	c := Consequence{Public: to, EM: em}
	if to.EmbargoMayHold() {
		c.Reason = "Attacks are seen."
		switch {
		case em.Holds():
			c.DecideBy, c.Default = now.Add(l.Decision).UTC(), DecidePublish
			c.Reason = "Attacks are seen: decide whether the embargo goes on; without a decision, everything is published."
		case em == EMProposed:
			c.EMVerb, c.EM, c.ResetConsent = EMReject, EMNone, true
			c.Reason = "Attacks are seen: no embargo can be agreed any more."
		}
		return c, nil
	}
	c.AllAware = true
	c.Reason = "The vulnerability is public."
	switch e {
	case EventExploit:
		c.Reason = "An exploit is public, and with it the vulnerability."
	case EventAttacks:
		c.Reason = "The vulnerability is public and attacks are seen."
	}
	switch {
	case em.Holds():
		c.EMVerb, c.EM, c.ResetConsent = EMTerminate, EMExited, true
		c.Reason += " The embargo has ended."
	case em == EMProposed:
		c.EMVerb, c.EM, c.ResetConsent = EMReject, EMNone, true
		c.Reason += " The proposed embargo has lapsed."
	}
	return c, nil
}

// AfterRevision is what an accepted revision does to a participant's consent:
// who consented to the new end stays a signatory; every other signatory
// lapses and is asked again.
func AfterRevision(state PEC, consentedToNew bool) PEC {
	if state == PECSignatory && !consentedToNew {
		return PECLapsed
	}
	return state
}
