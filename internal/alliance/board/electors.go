package board

import (
	"slices"

	"tocsin/internal/kernel/db"
	"tocsin/spec/ballot"
)

// Electors are the people who may vote in a motion's ballot as its seats
// stand at this instant, substitutes too: not those of a seat that is recused,
// suspended or ended, nor who left the organization or was shut out.
func Electors(tx *db.Tx, motionID string) ([]string, error) {
	m, err := byID(tx, motionID)
	if err != nil {
		return nil, err
	}
	list, err := electorate(tx, m)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range list {
		if e.now.Standing != ballot.Sits {
			continue
		}
		for _, person := range []string{e.now.Principal, e.now.Substitute} {
			if person != "" && !slices.Contains(out, person) {
				out = append(out, person)
			}
		}
	}
	return out, nil
}
