package agreements

import (
	"slices"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// Bind makes a program ask for exactly these agreements: its own audience, and
// every audience under it that asks for terms or follows it, require them from
// now on, and its members are told. Package programs calls it when rules
// change. A new id must name an agreement in use; field names the input.
func Bind(tx *db.Tx, programID, field string, agreementIDs []string) error {
	if err := hold(tx, "SHARE"); err != nil {
		return err
	}
	old, err := Bound(tx, programID)
	if err != nil {
		return err
	}
	var added, dropped []string
	for _, one := range agreementIDs {
		if !has(old, one) {
			added = append(added, one)
		}
	}
	for _, one := range old {
		if !has(agreementIDs, one) {
			dropped = append(dropped, one)
		}
	}
	if len(added)+len(dropped) == 0 {
		return nil
	}
	if err := Known(tx, field, added); err != nil {
		return err
	}
	for _, one := range dropped {
		if _, err := tx.Exec(`DELETE FROM agreement_program WHERE program_id = $1 AND agreement_id = $2`, programID, one); err != nil {
			return err
		}
	}
	for _, one := range added {
		if _, err := tx.Exec(`INSERT INTO agreement_program (program_id, agreement_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, programID, one); err != nil {
			return err
		}
	}
	for _, one := range dropped {
		if err := loosen(tx, one, under, programID); err != nil {
			return err
		}
	}
	if len(added) == 0 {
		return nil
	}
	if err := demand(tx, under, programID); err != nil {
		return err
	}
	members, err := db.Column[string](tx, `SELECT org_id FROM program_org WHERE program_id = $1 ORDER BY org_id`, programID)
	for _, o := range members {
		if err := Ask(tx, audience.Party{Kind: audience.Org, ID: o}, added); err != nil {
			return err
		}
	}
	return err
}

// Bound lists the ids of what a program asks for. It asks nobody.
func Bound(tx *db.Tx, programID string) ([]string, error) {
	return db.Column[string](tx, `SELECT agreement_id FROM agreement_program WHERE program_id = $1 ORDER BY agreement_id`, programID)
}

// Follow makes an audience, and those made for it that ask for terms, require
// what the programs ask for under which it lies: now, and whenever their rules
// change. Whoever places an audience calls it.
func Follow(tx *db.Tx, audienceID string) error {
	if _, err := tx.Exec(`INSERT INTO agreement_follower (audience_id) VALUES ($1) ON CONFLICT DO NOTHING`, audienceID); err != nil {
		return err
	}
	if err := hold(tx, "SHARE"); err != nil {
		return err
	}
	return demand(tx, family, audienceID)
}

// Unfollow ends what a program asked for in an audience that was taken out
// from under it, and in those made for it; what another program of theirs asks
// for stays.
func Unfollow(tx *db.Tx, audienceID, programID string) error {
	list, err := Bound(tx, programID)
	for _, one := range slices.Clone(list) {
		if err := loosen(tx, one, family, audienceID); err != nil {
			return err
		}
	}
	return err
}

// The audiences that a change is about, by one id: all of a program, or an
// audience with those made for it.
const (
	asks   = `(EXISTS (SELECT 1 FROM audience_terms k WHERE k.audience_id = l.audience_id) OR EXISTS (SELECT 1 FROM agreement_follower k WHERE k.audience_id = l.audience_id))`
	under  = `(SELECT q.audience_id FROM program q WHERE q.id = $1 UNION SELECT l.audience_id FROM audience_program l WHERE l.program_id = $1 AND ` + asks + `)`
	family = `(WITH RECURSIVE kin (audience_id) AS (SELECT f.id FROM audience f WHERE f.id = $1 UNION SELECT c.audience_id FROM audience_parent c JOIN kin ON c.parent_id = kin.audience_id)
		SELECT l.audience_id FROM kin l WHERE ` + asks + `)`
	// whose is every program with the audiences that are its own or lie under it.
	whose = `(SELECT q.audience_id, q.id AS program_id FROM program q UNION SELECT p.audience_id, p.program_id FROM audience_program p)`
)

func demand(tx *db.Tx, which, key string) error {
	_, err := tx.Exec(`INSERT INTO audience_terms (audience_id, terms_id) SELECT w.audience_id, v.generation_id FROM `+whose+` w JOIN agreement_program b ON b.program_id = w.program_id
		JOIN agreement g ON g.id = b.agreement_id JOIN agreement_version v ON v.id = g.current_id WHERE w.audience_id IN `+which+` ON CONFLICT DO NOTHING`, key)
	return err
}

func loosen(tx *db.Tx, agreementID, which, key string) error {
	_, err := tx.Exec(`DELETE FROM audience_terms WHERE audience_id IN `+which+` AND terms_id IN (SELECT v.id FROM agreement_version v WHERE v.agreement_id = $2)
		AND NOT EXISTS (SELECT 1 FROM `+whose+` w JOIN agreement_program b ON b.program_id = w.program_id WHERE w.audience_id = audience_terms.audience_id AND b.agreement_id = $2)`, key, agreementID)
	return err
}
