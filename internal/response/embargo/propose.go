package embargo

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
	"tocsin/spec/text"
)

// Offer is an end that somebody proposes.
type Offer struct {
	Participant string    `json:"participant_id"` // who proposes; empty: see Propose
	Ends        time.Time `json:"ends_at"`        // an instant; doors read it with mpcvd.ParseEnd
	Reason      string    `json:"reason"`
}

// maxOpen bounds the open proposals of a case. A party has one at most.
const maxOpen = 200

// Propose proposes an end: the first one while no embargo holds, a revision
// while one does. Without a participant it is the coordinators' proposal, or
// that of the one party the actor sits for. A party's earlier open proposal
// is replaced by it.
func Propose(tx *db.Tx, a audience.Actor, caseRef string, in Offer) (Proposal, error) {
	c, v, err := speak(tx, a, caseRef, in.Participant)
	if err != nil {
		return Proposal{}, err
	}
	return propose(tx, v, &c, in, First)
}

// Revise is Propose that insists on a running embargo.
func Revise(tx *db.Tx, a audience.Actor, caseRef string, in Offer) (Proposal, error) {
	c, v, err := speak(tx, a, caseRef, in.Participant)
	if err != nil {
		return Proposal{}, err
	}
	if !c.Embargo.Holds() {
		return Proposal{}, errs.New(errs.Conflict, "No embargo holds that could be revised; it is %q. Propose one instead.", mpcvd.Embargo.Label(c.Embargo))
	}
	return propose(tx, v, &c, in, Revision)
}

// CounterWith objects to an open proposal and proposes another end instead.
func CounterWith(tx *db.Tx, a audience.Actor, proposalID string, in Offer) (Proposal, error) {
	c, v, p, err := addressed(tx, a, proposalID, in.Participant)
	if err != nil {
		return Proposal{}, err
	}
	if p.Ends.Equal(in.Ends) {
		return Proposal{}, errs.Bad("ends_at", "This is the end that was proposed; consent to it instead.")
	}
	if v.party != nil {
		if p.Participant == v.party.ID {
			return Proposal{}, errs.New(errs.Conflict, "This is %s's own proposal; propose another end, which replaces it.", v.party.Name)
		}
		why, err := reason(in.Reason)
		if err != nil {
			return Proposal{}, err
		}
		if err := answer(tx, v, c, p, Object, why); err != nil {
			return Proposal{}, err
		}
	}
	made, err := propose(tx, v, &c, in, Counter)
	if err != nil {
		return made, err
	}
	made.Counters = p.ID
	_, err = tx.Exec(`UPDATE embargo_proposal SET counters = $1 WHERE id = $2`, p.ID, made.ID)
	return made, err
}

// ProposeDefault proposes the end that the alliance's published policy gives
// the case, counted from its opening. Conflict where no policy is published.
func ProposeDefault(tx *db.Tx, a audience.Actor, caseRef string) (Proposal, error) {
	c, err := coordinated(tx, a, caseRef)
	if err != nil {
		return Proposal{}, err
	}
	ch, err := charter.Load(tx)
	if err != nil {
		return Proposal{}, err
	}
	if !ch.PolicyProposes() {
		return Proposal{}, errs.New(errs.Conflict, "The alliance publishes no default policy; propose an end of your own.")
	}
	if c.Embargo != mpcvd.EMNone && c.Embargo != mpcvd.EMProposed {
		return Proposal{}, errs.New(errs.Conflict, "The default policy counts as a proposal only before an embargo is agreed; propose a revision instead.")
	}
	l, err := Limits(tx)
	if err != nil {
		return Proposal{}, err
	}
	since, err := reported(tx, c)
	if err != nil {
		return Proposal{}, err
	}
	return propose(tx, voice{actor: a}, &c, Offer{Ends: l.DefaultEnd(since), Reason: "The alliance's published default policy."}, Policy)
}

func reason(s string) (string, error) {
	s, err := casework.CleanShort("reason", s, 2000)
	if err == nil && s == "" {
		err = errs.Bad("reason", "Say why; the reason is kept.")
	}
	return s, err
}

func propose(tx *db.Tx, v voice, c *casework.Case, in Offer, kind Kind) (Proposal, error) {
	l, err := Limits(tx)
	if err != nil {
		return Proposal{}, err
	}
	// The state is asked first: where nothing may be proposed, the end does
	// not matter.
	if _, err := mpcvd.EmbargoMove(c.Embargo, mpcvd.EMPropose, c.Public); err != nil {
		return Proposal{}, conflict(err)
	}
	in.Ends = in.Ends.UTC().Truncate(time.Microsecond)
	since, err := reported(tx, *c)
	if err != nil {
		return Proposal{}, err
	}
	if err := l.CheckEnd(in.Ends, tx.Now, since); err != nil {
		return Proposal{}, errs.Bad("ends_at", "%s.", upper(err.Error()))
	}
	if in.Reason, err = reason(in.Reason); err != nil {
		return Proposal{}, err
	}
	if c.Embargo.Holds() {
		if mpcvd.Compare(c.EmbargoEnds, in.Ends) == mpcvd.Same {
			return Proposal{}, errs.New(errs.Conflict, "The embargo ends at that instant already.")
		}
		if kind == First {
			kind = Revision
		}
	}
	if err := makeRoom(tx, v, *c, in.Ends); err != nil {
		return Proposal{}, err
	}
	p := Proposal{ID: id.New("emb", tx.Now), Case: c.ID, Kind: kind, State: Open, Ends: in.Ends, Reason: in.Reason, Participant: v.id(), OnBehalf: v.onBehalf,
		Person: v.actor.Person, OpenedAt: tx.Now, Audience: c.Audience, Level: c.Level}
	p.PassesAt = l.PassesAt(p.rule())
	if err := move(tx, c, mpcvd.EMPropose, c.EmbargoEnds); err != nil {
		return Proposal{}, err
	}
	if _, err := tx.Exec(`INSERT INTO embargo_proposal (id, case_id, audience_id, tlp, kind, state, ends_at, reason, participant_id, on_behalf, person_id, opened_at, passes_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, p.ID, p.Case, p.Audience, int(p.Level), string(p.Kind), string(p.State), db.Micros(p.Ends), p.Reason,
		p.Participant, db.Bit(p.OnBehalf), p.Person, db.Micros(p.OpenedAt), db.Micros(p.PassesAt)); err != nil {
		return Proposal{}, err
	}
	record(tx, v, *c, EventProposed, p.ref(), map[string]any{"ends_at": p.Ends, "reason": p.Reason, "kind": p.Kind, "passes_at": p.PassesAt}, proposalTable.Of(p.ID), c.Bound())
	if v.party != nil {
		return p, answer(tx, v, *c, p, Consent, "")
	}
	return p, nil
}

func (p Proposal) ref() ledger.Object { return ledger.Object{Kind: "embargo_proposal", ID: p.ID} }

// makeRoom refuses a second proposal of the same end, and replaces the open
// proposal that the same voice made before.
func makeRoom(tx *db.Tx, v voice, c casework.Case, ends time.Time) error {
	open, err := openProposals(tx, c.ID)
	if err != nil {
		return err
	}
	if len(open) >= maxOpen {
		return errs.New(errs.Conflict, "%s open already; decide first.", text.Plural(len(open), "proposal is", "proposals are"))
	}
	for _, p := range open {
		if p.Ends.Equal(ends) {
			return errs.New(errs.Conflict, "This end is proposed already; consent to that proposal.")
		}
		if p.Participant != v.id() || p.Kind == Policy {
			continue
		}
		if err := closeProposal(tx, v, c, p, Replaced, EventReplaced, "another end was proposed"); err != nil {
			return err
		}
	}
	return nil
}

func openProposals(tx *db.Tx, caseID string) ([]Proposal, error) {
	return db.All(tx, scanProposal, `SELECT `+proposalColumns+` FROM embargo_proposal e WHERE e.case_id = $1 AND e.state = 'open' ORDER BY e.ends_at, e.opened_at, e.id`, caseID)
}

// closeProposal takes a proposal out of the open ones; the caller moves the
// embargo.
func closeProposal(tx *db.Tx, v voice, c casework.Case, p Proposal, to State, kind, why string) error {
	if err := tx.Guarded(errs.New(errs.Conflict, "This proposal is not open any more."),
		`UPDATE embargo_proposal SET state = $1, decided_at = $2, decision = $3 WHERE id = $4 AND state = 'open'`, string(to), db.Micros(tx.Now), why, p.ID); err != nil {
		return err
	}
	record(tx, v, c, kind, p.ref(), map[string]any{"ends_at": p.Ends, "reason": why}, proposalTable.Of(p.ID), c.Bound())
	return nil
}

// addressed loads an open proposal that the actor may see or, as a finder,
// is party to, and settles who speaks about it.
func addressed(tx *db.Tx, a audience.Actor, proposalID, participantID string) (c casework.Case, v voice, p Proposal, err error) {
	p, ok, err := db.One(tx, scanProposal, `SELECT `+proposalColumns+` FROM embargo_proposal e WHERE e.id = $1`, proposalID)
	if err != nil || !ok {
		if err == nil {
			err = errs.Missing("proposal")
		}
		return
	}
	if c, v, err = speak(tx, a, p.Case, participantID); errs.Is(err, errs.NotFound) {
		err = errs.Missing("proposal")
	}
	if err != nil {
		return
	}
	// Read again now that the case is held.
	if p, _, err = db.One(tx, scanProposal, `SELECT `+proposalColumns+` FROM embargo_proposal e WHERE e.id = $1`, proposalID); err == nil && p.State != Open {
		err = errs.New(errs.Conflict, "This proposal is %s already.", p.State)
	}
	return
}

// Withdraw takes an open proposal back: whoever proposed it, or a coordinator
// on their behalf.
func Withdraw(tx *db.Tx, a audience.Actor, proposalID, why string) error {
	c, v, p, err := addressed(tx, a, proposalID, "")
	if errs.Is(err, errs.NotFound) || errs.KindOf(err) == errs.Invalid {
		// A finder, or somebody who sits for several parties, speaks for
		// the one that proposed.
		by, lookup := db.Value[string](tx, `SELECT participant_id FROM embargo_proposal WHERE id = $1`, proposalID)
		if lookup != nil || by == "" {
			return err
		}
		c, v, p, err = addressed(tx, a, proposalID, by)
	}
	if err != nil {
		return err
	}
	if why, err = reason(why); err != nil {
		return err
	}
	if v.party != nil && v.party.ID != p.Participant {
		return errs.New(errs.Denied, "Only who proposed this end, or a coordinator, may take it back.")
	}
	if err := closeProposal(tx, v, c, p, Withdrawn, EventWithdrawn, why); err != nil {
		return err
	}
	return settleOpen(tx, &c, v)
}
