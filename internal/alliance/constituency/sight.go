package constituency

import (
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/constituency"
	"tocsin/spec/tlp"
)

const level = tlp.AmberStrict // of a claim within its organization; what programs see of it is TLP:GREEN

// room is the audience of an organization's claims: its people and the
// coordinators.
func room(tx *db.Tx, orgID string) (string, error) {
	aid, err := db.Value[string](tx, `SELECT audience_id FROM constituency_claim WHERE org_id = $1 ORDER BY created_at, id`+db.Limit(1), orgID)
	if err != nil || aid != "" {
		return aid, err
	}
	return audience.Create(tx, "constituency", []audience.Grant{
		{Kind: audience.Org, ID: orgID, Role: audience.Contributor, Reason: "their own"},
		{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Coordinator, Reason: "coordinates"},
	}, nil, nil)
}

func isInside(a audience.Actor, orgID string) bool {
	return a.Holds(audience.Org, orgID) || a.Holds(audience.Office, charter.Coordinator)
}

// visible is the condition on a claim (alias t) under which the actor sees
// it: in its own room by the audience rule, or proven, through the directory
// of a program that both are in, in good standing enough to take part. It asks
// for the program's members and their standing themselves, so that joining and
// leaving, suspension and return take effect at once.
func visible(tx *db.Tx, a audience.Actor, t string, args *db.Args) (string, error) {
	own := audience.Visible(a, t, args)
	through, err := directories(tx, a)
	if err != nil || len(through) == 0 {
		return own, err
	}
	return "(" + own + " OR (" + answers(tx, t, args) + " AND EXISTS (SELECT 1 FROM program_org x WHERE x.org_id = " + t + ".org_id AND x.program_id IN " + db.List(args, through) + " AND " + orgs.Stands("x") + ")))", nil
}

// answers is the condition that a claim names who answers, at this instant.
func answers(tx *db.Tx, t string, args *db.Args) string {
	return "(" + t + ".state IN ('" + string(spec.Proven) + "', '" + string(spec.Disputed) + "') AND " + t + ".until_at > " + args.Add(db.Micros(tx.Now)) + ")"
}

// directories are the programs of the actor in which members see what the
// others answer for.
func directories(tx *db.Tx, a audience.Actor) ([]string, error) {
	var out []string
	for _, p := range a.Of(audience.Program) {
		if a.Cap(audience.Program, p) == audience.None {
			continue
		}
		open, err := opens(tx, p)
		if err != nil {
			return nil, err
		}
		if open {
			out = append(out, p)
		}
	}
	return out, nil
}

// opens reports whether a program's directory shows members to one another
// with more than their names.
func opens(tx *db.Tx, programID string) (bool, error) {
	p, err := programs.ByID(tx, programID)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	if err != nil || p.State != programs.Active {
		return false, err
	}
	r, err := programs.RulesOf(tx, programID)
	return r.Directory == programs.SightMembers, err
}

// see loads a claim that the actor may see.
func see(tx *db.Tx, a audience.Actor, claimID string) (Claim, error) {
	if err := charter.SignedIn(a); err != nil {
		return Claim{}, err
	}
	var args db.Args
	cond := "c.id = " + args.Add(claimID)
	sight, err := visible(tx, a, "c", &args)
	if err != nil {
		return Claim{}, err
	}
	list, err := load(tx, cond+" AND "+sight, args...)
	if err != nil || len(list) == 0 {
		return Claim{}, firstOf(err, errs.Missing("claim"))
	}
	return show(a, list[0])[0], nil
}

// Get reads a claim the actor may see.
func Get(tx *db.Tx, a audience.Actor, claimID string) (Claim, error) { return see(tx, a, claimID) }

// Speaks reports whether the actor may claim, prove and withdraw for an
// organization: its admins, and coordinators.
func Speaks(tx *db.Tx, a audience.Actor, orgID string) (bool, error) {
	if charter.IsCoordinator(a) && charter.Allows(a, charter.ScopeCoordinate) {
		return true, nil
	}
	return voices(tx, a, orgID)
}

// voices is Speaks for the organization's own admins alone.
func voices(tx *db.Tx, a audience.Actor, orgID string) (bool, error) {
	if a.Person == "" || !a.Holds(audience.Org, orgID) || !charter.Allows(a, charter.ScopeWrite) {
		return false, nil
	}
	role, err := orgs.RoleOf(tx, orgID, a.Person)
	return role == orgs.Admin, err
}

func maySpeak(tx *db.Tx, a audience.Actor, orgID string) error {
	ok, err := Speaks(tx, a, orgID)
	if err == nil && !ok {
		err = errs.New(errs.Denied, "Only this organization's admins, and coordinators, may do this.")
	}
	return err
}

// spoken is see for a verb of the organization's voice.
func spoken(tx *db.Tx, a audience.Actor, claimID string) (Claim, error) {
	c, err := see(tx, a, claimID)
	if err != nil {
		return c, err
	}
	return c, maySpeak(tx, a, c.Org)
}

// Judges reports whether the actor may decide about claims of organizations:
// a coordinator who belongs to none of them.
func Judges(tx *db.Tx, a audience.Actor, orgIDs ...string) (bool, error) {
	if !charter.IsCoordinator(a) || !charter.Allows(a, charter.ScopeCoordinate) {
		return false, nil
	}
	for _, o := range orgIDs {
		role, err := orgs.RoleOf(tx, o, a.Person)
		if err != nil || role != "" {
			return false, err
		}
	}
	return true, nil
}

func mayJudge(tx *db.Tx, a audience.Actor, orgIDs ...string) error {
	ok, err := Judges(tx, a, orgIDs...)
	switch {
	case err != nil || ok:
		return err
	case charter.IsCoordinator(a) && charter.Allows(a, charter.ScopeCoordinate):
		return errs.New(errs.Denied, "You belong to the organization concerned. Another coordinator has to decide this.")
	}
	return errs.New(errs.Denied, "Only coordinators may decide this.")
}

// judged is see for a coordinator's decision about one claim.
func judged(tx *db.Tx, a audience.Actor, claimID string) (Claim, error) {
	c, err := see(tx, a, claimID)
	if err != nil {
		return c, err
	}
	return c, mayJudge(tx, a, c.Org)
}

func sentence(err error) string {
	s := err.Error()
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
