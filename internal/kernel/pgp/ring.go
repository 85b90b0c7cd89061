package pgp

import (
	"time"

	"tocsin/internal/kernel/errs"
)

// Ring is the alliance's current key and the ones before it. It signs with
// the current one and decrypts with any, so that a message encrypted to last
// year's key is still read. It never changes; rotation makes a new Ring.
type Ring struct{ keys []*Key }

// NewRing makes a ring of the current key and older ones, newest first.
func NewRing(current *Key, older ...*Key) *Ring {
	return &Ring{keys: append([]*Key{current}, older...)}
}

// Current is the key that is published and signs.
func (r *Ring) Current() *Key { return r.keys[0] }

// Keys are all keys, the current one first.
func (r *Ring) Keys() []*Key { return append([]*Key(nil), r.keys...) }

// SignDetached signs with the current key; see Key.SignDetached.
func (r *Ring) SignDetached(data []byte, now time.Time) ([]byte, error) {
	return r.Current().SignDetached(data, now)
}

// VerifyDetached verifies against every key of the ring; see VerifyDetached.
func (r *Ring) VerifyDetached(data, signature []byte, now time.Time) (*Key, error) {
	return VerifyDetached(data, signature, now, r.keys...)
}

// Find is the key with that fingerprint, current or older (NotFound).
func (r *Ring) Find(fingerprint string) (*Key, error) {
	for _, k := range r.keys {
		if k.Fingerprint() == fingerprint {
			return k, nil
		}
	}
	return nil, errs.Missing("OpenPGP key")
}
