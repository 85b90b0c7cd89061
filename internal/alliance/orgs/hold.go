package orgs

import "tocsin/internal/kernel/db"

// Seats follow from rows that several transactions may change at once. Each
// that computes seats holds the organizations concerned first: what it reads
// then is what the one before it left. A person is held before organizations,
// a program before both, organizations all at once and in the order of their
// ids.

// HoldPerson holds a person, and then all organizations that they work for or
// have seats through, until the transaction ends: whoever takes a person's
// seats away calls it first.
func HoldPerson(tx *db.Tx, personID string) error {
	if err := holdOnlyPerson(tx, personID); err != nil {
		return err
	}
	return hold(tx, `SELECT id FROM org WHERE id IN (SELECT org_id FROM membership WHERE person_id = $1 UNION SELECT party_id FROM seat WHERE party_kind = 'org' AND person_id = $1) ORDER BY id`, personID)
}

func holdOnlyPerson(tx *db.Tx, personID string) error {
	return hold(tx, `SELECT id FROM person WHERE id = $1`, personID)
}

func holdOrg(tx *db.Tx, orgID string) error {
	return hold(tx, `SELECT id FROM org WHERE id = $1`, orgID)
}

// holdMembers holds all organizations of some programs.
func holdMembers(tx *db.Tx, programs []string) error {
	var args db.Args
	return hold(tx, `SELECT id FROM org WHERE id IN (SELECT org_id FROM program_org WHERE program_id IN `+db.List(&args, programs)+`) ORDER BY id`, args...)
}

// hold locks the rows that a query finds until the transaction ends. SQLite
// lets one writer in at a time.
func hold(tx *db.Tx, query string, args ...any) error {
	if tx.Dialect != db.Postgres {
		return nil
	}
	_, err := db.Column[string](tx, query+` FOR NO KEY UPDATE`, args...)
	return err
}
