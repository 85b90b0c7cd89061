// Package id makes record ids and secrets.
package id

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"time"
)

var alphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New makes an opaque record id: a short prefix that names its kind, and 26
// characters of which the first ten follow the clock (so that new rows lie
// side by side in an index) and 80 bits are random. Ids are names, never
// secrets: a link that grants access carries a Secret.
func New(prefix string, now time.Time) string {
	var b [16]byte
	rand.Read(b[6:])
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(b[:6], ms[2:])
	return prefix + "_" + alphabet.EncodeToString(b[:])
}

// Secret makes 256 random bits for a link, session or token, in URL-safe
// base64 (43 characters). Only its Digest is stored.
func Secret() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Digest is what is kept of a Secret: SHA-256 in lower-case hex. A secret of
// 256 random bits needs no slow hash, and a look-up by digest compares in
// constant time with regard to the secret.
func Digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
