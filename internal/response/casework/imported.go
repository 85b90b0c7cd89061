package casework

import (
	"net/url"

	"tocsin/internal/kernel/db"
)

// Path is a case's page.
func Path(number string) string { return "/cases/" + url.PathEscape(number) }

// ByOrigin finds the case that an import made, by its key there.
func ByOrigin(tx *db.Tx, origin string) (Case, bool, error) {
	return db.One(tx, scanCase, `SELECT `+caseColumns+` FROM cases c WHERE c.origin = $1`, origin)
}

// InsertImported writes a case as an import has it, published and closed.
// The caller records the event.
func InsertImported(tx *db.Tx, c *Case) error {
	c.Version = 1
	_, err := tx.Exec(`INSERT INTO cases (id, number, title, summary, audience_id, team_id, tlp, release_at, terms_id, terms_text, state, public_state, embargo_state, origin, opened_at, updated_at, closed_at, close_reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', $9, $10, $11, $12, $13, $14, $15, $16)`,
		c.ID, c.Number, c.Title, c.Summary, c.Audience, c.Team, int(c.Level), db.Micros(c.Release), string(c.State), string(c.Public), string(c.Embargo), c.Origin,
		db.Micros(c.OpenedAt), db.Micros(c.UpdatedAt), db.Micros(c.ClosedAt), c.CloseReason)
	return err
}

// UpdateImported brings an imported case up to date; false when it is.
func UpdateImported(tx *db.Tx, old, c Case) (bool, error) {
	if old.Title == c.Title && old.Summary == c.Summary && old.Release.Equal(c.Release) && old.UpdatedAt.Equal(c.UpdatedAt) {
		return false, nil
	}
	_, err := tx.Exec(`UPDATE cases SET title = $1, summary = $2, release_at = $3, updated_at = $4, closed_at = $5, version = version + 1 WHERE id = $6`,
		c.Title, c.Summary, db.Micros(c.Release), db.Micros(c.UpdatedAt), db.Micros(c.ClosedAt), old.ID)
	return true, err
}

// ByOriginIn lists the imported participants of a case by their key in the
// import.
func ByOriginIn(tx *db.Tx, caseID string) (map[string]Participant, error) {
	list, err := db.All(tx, scanParticipant, `SELECT `+participantColumns+` FROM participant p WHERE p.case_id = $1 AND p.origin <> ''`, caseID)
	out := make(map[string]Participant, len(list))
	for _, p := range list {
		out[p.Origin] = p
	}
	return out, err
}

// InsertImportedParty writes a participant as an import has it.
func InsertImportedParty(tx *db.Tx, p Participant) error {
	_, err := tx.Exec(`INSERT INTO participant (id, case_id, role, kind, subject_id, name, audience_id, private_id, own_id, tlp, release_at, report_state, consent, vendor_state, invited_at, seen_at, replied_at, origin, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		p.ID, p.Case, string(p.Role), string(p.Kind), p.Subject, p.Name, p.Audience, p.Private, p.Own, int(p.Level), db.Micros(p.Release),
		string(p.Report), string(p.Consent), string(p.Progress), db.Micros(p.InvitedAt), db.Micros(p.SeenAt), db.Micros(p.RepliedAt), p.Origin, db.Micros(p.UpdatedAt))
	return err
}

// UpdateImportedParty brings an imported participant up to date; false when
// it is.
func UpdateImportedParty(tx *db.Tx, old, p Participant) (bool, error) {
	if old.Name == p.Name && old.Subject == p.Subject && old.InvitedAt.Equal(p.InvitedAt) && old.RepliedAt.Equal(p.RepliedAt) && old.Release.Equal(p.Release) && old.UpdatedAt.Equal(p.UpdatedAt) {
		return false, nil
	}
	_, err := tx.Exec(`UPDATE participant SET name = $1, subject_id = $2, invited_at = $3, seen_at = $4, replied_at = $4, release_at = $5, updated_at = $6, version = version + 1 WHERE id = $7`,
		p.Name, p.Subject, db.Micros(p.InvitedAt), db.Micros(p.RepliedAt), db.Micros(p.Release), db.Micros(p.UpdatedAt), old.ID)
	return true, err
}
