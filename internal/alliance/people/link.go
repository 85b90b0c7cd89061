package people

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
)

// The kinds of sign-in links.
const (
	LinkMailed  = "mailed"  // proves the mailbox; a second factor, if there is one, is asked for
	LinkPrinted = "printed" // given by an operator who knows the person; enough by itself
	LinkDemo    = "demo"    // reusable, works on a server in demo mode only
)

// LinkLife is how long a sign-in link of a kind holds.
var LinkLife = map[string]time.Duration{LinkMailed: 30 * time.Minute, LinkPrinted: 24 * time.Hour, LinkDemo: 10 * 365 * 24 * time.Hour}

// SignInPath is where a sign-in link leads on this server.
func SignInPath(secret string) string { return "/sign-in/" + secret }

// SignInLink makes a printed link for a person; operators may. Links of that
// kind made before end.
func SignInLink(tx *db.Tx, a audience.Actor, personID string) (secret string, err error) {
	p, err := byOperator(tx, a, personID)
	if err != nil {
		return "", err
	}
	return IssueLink(tx, a, p.ID, LinkPrinted)
}

// IssueLink is SignInLink of any kind. It asks nobody: it is for the command
// that runs on the server itself and for making demo data.
func IssueLink(tx *db.Tx, a audience.Actor, personID, kind string) (secret string, err error) {
	p, err := Load(tx, personID)
	if err != nil {
		return "", err
	}
	if p.State != Active {
		return "", errs.New(errs.Conflict, "Only an active person can sign in; this account is %s.", p.State)
	}
	life, ok := LinkLife[kind]
	if !ok {
		return "", errs.New(errs.Internal, "There is no sign-in link of the kind %s.", kind)
	}
	if _, err := tx.Exec(`DELETE FROM sign_in_link WHERE person_id = $1 AND kind = $2`, p.ID, kind); err != nil {
		return "", err
	}
	secret = id.Secret()
	_, err = tx.Exec(`INSERT INTO sign_in_link (digest, person_id, kind, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`, id.Digest(secret), p.ID, kind, db.Micros(tx.Now), db.Micros(tx.Now.Add(life)))
	if err == nil && kind == LinkPrinted {
		record(tx, a, EventSecured, p, map[string]string{"credential": "sign-in link"})
	}
	return secret, err
}

// useLink takes a link and returns whose and of which kind it is.
func useLink(tx *db.Tx, secret string, demo bool) (p Person, kind string, err error) {
	missing := errs.Missing("sign-in link")
	if !plausible(secret) {
		return Person{}, "", missing
	}
	type row struct {
		person, kind  string
		expires, used time.Time
	}
	r, ok, err := db.One(tx, func(r *row) []any { return []any{&r.person, &r.kind, db.At(&r.expires), db.At(&r.used)} },
		`SELECT person_id, kind, expires_at, used_at FROM sign_in_link WHERE digest = $1`, id.Digest(secret))
	if err != nil || !ok || r.kind == LinkDemo && !demo {
		return Person{}, "", firstOf(err, missing)
	}
	gone := errs.New(errs.Gone, "This sign-in link has been used or has expired. Ask for a new one.")
	if !r.used.IsZero() || !tx.Now.Before(r.expires) {
		return Person{}, "", gone
	}
	if r.kind != LinkDemo {
		if err := tx.Guarded(gone, `UPDATE sign_in_link SET used_at = $1 WHERE digest = $2 AND used_at IS NULL`, db.Micros(tx.Now), id.Digest(secret)); err != nil {
			return Person{}, "", err
		}
	}
	p, err = Load(tx, r.person)
	if err == nil && p.State != Active {
		err = gone
	}
	return p, r.kind, err
}

// Add makes an active person without an invitation. It asks nobody: it is
// for founding, for demo data and for commands on the server itself.
func Add(tx *db.Tx, a audience.Actor, email, name string) (Person, error) {
	clean, err := ParseEmail(email)
	if err != nil {
		return Person{}, err
	}
	if name, err = cleanName(name); err != nil {
		return Person{}, err
	}
	have, err := db.Value[int](tx, `SELECT COUNT(*) FROM person WHERE email = $1`, clean)
	if err != nil || have > 0 {
		return Person{}, firstOf(err, errs.Bad("email", "There is an account with this address already."))
	}
	p, err := create(tx, a, clean, name)
	if err != nil {
		return Person{}, err
	}
	return move(tx, a, p, Active, EventJoined, Invited)
}

// First makes the first account when the alliance is founded: operator and
// coordinator. Conflict once there is an operator.
func First(tx *db.Tx, email, name string) (Person, error) {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM office WHERE role = $1`, charter.Operator)
	if err != nil || n > 0 {
		return Person{}, firstOf(err, errs.New(errs.Conflict, "This alliance has an operator already. Ask them for an invitation."))
	}
	p, err := Add(tx, audience.Actor{}, email, name)
	if err != nil {
		return Person{}, err
	}
	for _, r := range []string{charter.Operator, charter.Coordinator} {
		if err := grant(tx, audience.Actor{}, p, r); err != nil {
			return Person{}, err
		}
	}
	return p, nil
}
