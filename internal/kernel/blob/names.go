package blob

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/hex"

	"tocsin/internal/kernel/seal"
)

// names turns hashes into the names that a disk or bucket gets to see, and
// back. A plain hash would let its operator look up known files, so it is
// encrypted; the same hash must give the same name, so the initialization
// vector is a MAC of the hash (the construction of RFC 5297). A name that was
// not made here does not decrypt to a hash with that MAC.
type names struct {
	sealer *seal.Sealer
	block  cipher.Block
}

func newNames(s *seal.Sealer) *names {
	block, err := aes.NewCipher(s.Mac("blob name key", nil))
	if err != nil {
		panic(err) // only for a key that is not 32 bytes
	}
	return &names{s, block}
}

// of is the stored name of the file with that SHA-256: 96 digits of hex. False
// for a string that is no SHA-256 in lower-case hex.
func (n *names) of(sha string) (string, bool) {
	sum, err := hex.DecodeString(sha)
	if err != nil || len(sum) != 32 || hex.EncodeToString(sum) != sha {
		return "", false
	}
	out := make([]byte, aes.BlockSize+len(sum))
	copy(out, n.sealer.Mac("blob name", sum)[:aes.BlockSize])
	cipher.NewCTR(n.block, out[:aes.BlockSize]).XORKeyStream(out[aes.BlockSize:], sum)
	return hex.EncodeToString(out), true
}

// sha is the inverse of of.
func (n *names) sha(name string) (string, bool) {
	raw, err := hex.DecodeString(name)
	if err != nil || len(raw) != aes.BlockSize+32 || !bytes.Equal(hex.AppendEncode(nil, raw), []byte(name)) {
		return "", false
	}
	sum := make([]byte, 32)
	cipher.NewCTR(n.block, raw[:aes.BlockSize]).XORKeyStream(sum, raw[aes.BlockSize:])
	if subtle.ConstantTimeCompare(n.sealer.Mac("blob name", sum)[:aes.BlockSize], raw[:aes.BlockSize]) != 1 {
		return "", false
	}
	return hex.EncodeToString(sum), true
}
