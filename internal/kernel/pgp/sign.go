package pgp

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ProtonMail/gopenpgp/v3/crypto"

	"tocsin/internal/kernel/errs"
)

// maxSignature is the longest detached signature that is looked at, in bytes.
const maxSignature = 64 << 10

// SignDetached makes an armored detached signature (binary, type 0x00) over
// data, dated now: what CSAF 2.0, 7.1.20 wants beside each document.
func (k *Key) SignDetached(data []byte, now time.Time) ([]byte, error) {
	if !k.signs(now) {
		return nil, errs.New(errs.Conflict, "The OpenPGP key %s cannot sign now: it has expired, is revoked, or lacks its private part. Rotate to a new key.", k.Fingerprint())
	}
	signer, err := crypto.PGP().Sign().SigningKey(k.key).Detached().SignTime(now.Unix()).New()
	if err != nil {
		return nil, fmt.Errorf("signing with OpenPGP: %w", err)
	}
	sig, err := signer.Sign(data, crypto.Armor)
	if err != nil {
		return nil, fmt.Errorf("signing with OpenPGP: %w", err)
	}
	return sig, nil
}

// VerifyDetached says which of the keys made the detached signature (armored
// or binary) over data and was valid then. A signature that no key vouches
// for, as of now, is Invalid; one that cannot be read is Malformed.
func VerifyDetached(data, signature []byte, now time.Time, keys ...*Key) (*Key, error) {
	if len(signature) > maxSignature {
		return nil, errs.New(errs.TooLarge, "This is longer than an OpenPGP signature can be.")
	}
	var last error
	for _, k := range keys {
		public, err := k.public()
		if err != nil {
			return nil, err
		}
		verifier, err := crypto.PGP().Verify().VerificationKey(public).VerifyTime(now.Unix()).New()
		if err != nil {
			return nil, err
		}
		result, err := verifier.VerifyDetached(data, signature, crypto.Auto)
		if err != nil {
			return nil, errs.Wrap(errs.Malformed, err, "This is not a readable OpenPGP signature.")
		}
		if last = result.SignatureError(); last == nil {
			return k, nil
		}
	}
	return nil, errs.Wrap(errs.Invalid, last, "The OpenPGP signature does not fit: the data was changed, or another key made it.")
}

// Encrypt makes an armored message that each of the keys can open and nobody
// else. A key that cannot take messages now is Invalid; see Info.
func Encrypt(plain []byte, now time.Time, to ...*Key) ([]byte, error) {
	ring, err := crypto.NewKeyRing(nil)
	if err != nil {
		return nil, err
	}
	if len(to) == 0 {
		return nil, errors.New("encrypting to nobody")
	}
	for _, k := range to {
		if !k.key.CanEncrypt(now.Unix()) {
			return nil, errs.Bad("key", "Nothing can be encrypted to the OpenPGP key %s: %s", k.Fingerprint(), strings.Join(k.Info(now).Concerns, " "))
		}
		public, err := k.public()
		if err != nil {
			return nil, err
		}
		if err := ring.AddKey(public); err != nil {
			return nil, err
		}
	}
	// No compression: it would tell the length of what repeats.
	enc, err := crypto.PGP().Encryption().Recipients(ring).EncryptionTime(now.Unix()).New()
	if err != nil {
		return nil, fmt.Errorf("encrypting with OpenPGP: %w", err)
	}
	msg, err := enc.Encrypt(plain)
	if err != nil {
		return nil, fmt.Errorf("encrypting with OpenPGP: %w", err)
	}
	return msg.ArmorBytes()
}
