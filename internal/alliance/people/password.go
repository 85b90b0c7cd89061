package people

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"tocsin/internal/kernel/errs"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The cost of a password hash (RFC 9106): 32 MiB, three passes, one lane.
// Hashes carry their own numbers, so these can be raised later.
var cost = argonCost{memory: 32 << 10, time: 3, lanes: 1}

type argonCost struct {
	memory, time uint32
	lanes        uint8
}

const (
	saltSize    = 16
	keySize     = 32
	minPassword = 12
	maxPassword = 200
)

// hashing bounds the memory that passwords in flight take.
var hashing = make(chan struct{}, 4)

// Password is a hashed password, ready to be kept. The zero Password is none.
type Password struct{ encoded string }

// NewPassword checks and hashes a password: 12 to 200 characters, not the
// mail address or name itself, not one character over and over. It takes
// tens of milliseconds; call it outside of transactions.
func NewPassword(plain string, about ...string) (Password, error) {
	plain = norm.NFC.String(plain)
	n := utf8.RuneCountInString(plain)
	switch {
	case !utf8.ValidString(plain) || n > maxPassword:
		return Password{}, errs.Bad("password", "Choose a password of at most %d characters.", maxPassword)
	case n < minPassword:
		return Password{}, errs.Bad("password", "Choose a password of at least %d characters. A few words in a row do well.", minPassword)
	case strings.Trim(plain, string([]rune(plain)[0])) == "":
		return Password{}, errs.Bad("password", "Choose a password of more than one character repeated.")
	}
	for _, s := range about {
		local, _, _ := strings.Cut(s, "@")
		for _, own := range []string{s, local, local + local} {
			if own != "" && strings.EqualFold(strings.TrimSpace(plain), own) {
				return Password{}, errs.Bad("password", "Choose a password other than your own name or mail address.")
			}
		}
	}
	salt := make([]byte, saltSize)
	rand.Read(salt)
	return Password{encode(cost, salt, derive(cost, plain, salt))}, nil
}

func derive(c argonCost, plain string, salt []byte) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(plain), salt, c.time, c.memory, c.lanes, keySize)
}

func encode(c argonCost, salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.lanes, b.EncodeToString(salt), b.EncodeToString(key))
}

// decode reads what encode wrote, and refuses costs that no server of ours
// ever wrote.
func decode(s string) (c argonCost, salt, key []byte, err error) {
	bad := errs.New(errs.Internal, "A stored password hash cannot be read.")
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, bad
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.lanes); err != nil || c.memory > 1<<20 || c.time > 20 || c.memory == 0 || c.time == 0 || c.lanes == 0 {
		return c, nil, nil, bad
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) != saltSize || len(key) != keySize {
		return c, nil, nil, bad
	}
	return c, salt, key, nil
}

// decoy is a hash of the current cost that no password fits; an unknown
// account is checked against it, so that it takes as long as a known one.
var decoy = sync.OnceValue(func() string {
	salt, key := make([]byte, saltSize), make([]byte, keySize)
	rand.Read(salt)
	rand.Read(key)
	return encode(cost, salt, key)
})

// fits reports whether a password is the one hashed; "" fits nothing and
// takes as long. Call it outside of transactions.
func fits(encoded, plain string) bool {
	if encoded == "" {
		encoded = decoy()
	}
	c, salt, key, err := decode(encoded)
	if err != nil || len(plain) > 4*maxPassword {
		return false
	}
	return subtle.ConstantTimeCompare(derive(c, norm.NFC.String(plain), salt), key) == 1
}
