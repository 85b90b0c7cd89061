package audience

import (
	"slices"

	"tocsin/internal/kernel/db"
)

// CoordinatorsOf is the office of those who coordinate one program and what
// lies under it.
func CoordinatorsOf(programID string) string { return "coordinator:" + programID }

// Within makes an audience for a part of what another one is for: a party's
// private side of a case, a talk in it. It lies under the same programs, with
// the same bars and exemptions, now and whenever those of the other change.
// Where it requires terms, it requires all that the other does.
func Within(tx *db.Tx, parent, noun string, grants []Grant, terms []string) (string, error) {
	aid, err := Create(tx, noun, nil, nil, nil)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(`INSERT INTO audience_parent (audience_id, parent_id) VALUES ($1, $2)`, aid, parent); err != nil {
		return "", err
	}
	if err := copyPlace(tx, parent, aid, len(terms) > 0); err != nil {
		return "", err
	}
	return aid, furnish(tx, aid, grants, terms)
}

// Named is Within for persons chosen among those who stand in the other
// audience: one who stands there through a membership stands here through it.
func Named(tx *db.Tx, parent, noun string, grants []Grant) (string, error) {
	aid, err := Within(tx, parent, noun, nil, nil)
	if err != nil {
		return "", err
	}
	for _, g := range grants {
		var holds []Hold
		if g.Kind == Person {
			if holds, err = personWays(tx, parent, g.ID); err != nil {
				return "", err
			}
		}
		if err := admit(tx, aid, g, holds, true); err != nil {
			return "", err
		}
	}
	return aid, nil
}

// Like makes an audience beside another one, which lies where that lies now:
// a case split from a case. Later changes of the one do not follow the other.
func Like(tx *db.Tx, other, noun string, grants []Grant, terms []string) (string, error) {
	aid, err := Create(tx, noun, nil, nil, nil)
	if err != nil {
		return "", err
	}
	if err := copyPlace(tx, other, aid, false); err != nil {
		return "", err
	}
	return aid, furnish(tx, aid, grants, terms)
}

func copyPlace(tx *db.Tx, from, to string, terms bool) error {
	copies := []string{
		`INSERT INTO audience_program (audience_id, program_id, since) SELECT $2, program_id, since FROM audience_program WHERE audience_id = $1`,
		`INSERT INTO audience_bar (audience_id, class) SELECT $2, class FROM audience_bar WHERE audience_id = $1`,
		`INSERT INTO audience_exempt (audience_id, party_kind, party_id, reason, since) SELECT $2, party_kind, party_id, reason, since FROM audience_exempt WHERE audience_id = $1`,
	}
	if terms {
		copies = append(copies, `INSERT INTO audience_terms (audience_id, terms_id) SELECT $2, terms_id FROM audience_terms WHERE audience_id = $1`)
	}
	for _, q := range copies {
		if _, err := tx.Exec(q, from, to); err != nil {
			return err
		}
	}
	return nil
}

func furnish(tx *db.Tx, audienceID string, grants []Grant, terms []string) error {
	for _, g := range grants {
		if err := Admit(tx, audienceID, g); err != nil {
			return err
		}
	}
	for _, t := range terms {
		if err := Require(tx, audienceID, t); err != nil {
			return err
		}
	}
	return nil
}

// family is an audience with all that were made for it, for what follows.
const family = `WITH RECURSIVE aud_family (id) AS (SELECT a.id FROM audience a WHERE a.id = $1 UNION SELECT c.audience_id FROM audience_parent c JOIN aud_family f ON c.parent_id = f.id) `

// Place puts an audience, and every audience made for it, under a program:
// the classes shut out there are shut out here, and the program's own
// coordinators coordinate wherever an office does. Who is in already stays in
// as they came. Once is enough.
func Place(tx *db.Tx, audienceID, programID string) error {
	if _, err := tx.Exec(family+`INSERT INTO audience_program (audience_id, program_id, since) SELECT f.id, $2, CAST($3 AS BIGINT) FROM aud_family f WHERE 1 = 1 ON CONFLICT DO NOTHING`, audienceID, programID, db.Micros(tx.Now)); err != nil {
		return err
	}
	return coordinate(tx, audienceID)
}

// coordinate gives a program's own coordinators their place in an audience and
// all made for it, wherever an office coordinates.
func coordinate(tx *db.Tx, audienceID string) error {
	_, err := tx.Exec(family+`INSERT INTO audience_grant (audience_id, kind, subject_id, role, reach, reason, since)
		SELECT l.audience_id, 'role', 'coordinator:' || l.program_id, CAST($2 AS INTEGER), CAST($3 AS INTEGER), 'coordinates the program', CAST($4 AS BIGINT) FROM aud_family f JOIN audience_program l ON l.audience_id = f.id
		WHERE EXISTS (SELECT 1 FROM audience_grant g WHERE g.audience_id = f.id AND g.kind = 'role' AND g.role = CAST($2 AS INTEGER)) ON CONFLICT DO NOTHING`,
		audienceID, int(Coordinator), int(Office.Reach()), db.Micros(tx.Now))
	return err
}

// Placed lists the programs under which an audience lies.
func Placed(tx *db.Tx, audienceID string) ([]string, error) {
	return db.Column[string](tx, `SELECT program_id FROM audience_program WHERE audience_id = $1 ORDER BY program_id`, audienceID)
}

// Shut replaces the classes that a program shuts out, those of the programs
// above it included, and reports whether that changed anything. Package
// programs keeps them.
func Shut(tx *db.Tx, programID string, classes []string) (bool, error) {
	was, err := db.Column[string](tx, `SELECT class FROM program_bar WHERE program_id = $1 ORDER BY class`, programID)
	if err != nil {
		return false, err
	}
	classes = slices.Sorted(slices.Values(classes))
	if slices.Equal(was, classes) {
		return false, nil
	}
	if _, err := tx.Exec(`DELETE FROM program_bar WHERE program_id = $1`, programID); err != nil {
		return false, err
	}
	for _, c := range classes {
		if _, err := tx.Exec(`INSERT INTO program_bar (program_id, class) VALUES ($1, $2)`, programID, c); err != nil {
			return false, err
		}
	}
	return true, nil
}
