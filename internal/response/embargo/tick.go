package embargo

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

// The lead times of a release: texts are frozen, then every party says go or
// no-go.
const (
	FreezeLead = 7 * 24 * time.Hour
	GoLead     = 24 * time.Hour
)

// batch bounds what one Tick does of each kind of work.
const batch = 200

// Tick does what time has made due and returns the instant of the next thing
// to do (the zero time: nothing waits). Everything is computed from the data
// and guarded, so it may run as often, as late and on as many replicas as it
// likes: a step of the clock or a second run repeats nothing.
func Tick(tx *db.Tx) (next time.Time, err error) {
	for _, work := range []func(*db.Tx) error{tickEnds, tickDecisions, tickProposals, tickReminders, tickReplies, casework.TickInvitations} {
		if err := work(tx); err != nil {
			return time.Time{}, err
		}
	}
	return Next(tx)
}

// Next is the instant at which Tick has something to do; the zero time for
// never. An instant that has passed says that Tick is due.
func Next(tx *db.Tx) (time.Time, error) {
	var first time.Time
	for _, q := range []string{
		`SELECT MIN(embargo_ends_at) FROM cases WHERE state = 'open' AND embargo_state IN ('active', 'revise')`,
		`SELECT MIN(decision_due_at) FROM cases WHERE state = 'open' AND decision_due_at IS NOT NULL`,
		`SELECT MIN(e.ends_at) FROM embargo_proposal e JOIN cases c ON c.id = e.case_id WHERE e.state = 'open' AND c.state = 'open'`,
		`SELECT MIN(e.passes_at) FROM embargo_proposal e JOIN cases c ON c.id = e.case_id WHERE ` + passing,
		`SELECT MIN(c.embargo_ends_at - ` + freezeLead + `) FROM cases c WHERE ` + unsaid(noticeFreeze),
		`SELECT MIN(c.embargo_ends_at - ` + goLead + `) FROM cases c WHERE ` + unsaid(noticeGo),
		`SELECT MIN(p.due_at) FROM participant p JOIN cases c ON c.id = p.case_id WHERE ` + silent,
		`SELECT MIN(i.next_at) FROM case_invitation i JOIN cases c ON c.id = i.case_id WHERE i.state = 'open' AND c.state = 'open' AND i.next_at IS NOT NULL`,
	} {
		at, _, err := db.One(tx, func(t *time.Time) []any { return []any{db.At(t)} }, q)
		if err != nil {
			return first, err
		}
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first, nil
}

// What waits, as conditions that Tick and Next share.
const (
	freezeLead = "604800000000" // FreezeLead in microseconds
	goLead     = "86400000000"  // GoLead in microseconds

	// passing proposals are open, unopposed, may still be agreed, and are
	// their case's shortest.
	passing = `e.state = 'open' AND c.state = 'open' AND c.public_state = 'pxa' AND c.embargo_state IN ('proposed', 'revise')
		AND NOT EXISTS (SELECT 1 FROM embargo_answer x WHERE x.proposal_id = e.id AND x.answer = 'object')
		AND NOT EXISTS (SELECT 1 FROM embargo_proposal s WHERE s.case_id = e.case_id AND s.state = 'open' AND s.id <> e.id AND s.ends_at < e.ends_at)`

	// silent parties accepted the terms and never replied to what was asked.
	silent = `p.role = 'vendor' AND p.accepted_at IS NOT NULL AND p.left_at IS NULL AND p.replied_at IS NULL AND p.due_at IS NOT NULL AND c.state = 'open'
		AND NOT EXISTS (SELECT 1 FROM embargo_notice n WHERE n.subject_id = p.id AND n.kind = 'reply' AND n.for_at = p.due_at)`

	noticeFreeze = "freeze"
	noticeGo     = "go"
	noticeReply  = "reply"
)

func unsaid(kind string) string {
	return `c.state = 'open' AND c.embargo_state IN ('active', 'revise') AND NOT EXISTS (SELECT 1 FROM embargo_notice n WHERE n.subject_id = c.id AND n.kind = '` + kind + `' AND n.for_at = c.embargo_ends_at)`
}

// once claims something to say; false when it has been said.
func once(tx *db.Tx, subject, kind string, forAt time.Time) (bool, error) {
	n, err := tx.Exec(`INSERT INTO embargo_notice (subject_id, kind, for_at, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, subject, kind, db.Micros(forAt), db.Micros(tx.Now))
	return n > 0, err
}

// each runs f on the held, still open cases whose ids a query finds, in the
// order of their ids, so that two replicas wait for one another and do not
// block each other.
func each(tx *db.Tx, f func(*casework.Case) error, query string, args ...any) error {
	ids, err := db.Column[string](tx, query, args...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		c := casework.Case{ID: id}
		if err := hold(tx, &c); err != nil {
			if errs.Is(err, errs.Conflict) {
				continue
			}
			return err
		}
		if err := f(&c); err != nil {
			return err
		}
	}
	return nil
}

func tickEnds(tx *db.Tx) error {
	return each(tx, func(c *casework.Case) error {
		if !c.Embargo.Holds() || !mpcvd.Ended(c.EmbargoEnds, tx.Now) {
			return nil
		}
		return end(tx, voice{}, c, c.EmbargoEnds, "The agreed end has come.")
	}, `SELECT id FROM cases WHERE state = 'open' AND embargo_state IN ('active', 'revise') AND embargo_ends_at <= $1 ORDER BY id LIMIT $2`, db.Micros(tx.Now), batch)
}

func tickDecisions(tx *db.Tx) error {
	return each(tx, func(c *casework.Case) error {
		if c.DecisionDue.IsZero() || c.DecisionDue.After(tx.Now) {
			return nil
		}
		return decide(tx, voice{}, c, mpcvd.DecidePublish, "Nobody decided in time; the default is to publish.")
	}, `SELECT id FROM cases WHERE state = 'open' AND decision_due_at <= $1 ORDER BY id LIMIT $2`, db.Micros(tx.Now), batch)
}

// tickProposals expires proposals whose end has come and accepts those that
// nobody opposed for the set time, the shortest of a case first.
func tickProposals(tx *db.Tx) error {
	return each(tx, func(c *casework.Case) error {
		l, err := Limits(tx)
		if err != nil {
			return err
		}
		open, err := openProposals(tx, c.ID)
		if err != nil {
			return err
		}
		for _, p := range open {
			objections, err := db.Value[int](tx, `SELECT COUNT(*) FROM embargo_answer WHERE proposal_id = $1 AND answer = 'object'`, p.ID)
			if err != nil {
				return err
			}
			// Carried-over proposals count from when they became revisions.
			rule := p.rule()
			rule.At = p.PassesAt.Add(-l.Unopposed)
			switch l.FateOf(rule, objections, tx.Now) {
			case mpcvd.Expired:
				if err := closeProposal(tx, voice{}, *c, p, Expired, EventExpired, "its end came before it was accepted"); err != nil {
					return err
				}
				if err := settleOpen(tx, c, voice{}); err != nil {
					return err
				}
				continue
			case mpcvd.Passes:
				if lapses, err := lapsesUnasked(tx, p); err != nil {
					return err
				} else if lapses {
					if err := closeProposal(tx, voice{}, *c, p, Expired, EventExpired, "a shorter end was agreed, and not every party consented to this one"); err != nil {
						return err
					}
					if err := settleOpen(tx, c, voice{}); err != nil {
						return err
					}
					continue
				}
				if c.Public.EmbargoMayStart() {
					return accept(tx, voice{}, c, p, "Nobody objected in the set time.")
				}
			}
			return nil // the shortest that counts still waits
		}
		return nil
	}, `SELECT DISTINCT e.case_id FROM embargo_proposal e JOIN cases c ON c.id = e.case_id WHERE c.state = 'open' AND e.state = 'open' AND (e.ends_at <= $1 OR (e.passes_at <= $1 AND `+passing+`)) ORDER BY e.case_id LIMIT $2`, db.Micros(tx.Now), batch)
}

// lapsesUnasked reports whether a proposal was carried over and lacks a
// party's consent.
func lapsesUnasked(tx *db.Tx, p Proposal) (bool, error) {
	if !p.Carried {
		return false, nil
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM participant p WHERE p.case_id = $1 AND p.accepted_at IS NOT NULL AND p.left_at IS NULL AND p.role <> 'finder'
		AND NOT EXISTS (SELECT 1 FROM embargo_answer x WHERE x.proposal_id = $2 AND x.participant_id = p.id AND x.answer = 'consent')`, p.Case, p.ID)
	return n > 0, err
}

// tickReminders says once per agreed end that texts are frozen and that
// every party is asked for its go.
func tickReminders(tx *db.Tx) error {
	for _, r := range []struct {
		notice, micros, kind, what string
	}{
		{noticeFreeze, freezeLead, EventFrozen, "Seven days to the end: texts are frozen."},
		{noticeGo, goLead, EventGoAsked, "A day to the end: every party says go or no-go."},
	} {
		err := each(tx, func(c *casework.Case) error {
			if !c.Embargo.Holds() {
				return nil
			}
			fresh, err := once(tx, c.ID, r.notice, c.EmbargoEnds)
			if err != nil || !fresh {
				return err
			}
			record(tx, voice{}, *c, r.kind, c.Ref(), map[string]any{"ends_at": c.EmbargoEnds, "what": r.what}, c.Bound())
			return nil
		}, `SELECT c.id FROM cases c WHERE `+unsaid(r.notice)+` AND c.embargo_ends_at - `+r.micros+` <= $1 ORDER BY c.id LIMIT $2`, db.Micros(tx.Now), batch)
		if err != nil {
			return err
		}
	}
	return nil
}

// tickReplies says once per due instant to a silent vendor that a reply was
// asked for by now.
func tickReplies(tx *db.Tx) error {
	ids, err := db.Column[string](tx, `SELECT p.id FROM participant p JOIN cases c ON c.id = p.case_id WHERE `+silent+` AND p.due_at <= $1 ORDER BY p.id LIMIT $2`, db.Micros(tx.Now), batch)
	if err != nil {
		return err
	}
	for _, id := range ids {
		p, err := casework.PartyByID(tx, id)
		if err != nil {
			return err
		}
		fresh, err := once(tx, p.ID, noticeReply, p.DueAt)
		if err != nil {
			return err
		}
		if fresh {
			ledger.Append(tx, ledger.Event{Kind: EventNoReply, Audience: p.Private, Level: p.Level, Scope: p.Case, Object: p.Ref(), Data: map[string]any{"due_at": p.DueAt}})
		}
	}
	return nil
}
