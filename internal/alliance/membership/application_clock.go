package membership

import (
	"strconv"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/membership"
)

const (
	appBatch  = 50                  // applications that one Tick takes up
	remindDay = 30 * 24 * time.Hour // before an application lapses
)

// thawed is the condition that applications to a's program do not rest.
const thawed = `NOT EXISTS (SELECT 1 FROM application_freeze f WHERE f.program_id = a.program_id AND f.ended_at IS NULL)`

// What time makes due: conditions on application a, and when.
const (
	dueClose  = `a.state = 'objection' AND ` + thawed + ` AND NOT EXISTS (SELECT 1 FROM application_objection x WHERE x.application_id = a.id AND x.answer = '')`
	dueLapse  = `a.state IN ('draft', 'submitted', 'complete', 'sponsored', 'objection', 'ready', 'accepted', 'signed', 'tested') AND ` + thawed
	dueRemind = dueLapse + ` AND a.reminded_at IS NULL`
	dueResume = `a.resume_at IS NOT NULL AND ` + thawed
)

// Next is the instant at which Tick has something to do; the zero time for
// never. An instant that has passed says that Tick is due.
func (d Desk) Next(tx *db.Tx) (time.Time, error) {
	var next time.Time
	for _, q := range []struct {
		sql   string
		early time.Duration
	}{
		{`SELECT MIN(a.objections_end) FROM application a WHERE ` + dueClose, 0},
		{`SELECT MIN(a.lapses_at) FROM application a WHERE ` + dueLapse, 0},
		{`SELECT MIN(a.lapses_at) FROM application a WHERE ` + dueRemind, remindDay},
		{`SELECT MIN(a.resume_at) FROM application a WHERE ` + dueResume, 0},
	} {
		at, _, err := db.One(tx, func(t *time.Time) []any { return []any{db.At(t)} }, q.sql)
		if err != nil {
			return next, err
		}
		if at.IsZero() {
			continue
		}
		if at = at.Add(-q.early); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	answered, err := answeredTests(tx)
	if err != nil || len(answered) > 0 {
		return tx.Now, err
	}
	voting, err := d.voting(tx)
	if err != nil {
		return next, err
	}
	for _, p := range voting {
		in, out, err := p.strangers(tx)
		if err != nil {
			return next, err
		}
		if len(in)+len(out) > 0 {
			return tx.Now, nil
		}
	}
	return next, nil
}

func (d Desk) voting(tx *db.Tx) ([]Application, error) {
	return db.All(tx, scanApp, `SELECT `+appColumns+appFrom+` WHERE a.state = 'ballot' ORDER BY a.id`+db.Limit(1000))
}

// Tick does what is due: it closes objection periods, takes up what rested
// while a program was frozen, moves on who answered a test page, reminds applicants and lets their
// applications lapse. It may run as often, as late and on as many replicas as
// it likes.
func (d Desk) Tick(tx *db.Tx) (time.Time, error) {
	now := db.Micros(tx.Now)
	for _, work := range []struct {
		where string
		do    func(*db.Tx, Application) error
	}{
		{dueClose + ` AND a.objections_end <= $1`, func(tx *db.Tx, p Application) error { return d.closePeriod(tx, &p) }},
		{dueResume + ` AND a.resume_at <= $1`, d.resumed},
		{dueRemind + ` AND a.lapses_at <= $1 + ` + strconv.FormatInt(remindDay.Microseconds(), 10), d.remind},
		{dueLapse + ` AND a.lapses_at <= $1`, d.lapse},
	} {
		ids, err := db.Column[string](tx, `SELECT a.id FROM application a WHERE `+work.where+` ORDER BY a.id`+db.Limit(appBatch), now)
		if err != nil {
			return time.Time{}, err
		}
		for _, appID := range ids {
			if err := tx.Spare("application "+appID, func() error {
				p, err := heldApp(tx, appID, Secretariat)
				if err != nil {
					return err
				}
				return work.do(tx, p)
			}); err != nil {
				return time.Time{}, err
			}
		}
	}
	if err := d.tested(tx); err != nil {
		return time.Time{}, err
	}
	voting, err := d.voting(tx)
	for _, p := range voting {
		if err == nil {
			err = tx.Spare("application "+p.ID, func() error { return p.readers(tx) })
		}
	}
	if err != nil {
		return time.Time{}, err
	}
	next, err := d.Next(tx)
	return tx.Resume(next), err
}

// resumed takes up what rested while the program was frozen: statements that
// suffice, and a decision that the board took meanwhile.
func (d Desk) resumed(tx *db.Tx, p Application) error {
	if n, err := tx.Exec(`UPDATE application SET resume_at = NULL WHERE id = $1 AND resume_at IS NOT NULL`, p.ID); err != nil || n == 0 {
		return err
	}
	if p.State != membership.AppBallot {
		return d.support(tx, &p)
	}
	return d.Board.Resume(tx, p.Motion)
}

func (d Desk) remind(tx *db.Tx, p Application) error {
	if n, err := tx.Exec(`UPDATE application SET reminded_at = $1 WHERE id = $2 AND reminded_at IS NULL`, db.Micros(tx.Now), p.ID); err != nil || n == 0 {
		return err
	}
	p.record(tx, audience.Actor{}, EventAppReminded, map[string]any{"lapses_at": p.LapsesAt})
	return d.mailNews(tx, p, "reminded "+p.LapsesAt.UTC().Format("2006-01-02"), "Your application lapses on "+p.LapsesAt.UTC().Format("2006-01-02")+".")
}

func (d Desk) lapse(tx *db.Tx, p Application) error {
	if err := p.move(tx, membership.AppLapse, ""); err != nil {
		return err
	}
	p.record(tx, audience.Actor{}, EventAppLapsed, nil)
	return d.tell(tx, p)
}
