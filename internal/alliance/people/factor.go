package people

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/seal"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

const totpPeriod = 30 // seconds, RFC 6238's default

// Factors is what a person can prove themselves with.
type Factors struct {
	Password bool
	TOTP     bool
	Passkeys []Passkey
	Recovery int // recovery codes left
}

// FactorsOf lists the actor's own means to sign in.
func FactorsOf(tx *db.Tx, a audience.Actor) (Factors, error) {
	if err := charter.SignedIn(a); err != nil {
		return Factors{}, err
	}
	var f Factors
	n := [3]int{}
	for i, q := range []string{
		`SELECT COUNT(*) FROM person_password WHERE person_id = $1`,
		`SELECT COUNT(*) FROM person_totp WHERE person_id = $1`,
		`SELECT COUNT(*) FROM recovery_code WHERE person_id = $1 AND used_at IS NULL`,
	} {
		var err error
		if n[i], err = db.Value[int](tx, q, a.Person); err != nil {
			return f, err
		}
	}
	f.Password, f.TOTP, f.Recovery = n[0] > 0, n[1] > 0, n[2]
	list, err := passkeys(tx, a.Person)
	for _, k := range list {
		f.Passkeys = append(f.Passkeys, k.Passkey)
	}
	return f, err
}

func hasSecondFactor(tx *db.Tx, personID string) (bool, error) {
	n, err := db.Value[int](tx, `SELECT (SELECT COUNT(*) FROM person_totp WHERE person_id = $1) + (SELECT COUNT(*) FROM passkey WHERE person_id = $1)`, personID)
	return n > 0, err
}

// Enrollment is a TOTP secret on its way into an app.
type Enrollment struct {
	Ceremony string // hand it to ConfirmTOTP with a code
	Secret   string // base32, to type in
	URL      string // otpauth://, for a QR code
}

type totpSeed struct{ Secret string }

// StartTOTP makes a TOTP secret for the actor. It counts once ConfirmTOTP has
// seen a code of it.
func StartTOTP(tx *db.Tx, s *seal.Sealer, a audience.Actor) (Enrollment, error) {
	p, err := own(tx, a)
	if err != nil {
		return Enrollment{}, err
	}
	issuer := "Tocsin"
	if c, err := charter.Load(tx); err == nil {
		issuer = strings.ReplaceAll(c.Name, ":", " ")
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: p.Email, Period: totpPeriod, SecretSize: 20})
	if err != nil {
		return Enrollment{}, err
	}
	secret, err := begin(tx, s, "totp", p.ID, totpSeed{key.Secret()})
	return Enrollment{Ceremony: secret, Secret: key.Secret(), URL: key.URL()}, err
}

// ConfirmTOTP makes the enrolled TOTP secret the actor's second factor in
// place of an earlier one, and the session in use (its id) a full one. Recovery
// codes are returned when there were none.
func ConfirmTOTP(tx *db.Tx, s *seal.Sealer, a audience.Actor, sessionID, ceremony, code string) (recovery []string, err error) {
	p, err := own(tx, a)
	if err != nil {
		return nil, err
	}
	var seed totpSeed
	person, err := resume(tx, s, "totp", ceremony, &seed)
	if err != nil {
		return nil, err
	}
	if person != p.ID {
		return nil, ceremonyGone
	}
	step, ok := matchTOTP(seed.Secret, code, tx.Now, 0)
	if !ok {
		return nil, errs.Bad("code", "This code does not fit. Look at the app again, and at the clock of the phone.")
	}
	sealed, err := s.Seal([]byte(p.ID + " " + seed.Secret))
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(`INSERT INTO person_totp (person_id, secret, last_step, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret, last_step = excluded.last_step, created_at = excluded.created_at`, p.ID, sealed, step, db.Micros(tx.Now))
	if err != nil {
		return nil, err
	}
	if err := finish(tx, ceremony); err != nil {
		return nil, err
	}
	record(tx, a, EventSecured, p, map[string]string{"credential": "totp"})
	return secured(tx, p, sessionID)
}

// secured makes the session in use a full one, ends others that proved too
// little, since whoever stole the password may hold one, and makes the first
// recovery codes.
func secured(tx *db.Tx, p Person, sessionID string) ([]string, error) {
	if _, err := tx.Exec(`UPDATE session SET enroll = 0 WHERE person_id = $1 AND id = $2`, p.ID, sessionID); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(`DELETE FROM session WHERE person_id = $1 AND enroll = 1`, p.ID); err != nil {
		return nil, err
	}
	have, err := db.Value[int](tx, `SELECT COUNT(*) FROM recovery_code WHERE person_id = $1 AND used_at IS NULL`, p.ID)
	if err != nil || have > 0 {
		return nil, err
	}
	return makeRecovery(tx, p)
}

// RemoveTOTP takes the actor's TOTP away. Conflict while it is all that
// stands behind the password.
func RemoveTOTP(tx *db.Tx, a audience.Actor) error {
	p, err := own(tx, a)
	if err != nil {
		return err
	}
	keys, err := db.Value[int](tx, `SELECT COUNT(*) FROM passkey WHERE person_id = $1`, p.ID)
	if err != nil {
		return err
	}
	if keys == 0 {
		return errs.New(errs.Conflict, "A password alone is not enough here. Add a passkey first, or set up another app in place of this one.")
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "There is no authenticator app to remove."), `DELETE FROM person_totp WHERE person_id = $1`, p.ID); err != nil {
		return err
	}
	record(tx, a, EventUnsecured, p, map[string]string{"credential": "totp"})
	return nil
}

// matchTOTP finds the step (RFC 6238, 4.2) whose code this is: the present
// one or its neighbors, later than the last one used.
func matchTOTP(secret, code string, now time.Time, last int64) (int64, bool) {
	code = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, code)
	if len(code) != 6 {
		return 0, false
	}
	found, ok := int64(0), false
	for d := int64(-1); d <= 1; d++ {
		step := now.Unix()/totpPeriod + d
		want, err := totp.GenerateCodeCustom(secret, time.Unix(step*totpPeriod, 0), totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > last {
			found, ok = step, true
		}
	}
	return found, ok
}

// useTOTP checks a code and uses its step up; a code seen once is refused.
func useTOTP(tx *db.Tx, s *seal.Sealer, personID, code string) (bool, error) {
	type row struct {
		sealed []byte
		last   int64
	}
	r, ok, err := db.One(tx, func(r *row) []any { return []any{&r.sealed, &r.last} }, `SELECT secret, last_step FROM person_totp WHERE person_id = $1`, personID)
	if err != nil || !ok {
		return false, err
	}
	plain, err := s.Unseal(r.sealed)
	if err != nil {
		return false, err
	}
	owner, secret, _ := strings.Cut(string(plain), " ")
	if owner != personID {
		return false, errs.New(errs.Internal, "A second factor belongs to another account.")
	}
	step, ok := matchTOTP(secret, code, tx.Now, r.last)
	if !ok {
		return false, nil
	}
	n, err := tx.Exec(`UPDATE person_totp SET last_step = $1 WHERE person_id = $2 AND last_step < $1`, step, personID)
	return n == 1, err
}

const recoveryCodes = 10

var recoveryAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewRecoveryCodes makes ten recovery codes for the actor; earlier ones end.
// Each gets in once where the passkey or the app is lost. They are shown once.
func NewRecoveryCodes(tx *db.Tx, a audience.Actor) ([]string, error) {
	p, err := own(tx, a)
	if err != nil {
		return nil, err
	}
	if enough, err := hasSecondFactor(tx, p.ID); err != nil || !enough {
		return nil, firstOf(err, errs.New(errs.Conflict, "Add a passkey or an authenticator app first."))
	}
	return makeRecovery(tx, p)
}

func makeRecovery(tx *db.Tx, p Person) ([]string, error) {
	if _, err := tx.Exec(`DELETE FROM recovery_code WHERE person_id = $1`, p.ID); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		var b [10]byte // 80 bits need no slow hash
		rand.Read(b[:])
		s := recoveryAlphabet.EncodeToString(b[:])
		codes[i] = s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
		if _, err := tx.Exec(`INSERT INTO recovery_code (digest, person_id) VALUES ($1, $2)`, recoveryDigest(p.ID, codes[i]), p.ID); err != nil {
			return nil, err
		}
	}
	record(tx, audience.Actor{Person: p.ID}, EventSecured, p, map[string]string{"credential": "recovery codes"})
	return codes, nil
}

func recoveryDigest(personID, code string) string {
	code = strings.NewReplacer("-", "", " ", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(code))
	return id.Digest(personID + " " + code)
}

func useRecovery(tx *db.Tx, personID, code string) (bool, error) {
	if len(code) > 64 {
		return false, nil
	}
	n, err := tx.Exec(`UPDATE recovery_code SET used_at = $1 WHERE digest = $2 AND person_id = $3 AND used_at IS NULL`, db.Micros(tx.Now), recoveryDigest(personID, code), personID)
	return n == 1, err
}
