package pgp

import (
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Info is what a person wants to know of a key before trusting it.
type Info struct {
	Fingerprint string    `json:"fingerprint"`        // 40 digits of upper-case hex
	UserIDs     []string  `json:"userIds"`            // at most 20, the primary one first, free of invisible characters
	Algorithm   string    `json:"algorithm"`          // of the primary key, such as "RSA 4096" or "EdDSA Curve25519"
	Created     time.Time `json:"created"`            // UTC
	Expires     time.Time `json:"expires,omitzero"`   // UTC; zero: never
	Expired     bool      `json:"expired"`            // at the asked instant
	Revoked     bool      `json:"revoked"`            //
	CanSign     bool      `json:"canSign"`            // signatures of it can be verified
	CanEncrypt  bool      `json:"canEncrypt"`         // one can encrypt to it
	Private     bool      `json:"private"`            // the private part is here
	Concerns    []string  `json:"concerns,omitempty"` // why not to rely on it, in words; empty: nothing found
}

// Info describes the key as of now.
func (k *Key) Info(now time.Time) Info {
	e := k.key.GetEntity()
	info := Info{
		Fingerprint: k.Fingerprint(),
		UserIDs:     k.userIDs(now),
		Algorithm:   algorithm(e.PrimaryKey),
		Created:     e.PrimaryKey.CreationTime.UTC(),
		// The library calls a key expired before it was made, too.
		Expired:    k.key.IsExpired(now.Unix()) && !e.PrimaryKey.CreationTime.After(now),
		Revoked:    k.key.IsRevoked(now.Unix()),
		CanSign:    k.key.CanVerify(now.Unix()),
		CanEncrypt: k.key.CanEncrypt(now.Unix()),
		Private:    k.key.IsPrivate(),
	}
	if sig, err := e.PrimarySelfSignature(time.Time{}, nil); err == nil && sig.KeyLifetimeSecs != nil && *sig.KeyLifetimeSecs != 0 {
		info.Expires = info.Created.Add(time.Duration(*sig.KeyLifetimeSecs) * time.Second)
	}
	info.Concerns = k.concerns(info, now)
	return info
}

func (k *Key) concerns(info Info, now time.Time) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if info.Revoked {
		add("It is revoked.")
	}
	if info.Created.After(now) {
		add("It was made in the future (%s); a clock is wrong.", info.Created.Format(time.DateOnly))
	} else if info.Expired && !info.Expires.IsZero() {
		add("It expired on %s.", info.Expires.Format(time.DateOnly))
	} else if info.Expired {
		add("Its own signature is missing, expired or made with a broken hash.")
	}
	e := k.key.GetEntity()
	if w := weakness(e.PrimaryKey); w != "" {
		add("Its primary key is %s.", w)
	}
	for _, sub := range e.Subkeys {
		if _, err := sub.Verify(now, nil); err != nil {
			continue // not used, so not a concern
		}
		if w := weakness(sub.PublicKey); w != "" {
			add("Its subkey %s is %s.", sub.PublicKey.KeyIdString(), w)
		}
	}
	usable := !info.Revoked && !info.Expired && !info.Created.After(now)
	if usable && !info.CanEncrypt {
		add("Nothing can be encrypted to it: it has no valid encryption key.")
	}
	if usable && !info.CanSign {
		add("It cannot make signatures that count.")
	}
	return out
}

// weakness follows what the library refuses to use, and says it in words.
func weakness(pk *packet.PublicKey) string {
	bits, err := pk.BitLength()
	if err != nil {
		bits = 0
	}
	switch pk.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSAEncryptOnly, packet.PubKeyAlgoRSASignOnly:
		if bits < 2047 { // some programs make 2048-bit keys with a leading zero
			return fmt.Sprintf("RSA of %d bits; 2048 is the least, 3072 better", bits)
		}
	case packet.PubKeyAlgoDSA:
		return "DSA, which is no longer trusted"
	case packet.PubKeyAlgoElGamal:
		return "ElGamal, which is no longer trusted"
	}
	if curve, err := pk.Curve(); err == nil && curve == packet.CurveSecP256k1 {
		return "on the curve secp256k1, which OpenPGP programs do not support widely"
	}
	return ""
}

func algorithm(pk *packet.PublicKey) string {
	names := map[packet.PublicKeyAlgorithm]string{
		packet.PubKeyAlgoRSA: "RSA", packet.PubKeyAlgoRSAEncryptOnly: "RSA", packet.PubKeyAlgoRSASignOnly: "RSA",
		packet.PubKeyAlgoElGamal: "ElGamal", packet.PubKeyAlgoDSA: "DSA", packet.PubKeyAlgoECDH: "ECDH",
		packet.PubKeyAlgoECDSA: "ECDSA", packet.PubKeyAlgoEdDSA: "EdDSA", packet.PubKeyAlgoX25519: "X25519",
		packet.PubKeyAlgoX448: "X448", packet.PubKeyAlgoEd25519: "Ed25519", packet.PubKeyAlgoEd448: "Ed448",
	}
	name, ok := names[pk.PubKeyAlgo]
	if !ok {
		return fmt.Sprintf("algorithm %d", pk.PubKeyAlgo)
	}
	switch pk.PubKeyAlgo {
	case packet.PubKeyAlgoECDH, packet.PubKeyAlgoECDSA, packet.PubKeyAlgoEdDSA:
		if curve, err := pk.Curve(); err == nil {
			return name + " " + string(curve)
		}
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSAEncryptOnly, packet.PubKeyAlgoRSASignOnly, packet.PubKeyAlgoDSA, packet.PubKeyAlgoElGamal:
		if bits, err := pk.BitLength(); err == nil {
			return fmt.Sprintf("%s %d", name, bits)
		}
	}
	return name
}

// userIDs are those that the key itself vouches for.
func (k *Key) userIDs(now time.Time) []string {
	e := k.key.GetEntity()
	_, primary := e.PrimaryIdentity(time.Time{}, nil)
	var out []string
	for _, identity := range e.Identities {
		if identity == primary {
			continue
		}
		if sig, err := identity.Verify(time.Time{}, nil); err == nil && !identity.Revoked(sig, now, nil) {
			out = append(out, visible(identity.Name))
		}
	}
	sort.Strings(out)
	if primary != nil {
		out = append([]string{visible(primary.Name)}, out...)
	}
	return out[:min(len(out), 20)]
}

// visible drops what could make a user id look like another one: controls,
// and format characters such as direction marks and zero-width joiners.
func visible(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.C, r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 200 {
		s = string(runes[:200]) + "…"
	}
	return s
}
