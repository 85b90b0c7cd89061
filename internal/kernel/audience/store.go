package audience

import (
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/spec/tlp"
)

// Create makes an audience. noun says what it is for in plain words ("case",
// "private thread"). No grant means nobody.
func Create(tx *db.Tx, noun string, grants []Grant, terms, bars []string) (string, error) {
	aid := id.New("aud", tx.Now)
	if _, err := tx.Exec(`INSERT INTO audience (id, noun, created_at) VALUES ($1, $2, $3)`, aid, noun, db.Micros(tx.Now)); err != nil {
		return "", err
	}
	for _, g := range grants {
		if err := grant(tx, aid, g, false); err != nil {
			return "", err
		}
	}
	for _, t := range terms {
		if err := Require(tx, aid, t); err != nil {
			return "", err
		}
	}
	for _, class := range bars {
		if err := Bar(tx, aid, class); err != nil {
			return "", err
		}
	}
	return aid, nil
}

// Require makes an audience demand that terms be accepted.
func Require(tx *db.Tx, audienceID, terms string) error {
	_, err := tx.Exec(`INSERT INTO audience_terms (audience_id, terms_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, audienceID, terms)
	return err
}

// Bar shuts an organization class out of an audience.
func Bar(tx *db.Tx, audienceID, class string) error {
	_, err := tx.Exec(`INSERT INTO audience_bar (audience_id, class) VALUES ($1, $2) ON CONFLICT DO NOTHING`, audienceID, class)
	return err
}

// Accept records that a person accepted terms for a party. Saying it twice
// keeps the first.
func Accept(tx *db.Tx, terms string, p Party, person string) error {
	_, err := tx.Exec(`INSERT INTO terms_acceptance (terms_id, party_kind, party_id, person_id, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		terms, string(p.Kind), p.ID, person, db.Micros(tx.Now))
	return err
}

// Withdraw removes an acceptance: the party lost its consent.
func Withdraw(tx *db.Tx, terms string, p Party) error {
	_, err := tx.Exec(`DELETE FROM terms_acceptance WHERE terms_id = $1 AND party_kind = $2 AND party_id = $3`, terms, string(p.Kind), p.ID)
	return err
}

// Sit gives a person a seat, or changes the cap and class of the one they
// have.
func Sit(tx *db.Tx, person string, s Seat) error {
	_, err := tx.Exec(`INSERT INTO seat (person_id, kind, subject_id, party_kind, party_id, cap, class) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (person_id, kind, subject_id, party_kind, party_id) DO UPDATE SET cap = excluded.cap, class = excluded.class`,
		person, string(s.Kind), s.ID, string(s.Party.Kind), s.Party.ID, int(s.Cap), s.Class)
	return err
}

// Rise takes a person's seat in a subject through a party away.
func Rise(tx *db.Tx, person string, kind SubjectKind, subject string, p Party) error {
	_, err := tx.Exec(`DELETE FROM seat WHERE person_id = $1 AND kind = $2 AND subject_id = $3 AND party_kind = $4 AND party_id = $5`,
		person, string(kind), subject, string(p.Kind), p.ID)
	return err
}

// Seats lists what a person stands for.
func Seats(tx *db.Tx, person string) ([]Seat, error) {
	return db.All(tx, seatColumns, `SELECT kind, subject_id, party_kind, party_id, cap, class FROM seat WHERE person_id = $1 ORDER BY kind, subject_id, party_id`, person)
}

func seatColumns(s *Seat) []any {
	return []any{&s.Kind, &s.ID, &s.Party.Kind, &s.Party.ID, &s.Cap, &s.Class}
}

// RoleOn is the actor's role on a record of an audience with a marking: the
// check step of a verb. It never fails for want of the audience; that is
// None.
func RoleOn(tx *db.Tx, a Actor, audienceID string, m Marking) (Role, error) {
	type key struct {
		actor, audience string
		level           tlp.Level
		release         int64
	}
	return db.Recall(tx, key{a.Key(), audienceID, m.Level, m.Release.UnixMicro()}, func() (Role, error) {
		v, err := loadFor(tx, a, audienceID)
		if errs.Is(err, errs.NotFound) {
			return None, nil
		}
		return Decide(a, v, m, tx.Now), err
	})
}

// RoleAt is RoleOn for an unpublished record at a level.
func RoleAt(tx *db.Tx, a Actor, audienceID string, level tlp.Level) (Role, error) {
	return RoleOn(tx, a, audienceID, Marking{Level: level})
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
