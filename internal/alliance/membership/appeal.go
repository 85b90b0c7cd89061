package membership

import (
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	spec "tocsin/spec/membership"
)

// Appeal asks that a sanction be looked at again, with reasons; the member's
// admins may, within 14 days, also while it is suspended or removed. It stays
// in force until the appeal is decided.
func Appeal(tx *db.Tx, a audience.Actor, penaltyID, plea string) (Penalty, error) {
	p, m, err := penalty(tx, a, penaltyID)
	if err != nil {
		return p, err
	}
	ok, err := answersFor(tx, a, m.Org)
	if err != nil {
		return p, err
	}
	if !ok {
		return p, errs.New(errs.Denied, "Only the member's admins may appeal.")
	}
	if plea, err = ground("plea", plea, "Say why the sanction is wrong, or too hard."); err != nil {
		return p, err
	}
	to, err := spec.Appeal.Move(p.Appeal, spec.File)
	if err != nil {
		return p, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if !p.EndedAt.IsZero() || !tx.Now.Before(p.AppealUntil) {
		return p, errs.New(errs.Conflict, "The time to appeal is over.")
	}
	if err := p.step(tx, `appeal = $3, plea = $4, appealed_by = $5, appealed_at = $6`, string(to), plea, a.Person, db.Micros(tx.Now)); err != nil {
		return p, err
	}
	m.record(tx, a, EventAppealed, map[string]any{"sanction": p.ID}, sanctionTable.Of(p.ID))
	p, _, err = loadPenalty(tx, `k.id = $1`, p.ID)
	return p, err
}

func (p Penalty) step(tx *db.Tx, set string, args ...any) error {
	return tx.Guarded(errs.New(errs.Conflict, "This sanction changed at the same moment. Look at it again."),
		`UPDATE sanction SET `+set+`, version = version + 1 WHERE id = $1 AND version = $2`, append([]any{p.ID, p.Version}, args...)...)
}

// DecideAppeal says whether a warning or a reduction stands, with reasons;
// coordinators may, but nobody who imposed it or works for the member. An
// appeal against a decision of the board is put to the board.
func DecideAppeal(tx *db.Tx, a audience.Actor, penaltyID string, overturn bool, reason string) (Membership, error) {
	p, m, err := coordinatorsPenalty(tx, a, penaltyID, "the board decides on the appeal")
	if err != nil {
		return m, err
	}
	if p.By == a.Person {
		return m, errs.New(errs.Denied, "You imposed this sanction; somebody else has to decide on the appeal.")
	}
	if reason, err = ground("reason", reason, "Give the reasons of the decision."); err != nil {
		return m, err
	}
	if err := p.decide(tx, a, &m, overturn, reason, ""); err != nil {
		return m, err
	}
	return again(tx, m)
}

// decide ends an appeal. Where the sanction is upheld that removed the
// member, its membership ends with that.
func (p *Penalty) decide(tx *db.Tx, a audience.Actor, m *Membership, overturn bool, reason, motion string) error {
	verb, kind := spec.Uphold, EventUpheld
	if overturn {
		verb, kind = spec.Overturn, EventOverturned
	}
	to, err := spec.Appeal.Move(p.Appeal, verb)
	if err != nil {
		return errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if err := p.step(tx, `appeal = $3, decision = $4, decided_by = $5, decided_at = $6`, string(to), reason, a.Person, db.Micros(tx.Now)); err != nil {
		return err
	}
	m.record(tx, a, kind, map[string]any{"sanction": p.ID, "reason": reason, "motion": motion}, sanctionTable.Of(p.ID))
	p.Appeal, p.Version = to, p.Version+1
	switch {
	case overturn && p.EndedAt.IsZero():
		return p.lift(tx, a, m, reason, verb, map[string]any{"motion": motion})
	case !overturn && p.Kind == spec.Remove && p.Current():
		return m.endMembership(tx, a)
	}
	return nil
}

// endMembership follows a removal that nothing can change any more.
func (m *Membership) endMembership(tx *db.Tx, a audience.Actor) error {
	to, err := spec.Sanction.Move(m.Sanction, spec.End)
	if err != nil {
		return errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	m.Sanction = to
	in := []string{m.Program}
	if m.Program == "" {
		if in, err = db.Column[string](tx, `SELECT program_id FROM program_org WHERE org_id = $1 ORDER BY program_id`, m.Org); err != nil {
			return err
		}
	}
	for _, program := range in {
		if err := programs.Remove(tx, a, program, m.Org); err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	if m.Program == "" {
		if err := orgs.Delist(tx, a, m.Org); err != nil {
			return err
		}
	}
	return m.save(tx, a, EventEnded, nil)
}

// forgo ends the time to appeal against a sanction.
func (p *Penalty) forgo(tx *db.Tx, m *Membership) error {
	to, err := spec.Appeal.Move(p.Appeal, spec.Forgo)
	if err != nil {
		return err
	}
	if err := p.step(tx, `appeal = $3`, string(to)); err != nil {
		return err
	}
	p.Version++
	m.record(tx, audience.Actor{}, EventForgone, map[string]any{"sanction": p.ID}, []ledger.Bound{sanctionTable.Of(p.ID)}...)
	if p.Kind == spec.Remove && p.Current() {
		return m.endMembership(tx, audience.Actor{})
	}
	return nil
}
