package contacts

import (
	"slices"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

const maxShared = 50

// room makes the audience of a row: the organization, the coordinators, and
// the programs it is shared with, which read it at TLP:GREEN.
func room(tx *db.Tx, orgID, noun string, shared []string) (string, error) {
	grants := []audience.Grant{
		{Kind: audience.Org, ID: orgID, Role: audience.Contributor, Reason: "their own"},
		{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Coordinator, Reason: "coordinates"},
	}
	made, err := audience.Create(tx, noun, grants, nil, nil)
	if err == nil {
		err = reshare(tx, made, orgID, shared)
	}
	return made, err
}

func shareWith(program string) []audience.Grant {
	return []audience.Grant{
		{Kind: audience.Program, ID: program, Role: audience.Reader, Reason: "shared with the program"},
		{Kind: audience.Office, ID: audience.CoordinatorsOf(program), Role: audience.Reader, Reason: "coordinates the program"},
	}
}

// reshare brings the grants of a room to the programs it is shared with now.
func reshare(tx *db.Tx, audienceID, orgID string, now []string) error {
	all, err := db.Column[string](tx, `SELECT program_id FROM contact_share WHERE audience_id = $1 ORDER BY program_id`, audienceID)
	if err != nil {
		return err
	}
	holding, err := db.Column[string](tx, `SELECT s.program_id FROM contact_share s WHERE s.audience_id = $1 AND `+holds, audienceID)
	if err != nil {
		return err
	}
	for _, p := range all {
		if !slices.Contains(now, p) || !slices.Contains(holding, p) {
			if err := unshare(tx, audienceID, p); err != nil {
				return err
			}
		}
	}
	for _, p := range now {
		if slices.Contains(holding, p) {
			continue
		}
		for _, g := range shareWith(p) {
			if err := audience.Admit(tx, audienceID, g); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`INSERT INTO contact_share (audience_id, program_id, org_id, since) VALUES ($1, $2, $3, $4)`, audienceID, p, orgID, db.Micros(tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

func unshare(tx *db.Tx, audienceID, program string) error {
	for _, g := range shareWith(program) {
		if err := audience.Expel(tx, audienceID, g.Kind, g.ID); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`DELETE FROM contact_share WHERE audience_id = $1 AND program_id = $2`, audienceID, program)
	return err
}

// holds is the condition under which a share s counts: the organization has
// been in the program ever since. Who leaves takes its contacts along, in the
// next request, and does not bring them back by joining again.
const holds = `EXISTS (` + sharing + `)`

const sharing = `SELECT 1 FROM program_org x WHERE x.program_id = s.program_id AND x.org_id = s.org_id AND x.since <= s.since`

// shown is the condition on a row t of an organization: the audience rule,
// and beyond the organization and the coordinators a share that still counts,
// in a program whose directory shows contacts to this actor. While the
// organization is suspended there only the program's own coordinators go on
// seeing it.
func shown(tx *db.Tx, a audience.Actor, t string, args *db.Args) (string, error) {
	rule := audience.Visible(a, t, args)
	if a.Holds(audience.Office, charter.Coordinator) {
		return rule, nil
	}
	open, err := directories(tx, a)
	if err != nil {
		return "", err
	}
	var led []string
	for _, office := range a.Of(audience.Office) {
		if p, ok := strings.CutPrefix(office, audience.CoordinatorsOf("")); ok {
			led = append(led, p)
		}
	}
	return rule + ` AND (` + t + `.org_id IN ` + db.List(args, a.Of(audience.Org)) + ` OR EXISTS (SELECT 1 FROM contact_share s WHERE s.audience_id = ` + t + `.audience_id AND (s.program_id IN ` + db.List(args, led) + ` AND ` + holds +
		` OR s.program_id IN ` + db.List(args, open) + ` AND EXISTS (` + sharing + ` AND ` + orgs.Stands("x") + `))))`, nil
}

// directories are the programs that show their members to one another with
// their people, of those that the actor is in: none to whoever also belongs to
// an organization of a class that is shut out there.
func directories(tx *db.Tx, a audience.Actor) ([]string, error) {
	type key struct{ actor string }
	return db.Recall(tx, key{a.Key()}, func() ([]string, error) {
		var out, classes []string
		for _, s := range a.Seats {
			classes = append(classes, s.Class)
		}
		for _, p := range a.Of(audience.Program) {
			var args db.Args
			barred, err := db.Value[int](tx, `SELECT COUNT(*) FROM program_bar WHERE program_id = `+args.Add(p)+` AND class IN `+db.List(&args, classes), args...)
			if err != nil {
				return nil, err
			}
			if barred > 0 {
				continue
			}
			rules, err := programs.RulesOf(tx, p)
			if err != nil {
				return nil, err
			}
			if rules.Directory == programs.SightMembers {
				out = append(out, p)
			}
		}
		return out, nil
	})
}

// sharedWith lists the programs a row of an organization is shown to: all of
// them to who belongs to the organization or coordinates, else those that the
// actor is in too.
func sharedWith(tx *db.Tx, a audience.Actor, orgID, audienceID string) ([]string, error) {
	list, err := db.Column[string](tx, `SELECT s.program_id FROM contact_share s WHERE s.audience_id = $1 AND `+holds+` ORDER BY s.program_id`, audienceID)
	if err != nil || a.Holds(audience.Office, charter.Coordinator) || a.Holds(audience.Org, orgID) {
		return list, err
	}
	return slices.DeleteFunc(list, func(p string) bool { return !a.Holds(audience.Program, p) }), nil
}

// sweepShares ends, in the audiences too, what no longer counts.
func sweepShares(tx *db.Tx) error {
	type share struct{ audience, program string }
	list, err := db.All(tx, func(s *share) []any { return []any{&s.audience, &s.program} }, `SELECT s.audience_id, s.program_id FROM contact_share s WHERE NOT `+holds+` ORDER BY s.audience_id, s.program_id`+db.Limit(batch))
	for _, s := range list {
		if err := tx.Spare("share of "+s.audience, func() error { return unshare(tx, s.audience, s.program) }); err != nil {
			return err
		}
	}
	return err
}

// marking is TLP:GREEN for what programs see, else TLP:AMBER+STRICT.
func marking(shared []string) tlp.Level {
	if len(shared) > 0 {
		return tlp.Green
	}
	return tlp.AmberStrict
}

// sharable is the list of programs, each once; only those that the
// organization belongs to are taken.
func sharable(tx *db.Tx, a audience.Actor, orgID string, shared []string) ([]string, error) {
	out := []string{}
	if len(shared) == 0 {
		return out, nil
	}
	if len(shared) > maxShared {
		return nil, errs.Bad("shared", "Share with at most %d programs.", maxShared)
	}
	of, err := programs.Of(tx, a, orgID)
	if err != nil {
		return nil, err
	}
	for _, id := range shared {
		if !slices.ContainsFunc(of, func(p programs.Program) bool { return p.ID == id }) {
			return nil, errs.Bad("shared", "Share with programs that the organization belongs to.")
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out, nil
}

// mayAdd checks that the actor may keep contacts of an organization: its
// admins and responders, and coordinators.
func mayAdd(tx *db.Tx, a audience.Actor, orgID string) error {
	if _, err := orgs.Get(tx, a, orgID); err != nil {
		return err
	}
	if charter.Allows(a, charter.ScopeWrite) && a.Cap(audience.Org, orgID) >= audience.Contributor || charter.IsCoordinator(a) {
		return nil
	}
	return denied()
}

// mayEdit is the check on a row that the actor has been shown to see.
func mayEdit(tx *db.Tx, a audience.Actor, audienceID string, level tlp.Level) error {
	role, err := audience.RoleAt(tx, a, audienceID, level)
	if err == nil && (role < audience.Contributor || !charter.Allows(a, charter.ScopeWrite)) {
		err = denied()
	}
	return err
}

func denied() error {
	return errs.New(errs.Denied, "An organization's admins and responders, and coordinators, keep its contacts.")
}

func stale(noun string, theirs, yours any) *errs.Error {
	e := errs.New(errs.Stale, "Somebody changed this %s while you had it open. Compare both versions and save again.", noun)
	e.Theirs, e.Yours = theirs, yours
	return e
}
