package agreements

import (
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// Owing is an agreement that waits for somebody whom the actor speaks for.
type Owing struct {
	Text  Text
	Party audience.Party
	Name  string    // of the organization; empty for the actor's own name
	Since time.Time // when the present generation began
}

// Owed lists the agreements that the actor has still to accept: for the
// organizations of which they are an admin, because a program of theirs or a
// record that they were let into requires it, and in their own name.
func Owed(tx *db.Tx, a audience.Actor) ([]Owing, error) {
	if a.Person == "" {
		return nil, nil
	}
	mine, err := orgs.Of(tx, a.Person)
	if err != nil {
		return nil, err
	}
	var out []Owing
	if a.Holds(audience.Person, a.Person) {
		if out, err = owedBy(tx, audience.Party{Kind: audience.Person, ID: a.Person}, ""); err != nil {
			return nil, err
		}
	}
	for _, m := range mine {
		if m.Role == orgs.Admin && a.Holds(audience.Org, m.Org) {
			list, err := owedBy(tx, audience.Party{Kind: audience.Org, ID: m.Org}, m.OrgName)
			if err != nil {
				return nil, err
			}
			out = append(out, list...)
		}
	}
	return out, nil
}

// owedBy asks first whether there is anything that the party has not accepted,
// which mostly there is not, and then what of it is required of the party. Its
// cost follows what the party was let into, as every list's does.
func owedBy(tx *db.Tx, p audience.Party, name string) ([]Owing, error) {
	const open = ` WHERE g.state = 'active' AND NOT EXISTS (SELECT 1 FROM terms_acceptance x WHERE x.terms_id = v.generation_id AND x.party_kind = $1 AND x.party_id = $2)`
	list, err := db.All(tx, scan, `SELECT `+columns+from+open+` AND EXISTS (
		SELECT 1 FROM program_org m JOIN program q ON q.id = m.program_id AND q.state = 'active' JOIN audience_terms t ON t.audience_id = q.audience_id
		WHERE $1 = 'org' AND m.org_id = $2 AND t.terms_id = v.generation_id) ORDER BY g.folded`, string(p.Kind), p.ID)
	if err != nil {
		return nil, err
	}
	left, err := db.Value[int](tx, `SELECT COUNT(*)`+from+open, string(p.Kind), p.ID)
	if err != nil {
		return nil, err
	}
	if left > len(list) {
		more, err := db.All(tx, scan, `SELECT `+columns+from+open+` AND v.generation_id IN (
			SELECT t.terms_id FROM audience_grant w JOIN audience_terms t ON t.audience_id = w.audience_id WHERE w.kind = $1 AND w.subject_id = $2 AND w.role BETWEEN 1 AND 2) ORDER BY g.folded`, string(p.Kind), p.ID)
		if err != nil {
			return nil, err
		}
		for _, g := range more {
			if !slices.ContainsFunc(list, func(x Agreement) bool { return x.ID == g.ID }) {
				list = append(list, g)
			}
		}
	}
	out := make([]Owing, len(list))
	for i, g := range list {
		out[i] = Owing{Text: g.named().Current, Party: p, Name: name}
		if out[i].Since, err = since(tx, g.Current.Generation); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func since(tx *db.Tx, generation string) (time.Time, error) {
	t, _, err := db.One(tx, func(t *time.Time) []any { return []any{db.At(t)} }, `SELECT at FROM agreement_version WHERE id = $1`, generation)
	return t, err
}

// Voice is somebody for whom the actor may accept an agreement, and where they
// stand.
type Voice struct {
	Party     audience.Party
	Name      string // of the organization; empty for the actor's own name
	Signed    bool   // accepted the present version
	Satisfied bool   // satisfies what is required, by this version or another way
}

// Voices lists for whom the actor may accept the agreement: the organizations
// of which they are an admin, and themselves where they stand in an alliance
// role, which no organization accepts for them, or were let in by name.
func Voices(tx *db.Tx, a audience.Actor, agreementID string) ([]Voice, error) {
	g, err := Get(tx, a, agreementID)
	if err != nil || g.Kind == CaseTerms || g.State != Active || a.Person == "" {
		return nil, err
	}
	var out []Voice
	mine, err := orgs.Of(tx, a.Person)
	if err != nil {
		return nil, err
	}
	for _, m := range mine {
		if m.Role == orgs.Admin && a.Holds(audience.Org, m.Org) {
			out = append(out, Voice{Party: audience.Party{Kind: audience.Org, ID: m.Org}, Name: m.OrgName})
		}
	}
	me := audience.Party{Kind: audience.Person, ID: a.Person}
	owed, err := owedBy(tx, me, "")
	if err != nil {
		return nil, err
	}
	// For whoever sits on the board the organization accepts.
	office := slices.ContainsFunc(a.Of(audience.Office), func(o string) bool { return o != charter.Bench })
	if office || slices.ContainsFunc(owed, func(o Owing) bool { return o.Text.Agreement == g.ID }) {
		out = append(out, Voice{Party: me})
	}
	for i, v := range out {
		n, err := db.Value[int](tx, `SELECT COUNT(*) FROM agreement_acceptance WHERE version_id = $1 AND party_kind = $2 AND party_id = $3 AND ended_at = 0`, g.Current.ID, string(v.Party.Kind), v.Party.ID)
		if err != nil {
			return nil, err
		}
		miss, err := Missing(tx, v.Party, []string{g.ID})
		if err != nil {
			return nil, err
		}
		out[i].Signed, out[i].Satisfied = n > 0, len(miss) == 0
	}
	return out, nil
}

// Edits reports whether the actor may change the agreement.
func Edits(a audience.Actor, g Agreement) bool {
	return a.Person != "" && g.Kind != CaseTerms && runs(a, g)
}
