package contacts

import (
	"slices"

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
	for _, p := range shared {
		grants = append(grants, shareWith(p))
	}
	return audience.Create(tx, noun, grants, nil, nil)
}

func shareWith(program string) audience.Grant {
	return audience.Grant{Kind: audience.Program, ID: program, Role: audience.Reader, Reason: "shared with the program"}
}

// reshare brings the grants of a room from the programs of before to those of now.
func reshare(tx *db.Tx, audienceID string, before, now []string) error {
	for _, p := range before {
		if !slices.Contains(now, p) {
			if err := audience.Expel(tx, audienceID, audience.Program, p); err != nil {
				return err
			}
		}
	}
	for _, p := range now {
		if !slices.Contains(before, p) {
			if err := audience.Admit(tx, audienceID, shareWith(p)); err != nil {
				return err
			}
		}
	}
	return nil
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
