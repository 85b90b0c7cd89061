package membership

import (
	"slices"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/membership"
)

// move is the one place where an application's state changes: along a row of
// the table, guarded by the state and version that were read and, for every
// verb that brings it nearer to membership, by the program not being frozen.
// set holds more columns, with parameters from $7 on; p is read anew.
func (p *Application) move(tx *db.Tx, verb membership.AppVerb, set string, args ...any) error {
	to, err := membership.Application.Move(p.State, verb)
	if err != nil {
		return errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if p.Frozen && slices.Contains(membership.Forward, verb) {
		return resting()
	}
	dates := map[membership.AppState]time.Time{}
	for k, v := range p.Dates {
		dates[k] = v
	}
	if to != p.State || dates[to].IsZero() {
		dates[to] = tx.Now.UTC()
	}
	q := `UPDATE application SET state = $1, dates = $2, updated_at = $3, version = version + 1`
	if set != "" {
		q += ", " + set
	}
	q += ` WHERE id = $4 AND state = $5 AND version = $6`
	if slices.Contains(membership.Forward, verb) {
		q += ` AND NOT EXISTS (SELECT 1 FROM application_freeze f WHERE f.program_id = application.program_id AND f.ended_at IS NULL)`
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "The application %s changed meanwhile. Look at it again.", p.Number), q,
		append([]any{string(to), db.JSON(dates), db.Micros(tx.Now), p.ID, string(p.State), p.Version}, args...)...); err != nil {
		return err
	}
	side := p.Side
	*p, err = appByID(tx, p.ID)
	p.Side = side
	if err == nil && to.Ended() {
		err = p.end(tx)
	}
	return err
}

// end closes what an application had open: its links that do more than show
// the outcome, and the members' and the board's sight of it.
func (p *Application) end(tx *db.Tx) error {
	if _, err := tx.Exec(`UPDATE application_link SET ended_at = $1 WHERE application_id = $2 AND purpose <> 'page' AND ended_at IS NULL`, db.Micros(tx.Now), p.ID); err != nil {
		return err
	}
	if err := p.endTests(tx, "The application ended."); err != nil {
		return err
	}
	if err := expelAll(tx, p.Members, audience.Program, audience.Org); err != nil {
		return err
	}
	return p.readers(tx)
}

func expelAll(tx *db.Tx, audienceID string, kinds ...audience.SubjectKind) error {
	v, err := audience.Load(tx, audienceID)
	if err != nil {
		return err
	}
	for _, g := range v.Grants {
		if slices.Contains(kinds, g.Kind) {
			if err := audience.Expel(tx, audienceID, g.Kind, g.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func resting() *errs.Error {
	return errs.New(errs.Conflict, "Applications to this program rest at present. Nothing is lost; try again later.")
}
