package charter

import (
	"crypto/subtle"
	"encoding/json"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
)

const setupSetting = "charter.setup-link"

// SetupLife is how long a setup link can be used.
const SetupLife = 24 * time.Hour

type setupLink struct {
	Digest  string
	Expires time.Time
}

// SetupLink makes the secret with which the operator may found the alliance;
// an earlier one ends. Conflict once it is founded.
func SetupLink(tx *db.Tx) (secret string, err error) {
	if done, err := Founded(tx); err != nil || done {
		return "", firstOf(err, errs.New(errs.Conflict, "This alliance has been set up already."))
	}
	secret = id.Secret()
	value, err := json.Marshal(setupLink{id.Digest(secret), tx.Now.Add(SetupLife)})
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(`INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, setupSetting, value)
	return secret, err
}

// CheckSetup answers nil for the setup link that holds: NotFound for another
// one, Gone after its time or once the alliance is founded.
func CheckSetup(tx *db.Tx, secret string) error {
	if done, err := Founded(tx); err != nil || done {
		return firstOf(err, errs.New(errs.Gone, "This alliance has been set up; the link has done its work. Sign in instead."))
	}
	value, err := db.Value[[]byte](tx, `SELECT value FROM setting WHERE name = $1`, setupSetting)
	if err != nil {
		return err
	}
	var link setupLink
	if value == nil || json.Unmarshal(value, &link) != nil || subtle.ConstantTimeCompare([]byte(link.Digest), []byte(id.Digest(secret))) != 1 {
		return errs.Missing("setup link")
	}
	if !tx.Now.Before(link.Expires) {
		return errs.New(errs.Gone, "This setup link has expired. Print a new one with: tocsin admin setup-link")
	}
	return nil
}
