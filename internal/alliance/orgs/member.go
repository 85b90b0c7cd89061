package orgs

import (
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// Role is what a person does in an organization.
type Role string

// The roles. Admins and responders contribute to what the organization is
// invited to; readers read. Admins also run the organization's own list.
const (
	Admin     Role = "admin"
	Responder Role = "responder"
	Reader    Role = "reader"
)

// MemberRoles lists the roles.
var MemberRoles = []Role{Admin, Responder, Reader}

// Membership is one person in one organization.
type Membership struct {
	ID      string    `json:"id"`
	Org     string    `json:"org"`
	Person  string    `json:"person"`
	Role    Role      `json:"role"`
	Backup  bool      `json:"backup"` // asked when the others do not answer
	Duty    int       `json:"duty"`   // order in which people are asked; 0 first
	Since   time.Time `json:"since"`
	Version int64     `json:"version"`
	// Of the person, for lists.
	Name  string `json:"name"`
	Email string `json:"email"`
	State string `json:"state"` // of the person's account
	// Of the organization, for a person's own list.
	OrgName string `json:"org_name"`
}

const memberColumns = `m.id, m.org_id, m.person_id, m.role, m.backup, m.duty, m.since, m.version, p.name, p.email, p.state, o.name`
const memberFrom = ` FROM membership m JOIN person p ON p.id = m.person_id JOIN org o ON o.id = m.org_id`

func scanMember(m *Membership) []any {
	return []any{&m.ID, &m.Org, &m.Person, &m.Role, &m.Backup, &m.Duty, db.At(&m.Since), &m.Version, &m.Name, &m.Email, &m.State, &m.OrgName}
}

// RoleOf is the person's role in the organization; "" for none.
func RoleOf(tx *db.Tx, orgID, personID string) (Role, error) {
	return db.Value[Role](tx, `SELECT role FROM membership WHERE org_id = $1 AND person_id = $2`, orgID, personID)
}

// Runs reports whether the actor may invite to, remove from and edit the
// organization: its admins, operators and coordinators.
func Runs(tx *db.Tx, a audience.Actor, orgID string) (bool, error) {
	if charter.Administers(a) {
		return true, nil
	}
	if !a.Holds(audience.Org, orgID) || !charter.Allows(a, charter.ScopeAdmin) {
		return false, nil
	}
	role, err := RoleOf(tx, orgID, a.Person)
	return role == Admin, err
}

func mayRun(tx *db.Tx, a audience.Actor, orgID string) error {
	ok, err := Runs(tx, a, orgID)
	if err == nil && !ok {
		err = errs.New(errs.Denied, "Only this organization's admins, operators and coordinators may do this.")
	}
	return err
}

// Join puts a person into an organization.
func Join(tx *db.Tx, a audience.Actor, orgID, personID string, role Role) (Membership, error) {
	if _, err := Get(tx, a, orgID); err != nil {
		return Membership{}, err
	}
	if err := mayRun(tx, a, orgID); err != nil {
		return Membership{}, err
	}
	return Welcome(tx, a, orgID, personID, role)
}

// Welcome is Join without the question who asks: an invitation was checked
// when it was written. A person who belongs already keeps their role.
func Welcome(tx *db.Tx, a audience.Actor, orgID, personID string, role Role) (Membership, error) {
	if !slices.Contains(MemberRoles, role) {
		return Membership{}, errs.Bad("role", "Choose admin, responder or reader.")
	}
	o, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM org o WHERE o.id = $1`, orgID)
	if err != nil || !ok {
		return Membership{}, firstOf(err, errs.Missing("organization"))
	}
	if err := holdOnlyPerson(tx, personID); err != nil {
		return Membership{}, err
	}
	known, err := db.Value[int](tx, `SELECT COUNT(*) FROM person WHERE id = $1`, personID)
	if err != nil || known == 0 {
		return Membership{}, firstOf(err, errs.Missing("person"))
	}
	mid := id.New("mem", tx.Now)
	n, err := tx.Exec(`INSERT INTO membership (id, org_id, person_id, role, since, version) VALUES ($1, $2, $3, $4, $5, 1) ON CONFLICT (org_id, person_id) DO NOTHING`,
		mid, orgID, personID, string(role), db.Micros(tx.Now))
	if err != nil {
		return Membership{}, err
	}
	if n == 0 {
		return one(tx, `m.org_id = $1 AND m.person_id = $2`, orgID, personID)
	}
	binds := []ledger.Bound{membershipTable.Of(mid)}
	own, err := settled(tx, o)
	if err != nil {
		return Membership{}, err
	}
	if own != o.Audience {
		if _, err := tx.Exec(`UPDATE org SET audience_id = $1, version = version + 1 WHERE id = $2`, own, orgID); err != nil {
			return Membership{}, err
		}
		binds = append(binds, orgTable.Of(orgID))
	}
	m, err := one(tx, `m.id = $1`, mid)
	if err != nil {
		return m, err
	}
	record(tx, a, EventJoined, own, m, binds)
	return m, ReseatPerson(tx, personID)
}

func one(tx *db.Tx, where string, args ...any) (Membership, error) {
	m, ok, err := db.One(tx, scanMember, `SELECT `+memberColumns+memberFrom+` WHERE `+where, args...)
	if err == nil && !ok {
		err = errs.Missing("membership")
	}
	return m, err
}

func record(tx *db.Tx, a audience.Actor, kind, audienceID string, m Membership, binds []ledger.Bound) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: audienceID, Level: tlp.AmberStrict, Object: ledger.Object{Kind: "membership", ID: m.ID}, Scope: m.Org,
		Data: map[string]any{"org": m.Org, "person": m.Person, "role": m.Role, "backup": m.Backup, "duty": m.Duty}, Binds: binds})
}

// Change sets role, backup and duty of a membership; in.Version is the
// version seen. The last admin stays one unless an operator decides.
func Change(tx *db.Tx, a audience.Actor, in Membership) (Membership, error) {
	old, o, err := seen(tx, a, in.ID)
	if err != nil {
		return Membership{}, err
	}
	if err := mayRun(tx, a, old.Org); err != nil {
		return Membership{}, err
	}
	if !slices.Contains(MemberRoles, in.Role) {
		return Membership{}, errs.Bad("role", "Choose admin, responder or reader.")
	}
	if in.Duty < 0 || in.Duty > 999 {
		return Membership{}, errs.Bad("duty", "Give the order as a number from 0 to 999.")
	}
	if old.Role == Admin && in.Role != Admin {
		if err := spareAdmin(tx, a, old); err != nil {
			return Membership{}, err
		}
	}
	yours := old
	yours.Role, yours.Backup, yours.Duty = in.Role, in.Backup, in.Duty
	stale := errs.New(errs.Stale, "Somebody changed this membership while you had it open. Compare both versions and save again.")
	stale.Theirs, stale.Yours = old, yours
	if err := tx.Guarded(stale, `UPDATE membership SET role = $1, backup = $2, duty = $3, version = version + 1 WHERE id = $4 AND version = $5`,
		string(in.Role), db.Bit(in.Backup), in.Duty, in.ID, in.Version); err != nil {
		return Membership{}, err
	}
	yours.Version = in.Version + 1
	record(tx, a, EventChanged, o.Audience, yours, []ledger.Bound{membershipTable.Of(in.ID)})
	return yours, ReseatPerson(tx, old.Person)
}

// Remove ends a membership; everybody may end their own. The seats go in the
// same transaction. The last admin stays unless an operator decides.
func Remove(tx *db.Tx, a audience.Actor, membershipID string) error {
	m, o, err := seen(tx, a, membershipID)
	if err != nil {
		return err
	}
	if m.Person != a.Person || !charter.Allows(a, charter.ScopeAdmin) {
		if err := mayRun(tx, a, m.Org); err != nil {
			return err
		}
	}
	if m.Role == Admin {
		if err := spareAdmin(tx, a, m); err != nil {
			return err
		}
	}
	return remove(tx, a, m, o.Audience)
}

// RemoveEverywhere ends all memberships of a person who leaves the alliance.
// The caller has checked who asks.
func RemoveEverywhere(tx *db.Tx, a audience.Actor, personID string) error {
	list, err := db.All(tx, scanMember, `SELECT `+memberColumns+memberFrom+` WHERE m.person_id = $1 ORDER BY m.id`, personID)
	if err != nil {
		return err
	}
	for _, m := range list {
		own, err := db.Value[string](tx, `SELECT audience_id FROM org WHERE id = $1`, m.Org)
		if err != nil {
			return err
		}
		if err := remove(tx, a, m, own); err != nil {
			return err
		}
	}
	return nil
}

func remove(tx *db.Tx, a audience.Actor, m Membership, audienceID string) error {
	if err := tx.Guarded(errs.Missing("membership"), `DELETE FROM membership WHERE id = $1`, m.ID); err != nil {
		return err
	}
	record(tx, a, EventRemoved, audienceID, m, []ledger.Bound{membershipTable.Of(m.ID)})
	return ReseatPerson(tx, m.Person)
}

func seen(tx *db.Tx, a audience.Actor, membershipID string) (Membership, Org, error) {
	m, err := one(tx, `m.id = $1`, membershipID)
	if err != nil {
		return m, Org{}, err
	}
	if !a.Holds(audience.Org, m.Org) && !seesAll(a) && m.Person != a.Person {
		return Membership{}, Org{}, errs.Missing("membership")
	}
	o, _, err := db.One(tx, scan, `SELECT `+columns+` FROM org o WHERE o.id = $1`, m.Org)
	return m, o, err
}

func spareAdmin(tx *db.Tx, a audience.Actor, m Membership) error {
	if err := holdOnlyPerson(tx, m.Person); err != nil {
		return err
	}
	// The organization's row is the lock: two admins who leave at once are
	// counted one after the other.
	if _, err := tx.Exec(`UPDATE org SET version = version WHERE id = $1`, m.Org); err != nil {
		return err
	}
	others, err := db.Value[int](tx, `SELECT COUNT(*) FROM membership m JOIN person p ON p.id = m.person_id WHERE m.org_id = $1 AND m.role = 'admin' AND m.id <> $2 AND p.state = 'active'`, m.Org, m.ID)
	if err == nil && others == 0 && !charter.IsOperator(a) {
		err = errs.New(errs.Conflict, "This is the organization's last admin. Make somebody else admin first, or ask an operator.")
	}
	return err
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// ClassesOf are the organizations, with no more than id and class, for which a
// party stands: an organization itself, a person's all. It asks nobody who
// wants to know.
func ClassesOf(tx *db.Tx, p audience.Party) ([]Org, error) {
	where := `o.id = $1`
	if p.Kind == audience.Person {
		where = `o.id IN (SELECT m.org_id FROM membership m WHERE m.person_id = $1)`
	}
	return db.All(tx, func(o *Org) []any { return []any{&o.ID, &o.Class} }, `SELECT o.id, o.class FROM org o WHERE `+where+` ORDER BY o.id`, p.ID)
}
