package audience

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Exempt lets the seats of a party not count towards the bars of an audience
// and of all made for it. Only a decision of the board may; its reason is
// kept.
func Exempt(tx *db.Tx, audienceID string, p Party, reason string) error {
	if p.ID == "" || reason == "" {
		return errs.New(errs.Invalid, "An exception names a party and its reason.")
	}
	_, err := tx.Exec(family+`INSERT INTO audience_exempt (audience_id, party_kind, party_id, reason, since) SELECT f.id, $2, $3, $4, CAST($5 AS BIGINT) FROM aud_family f WHERE 1 = 1
		ON CONFLICT (audience_id, party_kind, party_id) DO UPDATE SET reason = excluded.reason`, audienceID, string(p.Kind), p.ID, reason, db.Micros(tx.Now))
	return err
}

// Unexempt ends an exception from the next request on.
func Unexempt(tx *db.Tx, audienceID string, p Party) error {
	_, err := tx.Exec(family+`DELETE FROM audience_exempt WHERE party_kind = $2 AND party_id = $3 AND audience_id IN (SELECT f.id FROM aud_family f)`, audienceID, string(p.Kind), p.ID)
	return err
}

// Exempted reports whether an exception was made for a party.
func Exempted(tx *db.Tx, audienceID string, p Party) (bool, error) {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM audience_exempt WHERE audience_id = $1 AND party_kind = $2 AND party_id = $3`, audienceID, string(p.Kind), p.ID)
	return n > 0, err
}

// Barred reports whether an organization's class is shut out of an audience,
// by its own bars or by those of a program under which it lies, with no
// exception made for the party.
func Barred(tx *db.Tx, audienceID string, p Party, class string) (bool, error) {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM audience a WHERE a.id = $1
		AND (EXISTS (SELECT 1 FROM audience_bar b WHERE b.audience_id = a.id AND b.class = $2) OR EXISTS (SELECT 1 FROM audience_program l JOIN program_bar b ON b.program_id = l.program_id WHERE l.audience_id = a.id AND b.class = $2))
		AND NOT EXISTS (SELECT 1 FROM audience_exempt e WHERE e.audience_id = a.id AND e.party_kind = $3 AND e.party_id = $4)`, audienceID, class, string(p.Kind), p.ID)
	return n > 0, err
}

// Exemption is an exception that holds for an audience.
type Exemption struct {
	Party
	Reason string
	Since  time.Time
}

// Exemptions are the exceptions that hold for an audience, the oldest first.
func Exemptions(tx *db.Tx, audienceID string) ([]Exemption, error) {
	return db.All(tx, func(x *Exemption) []any { return []any{&x.Kind, &x.ID, &x.Reason, db.At(&x.Since)} },
		`SELECT party_kind, party_id, reason, since FROM audience_exempt WHERE audience_id = $1 ORDER BY since, party_kind, party_id`, audienceID)
}

// ShutOut lists the classes shut out of an audience, by its own bars and by
// those of the programs under which it lies.
func ShutOut(tx *db.Tx, audienceID string) ([]string, error) {
	return db.Column[string](tx, `SELECT class FROM audience_bar WHERE audience_id = $1 UNION SELECT b.class FROM audience_program l JOIN program_bar b ON b.program_id = l.program_id WHERE l.audience_id = $1 ORDER BY 1`, audienceID)
}
