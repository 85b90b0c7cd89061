package board

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
)

// batch bounds how many ballots one Tick closes.
const batch = 50

// Tick does what time has made due: it closes and counts the ballots whose
// deadline has come, reminds of those that close within a day, lets in who
// sits on the board from now on and shows out whose term is over. It returns the instant of the next thing to do (the
// zero time: nothing waits). It may run as often, as late and on as many
// replicas as it likes.
func (r Room) Tick(tx *db.Tx) (next time.Time, err error) {
	due, err := db.Column[string](tx, `SELECT id FROM motion WHERE state = 'open' AND deadline <= $1 ORDER BY deadline, id`+db.Limit(batch), db.Micros(tx.Now))
	if err != nil {
		return time.Time{}, err
	}
	for _, motionID := range due {
		m, err := held(tx, motionID)
		if err != nil {
			return time.Time{}, err
		}
		if m.State != ballot.Open { // another replica was faster
			continue
		}
		if err := r.settle(tx, m); err != nil {
			return time.Time{}, err
		}
	}
	if err := remind(tx); err != nil {
		return time.Time{}, err
	}
	if err := readmit(tx); err != nil {
		return time.Time{}, err
	}
	return Next(tx)
}

// Next is the instant at which Tick has something to do; the zero time for
// never. An instant that has passed says that Tick is due.
func Next(tx *db.Tx) (time.Time, error) {
	x, err := admissions(tx)
	if err != nil {
		return time.Time{}, err
	}
	var next time.Time
	if len(x.in)+len(x.out) > 0 {
		next = tx.Now
	}
	for _, q := range []string{
		`SELECT MIN(deadline) FROM motion WHERE state = 'open' AND CAST($1 AS BIGINT) > 0`,
		`SELECT MIN(deadline) - ` + aDay + ` FROM motion WHERE state = 'open' AND deadline > $1 AND reminded_at IS NULL AND opened_at <= deadline - ` + aDay,
		`SELECT MIN(from_at) FROM board_seat WHERE ended_at IS NULL AND from_at > $1`,
		`SELECT MIN(until_at) FROM board_seat WHERE ended_at IS NULL AND until_at > $1`,
	} {
		at, _, err := db.One(tx, func(t *time.Time) []any { return []any{db.At(t)} }, q, tx.Now.UnixMicro())
		if err != nil {
			return next, err
		}
		next = first(next, at)
	}
	return next, nil
}

// elector is a seat of a motion's electorate: as it was written down at the
// close, and as it stands now.
type elector struct {
	Seat
	row  string
	then ballot.Seat // Standing is "" until the close
	now  ballot.Seat
}

// electorate lists the seats that a ballot opened with, by the name of their
// organization.
func electorate(tx *db.Tx, m Motion) ([]elector, error) {
	rows, err := db.All(tx, func(e *elector) []any {
		return []any{&e.row, &e.then.ID, &e.then.Standing, &e.then.Principal, &e.then.Substitute}
	}, `SELECT id, seat_id, standing, principal_id, substitute_id FROM motion_seat WHERE motion_id = $1 ORDER BY seat_id`+db.Limit(ballot.MaxSeats), m.ID)
	if err != nil {
		return nil, err
	}
	list, err := seats(tx, `s.id IN (SELECT e.seat_id FROM motion_seat e WHERE e.motion_id = $1)`, m.ID)
	if err != nil {
		return nil, err
	}
	out, err := recusals(tx, m)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		e := &rows[i]
		at := slices.IndexFunc(list, func(s Seat) bool { return s.ID == e.then.ID })
		if at < 0 {
			return nil, errs.New(errs.Internal, "A seat of the electorate is not there.")
		}
		e.Seat = list[at]
		e.now = e.Seat.standing(tx.Now)
		if slices.ContainsFunc(out, func(r Recusal) bool { return r.Seat == e.Seat.ID }) {
			e.now.Standing = ballot.Recused
		}
	}
	slices.SortFunc(rows, func(a, b elector) int {
		return cmp.Or(cmp.Compare(a.OrgName, b.OrgName), cmp.Compare(a.Seat.ID, b.Seat.ID))
	})
	return rows, nil
}

// closeIfComplete closes a motion that may close early once everybody who may
// vote has.
func (r Room) closeIfComplete(tx *db.Tx, m Motion) error {
	if !m.Early {
		return nil
	}
	list, err := electorate(tx, m)
	if err != nil {
		return err
	}
	cast, err := votes(tx, m)
	if err != nil {
		return err
	}
	// That they voted is asked, not what: the votes stay sealed.
	papers := make([]ballot.Vote, len(cast))
	for i, v := range cast {
		papers[i] = ballot.Vote{Seat: v.seat, Voter: v.voter, Choice: ballot.Abstain}
	}
	if !ballot.Complete(standings(list, false), papers) {
		return nil
	}
	return r.settle(tx, m)
}

func standings(list []elector, then bool) []ballot.Seat {
	out := make([]ballot.Seat, len(list))
	for i, e := range list {
		if out[i] = e.now; then {
			out[i] = e.then
		}
	}
	return out
}

// settle closes an open motion, writes down how each seat stands at this
// instant, and counts. The caller holds the motion.
func (r Room) settle(tx *db.Tx, m Motion) error {
	list, err := electorate(tx, m)
	if err != nil {
		return err
	}
	if err := move(tx, &m, ballot.Close, `closed_at = $4`, db.Micros(tx.Now)); err != nil {
		return err
	}
	binds := []ledger.Bound{motionTable.Of(m.ID)}
	for _, e := range list {
		if _, err := tx.Exec(`UPDATE motion_seat SET standing = $1, principal_id = $2, substitute_id = $3 WHERE id = $4`, string(e.now.Standing), e.now.Principal, e.now.Substitute, e.row); err != nil {
			return err
		}
		binds = append(binds, electionTable.Of(e.row))
	}
	record(tx, audience.Actor{}, EventClosed, m, map[string]any{"deadline": m.Deadline}, binds...)
	return r.decide(tx, audience.Actor{}, m)
}

// decide counts a closed motion and records the result. A vote that cannot be
// opened leaves it closed: the other ballots must not wait for it, and no
// result is made up.
func (r Room) decide(tx *db.Tx, a audience.Actor, m Motion) error {
	result, err := r.count(tx, m)
	if errs.Is(err, errs.Unavailable) {
		ledger.Append(tx, ledger.Event{Kind: EventUncounted, Actor: a, Audience: m.Audience, Level: m.Level, Scope: m.ID, Object: ledger.Object{Kind: "motion", ID: m.ID},
			Data: map[string]string{"reason": "A stored vote cannot be opened. Restore the keys or the data and count again, or withdraw the motion."}})
		return nil
	}
	if err != nil {
		return err
	}
	if err := move(tx, &m, result.Verb(), `decided_at = $4, result = $5`, db.Micros(tx.Now), db.JSON(result)); err != nil {
		return err
	}
	kind := map[ballot.State]string{ballot.Carried: EventCarried, ballot.Failed: EventFailed, ballot.Void: EventVoid}[m.State]
	record(tx, a, kind, m, map[string]any{"kind": m.Kind, "object": m.Object, "result": result}, motionTable.Of(m.ID))
	_, err = r.effect(tx, a, m)
	return err
}

// count counts what is stored, with each seat as it stood at the close.
func (r Room) count(tx *db.Tx, m Motion) (ballot.Result, error) {
	list, err := electorate(tx, m)
	if err != nil {
		return ballot.Result{}, err
	}
	cast, err := votes(tx, m)
	if err != nil {
		return ballot.Result{}, err
	}
	open, err := r.opened(m, cast)
	if err != nil {
		return ballot.Result{}, err
	}
	result, err := ballot.Count(m.Rules, standings(list, true), open)
	if err != nil {
		err = errs.Wrap(errs.Unavailable, err, "The stored votes cannot be counted.")
	}
	return result, err
}

// CountAgain counts a motion that stayed closed because a stored vote could
// not be opened; who leads the motion may.
func (r Room) CountAgain(tx *db.Tx, a audience.Actor, ref string) (Motion, error) {
	m, err := led(tx, a, ref)
	if err != nil {
		return m, err
	}
	if m.State != ballot.Closed {
		return m, errs.New(errs.Conflict, "The motion is %s; there is nothing to count.", ballot.Motion.Label(m.State))
	}
	if err := r.decide(tx, a, m); err != nil {
		return m, err
	}
	return byID(tx, m.ID)
}

// Recount counts the stored votes of a decided motion anew and records
// whether the result is the same; everybody who may see the motion may. Where
// it is not, or a vote cannot be opened, the stored votes were changed after
// the close: the ledger's verification names the rows.
func (r Room) Recount(tx *db.Tx, a audience.Actor, ref string) (result ballot.Result, same bool, err error) {
	m, err := Get(tx, a, ref)
	if err != nil {
		return ballot.Result{}, false, err
	}
	if m.Result == nil {
		return ballot.Result{}, false, errs.New(errs.Conflict, "The motion has not been counted; there is nothing to recount.")
	}
	if !charter.Allows(a, charter.ScopeWrite) {
		return ballot.Result{}, false, errs.New(errs.Denied, "A recount is recorded; it needs a session, or a token with the scope write.")
	}
	if result, err = r.count(tx, m); err != nil {
		return ballot.Result{}, false, err
	}
	same = reflect.DeepEqual(result, *m.Result)
	record(tx, a, EventRecounted, m, map[string]any{"same": same})
	return result, same, nil
}
