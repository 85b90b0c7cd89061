package membership

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// Freezing asks that applications to a program rest for a matter of which
// only its own audience may know.
type Freezing struct {
	Program  string
	Ref      string    // what it is for: the id of a case
	Audience string    // who may know why
	Level    tlp.Level // of the matter
}

// Freeze lets applications to a program rest until Thaw of the same ref, so
// that nobody joins to look: no application takes a step towards membership.
// The caller has checked who asks. Once is enough.
func Freeze(tx *db.Tx, a audience.Actor, in Freezing) error {
	if err := holdProgram(tx, in.Program); err != nil {
		return err
	}
	row := id.New("frz", tx.Now)
	n, err := tx.Exec(`INSERT INTO application_freeze (id, program_id, ref, audience_id, tlp, person_id, since) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		row, in.Program, in.Ref, in.Audience, int(in.Level), a.Person, db.Micros(tx.Now))
	if err != nil || n == 0 {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: EventFrozen, Actor: a, Audience: in.Audience, Level: in.Level, Scope: in.Ref, Object: ledger.Object{Kind: "program", ID: in.Program},
		Data: map[string]string{"program": in.Program}, Binds: []ledger.Bound{freezeTable.Of(row)}})
	return nil
}

// holdProgram takes the program's row for the rest of the transaction: freezes
// of one program come and go one after the other.
func holdProgram(tx *db.Tx, programID string) error {
	return tx.Guarded(errs.Missing("program"), `UPDATE program SET version = version WHERE id = $1`, programID)
}

// Freeze as it is kept.
type freeze struct {
	id, program, audience string
	level                 tlp.Level
	since, ended          time.Time
}

func scanFreeze(f *freeze) []any {
	return []any{&f.id, &f.program, &f.audience, &f.level, db.At(&f.since), db.At(&f.ended)}
}

const freezeQuery = `SELECT f.id, f.program_id, f.audience_id, f.tlp, f.since, f.ended_at FROM application_freeze f WHERE `

// Thaw ends every freeze that was made for ref, of one program or, with "", of
// all. A program that nothing freezes any more takes applications on from
// where they rested, and what they rested does not count towards their year.
func Thaw(tx *db.Tx, a audience.Actor, ref, program string) error {
	list, err := db.All(tx, scanFreeze, freezeQuery+`f.ref = $1 AND f.ended_at IS NULL AND ($2 = '' OR f.program_id = $2) ORDER BY f.program_id`, ref, program)
	if err != nil {
		return err
	}
	for _, f := range list {
		if err := holdProgram(tx, f.program); err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE application_freeze SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL`, db.Micros(tx.Now), f.id)
		if err != nil {
			return err
		}
		if n == 0 { // thawed at the same moment
			continue
		}
		ledger.Append(tx, ledger.Event{Kind: EventThawed, Actor: a, Audience: f.audience, Level: f.level, Scope: ref, Object: ledger.Object{Kind: "program", ID: f.program},
			Data: map[string]string{"program": f.program}, Binds: []ledger.Bound{freezeTable.Of(f.id)}})
		frozen, err := Frozen(tx, f.program)
		if err != nil {
			return err
		}
		if !frozen {
			if err := resume(tx, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// resume gives the applications of a program that is free again the time that
// they rested, and lets the clock take up what waits.
func resume(tx *db.Tx, last freeze) error {
	all, err := db.All(tx, scanFreeze, freezeQuery+`f.program_id = $1 ORDER BY f.since DESC`+db.Limit(1000), last.program)
	if err != nil {
		return err
	}
	since := last.since
	for range all { // freezes that overlap are one rest
		for _, f := range all {
			if f.since.Before(since) && !f.ended.Before(since) {
				since = f.since
			}
		}
	}
	_, err = tx.Exec(`UPDATE application SET resume_at = $1, lapses_at = lapses_at + CASE WHEN begun_at > $2 THEN CAST($1 AS BIGINT) - begun_at ELSE CAST($1 AS BIGINT) - CAST($2 AS BIGINT) END
		WHERE program_id = $3 AND state NOT IN ('active', 'refused', 'withdrawn', 'lapsed')`, db.Micros(tx.Now), db.Micros(since), last.program)
	return err
}

// Frozen reports whether applications to the program rest at present; why is
// nobody's business who asks this.
func Frozen(tx *db.Tx, programID string) (bool, error) {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM application_freeze WHERE program_id = $1 AND ended_at IS NULL`, programID)
	return n > 0, err
}

// FrozenBy lists the programs whose applications rest for ref. The caller has
// checked that the reader may know of it.
func FrozenBy(tx *db.Tx, ref string) ([]string, error) {
	return db.Column[string](tx, `SELECT program_id FROM application_freeze WHERE ref = $1 AND ended_at IS NULL ORDER BY program_id`+db.Limit(1000), ref)
}
