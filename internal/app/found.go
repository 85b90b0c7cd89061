package app

import (
	"context"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// Founding is what an alliance begins with.
type Founding struct {
	Name, Namespace, Email string
	Person                 string // the first account's name
}

// Found founds the alliance and makes the first account, operator and
// coordinator. It returns that person's one-time sign-in address.
func Found(ctx context.Context, h *gate.House, in Founding) (string, error) {
	var secret string
	err := h.Write(ctx, func(tx *db.Tx) error {
		if _, err := charter.Found(tx, h.Sealer, charter.Charter{Name: in.Name, Namespace: in.Namespace, Email: in.Email, URL: h.URL}); err != nil {
			return err
		}
		p, err := people.First(tx, in.Email, in.Person)
		if err != nil {
			return err
		}
		secret, err = people.IssueLink(tx, audience.Actor{}, p.ID, people.LinkPrinted)
		return err
	})
	return h.URL + people.SignInPath(secret), err
}
