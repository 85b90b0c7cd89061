package people

import (
	"context"
	"net/netip"
	"net/url"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"

	"github.com/go-webauthn/webauthn/webauthn"
)

// Desk is where people prove who they are. Verbs that hash a password, or
// count an attempt that fails, take a context and make their own transactions:
// the first must not hold the database up, the second must stay counted.
type Desk struct {
	DB     *db.DB
	Sealer *seal.Sealer
	Box    *outbox.Box
	Demo   bool // demo links open sessions
	web    *webauthn.WebAuthn
}

// NewDesk makes a desk for a server reached at serverURL (charter.URL, or
// TOCSIN_URL). Where that address cannot have passkeys (plain HTTP, an IP
// address), they are off.
func NewDesk(d *db.DB, s *seal.Sealer, box *outbox.Box, serverURL string, demo bool) (*Desk, error) {
	u, err := url.Parse(serverURL)
	if err != nil || u.Hostname() == "" {
		return nil, errs.New(errs.Invalid, "The server's address is not a web address.")
	}
	desk := &Desk{DB: d, Sealer: s, Box: box, Demo: demo}
	_, err = netip.ParseAddr(u.Hostname())
	if err == nil || u.Scheme != "https" && u.Hostname() != "localhost" {
		return desk, nil
	}
	desk.web, err = webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "Tocsin", RPOrigins: []string{u.Scheme + "://" + u.Host}})
	return desk, err
}

// SignIn is what somebody typed to sign in.
type SignIn struct {
	Email    string
	Password string
	Code     string // TOTP or recovery code, or "" to be asked for it
}

var wrong = errs.New(errs.Unauthenticated, "Address, password or code do not fit. Check them, or ask for a sign-in link by mail.")

// SignIn opens a session for a password, with a second factor where there is
// one: from in.Code, or with Entry.Pending and Second. The answer and the work
// are the same for an unknown account and a wrong password.
func (d *Desk) SignIn(ctx context.Context, in SignIn, w Where) (Entry, error) {
	email, err := ParseEmail(in.Email)
	if err != nil {
		email = "?" // counted and checked like any other unknown one
	}
	account := accountKey(email)
	if err := d.count(ctx, account, perAccount, w); err != nil {
		return Entry{}, err
	}
	type row struct{ person, hash string }
	var r row
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		r, _, err = db.One(tx, func(r *row) []any { return []any{&r.person, &r.hash} },
			`SELECT p.id, w.hash FROM person p JOIN person_password w ON w.person_id = p.id WHERE p.email = $1 AND p.state = 'active'`, email)
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	if !fits(r.hash, in.Password) || r.person == "" {
		return Entry{}, wrong
	}
	var e Entry
	err = d.DB.Write(ctx, func(tx *db.Tx) error {
		// The hash again: the password may have changed meanwhile.
		same, err := db.Value[string](tx, `SELECT hash FROM person_password WHERE person_id = $1`, r.person)
		if err != nil || same != r.hash {
			return firstOf(err, wrong)
		}
		e, err = d.proceed(tx, r.person, "password", in.Code, w)
		if err == nil && e.Secret != "" {
			err = forgive(tx, account, perAccount)
		}
		return err
	})
	return e, err
}

// count counts an attempt on an account from an address, in a transaction of
// its own, before anything is checked.
func (d *Desk) count(ctx context.Context, account string, windows []window, w Where) error {
	return d.DB.Write(ctx, func(tx *db.Tx) error {
		if err := take(tx, account, windows); err != nil {
			return err
		}
		return take(tx, addressKey(w), perAddress)
	})
}

func accountKey(email string) string { return "sign-in " + id.Digest(email)[:32] }

// addressKey counts by address, on IPv6 by the /64 that one customer has.
func addressKey(w Where) string {
	ap, err := netip.ParseAddrPort(w.Address)
	ip := ap.Addr()
	if err != nil {
		if ip, err = netip.ParseAddr(w.Address); err != nil {
			return "sign-in from ?"
		}
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return "sign-in from " + p.String()
		}
	}
	return "sign-in from " + ip.String()
}

type secondStep struct{ Means string }

// proceed asks for the second factor where there is one, and opens the
// session where there is none or it fits.
func (d *Desk) proceed(tx *db.Tx, personID, means, code string, w Where) (Entry, error) {
	needs, err := hasSecondFactor(tx, personID)
	if err != nil {
		return Entry{}, err
	}
	if !needs {
		return Open(tx, personID, means, w)
	}
	if code == "" {
		pending, err := begin(tx, d.Sealer, "second", personID, secondStep{means})
		return Entry{Pending: pending}, err
	}
	ok, err := useTOTP(tx, d.Sealer, personID, code)
	if err != nil {
		return Entry{}, err
	}
	if !ok {
		if ok, err = useRecovery(tx, personID, code); err != nil || !ok {
			return Entry{}, firstOf(err, wrong)
		}
		means = "recovery"
	}
	return Open(tx, personID, means, w)
}

// Second finishes a sign-in whose password or mailed link was right with a
// TOTP code or a recovery code.
func (d *Desk) Second(ctx context.Context, pending, code string, w Where) (Entry, error) {
	var step secondStep
	var account, personID string
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if personID, err = resume(tx, d.Sealer, "second", pending, &step); err != nil {
			return err
		}
		p, err := Load(tx, personID)
		account = "second " + p.ID
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	if code == "" {
		return Entry{}, errs.Bad("code", "Type the code that the app shows, or a recovery code.")
	}
	if err := d.count(ctx, account, perAccount, w); err != nil {
		return Entry{}, err
	}
	var e Entry
	err = d.DB.Write(ctx, func(tx *db.Tx) error {
		if err := finish(tx, pending); err != nil {
			return err
		}
		if e, err = d.proceed(tx, personID, step.Means, code, w); err != nil {
			return err
		}
		p, err := Load(tx, personID)
		if err != nil {
			return err
		}
		if err := forgive(tx, account, perAccount); err != nil {
			return err
		}
		return forgive(tx, accountKey(p.Email), perAccount)
	})
	return e, err
}

// MailLink mails a sign-in link to the address, if an active account has it.
// The answer tells nothing of that.
func (d *Desk) MailLink(ctx context.Context, email string, w Where) error {
	clean, err := ParseEmail(email)
	if err != nil {
		return err
	}
	if err := d.count(ctx, "link "+accountKey(clean), perMailbox, w); err != nil {
		return err
	}
	return d.DB.Write(ctx, func(tx *db.Tx) error {
		name, site, err := siteOf(tx)
		if err != nil {
			return err
		}
		p, err := ByEmail(tx, clean)
		if errs.Is(err, errs.NotFound) || err == nil && p.State != Active {
			_, err = d.Sealer.Seal(make([]byte, 500)) // as much work as the mail would be
			return err
		}
		if err != nil {
			return err
		}
		secret, err := IssueLink(tx, audience.Actor{}, p.ID, LinkMailed)
		if err != nil {
			return err
		}
		return d.Box.Put(tx, outbox.Item{Key: "sign-in-link:" + id.Digest(secret), Kind: "mail", Person: p.ID, Address: p.Email},
			linkMail(name, site+SignInPath(secret)), time.Time{})
	})
}

// UseLink opens a session for a sign-in link, or asks for the second factor
// where the link was mailed and there is one. NotFound for a wrong link, Gone
// for one that was used or has expired.
func (d *Desk) UseLink(tx *db.Tx, secret string, w Where) (Entry, error) {
	p, kind, err := useLink(tx, secret, d.Demo)
	if err != nil {
		return Entry{}, err
	}
	switch kind {
	case LinkMailed:
		return d.proceed(tx, p.ID, "link", "", w)
	case LinkDemo:
		return Open(tx, p.ID, "demo", w)
	}
	return Open(tx, p.ID, "link", w)
}

// fresh is how long after signing in by link or recovery code the old
// password is not asked for, since it may be what was lost.
const fresh = time.Hour

// ChangePassword sets the actor's password. The old one must be given unless
// there is none or s has just begun with a link or a recovery code. All other
// sessions end, and the person is told by mail.
func (d *Desk) ChangePassword(ctx context.Context, a audience.Actor, s Session, old, plain string) error {
	var p Person
	var hash string
	excused := false
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = own(tx, a); err != nil {
			return err
		}
		excused = s.Person == p.ID && (s.Means == "link" || s.Means == "recovery") && tx.Now.Sub(s.CreatedAt) < fresh
		hash, err = db.Value[string](tx, `SELECT hash FROM person_password WHERE person_id = $1`, p.ID)
		return err
	})
	if err != nil {
		return err
	}
	if hash != "" && !excused {
		if err := d.DB.Write(ctx, func(tx *db.Tx) error { return take(tx, "password "+p.ID, perAccount) }); err != nil {
			return err
		}
		if !fits(hash, old) {
			return errs.Bad("old", "The old password does not fit.")
		}
	}
	next, err := NewPassword(plain, p.Email, p.Name)
	if err != nil {
		return err
	}
	return d.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := db.Value[string](tx, `SELECT hash FROM person_password WHERE person_id = $1`, p.ID)
		if err != nil || now != hash {
			return firstOf(err, errs.New(errs.Conflict, "The password was changed a moment ago from elsewhere."))
		}
		if err := keepPassword(tx, a, p, next); err != nil {
			return err
		}
		if err := forgive(tx, "password "+p.ID, perAccount); err != nil {
			return err
		}
		if err := EndOthers(tx, a, s.ID); err != nil {
			return err
		}
		for _, q := range []string{`DELETE FROM sign_in_link WHERE kind <> 'demo' AND person_id = $1`, `DELETE FROM ceremony WHERE person_id = $1`} {
			if _, err := tx.Exec(q, p.ID); err != nil {
				return err
			}
		}
		name, site, err := siteOf(tx)
		if err != nil || hash == "" {
			return err
		}
		return d.Box.Put(tx, outbox.Item{Key: id.New("password", tx.Now), Kind: "mail", Person: p.ID, Address: p.Email}, passwordMail(name, site), time.Time{})
	})
}

func keepPassword(tx *db.Tx, a audience.Actor, p Person, w Password) error {
	_, err := tx.Exec(`INSERT INTO person_password (person_id, hash, changed_at) VALUES ($1, $2, $3) ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`,
		p.ID, w.encoded, db.Micros(tx.Now))
	if err == nil {
		record(tx, a, EventSecured, p, map[string]string{"credential": "password"})
	}
	return err
}

// RemovePassword leaves the actor with passkeys alone. Conflict without one.
func RemovePassword(tx *db.Tx, a audience.Actor) error {
	p, err := own(tx, a)
	if err != nil {
		return err
	}
	f, err := FactorsOf(tx, a)
	if err != nil {
		return err
	}
	if len(f.Passkeys) == 0 {
		return errs.New(errs.Conflict, "The password is the only way to sign in. Add a passkey first.")
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "There is no password to remove."), `DELETE FROM person_password WHERE person_id = $1`, p.ID); err != nil {
		return err
	}
	record(tx, a, EventUnsecured, p, map[string]string{"credential": "password"})
	return nil
}
