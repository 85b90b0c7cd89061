package matrix

import (
	"slices"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/spec/prose"
	"tocsin/spec/tlp"
)

// VulnerabilityMoved is the event of a flaw that went into another case.
const VulnerabilityMoved = "vulnerability.moved"

// Follow keeps the matrix in step with its case: a new marking, and the way
// into another case.
func Follow() casework.Follower { return casework.Follower{Remark: remark, Move: move} }

func remark(tx *db.Tx, _ audience.Actor, c casework.Case, old tlp.Level) error {
	for _, table := range []string{"product", "status", "tracker", "vulnerability"} {
		if _, err := tx.Exec(`UPDATE `+table+` SET tlp = $1 WHERE case_id = $2 AND tlp = $3`, int(c.Level), c.ID, int(old)); err != nil {
			return err
		}
	}
	vulns, err := rowsOf(tx, c.ID)
	if err != nil || len(vulns) == 0 {
		return err
	}
	e := ledger.Event{Kind: VulnerabilityEdited, Audience: c.Audience, Level: c.Level, Scope: c.ID, Object: c.Ref()}
	for _, v := range vulns {
		e.Binds = append(e.Binds, vulnTable.Of(v.ID))
		if err := index(tx, c, v); err != nil {
			return err
		}
	}
	ledger.Append(tx, e)
	return nil
}

// rowsOf reads a case's vulnerabilities without scope, for work on the whole
// case.
func rowsOf(tx *db.Tx, caseID string) ([]Vulnerability, error) {
	return db.All(tx, scanVuln, `SELECT `+vulnColumns+` FROM vulnerability v WHERE v.case_id = $1 AND v.removed_at IS NULL ORDER BY v.ord, v.id`, caseID)
}

// move takes vulnerabilities into another case, with what those parties said
// of them that take part there. Products are copied: the old case keeps its
// own.
func move(tx *db.Tx, a audience.Actor, m casework.Move) error {
	vulns, err := rowsOf(tx, m.From.ID)
	if err != nil {
		return err
	}
	last, err := db.Value[int](tx, `SELECT COALESCE(MAX(ord), 0) FROM vulnerability WHERE case_id = $1`, m.Into.ID)
	if err != nil {
		return err
	}
	products := map[string]string{}
	for _, v := range vulns {
		if m.Only != nil && !slices.Contains(m.Only, v.ID) {
			continue
		}
		last++
		v.Case, v.Audience, v.Level, v.Order, v.Label, v.UpdatedAt = m.Into.ID, m.Into.Audience, m.Into.Level, last, "V"+itoa(last), tx.Now
		if _, err := tx.Exec(`UPDATE vulnerability SET case_id = $1, audience_id = $2, tlp = $3, ord = $4, label = $5, version = version + 1, updated_at = $6 WHERE id = $7`,
			v.Case, v.Audience, int(v.Level), v.Order, v.Label, db.Micros(v.UpdatedAt), v.ID); err != nil {
			return err
		}
		e := ledger.Event{Kind: VulnerabilityMoved, Actor: a, Audience: v.Audience, Level: v.Level, Scope: v.Case, Object: v.Ref(), Data: map[string]string{"label": v.Label, "title": v.Title}, Binds: []ledger.Bound{vulnTable.Of(v.ID)}}
		bound, err := moveStatuses(tx, m, v, products)
		if err != nil {
			return err
		}
		e.Binds = append(e.Binds, bound...)
		ledger.Append(tx, e)
		if err := index(tx, m.Into, v); err != nil {
			return err
		}
	}
	return nil
}

// moveStatuses carries what was said of a moved vulnerability over to the
// parties' places in the other case.
func moveStatuses(tx *db.Tx, m casework.Move, v Vulnerability, products map[string]string) ([]ledger.Bound, error) {
	said, err := db.All(tx, scanStatus, `SELECT `+statusColumns+` FROM status s WHERE s.vuln_id = $1 ORDER BY s.id`, v.ID)
	if err != nil {
		return nil, err
	}
	var bound []ledger.Bound
	for _, s := range said {
		target, ok := m.Parties[s.Participant]
		if !ok {
			continue
		}
		p, err := casework.PartyByID(tx, target)
		if err != nil {
			return nil, err
		}
		if s.Product != "" {
			made, err := copyProduct(tx, p, s.Product, products)
			if err != nil {
				return nil, err
			}
			bound = append(bound, made...)
			s.Product = products[s.Product]
		}
		if _, err := tx.Exec(`UPDATE status SET case_id = $1, participant_id = $2, product_id = $3, audience_id = $4, tlp = $5, version = version + 1 WHERE id = $6`,
			m.Into.ID, p.ID, s.Product, p.Audience, int(p.Level), s.ID); err != nil {
			return nil, err
		}
		bound = append(bound, statusTable.Of(s.ID))
		if err := search.Put(tx, search.Doc{Kind: "status", ObjectID: s.ID, Scope: m.Into.ID, Party: p.ID, Audience: p.Audience, Level: p.Level,
			Title: p.Name + ": " + s.Status.Label(), Body: prose.Plain(s.Statement), URL: casework.Path(m.Into.Number) + "/vendors"}); err != nil {
			return nil, err
		}
	}
	return bound, nil
}

func copyProduct(tx *db.Tx, p casework.Participant, productID string, done map[string]string) ([]ledger.Bound, error) {
	if done[productID] != "" {
		return nil, nil
	}
	r, ok, err := db.One(tx, scanProduct, `SELECT `+productColumns+` FROM product r WHERE r.id = $1`, productID)
	if err != nil || !ok {
		return nil, err
	}
	done[productID] = id.New("prd", tx.Now)
	_, err = tx.Exec(`INSERT INTO product (id, case_id, participant_id, audience_id, tlp, name, purl, cpe, version, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)`,
		done[productID], p.Case, p.ID, p.Audience, int(p.Level), r.Name, r.PURL, r.CPE, db.Micros(tx.Now))
	return []ledger.Bound{productTable.Of(done[productID])}, err
}
