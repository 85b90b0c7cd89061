package embargo

import (
	"time"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/id"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
)

// Merge lets the matter of one case go on in another (casework.MergeCases)
// and settles what binds there: the earliest end of the two embargoes holds,
// and what the public knows of one it knows of both.
func Merge(tx *db.Tx, a audience.Actor, fromRef, intoRef, why string, parts ...casework.Follower) (casework.Case, error) {
	m, err := casework.MergeCases(tx, a, fromRef, intoRef, why, parts...)
	if err != nil {
		return m.Into, err
	}
	v := voice{actor: a}
	if err := closeAll(tx, v, m.From, "The case was merged into another one."); err != nil {
		return m.Into, err
	}
	if err := settleOpen(tx, &m.From, v); err != nil {
		return m.Into, err
	}
	c := m.Into
	for _, e := range []mpcvd.Event{mpcvd.EventPublic, mpcvd.EventExploit, mpcvd.EventAttacks} {
		if m.From.Public.Has(e) && !c.Public.Has(e) {
			if _, err := expose(tx, v, &c, e, "Known from a case that was merged into this one."); err != nil {
				return c, err
			}
		}
	}
	if m.From.Holds(tx.Now) {
		if err := adopt(tx, v, &c, m.From.EmbargoEnds, "The earliest end of the merged cases."); err != nil {
			return c, err
		}
	}
	if err := carryFreezes(tx, a, m.From, c); err != nil {
		return c, err
	}
	return c, membership.Thaw(tx, a, m.From.ID, "")
}

// Split takes a part of a case's matter into a new case (casework.SplitCase).
// A running embargo holds there too, to the same instant, and what the public
// knows it knows of both.
func Split(tx *db.Tx, a audience.Actor, caseRef string, in casework.Parting, parts ...casework.Follower) (casework.Case, error) {
	m, err := casework.SplitCase(tx, a, caseRef, in, parts...)
	if err != nil {
		return m.Into, err
	}
	c, v := m.Into, voice{actor: a}
	if m.From.Holds(tx.Now) {
		if err := adopt(tx, v, &c, m.From.EmbargoEnds, "Carried from the case that this one was split from."); err != nil {
			return c, err
		}
	}
	if err := carryFreezes(tx, a, m.From, c); err != nil {
		return c, err
	}
	for _, e := range []mpcvd.Event{mpcvd.EventPublic, mpcvd.EventExploit, mpcvd.EventAttacks} {
		if m.From.Public.Has(e) && !c.Public.Has(e) {
			if _, err := expose(tx, v, &c, e, "Known from the case that this one was split from."); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

// adopt agrees an end that binds already elsewhere, unless an earlier one
// holds here or nothing may be agreed any more. It goes the machine's way: a
// proposal, accepted in the same breath.
func adopt(tx *db.Tx, v voice, c *casework.Case, ends time.Time, why string) error {
	if c.Holds(tx.Now) && !ends.Before(c.EmbargoEnds) {
		return nil
	}
	if _, err := mpcvd.EmbargoMove(c.Embargo, mpcvd.EMPropose, c.Public); err != nil {
		return nil // exposed or over: nothing can bind
	}
	if err := move(tx, c, mpcvd.EMPropose, c.EmbargoEnds); err != nil {
		return err
	}
	kind := First
	if c.Embargo == mpcvd.EMRevise {
		kind = Revision
	}
	p := Proposal{ID: id.New("emb", tx.Now), Case: c.ID, Kind: kind, State: Open, Ends: ends, Reason: why, Person: v.actor.Person, OpenedAt: tx.Now, PassesAt: tx.Now, Audience: c.Audience, Level: c.Level}
	if _, err := tx.Exec(`INSERT INTO embargo_proposal (id, case_id, audience_id, tlp, kind, state, ends_at, reason, person_id, opened_at, passes_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		p.ID, p.Case, p.Audience, int(p.Level), string(p.Kind), string(p.State), db.Micros(p.Ends), p.Reason, p.Person, db.Micros(p.OpenedAt), db.Micros(p.PassesAt)); err != nil {
		return err
	}
	return accept(tx, v, c, p, why)
}

// Follow gives the embargo's own records the case's new marking.
func Follow() casework.Follower {
	return casework.Follower{Remark: func(tx *db.Tx, _ audience.Actor, c casework.Case, old tlp.Level) error {
		for _, table := range []string{"embargo_proposal", "embargo_answer", "readiness"} {
			if _, err := tx.Exec(`UPDATE `+table+` SET tlp = $1 WHERE case_id = $2 AND tlp = $3`, int(c.Level), c.ID, int(old)); err != nil {
				return err
			}
		}
		return nil
	}}
}
