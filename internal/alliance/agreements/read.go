package agreements

import (
	"slices"
	"strconv"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// MaxAgreements is how many agreements an alliance keeps.
const MaxAgreements = 500

// scope is the condition on agreement g of who may read it: its audience, or
// everybody where it is public; everybody with an account, unless it is for
// those concerned; and of those, whoever it is asked of or who accepted it.
func scope(tx *db.Tx, a audience.Actor, args *db.Args) string {
	open := audience.VisibleOrPublished(a, "g", tx.Now, args)
	if !member(a) {
		return open
	}
	seats, own := "", ""
	for _, s := range a.Seats {
		if s.Kind == audience.Office {
			continue
		}
		seats += ", (" + args.Add(string(s.Kind)) + ", " + args.Add(s.ID) + ")"
		own += ", (" + args.Add(string(s.Party.Kind)) + ", " + args.Add(s.Party.ID) + ")"
	}
	open += ` OR g.sight = 'members'`
	if seats != "" {
		open += ` OR g.id IN (SELECT q.agreement_id FROM audience_grant w JOIN audience_terms t ON t.audience_id = w.audience_id JOIN agreement_version q ON q.id = t.terms_id WHERE (w.kind, w.subject_id) IN (VALUES ` + seats[2:] + `))` +
			` OR EXISTS (SELECT 1 FROM agreement_acceptance y WHERE y.agreement_id = g.id AND (y.party_kind, y.party_id) IN (VALUES ` + own[2:] + `))` +
			` OR EXISTS (SELECT 1 FROM agreement_asking y WHERE y.agreement_id = g.id AND (y.party_kind, y.party_id) IN (VALUES ` + own[2:] + `))`
	}
	return "(" + open + ")"
}

// member reports whether the actor has an account and may use it: who has
// still to add a second factor sits nowhere yet.
func member(a audience.Actor) bool { return a.Person != "" && len(a.Seats) > 0 }

// Get reads an agreement with its present version. What is public needs no
// account.
func Get(tx *db.Tx, a audience.Actor, agreementID string) (Agreement, error) {
	if agreementID == CaseTermsID {
		return caseTerms(tx, a)
	}
	args := db.Args{agreementID}
	g, ok, err := db.One(tx, scan, `SELECT `+columns+from+` WHERE g.id = $1 AND `+scope(tx, a, &args), args...)
	if err == nil && !ok {
		err = errs.Missing("agreement")
	}
	return g.named(), err
}

// Filter narrows a list of agreements.
type Filter struct {
	Kind      Kind // or ""
	Withdrawn bool // with those that were withdrawn
}

// List shows the agreements that the actor may read, by title; the case terms
// come last.
func List(tx *db.Tx, a audience.Actor, f Filter) ([]Agreement, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	if f.Kind != "" && !slices.Contains(Kinds, f.Kind) {
		return nil, errs.Bad("kind", "Agreements are of the kind nda, memorandum, program, antitrust or case.")
	}
	var args db.Args
	where := scope(tx, a, &args)
	if f.Kind != "" {
		where += ` AND g.kind = ` + args.Add(string(f.Kind))
	}
	if !f.Withdrawn {
		where += ` AND g.state = 'active'`
	}
	list, err := db.All(tx, scan, `SELECT `+columns+from+` WHERE `+where+` ORDER BY g.folded LIMIT `+strconv.Itoa(MaxAgreements), args...)
	if err != nil || f.Kind != "" && f.Kind != CaseTerms {
		return namedAll(list), err
	}
	c, err := caseTerms(tx, a)
	return append(namedAll(list), c), err
}

// Texts lists the versions of an agreement that the actor may read, newest
// first.
func Texts(tx *db.Tx, a audience.Actor, agreementID string) ([]Text, error) {
	g, err := Get(tx, a, agreementID)
	if err != nil {
		return nil, err
	}
	var list []Text
	if g.Kind == CaseTerms {
		list, err = caseTexts(tx)
	} else {
		list, err = db.All(tx, scanText, `SELECT `+textColumns+` FROM agreement_version v WHERE v.agreement_id = $1 ORDER BY v.number DESC LIMIT `+strconv.Itoa(MaxVersions), g.ID)
	}
	for i := range list {
		list[i].Title, list[i].Kind = g.Title, g.Kind
	}
	return list, err
}

// TextOf reads one version of an agreement by its number.
func TextOf(tx *db.Tx, a audience.Actor, agreementID string, number int) (Text, error) {
	list, err := Texts(tx, a, agreementID)
	if err != nil {
		return Text{}, err
	}
	if i := slices.IndexFunc(list, func(t Text) bool { return t.Number == number }); i >= 0 {
		return list[i], nil
	}
	return Text{}, errs.Missing("version of this agreement")
}

const (
	acceptanceColumns = `x.id, x.audience_id, x.agreement_id, g.title, x.version_id, v.number, x.party_kind, x.party_id, COALESCE(o.name, n.name, ''), x.person_id, COALESCE(b.name, ''), x.signer, x.paper, x.address, x.at, NULLIF(x.ended_at, 0), x.end_reason,
		CASE WHEN x.ended_at = 0 AND g.state = 'active' AND v.generation_id = now.generation_id THEN 1 ELSE 0 END`
	acceptanceFrom = ` FROM agreement_acceptance x JOIN agreement_version v ON v.id = x.version_id JOIN agreement g ON g.id = x.agreement_id JOIN agreement_version now ON now.id = g.current_id`
	acceptanceName = ` LEFT JOIN org o ON x.party_kind = 'org' AND o.id = x.party_id LEFT JOIN person n ON x.party_kind = 'person' AND n.id = x.party_id LEFT JOIN person b ON b.id = x.person_id`
)

func scanAcceptance(x *Acceptance) []any {
	return []any{&x.ID, &x.audience, &x.Agreement, &x.Title, &x.Text, &x.Number, &x.Party.Kind, &x.Party.ID, &x.Name, &x.Person, &x.By, &x.Signer, &x.Paper, &x.Address, db.At(&x.At), db.At(&x.EndedAt), &x.EndReason, &x.Valid}
}

// acceptances reads acceptances, newest first.
func acceptances(tx *db.Tx, where string, limit int, args ...any) ([]Acceptance, error) {
	return db.All(tx, scanAcceptance, `SELECT `+acceptanceColumns+acceptanceFrom+acceptanceName+` WHERE `+where+` ORDER BY x.at DESC, x.id DESC`+db.Limit(limit), args...)
}

// Titles gives the titles of agreements, in the order asked; "" for what the
// actor may not read.
func Titles(tx *db.Tx, a audience.Actor, ids []string) ([]string, error) {
	out := make([]string, len(ids))
	for i, one := range ids {
		g, err := Get(tx, a, one)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return nil, err
		}
		out[i] = g.Title
	}
	return out, nil
}

// ProgramName is the name of the program that an agreement belongs to, for
// who may know the program; else "".
func ProgramName(tx *db.Tx, a audience.Actor, g Agreement) (string, error) {
	if g.Program == "" || !a.Holds(audience.Program, g.Program) && !runs(a, g) {
		return "", nil
	}
	return db.Value[string](tx, `SELECT name FROM program WHERE id = $1`, g.Program)
}
