package orgs

import "tocsin/internal/kernel/db"

// Reseat gives all people of an organization the seats it stands for now: in
// itself, and in every active program it belongs to. Membership, class or
// state of the organization, a program or a person changed: call it in the
// same transaction, and access follows in the next request.
//
// It reads the tables of people and programs, which import this package.
func Reseat(tx *db.Tx, orgID string) error {
	return reseat(tx, `m.org_id = $1`, `DELETE FROM seat WHERE party_kind = 'org' AND party_id = $1`, orgID)
}

// ReseatPerson is Reseat for one person in all their organizations.
func ReseatPerson(tx *db.Tx, personID string) error {
	return reseat(tx, `m.person_id = $1`, `DELETE FROM seat WHERE party_kind = 'org' AND person_id = $1`, personID)
}

func reseat(tx *db.Tx, where, clear, key string) error {
	if _, err := tx.Exec(clear, key); err != nil {
		return err
	}
	const live = ` FROM membership m JOIN org o ON o.id = m.org_id AND o.state = 'active' JOIN person p ON p.id = m.person_id AND p.state = 'active'`
	const limit = `CASE m.role WHEN 'reader' THEN 1 ELSE 2 END` // audience.Reader, audience.Contributor
	const into = `INSERT INTO seat (person_id, kind, subject_id, party_kind, party_id, cap, class) `
	if _, err := tx.Exec(into+`SELECT m.person_id, 'org', m.org_id, 'org', m.org_id, `+limit+`, o.class`+live+` WHERE `+where, key); err != nil {
		return err
	}
	_, err := tx.Exec(into+`SELECT m.person_id, 'program', x.program_id, 'org', m.org_id, `+limit+`, o.class`+live+
		` JOIN program_org x ON x.org_id = m.org_id JOIN program g ON g.id = x.program_id AND g.state = 'active' WHERE `+where, key)
	return err
}
