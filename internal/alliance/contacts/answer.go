package contacts

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/text"
)

// voice is who answers: a contact by a page's link, a person signed in, or
// the caller for somebody who picked up.
type voice struct {
	actor         audience.Actor
	contact, page string
	note          string
}

// answered ends a running call: somebody has it.
func (c Call) answered(tx *db.Tx, v voice) error {
	if err := tx.Guarded(over(Call{Drill: c.Drill, State: Answered}), `UPDATE contact_call SET state = 'answered', ended_at = $1, answered_by = $2, answered_person = $3, note = $4 WHERE id = $5 AND state = 'running'`,
		db.Micros(tx.Now), v.contact, v.actor.Person, v.note, c.ID); err != nil {
		return err
	}
	binds := []ledger.Bound{callTable.Of(c.ID)}
	if v.page != "" {
		if _, err := tx.Exec(`UPDATE contact_page SET state = 'answered', done_at = $1, done_by = $2, note = $3 WHERE id = $4`, db.Micros(tx.Now), v.actor.Person, v.note, v.page); err != nil {
			return err
		}
		binds = append(binds, pageTable.Of(v.page))
	}
	left, err := c.drop(tx)
	if err != nil {
		return err
	}
	c.record(tx, v.actor, EventAnswered, map[string]any{"contact": v.contact, "minutes": int(tx.Now.Sub(c.Started).Minutes())}, append(binds, left...)...)
	return nil
}

// drop ends what a call still had to do; its links end with it.
func (c Call) drop(tx *db.Tx) ([]ledger.Bound, error) {
	ids, err := db.Column[string](tx, `SELECT id FROM contact_page WHERE call_id = $1 AND state IN ('waiting', 'open') ORDER BY place`, c.ID)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(`UPDATE contact_page SET state = 'dropped' WHERE call_id = $1 AND state IN ('waiting', 'open')`, c.ID); err != nil {
		return nil, err
	}
	var binds []ledger.Bound
	for _, p := range ids {
		binds = append(binds, pageTable.Of(p))
	}
	// What still waits to be sent need not leave any more.
	sent, err := db.Column[string](tx, `SELECT id FROM contact_page WHERE call_id = $1 AND state = 'sent' ORDER BY place`, c.ID)
	for i, p := range sent {
		sent[i] = mailKey(p)
	}
	if err == nil && len(sent) > 0 {
		_, err = outbox.Withdraw(tx, sent)
	}
	return binds, err
}

func calling(tx *db.Tx, a audience.Actor, callID string) (Call, error) {
	c, err := GetCall(tx, a, callID)
	if err != nil {
		return c, err
	}
	if !charter.Allows(a, charter.ScopeWrite) {
		return c, errs.New(errs.Denied, "This needs a token of scope write.")
	}
	if c.State != Running {
		e := over(c)
		e.Kind = errs.Conflict
		return c, e
	}
	return c, nil
}

func (c Call) mayRun(a audience.Actor) error {
	if c.By == a.Person || charter.IsCoordinator(a) {
		return nil
	}
	return errs.New(errs.Denied, "Whoever started the call, and coordinators, may do this.")
}

// Take answers a call as one of the organization that is called.
func Take(tx *db.Tx, a audience.Actor, callID string) error {
	c, err := calling(tx, a, callID)
	if err != nil {
		return err
	}
	if a.Cap(audience.Org, c.Org) < audience.Contributor {
		return errs.New(errs.Denied, "The people of the organization that is called take the call.")
	}
	v := voice{actor: a}
	for _, p := range c.Pages {
		if v.contact != "" {
			break
		}
		person, err := db.Value[string](tx, `SELECT COALESCE(MAX(person_id), '') FROM contact WHERE id = $1`, p.Contact)
		if err != nil {
			return err
		}
		if person == a.Person {
			v.contact, v.page = p.Contact, p.ID
		}
	}
	return c.answered(tx, v)
}

// Tried is what came of a page that the caller dialed: somebody answered, and
// the call ends; or nobody did, and the next one's turn comes at once.
func Tried(tx *db.Tx, a audience.Actor, callID, pageID string, answered bool, note string) error {
	c, err := calling(tx, a, callID)
	if err != nil {
		return err
	}
	if err := c.mayRun(a); err != nil {
		return err
	}
	if note, _, err = text.CleanLine(note, 500); err != nil {
		return errs.Bad("note", "Please correct the note: %s.", err)
	}
	var page Page
	for _, p := range c.Pages {
		if p.ID == pageID {
			page = p
		}
	}
	if page.ID == "" {
		return errs.Missing("page")
	}
	if page.State != Open {
		return errs.New(errs.Conflict, "This has been dealt with, or its turn has not come.")
	}
	if answered {
		return c.answered(tx, voice{actor: a, contact: page.Contact, page: page.ID, note: note})
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "This has been dealt with already."), `UPDATE contact_page SET state = 'no answer', done_at = $1, done_by = $2, note = $3 WHERE id = $4 AND state = 'open'`, db.Micros(tx.Now), a.Person, note, page.ID); err != nil {
		return err
	}
	binds := []ledger.Bound{pageTable.Of(page.ID)}
	moved, err := c.hurry(tx, page)
	if err != nil {
		return err
	}
	c.record(tx, a, EventTried, map[string]any{"page": page.ID, "contact": page.Contact}, append(binds, moved...)...)
	return nil
}

// hurry brings what waits forward, so that the next page is due now, unless
// another page is open. Quiet hours are asked again when its turn comes.
func (c Call) hurry(tx *db.Tx, done Page) ([]ledger.Bound, error) {
	var first time.Time
	for _, p := range c.Pages {
		if p.State == Open && p.ID != done.ID {
			return nil, nil
		}
		if p.State == Waiting && (first.IsZero() || p.Due.Before(first)) {
			first = p.Due
		}
	}
	gain := first.Sub(tx.Now)
	if first.IsZero() || gain <= 0 {
		return nil, nil
	}
	var binds []ledger.Bound
	for _, p := range c.Pages {
		if p.State != Waiting {
			continue
		}
		if _, err := tx.Exec(`UPDATE contact_page SET due_at = $1 WHERE id = $2`, db.Micros(p.Due.Add(-gain)), p.ID); err != nil {
			return nil, err
		}
		binds = append(binds, pageTable.Of(p.ID))
	}
	tx.Ring()
	return binds, nil
}

// Stop ends a call that is no longer needed.
func Stop(tx *db.Tx, a audience.Actor, callID, note string) error {
	c, err := calling(tx, a, callID)
	if err != nil {
		return err
	}
	if err := c.mayRun(a); err != nil {
		return err
	}
	if note, _, err = text.CleanLine(note, 500); err != nil {
		return errs.Bad("note", "Please correct the note: %s.", err)
	}
	return c.end(tx, a, Stopped, note)
}

func (c Call) end(tx *db.Tx, a audience.Actor, state CallState, note string) error {
	if err := tx.Guarded(errs.New(errs.Conflict, "This call is over."), `UPDATE contact_call SET state = $1, ended_at = $2, note = $3 WHERE id = $4 AND state = 'running'`, string(state), db.Micros(tx.Now), note, c.ID); err != nil {
		return err
	}
	left, err := c.drop(tx)
	kind := EventStopped
	if state == Unanswered {
		kind = EventUnanswered
	}
	c.record(tx, a, kind, nil, append([]ledger.Bound{callTable.Of(c.ID)}, left...)...)
	return err
}
