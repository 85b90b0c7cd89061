package audience

import (
	"slices"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Admit adds a grant or replaces the one to the same subject.
//
// Whether the grant rests on a membership is not the caller's to say. In an
// audience made for another one the subject comes as it does there. Else an
// organization that belongs to a program under which the audience lies comes
// through that program; anybody else is a guest, and stays one.
func Admit(tx *db.Tx, audienceID string, g Grant) error {
	holds, fixed, err := ways(tx, audienceID, g)
	if err != nil {
		return err
	}
	return admit(tx, audienceID, g, holds, fixed)
}

// admit is Admit with the memberships on which the grant rests. fixed says
// that they are so whatever stood here before.
func admit(tx *db.Tx, audienceID string, g Grant, holds []Hold, fixed bool) error {
	old, had, err := db.One(tx, func(n *int) []any { return []any{n} }, `SELECT through FROM audience_grant WHERE audience_id = $1 AND kind = $2 AND subject_id = $3`, audienceID, string(g.Kind), g.ID)
	if err != nil {
		return err
	}
	if had && !fixed {
		switch {
		case old == 0:
			holds = nil // came as a guest
		case len(holds) > 0:
			was, err := through(tx, audienceID, g)
			if err != nil {
				return err
			}
			holds = append(holds, was...)
		}
	}
	if err := grant(tx, audienceID, g, len(holds) > 0); err != nil {
		return err
	}
	if had {
		if err := forget(tx, audienceID, g.Kind, g.ID); err != nil {
			return err
		}
	}
	for _, h := range holds {
		if _, err := tx.Exec(`INSERT INTO audience_through (audience_id, kind, subject_id, program_id, party_kind, party_id) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
			audienceID, string(g.Kind), g.ID, h.Program, string(h.Party.Kind), h.Party.ID); err != nil {
			return err
		}
	}
	if g.Kind == Office && g.Role == Coordinator {
		return coordinate(tx, audienceID)
	}
	return nil
}

func grant(tx *db.Tx, audienceID string, g Grant, rests bool) error {
	if g.ID == "" || g.Role <= None || g.Role > Coordinator {
		return errs.New(errs.Invalid, "A grant names a subject and a role.")
	}
	_, err := tx.Exec(`INSERT INTO audience_grant (audience_id, kind, subject_id, role, reach, reason, since, through) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (audience_id, kind, subject_id) DO UPDATE SET role = excluded.role, reason = excluded.reason, through = excluded.through`,
		audienceID, string(g.Kind), g.ID, int(g.Role), int(g.Kind.Reach()), g.Reason, db.Micros(tx.Now), db.Bit(rests))
	return err
}

// Expel removes the grant to a subject; nothing happens if there is none.
func Expel(tx *db.Tx, audienceID string, kind SubjectKind, subject string) error {
	if _, err := tx.Exec(`DELETE FROM audience_grant WHERE audience_id = $1 AND kind = $2 AND subject_id = $3`, audienceID, string(kind), subject); err != nil {
		return err
	}
	return forget(tx, audienceID, kind, subject)
}

func forget(tx *db.Tx, audienceID string, kind SubjectKind, subject string) error {
	_, err := tx.Exec(`DELETE FROM audience_through WHERE audience_id = $1 AND kind = $2 AND subject_id = $3`, audienceID, string(kind), subject)
	return err
}

// ways lists the memberships on which a new grant rests; none for a guest.
// fixed says that the audience above decides.
func ways(tx *db.Tx, audienceID string, g Grant) (holds []Hold, fixed bool, err error) {
	if g.Role == Coordinator || g.Kind != Org && g.Kind != Person {
		return nil, false, nil
	}
	parent, err := db.Value[string](tx, `SELECT parent_id FROM audience_parent WHERE audience_id = $1`, audienceID)
	if err != nil {
		return nil, false, err
	}
	if parent != "" {
		rests, there, err := db.One(tx, func(n *int) []any { return []any{n} }, `SELECT through FROM audience_grant WHERE audience_id = $1 AND kind = $2 AND subject_id = $3`, parent, string(g.Kind), g.ID)
		if err != nil || there && rests == 0 {
			return nil, true, err
		}
		if there {
			holds, err = through(tx, parent, g)
			return holds, true, err
		}
	}
	if g.Kind != Org {
		return nil, false, nil
	}
	holds, err = memberships(tx, audienceID, g.ID)
	return holds, false, err
}

func through(tx *db.Tx, audienceID string, g Grant) ([]Hold, error) {
	return db.All(tx, func(h *Hold) []any { return []any{&h.Program, &h.Party.Kind, &h.Party.ID} },
		`SELECT program_id, party_kind, party_id FROM audience_through WHERE audience_id = $1 AND kind = $2 AND subject_id = $3 ORDER BY program_id, party_id`, audienceID, string(g.Kind), g.ID)
}

// memberships are those of an organization in the programs under which the
// audience lies, unless its class is shut out there. It reads tables of
// packages orgs and programs: who belongs where is not said twice.
func memberships(tx *db.Tx, audienceID, org string) ([]Hold, error) {
	list, err := db.Column[string](tx, `SELECT l.program_id FROM audience_program l JOIN program_org x ON x.program_id = l.program_id AND x.org_id = $2 JOIN org o ON o.id = x.org_id
		WHERE l.audience_id = $1 AND NOT EXISTS (SELECT 1 FROM program_bar b WHERE b.program_id = l.program_id AND b.class = o.class) ORDER BY l.program_id`, audienceID, org)
	var out []Hold
	for _, p := range list {
		out = append(out, Hold{p, Party{Org, org}})
	}
	return out, err
}

// personWays are the memberships by which alone a person stands in an
// audience; none where they stand in it otherwise too, or not at all.
func personWays(tx *db.Tx, audienceID, person string) ([]Hold, error) {
	seats, err := Seats(tx, person)
	if err != nil {
		return nil, err
	}
	v, err := loadFor(tx, Actor{Person: person, Seats: seats}, audienceID)
	if err != nil {
		return nil, err
	}
	var out []Hold
	for _, g := range v.Grants {
		for _, s := range seats {
			if s.Kind != g.Kind || s.ID != g.ID || s.Cap == None {
				continue
			}
			if g.Kind == Program {
				out = append(out, Hold{g.ID, s.Party})
				continue
			}
			holds, rests := v.Through[Party{g.Kind, g.ID}]
			if !rests {
				return nil, nil
			}
			out = append(out, holds...)
		}
	}
	slices.SortFunc(out, compareHolds)
	return slices.Compact(out), nil
}

// Lost reports whether the grant to a subject rests on memberships that have
// ended: it gives nobody anything.
func Lost(tx *db.Tx, audienceID string, kind SubjectKind, subject string) (bool, error) {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM audience_grant g WHERE g.audience_id = $1 AND g.kind = $2 AND g.subject_id = $3 AND g.through = 1 AND NOT EXISTS (SELECT 1 FROM audience_through h
		JOIN program_org x ON x.program_id = h.program_id AND x.org_id = h.party_id WHERE h.audience_id = g.audience_id AND h.kind = g.kind AND h.subject_id = g.subject_id)`, audienceID, string(kind), subject)
	return n > 0, err
}
