package casework

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// Exemption is that a party reads a case although a program shuts out its
// class, by a decision of the board.
type Exemption struct {
	Case   string // id
	Party  audience.Party
	Reason string // the number of the motion and its question: "B-4: Let … in"
	Since  time.Time
}

const maxExemptions = 500

// Exemptions lists those of the cases that lie in a program, newest first. It
// asks nobody.
func Exemptions(tx *db.Tx, programID string) ([]Exemption, error) {
	return db.All(tx, func(e *Exemption) []any {
		return []any{&e.Case, &e.Party.Kind, &e.Party.ID, &e.Reason, db.At(&e.Since)}
	},
		`SELECT c.id, e.party_kind, e.party_id, e.reason, e.since FROM audience_program l JOIN cases c ON c.audience_id = l.audience_id JOIN audience_exempt e ON e.audience_id = l.audience_id
		WHERE l.program_id = $1 ORDER BY e.since DESC, c.id, e.party_id`+db.Limit(maxExemptions), programID)
}
