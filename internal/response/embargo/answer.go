package embargo

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

// Reply is what a party says to a proposal.
type Reply string

// The replies to a proposal.
const (
	Consent Reply = "consent"
	Object  Reply = "object"
)

// Answer is one party's reply to a proposal.
type Answer struct {
	ID          string    `json:"id"`
	Proposal    string    `json:"proposal_id"`
	Participant string    `json:"participant_id"`
	Name        string    `json:"name"`
	Reply       Reply     `json:"answer"`
	Reason      string    `json:"reason,omitempty"`
	OnBehalf    bool      `json:"on_behalf"`
	Person      string    `json:"-"`
	At          time.Time `json:"at"`
	Level       tlp.Level `json:"tlp"`
}

// Respond answers an open proposal for a party; a party may change its mind
// while the proposal is open. An objection needs a reason. A coordinator who
// answers for a party is marked. When every party that takes part consents,
// the proposal is accepted at once, unless a shorter one is still open.
func Respond(tx *db.Tx, a audience.Actor, proposalID, participantID string, reply Reply, why string) (Proposal, error) {
	c, v, p, err := addressed(tx, a, proposalID, participantID)
	if err != nil {
		return p, err
	}
	if v.party == nil {
		return p, errs.Bad("participant_id", "Name the party you answer for; the coordinators decide instead of answering.")
	}
	switch reply {
	case Consent:
		why, err = casework.CleanShort("reason", why, 2000)
	case Object:
		why, err = reason(why)
	default:
		err = errs.Bad("answer", "Answer with consent or object.")
	}
	if err != nil {
		return p, err
	}
	if err := answer(tx, v, c, p, reply, why); err != nil {
		return p, err
	}
	if reply == Consent {
		if err := partyRule(tx, &c, p); err != nil {
			return p, err
		}
	}
	return byID(tx, p.ID)
}

func byID(tx *db.Tx, proposalID string) (Proposal, error) {
	p, ok, err := db.One(tx, scanProposal, `SELECT `+proposalColumns+` FROM embargo_proposal e WHERE e.id = $1`, proposalID)
	if err == nil && !ok {
		err = errs.Missing("proposal")
	}
	return p, err
}

func answer(tx *db.Tx, v voice, c casework.Case, p Proposal, reply Reply, why string) error {
	aid, err := db.Value[string](tx, `INSERT INTO embargo_answer (id, proposal_id, participant_id, case_id, audience_id, tlp, answer, reason, on_behalf, person_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (proposal_id, participant_id) DO UPDATE SET answer = excluded.answer, reason = excluded.reason, on_behalf = excluded.on_behalf, person_id = excluded.person_id, at = excluded.at
		RETURNING id`, id.New("ans", tx.Now), p.ID, v.party.ID, c.ID, v.party.Audience, int(v.party.Level), string(reply), why, db.Bit(v.onBehalf), v.actor.Person, db.Micros(tx.Now))
	if err != nil {
		return err
	}
	record(tx, v, c, EventAnswered, p.ref(), map[string]any{"ends_at": p.Ends, "answer": reply, "reason": why}, answerTable.Of(aid), c.Bound())
	return nil
}

// partyRule accepts a proposal to which every party that takes part has
// consented, somebody besides the proposer among them. The shortest open
// proposal comes first.
func partyRule(tx *db.Tx, c *casework.Case, p Proposal) error {
	shortest, err := isShortest(tx, *c, p)
	if err != nil || !shortest || !c.Public.EmbargoMayStart() {
		return err
	}
	var parties, consents, others int
	_, _, err = db.One(tx, func(*struct{}) []any { return []any{&parties, &consents, &others} },
		`SELECT COUNT(*), COALESCE(SUM(CASE WHEN x.answer = 'consent' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN x.answer = 'consent' AND x.participant_id <> $2 THEN 1 ELSE 0 END), 0)
		 FROM participant t LEFT JOIN embargo_answer x ON x.participant_id = t.id AND x.proposal_id = $3
		 WHERE t.case_id = $1 AND t.accepted_at IS NOT NULL AND t.left_at IS NULL AND (t.role <> 'finder' OR x.answer = 'object')`, c.ID, p.Participant, p.ID)
	if err != nil || parties == 0 || consents < parties || others == 0 {
		return err
	}
	return accept(tx, voice{}, c, p, "Every party consents.")
}

func isShortest(tx *db.Tx, c casework.Case, p Proposal) (bool, error) {
	open, err := openProposals(tx, c.ID)
	for _, o := range open {
		if o.Ends.After(tx.Now) {
			return o.ID == p.ID, err
		}
	}
	return false, err
}
