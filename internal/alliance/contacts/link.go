package contacts

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
)

// What a mailed link is for.
const (
	linkConfirm = "confirm"
	linkAnswer  = "answer"
)

// ConfirmPath is where the link of a mail leads that asks whether a contact is
// still right.
func ConfirmPath(secret string) string { return "/contacts/confirm/" + secret }

// AnswerPath is where the link of a page leads.
func AnswerPath(secret string) string { return "/contacts/answer/" + secret }

type link struct {
	digest, kind, subject string
	version               int64
	expires, used         time.Time
}

// issue makes a single-use link and gives its secret, which is not kept.
func issue(tx *db.Tx, kind, subject string, version int64, until time.Time) (string, error) {
	secret := id.Secret()
	_, err := tx.Exec(`INSERT INTO contact_link (digest, kind, subject_id, version, expires_at) VALUES ($1, $2, $3, $4, $5)`, id.Digest(secret), kind, subject, version, db.Micros(until))
	return secret, err
}

// readLink finds a link by its secret: NotFound for a wrong one, Gone for one
// that was used or is too old.
func readLink(tx *db.Tx, kind, secret string) (link, error) {
	if len(secret) > 100 {
		return link{}, errs.Missing("link")
	}
	l, ok, err := db.One(tx, func(l *link) []any {
		return []any{&l.digest, &l.kind, &l.subject, &l.version, db.At(&l.expires), db.At(&l.used)}
	},
		`SELECT digest, kind, subject_id, version, expires_at, used_at FROM contact_link WHERE digest = $1 AND kind = $2`, id.Digest(secret), kind)
	switch {
	case err != nil:
	case !ok:
		err = errs.Missing("link")
	case !l.used.IsZero():
		err = errs.New(errs.Gone, "This link has been used. Thank you; there is nothing left to do.")
	case !tx.Now.Before(l.expires):
		err = errs.New(errs.Gone, "This link is too old to be used.")
	}
	return l, err
}

// use takes a link so that nobody uses it again.
func use(tx *db.Tx, kind, secret string) (link, error) {
	l, err := readLink(tx, kind, secret)
	if err != nil {
		return l, err
	}
	return l, tx.Guarded(errs.New(errs.Gone, "This link has been used. Thank you; there is nothing left to do."), `UPDATE contact_link SET used_at = $1 WHERE digest = $2 AND used_at IS NULL`, db.Micros(tx.Now), l.digest)
}

// Slip is all that a mailed link shows to whoever holds it.
type Slip struct {
	Name  string `json:"name"`  // of the contact
	Drill bool   `json:"drill"` // of a page: a test
}

// Confirmation reads the link of a mail that asks whether a contact is right.
func Confirmation(tx *db.Tx, secret string) (Slip, error) {
	l, err := readLink(tx, linkConfirm, secret)
	if err != nil {
		return Slip{}, err
	}
	type row struct {
		name    string
		version int64
	}
	c, ok, err := db.One(tx, func(r *row) []any { return []any{&r.name, &r.version} }, `SELECT name, version FROM contact WHERE id = $1`, l.subject)
	if err == nil && (!ok || c.version != l.version) {
		err = errs.New(errs.Gone, "This contact was changed or confirmed since the mail was sent. There is nothing left to answer.")
	}
	return Slip{Name: c.name}, err
}

// Settle answers a confirmation, once: the contact is still right, or no
// longer, which its organization is then told.
func Settle(tx *db.Tx, secret string, right bool) error {
	l, err := use(tx, linkConfirm, secret)
	if err != nil {
		return err
	}
	return settle(tx, l, right)
}

// PageSlip reads the link of a page.
func PageSlip(tx *db.Tx, secret string) (Slip, error) {
	_, p, c, err := paged(tx, secret)
	return Slip{Name: p.Name, Drill: c.Drill}, err
}

// paged finds the page and the running call of an answer link.
func paged(tx *db.Tx, secret string) (l link, p Page, c Call, err error) {
	if l, err = readLink(tx, linkAnswer, secret); err != nil {
		return l, p, c, err
	}
	if p, _, err = db.One(tx, scanPage, `SELECT `+pageColumns+` FROM contact_page p WHERE p.id = $1`, l.subject); err != nil {
		return l, p, c, err
	}
	if c, err = loadCall(tx, p.Call); err == nil && c.State != Running {
		err = over(c)
	}
	return l, p, c, err
}

func over(c Call) *errs.Error {
	what := "call"
	if c.Drill {
		what = "test"
	}
	if c.State == Answered {
		return errs.New(errs.Gone, "Somebody has answered this %s already. There is nothing left to do.", what)
	}
	return errs.New(errs.Gone, "This %s has ended. There is nothing left to do.", what)
}

// Answer takes a page by its link, once: whoever was paged has it, and the
// call ends.
func Answer(tx *db.Tx, secret string) error {
	l, p, c, err := paged(tx, secret)
	if err != nil {
		return err
	}
	if _, err := use(tx, l.kind, secret); err != nil {
		return err
	}
	return c.answered(tx, voice{contact: p.Contact, page: p.ID})
}
