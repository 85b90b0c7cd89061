package talk

import (
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
)

func init() { casework.OnMoved(moved) }

// moved lets what speaks of a party follow it when it is hidden from the
// others or shown again: the threads about its products, and what it said
// where the others read. The whole case is placed anew, since a product of
// one party is talked about by others.
func moved(tx *db.Tx, c casework.Case, p casework.Participant) error {
	if _, err := tx.Exec(`UPDATE thread SET audience_id = $1 WHERE case_id = $2 AND kind = 'product' AND participant_id = $3`, p.Audience, c.ID, p.ID); err != nil {
		return err
	}
	for _, table := range []string{"message", "file"} {
		if _, err := tx.Exec(`UPDATE `+table+` SET audience_id = COALESCE(
				(SELECT h.private_id FROM participant h WHERE h.id = `+table+`.party_id AND h.hidden = 1),
				(SELECT t.audience_id FROM thread t WHERE t.id = `+table+`.thread_id))
			WHERE case_id = $1 AND named = 0 AND thread_id IN (SELECT id FROM thread WHERE case_id = $1 AND kind IN ('general', 'product'))`, c.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE search_doc SET audience_id = (SELECT r.audience_id FROM `+table+` r WHERE r.id = search_doc.object_id)
			WHERE kind = '`+table+`' AND scope = $1 AND EXISTS (SELECT 1 FROM `+table+` r WHERE r.id = search_doc.object_id)`, c.ID); err != nil {
			return err
		}
		// Events go where ledger.Move cannot know: what a party said about
		// the product of another one hides with either.
		if _, err := tx.Exec(`UPDATE event SET audience_id = (SELECT r.audience_id FROM `+table+` r WHERE r.id = event.object_id)
			WHERE scope = $1 AND party <> '' AND object_kind = '`+table+`' AND EXISTS (SELECT 1 FROM `+table+` r WHERE r.id = event.object_id AND r.named = 0)`, c.ID); err != nil {
			return err
		}
	}
	return nil
}
