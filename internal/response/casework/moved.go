package casework

import "tocsin/internal/kernel/db"

// onMoved are what packages above do with their own records when a party is
// hidden or shown.
var onMoved []func(tx *db.Tx, c Case, p Participant) error

// OnMoved adds a step to Hide, in its transaction, for records whose audience
// does not follow from the participant alone. p has its new audience. Call it
// from a package's init.
func OnMoved(step func(tx *db.Tx, c Case, p Participant) error) { onMoved = append(onMoved, step) }

func moved(tx *db.Tx, c Case, p Participant) error {
	for _, step := range onMoved {
		if err := step(tx, c, p); err != nil {
			return err
		}
	}
	return nil
}
