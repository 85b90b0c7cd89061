package agreements

import (
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
)

// Ask tells an organization's admins (or a person) that those agreements wait
// for them, as far as they do, once for each generation. A program that takes
// somebody in, and a rule that adds an agreement, call it. It asks nobody for
// leave.
func Ask(tx *db.Tx, p audience.Party, agreementIDs []string) error {
	list, err := Missing(tx, p, agreementIDs)
	for _, t := range list {
		if err := ask(tx, p, t); err != nil {
			return err
		}
	}
	return err
}

// askAll asks everybody of whom the agreement is required.
func askAll(tx *db.Tx, g Agreement) error {
	list, err := concerned(tx, g)
	for _, p := range list {
		if err := Ask(tx, p, []string{g.ID}); err != nil {
			return err
		}
	}
	return err
}

func ask(tx *db.Tx, p audience.Party, t Text) error {
	known, err := db.Value[int](tx, `SELECT COUNT(*) FROM agreement_asking WHERE generation_id = $1 AND party_kind = $2 AND party_id = $3`, t.Generation, string(p.Kind), p.ID)
	if err != nil || known > 0 {
		return err
	}
	// Those who can accept at this moment are told, and nobody else of the
	// organization: the rest have nothing to do.
	grants := []audience.Grant{
		{Kind: audience.Office, ID: charter.Operator, Role: audience.Reader, Reason: "runs the server"},
		{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Coordinator, Reason: "coordinates"},
	}
	voices := []string{p.ID}
	if p.Kind == audience.Org {
		if voices, err = db.Column[string](tx, `SELECT m.person_id FROM membership m JOIN person p ON p.id = m.person_id WHERE m.org_id = $1 AND m.role = $2 AND p.state = 'active' ORDER BY m.person_id LIMIT 500`, p.ID, string(orgs.Admin)); err != nil {
			return err
		}
	}
	for _, v := range voices {
		grants = append(grants, audience.Grant{Kind: audience.Person, ID: v, Role: audience.Reader, Reason: "accepts agreements"})
	}
	aid, err := audience.Create(tx, "agreement asked", grants, nil, nil)
	if err != nil {
		return err
	}
	one := id.New("ask", tx.Now)
	n, err := tx.Exec(`INSERT INTO agreement_asking (id, agreement_id, generation_id, party_kind, party_id, audience_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (generation_id, party_kind, party_id) DO NOTHING`,
		one, t.Agreement, t.Generation, string(p.Kind), p.ID, aid, db.Micros(tx.Now))
	if err != nil || n == 0 {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: EventAsked, Audience: aid, Level: level, Object: ledger.Object{Kind: "agreement", ID: t.Agreement},
		Data: map[string]any{"title": t.Title, "number": t.Number, "party_kind": p.Kind, "party_id": p.ID}, Binds: []ledger.Bound{askingTable.Of(one)}})
	return nil
}

// concerned are the parties of whom the agreement is required now: the
// organizations of the programs whose audience requires it, and who was let
// into such an audience directly. Who coordinates an audience brings the
// terms and accepts nothing.
func concerned(tx *db.Tx, g Agreement) ([]audience.Party, error) {
	return db.All(tx, func(p *audience.Party) []any { return []any{&p.Kind, &p.ID} }, `SELECT 'org' AS kind, m.org_id AS id FROM program_org m JOIN program q ON q.id = m.program_id AND q.state = 'active'
		JOIN audience_terms t ON t.audience_id = q.audience_id WHERE t.terms_id = $1
		UNION SELECT w.kind, w.subject_id FROM audience_terms t JOIN audience_grant w ON w.audience_id = t.audience_id WHERE t.terms_id = $1 AND w.kind IN ('org', 'person') AND w.role BETWEEN 1 AND 2
		ORDER BY 1, 2`, g.Current.Generation)
}
