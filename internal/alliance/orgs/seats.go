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
	if err := reseat(tx, `m.person_id = $1`, `DELETE FROM seat WHERE party_kind = 'org' AND person_id = $1`, personID); err != nil {
		return err
	}
	// A program's own coordinators sit in an office of its name.
	_, err := tx.Exec(into+`SELECT x.person_id, 'role', 'coordinator:' || x.program_id, 'person', x.person_id, 3, '' FROM program_coordinator x JOIN person p ON p.id = x.person_id AND p.state = 'active' WHERE x.person_id = $1 ON CONFLICT DO NOTHING`, personID)
	return err
}

// ReseatProgram is Reseat of all organizations of a program for that program
// alone: its state or the classes it shuts out changed.
func ReseatProgram(tx *db.Tx, programID string) error {
	if _, err := tx.Exec(`DELETE FROM seat WHERE kind = 'program' AND subject_id = $1`, programID); err != nil {
		return err
	}
	return seatPrograms(tx, `x.program_id = $1`, programID)
}

func reseat(tx *db.Tx, where, clear, key string) error {
	if _, err := tx.Exec(clear, key); err != nil {
		return err
	}
	if _, err := tx.Exec(into+`SELECT m.person_id, 'org', m.org_id, 'org', m.org_id, `+limit+`, o.class`+live+` WHERE `+where, key); err != nil {
		return err
	}
	// Who works for an organization that is suspended stands for nothing
	// through it, and still is of its class.
	if _, err := tx.Exec(into+`SELECT m.person_id, 'class', o.class, 'org', m.org_id, 0, o.class FROM membership m JOIN org o ON o.id = m.org_id AND o.state <> 'active' JOIN person p ON p.id = m.person_id AND p.state = 'active' WHERE `+where, key); err != nil {
		return err
	}
	return seatPrograms(tx, where, key)
}

const (
	into  = `INSERT INTO seat (person_id, kind, subject_id, party_kind, party_id, cap, class) `
	live  = ` FROM membership m JOIN org o ON o.id = m.org_id AND o.state = 'active' JOIN person p ON p.id = m.person_id AND p.state = 'active'`
	limit = `CASE m.role WHEN 'reader' THEN 1 ELSE 2 END` // audience.Reader, audience.Contributor
)

// seatPrograms gives the seats in programs: in active ones that do not shut
// the organization's class out.
func seatPrograms(tx *db.Tx, where, key string) error {
	_, err := tx.Exec(into+`SELECT m.person_id, 'program', x.program_id, 'org', m.org_id, `+limit+`, o.class`+live+
		` JOIN program_org x ON x.org_id = m.org_id JOIN program g ON g.id = x.program_id AND g.state = 'active'
		WHERE NOT EXISTS (SELECT 1 FROM program_bar b WHERE b.program_id = x.program_id AND b.class = o.class) AND `+where, key)
	return err
}
