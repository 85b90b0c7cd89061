package membership

import (
	"strings"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// unsigned names the agreements that the organization has still to accept.
func unsigned(tx *db.Tx, p Application) ([]string, error) {
	r, err := programs.RulesOf(tx, p.Program)
	if err != nil {
		return nil, err
	}
	list, err := agreements.Missing(tx, audience.Party{Kind: audience.Org, ID: p.Org}, r.Agreements)
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.Title
	}
	return out, err
}

// askToSign tells the organization's admins of the agreements that wait for
// them, once it was accepted and has an account.
func askToSign(tx *db.Tx, p Application) error {
	if p.Org == "" {
		return nil
	}
	r, err := programs.RulesOf(tx, p.Program)
	if err != nil {
		return err
	}
	return agreements.Ask(tx, audience.Party{Kind: audience.Org, ID: p.Org}, r.Agreements)
}

func names(list []string) string { return strings.Join(list, ", ") }
