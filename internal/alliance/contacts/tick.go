package contacts

import (
	"math/rand/v2"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/oncall"
)

// batch bounds what one Tick does of each kind of work.
const batch = 200

// The clock tests an organization some time within these.
const (
	testEarliest = 30 * 24 * time.Hour
	testLatest   = 120 * 24 * time.Hour
)

// Next is the instant at which Tick has something to do; the zero time for
// never.
func Next(tx *db.Tx) (time.Time, error) {
	var first time.Time
	for _, q := range []string{
		`SELECT MIN(ask_at) FROM contact_clock`,
		`SELECT MIN(due_at) FROM contact_page WHERE state = 'waiting'`,
		`SELECT MIN(ends_at) FROM contact_call WHERE state = 'running'`,
		`SELECT MIN(next_at) FROM contact_drill`,
	} {
		at, _, err := db.One(tx, func(t *time.Time) []any { return []any{db.At(t)} }, q)
		if err != nil {
			return first, err
		}
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first, nil
}

// Tick does what time has made due: it makes the pages of running calls, ends
// calls that nobody answered, asks whether contacts are right, and begins
// tests that nobody announced. It may run as often as it likes.
func (s Switchboard) Tick(tx *db.Tx) (time.Time, error) {
	for _, work := range []func(*db.Tx) error{func(tx *db.Tx) error { return s.pageDue(tx, "") }, giveUp, s.askDue, s.testDue, sweepShares} {
		if err := work(tx); err != nil {
			return time.Time{}, err
		}
	}
	next, err := Next(tx)
	return tx.Resume(next), err
}

// pageDue makes the pages whose time has come: of one call, or of all.
func (s Switchboard) pageDue(tx *db.Tx, callID string) error {
	args := db.Args{db.Micros(tx.Now)}
	one := ""
	if callID != "" {
		one = ` AND p.call_id = ` + args.Add(callID)
	}
	list, err := db.All(tx, scanPage, `SELECT `+pageColumns+` FROM contact_page p WHERE p.state = 'waiting' AND p.due_at <= $1`+one+` ORDER BY p.due_at, p.call_id, p.place`+db.Limit(batch), args...)
	if err != nil {
		return err
	}
	for _, p := range list {
		if err := tx.Spare("page "+p.ID, func() error {
			c, err := loadCall(tx, p.Call)
			if err != nil {
				return err
			}
			return s.page(tx, c, p)
		}); err != nil {
			return err
		}
	}
	return nil
}

// page makes one page: whoever is on call now is asked for, and quiet hours as
// they are now.
func (s Switchboard) page(tx *db.Tx, c Call, p Page) error {
	who, ok, err := p.callee(tx)
	if err != nil {
		return err
	}
	if !ok || who.address(p.Channel) == "" {
		p.State, p.Note = Skipped, "nobody to reach this way any more"
		return p.made(tx, c)
	}
	p.Contact, p.Name, p.address = who.ID, who.Name, who.address(p.Channel)
	if c.Urgency != oncall.Emergency && who.Quiet != nil {
		if end, quiet := (oncall.Quiet{Zone: who.TimeZone, Hours: *who.Quiet}).Until(tx.Now); quiet && end.Before(c.Until.Add(24*time.Hour)) {
			p.Due, p.Note = end, "put off to the end of quiet hours"
			return p.putOff(tx, c)
		}
	}
	p.Paged, p.State = tx.Now, Open
	if p.Channel == oncall.Mail {
		p.State = Sent
		if err := s.mail(tx, c, p); err != nil {
			return err
		}
	}
	return p.made(tx, c)
}

// callee is whom a page is for now: of a rotation, whoever is on call, and
// whoever was to be where that cannot be told.
func (p Page) callee(tx *db.Tx) (Contact, bool, error) {
	contactID := p.Contact
	if p.Rotation != "" {
		r, ok, err := db.One(tx, scanRotation, `SELECT `+rotationColumns+` FROM contact_rotation c WHERE c.id = $1`, p.Rotation)
		if err != nil {
			return Contact{}, false, err
		}
		if ok {
			roster, err := rosterOf(tx, r)
			if err != nil {
				return Contact{}, false, err
			}
			if roster != nil {
				if who, _, on := roster.At(tx.Now); on {
					contactID = who
				}
			}
		}
	}
	return db.One(tx, scan, `SELECT `+columns+` FROM contact c WHERE c.id = $1`, contactID)
}

func (p Page) made(tx *db.Tx, c Call) error {
	if err := tx.Guarded(errs.New(errs.Conflict, "This page has been made."), `UPDATE contact_page SET contact_id = $1, name = $2, address = $3, state = $4, paged_at = $5, note = $6 WHERE id = $7 AND state = 'waiting'`,
		p.Contact, p.Name, p.address, string(p.State), db.Micros(p.Paged), p.Note, p.ID); err != nil {
		return err
	}
	c.record(tx, audience.Actor{}, EventPaged, map[string]any{"page": p.ID, "contact": p.Contact, "channel": p.Channel, "state": p.State}, pageTable.Of(p.ID))
	return nil
}

// putOff moves a page, and the end of its call where it comes after it.
func (p Page) putOff(tx *db.Tx, c Call) error {
	if _, err := tx.Exec(`UPDATE contact_page SET due_at = $1, note = $2 WHERE id = $3 AND state = 'waiting'`, db.Micros(p.Due), p.Note, p.ID); err != nil {
		return err
	}
	binds := []ledger.Bound{pageTable.Of(p.ID)}
	if end := p.Due.Add(patience); end.After(c.Until) {
		if _, err := tx.Exec(`UPDATE contact_call SET ends_at = $1 WHERE id = $2`, db.Micros(end), c.ID); err != nil {
			return err
		}
		binds = append(binds, callTable.Of(c.ID))
	}
	c.record(tx, audience.Actor{}, EventPaged, map[string]any{"page": p.ID, "contact": p.Contact, "put_off": p.Due}, binds...)
	return nil
}

func mailKey(pageID string) string { return "contact-page:" + pageID }

func (s Switchboard) mail(tx *db.Tx, c Call, p Page) error {
	site, err := charter.Load(tx)
	if err != nil {
		return err
	}
	// The link outlives the wait, so that who comes too late is told so.
	secret, err := issue(tx, linkAnswer, p.ID, 0, c.Until.Add(linkLife))
	if err != nil {
		return err
	}
	m := callMail(site.Name, p.Name, site.URL+AnswerPath(secret), site.URL+"/alliance/calls/"+c.ID)
	if c.Drill {
		m = testMail(site.Name, p.Name, site.URL+AnswerPath(secret))
	}
	return s.Box.Put(tx, outbox.Item{Key: mailKey(p.ID), Kind: "mail", Person: p.Contact, Address: p.address}, m, time.Time{})
}

// giveUp ends the calls that nobody answered in their time.
func giveUp(tx *db.Tx) error {
	list, err := db.All(tx, scanCall, `SELECT `+callColumns+` FROM contact_call k WHERE k.state = 'running' AND k.ends_at <= $1 ORDER BY k.ends_at, k.id`+db.Limit(batch), db.Micros(tx.Now))
	for _, c := range list {
		if err := tx.Spare("call "+c.ID, func() error { return c.end(tx, audience.Actor{}, Unanswered, "") }); err != nil {
			return err
		}
	}
	return err
}

// planTest sets when the clock tests an organization for the first time.
func planTest(tx *db.Tx, orgID string) error {
	_, err := tx.Exec(`INSERT INTO contact_drill (org_id, next_at) VALUES ($1, $2) ON CONFLICT (org_id) DO NOTHING`, orgID, db.Micros(surprise(tx.Now)))
	return err
}

// surprise is an instant that nobody can foresee.
func surprise(now time.Time) time.Time {
	return now.Add(testEarliest + rand.N(testLatest-testEarliest)).Truncate(time.Minute)
}

// testDue begins the tests that are due. An organization that nobody can
// reach has failed its test.
func (s Switchboard) testDue(tx *db.Tx) error {
	list, err := db.Column[string](tx, `SELECT org_id FROM contact_drill WHERE next_at <= $1 ORDER BY next_at, org_id`+db.Limit(batch), db.Micros(tx.Now))
	if err != nil {
		return err
	}
	for _, orgID := range list {
		if err := tx.Spare("test of "+orgID, func() error { return s.test(tx, orgID) }); err != nil {
			return err
		}
	}
	return nil
}

// test begins the test of an organization, unless another replica has.
func (s Switchboard) test(tx *db.Tx, orgID string) error {
	if n, err := tx.Exec(`UPDATE contact_drill SET next_at = $1 WHERE org_id = $2 AND next_at <= $3`, db.Micros(surprise(tx.Now)), orgID, db.Micros(tx.Now)); err != nil || n == 0 {
		return err
	}
	o, err := orgs.Load(tx, orgID)
	if err != nil || o.State != orgs.Active {
		return err
	}
	if _, err = s.start(tx, audience.Actor{}, Ask{Org: orgID}, true); !errs.Is(err, errs.Conflict) {
		return err
	}
	running, err := db.Value[int](tx, `SELECT COUNT(*) FROM contact_call WHERE org_id = $1 AND drill = 1 AND state = 'running'`, orgID)
	if err != nil || running > 0 {
		return err
	}
	return failed(tx, orgID)
}
