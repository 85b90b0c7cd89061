package people

import (
	"net/netip"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/spec/text"
)

// How long a session holds.
const (
	SessionIdle = 12 * time.Hour      // without a request
	SessionLife = 30 * 24 * time.Hour // at most
	// touchEvery spares a write per request; idle time is measured this
	// coarsely.
	touchEvery  = 5 * time.Minute
	maxSessions = 50
)

// Where a sign-in comes from, kept for the owner to recognize it.
type Where struct {
	Agent   string // User-Agent
	Address string // of the client; sessions keep its network only
}

// Session is one browser signed in.
type Session struct {
	ID        string    `json:"id"`
	Person    string    `json:"person"`
	Means     string    `json:"means"`  // how it began: password, passkey, link, recovery, invitation, setup, demo
	Enroll    bool      `json:"enroll"` // proves too little yet: may only add a passkey or TOTP
	Agent     string    `json:"agent"`
	Address   string    `json:"address"` // network of the client: /24 or /48
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Entry is the outcome of a sign-in step: a session, or the demand for a
// second factor.
type Entry struct {
	Secret  string  // for the session cookie; "" while Pending is set
	Session Session // what Secret opens
	Pending string  // hand it to Desk.Second with a code
}

const sessionColumns = `s.id, s.person_id, s.means, s.enroll, s.agent, s.address, s.created_at, s.seen_at, s.expires_at`

func scanSession(s *Session) []any {
	return []any{&s.ID, &s.Person, &s.Means, &s.Enroll, &s.Agent, &s.Address, db.At(&s.CreatedAt), db.At(&s.SeenAt), db.At(&s.ExpiresAt)}
}

var signedOut = errs.New(errs.Unauthenticated, "You are not signed in, or your session has ended. Sign in again.")

// Open begins a session for an active person. It asks for no proof: what
// calls it has had one. Without passkey or TOTP the session is for enrolling
// only, unless means is "demo".
func Open(tx *db.Tx, personID, means string, w Where) (Entry, error) {
	p, err := Load(tx, personID)
	if err != nil {
		return Entry{}, err
	}
	if p.State != Active {
		return Entry{}, signedOut
	}
	enough, err := hasSecondFactor(tx, p.ID)
	if err != nil {
		return Entry{}, err
	}
	secret := id.Secret()
	s := Session{ID: id.New("ses", tx.Now), Person: p.ID, Means: means, Enroll: !enough && means != "demo", Agent: clip(w.Agent, 200), Address: network(w.Address), CreatedAt: tx.Now, SeenAt: tx.Now, ExpiresAt: tx.Now.Add(SessionLife)}
	_, err = tx.Exec(`INSERT INTO session (id, digest, person_id, means, enroll, agent, address, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		s.ID, id.Digest(secret), s.Person, s.Means, db.Bit(s.Enroll), s.Agent, s.Address, db.Micros(s.CreatedAt), db.Micros(s.SeenAt), db.Micros(s.ExpiresAt))
	if err != nil {
		return Entry{}, err
	}
	// The oldest go when somebody signs in over and over.
	if _, err := tx.Exec(`DELETE FROM session WHERE expires_at <= $1 OR seen_at <= $2`, db.Micros(tx.Now), db.Micros(tx.Now.Add(-SessionIdle))); err != nil {
		return Entry{}, err
	}
	if _, err := tx.Exec(`DELETE FROM session WHERE person_id = $1 AND id NOT IN (SELECT id FROM session WHERE person_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2)`, p.ID, maxSessions); err != nil {
		return Entry{}, err
	}
	note(tx, audience.Actor{Person: p.ID}, EventSignedIn, p, map[string]any{"session": s.ID, "means": means, "agent": s.Agent, "network": s.Address})
	return Entry{Secret: secret, Session: s}, nil
}

// ActorBySession is who a session cookie stands for, with their seats as they
// are now. Unauthenticated with the anonymous actor when it does not hold, or
// when the person is not active. An Enroll session gives an actor without
// seats: it can add a second factor and sees nothing.
func ActorBySession(tx *db.Tx, secret string) (audience.Actor, Session, error) {
	if !plausible(secret) {
		return audience.Actor{}, Session{}, signedOut
	}
	s, ok, err := db.One(tx, scanSession, `SELECT `+sessionColumns+` FROM session s WHERE s.digest = $1 AND s.expires_at > $2 AND s.seen_at > $3`,
		id.Digest(secret), db.Micros(tx.Now), db.Micros(tx.Now.Add(-SessionIdle)))
	if err != nil || !ok {
		return audience.Actor{}, Session{}, firstOf(err, signedOut)
	}
	a, err := ActorOf(tx, s.Person)
	if err != nil {
		return audience.Actor{}, Session{}, err
	}
	if s.Enroll {
		a.Seats = nil
	}
	return a, s, nil
}

// ActorOf is a person as an actor, with their seats as they are now.
// Unauthenticated with the anonymous actor unless the person is active.
func ActorOf(tx *db.Tx, personID string) (audience.Actor, error) {
	name, ok, err := db.One(tx, func(s *string) []any { return []any{s} }, `SELECT name FROM person WHERE id = $1 AND state = 'active'`, personID)
	if err != nil || !ok {
		return audience.Actor{}, firstOf(err, signedOut)
	}
	seats, err := audience.Seats(tx, personID)
	if err != nil {
		return audience.Actor{}, err
	}
	return audience.Actor{Person: personID, Name: name, Seats: seats}, nil
}

// DueTouch reports whether Touch should be called for the request at now.
func (s Session) DueTouch(now time.Time) bool { return now.Sub(s.SeenAt) >= touchEvery }

// Touch notes that a session is in use, so that it does not end by idleness.
func Touch(tx *db.Tx, sessionID string) error {
	_, err := tx.Exec(`UPDATE session SET seen_at = $1 WHERE id = $2 AND seen_at < $1`, db.Micros(tx.Now), sessionID)
	return err
}

// Sessions lists the actor's own sessions, last used first.
func Sessions(tx *db.Tx, a audience.Actor) ([]Session, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	return db.All(tx, scanSession, `SELECT `+sessionColumns+` FROM session s WHERE s.person_id = $1 AND s.expires_at > $2 AND s.seen_at > $3 ORDER BY s.seen_at DESC, s.id`,
		a.Person, db.Micros(tx.Now), db.Micros(tx.Now.Add(-SessionIdle)))
}

// End ends one of the actor's own sessions; signing out is ending the one in
// use.
func End(tx *db.Tx, a audience.Actor, sessionID string) error {
	p, err := own(tx, a)
	if err != nil {
		return err
	}
	if err := tx.Guarded(errs.Missing("session"), `DELETE FROM session WHERE id = $1 AND person_id = $2`, sessionID, a.Person); err != nil {
		return err
	}
	note(tx, a, EventSignedOut, p, map[string]string{"session": sessionID})
	return nil
}

// EndOthers ends all of the actor's sessions but one ("" for all).
func EndOthers(tx *db.Tx, a audience.Actor, keep string) error {
	p, err := own(tx, a)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`DELETE FROM session WHERE person_id = $1 AND id <> $2`, a.Person, keep)
	if err == nil && n > 0 {
		note(tx, a, EventSignedOut, p, map[string]int64{"ended": n})
	}
	return err
}

// own loads the actor's person for a verb on their own account. A token needs
// the scope admin.
func own(tx *db.Tx, a audience.Actor) (Person, error) {
	if err := charter.SignedIn(a); err != nil {
		return Person{}, err
	}
	if !charter.Allows(a, charter.ScopeAdmin) {
		return Person{}, errs.New(errs.Denied, "This token lacks the scope admin.")
	}
	return Load(tx, a.Person)
}

// network is the part of a client's address that is kept: enough to recognize
// a place, too little to follow a person.
func network(address string) string {
	ap, err := netip.ParseAddrPort(address)
	ip := ap.Addr()
	if err != nil {
		if ip, err = netip.ParseAddr(address); err != nil {
			return ""
		}
	}
	bits := 48
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		bits = 24
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}

// clip cleans and shortens what a client says of itself.
func clip(s string, limit int) string {
	if len(s) > 4*limit {
		s = s[:4*limit]
	}
	clean, _, err := text.CleanLine(strings.ToValidUTF8(s, ""), 4*limit)
	if err != nil {
		return ""
	}
	if r := []rune(clean); len(r) > limit {
		clean = string(r[:limit])
	}
	return clean
}

// plausible tells a secret that id.Secret could have made from other bytes.
func plausible(secret string) bool {
	if len(secret) != 43 {
		return false
	}
	for _, c := range []byte(secret) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
