package embargo

import (
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
)

// Freeze lets applications to a program rest while the case's embargo holds,
// so that nobody joins to look. A coordinator names it. It ends with the
// embargo, in the same transaction, or by Thaw. Applicants and members learn
// no more than that applications rest at present.
func Freeze(tx *db.Tx, a audience.Actor, caseRef, programID string) error {
	c, err := coordinated(tx, a, caseRef)
	if err != nil {
		return err
	}
	p, err := programs.Get(tx, a, programID)
	if err != nil {
		return err
	}
	if !c.Embargo.Holds() {
		return errs.New(errs.Conflict, "Only an embargo that holds can freeze applications; %s has none now.", c.Number)
	}
	return membership.Freeze(tx, a, membership.Freezing{Program: p.ID, Ref: c.ID, Audience: c.Team, Level: c.Level})
}

// Thaw ends what Freeze began for a program, before the embargo ends.
func Thaw(tx *db.Tx, a audience.Actor, caseRef, programID string) error {
	c, err := coordinated(tx, a, caseRef)
	if err != nil {
		return err
	}
	frozen, err := membership.FrozenBy(tx, c.ID)
	if err != nil {
		return err
	}
	for _, id := range frozen {
		if id == programID {
			return membership.Thaw(tx, a, c.ID, programID)
		}
	}
	return errs.New(errs.Conflict, "The embargo of %s does not freeze applications to this program.", c.Number)
}

// Frozen lists the programs whose applications rest for the case's embargo,
// by name; coordinators of the case may read it.
func Frozen(tx *db.Tx, a audience.Actor, caseRef string) ([]programs.Program, error) {
	c, err := casework.LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return nil, err
	}
	ids, err := membership.FrozenBy(tx, c.ID)
	if err != nil {
		return nil, err
	}
	var out []programs.Program
	for _, id := range ids {
		p, err := programs.ByID(tx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// carryFreezes lets the embargo of a case that took over another one's matter
// freeze what that one's did, while it holds.
func carryFreezes(tx *db.Tx, a audience.Actor, from, into casework.Case) error {
	frozen, err := membership.FrozenBy(tx, from.ID)
	if err != nil || !into.Holds(tx.Now) {
		return err
	}
	for _, id := range frozen {
		if err := membership.Freeze(tx, a, membership.Freezing{Program: id, Ref: into.ID, Audience: into.Team, Level: into.Level}); err != nil {
			return err
		}
	}
	return nil
}
