package people

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/spec/text"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

const (
	maxPasskeys = 20
	maxResponse = 64 << 10
)

// Passkey is one WebAuthn credential of a person.
type Passkey struct {
	ID        string    `json:"id"`
	Label     string    `json:"label"`
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"used_at,omitzero"`
}

type keptPasskey struct {
	Passkey
	credential webauthn.Credential
}

func passkeys(tx *db.Tx, personID string) ([]keptPasskey, error) {
	return db.All(tx, func(k *keptPasskey) []any {
		return []any{&k.ID, &k.Label, db.JSON(&k.credential), db.At(&k.CreatedAt), db.At(&k.UsedAt)}
	}, `SELECT id, label, data, created_at, used_at FROM passkey WHERE person_id = $1 ORDER BY created_at, id`, personID)
}

// holder is a person as the WebAuthn library wants one.
type holder struct {
	person Person
	keys   []keptPasskey
}

func (h holder) WebAuthnID() []byte          { return []byte(h.person.ID) }
func (h holder) WebAuthnName() string        { return h.person.Email }
func (h holder) WebAuthnDisplayName() string { return h.person.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	out := make([]webauthn.Credential, len(h.keys))
	for i, k := range h.keys {
		out[i] = k.credential
	}
	return out
}

func (d *Desk) passkeysWork() error {
	if d.web == nil {
		return errs.New(errs.Conflict, "Passkeys need a server that is reached by a host name over HTTPS. Use a password with an authenticator app.")
	}
	return nil
}

// PasskeysWork reports whether this server's address allows passkeys: a host
// name over HTTPS, or localhost.
func (d *Desk) PasskeysWork() bool { return d.web != nil }

// BeginPasskey starts adding a passkey (WebAuthn Level 3, 7.1). options is
// the JSON for PublicKeyCredential.parseCreationOptionsFromJSON, in a member
// "publicKey"; the answer goes to FinishPasskey with the ceremony.
func (d *Desk) BeginPasskey(tx *db.Tx, a audience.Actor) (options []byte, ceremony string, err error) {
	p, err := own(tx, a)
	if err == nil {
		err = d.passkeysWork()
	}
	if err != nil {
		return nil, "", err
	}
	h := holder{person: p}
	if h.keys, err = passkeys(tx, p.ID); err != nil {
		return nil, "", err
	}
	if len(h.keys) >= maxPasskeys {
		return nil, "", errs.New(errs.Conflict, "There are %s already. Remove one that is not used.", text.Plural(len(h.keys), "passkey", "passkeys"))
	}
	var known []protocol.CredentialDescriptor
	for _, k := range h.keys {
		known = append(known, k.credential.Descriptor())
	}
	creation, session, err := d.web.BeginRegistration(h, webauthn.WithExclusions(known),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}),
		webauthn.WithConveyancePreference(protocol.PreferNoAttestation))
	if err != nil {
		return nil, "", err
	}
	return d.ask(tx, "passkey-new", p.ID, creation, session)
}

func (d *Desk) ask(tx *db.Tx, kind, personID string, options any, session *webauthn.SessionData) ([]byte, string, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return nil, "", err
	}
	session.Expires = time.Time{} // the ceremony expires, by our clock
	ceremony, err := begin(tx, d.Sealer, kind, personID, session)
	return text, ceremony, err
}

// FinishPasskey keeps the passkey that a browser made, as JSON from
// PublicKeyCredential.toJSON. The session in use (its id) becomes a full one;
// recovery codes are returned when there were none.
func (d *Desk) FinishPasskey(tx *db.Tx, a audience.Actor, sessionID, ceremony, label string, response []byte) (k Passkey, recovery []string, err error) {
	p, err := own(tx, a)
	if err == nil {
		err = d.passkeysWork()
	}
	if err != nil {
		return k, nil, err
	}
	var session webauthn.SessionData
	person, err := resume(tx, d.Sealer, "passkey-new", ceremony, &session)
	if err != nil {
		return k, nil, err
	}
	if person != p.ID {
		return k, nil, ceremonyGone
	}
	if label, _, err = text.CleanLine(label, 100); err != nil {
		return k, nil, errs.Bad("label", "Please correct the label: %s.", err)
	}
	if label == "" {
		label = "Passkey of " + tx.Now.Format("2006-01-02")
	}
	made, err := d.created(p, session, response)
	if err != nil {
		return k, nil, err
	}
	k = Passkey{ID: id.New("pky", tx.Now), Label: label, CreatedAt: tx.Now}
	_, err = tx.Exec(`INSERT INTO passkey (id, person_id, credential, label, data, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		k.ID, p.ID, base64.RawURLEncoding.EncodeToString(made.ID), k.Label, db.JSON(made), db.Micros(tx.Now))
	if db.Taken(err) {
		return k, nil, errs.New(errs.Conflict, "This passkey is known already.")
	}
	if err != nil {
		return k, nil, err
	}
	if err := finish(tx, ceremony); err != nil {
		return k, nil, err
	}
	record(tx, a, EventSecured, p, map[string]string{"credential": "passkey", "label": k.Label})
	recovery, err = secured(tx, p, sessionID)
	return k, recovery, err
}

var badPasskey = "The passkey's answer does not fit. Start again; if it keeps failing, use another way to sign in."

func (d *Desk) created(p Person, session webauthn.SessionData, response []byte) (*webauthn.Credential, error) {
	if len(response) > maxResponse {
		return nil, errs.New(errs.TooLarge, "A passkey's answer is shorter than this.")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, errs.Wrap(errs.Malformed, err, "%s", badPasskey)
	}
	made, err := d.web.CreateCredential(holder{person: p}, session, parsed)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "%s", badPasskey)
	}
	return made, nil
}

// RemovePasskey takes one of the actor's passkeys away. Conflict while it is
// the only second factor.
func RemovePasskey(tx *db.Tx, a audience.Actor, passkeyID string) error {
	p, err := own(tx, a)
	if err != nil {
		return err
	}
	// Touching all of them makes two removals at once wait for each other.
	if _, err := tx.Exec(`UPDATE passkey SET label = label WHERE person_id = $1`, p.ID); err != nil {
		return err
	}
	f, err := FactorsOf(tx, a)
	if err != nil {
		return err
	}
	if len(f.Passkeys) < 2 && (!f.TOTP || !f.Password) {
		return errs.New(errs.Conflict, "This passkey is the only way to sign in. Add another passkey, or a password with an authenticator app, first.")
	}
	if err := tx.Guarded(errs.Missing("passkey"), `DELETE FROM passkey WHERE id = $1 AND person_id = $2`, passkeyID, p.ID); err != nil {
		return err
	}
	record(tx, a, EventUnsecured, p, map[string]string{"credential": "passkey"})
	return nil
}

// BeginLogin starts signing in with a passkey that the browser offers
// (discoverable; WebAuthn Level 3, 7.2). options is the JSON for
// PublicKeyCredential.parseRequestOptionsFromJSON, in a member "publicKey".
func (d *Desk) BeginLogin(tx *db.Tx, w Where) (options []byte, ceremony string, err error) {
	if err := d.passkeysWork(); err != nil {
		return nil, "", err
	}
	if err := take(tx, addressKey(w), perAddress); err != nil {
		return nil, "", err
	}
	assertion, session, err := d.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", err
	}
	return d.ask(tx, "passkey-login", "", assertion, session)
}

// FinishLogin opens a session for the passkey's owner. Whatever is wrong, the
// answer is the same.
func (d *Desk) FinishLogin(tx *db.Tx, ceremony string, response []byte, w Where) (Entry, error) {
	if err := d.passkeysWork(); err != nil {
		return Entry{}, err
	}
	var session webauthn.SessionData
	if _, err := resume(tx, d.Sealer, "passkey-login", ceremony, &session); err != nil {
		return Entry{}, err
	}
	if len(response) > maxResponse {
		return Entry{}, errs.New(errs.TooLarge, "A passkey's answer is shorter than this.")
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Entry{}, errs.Wrap(errs.Malformed, err, "%s", badPasskey)
	}
	var owner holder
	var fault error
	find := func(rawID, handle []byte) (webauthn.User, error) {
		owner, fault = ownerOf(tx, base64.RawURLEncoding.EncodeToString(rawID))
		return owner, fault
	}
	_, used, err := d.web.ValidatePasskeyLogin(find, session, parsed)
	if fault != nil && !errs.Is(fault, errs.NotFound) {
		return Entry{}, fault
	}
	if err != nil {
		return Entry{}, errs.Wrap(errs.Unauthenticated, err, "%s", badPasskey)
	}
	if used.Authenticator.CloneWarning {
		return Entry{}, errs.Wrap(errs.Unauthenticated, errors.New("signature counter went back: the authenticator may have been copied"), "%s", badPasskey)
	}
	if err := finish(tx, ceremony); err != nil {
		return Entry{}, err
	}
	_, err = tx.Exec(`UPDATE passkey SET data = $1, used_at = $2 WHERE credential = $3`, db.JSON(used), db.Micros(tx.Now), base64.RawURLEncoding.EncodeToString(used.ID))
	if err != nil {
		return Entry{}, err
	}
	return Open(tx, owner.person.ID, "passkey", w)
}

func ownerOf(tx *db.Tx, credential string) (holder, error) {
	personID, err := db.Value[string](tx, `SELECT k.person_id FROM passkey k JOIN person p ON p.id = k.person_id AND p.state = 'active' WHERE k.credential = $1`, credential)
	if err != nil {
		return holder{}, err
	}
	p, err := Load(tx, personID)
	if err != nil {
		return holder{}, err
	}
	keys, err := passkeys(tx, personID)
	return holder{p, keys}, err
}

// siteOf reads the alliance's name for what people see while signing in.
func siteOf(tx *db.Tx) (name, url string, err error) {
	c, err := charter.Load(tx)
	return c.Name, c.URL, err
}
