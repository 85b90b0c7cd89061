package membership

import (
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/membership"
)

// open reads the rules of a program that takes applications now.
func open(tx *db.Tx, programID string) (programs.Rules, error) {
	p, err := programs.ByID(tx, programID)
	if err != nil {
		return programs.Rules{}, err
	}
	r, err := programs.RulesOf(tx, programID)
	if err == nil && (!r.Open || p.State != programs.Active) {
		err = errs.New(errs.Conflict, "This program takes no applications.")
	}
	return r, err
}

// inGoodStanding reports whether an organization is a member of the program
// and may act as one: it is neither reduced nor lapsed, suspended or removed.
func inGoodStanding(tx *db.Tx, programID, orgID string) (bool, error) {
	in, err := programs.Member(tx, programID, orgID)
	if err != nil || !in {
		return false, err
	}
	how, err := StandingOf(tx, programID, orgID)
	return how.Cap() == spec.CapFull, err
}

func notMember() *errs.Error {
	return errs.New(errs.Conflict, "Only a member of the program in good standing may do this.")
}

// loadOrg reads what the rules ask of an organization, without asking who
// reads it.
func loadOrg(tx *db.Tx, orgID string) (orgs.Org, error) {
	o, ok, err := db.One(tx, func(o *orgs.Org) []any {
		return []any{&o.ID, &o.Audience, &o.Name, &o.Class, &o.Listed, &o.Website, &o.Email, db.JSON(&o.Domains), &o.State, &o.Version}
	}, `SELECT id, audience_id, name, class, listed, website, email, domains, state, version FROM org WHERE id = $1`, orgID)
	if err != nil || !ok {
		return o, missing(err, "organization")
	}
	return o, nil
}
