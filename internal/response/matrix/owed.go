package matrix

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/text"
)

// OwedStatus is the kind of a status that a vendor has not said.
const OwedStatus = "matrix.status"

// freeze is how long before the release every status must stand.
const freeze = 7 * 24 * time.Hour

// Owed lists the vendors that the actor speaks for and that have not said
// where they stand on every vulnerability of an open case. It is due when the
// texts are frozen, or when an answer was asked for while no end is agreed.
func Owed(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	if a.Anonymous() {
		return nil, nil
	}
	type row struct {
		casework.Owed
		party    string
		missing  int
		ends, by time.Time
	}
	var args db.Args
	list, err := db.All(tx, func(r *row) []any {
		return []any{&r.Case, &r.Number, &r.party, db.At(&r.ends), db.At(&r.by), &r.missing}
	}, `SELECT c.id, c.number, p.id, c.embargo_ends_at, p.due_at, COUNT(*) FROM participant p
		JOIN cases c ON c.id = p.case_id AND c.state = 'open' AND `+audience.Visible(a, "c", &args)+` AND p.role = 'vendor' AND p.accepted_at IS NOT NULL AND p.left_at IS NULL AND `+casework.SpeaksFor(a, "p", &args)+`
		JOIN vulnerability v ON v.case_id = c.id AND v.removed_at IS NULL
		WHERE NOT EXISTS (SELECT 1 FROM status s WHERE s.participant_id = p.id AND s.vuln_id = v.id)
		GROUP BY c.id, c.number, p.id, c.embargo_ends_at, p.due_at ORDER BY c.number LIMIT 500`, args...)
	out := make([]casework.Owed, len(list))
	for i, r := range list {
		r.Kind, r.URL, r.Due = OwedStatus, casework.Path(r.Number)+"/vendors/"+r.party+"/status", r.by
		if !r.ends.IsZero() {
			r.Due = r.ends.Add(-freeze)
		}
		r.What = "Set a status for " + text.Plural(r.missing, "vulnerability", "vulnerabilities")
		out[i] = r.Owed
	}
	return out, err
}
