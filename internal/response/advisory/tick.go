package advisory

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
)

// batch bounds what one Tick does of each kind of work.
const batch = 50

// moved is the condition under which a scheduled release no longer stands at
// the end of the embargo it follows.
const moved = `v.state = 'scheduled' AND v.follows = 1 AND v.release_at > $1 AND (c.embargo_state NOT IN ('active', 'revise') OR c.embargo_ends_at IS NULL OR c.embargo_ends_at <> v.release_at)`

// Tick records releases whose instant has come, and moves scheduled releases
// after an embargo's end that has moved: to the new end, or to now where the
// embargo was ended early. A party that was hidden meanwhile is taken out of
// what is prepared. It returns the instant of the next release (zero:
// none). Everything is guarded, so that it may run as often, as late and on as
// many replicas as it likes.
func (p Press) Tick(tx *db.Tx) (next time.Time, err error) {
	due, err := db.Column[string](tx, `SELECT v.id FROM advisory v WHERE v.state = 'scheduled' AND v.release_at <= $1 ORDER BY v.id LIMIT $2`, db.Micros(tx.Now), batch)
	if err != nil {
		return next, err
	}
	for _, one := range due {
		if _, _, err := take(tx, one); err != nil {
			return next, err
		}
	}
	for _, w := range []struct {
		query string
		do    func(*db.Tx, string) error
	}{
		{`SELECT v.id FROM advisory v JOIN cases c ON c.id = v.case_id WHERE ` + moved, p.follow},
		{`SELECT v.id FROM advisory v WHERE ` + unnamed, p.hide},
	} {
		list, err := db.Column[string](tx, w.query+` ORDER BY v.id LIMIT $2`, db.Micros(tx.Now), batch)
		if err != nil {
			return next, err
		}
		for _, one := range list {
			if err := w.do(tx, one); err != nil {
				return next, err
			}
		}
	}
	return Next(tx)
}

// Next is the instant of the next release; zero when none is scheduled. One
// that has passed, an embargo's end that moved, or a party that was hidden
// says that Tick is due.
func Next(tx *db.Tx) (time.Time, error) {
	for _, q := range []string{`SELECT COUNT(*) FROM advisory v JOIN cases c ON c.id = v.case_id WHERE ` + moved, `SELECT COUNT(*) FROM advisory v WHERE ` + unnamed} {
		n, err := db.Value[int](tx, q, db.Micros(tx.Now))
		if err != nil || n > 0 {
			return tx.Now, err
		}
	}
	at, _, err := db.One(tx, func(t *time.Time) []any { return []any{db.At(t)} }, `SELECT MIN(release_at) FROM advisory WHERE state = 'scheduled'`)
	return at, err
}

// follow prepares a release anew for the instant to which the embargo's end
// has moved.
func (p Press) follow(tx *db.Tx, advisoryID string) error {
	v, c, err := take(tx, advisoryID)
	if err != nil || v.State != StateScheduled {
		return err
	}
	to := tx.Now
	if c.Holds(tx.Now) {
		to = c.EmbargoEnds
	}
	return p.again(tx, v, c, to, c.Holds(tx.Now))
}

// unnamed is the condition under which a party may have been hidden since a
// document was prepared that names it.
const unnamed = `v.state = 'scheduled' AND v.release_at > $1 AND EXISTS (SELECT 1 FROM participant p WHERE p.case_id = v.case_id AND p.hidden = 1 AND p.updated_at >= v.checked_at)`

// hide prepares a release anew from which a party has been hidden since.
func (p Press) hide(tx *db.Tx, advisoryID string) error {
	v, c, err := take(tx, advisoryID)
	if err != nil || v.State != StateScheduled {
		return err
	}
	if stale, err := p.Stale(tx, v); err != nil || !stale {
		return firstError(err, checked(tx, v))
	}
	return p.again(tx, v, c, v.ReleaseAt, v.Follows)
}

// again prepares a scheduled release anew. Where the document cannot be made
// any more, the release is taken off the schedule and the case is told why:
// nothing may come out at an instant, or with a name, that no longer holds.
func (p Press) again(tx *db.Tx, v Advisory, c casework.Case, at time.Time, follows bool) error {
	refused, err := p.trial(tx, v, c, at)
	if err != nil {
		return err
	}
	if refused != nil {
		return unschedule(tx, audience.Actor{}, &v, c, "The case has moved on, and the document cannot be made: "+refused.Text)
	}
	binds, err := v.unprepare(tx)
	if err != nil {
		return err
	}
	v.ReleaseAt, v.Follows = at, follows
	return p.stage(tx, audience.Actor{}, &v, c, StateScheduled, binds)
}

// trial composes the document for another instant and says what is wrong with
// it; nil when it can be made.
func (p Press) trial(tx *db.Tx, v Advisory, c casework.Case, at time.Time) (*errs.Error, error) {
	v.ReleaseAt = at
	d, err := p.draftOf(tx, v, c)
	if err != nil {
		return nil, err
	}
	_, findings := compose(d, tx.Now)
	return refuseFindings(findings), nil
}

// checked notes that what is prepared names nobody who is hidden now.
func checked(tx *db.Tx, v Advisory) error {
	_, err := tx.Exec(`UPDATE advisory SET checked_at = $1 WHERE id = $2`, tx.Now.UnixMicro(), v.ID)
	return err
}
