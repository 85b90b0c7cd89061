package casework

import (
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
)

// InviteByComponent invites every active organization of a program (all
// listed ones when program is "") that ships a component, given by name or
// package URL, but those of a class that is shut out of the case. in.Targets
// is not used; in.Reason is kept with each.
func InviteByComponent(tx *db.Tx, a audience.Actor, caseRef, program, component string, in Inclusion) ([]Participant, error) {
	c, err := LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return nil, err
	}
	list, err := orgs.Shipping(tx, a, program, component)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errs.Bad("component", "No organization there is known to ship this component.")
	}
	in.Targets = nil
	for _, o := range list {
		class, err := barredBy(tx, c, audience.Party{Kind: audience.Org, ID: o.ID})
		if err != nil {
			return nil, err
		}
		if class == "" {
			in.Targets = append(in.Targets, Target{Kind: audience.Org, ID: o.ID, Name: o.Name, Role: Vendor})
		}
	}
	if len(in.Targets) == 0 {
		return nil, errs.Bad("component", "Every organization that ships it is of a class that is shut out of this case. Only the board makes an exception.")
	}
	return Invite(tx, a, caseRef, in)
}

// InviteByMail is Invite for targets of whom some are not on the platform:
// those carry a mail address and no id. A vendor gets an unlisted
// organization with the addressed person as its admin, a single person an
// account of their own; the mail says nothing of the case. An organization
// that has people already is invited by its id, never by a stranger's mail.
func InviteByMail(tx *db.Tx, box *outbox.Box, a audience.Actor, caseRef string, in Inclusion) ([]Participant, error) {
	if _, err := LoadAs(tx, a, caseRef, audience.Coordinator); err != nil {
		return nil, err
	}
	if len(in.Targets) == 0 || len(in.Targets) > MaxTargets {
		return nil, errs.Bad("targets", "Name between 1 and %d parties.", MaxTargets)
	}
	targets := append([]Target{}, in.Targets...)
	for i, t := range targets {
		if t.ID != "" || t.Email == "" {
			continue
		}
		var err error
		if targets[i], err = welcome(tx, box, a, t); err != nil {
			return nil, err
		}
	}
	in.Targets = targets
	return Invite(tx, a, caseRef, in)
}

// welcome gives a target without account its place on the platform.
func welcome(tx *db.Tx, box *outbox.Box, a audience.Actor, t Target) (Target, error) {
	name, err := cleanName(t.Name)
	if err != nil {
		return t, err
	}
	if t.Kind == audience.Person {
		i, err := people.Invite(tx, box, a, people.Inviting{Email: t.Email, Name: name})
		t.ID = i.Person
		return t, err
	}
	o, _, err := orgs.Ensure(tx, name)
	if err != nil {
		return t, err
	}
	members, err := db.Value[int](tx, `SELECT COUNT(*) FROM membership WHERE org_id = $1`, o.ID)
	if err != nil {
		return t, err
	}
	if members > 0 || o.Listed {
		return t, errs.Bad("targets", "%s is on the platform already; invite it by choosing it from the list.", o.Name)
	}
	if _, err := people.Invite(tx, box, a, people.Inviting{Email: t.Email, Org: o.ID, OrgRole: orgs.Admin}); err != nil {
		return t, err
	}
	t.Kind, t.ID, t.Name = audience.Org, o.ID, o.Name
	return t, nil
}
