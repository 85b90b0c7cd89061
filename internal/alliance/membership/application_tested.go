package membership

import (
	"slices"
	"time"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/membership"
)

// SendTest sends the applicant a test page, which must be answered within 14
// days, so that the way to the team is known to work; a later one takes its
// place. An organization that has entered contacts is tested by them, as every
// member is: its ladder, or whoever is to be called, is paged, the answer is
// recorded there, and Tick moves the application on. One that has entered none
// is tested by a link that is mailed to the application's contact.
func (d Desk) SendTest(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return p, err
	}
	if _, err := membership.Application.Move(p.State, membership.AppTest); err != nil {
		return p, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if p.Frozen {
		return p, resting()
	}
	if err := p.endTests(tx, "A later test took its place."); err != nil {
		return p, err
	}
	kept, err := contacts.Kept(tx, p.Org)
	if err != nil {
		return p, err
	}
	if kept {
		return p, d.testContacts(tx, a, p)
	}
	return p, d.testMailbox(tx, a, p)
}

func (d Desk) testContacts(tx *db.Tx, a audience.Actor, p Application) error {
	call, err := contacts.Switchboard{Box: d.Box}.Probe(tx, a, contacts.Ask{Org: p.Org, About: p.Number, Minutes: int(testLife.Minutes())})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO application_call (application_id, call_id, at) VALUES ($1, $2, $3) ON CONFLICT (application_id) DO UPDATE SET call_id = excluded.call_id, at = excluded.at`,
		p.ID, call.ID, db.Micros(tx.Now)); err != nil {
		return err
	}
	p.record(tx, a, EventAppPaged, map[string]any{"call": call.ID})
	return nil
}

func (d Desk) testMailbox(tx *db.Tx, a audience.Actor, p Application) error {
	secret, err := newAppLink(tx, p.ID, forTest, p.Contact, testLife)
	if err != nil {
		return err
	}
	p.record(tx, a, EventAppPaged, nil)
	return d.Box.Put(tx, outbox.Item{Key: "application test " + id.Digest(secret), Kind: "mail", Address: p.Contact}, outbox.Mail{
		Subject: "[" + p.Number + "] Test page: please answer",
		Text: `This is a test. The alliance makes sure that it can reach your team.
Please open this link and press the button, within 14 days:

` + d.URL + TestPath(secret) + `
`}, time.Time{})
}

// endTests ends what tests of the applicant are under way.
func (p Application) endTests(tx *db.Tx, note string) error {
	if _, err := tx.Exec(`UPDATE application_link SET ended_at = $1 WHERE application_id = $2 AND purpose = 'test' AND ended_at IS NULL`, db.Micros(tx.Now), p.ID); err != nil {
		return err
	}
	call, err := db.Value[string](tx, `SELECT call_id FROM application_call WHERE application_id = $1`, p.ID)
	if err != nil || call == "" {
		return err
	}
	return contacts.EndProbe(tx, call, note)
}

// answeredTests are the applications whose organizations answered the test
// that was begun for them.
func answeredTests(tx *db.Tx) ([]string, error) {
	type begun struct{ app, call string }
	list, err := db.All(tx, func(b *begun) []any { return []any{&b.app, &b.call} },
		`SELECT a.id, x.call_id FROM application a JOIN application_call x ON x.application_id = a.id WHERE a.state = 'signed' AND `+thawed+` ORDER BY a.id`+db.Limit(1000))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	calls := make([]string, len(list))
	for i, b := range list {
		calls[i] = b.call
	}
	proven, err := contacts.Proven(tx, calls)
	var out []string
	for _, b := range list {
		if slices.Contains(proven, b.call) {
			out = append(out, b.app)
		}
	}
	return out, err
}

// tested moves on what answeredTests finds.
func (d Desk) tested(tx *db.Tx) error {
	list, err := answeredTests(tx)
	if err != nil {
		return err
	}
	for _, appID := range list {
		if err := tx.Spare("application "+appID, func() error {
			p, err := heldApp(tx, appID, Secretariat)
			if err != nil {
				return err
			}
			if err := p.move(tx, membership.AppTest, ""); err != nil {
				return err
			}
			p.record(tx, audience.Actor{}, EventAppTested, nil)
			return d.tell(tx, p)
		}); err != nil {
			return err
		}
	}
	return nil
}

// TestOf reads which application a test page's link belongs to, for the page
// on which it is answered.
func TestOf(tx *db.Tx, secret string) (number string, err error) {
	l, err := readAppLink(tx, secret)
	if err != nil {
		return "", err
	}
	if l.purpose != forTest {
		return "", errs.Missing("test page")
	}
	p, err := appByID(tx, l.app)
	return p.Number, err
}

// AnswerTest answers a test page by its link; it works once.
func (d Desk) AnswerTest(tx *db.Tx, secret string) error {
	l, err := readAppLink(tx, secret)
	if err != nil {
		return err
	}
	if l.purpose != forTest {
		return errs.Missing("test page")
	}
	p, err := heldApp(tx, l.app, Applicant)
	if err != nil {
		return err
	}
	if err := p.move(tx, membership.AppTest, ""); err != nil {
		return err
	}
	if err := p.endTests(tx, "The application's contact answered another test."); err != nil {
		return err
	}
	p.record(tx, audience.ForLink(p.ID), EventAppTested, nil)
	return d.tell(tx, p)
}
