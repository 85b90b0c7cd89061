package contacts

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/limit"
)

// Kept reports whether an organization has entered any contact. It asks
// nobody.
func Kept(tx *db.Tx, orgID string) (bool, error) {
	_, all, err := ConfirmedSince(tx, orgID, tx.Now)
	return all > 0, err
}

// Probe begins the test of in.Org that a procedure demands; the procedure has
// asked who may. Where a coordinator of the alliance has it made, it is theirs,
// and they dial whoever has no mail address; for everybody else it is made as
// the clock's tests are, so that they learn nothing of whom it pages. Conflict
// when nobody can be reached.
func (s Switchboard) Probe(tx *db.Tx, a audience.Actor, in Ask) (Call, error) {
	if err := limit.Allow(tx, "test "+in.Org, callsAnHour, time.Hour); err != nil {
		return Call{}, err
	}
	if !charter.IsCoordinator(a) {
		a = audience.Actor{}
	}
	return s.start(tx, a, in, true)
}

// EndProbe stops a test that a procedure began and no longer needs; nothing
// happens to one that is over.
func EndProbe(tx *db.Tx, callID, note string) error {
	c, err := loadCall(tx, callID)
	if err != nil || c.State != Running {
		return err
	}
	return c.end(tx, audience.Actor{}, Stopped, note)
}

// proven is the condition that the test k was answered, by a contact that is
// still kept with the address it answered at.
const proven = `k.drill = 1 AND k.state = 'answered' AND EXISTS (SELECT 1 FROM contact_page p JOIN contact c ON c.id = p.contact_id AND c.org_id = k.org_id
	WHERE p.call_id = k.id AND p.state = 'answered' AND p.address IN (c.mail, c.phone, c.chat))`

// Tested reports whether an organization answered a test in the last year, by
// a contact that is still kept with the address it answered at.
func Tested(tx *db.Tx, orgID string) (bool, error) {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM contact_call k WHERE k.org_id = $1 AND k.ended_at > $2 AND `+proven, orgID, db.Micros(tx.Now.AddDate(-1, 0, 0)))
	return n > 0, err
}

// Proven reports which of some tests were answered, as Tested has it.
func Proven(tx *db.Tx, callIDs []string) ([]string, error) {
	var args db.Args
	return db.Column[string](tx, `SELECT k.id FROM contact_call k WHERE k.id IN `+db.List(&args, callIDs)+` AND `+proven, args...)
}
