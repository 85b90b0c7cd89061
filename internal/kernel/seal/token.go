package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// maxToken is the longest token that Check looks at; a link that long would
// not survive a mail program.
const maxToken = 4096

// strict refuses stray bits at the end, so that a payload has one token.
var strict = base64.RawURLEncoding.Strict()

// Mac is HMAC-SHA-256 of data (32 bytes) under a key of its own for each
// purpose, derived with HKDF (RFC 5869) from the token key. Purposes are
// constants of the program such as "unsubscribe"; a value made for one says
// nothing for another.
func (s *Sealer) Mac(purpose string, data []byte) []byte {
	key, err := hkdf.Key(sha256.New, s.tokenKey, nil, "tocsin mac "+purpose, sha256.Size)
	if err != nil {
		panic(err) // only for an output longer than HKDF can give
	}
	h := hmac.New(sha256.New, key)
	h.Write(data)
	return h.Sum(nil)
}

// Sign makes a URL-safe token that carries payload, readable by anybody, and
// proves to Check that this server made it for this purpose. It never expires:
// a payload that shall must hold its end.
func (s *Sealer) Sign(purpose, payload string) string {
	return strict.EncodeToString([]byte(payload)) + "." + strict.EncodeToString(s.Mac(purpose, []byte(payload)))
}

// Check gives back the payload of a token that Sign made for the same
// purpose, and false for every other string. It compares in constant time.
func (s *Sealer) Check(purpose, token string) (payload string, ok bool) {
	if len(token) > maxToken {
		return "", false
	}
	body, mac, found := strings.Cut(token, ".")
	if !found || strings.ContainsAny(token, "\r\n") {
		return "", false // the decoder would skip line breaks
	}
	data, err := strict.DecodeString(body)
	if err != nil {
		return "", false
	}
	got, err := strict.DecodeString(mac)
	if err != nil || !hmac.Equal(got, s.Mac(purpose, data)) {
		return "", false
	}
	return string(data), true
}
