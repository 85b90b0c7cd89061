package constituency

import (
	"slices"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/constituency"
)

// Contest puts an overlap into dispute, with a reason. A coordinator may, and
// the voice of an organization whose own claim of the two is proven. Proven
// claims of the two are then disputed: they go on naming who answers, marked
// so, until coordinators settle it.
func Contest(tx *db.Tx, a audience.Actor, overlapID, reason string) (Overlap, error) {
	x, err := OverlapOf(tx, a, overlapID)
	if err != nil {
		return x, err
	}
	if err := mayContest(tx, a, x); err != nil {
		return x, err
	}
	if reason, err = given("reason", reason, "Say what is in dispute."); err != nil {
		return x, err
	}
	if err := decide(tx, a, x, []OverlapState{Open, Settled}, Contested, "", "", reason, EventContested); err != nil {
		return x, err
	}
	for _, side := range []Claim{x.First, x.Second} {
		c, err := full(tx, side.ID)
		if err != nil {
			return x, err
		}
		if c.State != spec.Proven {
			continue
		}
		c.Reason = reason
		if _, err := move(tx, a, c, spec.Dispute, EventDisputed, map[string]any{"reason": reason}); err != nil {
			return x, err
		}
	}
	return OverlapOf(tx, a, overlapID)
}

func mayContest(tx *db.Tx, a audience.Actor, x Overlap) error {
	ok, err := Judges(tx, a, x.First.Org, x.Second.Org)
	if err != nil || ok {
		return err
	}
	for _, c := range []Claim{x.First, x.Second} {
		own, err := voices(tx, a, c.Org)
		if err != nil {
			return err
		}
		if own {
			if !c.State.Answers() {
				return errs.New(errs.Conflict, "Prove your own claim first.")
			}
			return nil
		}
	}
	return errs.New(errs.Denied, "Coordinators, and the admins of the two organizations, may dispute an overlap.")
}

// Settlement is what coordinators decide about an overlap.
type Settlement struct {
	Decision Decision `json:"decision"`
	Owner    string   `json:"owner,omitempty"` // of One: the claim that it belongs to
	Reason   string   `json:"reason"`
	Version  int64    `json:"version"` // of the overlap, as it was seen
}

// Settle decides an overlap: a coordinator may who belongs to neither
// organization. It is in the ledger with its reason, and both organizations
// read what became of their own claim.
func Settle(tx *db.Tx, a audience.Actor, overlapID string, s Settlement) (Overlap, error) {
	x, err := OverlapOf(tx, a, overlapID)
	if err != nil {
		return x, err
	}
	if err := mayJudge(tx, a, x.First.Org, x.Second.Org); err != nil {
		return x, err
	}
	if s.Reason, err = given("reason", s.Reason, "Say why it is settled so."); err != nil {
		return x, err
	}
	if x.Version != s.Version {
		e := errs.New(errs.Stale, "Somebody decided about this overlap while you had it open. Look at it again.")
		e.Theirs, e.Yours = x, s
		return x, e
	}
	switch {
	case !slices.Contains(Decisions, s.Decision):
		return x, errs.Bad("decision", "Choose shared, one or split.")
	case s.Decision == One && s.Owner != x.First.ID && s.Owner != x.Second.ID:
		return x, errs.Bad("owner", "Choose which of the two claims it belongs to.")
	case s.Decision == Split && x.Relation == spec.Equal:
		return x, errs.Bad("decision", "Both claim exactly the same, which cannot be split. Let them claim the parts, or choose another decision.")
	case s.Decision != One:
		s.Owner = ""
	}
	if err := decide(tx, a, x, []OverlapState{Open, Contested, Settled}, Settled, s.Decision, s.Owner, s.Reason, EventSettled); err != nil {
		return x, err
	}
	x.State, x.Decision, x.Owner, x.Reason, x.DecidedAt = Settled, s.Decision, s.Owner, s.Reason, tx.Now
	x.Version++
	if s.Decision == One {
		loser := x.First.ID
		if s.Owner == loser {
			loser = x.Second.ID
		}
		c, err := full(tx, loser)
		if err != nil {
			return x, err
		}
		c.Reason = s.Reason
		if _, err := end(tx, a, c, spec.Yield, EventRefused); err != nil {
			return x, err
		}
	}
	for _, c := range []string{x.First.ID, x.Second.ID} {
		if err := calm(tx, a, c, s.Reason); err != nil {
			return x, err
		}
	}
	for _, side := range []*Claim{&x.First, &x.Second} {
		if *side, err = see(tx, a, side.ID); err != nil {
			return x, err
		}
	}
	return x, nil
}

// decide writes where an overlap stands; its version guards it.
func decide(tx *db.Tx, a audience.Actor, x Overlap, from []OverlapState, to OverlapState, d Decision, owner, reason, kind string) error {
	if !slices.Contains(from, x.State) {
		return errs.New(errs.Conflict, "This overlap is %s already.", x.State)
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "Somebody decided about this overlap at the same moment. Look at it again."),
		`UPDATE constituency_overlap SET state = $1, decision = $2, owner_id = $3, reason = $4, decided_by = $5, decided_at = $6, version = version + 1 WHERE id = $7 AND version = $8`,
		string(to), string(d), owner, reason, a.Person, db.Micros(tx.Now), x.ID, x.Version); err != nil {
		return err
	}
	x.State = to
	note(tx, a, kind, x, map[string]any{"decision": d, "owner": owner, "reason": reason})
	return nil
}

// contested reports whether a claim stands in a dispute with another that
// stands.
func contested(tx *db.Tx, claimID string) (bool, error) {
	n, err := db.Value[int](tx, `SELECT COUNT(*)`+overlapFrom+` WHERE (x.first_id = $1 OR x.second_id = $1) AND x.state = 'disputed' AND `+matters, claimID)
	return n > 0, err
}

// calm upholds a disputed claim when no dispute about it is left.
func calm(tx *db.Tx, a audience.Actor, claimID, reason string) error {
	c, err := full(tx, claimID)
	if err != nil || c.State != spec.Disputed {
		return err
	}
	left, err := contested(tx, claimID)
	if err != nil || left {
		return err
	}
	c.Reason = reason
	_, err = move(tx, a, c, spec.Uphold, EventUpheld, map[string]any{"reason": reason})
	return err
}

// calmAround is calm for the claims that were in dispute with one that no
// longer stands.
func calmAround(tx *db.Tx, claimID string) error {
	near, err := db.Column[string](tx, `SELECT CASE WHEN first_id = $1 THEN second_id ELSE first_id END FROM constituency_overlap WHERE (first_id = $1 OR second_id = $1) AND state = 'disputed' ORDER BY id`, claimID)
	for _, c := range near {
		if err := calm(tx, audience.Actor{}, c, "The other claim no longer stands."); err != nil {
			return err
		}
	}
	return err
}
