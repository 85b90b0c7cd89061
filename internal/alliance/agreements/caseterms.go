package agreements

import (
	"strconv"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

// caseTerms shows the case terms, which are kept in the alliance's settings,
// as an agreement. Everybody with an account reads them.
func caseTerms(tx *db.Tx, a audience.Actor) (Agreement, error) {
	if !member(a) {
		return Agreement{}, errs.Missing("agreement")
	}
	c, err := charter.Load(tx)
	if err != nil {
		return Agreement{}, err
	}
	list, err := caseTexts(tx)
	if err != nil {
		return Agreement{}, err
	}
	if len(list) == 0 {
		return Agreement{}, errs.Missing("agreement")
	}
	g := Agreement{ID: CaseTermsID, Kind: CaseTerms, Title: "Case terms", Sight: Members, State: Active, CreatedAt: list[len(list)-1].At, Version: int64(len(list)), Current: list[0], Audience: c.Audience, Level: tlp.Green}
	return g.named(), nil
}

// caseTexts are the texts of the case terms, newest first. Each is a
// generation of its own: a case keeps the text that it was opened with.
func caseTexts(tx *db.Tx) ([]Text, error) {
	list, err := db.All(tx, func(t *Text) []any { return []any{&t.ID, &t.Body, db.At(&t.At)} }, `SELECT id, text, since FROM case_terms ORDER BY since DESC, id DESC LIMIT `+strconv.Itoa(MaxVersions))
	for i := range list {
		list[i].Agreement, list[i].Number, list[i].Generation = CaseTermsID, len(list)-i, list[i].ID
	}
	return list, err
}
