package audience

import (
	"slices"

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
		if err := Admit(tx, aid, g); err != nil {
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

// Admit adds a grant or replaces the one to the same subject.
func Admit(tx *db.Tx, audienceID string, g Grant) error {
	if g.ID == "" || g.Role <= None || g.Role > Coordinator {
		return errs.New(errs.Invalid, "A grant names a subject and a role.")
	}
	_, err := tx.Exec(`INSERT INTO audience_grant (audience_id, kind, subject_id, role, reach, reason, since) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (audience_id, kind, subject_id) DO UPDATE SET role = excluded.role, reason = excluded.reason`,
		audienceID, string(g.Kind), g.ID, int(g.Role), int(g.Kind.Reach()), g.Reason, db.Micros(tx.Now))
	return err
}

// Expel removes the grant to a subject; nothing happens if there is none.
func Expel(tx *db.Tx, audienceID string, kind SubjectKind, subject string) error {
	_, err := tx.Exec(`DELETE FROM audience_grant WHERE audience_id = $1 AND kind = $2 AND subject_id = $3`, audienceID, string(kind), subject)
	return err
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

// Load reads an audience for Decide; NotFound when there is none.
func Load(tx *db.Tx, audienceID string) (View, error) {
	v := View{ID: audienceID, Accepted: map[string]bool{}}
	found, err := db.Value[int](tx, `SELECT COUNT(*) FROM audience WHERE id = $1`, audienceID)
	if err != nil || found == 0 {
		return v, firstOf(err, errs.Missing("audience"))
	}
	v.Grants, err = db.All(tx, func(g *Grant) []any { return []any{&g.Kind, &g.ID, &g.Role, &g.Reason} },
		`SELECT kind, subject_id, role, reason FROM audience_grant WHERE audience_id = $1 ORDER BY kind, subject_id`, audienceID)
	if err != nil {
		return v, err
	}
	if v.Terms, err = db.Column[string](tx, `SELECT terms_id FROM audience_terms WHERE audience_id = $1 ORDER BY terms_id`, audienceID); err != nil {
		return v, err
	}
	if v.Bars, err = db.Column[string](tx, `SELECT class FROM audience_bar WHERE audience_id = $1 ORDER BY class`, audienceID); err != nil {
		return v, err
	}
	type acceptance struct {
		terms string
		party Party
	}
	list, err := db.All(tx, func(x *acceptance) []any { return []any{&x.terms, &x.party.Kind, &x.party.ID} },
		`SELECT x.terms_id, x.party_kind, x.party_id FROM terms_acceptance x JOIN audience_terms t ON t.terms_id = x.terms_id WHERE t.audience_id = $1`, audienceID)
	for _, x := range list {
		v.Accepted[acceptanceKey(x.terms, x.party)] = true
	}
	return v, err
}

// loadFor is Load of no more than concerns the actor, which is little of an
// audience of hundreds.
func loadFor(tx *db.Tx, a Actor, audienceID string) (View, error) {
	v := View{ID: audienceID, Accepted: map[string]bool{}}
	terms, err := db.Column[string](tx, `SELECT COALESCE(t.terms_id, '') FROM audience a LEFT JOIN audience_terms t ON t.audience_id = a.id WHERE a.id = $1`, audienceID)
	if err != nil || len(terms) == 0 {
		return v, firstOf(err, errs.Missing("audience"))
	}
	v.Terms = slices.DeleteFunc(terms, func(t string) bool { return t == "" })
	var args db.Args
	with := seats(a, &args)
	if with == "" {
		return v, nil
	}
	if v.Grants, err = db.All(tx, func(g *Grant) []any { return []any{&g.Kind, &g.ID, &g.Role} },
		with+` SELECT x.kind, x.subject_id, x.role FROM (SELECT DISTINCT s.kind, s.subject_id, (SELECT g.role FROM audience_grant g WHERE g.audience_id = `+args.Add(audienceID)+
			` AND g.kind = s.kind AND g.subject_id = s.subject_id) AS role FROM aud_seats s) x WHERE x.role > 0`, args...); err != nil || len(v.Grants) == 0 {
		return v, err
	}
	if len(a.classes()) > 0 {
		if v.Bars, err = db.Column[string](tx, `SELECT class FROM audience_bar WHERE audience_id = $1`, audienceID); err != nil {
			return v, err
		}
	}
	if len(v.Terms) == 0 {
		return v, nil
	}
	for _, p := range a.parties() {
		args = nil
		has, err := db.Column[string](tx, `SELECT terms_id FROM terms_acceptance WHERE party_kind = `+args.Add(string(p.Kind))+` AND party_id = `+args.Add(p.ID)+` AND terms_id IN `+db.List(&args, v.Terms), args...)
		if err != nil {
			return v, err
		}
		for _, t := range has {
			v.Accepted[acceptanceKey(t, p)] = true
		}
	}
	return v, nil
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
