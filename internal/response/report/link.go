package report

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
)

// LinkLife is how long a finder's link holds after it was made or last used
// for more than looking.
const LinkLife = 365 * 24 * time.Hour

// LinkPath is where a finder's link leads on this server.
func LinkPath(secret string) string { return "/report/" + secret }

type link struct {
	report                  string
	created, expires, ended time.Time
}

const linkColumns = `report_id, created_at, expires_at, ended_at`

func scanLink(l *link) []any {
	return []any{&l.report, db.At(&l.created), db.At(&l.expires), db.At(&l.ended)}
}

func newLink(tx *db.Tx, reportID, secret string) (time.Time, error) {
	expires := tx.Now.Add(LinkLife)
	_, err := tx.Exec(`INSERT INTO report_link (digest, report_id, created_at, expires_at) VALUES ($1, $2, $3, $4)`, id.Digest(secret), reportID, db.Micros(tx.Now), db.Micros(expires))
	return expires, err
}

// FinderActor is who shows the secret of a finder's link. NotFound for a
// secret that never was one; Gone for one that expired or was replaced. The
// look-up is by the secret's digest, so its time tells nothing of the secret.
func FinderActor(tx *db.Tx, secret string) (audience.Actor, error) {
	missing := errs.Missing("report")
	if len(secret) != 43 {
		return audience.Actor{}, missing
	}
	l, ok, err := db.One(tx, scanLink, `SELECT `+linkColumns+` FROM report_link WHERE digest = $1`, id.Digest(secret))
	if err != nil || !ok {
		return audience.Actor{}, firstOf(err, missing)
	}
	if !l.ended.IsZero() {
		return audience.Actor{}, errs.New(errs.Gone, "This link was replaced by a newer one. Use the latest link you were given.")
	}
	if !tx.Now.Before(l.expires) {
		return audience.Actor{}, errs.New(errs.Gone, "This link has expired. Write to the coordinators and name the number of your report to get a new one.")
	}
	return audience.ForLink(l.report), nil
}

// renew lets a link that is in use live on.
func renew(tx *db.Tx, a audience.Actor) error {
	if a.Link == "" {
		return nil
	}
	_, err := tx.Exec(`UPDATE report_link SET expires_at = $1 WHERE report_id = $2 AND ended_at IS NULL`, db.Micros(tx.Now.Add(LinkLife)), a.Link)
	return err
}

// Rotate replaces the finder's link: the finder's own wish, or a coordinator's
// for a finder who lost it. Links made before end at once.
func Rotate(tx *db.Tx, a audience.Actor, ref string) (Receipt, error) {
	r, err := found(tx, a, ref)
	if errs.Is(err, errs.Denied) {
		r, err = coordinated(tx, a, ref)
	}
	if err != nil {
		return Receipt{}, err
	}
	if _, err := tx.Exec(`UPDATE report_link SET ended_at = $1 WHERE report_id = $2 AND ended_at IS NULL`, db.Micros(tx.Now), r.ID); err != nil {
		return Receipt{}, err
	}
	secret := id.Secret()
	expires, err := newLink(tx, r.ID, secret)
	if err != nil {
		return Receipt{}, err
	}
	record(tx, a, r, EventRelinked, nil)
	return Receipt{r.ID, r.Number, secret, expires}, nil
}
