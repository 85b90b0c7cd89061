package talk

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

// Follow is what talk does when a case is marked anew: what stood at the
// case's level goes with it, what was marked otherwise stays. Nothing moves
// into another case: what was said to the parties of one is not shown to
// those of another.
func Follow() casework.Follower {
	return casework.Follower{Remark: func(tx *db.Tx, _ audience.Actor, c casework.Case, old tlp.Level) error {
		if _, err := tx.Exec(`UPDATE thread SET tlp = $1 WHERE case_id = $2 AND tlp = $3`, int(c.Level), c.ID, int(old)); err != nil {
			return err
		}
		for _, table := range []string{"message", "file"} {
			if _, err := tx.Exec(`UPDATE `+table+` SET tlp = $1 WHERE case_id = $2 AND tlp = $3 AND named = 0`, int(c.Level), c.ID, int(old)); err != nil {
				return err
			}
			if _, err := tx.Exec(`UPDATE search_doc SET tlp = (SELECT CASE WHEN r.tlp > t.tlp THEN r.tlp ELSE t.tlp END FROM `+table+` r JOIN thread t ON t.id = r.thread_id WHERE r.id = search_doc.object_id)
				WHERE kind = '`+table+`' AND scope = $1 AND EXISTS (SELECT 1 FROM `+table+` r WHERE r.id = search_doc.object_id)`, c.ID); err != nil {
				return err
			}
		}
		return nil
	}}
}
