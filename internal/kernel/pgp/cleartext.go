package pgp

import (
	"fmt"
	"time"

	"github.com/ProtonMail/gopenpgp/v3/crypto"

	"tocsin/internal/kernel/errs"
)

// SignCleartext wraps text in a cleartext signature dated now, which is what
// security.txt is signed with (RFC 9116, 2.3). Lines end as the format has it.
func (k *Key) SignCleartext(text []byte, now time.Time) ([]byte, error) {
	if !k.signs(now) {
		return nil, errs.New(errs.Conflict, "The OpenPGP key %s cannot sign now: it has expired, is revoked, or lacks its private part. Rotate to a new key.", k.Fingerprint())
	}
	signer, err := crypto.PGP().Sign().SigningKey(k.key).SignTime(now.Unix()).New()
	if err != nil {
		return nil, fmt.Errorf("signing with OpenPGP: %w", err)
	}
	out, err := signer.SignCleartext(text)
	if err != nil {
		return nil, fmt.Errorf("signing with OpenPGP: %w", err)
	}
	return out, nil
}
