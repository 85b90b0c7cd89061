// Package pgp is the alliance's OpenPGP key: it signs what is published,
// opens what finders send encrypted, and is rotated without losing either.
// It also judges and uses the public keys of others.
//
// Keys and messages are OpenPGP version 4 (RFC 4880) throughout, because
// GnuPG 2.2, which many teams run, reads nothing newer. The package holds
// keys in memory only; the caller keeps Key.Secret sealed.
package pgp

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
	"github.com/ProtonMail/gopenpgp/v3/crypto"

	"tocsin/internal/kernel/errs"
)

// MaxKey is the longest key that is parsed, in bytes. A key with a photo and
// the signatures of many colleagues stays below it.
const MaxKey = 512 << 10

// maxKeyPackets bounds the work that checking one key can cause.
const maxKeyPackets = 2000

// Key is one OpenPGP key, with or without its private part. It is safe for
// concurrent use.
type Key struct{ key *crypto.Key }

// Generate makes a key pair for name and email, valid from now on and without
// expiry: a signing key that lapses unnoticed would take every published
// signature with it, so rotation is a decision and not a date. Signing key:
// EdDSA; encryption subkey: ECDH, both over Curve25519.
func Generate(name, email string, now time.Time) (*Key, error) {
	if err := checkUserID("name", name); err != nil {
		return nil, err
	}
	if err := checkUserID("email", email); err != nil {
		return nil, err
	}
	key, err := crypto.PGP().KeyGeneration().AddUserId(name, email).GenerationTime(now.Unix()).New().GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("making an OpenPGP key: %w", err)
	}
	return &Key{key}, nil
}

// checkUserID keeps out what would end or forge a user id "Name <email>".
func checkUserID(field, value string) error {
	switch {
	case strings.TrimSpace(value) == "":
		return errs.Bad(field, "An OpenPGP key needs a %s.", field)
	case len(value) > 200:
		return errs.Bad(field, "The %s on an OpenPGP key has at most 200 bytes.", field)
	case !utf8.ValidString(value) || strings.ContainsAny(value, "()<>\x00") || value != visible(value):
		return errs.Bad(field, "The %s on an OpenPGP key has no brackets, line breaks or invisible characters.", field)
	}
	return nil
}

// Import reads a private key, armored or binary, and unlocks it with its
// passphrase (empty for a key that has none). A key that cannot be read is
// Malformed; one that cannot do the alliance's work (no private part, newer
// than version 4, expired, revoked, cannot sign and decrypt) is Invalid.
func Import(private, passphrase []byte, now time.Time) (*Key, error) {
	raw, err := dearmorKey(private)
	if err != nil {
		return nil, err
	}
	if err := checkUnlockCost(raw); err != nil {
		return nil, err
	}
	key, err := parseKey(raw)
	if err != nil {
		return nil, err
	}
	if !key.IsPrivate() {
		return nil, errs.Bad("key", "This is a public key. Export the private one (gpg --armor --export-secret-keys).")
	}
	if locked, err := key.IsLocked(); err != nil || locked {
		if len(passphrase) == 0 {
			return nil, errs.Bad("passphrase", "This key is locked. Enter its passphrase.")
		}
		if key, err = key.Unlock(passphrase); err != nil {
			return nil, errs.Bad("passphrase", "The passphrase does not open this key.")
		}
	}
	k := &Key{key}
	info := k.Info(now)
	switch {
	case key.GetVersion() != 4:
		return nil, errs.Bad("key", "This is an OpenPGP key of version %d. Many teams can read version 4 only; make a version 4 key.", key.GetVersion())
	case info.Revoked:
		return nil, errs.Bad("key", "This key is revoked.")
	case info.Created.After(now):
		return nil, errs.Bad("key", "This key was made in the future (%s). Check the clocks of both machines.", info.Created.Format(time.RFC3339))
	case info.Expired:
		return nil, errs.Bad("key", "This key expired on %s. Extend it or make a new one.", info.Expires.Format(time.DateOnly))
	case !k.signs(now):
		return nil, errs.Bad("key", "This key cannot sign: its signing part is missing, too weak or not valid now.")
	case len(k.decryptionKeys(0)) == 0:
		return nil, errs.Bad("key", "This key cannot decrypt: its private encryption part is missing.")
	}
	return k, nil
}

// Restore is Import for what Secret gave: it asks for no passphrase and takes
// keys that have expired or were revoked since, as a ring of old keys must.
func Restore(secret []byte) (*Key, error) {
	raw, err := dearmorKey(secret)
	if err != nil {
		return nil, err
	}
	key, err := parseKey(raw)
	if err != nil {
		return nil, err
	}
	if !key.IsPrivate() {
		return nil, errs.Bad("key", "This is a public key.")
	}
	if unlocked, err := key.IsUnlocked(); err != nil || !unlocked {
		return nil, errs.Bad("key", "This key is locked.")
	}
	return &Key{key}, nil
}

// ParsePublic reads somebody's public key, armored or binary. A private key
// is refused (Invalid) so that nobody's secret is stored by mistake.
func ParsePublic(public []byte) (*Key, error) {
	raw, err := dearmorKey(public)
	if err != nil {
		return nil, err
	}
	key, err := parseKey(raw)
	if err != nil {
		return nil, err
	}
	if key.IsPrivate() {
		return nil, errs.Bad("key", "This is a private key. It was not stored; send the public one, and consider this one exposed.")
	}
	return &Key{key}, nil
}

func malformedKey(cause error) error {
	return errs.Wrap(errs.Malformed, cause, "This is not a readable OpenPGP key. Paste the whole block, from the BEGIN line to the END line.")
}

func dearmorKey(data []byte) ([]byte, error) {
	if len(data) > MaxKey {
		return nil, errs.New(errs.TooLarge, "An OpenPGP key may have at most %d KiB here. Export it with --export-options export-minimal.", MaxKey>>10)
	}
	if len(data) > 0 && data[0] >= 0x80 { // a packet tag, not text
		return data, nil
	}
	block, err := armor.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, malformedKey(err)
	}
	if block.Type != openpgp.PublicKeyType && block.Type != openpgp.PrivateKeyType {
		return nil, errs.New(errs.Malformed, "This is an OpenPGP block, but not a key.")
	}
	raw, err := io.ReadAll(io.LimitReader(block.Body, MaxKey))
	if err != nil {
		return nil, malformedKey(err)
	}
	return raw, nil
}

func parseKey(raw []byte) (*crypto.Key, error) {
	packets := packet.NewOpaqueReader(bytes.NewReader(raw))
	for n := 0; ; n++ {
		if _, err := packets.Next(); err == io.EOF {
			break
		} else if err != nil {
			return nil, malformedKey(err)
		}
		if n == maxKeyPackets {
			return nil, errs.New(errs.TooLarge, "This OpenPGP key carries too many signatures. Export it with --export-options export-minimal.")
		}
	}
	key, err := crypto.NewKeyFromReaderExplicit(bytes.NewReader(raw), crypto.Bytes)
	if err != nil {
		return nil, malformedKey(err)
	}
	return key, nil
}

// checkUnlockCost refuses a locked key whose passphrase hash (Argon2) would
// ask for more than 256 MiB, or for minutes: the library would try, and take
// the server down.
func checkUnlockCost(raw []byte) error {
	packets := packet.NewOpaqueReader(bytes.NewReader(raw))
	for range maxKeyPackets {
		p, err := packets.Next()
		if err != nil {
			return nil // parseKey says what is wrong
		}
		if p.Tag != 5 && p.Tag != 7 { // secret key, secret subkey
			continue
		}
		// The public part has no length of its own; parse it to find its end.
		var public bytes.Buffer
		if (&packet.OpaquePacket{Tag: 6, Contents: p.Contents}).Serialize(&public) != nil {
			return nil
		}
		rest := bytes.NewReader(public.Bytes())
		if _, err := packet.Read(rest); err != nil {
			continue
		}
		lock := p.Contents[len(p.Contents)-rest.Len():]
		if passes, exp := argonCost(lock, p.Contents[0]); exp > 18 || passes<<exp > 1<<20 {
			return errs.Bad("key", "Unlocking this key would take too much memory or time. Change its passphrase with ordinary settings and export it again.")
		}
	}
	return nil
}

// argonCost is what the Argon2 specifier in the lock fields of a secret key
// packet asks for: passes, and the base-2 logarithm of the KiB that each goes
// through; zeros for another specifier.
// RFC 9580, 5.5.3: usage, cipher, AEAD mode if usage is 253, specifier;
// version 6 counts octets before cipher and specifier, version 5 before
// cipher. 3.7.1.4: 4 = Argon2, 16 bytes of salt, passes, lanes, memory.
func argonCost(lock []byte, version byte) (passes, exp int) {
	if len(lock) == 0 || lock[0] < 253 {
		return 0, 0
	}
	at := 2
	if lock[0] == 253 {
		at++
	}
	switch version {
	case 5:
		at++
	case 6:
		at += 2
	}
	if len(lock) < at+20 || lock[at] != 4 {
		return 0, 0
	}
	return int(lock[at+17]), int(lock[at+19])
}

// Public is the armored public key.
func (k *Key) Public() (string, error) { return k.key.GetArmoredPublicKey() }

// public is the key without its private part.
func (k *Key) public() (*crypto.Key, error) {
	if !k.key.IsPrivate() {
		return k.key, nil
	}
	return k.key.ToPublic()
}

// Secret is the armored private key without a passphrase, for the caller to
// keep sealed; Restore reads it.
func (k *Key) Secret() ([]byte, error) {
	if !k.key.IsPrivate() {
		return nil, errs.New(errs.Internal, "This OpenPGP key has no private part.")
	}
	s, err := k.key.Armor()
	return []byte(s), err
}

// Fingerprint is the fingerprint of the primary key, 40 digits of upper-case
// hex.
func (k *Key) Fingerprint() string { return strings.ToUpper(k.key.GetFingerprint()) }

func (k *Key) signs(now time.Time) bool {
	s, ok := k.key.GetEntity().SigningKey(now, nil)
	return ok && s.PrivateKey != nil && !s.PrivateKey.Dummy()
}

// decryptionKeys are the private keys that may open a session key addressed
// to id (0: to a hidden recipient), valid or not: old mail stays readable.
func (k *Key) decryptionKeys(id uint64) []*packet.PrivateKey {
	var out []*packet.PrivateKey
	for _, d := range k.key.GetEntity().DecryptionKeys(id, time.Time{}, nil) {
		if d.PrivateKey != nil && !d.PrivateKey.Dummy() && !d.PrivateKey.Encrypted {
			out = append(out, d.PrivateKey)
		}
	}
	return out
}
