package contacts

import (
	"time"

	"tocsin/internal/kernel/db"
)

// ConfirmedSince counts an organization's contacts, and those of them that
// were confirmed since an instant. It asks nobody and names nobody.
func ConfirmedSince(tx *db.Tx, orgID string, since time.Time) (confirmed, all int, err error) {
	type counts struct{ confirmed, all int }
	n, _, err := db.One(tx, func(c *counts) []any { return []any{&c.confirmed, &c.all} },
		`SELECT COALESCE(SUM(CASE WHEN COALESCE(confirmed_at, 0) >= $1 THEN 1 ELSE 0 END), 0), COUNT(*) FROM contact WHERE org_id = $2`, since.UnixMicro(), orgID)
	return n.confirmed, n.all, err
}
