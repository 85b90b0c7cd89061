package membership

import (
	"encoding/hex"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/limit"
	"tocsin/internal/kernel/outbox"
)

// AppLinkPath is where an applicant's secret link leads on this server.
func AppLinkPath(secret string) string { return "/applying/" + secret }

// TestPath is where the link of a test page leads on this server.
func TestPath(secret string) string { return "/applying/answer/" + secret }

const (
	forPage = "page" // made with the draft, shown once
	forMail = "mail" // mailed to the contact: using it proves the mailbox
	forTest = "test" // the test page's answer

	testLife = 14 * 24 * time.Hour
)

// Limits of what strangers may do.
const (
	appsPerHour = 5   // begun from one address
	appsPerDay  = 15  // begun from one address
	appsInAll   = 100 // begun in an hour from all addresses together
	appLinkUses = 120 // writes and wrong links from one address in an hour
	appMails    = 5   // mails to one address in a day, asked for by a stranger
)

// AllowBegin counts a draft begun from an address (the door's word for where
// it comes from) and answers RateLimited when there were too many. The door
// runs it in a transaction of its own before Begin.
func (d Desk) AllowBegin(tx *db.Tx, address string) error {
	key := d.key(address)
	if err := limit.Allow(tx, "application hour "+key, appsPerHour, time.Hour); err != nil {
		return err
	}
	if err := limit.Allow(tx, "application day "+key, appsPerDay, 24*time.Hour); err != nil {
		return err
	}
	return limit.Allow(tx, "application everywhere", appsInAll, time.Hour)
}

// AllowLink is AllowBegin for what is done through a secret link, and for
// links that turned out wrong.
func (d Desk) AllowLink(tx *db.Tx, address string) error {
	return limit.Allow(tx, "applicant "+d.key(address), appLinkUses, time.Hour)
}

func (d Desk) key(s string) string {
	return hex.EncodeToString(d.Sealer.Mac("application address", []byte(s))[:16])
}

func newAppLink(tx *db.Tx, appID, purpose, address string, life time.Duration) (string, error) {
	secret := id.Secret()
	_, err := tx.Exec(`INSERT INTO application_link (digest, application_id, purpose, address, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id.Digest(secret), appID, purpose, address, db.Micros(tx.Now), db.Micros(tx.Now.Add(life)))
	return secret, err
}

type appLink struct {
	app, purpose, address string
	expires, ended        time.Time
}

func readAppLink(tx *db.Tx, secret string) (appLink, error) {
	if len(secret) != 43 {
		return appLink{}, errs.Missing("application")
	}
	l, ok, err := db.One(tx, func(l *appLink) []any {
		return []any{&l.app, &l.purpose, &l.address, db.At(&l.expires), db.At(&l.ended)}
	}, `SELECT application_id, purpose, address, expires_at, ended_at FROM application_link WHERE digest = $1`, id.Digest(secret))
	if err != nil || !ok {
		return appLink{}, missing(err, "application")
	}
	if !l.ended.IsZero() {
		return appLink{}, errs.New(errs.Gone, "This link has ended or was replaced by a newer one. Use the latest link you were given.")
	}
	if !tx.Now.Before(l.expires) {
		return appLink{}, errs.New(errs.Gone, "This link has expired. Write to the secretariat and name the number of your application to get a new one.")
	}
	return l, nil
}

// ApplicantActor is who shows the secret of an applicant's link: NotFound for
// one that never was, Gone for one that expired or was replaced.
func ApplicantActor(tx *db.Tx, secret string) (audience.Actor, error) {
	l, err := readAppLink(tx, secret)
	if err != nil {
		return audience.Actor{}, err
	}
	if l.purpose == forTest {
		return audience.Actor{}, errs.Missing("application")
	}
	return audience.ForLink(l.app), nil
}

// Mailed reports whether the secret is the one that was mailed to the contact
// and whose address it proves is not proved yet, so that a page can ask.
func Mailed(tx *db.Tx, secret string) (bool, error) {
	l, err := readAppLink(tx, secret)
	if err != nil || l.purpose != forMail {
		return false, err
	}
	p, err := appByID(tx, l.app)
	return p.ConfirmedAt.IsZero() && p.Contact == l.address, err
}

// Confirm proves the contact's address by the secret that was mailed to it.
func (d Desk) Confirm(tx *db.Tx, secret string) (Application, error) {
	l, err := readAppLink(tx, secret)
	if err != nil {
		return Application{}, err
	}
	a := audience.ForLink(l.app)
	p, err := holdApp(tx, a, l.app)
	if err != nil {
		return p, err
	}
	if l.purpose != forMail || l.address != p.Contact {
		return p.shown(), errs.New(errs.Conflict, "This link does not prove the address %s. Open the link that was mailed there last.", p.Contact)
	}
	if !p.ConfirmedAt.IsZero() {
		return p.shown(), nil
	}
	if _, err := tx.Exec(`UPDATE application SET confirmed_at = $1, version = version + 1 WHERE id = $2`, db.Micros(tx.Now), p.ID); err != nil {
		return p, err
	}
	p.record(tx, a, EventAppConfirmed, nil)
	return App(tx, a, p.ID)
}

// Relink gives the applicant a new link: the applicant's own wish, or the
// secretariat's for somebody who lost it, to whom it is mailed. All links
// before end at once. The secret comes back to the applicant only.
func (d Desk) Relink(tx *db.Tx, a audience.Actor, ref string) (secret string, err error) {
	p, err := asApplicant(tx, a, ref)
	mine := err == nil
	if errs.Is(err, errs.Denied) {
		p, err = asSecretary(tx, a, ref)
	}
	if err != nil {
		return "", err
	}
	if !p.Newcomer {
		return "", errs.New(errs.Conflict, "This application was made signed in; it has no link.")
	}
	if _, err := tx.Exec(`UPDATE application_link SET ended_at = $1 WHERE application_id = $2 AND purpose <> 'test' AND ended_at IS NULL`, db.Micros(tx.Now), p.ID); err != nil {
		return "", err
	}
	p.record(tx, a, EventAppRelinked, nil)
	if err := d.mailLink(tx, p); err != nil || !mine {
		return "", err
	}
	return newAppLink(tx, p.ID, forPage, "", AppLife+testLife)
}

// mailLink mails the contact a link of its own.
func (d Desk) mailLink(tx *db.Tx, p Application) error {
	if d.Box == nil || !p.Newcomer {
		return nil
	}
	if err := limit.Allow(tx, "application mail "+d.key(p.Contact), appMails, 24*time.Hour); err != nil {
		return err
	}
	secret, err := newAppLink(tx, p.ID, forMail, p.Contact, AppLife+testLife)
	if err != nil {
		return err
	}
	return d.Box.Put(tx, outbox.Item{Key: "application link " + id.Digest(secret), Kind: "mail", Address: p.Contact}, outbox.Mail{
		Subject: "[" + p.Number + "] Your application to " + p.ProgramName,
		Text: `Somebody, probably you, began an application of ` + p.Name + `
to ` + p.ProgramName + `. Open this link to confirm your address and to go on:

` + d.URL + AppLinkPath(secret) + `

The link opens the application; keep it to yourself. If you did not expect
it, you need do nothing: nothing is submitted without your confirmation.
`}, time.Time{})
}

// mailNews writes to a newcomer's proved address that something moved: the
// number, nothing of the matter, and no link, since mail is read by others.
func (d Desk) mailNews(tx *db.Tx, p Application, key, what string) error {
	if d.Box == nil || !p.Newcomer || p.ConfirmedAt.IsZero() {
		return nil
	}
	return d.Box.Put(tx, outbox.Item{Key: "application " + p.ID + " " + key, Kind: "mail", Address: p.Contact},
		outbox.Mail{Subject: "[" + p.Number + "] " + what, Text: what + "\n\nPlease open the secret link of your application " + p.Number + ".\n"}, time.Time{})
}
