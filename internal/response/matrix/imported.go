package matrix

import (
	"slices"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
)

// FirstOf is the first vulnerability of an imported case.
func FirstOf(tx *db.Tx, caseID string) (Vulnerability, bool, error) {
	return db.One(tx, scanVuln, `SELECT `+vulnColumns+` FROM vulnerability v WHERE v.case_id = $1 ORDER BY v.ord LIMIT 1`, caseID)
}

// UpdateImported brings an imported vulnerability up to date; false when it
// is.
func UpdateImported(tx *db.Tx, old, v Vulnerability) (bool, error) {
	if old.Title == v.Title && old.Description == v.Description && old.CVE == v.CVE && slices.Equal(old.References, v.References) && old.Release.Equal(v.Release) {
		return false, nil
	}
	_, err := tx.Exec(`UPDATE vulnerability SET title = $1, description = $2, cve = $3, refs = $4, release_at = $5, updated_at = $6, version = version + 1 WHERE id = $7`,
		v.Title, v.Description, v.CVE, db.JSON(v.References), db.Micros(v.Release), db.Micros(v.UpdatedAt), old.ID)
	return true, err
}

// CellsOf lists the statuses for all products on one vulnerability, by
// participant id.
func CellsOf(tx *db.Tx, vulnID string) (map[string]Status, error) {
	list, err := db.All(tx, scanStatus, `SELECT `+statusColumns+` FROM status s WHERE s.vuln_id = $1 AND s.product_id = ''`, vulnID)
	out := make(map[string]Status, len(list))
	for _, s := range list {
		out[s.Participant] = s
	}
	return out, err
}

// UpdateImportedStatus brings an imported status up to date; false when it
// is.
func UpdateImportedStatus(tx *db.Tx, old, s Status) (bool, error) {
	if old.Status == s.Status && old.Statement == s.Statement && old.ChangedAt.Equal(s.ChangedAt) && old.Release.Equal(s.Release) && old.OnBehalf == s.OnBehalf {
		return false, nil
	}
	_, err := tx.Exec(`UPDATE status SET status = $1, statement = $2, changed_at = $3, release_at = $4, on_behalf = $5, version = version + 1 WHERE id = $6`,
		string(s.Status), s.Statement, db.Micros(s.ChangedAt), db.Micros(s.Release), db.Bit(s.OnBehalf), old.ID)
	return true, err
}

// VulnerabilityBound lets an import's event vouch for a vulnerability's row.
func VulnerabilityBound(id string) ledger.Bound { return vulnTable.Of(id) }

// StatusBound lets an import's event vouch for a status row.
func StatusBound(id string) ledger.Bound { return statusTable.Of(id) }
