package people

import (
	"slices"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
)

// RolesOf lists a person's alliance roles. It asks nobody.
func RolesOf(tx *db.Tx, personID string) ([]string, error) {
	return db.Column[string](tx, `SELECT role FROM office WHERE person_id = $1 ORDER BY role`, personID)
}

// Holding lists the active people of an alliance role, by name. It asks
// nobody; notices use it.
func Holding(tx *db.Tx, role string) ([]Person, error) {
	return db.All(tx, scan, `SELECT `+columns+` FROM person p JOIN office f ON f.person_id = p.id WHERE f.role = $1 AND p.state = 'active' ORDER BY p.name, p.id LIMIT 2000`, role)
}

// GrantRole gives a person an alliance role; operators may.
func GrantRole(tx *db.Tx, a audience.Actor, personID, role string) error {
	p, err := byOperator(tx, a, personID)
	if err != nil {
		return err
	}
	if p.State != Active {
		return errs.New(errs.Conflict, "Only an active person can be given a role.")
	}
	return grant(tx, a, p, role)
}

func grant(tx *db.Tx, a audience.Actor, p Person, role string) error {
	if !slices.Contains(charter.Roles, role) {
		return errs.Bad("role", "Choose coordinator, board or operator.")
	}
	row := id.New("off", tx.Now)
	n, err := tx.Exec(`INSERT INTO office (id, role, person_id, since, granted_by) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (role, person_id) DO NOTHING`, row, role, p.ID, db.Micros(tx.Now), a.Person)
	if err != nil || n == 0 {
		return err
	}
	record(tx, a, EventGranted, p, map[string]string{"role": role}, officeTable.Of(row))
	return reseat(tx, p)
}

// RevokeRole takes an alliance role away; operators may. The last active
// operator keeps theirs.
func RevokeRole(tx *db.Tx, a audience.Actor, personID, role string) error {
	p, err := byOperator(tx, a, personID)
	if err != nil {
		return err
	}
	if role == charter.Operator {
		if err := spareOperator(tx, p.ID); err != nil {
			return err
		}
	}
	return revoke(tx, a, p, role)
}

func revoke(tx *db.Tx, a audience.Actor, p Person, role string) error {
	row, err := db.Value[string](tx, `SELECT id FROM office WHERE role = $1 AND person_id = $2`, role, p.ID)
	if err != nil {
		return err
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "This person does not hold the role %s.", role), `DELETE FROM office WHERE id = $1`, row); err != nil {
		return err
	}
	record(tx, a, EventRevoked, p, map[string]string{"role": role}, officeTable.Of(row))
	return reseat(tx, p)
}

// spareOperator refuses what would leave the alliance without an operator.
func spareOperator(tx *db.Tx, personID string) error {
	// Touching the rows makes two operators who leave at once wait for each
	// other and be counted one after the other.
	if _, err := tx.Exec(`UPDATE office SET since = since WHERE role = $1`, charter.Operator); err != nil {
		return err
	}
	type count struct{ holds, others int }
	n, _, err := db.One(tx, func(c *count) []any { return []any{&c.holds, &c.others} },
		`SELECT COALESCE(SUM(CASE WHEN f.person_id = $1 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN f.person_id <> $1 AND p.state = 'active' THEN 1 ELSE 0 END), 0)
		 FROM office f JOIN person p ON p.id = f.person_id WHERE f.role = $2`, personID, charter.Operator)
	if err == nil && n.holds > 0 && n.others == 0 {
		err = errs.New(errs.Conflict, "This is the last operator. Make somebody else operator first.")
	}
	return err
}
