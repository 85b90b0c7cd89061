package agreements

import (
	"slices"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// MaxRequired is how many agreements one list may name.
const MaxRequired = 100

// Known refuses ids that name no agreement in use which parties accept by
// themselves: the question to ask before ids are kept in a program's rules.
// field names the input for the refusal.
func Known(tx *db.Tx, field string, ids []string) error {
	if len(ids) > MaxRequired {
		return errs.Bad(field, "Name at most %d agreements.", MaxRequired)
	}
	for _, one := range ids {
		g, ok, err := byID(tx, one)
		if err != nil {
			return err
		}
		if !ok || g.State != Active {
			return errs.Bad(field, "One of the agreements named does not exist, or was withdrawn.")
		}
	}
	return nil
}

// Require makes an audience demand that a party has accepted the agreement.
// Once is enough; it follows the agreement's generations by itself. It asks
// nobody and tells nobody: see Ask.
func Require(tx *db.Tx, audienceID, agreementID string) error {
	if err := hold(tx, "SHARE"); err != nil { // so that no new generation passes by
		return err
	}
	g, ok, err := byID(tx, agreementID)
	if err != nil {
		return err
	}
	if !ok || g.State != Active {
		return errs.New(errs.Conflict, "This agreement does not exist, or was withdrawn; nothing can require it.")
	}
	return audience.Require(tx, audienceID, g.Current.Generation)
}

// Unrequire ends what Require began; nothing happens if it never did.
func Unrequire(tx *db.Tx, audienceID, agreementID string) error {
	_, err := tx.Exec(`DELETE FROM audience_terms WHERE audience_id = $1 AND terms_id IN (SELECT id FROM agreement_version WHERE agreement_id = $2)`, audienceID, agreementID)
	return err
}

// Missing lists the present versions of those agreements that the party has
// still to accept, in the order asked. Withdrawn agreements and ids that name
// nothing miss nothing. It asks nobody.
func Missing(tx *db.Tx, p audience.Party, agreementIDs []string) ([]Text, error) {
	if len(agreementIDs) == 0 {
		return nil, nil
	}
	var args db.Args
	list, err := db.All(tx, scan, `SELECT `+columns+from+` WHERE g.state = 'active' AND g.id IN `+db.List(&args, agreementIDs)+
		` AND NOT EXISTS (SELECT 1 FROM terms_acceptance x WHERE x.terms_id = v.generation_id AND x.party_kind = `+args.Add(string(p.Kind))+` AND x.party_id = `+args.Add(p.ID)+`)`, args...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(x, y Agreement) int {
		return slices.Index(agreementIDs, x.ID) - slices.Index(agreementIDs, y.ID)
	})
	out := make([]Text, len(list))
	for i, g := range list {
		out[i] = g.named().Current
	}
	return out, nil
}

// hold takes every agreement for the rest of the transaction: they are few, and
// one satisfies another. SQLite has one writer at a time.
func hold(tx *db.Tx, mode string) error {
	if tx.Dialect != db.Postgres {
		return nil
	}
	_, err := db.Column[string](tx, `SELECT id FROM agreement ORDER BY id FOR `+mode)
	return err
}

func byID(tx *db.Tx, agreementID string) (Agreement, bool, error) {
	g, ok, err := db.One(tx, scan, `SELECT `+columns+from+` WHERE g.id = $1`, agreementID)
	return g.named(), ok, err
}

func namedAll(list []Agreement) []Agreement {
	for i := range list {
		list[i] = list[i].named()
	}
	return list
}
