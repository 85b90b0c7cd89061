package outbox

import (
	"errors"
	"slices"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// errStopped is what a sender is told that was about to hand over a stopped
// item.
var errStopped = errors.New("the person may not see any more what this tells of")

const stoppedWhy = "Stopped: the person may not see any more what this tells of."

// tellsOf keeps the events that a new item tells of.
func tellsOf(tx *db.Tx, it Item) error {
	for seqs := range slices.Chunk(it.Events, 200) {
		var args db.Args
		rows := ""
		for i, seq := range seqs {
			if i > 0 {
				rows += ", "
			}
			rows += "(" + args.Add(it.ID) + ", CAST(" + args.Add(seq) + " AS BIGINT))"
		}
		if _, err := tx.Exec(`INSERT INTO outbox_event (item_id, seq) VALUES `+rows+` ON CONFLICT DO NOTHING`, args...); err != nil {
			return err
		}
	}
	return nil
}

// stopBlind stops a pending item whose person may not see one of the events
// it tells of, and reports whether it did.
func stopBlind(tx *db.Tx, it Item) (bool, error) {
	tells, err := db.Value[int](tx, `SELECT COUNT(*) FROM outbox_event WHERE item_id = $1`, it.ID)
	if err != nil || tells == 0 || it.Person == "" {
		return false, err
	}
	seats, err := audience.Seats(tx, it.Person)
	if err != nil {
		return false, err
	}
	a := audience.Actor{Person: it.Person, Seats: seats}
	args := db.Args{it.ID}
	sees, err := db.Value[int](tx, `SELECT COUNT(*) FROM outbox_event x JOIN event e ON e.seq = x.seq WHERE x.item_id = $1 AND `+audience.Visible(a, "e", &args), args...)
	if err != nil || sees == tells {
		return false, err
	}
	n, err := tx.Exec(`UPDATE outbox SET state = $1, last_error = $2, done_at = $3, lease_until = 0 WHERE id = $4 AND state = $5`,
		string(Stopped), stoppedWhy, db.Micros(tx.Now), it.ID, string(Pending))
	return n > 0, err
}

// Stop stops at once what waits for people and tells of something that they
// may not see any more, and returns how many items it stopped. Whoever takes
// access away calls it in the same transaction, so that the outbox shows what
// became of it; what nobody called it for is stopped at the moment of sending.
func Stop(tx *db.Tx, people []string) (int, error) {
	stopped := 0
	for chunk := range slices.Chunk(people, 200) {
		var args db.Args
		list, err := db.All(tx, func(it *Item) []any { return []any{&it.ID, &it.Person} },
			`SELECT o.id, o.person_id FROM outbox o WHERE o.state = 'pending' AND o.person_id IN `+db.List(&args, chunk)+` AND EXISTS (SELECT 1 FROM outbox_event x WHERE x.item_id = o.id) ORDER BY o.id`, args...)
		if err != nil {
			return stopped, err
		}
		for _, it := range list {
			n, err := stopBlind(tx, it)
			if err != nil {
				return stopped, err
			}
			if n {
				stopped++
			}
		}
	}
	return stopped, nil
}
