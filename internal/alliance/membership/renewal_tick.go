package membership

import (
	"time"

	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/membership"
)

const (
	standBatch = 100       // members, or appeals, in one transaction
	roundEvery = time.Hour // in which the members of all programs are looked through
)

// StandingNext is the instant at which StandingTick has something to do; the
// zero time for never.
func StandingNext(tx *db.Tx) (time.Time, error) {
	var next time.Time
	for _, q := range []string{
		`SELECT MIN(next_at) FROM standing`,
		`SELECT MIN(appeal_until) FROM sanction WHERE appeal = 'open'`,
	} {
		at, _, err := db.One(tx, func(t *time.Time) []any { return []any{db.At(t)} }, q)
		if err != nil {
			return next, err
		}
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	members, err := db.Value[int](tx, `SELECT COUNT(*) FROM (SELECT 1 FROM program_org LIMIT 1) x`)
	if err != nil || members == 0 {
		return next, err
	}
	last, _, err := db.One(tx, func(t *time.Time) []any { return []any{db.At(t)} }, `SELECT at FROM standing_round WHERE id = 'members'`)
	if round := last.Add(roundEvery); err == nil && (next.IsZero() || round.Before(next)) {
		next = round
		if last.IsZero() {
			next = tx.Now
		}
	}
	return next, err
}

// StandingTick does what time has made due: it reminds of renewals, lets
// memberships lapse, ends the time to appeal, and begins to keep the standing
// of members that joined meanwhile.
func StandingTick(tx *db.Tx) (time.Time, error) {
	if err := appealsDue(tx); err != nil {
		return time.Time{}, err
	}
	if err := renewalsDue(tx); err != nil {
		return time.Time{}, err
	}
	last, _, err := db.One(tx, func(t *time.Time) []any { return []any{db.At(t)} }, `SELECT at FROM standing_round WHERE id = 'members'`)
	if err == nil && !tx.Now.Before(last.Add(roundEvery)) {
		err = lookThrough(tx)
	}
	if err != nil {
		return time.Time{}, err
	}
	next, err := StandingNext(tx)
	return tx.Resume(next), err
}

func appealsDue(tx *db.Tx) error {
	due, err := db.Column[string](tx, `SELECT id FROM sanction WHERE appeal = 'open' AND appeal_until <= $1 ORDER BY appeal_until, id`+db.Limit(standBatch), db.Micros(tx.Now))
	for _, one := range due {
		if err != nil {
			return err
		}
		err = tx.Spare("sanction "+one, func() error {
			p, m, err := loadPenalty(tx, `k.id = $1`, one)
			if err != nil {
				return err
			}
			return p.forgo(tx, &m)
		})
	}
	return err
}

func renewalsDue(tx *db.Tx) error {
	due, err := db.Column[string](tx, `SELECT id FROM standing WHERE next_at <= $1 ORDER BY next_at, id`+db.Limit(standBatch), db.Micros(tx.Now))
	for _, one := range due {
		if err != nil {
			return err
		}
		err = tx.Spare("standing "+one, func() error {
			m, err := again(tx, Membership{ID: one})
			if err != nil {
				return err
			}
			return m.pass(tx)
		})
	}
	return err
}

// pass takes one step that time has made due. A server that stood still for
// long tells of a reminder only what is still true.
func (m *Membership) pass(tx *db.Tx) error {
	nobody := audience.Actor{}
	verb, kind := spec.RenewalRemind, EventReminded
	switch {
	case m.Renewal == spec.RenewalLapsed:
		verb, kind = spec.RenewalSuspend, EventOverdue
	case m.Renewal == spec.RenewalAsked && !tx.Now.Before(m.Due):
		verb, kind = spec.RenewalLapse, EventLapsed
		steps, err := m.steps(tx)
		if err != nil {
			return err
		}
		if len(Missing(steps)) == 0 { // all was given; nobody pressed the button
			return m.renew(tx, nobody)
		}
	default:
		for m.Reminded++; m.Reminded < len(Reminders) && !tx.Now.Before(m.wakes()); {
			m.Reminded++
		}
	}
	to, err := spec.Renewal.Move(m.Renewal, verb)
	if err != nil {
		return errs.Wrap(errs.Internal, err, "A renewal cannot go on.")
	}
	m.Renewal = to
	data := map[string]any{"due_at": m.Due}
	if verb == spec.RenewalLapse {
		data["due_at"] = m.Due.Add(GraceDays * day)
	}
	return m.save(tx, nobody, kind, data)
}

// lookThrough compares what is kept with who belongs to which program now: it
// takes in who joined, readmits who joined again, ends the row of who left,
// and follows programs that renew in other terms than before.
func lookThrough(tx *db.Tx) error {
	if _, err := tx.Exec(`INSERT INTO standing_round (id, at) VALUES ('members', $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at`, db.Micros(tx.Now)); err != nil {
		return err
	}
	list, err := db.All(tx, scanMember, `SELECT `+standColumns+standBase+` WHERE s.id IS NULL AND x.program_id <> '' OR s.sanction = 'ended' AND EXISTS (SELECT 1 FROM program_org y WHERE y.program_id = x.program_id AND y.org_id = x.org_id) ORDER BY x.program_id, x.org_id`+db.Limit(5*standBatch))
	if err != nil {
		return err
	}
	for _, m := range list {
		if err := tx.Spare("member "+m.Org, func() error { return enter(tx, audience.Actor{}, m) }); err != nil {
			return err
		}
	}
	if len(list) == 5*standBatch { // the rest at once
		if _, err := tx.Exec(`UPDATE standing_round SET at = 0 WHERE id = 'members'`); err != nil {
			return err
		}
	}
	if err := forgetLeavers(tx); err != nil {
		return err
	}
	return followRules(tx)
}

// forgetLeavers lets the renewals rest of members that left by themselves.
func forgetLeavers(tx *db.Tx) error {
	list, err := db.All(tx, scanMember, `SELECT `+standColumns+standBase+` WHERE s.program_id <> '' AND s.next_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM program_org y WHERE y.program_id = x.program_id AND y.org_id = x.org_id)`+db.Limit(5*standBatch))
	for _, m := range list {
		if err != nil {
			return err
		}
		m.days, m.Due = 0, time.Time{}
		err = tx.Spare("member "+m.Org, func() error { return m.save(tx, audience.Actor{}, EventRescheduled, nil) })
	}
	return err
}

// followRules gives members a new date where their program's term changed.
func followRules(tx *db.Tx) error {
	in, err := db.Column[string](tx, `SELECT DISTINCT program_id FROM standing WHERE program_id <> '' ORDER BY program_id`)
	if err != nil {
		return err
	}
	for _, program := range in {
		r, err := programs.RulesOf(tx, program)
		if err != nil {
			return err
		}
		list, err := db.All(tx, scanMember, `SELECT `+standColumns+standBase+` WHERE s.program_id = $1 AND s.days <> $2 AND s.renewal IN ('current', 'asked') AND s.sanction <> 'ended'
			AND EXISTS (SELECT 1 FROM program_org y WHERE y.program_id = x.program_id AND y.org_id = x.org_id) ORDER BY s.id`+db.Limit(5*standBatch), program, r.RenewDays)
		if err != nil {
			return err
		}
		for _, m := range list {
			m.Renewal, m.Reminded = spec.Renewal.Start, 0
			if m.schedule(r.RenewDays, tx.Now); !m.Due.IsZero() {
				if soon := tx.Now.Add(time.Duration(Reminders[0]) * day); m.Due.Before(soon) {
					m.Due = soon
				}
			}
			if err := tx.Spare("member "+m.Org, func() error {
				return m.save(tx, audience.Actor{}, EventRescheduled, map[string]any{"due_at": m.Due})
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Enter begins to keep how an organization stands in a program that it has
// just joined: its first term begins now. Whoever was removed once begins
// anew.
func Enter(tx *db.Tx, a audience.Actor, programID, orgID string) error {
	m, ok, err := db.One(tx, scanMember, `SELECT `+standColumns+standBase+` WHERE x.program_id = $1 AND x.org_id = $2`, programID, orgID)
	if err != nil || !ok {
		return standMissing(err)
	}
	return enter(tx, a, m)
}

func enter(tx *db.Tx, a audience.Actor, m Membership) error {
	if m.ID == "" {
		_, err := kept(tx, a, m)
		return err
	}
	if m.Sanction != spec.SanctionEnded {
		return nil
	}
	to, err := spec.Sanction.Move(m.Sanction, spec.Readmit)
	if err != nil {
		return err
	}
	r, err := programs.RulesOf(tx, m.Program)
	if err != nil {
		return err
	}
	m.Sanction, m.Renewal, m.Reminded, m.Term = to, spec.Renewal.Start, 0, m.Since
	m.schedule(r.RenewDays, tx.Now)
	return m.save(tx, a, EventReadmitted, map[string]any{"due_at": m.Due})
}
